/**
 * One run of the demo: a line of four real nodes, files published at one end for two targets, two nodes killed on the
 * way, and everything compared at the end. The clients speak the public gRPC API only.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ulid } from 'ulid';
import { type ProcessNode, ProcessMesh, insist } from '../processes/process-mesh.js';
import type { Ending } from '../processes/meshd-process.js';
import { type KillRecord, killAll } from './kills.js';
import { LINE, SOURCE, TARGETS, bootProblems, settlementProblems, shapeProblems } from './line.js';
import type { ProgressLine } from './progress-line.js';
import { Publication } from './publication.js';
import { Reception } from './reception.js';
import { type DemoReport, type TargetReport, auditProblems } from './report.js';
import type { Source } from './source-files.js';
import { auditLedger } from './target-ledger.js';

/** What was found wrong, in words. */
export class DemoFailed extends Error {
  override readonly name = 'DemoFailed';
}

export class Demo {
  readonly #directory: string;
  readonly #source: Source;
  readonly #line: ProgressLine;
  readonly #mesh: ProcessMesh;
  readonly #tenantId = ulid();
  readonly #problems: string[] = [];
  #publication: Publication | null = null;
  #receptions: readonly Reception[] = [];
  #kills: readonly KillRecord[] = [];
  #stage = '';
  #isOver = false;
  #fail: (error: Error) => void = () => undefined;

