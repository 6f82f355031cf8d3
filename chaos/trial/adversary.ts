/**
 * Who kills and freezes nodes, while messages are unsettled, and measures how soon their streams go on. One fault at a
 * time, but for nodes that are still starting when the next one strikes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { PRNG } from 'seedrandom';
import type { ProcessMesh } from '../processes/process-mesh.js';
import { until } from '../processes/patience.js';
import type { Pace } from './pace.js';
import type { Traffic } from './traffic.js';

/** One fault and what it brought about. */
export interface FaultRecord {
  readonly kind: 'killed' | 'frozen';
  readonly node: string;
  /** Messages that were published and not in every ledger when it struck. */
  readonly unsettled: number;
  readonly downMs: number;
  /**
   * The streams of which a killed node is the source: from its restart to the first message published after it that is
   * replicated. The stream of which a frozen one led the group: from the freeze to such a message.
   */
  readonly resumed: readonly { readonly stream: string; readonly ms: number }[];
}

export interface AdversaryOptions {
  readonly mesh: ProcessMesh;
  readonly traffics: readonly Traffic[];
  readonly pace: readonly Pace[];
  readonly random: PRNG;
  readonly kills: number;
  readonly freezes: number;
  readonly freezeMs: number;
  readonly onStage: (stage: string) => void;
}

export class Adversary {
  readonly records: FaultRecord[] = [];
  readonly #options: AdversaryOptions;

  constructor(options: AdversaryOptions) {
    this.#options = options;
  }

  /** Until all faults are over. Rejects when a stream does not go on. */
  async run(): Promise<void> {
    const { kills, freezes, freezeMs, mesh } = this.#options;
    let frozenCount = 0;
    while (this.#killedCount < kills) {
      if (frozenCount < freezes && this.#killedCount >= ((frozenCount + 1) * kills) / (freezes + 1)) {
        if (await this.#freezeLeader(freezeMs)) frozenCount++;
      } else {
        await this.#kill(this.#pick(mesh.nodes).site.name);
      }
    }
    while (frozenCount < freezes) if (await this.#freezeLeader(freezeMs)) frozenCount++;
  }

  get #killedCount(): number {
    return this.records.filter(({ kind }) => kind === 'killed').length;
  }

  async #kill(name: string, leastDownMs = DOWN_MIN_MS): Promise<void> {
    const { mesh, traffics, random, onStage } = this.#options;
    const { process } = mesh.node(name);
    const unsettled = await this.#untilUnsettled();
    onStage(`fault ${this.records.length + 1}: ${name} is killed`);
    const from = performance.now();
    await process.kill();
    await delay(leastDownMs + random() * (DOWN_MAX_MS - leastDownMs));
    process.start();
    const restartedAtMs = performance.now();
    const resumed = await Promise.all(
      traffics.filter(({ source }) => source === name).map((traffic) => this.#resumption(traffic, restartedAtMs)),
    );
    this.#note({ kind: 'killed', node: name, unsettled, downMs: restartedAtMs - from, resumed });
    // Three times in ten the next fault comes while this node still starts.
    if (random() < 0.7) await mesh.statusOf(name);
    await delay(random() * PAUSE_MAX_MS);
  }

  /** Freezes the leader of a stream that is not its source. False when the source led, and was killed to change that. */
  async #freezeLeader(freezeMs: number): Promise<boolean> {
    const { mesh, traffics, onStage } = this.#options;
    const traffic = this.#pick(traffics);
    const leader = await this.#leaderOf(traffic);
    if (leader === null || leader === traffic.source) {
      if (leader !== null) await this.#kill(traffic.source, ELECTION_MS);
      else await delay(PAUSE_MAX_MS);
      return false;
    }
    const unsettled = await this.#untilUnsettled();
    onStage(`fault ${this.records.length + 1}: ${leader}, which leads ${traffic.name}, stands still`);
    const { process } = mesh.node(leader);
    const from = performance.now();
    process.freeze();
    const resumption = await this.#resumption(traffic, from);
    await delay(Math.max(0, freezeMs - (performance.now() - from)));
    process.thaw();
    this.#note({ kind: 'frozen', node: leader, unsettled, downMs: performance.now() - from, resumed: [resumption] });
    return true;
  }

  async #leaderOf({ source, tenantId, streamId }: Traffic): Promise<string | null> {
    const { mesh } = this.#options;
    const { groups } = await mesh.statusOf(source, tenantId);
    const leaderId = groups?.find(({ id }) => id === streamId)?.leaderId ?? '';
    return mesh.nodes.find(({ id }) => id === leaderId)?.site.name ?? null;
  }

  async #resumption(traffic: Traffic, fromMs: number): Promise<{ stream: string; ms: number }> {
    const giveUp = new AbortController();
    const tooLong = delay(RESUME_MS_MAX, null, { signal: giveUp.signal });
    const ms = await Promise.race([traffic.replicatedAfter(fromMs), tooLong]);
    giveUp.abort();
    tooLong.catch(() => undefined);
    if (ms === null) throw new Error(`${traffic.name} has replicated nothing new for ${RESUME_MS_MAX / 1000} s`);
    return { stream: traffic.name, ms: Math.round(ms) };
  }

  /** How many messages are published and not in every ledger, as soon as there are any. */
  async #untilUnsettled(): Promise<number> {
    const { traffics } = this.#options;
    const count = (): number => traffics.reduce((sum, traffic) => sum + traffic.unsettledCount, 0);
    await until('unsettled messages', () => Promise.resolve(count() > 0 || 'everything is settled'), { limitMs: 30_000, everyMs: 1 });
    return count();
  }

  #note(record: FaultRecord): void {
    this.records.push({ ...record, downMs: Math.round(record.downMs) });
    if (record.kind === 'killed') for (const pace of this.#options.pace) pace.advance();
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#options.random() * list.length)] as T;
  }
}

const DOWN_MIN_MS = 100;
const DOWN_MAX_MS = 1_500;
/** By then the others have elected another leader, or will have before the source is back. */
const ELECTION_MS = 1_499;
const PAUSE_MAX_MS = 600;
const RESUME_MS_MAX = 60_000;
