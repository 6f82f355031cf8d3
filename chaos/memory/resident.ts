/** What a process holds of the machine's memory, as Linux tells it, sampled over time. */
import { readFileSync } from 'node:fs';

/** Bytes. `file` are pages of mapped files: the program's own, and those of the journal that were read. */
export interface Resident {
  readonly total: number;
  readonly anonymous: number;
  readonly file: number;
}

export function residentOf(pid: number): Resident {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytesOf = (field: string): number => {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
    if (match === null) throw new Error(`/proc/${pid}/status has no ${field}`);
    return Number(match[1]) * 1024;
  };
  return { total: bytesOf('VmRSS'), anonymous: bytesOf('RssAnon'), file: bytesOf('RssFile') };
}

/** Samples a process until it is ended; keeps the sample with the largest total. */
export class ResidentWatch {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #peak: Resident;

  constructor(pid: number) {
    this.#pid = pid;
    this.#peak = residentOf(pid);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
  }

  /** The largest so far. */
  get peak(): Resident {
    this.#sample();
    return this.#peak;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const now = residentOf(this.#pid);
    if (now.total > this.#peak.total) this.#peak = now;
  }
}

const SAMPLE_MS = 50;
