/**
 * A member of the mesh in this process, at one end of a relay hop: the real core over real sockets, its journal in
 * memory, and a tap on its lane through which frames are put in and taken out beside the core. So the relay between two
 * of them has real neighbours, while the ends cost little more than bare sockets.
 */
import { ulid } from 'ulid';
import { present } from '../../../core/base/assert.js';
import { concatBytes, toHex } from '../../../core/base/bytes.js';
import { type NodeId, parseId } from '../../../core/base/ids.js';
import { Rng } from '../../../core/base/rng.js';
import { type JournalSeq, type LaneId, type MemberIndex, type Ticket, memberIndex } from '../../../core/base/units.js';
import type { Command, NodeStatus, Reply } from '../../../core/node/commands.js';
import { DEFAULT_NODE_CONFIG } from '../../../core/node/config.js';
import type { JournalBatch, JournalRead } from '../../../core/node/effects.js';
import type { Input } from '../../../core/node/inputs.js';
import { MeshNode } from '../../../core/node/mesh-node.js';
import { FrameView, TRAFFIC_CLASSES, encodeFrame } from '../../../core/wire/frame.js';
import { EMPTY_HEADER, encodeHeader } from '../../../core/wire/header.js';
import { SystemClock } from '../../../io/host/clock.js';
import { NodeCrypto, SystemEntropy } from '../../../io/host/node-crypto.js';
import { NodeHost } from '../../../io/host/node-host.js';
import type { JournalPort, LanePort, PersistOutcome } from '../../../io/host/ports.js';
import { DEFAULT_LANE_LIMITS, WebSocketLanes } from '../../../io/websocket/web-socket-lanes.js';

export class EdgeNode {
  readonly name: string;
  readonly id: NodeId;
  readonly #lanes = new TappedLanes();
  readonly #host: NodeHost;

  constructor(name: string, dialUrl: string) {
    this.name = name;
    this.id = present(parseId<NodeId>(ulid()), 'ulid makes ULIDs');
    const entropy = new SystemEntropy();
    const clock = new SystemClock();
    const node = new MeshNode({
      config: DEFAULT_NODE_CONFIG,
      crypto: new NodeCrypto(),
      entropy,
      rng: Rng.fromSeed(toHex(entropy.bytes(32))),
      identity: { nodeId: this.id, name, replica: 1, privateSeed: entropy.bytes(32), journalId: entropy.bytes(16) },
      dialUrls: [dialUrl],
      advertisedUrls: [],
      recovered: { records: [], offsets: [] },
      wallOffsetUs: clock.wallOffsetUs(),
    });
    const onHalt = (code: string, detail: string): never => {
      throw new Error(`${name} halted: ${detail} [${code}]`);
    };
    const observer = { onNotice: () => undefined, onHalt };
    this.#host = new NodeHost({ node, clock, lanes: this.#lanes, journal: new MemoryJournal(), observer });
    this.#host.start();
  }

  /** Called with the number of marked frames that came in one message. */
  set onMarked(listener: (frames: number) => void) {
    this.#lanes.onMarked = listener;
  }

  join(url: string, joinKey: string): Promise<Reply> {
    return this.#ask({ kind: 'join-mesh', urls: [url], joinKey, meshId: null });
  }

  async status(): Promise<NodeStatus> {
    const reply = await this.#ask({ kind: 'get-status' });
    if (reply.kind !== 'status') throw new Error(`${this.name} answered ${reply.kind}`);
    return reply.status;
  }

  /** Puts whole frames onto the only lane, beside the core. */
  inject(message: Uint8Array): void {
    this.#lanes.inject(message);
  }

  stop(): void {
    this.#host.stop();
    this.#lanes.stop();
  }

  #ask(command: Command): Promise<Reply> {
    return new Promise((resolve, fail) => {
      this.#host.request(command, {
        onReply: (result) => {
          if (result.ok) resolve(result.value);
          else fail(new Error(`${this.name}: ${result.reject.detail} [${result.reject.code}]`));
        },
      });
    });
  }
}

