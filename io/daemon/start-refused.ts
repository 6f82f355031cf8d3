/** Why meshd does not start or run on: one line for a person, and the exit code of the process. */

/** Exit codes of meshd; its help lists them. */
export const EXIT = {
  STOPPED: 0,
  /** A port in use, a data directory that is in use, damaged, of another node or of a newer version. Nothing was changed. */
  REFUSED: 1,
  /** Flags, environment or file are wrong. */
  USAGE: 2,
  /** The journal failed while running, or the program found a defect of its own. */
  HALTED: 70,
} as const;

export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}
