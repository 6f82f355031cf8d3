/**
 * One trial: five real nodes, three streams between them, an adversary, and at the end every ledger compared with what
 * was published. The clients speak the public gRPC API only.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import seedrandom from 'seedrandom';
import { ulid } from 'ulid';
import { auditProblems } from '../demo/report.js';
import { auditLedger } from '../demo/target-ledger.js';
import type { Ending } from '../processes/meshd-process.js';
import { type ProcessNode, type Site, ProcessMesh, insist } from '../processes/process-mesh.js';
import { Adversary } from './adversary.js';
import type { TrialOptions } from './options.js';
import { Pace } from './pace.js';
import { type LedgerReport, type TrialReport, resumptionProblems } from './report.js';
import { Traffic } from './traffic.js';

export class Trial {
  readonly #directory: string;
  readonly #options: TrialOptions;
  readonly #say: (line: string) => void;
  readonly #mesh: ProcessMesh;
  readonly #tenantId = ulid();
  readonly #problems: string[] = [];
  #traffics: readonly Traffic[] = [];
  #adversary: Adversary | null = null;
  #isOver = false;
  #fail: (error: Error) => void = () => undefined;

  /** `directory` exists; ledgers, journals and logs go there. */
  constructor(directory: string, options: TrialOptions, say: (line: string) => void) {
    this.#directory = directory;
    this.#options = options;
    this.#say = say;
    this.#mesh = new ProcessMesh({
      meshName: 'chaos',
      directory: join(directory, 'nodes'),
      sites: SITES,
      onLost: (node, ending) => this.#onLost(node, ending),
    });
  }

  /** The report of what was compared, whatever ended the run before its time included. */
  async run(): Promise<TrialReport> {
    const failure = new Promise<never>((_, fail) => (this.#fail = fail));
    const from = performance.now();
    try {
      await Promise.race([this.#run(), failure]);
    } catch (error) {
      // Whatever stopped the run is its result.
      this.#problems.push(error instanceof Error ? error.message : String(error));
    }
    const elapsedMs = Math.round(performance.now() - from);
    const faults = this.#adversary?.records ?? [];
    this.#problems.push(...resumptionProblems(faults));
    const problems = this.#problems;
    const { messages } = this.#options;
    return { isPassed: problems.length === 0, problems, messages, faults, ledgers: this.#ledgers, elapsedMs, directory: this.#directory };
  }

  /** Kills whatever still runs. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const traffic of this.#traffics) traffic.abandon();
    await this.#mesh.kill();
  }

  readonly #ledgers: LedgerReport[] = [];

  async #run(): Promise<void> {
    const { messages, bytes, kills, freezes, freezeMs, seed } = this.#options;
    this.#say(`starting ${SITES.length} nodes`);
    await this.#mesh.launch();
    const ledgerDirectory = join(this.#directory, 'ledgers');
    mkdirSync(ledgerDirectory);
    const share = Math.ceil(messages / STREAMS.length);
    const paces = STREAMS.map((_, at) => new Pace(Math.min(share, messages - at * share), kills + 1));
    const opened = await Promise.all(STREAMS.map((stream) => this.#open(stream)));
    this.#traffics = STREAMS.map(
      ({ name, source, targets }, at) =>
        new Traffic({
          name,
          source,
          tenantId: this.#tenantId,
          streamId: opened[at] as string,
          client: this.#mesh.node(source).client,
          targets: targets.map((target) => ({ name: target, client: this.#mesh.node(target).client })),
          messages: Math.min(share, messages - at * share),
          bytes,
          pace: paces[at] as Pace,
          ledgerDirectory,
        }),
    );
    const traffics = this.#traffics;
    const receiving = traffics.flatMap(({ receptions }) => receptions.map((reception) => reception.run()));
    const publishing = traffics.map((traffic) => traffic.publish());
    const onStage = (stage: string): void => this.#say(stage);
    this.#adversary = new Adversary({ mesh: this.#mesh, traffics, pace: paces, random: seedrandom(seed), kills, freezes, freezeMs, onStage });
    const attacking = this.#adversary.run();
    for (const task of [...receiving, ...publishing, attacking, this.#watch()]) {
      task.catch((error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    }
    await attacking;
    this.#say('no more faults; everything has to arrive');
    const digests = await Promise.all(publishing);
    await Promise.all(traffics.flatMap(({ receptions }) => receptions.map((reception) => reception.stop())));
    await Promise.all(receiving);
    this.#isOver = true;
    for (const [name, ending] of await this.#mesh.stop()) {
      if (ending?.code !== 0) this.#problems.push(`${name} did not stop in order: ${wordsOf(ending)}`);
    }
    for (const [at, traffic] of traffics.entries()) await this.#compare(traffic, digests[at] as string);
  }

  async #open({ name, source, targets }: (typeof STREAMS)[number]): Promise<string> {
    const { client } = this.#mesh.node(source);
    const targetIds = targets.map((target) => this.#mesh.node(target).id);
    const handle = await insist(`stream ${name}`, () => client.openStream({ tenantId: this.#tenantId, name, targetIds }));
    return handle.streamId;
  }

  async #compare({ name, receptions, publishedCount }: Traffic, sha256: string): Promise<void> {
    for (const reception of receptions) {
      const audit = await auditLedger(reception.ledgerPath);
      const who = `${name} at ${reception.name}`;
      this.#problems.push(...auditProblems(who, audit, { messages: publishedCount, sha256 }));
      this.#ledgers.push({
        stream: name,
        target: reception.name,
        messages: audit.messageCount,
        duplicates: audit.duplicateCount,
        gaps: audit.gapCount,
        disorder: audit.disorderCount,
        p50Ms: Math.round(reception.latencies.quantile(0.5)),
        p99Ms: Math.round(reception.latencies.quantile(0.99)),
        isEqual: audit.sha256 === sha256,
      });
    }
  }

  /** Gives up when nothing moves any more. */
  async #watch(): Promise<void> {
    let movedAt = performance.now();
    let moved = '';
    while (!this.#isOver) {
      await delay(500);
      const state = this.#traffics.map((traffic) => [traffic.publishedCount, traffic.unsettledCount].join('/')).join(', ');
      if (state !== moved) movedAt = performance.now();
      moved = state;
      if (performance.now() - movedAt > STALL_MS && !this.#isOver) {
        throw new Error(`nothing moved for ${STALL_MS / 1000} s; published/unsettled by stream: ${state}`);
      }
    }
  }

  #onLost({ site, process }: ProcessNode, ending: Ending): void {
    if (!this.#isOver) this.#fail(new Error(`${site.name} ended by itself: ${wordsOf(ending)}; its log is ${process.logPath}`));
  }
}

function wordsOf(ending: Ending | null): string {
  if (ending === null) return 'it did not run';
  return ending.signal === null ? `exit code ${ending.code}` : `signal ${ending.signal}`;
}

const SITES: readonly Site[] = ['n1', 'n2', 'n3', 'n4', 'n5'].map((name, at, names) => ({
  name,
  isDialable: true,
  dials: names.slice(0, at),
}));
const STREAMS = [
  { name: 'first', source: 'n1', targets: ['n2', 'n3', 'n4'] },
  { name: 'second', source: 'n4', targets: ['n5', 'n1', 'n2'] },
  { name: 'third', source: 'n5', targets: ['n3', 'n1'] },
] as const;
const STALL_MS = 90_000;
