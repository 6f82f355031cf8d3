/**
 * One socket between two processes, as a WebSocket behaves: ordered, with a send buffer, closed by either side. Each
 * direction is a pipe. What is on the way when the network stops carrying waits, as TCP would repeat it, until the
 * network carries again or the sender's patience ends.
 */
import { Fifo } from '../../core/base/fifo.js';
import type { LaneId, Ticket } from '../../core/base/units.js';
import { DrainReports } from '../../core/egress/drain-report.js';
import type { Happening } from '../time/timeline.js';

/** What an end can do to its process. Implemented by the node's host, once per life of the process. */
export interface LaneOwner {
  readonly node: number;
  allocateLane(): LaneId;
  onLaneOpened(lane: LaneEnd, remote: string): void;
  onReceived(lane: LaneEnd, bytes: Uint8Array): void;
  onLaneClosed(lane: LaneEnd, reason: string): void;
  onDialFailed(ticket: Ticket, code: string): void;
  onLaneDrained(lane: LaneEnd, bufferedBytes: number): void;
}

/** One side of a lane. */
export class LaneEnd {
  readonly owner: LaneOwner;
  readonly id: LaneId;
  /** The ticket of the dial that made it; null on the side that was dialled. */
  readonly dial: Ticket | null;
  state: 'connecting' | 'open' | 'closed' = 'connecting';
  /** Set as soon as both ends exist. */
  out: Pipe | null = null;
  /** Whether the process waits to be told that its buffer has fallen. */
  isDrainOwed = false;
  readonly drains = new DrainReports();

  constructor(owner: LaneOwner, id: LaneId, dial: Ticket | null) {
    this.owner = owner;
    this.id = id;
    this.dial = dial;
  }

  /** What `bufferedAmount` would say: everything that the kernel's buffer has no room for. */
  get bufferedBytes(): number {
    return this.out === null ? 0 : Math.max(0, this.out.unarrivedBytes - KERNEL_BUFFER_BYTES);
  }
}

/** Something on its way. `departUs`: when its last byte leaves the sender's process. */
export interface Packet {
  readonly content:
    | { readonly kind: 'message'; readonly bytes: Uint8Array }
    | { readonly kind: 'accepted' }
    | { readonly kind: 'closed'; readonly reason: string };
  readonly departUs: number;
  /** It never left: the process died first. */
  isVoid: boolean;
}

/** One direction of a lane. */
export class Pipe {
  readonly from: LaneEnd;
  readonly to: LaneEnd;
  readonly packets = new Fifo<Packet>();
  unarrivedBytes = 0;
  lastArrivalUs = 0;
  /** Since when nothing arrives; -1 while the network carries. */
  stalledSinceUs = -1;
  /** Carries nothing ever again, and nobody is told: a forgotten NAT entry. */
  isBlackHole = false;
  /** What is scheduled for each packet; a new one makes what was scheduled before void. */
  arrival: Happening | null = null;

  constructor(from: LaneEnd, to: LaneEnd) {
    this.from = from;
    this.to = to;
  }

  push(packet: Packet): void {
    this.packets.push(packet);
    if (packet.content.kind === 'message') this.unarrivedBytes += packet.content.bytes.length;
  }

  shift(): Packet | undefined {
    const packet = this.packets.shift();
    if (packet?.content.kind === 'message') this.unarrivedBytes -= packet.content.bytes.length;
    return packet;
  }

  /** Whatever has not left the sender's process at `nowUs` never will. */
  voidUndeparted(nowUs: number): void {
    for (const packet of this.packets) if (packet.departUs > nowUs) packet.isVoid = true;
  }
}

const KERNEL_BUFFER_BYTES = 256 * 1024;