  /** `directory` exists; ledgers, journals and logs go there. */
  constructor(directory: string, source: Source, line: ProgressLine) {
    this.#directory = directory;
    this.#source = source;
    this.#line = line;
    this.#mesh = new ProcessMesh({
      meshName: 'demo',
      directory: join(directory, 'nodes'),
      sites: LINE,
      onLost: (node, ending) => this.#onLost(node, ending),
    });
  }

  /** Rejects with what makes a comparison pointless; whatever is compared and differs is a problem of the report. */
  async run(): Promise<DemoReport> {
    const failure = new Promise<never>((_, fail) => (this.#fail = fail));
    const from = performance.now();
    const report = await Promise.race([this.#run(), failure]);
    return { ...report, elapsedMs: Math.round(performance.now() - from) };
  }

  /** Kills whatever still runs. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#publication?.abandon();
    for (const reception of this.#receptions) reception.abandon();
    await this.#mesh.kill();
  }

  async #run(): Promise<Omit<DemoReport, 'elapsedMs'>> {
    this.#line.say('starting A, B, C and D: A and C dial B, D dials C');
    await this.#mesh.launch();
    this.#problems.push(...(await shapeProblems(this.#mesh)));
    const streamId = await this.#openStream();
    const publication = this.#begin(streamId);
    const sha256 = await this.#transfer(publication);
    this.#problems.push(...(await settlementProblems(this.#mesh.node(SOURCE), { tenantId: this.#tenantId, streamId }, publication.publishedCount)));
    this.#problems.push(...(await bootProblems(this.#mesh)));
    const { client } = this.#mesh.node(SOURCE);
    await insist('the end of the stream', () => client.closeStream({ tenantId: this.#tenantId, streamId }));
    this.#isOver = true;
    for (const [name, ending] of await this.#mesh.stop()) {
      if (ending?.code !== 0) this.#problems.push(`${name} did not stop in order: ${wordsOf(ending)}`);
    }
    const { fileCount, roundCount } = this.#source;
    const { publishedCount, publishedBytes } = publication;
    const source = { files: fileCount, rounds: roundCount, messages: publishedCount, bytes: publishedBytes, sha256 };
    const targets = await Promise.all(this.#receptions.map((reception) => this.#compare(reception, source)));
    const isPassed = this.#problems.length === 0;
    return { isPassed, problems: this.#problems, source, targets, kills: this.#kills, directory: this.#directory };
  }

  async #openStream(): Promise<string> {
    const targetIds = TARGETS.map((name) => this.#mesh.node(name).id);
    const { client } = this.#mesh.node(SOURCE);
    const handle = await insist('the stream', () => client.openStream({ tenantId: this.#tenantId, name: STREAM, targetIds }));
    return handle.streamId;
  }

  #begin(streamId: string): Publication {
    const tenantId = this.#tenantId;
    const { client } = this.#mesh.node(SOURCE);
    const publication = new Publication({ client, tenantId, streamId, source: this.#source });
    const ledgers = join(this.#directory, 'ledgers');
    mkdirSync(ledgers);
    this.#publication = publication;
    this.#receptions = TARGETS.map(
      (name) =>
        new Reception({
          name,
          client: this.#mesh.node(name).client,
          tenantId,
          streamName: STREAM,
          ledgerPath: join(ledgers, `${name}.ledger`),
          publishedAtMs: (seq) => publication.publishedAtMs(seq),
        }),
    );
    return publication;
  }

  /** Everything published, settled and acknowledged, in spite of the kills. Gives the SHA-256 of what was sent. */
  async #transfer(publication: Publication): Promise<string> {
    const receiving = this.#receptions.map((reception) => reception.run());
    const watching = this.#watch(publication);
    const killing = killAll(
      {
        mesh: this.#mesh,
        messageCount: this.#source.parts.length,
        publishedCount: () => publication.publishedCount,
        settledCount: () => this.#settledCount(),
        onStage: (stage) => {
          this.#stage = stage;
          this.#show(publication);
        },
      },
      () => this.#isOver,
    );
    for (const task of [...receiving, watching, killing]) task.catch((error: unknown) => this.#fail(asError(error)));
    const sha256 = await publication.run();
    this.#kills = await killing;
    this.#show(publication);
    this.#line.end();
    await Promise.all(this.#receptions.map((reception) => reception.stop()));
    await Promise.all(receiving);
    return sha256;
  }

  /** Draws the progress, and gives up when nothing moves any more. */
  async #watch(publication: Publication): Promise<void> {
    let movedAt = performance.now();
    let moved = '';
    while (!this.#isOver) {
      await delay(DRAW_MS);
      this.#show(publication);
      const state = [publication.publishedCount, publication.completedCount, ...this.#receptions.map((each) => each.settledCount)].join(' ');
      if (state !== moved) movedAt = performance.now();
      moved = state;
      if (performance.now() - movedAt > STALL_MS && !this.#isOver) {
        const settled = this.#receptions.map(({ name, settledCount }) => `${name} has settled ${settledCount}`).join(', ');
        throw new DemoFailed(
          `nothing moved for ${STALL_MS / 1000} s: ${publication.publishedCount} of ${this.#source.parts.length} messages are published, ` +
            `${publication.completedCount} completed, ${settled}`,
        );
      }
    }
  }

  #show(publication: Publication): void {
    if (this.#isOver) return;
    this.#line.show({
      messageCount: this.#source.parts.length,
      publishedCount: publication.publishedCount,
      settled: this.#receptions.map(({ name, settledCount }) => ({ name, count: settledCount })),
      settledBytes: publication.bytesThrough(this.#settledCount()),
      publishedBytes: publication.publishedBytes,
      stage: this.#stage,
    });
  }

  #settledCount(): number {
    return Math.min(...this.#receptions.map(({ settledCount }) => settledCount));
  }

  async #compare(reception: Reception, sent: { readonly messages: number; readonly sha256: string }): Promise<TargetReport> {
    const audit = await auditLedger(reception.ledgerPath);
    this.#problems.push(...auditProblems(reception.name, audit, sent));
    return {
      name: reception.name,
      messages: audit.messageCount,
      bytes: audit.bytes,
      duplicates: audit.duplicateCount,
      gaps: audit.gapCount,
      p50Ms: Math.round(reception.latencies.quantile(0.5)),
      p99Ms: Math.round(reception.latencies.quantile(0.99)),
      sha256: audit.sha256,
      isEqual: audit.sha256 === sent.sha256,
    };
  }

  #onLost({ site, process }: ProcessNode, ending: Ending): void {
    if (!this.#isOver) this.#fail(new DemoFailed(`${site.name} ended by itself: ${wordsOf(ending)}; its log is ${process.logPath}`));
  }
}

function wordsOf(ending: Ending | null): string {
  if (ending === null) return 'it did not run';
  return ending.signal === null ? `exit code ${ending.code}` : `signal ${ending.signal}`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

const STREAM = 'files';
const DRAW_MS = 100;
const STALL_MS = 60_000;
