/**
 * All links of a node: lanes in and out, who is let in, heartbeats, redial, joins, and the queues in front of the
 * sockets. This file joins the parts of the folder and is what the node sees; each part says what it decides.
 *
 * Invariant: a frame is handed to `onFrame` only from a peer that has proven membership of our mesh and generation,
 * over a lane on which it is admitted; and each frame that `send` took is transmitted once, or returned in
 * `link-down`, or was in a socket that died, which its owner finds out by itself.
 * Leaves out: lanes per traffic class (`virtual-link.ts`).
 */
import { assert } from '../base/assert.js';
import type { Crypto, Entropy } from '../base/crypto.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Result } from '../base/result.js';
import type { Rng } from '../base/rng.js';
import { type LaneId, type LogIndex, type Micros, type Ticket, laneId } from '../base/units.js';
import { type FrameView, splitFrames } from '../wire/frame.js';
import { MSG_TYPES, decodeHeader } from '../wire/header.js';
import { type JoinGrant, LinkGoodbye } from '../wire/link-messages.js';
import { Admission } from './admission.js';
import { type LinkConfig, checkLinkConfig } from './config.js';
import type { LinkFact, LinkView } from './facts.js';
import { type HandshakeContext, PROCESS_BYTES } from './handshake.js';
import type { LinkMembership, LocalIdentity } from './identity.js';
import { type JoinAttempt, JoinClient } from './join-client.js';
import { type JoinOffer, JoinServer } from './join-server.js';
import { type Lane, type LaneEnd, type LaneState, LaneTable } from './lane.js';
import { linkLocalFrame } from './link-frame.js';
import { PeerLinks } from './peer-links.js';
import { passesProvisional } from './peer-link.js';
import { Redial } from './redial.js';
import { type LaneCode, laneCodeOf } from './refusal.js';
import type { LinkTrust } from './trust.js';
import type { VirtualLink } from './virtual-link.js';

export interface LinksOptions {
  readonly config: LinkConfig;
  readonly identity: LocalIdentity;
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly rng: Rng;
  readonly trust: LinkTrust;
  readonly deadlines: DeadlineHeap;
  readonly nextTicket: () => Ticket;
  readonly emit: (fact: LinkFact) => void;
  /** Hot: every frame from a linked peer that is not for the link itself. The frame is a view of what was received. */
  readonly onFrame: (now: Micros, peer: NodeId, frame: FrameView) => void;
}

export class Links implements DeadlineOwner {
  readonly #options: LinksOptions;
  readonly #table: LaneTable;
  readonly #peers: PeerLinks;
  readonly #admission: Admission;
  readonly #redial: Redial;
  readonly #joinServer: JoinServer;
  readonly #joinClient: JoinClient;
  /** Replicas up to that number are refused. */
  readonly #refused = new Map<NodeId, number>();
  #membership: LinkMembership | null = null;
  #isStopped = false;

