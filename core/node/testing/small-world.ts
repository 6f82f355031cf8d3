/**
 * A handful of nodes in one process for the tests of this folder: virtual time, lanes with one latency, disks with one
 * flush time. No faults but crash, restart and cut lanes; the simulator is the place for all others.
 */
import { seededEntropy, FAKE_CRYPTO } from '../../security/fake-crypto.js';
import { type NodeId, idFromBytes } from '../../base/ids.js';
import { concatBytes, toHex } from '../../base/bytes.js';
import type { Reject } from '../../base/reject.js';
import { Rng } from '../../base/rng.js';
import { type JournalSeq, type LaneId, laneId, micros } from '../../base/units.js';
import type { DeliveredUpdate } from '../../groups/context.js';
import type { Command, MeshEvent, NodeStatus, Reply } from '../commands.js';
import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../config.js';
import type { DeliveredChunk, Effect, JournalBatch, PublisherWatermarks } from '../effects.js';
import type { Input } from '../inputs.js';
import { MeshNode } from '../mesh-node.js';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** What an application of a node has seen of one request. */
export interface RequestLog {
  reply: Reply | null;
  reject: Reject | null;
  readonly delivered: { readonly attempt: number; readonly chunk: DeliveredChunk }[];
  /** Updates of a `subscribe-updates`. */
  readonly updates: { readonly attempt: number; readonly update: DeliveredUpdate }[];
  watermarks: PublisherWatermarks | null;
  readonly events: MeshEvent[];
  ended: { readonly reject: Reject | null } | null;
}

export class SmallWorld {
  now = 0;
  readonly hosts = new Map<string, SmallHost>();
  readonly latencyUs: number;
  readonly flushUs: number;
  #events: Event[] = [];
  #order = 0;
  #lanes = 0;

  constructor(options: { readonly latencyUs?: number; readonly flushUs?: number } = {}) {
    this.latencyUs = options.latencyUs ?? 2_000;
    this.flushUs = options.flushUs ?? 500;
  }

  /** A node that listens at `mesh://NAME` when `isDialable`, and dials the names in `dials`. */
  add(name: string, options: { readonly dials?: readonly string[]; readonly isDialable?: boolean; readonly config?: NodeConfig } = {}): SmallHost {
    const host = new SmallHost(this, name, options.dials ?? [], options.isDialable ?? true, options.config ?? DEFAULT_NODE_CONFIG);
    this.hosts.set(name, host);
    host.start();
    return host;
  }

