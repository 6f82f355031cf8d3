/**
 * One line about a transfer that goes on: a bar, rate and lag. On a terminal it is drawn again and again in its place,
 * elsewhere a line is written at every tenth of the way and whenever the stage changes.
 */
export interface Progress {
  readonly messageCount: number;
  readonly publishedCount: number;
  /** By target. */
  readonly settled: readonly { readonly name: string; readonly count: number }[];
  /** Payload bytes settled at the slowest target, and published. */
  readonly settledBytes: number;
  readonly publishedBytes: number;
  /** What is being done to the mesh; '' for nothing. */
  readonly stage: string;
}

export class ProgressLine {
  readonly #output: NodeJS.WriteStream;
  readonly #samples: { readonly atMs: number; readonly bytes: number }[] = [];
  #lastTold = '';
  #isDrawn = false;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  show(progress: Progress): void {
    const line = this.#lineOf(progress);
    if (this.#output.isTTY) {
      this.#output.write(`\r\u001b[K${line.slice(0, this.#output.columns - 1)}`);
      this.#isDrawn = true;
      return;
    }
    const told = `${Math.floor(shareOf(progress) * 10)} ${progress.stage}`;
    if (told === this.#lastTold) return;
    this.#lastTold = told;
    this.#output.write(`${line}\n`);
  }

  /** Writes a line of its own. */
  say(text: string): void {
    this.end();
    this.#output.write(`${text}\n`);
  }

  /** Leaves the line as it stands. */
  end(): void {
    if (this.#isDrawn) this.#output.write('\n');
    this.#isDrawn = false;
  }

  #lineOf(progress: Progress): string {
    const { messageCount, publishedCount, settled, settledBytes, publishedBytes, stage } = progress;
    const share = shareOf(progress);
    const filled = Math.floor(share * BAR_CHARS);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_CHARS - filled);
    const counts = settled.map(({ name, count }) => `${name} ${count}`).join('  ');
    const least = Math.min(...settled.map(({ count }) => count));
    const lag = `lag ${publishedCount - least} messages, ${megabytes(publishedBytes - settledBytes)} MB`;
    const rate = `${megabytes(this.#rateOf(settledBytes))} MB/s`;
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    return `${percent} ${bar} ${counts} of ${messageCount} · ${rate} · ${lag}${stage === '' ? '' : ` · ${stage}`}`;
  }

  /** Bytes per second over the last second or so. */
  #rateOf(bytes: number): number {
    const now = performance.now();
    this.#samples.push({ atMs: now, bytes });
    while (this.#samples.length > 2 && now - (this.#samples[0]?.atMs ?? now) > RATE_MS) this.#samples.shift();
    const [first] = this.#samples;
    if (first === undefined || now - first.atMs < 1) return 0;
    return ((bytes - first.bytes) * 1000) / (now - first.atMs);
  }
}

function shareOf({ messageCount, settled }: Progress): number {
  return Math.min(...settled.map(({ count }) => count)) / Math.max(1, messageCount);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

const BAR_CHARS = 24;
const RATE_MS = 1_000;