  constructor(options: LinksOptions) {
    const { config, identity, crypto, entropy, trust, deadlines, emit, nextTicket } = options;
    checkLinkConfig(config);
    this.#options = options;
    this.#table = new LaneTable(config.queue, emit);
    const table = this.#table;
    const close = (now: Micros, lane: Lane, code: LaneCode): void => this.#close(now, lane, code, 'ours');
    const { joinTimeoutUs, joinsWaitingMax, handshakeTimeoutUs, versionMin, versionMax, features } = config;
    const context: HandshakeContext = {
      crypto, entropy, trust, identity, versionMin, versionMax, features,
      process: entropy.bytes(PROCESS_BYTES),
      membership: () => this.#membership,
      isEvicted: ({ nodeId, replica }) => (this.#refused.get(nodeId) ?? 0) >= replica,
    };
    this.#peers = new PeerLinks({
      config, deadlines, table, emit, close,
      self: identity.nodeId,
      proceed: (now, lane) => this.#admission.proceed(now, lane),
    });
    this.#admission = new Admission({
      context, handshakeTimeoutUs, table, deadlines, emit, close,
      peers: this.#peers,
      owner: this,
      onIdentified: (lane, verified) => {
        if (verified.claims.purpose === 'join') this.#joinClient.onIdentified(lane, verified);
        else this.#redial.onIdentified(lane.remote, verified.claims.nodeId);
      },
      onNewcomer: (now, lane, verified) => this.#joinServer.onNewcomer(now, lane, verified),
    });
    this.#redial = new Redial({
      config, deadlines,
      rng: options.rng.fork('redial'),
      dial: (url) => {
        const ticket = nextTicket();
        emit({ kind: 'effect', effect: { kind: 'dial', ticket, url } });
        return ticket;
      },
      isLinked: (node) => this.#peers.get(node) !== undefined,
    });
    this.#joinServer = new JoinServer({ joinTimeoutUs, joinsWaitingMax, table, trust, emit, close });
    this.#joinClient = new JoinClient({ joinTimeoutUs, identity, deadlines, table, trust, nextTicket, emit, close });
  }

  /** Our place in the mesh; null before seed or join. Another mesh or generation ends every lane. */
  setMembership(now: Micros, membership: LinkMembership | null): void {
    const before = this.#membership;
    assert(membership === null || membership.chain.length > 0, 'a member has a certificate');
    const isSameMesh = before?.meshId === membership?.meshId && before?.generationTag === membership?.generationTag;
    this.#membership = membership;
    if (!isSameMesh && before !== null) this.#closeAll(now, membership === null ? 'not-a-member' : 'wrong-generation');
    this.#peers.setMembership(now, membership);
    if (before === null && membership !== null && !this.#isStopped) this.#redial.start(now);
    if (membership === null) this.#redial.stop();
  }

  /** The mesh's log is applied through `index`: provisional links may become full. */
  onMcgApplied(now: Micros, index: LogIndex): void {
    const membership = this.#membership;
    if (membership === null || index <= membership.mcgApplied) return;
    this.#membership = { ...membership, mcgApplied: index };
    this.#peers.onMcgApplied(now, index);
  }

  /** What newcomers are asked for; null while the mesh's state does not say. */
  setJoinOffer(offer: JoinOffer | null): void {
    this.#joinServer.setOffer(offer);
  }

  /** Replicas of `node` up to `throughReplica` are out of the mesh: their links end, their lanes are refused. */
  refuseReplica(now: Micros, node: NodeId, throughReplica: number): void {
    const highest = Math.max(throughReplica, this.#refused.get(node) ?? 0);
    // The oldest eviction makes room: its certificate is the one least likely to be tried again.
    this.#refused.delete(node);
    for (const oldest of this.#refused.keys()) {
      if (this.#refused.size < this.#options.config.refusedReplicasMax) break;
      this.#refused.delete(oldest);
      this.#count('link.refused-replica-forgotten');
    }
    this.#refused.set(node, highest);
    const link = this.#peers.get(node);
    if (link !== undefined && link.claims.replica <= highest) this.#peers.closeLink(now, link, 'evicted');
  }

  /** The addresses to hold links to. Dialled while we are a member and not stopped. */
  setDialTargets(now: Micros, urls: readonly string[]): void {
    if (this.#membership === null || this.#isStopped) this.#redial.stop();
    this.#redial.setTargets(now, urls);
  }

  /** Asks the member at `url` for membership; `join-answered` follows. One attempt at a time: a new one cancels. */
  dialForJoin(now: Micros, url: string, attempt: JoinAttempt): void {
    this.#joinClient.start(now, url, attempt);
  }

  /** Ends the attempt that runs, without an answer. */
  cancelJoin(now: Micros): void {
    this.#joinClient.cancel(now);
  }

  /** The mesh's answer to a `join-requested`. */
  answerJoin(now: Micros, lane: LaneId, result: Result<JoinGrant>): void {
    this.#joinServer.answer(now, lane, result);
  }

  onLaneOpened(now: Micros, id: LaneId, dial: Ticket | null, remote: string): void {
    if (dial !== null) {
      this.#onDialled(now, id, dial);
      return;
    }
    const { lanesMax, lanesInHandshakeMax } = this.#options.config;
    const isFull = this.#table.size >= lanesMax || this.#table.acceptedInHandshake >= lanesInHandshakeMax;
    if (this.#isStopped || isFull) {
      this.#count(isFull ? 'link.lane-overload' : 'link.lane-while-stopped');
      this.#table.turnAway(id, this.#isStopped ? 'stopping' : 'overloaded');
      return;
    }
    this.#admission.openAccepted(now, { id, remote });
  }

  onDialFailed(now: Micros, ticket: Ticket, code: string): void {
    this.#count('link.dial-failed');
    if (this.#redial.onDialFailed(now, ticket)) return;
    if (this.#joinClient.attemptOf(ticket) !== null) this.#joinClient.onDialFailed(now, code);
  }

  /** The socket is gone. */
  onLaneClosed(now: Micros, id: LaneId, _reason: string): void {
    const lane = this.#table.get(id);
    if (lane !== undefined) this.#close(now, lane, 'lost', 'socket-gone');
  }

  onLaneDrained(now: Micros, id: LaneId, bufferedBytes: number): void {
    const lane = this.#table.get(id);
    if (lane === undefined) return;
    lane.queue.onDrained(bufferedBytes);
    if (lane.queue.queuedFrames > 0) this.#table.markDirty(lane);
  }

  /** One WebSocket message: whole frames. */
  onReceived(now: Micros, id: LaneId, bytes: Uint8Array): void {
    const lane = this.#table.get(id);
    if (lane === undefined) {
      this.#count('link.received-on-closed-lane');
      return;
    }
    lane.receivedAt = now;
    const isStranger = lane.link === null && lane.state.kind !== 'finish-sent';
    if (isStranger && !this.#isWithinBounds(now, lane, bytes.length)) return;
    const { frames, refusal } = splitFrames(bytes);
    for (const frame of frames) {
      const { link } = lane;
      if (frame.isLinkLocal) this.#onLinkLocal(now, lane, frame);
      else if (link === null) this.#close(now, lane, 'malformed', 'ours');
      else if (link.isProvisional && !passesProvisional(frame.flags, frame.trafficClass)) {
        this.#count('link.dropped-on-provisional');
      } else this.#options.onFrame(now, link.peer, frame);
      if (lane.isClosed) return;
    }
    if (refusal === null) return;
    this.#count(`link.refused-frame-${refusal}`);
    this.#close(now, lane, 'malformed', 'ours');
  }

  /** Queues a whole frame for a neighbour. False: no link, its queue is full, or it may not pass a provisional link. */
  send(now: Micros, peer: NodeId, frame: Uint8Array, trafficClass: number): boolean {
    const link = this.#peers.get(peer);
    return link !== undefined && link.send(now, frame, { trafficClass });
  }

  /** Queues a message for the neighbour itself. False as `send`. */
  sendLinkLocal(now: Micros, peer: NodeId, msgType: number, payload: Uint8Array, trafficClass: number): boolean {
    return this.send(now, peer, linkLocalFrame(msgType, payload, trafficClass), trafficClass);
  }

  /** Hands what is queued to the sockets that have room: one `transmit` a lane. */
  flush(_now: Micros): void {
    this.#table.flush((lane) => {
      if (lane.link === null || !lane.queue.takeWritable()) return;
      this.#options.emit({ kind: 'link-writable', peer: lane.link.peer });
    });
  }

  /** The path over that neighbour makes no progress: its lane has to show that it lives, or is dead at once. */
  probe(now: Micros, peer: NodeId): void {
    this.#peers.probe(now, peer);
  }

  /** In the order in which they came up. */
  links(): readonly LinkView[] {
    return this.#peers.all().map((link) => link.view());
  }

  link(peer: NodeId): VirtualLink | null {
    return this.#peers.get(peer) ?? null;
  }

  /** Ends every lane with a goodbye and lets nobody in until `start`. */
  stop(now: Micros, reason: LaneCode = 'stopping'): void {
    this.#isStopped = true;
    this.#redial.stop();
    this.#joinClient.cancel(now);
    this.flush(now);
    this.#closeAll(now, reason);
  }

  start(now: Micros): void {
    this.#isStopped = false;
    if (this.#membership !== null) this.#redial.start(now);
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    const lane = this.#table.get(laneId(Number(deadline.entity)));
    if (lane === undefined || lane.deadline !== deadline) return;
    if (lane.state.kind === 'up') this.#peers.onLaneDue(now, lane);
    else this.#close(now, lane, 'timed-out', 'ours');
  }

  checkInvariants(): void {
    this.#table.checkInvariants();
    this.#peers.checkInvariants();
    this.#redial.checkInvariants();
    for (const lane of this.#table.all()) {
      assert(lane.link === null || this.#peers.get(lane.link.peer) === lane.link, 'a lane belongs to a live link');
    }
  }

  #onDialled(now: Micros, id: LaneId, dial: Ticket): void {
    const attempt = this.#joinClient.attemptOf(dial);
    if (attempt !== null) {
      const opened = { purpose: 'join', expectedMesh: attempt.meshId } as const;
      this.#joinClient.onLane(this.#admission.openDialled(now, { id, remote: attempt.url }, opened));
      return;
    }
    const url = this.#redial.onOpened(dial);
    if (url === null) {
      this.#count('link.dial-too-late');
      this.#table.turnAway(id, 'done');
    } else if (this.#table.size >= this.#options.config.lanesMax) {
      this.#table.turnAway(id, 'overloaded');
      this.#redial.onLaneGone(now, url, 'overloaded');
    } else {
      this.#admission.openDialled(now, { id, remote: url }, { purpose: 'member', expectedMesh: null });
    }
  }

  #isWithinBounds(now: Micros, lane: Lane, bytes: number): boolean {
    lane.receivedBytes += bytes;
    if (lane.receivedBytes <= this.#options.config.bytesBeforeUpMax) return true;
    this.#count('link.too-much-before-up');
    this.#close(now, lane, 'malformed', 'ours');
    return false;
  }

  #onLinkLocal(now: Micros, lane: Lane, frame: FrameView): void {
    const header = frame.checksumHolds() ? decodeHeader(frame.header()) : null;
    if (header === null) {
      this.#close(now, lane, 'malformed', 'ours');
      return;
    }
    const payload = frame.payload();
    const { msgType } = header;
    if (msgType === MSG_TYPES.GOODBYE) {
      const { provenMember } = lane;
      const code = laneCodeOf(LinkGoodbye.decode(payload)?.code ?? 0);
      this.#close(now, lane, code, 'theirs');
      if (code === 'evicted' && provenMember !== null) this.#options.emit({ kind: 'told-evicted', peer: provenMember });
      return;
    }
    if (lane.isInHandshake) {
      const isHandshake = msgType <= MSG_TYPES.HELLO_FINISH;
      if (isHandshake || lane.state.kind !== 'finish-sent') {
        this.#admission.onMessage(now, lane, msgType, payload);
        return;
      }
      if (!this.#onFirstWord(now, lane)) return;
    }
    if (!this.#onUpMessage(now, lane, msgType, payload)) this.#close(now, lane, 'malformed', 'ours');
  }

  /** The listener has let us in, and says so by whatever it says. */
  #onFirstWord(now: Micros, lane: Lane): boolean {
    if (!this.#admission.onAdmitted(now, lane)) return false;
    if (lane.link !== null) this.#redial.onUp(now, lane.remote);
    return true;
  }

  /** False when the message has no place on that lane. Types that this version does not know are ignored. */
  #onUpMessage(now: Micros, lane: Lane, msgType: number, payload: Uint8Array): boolean {
    const { kind } = lane.state;
    if (kind === 'join-serving') return msgType === MSG_TYPES.JOIN && this.#joinServer.onMessage(now, lane, payload);
    if (kind === 'join-asking') return msgType === MSG_TYPES.JOIN && this.#joinClient.onMessage(now, lane, payload);
    if (lane.link === null || msgType <= MSG_TYPES.HELLO_FINISH || msgType === MSG_TYPES.JOIN) return false;
    switch (msgType) {
      case MSG_TYPES.HEARTBEAT:
        return this.#peers.onHeartbeat(now, lane, payload);
      case MSG_TYPES.HEARTBEAT_ACK:
        return this.#peers.onHeartbeatAck(now, lane, payload);
      case MSG_TYPES.LSA:
        this.#options.emit({ kind: 'lsa', peer: lane.link.peer, payload });
        return true;
      default:
        this.#count('link.unknown-message');
        return true;
    }
  }

  #closeAll(now: Micros, code: LaneCode): void {
    for (const lane of this.#table.all()) if (!lane.isClosed) this.#close(now, lane, code, 'ours');
  }

  /** The one way in which a lane ends; tells every part that had to do with it. */
  #close(now: Micros, lane: Lane, code: LaneCode, end: LaneEnd): void {
    const { state } = lane;
    assert(state.kind !== 'closed', 'a lane ends once');
    const lost = state.kind === 'up' ? this.#peers.detach(lane) : null;
    this.#table.remove(lane, code, end);
    this.#report(lane, state, code, end);
    if (lost !== null) this.#peers.onDetached(now, code, lost);
    else if (state.kind === 'held') this.#peers.onHeldLaneGone(lane, state.verified.claims.nodeId);
    else if (state.kind === 'join-serving') this.#joinServer.onLaneGone(lane);
    this.#joinClient.onLaneGone(now, lane, code);
    if (lane.dialledByUs) this.#redial.onLaneGone(now, lane.remote, code);
    if (lost !== null && lost.undelivered !== null) this.#redial.onLinkDown(now, lost.link.peer);
  }

  #report(lane: Lane, state: LaneState, code: LaneCode, end: LaneEnd): void {
    this.#count(`link.lane-ended-${code}`);
    const fields = { lane: lane.id, remote: lane.remote, code, end, state: state.kind };
    const level = code === 'lost' || code === 'duplicate-lane' || code === 'done' || code === 'self' ? 'debug' : 'warn';
    this.#options.emit({ kind: 'notice', notice: { kind: 'log', level, event: 'link.lane-ended', fields } });
  }

  #count(name: string): void {
    this.#options.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}
