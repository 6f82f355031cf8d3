/**
 * The link to one neighbour: its lanes, the one in use, its round trip, and how far both ends are with the mesh's log.
 *
 * Two neighbours that dial each other at once end up with two lanes. Both ends order lanes by the same rule (below)
 * and keep the best, but only once it has answered a heartbeat sent after the other came up: until then the newest
 * lane carries the traffic, because it has just proven itself and the best one may be half-open. The answer shows that
 * the other end has the best lane too, so closing the rest leaves both ends with the same one.
 */
import { assert, present } from '../base/assert.js';
import type { Deadline } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import { type LaneId, type LogIndex, type Micros, logIndex } from '../base/units.js';
import { FRAME_FLAGS, TRAFFIC_CLASSES } from '../wire/frame.js';
import type { LinkView } from './facts.js';
import type { PeerClaims } from './identity.js';
import type { Lane, LaneTable, LinkOfLane } from './lane.js';
import type {
  LaneBackpressure,
  LanePolicy,
  LaneStats,
  LinkStream,
  LinkStreamParams,
  VirtualLink,
} from './virtual-link.js';

export class PeerLink implements VirtualLink, LinkOfLane {
  readonly claims: PeerClaims;
  /** Waits for the end of a takeover probe. */
  readonly takeover: Deadline;
  /** In order of preference, best first. Never empty while the link exists. */
  readonly lanes: Lane[] = [];
  /** Proven claims of another holder of this identity, waiting for this link to show that it lives. */
  readonly challengers: Lane[] = [];
  /** Since when a contest between lanes runs. */
  contestSince: Micros | null = null;
  takeoverSince: Micros | null = null;
  isProvisional = true;
  /** How far the peer says that it has applied the mesh's log. */
  peerApplied: LogIndex;
  /** How far the peer knows that we have. */
  announcedApplied: LogIndex = logIndex(0);
  readonly #self: NodeId;
  readonly #table: LaneTable;
  readonly #silenceUs: number;
  #active: Lane;
  #rttUs: number;

  constructor(
    self: NodeId,
    peer: { readonly claims: PeerClaims; readonly lane: Lane; readonly rttUs: number },
    parts: { readonly table: LaneTable; readonly takeover: Deadline; readonly laneSilenceUs: number },
  ) {
    this.#self = self;
    this.claims = peer.claims;
    this.peerApplied = peer.claims.mcgApplied;
    this.takeover = parts.takeover;
    this.#table = parts.table;
    this.#silenceUs = parts.laneSilenceUs;
    this.#active = peer.lane;
    this.#rttUs = peer.rttUs;
    this.lanes.push(peer.lane);
  }

  get peer(): NodeId {
    return this.claims.nodeId;
  }

  /** The lane in use. */
  get active(): Lane {
    return this.#active;
  }

  get best(): Lane {
    return present(this.lanes[0], 'a link has a lane');
  }

  get rttUs(): number {
    return this.#rttUs;
  }

  /** Hot: a queue push, about 50 ns. */
  send(_now: Micros, frame: Uint8Array, policy: LanePolicy): boolean {
    if (this.isProvisional && !passesProvisional(frame[FLAGS_AT] as number, policy.trafficClass)) return false;
    return this.#table.push(this.#active, frame, policy.trafficClass);
  }

  openStream(params: LinkStreamParams): LinkStream {
    return new PinnedStream(this, params);
  }