  after(delayUs: number, run: () => void): void {
    const event = { at: this.now + delayUs, order: this.#order++, run };
    let at = this.#events.length;
    while (at > 0 && (this.#events[at - 1] as Event).at > event.at) at--;
    this.#events.splice(at, 0, event);
  }

  newLane(): LaneId {
    return laneId(++this.#lanes);
  }

  /** Runs until `condition` holds; false when it does not within `limitUs`. */
  runUntil(condition: () => boolean, limitUs = 30_000_000): boolean {
    const end = this.now + limitUs;
    while (!condition()) {
      const next = this.#events[0];
      if (next === undefined || next.at > end) return false;
      this.#events.shift();
      this.now = next.at;
      next.run();
    }
    return true;
  }

  runFor(durationUs: number): void {
    const end = this.now + durationUs;
    this.runUntil(() => (this.#events[0]?.at ?? Infinity) > end, durationUs);
    this.now = Math.max(this.now, end);
  }
}

interface LaneEnd {
  readonly id: LaneId;
  readonly peer: SmallHost;
  readonly peerLane: LaneId;
}

export class SmallHost {
  readonly world: SmallWorld;
  readonly name: string;
  readonly id: NodeId;
  readonly dials: readonly string[];
  readonly isDialable: boolean;
  readonly config: NodeConfig;
  readonly requests = new Map<number, RequestLog>();
  readonly notices: Extract<Effect, { kind: 'notice' }>['notice'][] = [];
  /** The durable rows of the embedded tables, by `TABLE/KEY IN HEX`. */
  readonly rows = new Map<string, Uint8Array>();
  halted: string | null = null;
  /** The replica numbers that the node has told its host to keep. */
  readonly renewed: number[] = [];
  /** Writes are refused for lack of space. */
  isDiskFull = false;
  node: MeshNode | null = null;
  #disk = new Map<JournalSeq, Uint8Array>();
  #offsets = new Map<string, Extract<JournalBatch['ledger'][number], { kind: 'stream-offset' }>>();
  #lanes = new Map<LaneId, LaneEnd>();
  #epoch = 0;
  #boots = 0;
  #replica = 1;
  #bootedAt = 0;
  #requestNo = 0;
  #inputs: Input[] = [];
  #isScheduled = false;
  #wakeAt = Infinity;

  constructor(world: SmallWorld, name: string, dials: readonly string[], isDialable: boolean, config: NodeConfig) {
    this.world = world;
    this.name = name;
    this.dials = dials;
    this.isDialable = isDialable;
    this.config = config;
    this.id = idFromBytes<NodeId>(Rng.fromSeed(`id/${name}`).fill(16));
  }

  start(): void {
    const seed = Rng.fromSeed(`host/${this.name}`);
    this.#boots++;
    this.#epoch++;
    this.#bootedAt = this.world.now;
    this.node = new MeshNode({
      config: this.config,
      crypto: FAKE_CRYPTO,
      entropy: seededEntropy(Rng.fromSeed(`entropy/${this.name}/${this.#boots}`)),
      rng: seed.fork(`boot/${this.#boots}`),
      identity: { nodeId: this.id, name: this.name, replica: this.#replica, privateSeed: seed.fork('key').fill(32), journalId: seed.fork(`journal/${this.#replica}`).fill(16) },
      dialUrls: this.dials.map((dial) => `mesh://${dial}`),
      advertisedUrls: this.isDialable ? [`mesh://${this.name}`] : [],
      recovered: {
        records: [...this.#disk].sort(([a], [b]) => a - b).map(([seq, bytes]) => ({ seq, bytes })),
        offsets: this.#offsets.values(),
      },
      wallOffsetUs: 1_700_000_000_000_000,
    });
    this.#wakeAt = Infinity;
    this.#schedule();
  }

  /** The process dies: what is not durable is gone, sockets are reset. */
  crash(): void {
    this.node = null;
    this.#epoch++;
    this.#inputs = [];
    for (const end of this.#lanes.values()) {
      end.peer.#lanes.delete(end.peerLane);
      this.world.after(this.world.latencyUs, () => end.peer.input({ kind: 'lane-closed', lane: end.peerLane, reason: 'reset' }));
    }
    this.#lanes.clear();
  }

  /** The process dies and its disk is lost: what starts next is a later replica, in no mesh. */
  wipe(): void {
    this.crash();
    this.#disk.clear();
    this.#offsets.clear();
    this.#replica++;
  }

  /** Cuts the lanes to another host. */
  cut(other: SmallHost): void {
    for (const [id, end] of [...this.#lanes]) {
      if (end.peer !== other) continue;
      this.#lanes.delete(id);
      other.#lanes.delete(end.peerLane);
      this.input({ kind: 'lane-closed', lane: id, reason: 'reset' });
      other.input({ kind: 'lane-closed', lane: end.peerLane, reason: 'reset' });
    }
  }

  command(command: Command): RequestLog {
    const request = ++this.#requestNo;
    const log: RequestLog = { reply: null, reject: null, delivered: [], updates: [], watermarks: null, events: [], ended: null };
    this.requests.set(request, log);
    this.input({ kind: 'command', request, command });
    return log;
  }

  /** Waits for the one answer of a command. */
  answer(command: Command, limitUs = 30_000_000): RequestLog {
    const log = this.command(command);
    this.world.runUntil(() => log.reply !== null || log.reject !== null, limitUs);
    return log;
  }

  requestOf(log: RequestLog): number {
    for (const [request, other] of this.requests) if (other === log) return request;
    throw new Error('unknown request');
  }

  input(input: Input): void {
    if (this.node === null) return;
    this.#inputs.push(input);
    this.#schedule();
  }

  status(): NodeStatus {
    const log = this.command({ kind: 'get-status' });
    this.world.runUntil(() => log.reply !== null, 1_000_000);
    if (log.reply?.kind !== 'status') throw new Error('no status');
    return log.reply.status;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.world.after(0, () => {
      this.#isScheduled = false;
      this.#turn();
    });
  }

  #turn(): void {
    const { node } = this;
    if (node === null) return;
    const effects: Effect[] = [];
    const outbox = { push: (effect: Effect) => void effects.push(effect) };
    const now = micros(this.world.now - this.#bootedAt + 1);
    const inputs = this.#inputs;
    this.#inputs = [];
    for (const input of inputs) node.step(now, input, outbox);
    node.step(now, { kind: 'turn' }, outbox);
    node.checkInvariants();
    for (const effect of effects) this.#carryOut(effect);
    const next = node.nextDeadline() + this.#bootedAt - 1;
    if (next >= this.#wakeAt && this.#wakeAt > this.world.now) return;
    this.#wakeAt = next;
    if (next > 1e15) return;
    const epoch = this.#epoch;
    this.world.after(Math.max(0, next - this.world.now), () => {
      if (epoch === this.#epoch && this.#wakeAt <= this.world.now) this.#schedule();
    });
  }

  #writeLedger(write: JournalBatch['ledger'][number]): void {
    if (write.kind === 'stream-offset') this.#offsets.set(write.stream, write);
    else if (write.kind === 'stream-offset-removed') this.#offsets.delete(write.stream);
    else if (write.value === null) this.rows.delete(`${write.table}/${toHex(write.key)}`);
    else this.rows.set(`${write.table}/${toHex(write.key)}`, write.value);
  }

  #carryOut(effect: Effect): void {
    const epoch = this.#epoch;
    const { world } = this;
    switch (effect.kind) {
      case 'transmit': {
        const end = this.#lanes.get(effect.lane);
        if (end === undefined) return;
        const bytes = concatBytes(effect.parts).slice();
        world.after(world.latencyUs, () => {
          if (end.peer.#lanes.has(end.peerLane)) end.peer.input({ kind: 'received', lane: end.peerLane, bytes });
        });
        world.after(0, () => this.input({ kind: 'lane-drained', lane: effect.lane, bufferedBytes: 0 }));
        return;
      }
      case 'dial': {
        const target = [...world.hosts.values()].find((host) => `mesh://${host.name}` === effect.url);
        world.after(world.latencyUs, () => {
          if (epoch !== this.#epoch) return;
          if (target === undefined || target.node === null || !target.isDialable) {
            this.input({ kind: 'dial-failed', ticket: effect.ticket, code: 'refused' });
            return;
          }
          const ours = world.newLane();
          const theirs = world.newLane();
          this.#lanes.set(ours, { id: ours, peer: target, peerLane: theirs });
          target.#lanes.set(theirs, { id: theirs, peer: this, peerLane: ours });
          target.input({ kind: 'lane-opened', lane: theirs, dial: null, remote: this.name });
          this.input({ kind: 'lane-opened', lane: ours, dial: effect.ticket, remote: effect.url });
        });
        return;
      }
      case 'close-lane': {
        const end = this.#lanes.get(effect.lane);
        if (end === undefined) return;
        this.#lanes.delete(effect.lane);
        world.after(world.latencyUs, () => {
          if (!end.peer.#lanes.delete(end.peerLane)) return;
          end.peer.input({ kind: 'lane-closed', lane: end.peerLane, reason: 'closed' });
        });
        return;
      }
      case 'persist': {
        const records = effect.batch.records.map(({ seq, parts }) => ({ seq, bytes: concatBytes(parts).slice() }));
        world.after(world.flushUs, () => {
          if (epoch !== this.#epoch) return;
          if (this.isDiskFull) {
            this.input({ kind: 'persist-failed', ticket: effect.ticket, code: 'full' });
            return;
          }
          for (const { seq, bytes } of records) this.#disk.set(seq, bytes);
          for (const { from, to } of effect.batch.drops) {
            for (const seq of [...this.#disk.keys()]) if (seq >= from && seq <= to) this.#disk.delete(seq);
          }
          for (const write of effect.batch.ledger) this.#writeLedger(write);
          this.input({ kind: 'persisted', ticket: effect.ticket });
        });
        return;
      }
      case 'fetch': {
        const chunks = effect.reads.map(({ seq, offset, length }) => this.#disk.get(seq)?.slice(offset, offset + length) ?? null);
        world.after(100, () => {
          if (epoch === this.#epoch) this.input({ kind: 'fetched', ticket: effect.ticket, chunks });
        });
        return;
      }
      case 'reply': {
        const log = this.requests.get(effect.request);
        if (log === undefined) return;
        if (effect.result.ok) log.reply = effect.result.value;
        else log.reject = effect.result.reject;
        return;
      }
      case 'deliver': {
        const log = this.requests.get(effect.request);
        for (const chunk of effect.chunks) log?.delivered.push({ attempt: effect.attempt, chunk });
        return;
      }
      case 'deliver-updates': {
        const log = this.requests.get(effect.request);
        for (const update of effect.updates) log?.updates.push({ attempt: effect.attempt, update });
        return;
      }
      case 'watermarks': {
        const log = this.requests.get(effect.request);
        if (log !== undefined) log.watermarks = effect.watermarks;
        return;
      }
      case 'event':
        this.requests.get(effect.request)?.events.push(effect.event);
        return;
      case 'ended': {
        const log = this.requests.get(effect.request);
        if (log !== undefined) log.ended = { reject: effect.result.ok ? null : effect.result.reject };
        return;
      }
      case 'notice':
        this.notices.push(effect.notice);
        return;
      case 'replica-renewed':
        this.renewed.push(effect.replica);
        return;
      case 'halt':
        this.halted = `${effect.code}: ${effect.detail}`;
    }
  }
}

