/**
 * What a stream's group must keep when the mesh founds its next generation (DESIGN §8): members report only what is on
 * their disks, seal included; only those vote that have sealed the generation before; and it begins from the most
 * up-to-date of their logs. It knows disks, reports and foundings, and nothing of how they come about.
 */
import type { DurableLog } from './durable-log.js';
import type { ViolationSink } from './violations.js';

export interface Reported {
  readonly group: string;
  readonly generation: number;
  /** The end of the log. */
  readonly index: number;
  readonly term: number;
}

export interface Founded {
  readonly group: string;
  readonly generation: number;
  readonly baseIndex: number;
  readonly baseTerm: number;
  readonly voters: readonly string[];
}

export class FoundingOracle {
  readonly #sink: ViolationSink;
  readonly #diskOf: (group: string, replica: string) => DurableLog | null;
  /** Group → the generation that was founded last. */
  readonly #founded = new Map<string, number>();

  constructor(sink: ViolationSink, diskOf: (group: string, replica: string) => DurableLog | null) {
    this.#sink = sink;
    this.#diskOf = diskOf;
  }

  onReported(replica: string, { group, generation, index, term }: Reported): void {
    const disk = this.#diskOf(group, replica);
    const isSealed = disk !== null && disk.generation === generation && disk.isSealed;
    if (isSealed && (disk.isRotten || disk.holds(index, term))) return;
    const what = isSealed ? `entry ${index} of term ${term}, which is not on its disk` : 'what it holds, and its seal is not on its disk';
    this.#sink.report('reported-before-sealed', `group ${group}: ${replica} reports of generation ${generation} ${what}`);
  }

  /** Every node tells it when it applies it: the first one counts, for later the members may have gone on. */
  onFounded({ group, generation, baseIndex, baseTerm, voters }: Founded): void {
    if ((this.#founded.get(group) ?? 0) >= generation) return;
    this.#founded.set(group, generation);
    const disks = voters.map((voter) => ({ voter, disk: this.#diskOf(group, voter) }));
    const unsealed = disks.find(({ disk }) => disk === null || disk.generation < generation - 1 || (disk.generation === generation - 1 && !disk.isSealed));
    if (unsealed !== undefined) {
      this.#sink.report('founded-without-seal', `group ${group}: ${unsealed.voter} votes in generation ${generation} and has not sealed the one before`);
      return;
    }
    for (const { voter, disk } of disks) {
      if (disk === null || disk.isRotten || disk.generation >= generation) continue;
      const lastTerm = disk.termAt(disk.last);
      if (lastTerm === null || lastTerm < baseTerm || (lastTerm === baseTerm && disk.last <= baseIndex)) continue;
      const detail = `begins from ${baseIndex} of term ${baseTerm}; the log of ${voter} ends at ${disk.last} of term ${lastTerm}`;
      this.#sink.report('founded-on-other-log', `group ${group}: generation ${generation} ${detail}`);
      return;
    }
    if (disks.some(({ disk }) => disk === null || disk.isRotten || disk.generation >= generation || disk.holds(baseIndex, baseTerm))) return;
    this.#sink.report('founded-on-other-log', `group ${group}: nobody who votes in generation ${generation} has its base, ${baseIndex} of term ${baseTerm}`);
  }
}