/** A frame of the load, of `frameBytes` in all, as `source` would send it to the member `target`. */
export function markedFrame(source: NodeStatus, target: NodeId, frameBytes: number): Uint8Array {
  const { mesh, node } = source;
  const indexOf = (id: NodeId): MemberIndex => memberIndex(mesh?.members.find((member) => member.id === id)?.index ?? 0);
  const prefix = {
    trafficClass: TRAFFIC_CLASSES.BULK,
    flags: 0,
    ttl: DEFAULT_NODE_CONFIG.ttl,
    hopCount: 0,
    pathPosition: 0,
    generationTag: mesh?.generationTag ?? 0,
    source: indexOf(node.id),
    target: indexOf(target),
    tenantIndex: MARK,
  };
  const header = encodeHeader({ ...EMPTY_HEADER, msgType: MARK });
  const empty = encodeFrame(prefix, header, []);
  return encodeFrame(prefix, header, [new Uint8Array(frameBytes - empty.length)]);
}

class TappedLanes implements LanePort {
  readonly #sockets = new WebSocketLanes(DEFAULT_LANE_LIMITS, {});
  readonly #open = new Set<LaneId>();
  onMarked: (frames: number) => void = () => undefined;

  attach(report: (input: Input) => void): void {
    this.#sockets.attach((input) => {
      if (input.kind === 'received' && this.#takeMarked(input.bytes)) return;
      if (input.kind === 'lane-opened') this.#open.add(input.lane);
      if (input.kind === 'lane-closed') this.#open.delete(input.lane);
      report(input);
    });
  }

  transmit(lane: LaneId, parts: readonly Uint8Array[]): void {
    this.#sockets.transmit(lane, parts);
  }

  dial(ticket: Ticket, url: string): void {
    this.#sockets.dial(ticket, url);
  }

  closeLane(lane: LaneId, reason: string): void {
    this.#open.delete(lane);
    this.#sockets.closeLane(lane, reason);
  }

  inject(message: Uint8Array): void {
    const [lane, ...more] = this.#open;
    if (lane === undefined || more.length > 0) throw new Error(`an edge has one lane, not ${this.#open.size}`);
    this.#sockets.transmit(lane, [message]);
  }

  stop(): void {
    this.#sockets.stop();
  }

  /** Counts the marked frames of a message. True when there was nothing else in it. */
  #takeMarked(message: Uint8Array): boolean {
    let marked = 0;
    let others = 0;
    for (let offset = 0; offset < message.length; ) {
      const frame = FrameView.parse(message, offset);
      if (typeof frame === 'string') return false;
      if (frame.tenantIndex === MARK) marked++;
      else others++;
      offset += frame.bytes.length;
    }
    if (marked > 0) this.onMarked(marked);
    return others === 0;
  }
}

/** Everything is durable in the next round of the event loop: the journal is not what a relay hop measures. */
class MemoryJournal implements JournalPort {
  readonly #records = new Map<JournalSeq, Uint8Array>();

  append(batch: JournalBatch, done: (outcome: PersistOutcome) => void): void {
    for (const { seq, parts } of batch.records) this.#records.set(seq, concatBytes(parts).slice());
    for (const { from, to } of batch.drops) {
      for (const seq of this.#records.keys()) if (seq >= from && seq <= to) this.#records.delete(seq);
    }
    setImmediate(done, 'durable');
  }

  read(reads: readonly JournalRead[], done: (chunks: readonly (Uint8Array | null)[]) => void): void {
    const chunks = reads.map(({ seq, offset, length }) => this.#records.get(seq)?.slice(offset, offset + length) ?? null);
    setImmediate(done, chunks);
  }
}

/** Stands in the tenant index of the load's frames, and as their message type: no node gives these out. */
const MARK = 0xbe9c;
