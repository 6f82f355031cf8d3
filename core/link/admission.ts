/**
 * The way of a lane from an open socket to an admitted peer: it runs the handshake's messages, asks `PeerLinks`
 * whether a proven peer may come in, and hands a newcomer's lane to the join.
 *
 * Order: the dialler signs only for a peer that it would admit; the listener admits first and says so by its first
 * message; the dialler admits on hearing it. So a lane that is up at the dialler has been up at the listener.
 */
import { assert } from '../base/assert.js';
import type { DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { MeshId } from '../base/ids.js';
import { type LaneId, type Micros, micros } from '../base/units.js';
import { MSG_TYPES } from '../wire/header.js';
import type { LinkFact } from './facts.js';
import { DiallerHandshake, type HandshakeContext, ListenerHandshake, type Refused, type Verified } from './handshake.js';
import type { PeerClaims, Purpose } from './identity.js';
import { Lane, type LaneTable } from './lane.js';
import type { PeerLinks } from './peer-links.js';
import type { LaneCode } from './refusal.js';

/** What the machine around it does for it. */
export interface AdmissionHost {
  readonly handshakeTimeoutUs: number;
  readonly context: HandshakeContext;
  readonly table: LaneTable;
  readonly peers: PeerLinks;
  readonly deadlines: DeadlineHeap;
  /** Whose `onDeadline` the lanes' deadlines call. */
  readonly owner: DeadlineOwner;
  readonly emit: (fact: LinkFact) => void;
  readonly close: (now: Micros, lane: Lane, code: LaneCode) => void;
  /** The peer behind a lane that we dialled has proven who it is. */
  readonly onIdentified: (lane: Lane, verified: Verified) => void;
  /** A newcomer is at the door. */
  readonly onNewcomer: (now: Micros, lane: Lane, verified: Verified) => void;
}

export class Admission {
  readonly #host: AdmissionHost;
  #dialSeq = 0;

  constructor(host: AdmissionHost) {
    this.#host = host;
  }

  /** A socket that we dialled: says hello. */
  openDialled(
    now: Micros,
    socket: { readonly id: LaneId; readonly remote: string },
    dial: { readonly purpose: Purpose; readonly expectedMesh: MeshId | null },
  ): Lane {
    this.#dialSeq++;
    const handshake = new DiallerHandshake(this.#host.context, { ...dial, dialSeq: this.#dialSeq });
    const lane = this.#open(now, { ...socket, dialledByUs: true }, { kind: 'hello-sent', handshake, sentAt: now });
    lane.dialSeq = this.#dialSeq;
    this.#host.table.say(lane, MSG_TYPES.HELLO, handshake.hello);
    return lane;
  }

  /** A socket that a peer dialled: waits for its hello. */
  openAccepted(now: Micros, socket: { readonly id: LaneId; readonly remote: string }): Lane {
    const handshake = new ListenerHandshake(this.#host.context);
    return this.#open(now, { ...socket, dialledByUs: false }, { kind: 'hello-awaited', handshake });
  }

  /** A handshake message. One that has no place in the lane's state ends the lane. */
  onMessage(now: Micros, lane: Lane, msgType: number, payload: Uint8Array): void {
    const { state } = lane;
    if (msgType === MSG_TYPES.HELLO && state.kind === 'hello-awaited') {
      this.#onHello(now, lane, state.handshake, payload);
    } else if (msgType === MSG_TYPES.HELLO_REPLY && state.kind === 'hello-sent') {
      this.#onReply(now, lane, state, payload);
    } else if (msgType === MSG_TYPES.HELLO_FINISH && state.kind === 'reply-sent') {
      const finished = state.handshake.onFinish(payload);
      if (finished.kind === 'refused') this.#refuse(now, lane, finished);
      else this.#weigh(now, lane, { verified: finished, rttUs: rttSince(now, state.sentAt), finish: null });
    } else {
      this.#host.close(now, lane, 'malformed');
    }
  }

  /** The listener's first word after our finish: we are in. False when the lane ended instead. */
  onAdmitted(now: Micros, lane: Lane): boolean {
    const { state } = lane;
    assert(state.kind === 'finish-sent', 'a dialler is admitted after its finish');
    if (state.verified.claims.purpose === 'join') {
      this.#host.table.enter(lane, { kind: 'join-asking' });
      return true;
    }
    const verdict = this.#verdict(now, lane, state.verified.claims, false);
    if (verdict !== 'welcome') {
      assert(verdict !== 'held', 'an admitted lane is not held');
      this.#host.close(now, lane, verdict);
      return false;
    }
    this.#host.peers.admit(now, lane, state.verified, state.rttUs);
    return true;
  }

  /** The holder that kept this lane waiting is gone. */
  proceed(now: Micros, lane: Lane): void {
    const { state } = lane;
    assert(state.kind === 'held', 'only a held lane proceeds');
    this.#weigh(now, lane, state);
  }

  #open(
    now: Micros,
    socket: { readonly id: LaneId; readonly remote: string; readonly dialledByUs: boolean },
    state: Lane['state'],
  ): Lane {
    const { table, deadlines, owner, handshakeTimeoutUs } = this.#host;
    const deadline = deadlines.allocate(owner, 'link.lane', String(socket.id));
    const lane = new Lane({ ...socket, now }, { queue: table.newQueue(), deadline, state });
    deadline.arm(micros(now + handshakeTimeoutUs));
    table.add(lane);
    return lane;
  }

  #onHello(now: Micros, lane: Lane, handshake: ListenerHandshake, payload: Uint8Array): void {
    const answer = handshake.onHello(payload);
    if (answer.kind === 'refused') {
      this.#refuse(now, lane, answer);
      return;
    }
    this.#host.table.enter(lane, { kind: 'reply-sent', handshake, sentAt: now });
    this.#host.table.say(lane, MSG_TYPES.HELLO_REPLY, answer.reply);
  }

  #onReply(now: Micros, lane: Lane, state: { handshake: DiallerHandshake; sentAt: Micros }, payload: Uint8Array): void {
    const answer = state.handshake.onReply(payload);
    if (answer.kind === 'refused') {
      this.#refuse(now, lane, answer);
      return;
    }
    this.#host.onIdentified(lane, answer);
    this.#weigh(now, lane, { verified: answer, rttUs: rttSince(now, state.sentAt), finish: answer.finish });
  }

  /** `finish` is what the dialler has still to say; null at the listener. */
  #weigh(now: Micros, lane: Lane, proven: { verified: Verified; rttUs: number; finish: Uint8Array | null }): void {
    const { table, peers } = this.#host;
    const { verified, rttUs, finish } = proven;
    const { claims } = verified;
    if (!lane.dialledByUs) lane.dialSeq = claims.dialSeq;
    const verdict = claims.purpose === 'join' ? 'welcome' : this.#verdict(now, lane, claims, true);
    if (verdict === 'held') {
      table.enter(lane, { kind: 'held', verified, rttUs, finish });
    } else if (verdict !== 'welcome') {
      // An evicted listener, or one of another generation, believes it only of a member: so the proof goes first.
      if ((verdict === 'evicted' || verdict === 'wrong-generation') && finish !== null) table.say(lane, MSG_TYPES.HELLO_FINISH, finish);
      this.#host.close(now, lane, verdict);
    } else if (finish !== null) {
      table.enter(lane, { kind: 'finish-sent', verified, rttUs });
      table.say(lane, MSG_TYPES.HELLO_FINISH, finish);
    } else if (claims.purpose === 'join') {
      table.enter(lane, { kind: 'join-serving', verified, isWaiting: false });
      this.#host.onNewcomer(now, lane, verified);
    } else {
      peers.admit(now, lane, verified, rttUs);
    }
  }

  /** An eviction may have come since the handshake looked. */
  #verdict(now: Micros, lane: Lane, claims: PeerClaims, mayHold: boolean): 'welcome' | 'held' | LaneCode {
    const { context, peers } = this.#host;
    if (claims.generationTag !== context.membership()?.generationTag) {
      this.#host.emit({ kind: 'other-generation', peer: claims.nodeId, lineage: claims.lineage });
      return 'wrong-generation';
    }
    return context.isEvicted(claims) ? 'evicted' : peers.weigh(now, lane, claims, mayHold);
  }

  #refuse(now: Micros, lane: Lane, refusal: Refused): void {
    const { code, claims } = refusal;
    if (code === 'identity-in-use' && claims !== null) {
      this.#host.peers.reportConflict(lane, claims, this.#host.context.identity.bootCounter);
    }
    this.#host.close(now, lane, code);
  }
}

const rttSince = (now: Micros, sentAt: Micros): number => Math.max(1, now - sentAt);