  stats(now: Micros): readonly LaneStats[] {
    return this.#activeFirst().map((lane) => ({
      lane: lane.id,
      dialledByUs: lane.dialledByUs,
      ageUs: now - lane.openedAt,
      silenceUs: now - lane.receivedAt,
      rttUs: this.#rttUs,
      isHealthy: lane.probe === null && now - lane.receivedAt < this.#silenceUs,
    }));
  }

  backpressure(): readonly LaneBackpressure[] {
    return this.#activeFirst().map((lane) => ({
      lane: lane.id,
      queuedBytes: lane.queue.queuedBytes,
      bufferedBytes: lane.queue.bufferedBytes,
      isAboveHighMark: lane.queue.isAboveHighMark,
    }));
  }

  view(): LinkView {
    let queuedBytes = 0;
    for (const lane of this.lanes) queuedBytes += lane.queue.queuedBytes;
    const { replica, bootCounter, features, chain } = this.claims;
    return {
      peer: this.peer,
      replica,
      bootCounter,
      isProvisional: this.isProvisional,
      dialledByUs: this.#active.dialledByUs,
      rttUs: this.#rttUs,
      laneCount: this.lanes.length,
      queuedBytes,
      features,
      chain,
    };
  }

  /** Adds a lane that has just come up and puts the traffic on it. */
  addLane(lane: Lane): void {
    const at = this.lanes.findIndex((other) => this.#prefers(lane, other));
    this.lanes.splice(at < 0 ? this.lanes.length : at, 0, lane);
    this.use(lane);
  }

  /** Puts the traffic on `lane`; what the one before had not sent goes along. */
  use(lane: Lane): void {
    assert(this.lanes.includes(lane), 'a link uses one of its lanes');
    if (lane === this.#active) return;
    const before = this.#active;
    this.#active = lane;
    before.queue.moveTo(lane.queue);
    this.#table.markDirty(lane);
  }

  /** Forgets a lane that is gone; the best of the rest takes its traffic. False when none is left. */
  removeLane(lane: Lane): boolean {
    const at = this.lanes.indexOf(lane);
    assert(at >= 0, 'a lane that is up is in its link');
    this.lanes.splice(at, 1);
    if (this.lanes.length === 0) return false;
    // A lane that is not in use has nothing waiting but its own heartbeats.
    if (lane === this.#active) this.use(this.best);
    return true;
  }

  /** Takes a sample of the round trip. True when the smoothed value has moved (RFC 6298's gain of 1/8). */
  onRttSample(sampleUs: number): boolean {
    const before = this.#rttUs;
    this.#rttUs = before === 0 ? sampleUs : Math.max(1, before + Math.trunc((sampleUs - before) / RTT_GAIN));
    return this.#rttUs !== before;
  }

  /** Takes the dialler's own smoothed value: it measures, the listener adopts. */
  onRttTold(rttUs: number): boolean {
    const before = this.#rttUs;
    this.#rttUs = rttUs;
    return before !== rttUs;
  }

  /** The index from which on this member knows the peer as one. */
  get peerSince(): LogIndex {
    return present(this.claims.chain[0], 'a linked member has a certificate').logIndex;
  }

  checkInvariants(): void {
    assert(this.lanes.length > 0, 'a link has a lane');
    assert(this.lanes.includes(this.#active), 'the lane in use is one of the link');
    for (let i = 0; i < this.lanes.length; i++) {
      const lane = this.lanes[i] as Lane;
      assert(lane.link === this, 'a lane of a link belongs to it');
      if (i > 0) assert(!this.#prefers(lane, this.lanes[i - 1] as Lane), 'lanes are in order of preference');
    }
    assert(this.lanes.length > 1 === (this.contestSince !== null), 'a contest runs while there are several lanes');
    assert(this.challengers.length > 0 === (this.takeoverSince !== null), 'a takeover waits while there are challengers');
  }

  /** The order of lanes, the same at both ends: those of the dialler with the lower id, and its latest dial first. */
  #prefers(a: Lane, b: Lane): boolean {
    if (a.dialledByUs === b.dialledByUs) return a.dialSeq > b.dialSeq;
    return a.dialledByUs === this.#self < this.peer;
  }

  #activeFirst(): Lane[] {
    return [this.#active, ...this.lanes.filter((lane) => lane !== this.#active)];
  }
}

class PinnedStream implements LinkStream {
  readonly #link: PeerLink;
  readonly #policy: LanePolicy;

  constructor(link: PeerLink, policy: LanePolicy) {
    this.#link = link;
    this.#policy = policy;
  }

  get lane(): LaneId {
    return this.#link.active.id;
  }

  send(now: Micros, frame: Uint8Array): boolean {
    return this.#link.send(now, frame, this.#policy);
  }
}

/** On a provisional link pass the link's own messages, LSAs, and control and system frames, among them the log. */
export function passesProvisional(flags: number, trafficClass: number): boolean {
  return (flags & FRAME_FLAGS.LINK_LOCAL) !== 0 || trafficClass <= TRAFFIC_CLASSES.SYSTEM;
}

const FLAGS_AT = 2;
const RTT_GAIN = 8;
