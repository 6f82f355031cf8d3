/** What names a run completely, and can be handed to another process. */
import type { Overrides } from '../scenarios/scenario.js';

export interface RunRequest {
  /** A scenario's name or a file. */
  readonly scenario: string;
  readonly seed: number;
  readonly overrides: Overrides;
  /** Wall time after which the run is given up. */
  readonly limitMs: number;
}
