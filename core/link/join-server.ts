/**
 * The member's side of a join. It tells the newcomer what the mesh asks for, checks the proof, and keeps the lane
 * until the node has an answer. The policy decides here, so that a wrong key costs the mesh's leader nothing.
 *
 * Invariant: a `join-requested` fact names a newcomer that has proven its key on that very lane and, where the policy
 * wants one, the join key. The node makes repeats of one join (same key, same journal id) give the same grant.
 */
import { type Reject, REJECT_CODES, reject } from '../base/reject.js';
import { equalBytes } from '../base/crypto.js';
import type { Result } from '../base/result.js';
import { type LaneId, type Micros, SECOND_US, micros } from '../base/units.js';
import { MSG_TYPES } from '../wire/header.js';
import { JoinMessage, type JoinGrant, type JoinRequest } from '../wire/link-messages.js';
import type { LinkFact } from './facts.js';
import type { Verified } from './handshake.js';
import type { Lane, LaneTable } from './lane.js';
import type { LaneCode } from './refusal.js';
import type { LinkTrust } from './trust.js';

export type JoinPolicy = 'open' | 'key-required' | 'closed';

/** What the mesh asks of newcomers, as its replicated state says. */
export interface JoinOffer {
  readonly meshName: string;
  readonly policy: JoinPolicy;
  /** For `key-required`; else both are empty. */
  readonly salt: Uint8Array;
  readonly verifier: Uint8Array;
}

export interface JoinServerHost {
  readonly joinTimeoutUs: number;
  readonly joinsWaitingMax: number;
  readonly table: LaneTable;
  readonly trust: LinkTrust;
  readonly emit: (fact: LinkFact) => void;
  readonly close: (now: Micros, lane: Lane, code: LaneCode) => void;
}

export class JoinServer {
  readonly #host: JoinServerHost;
  /** Newcomers on the way, whether asked already or not. Bounded by `joinsWaitingMax`. */
  readonly #lanes = new Set<Lane>();
  #offer: JoinOffer | null = null;

  constructor(host: JoinServerHost) {
    this.#host = host;
  }

  setOffer(offer: JoinOffer | null): void {
    this.#offer = offer;
  }

  /** A newcomer's handshake is complete. Its lane is in state `join-serving`. */
  onNewcomer(now: Micros, lane: Lane, verified: Verified): void {
    for (const other of this.#lanes) {
      const { state } = other;
      const isSame = state.kind === 'join-serving' && state.verified.claims.nodeId === verified.claims.nodeId;
      if (isSame) this.#host.close(now, other, 'superseded');
    }
    const isFull = this.#lanes.size >= this.#host.joinsWaitingMax;
    this.#lanes.add(lane);
    lane.deadline.arm(micros(now + this.#host.joinTimeoutUs));
    if (isFull) this.#refuse(now, lane, reject('OVERLOADED', 'join', 'too many newcomers at once; try again', SECOND_US));
    else if (this.#offer === null) this.#refuse(now, lane, NOT_READY);
    else if (this.#offer.policy === 'closed') this.#refuse(now, lane, CLOSED);
    else {
      const { policy, meshName, salt } = this.#offer;
      this.#say(lane, { kind: 'challenge', policy: POLICY_NUMBERS[policy], meshName, salt });
    }
  }

  /** A message of the join. False when it has no place here. */
  onMessage(now: Micros, lane: Lane, payload: Uint8Array): boolean {
    const { state } = lane;
    const message = JoinMessage.decode(payload);
    if (message?.kind !== 'request' || state.kind !== 'join-serving') return false;
    if (state.isWaiting) {
      this.#host.emit({ kind: 'notice', notice: { kind: 'count', name: 'link.join-repeated', by: 1 } });
      return true;
    }
    const refusal = this.#judge(message, state.verified);
    if (refusal !== null) {
      this.#refuse(now, lane, refusal);
      return true;
    }
    this.#host.table.enter(lane, { ...state, isWaiting: true });
    const { transcript } = state.verified;
    this.#host.emit({ kind: 'join-requested', lane: lane.id, request: copyOf(message), transcript });
    return true;
  }

  /** The mesh's answer to a `join-requested`. A newcomer that has gone meanwhile asks again by itself. */
  answer(now: Micros, id: LaneId, result: Result<JoinGrant>): void {
    const lane = this.#host.table.get(id);
    if (lane === undefined || lane.state.kind !== 'join-serving' || !lane.state.isWaiting) {
      this.#host.emit({ kind: 'notice', notice: { kind: 'count', name: 'link.join-answer-too-late', by: 1 } });
      return;
    }
    if (!result.ok) {
      this.#refuse(now, lane, result.reject);
      return;
    }
    this.#host.table.enter(lane, { ...lane.state, isWaiting: false });
    // The newcomer closes the lane when it has read this.
    this.#say(lane, { kind: 'grant', ...result.value });
  }

  onLaneGone(lane: Lane): void {
    this.#lanes.delete(lane);
  }

  #judge(request: JoinRequest, verified: Verified): Reject | null {
    const { claims, transcript } = verified;
    const isOfLane =
      request.nodeId === claims.nodeId &&
      request.replica === claims.replica &&
      equalBytes(request.publicKey, claims.publicKey);
    if (!isOfLane) return reject('INVALID_ARGUMENT', 'nodeId', 'the request is not from the node on this lane');
    if (request.journalId.length !== JOURNAL_ID_BYTES) return reject('INVALID_ARGUMENT', 'journalId', 'it has 16 bytes');
    if (request.name.length === 0 || request.name.length > NAME_CHARS_MAX) {
      return reject('INVALID_ARGUMENT', 'name', 'it has 1 to 128 characters');
    }
    if (request.site.length > NAME_CHARS_MAX) return reject('INVALID_ARGUMENT', 'site', 'it has at most 128 characters');
    if (request.urls.some((url) => url.length > URL_CHARS_MAX)) return reject('INVALID_ARGUMENT', 'urls', 'one is too long');
    if (this.#offer === null) return NOT_READY;
    if (this.#offer.policy === 'closed') return CLOSED;
    if (this.#offer.policy === 'open') return null;
    const holds = this.#host.trust.joinProofHolds(this.#offer.verifier, { request, transcript });
    return holds ? null : reject('JOIN_KEY_WRONG', 'joinKey', 'it is not the key of this mesh; ask its operator');
  }

  #refuse(now: Micros, lane: Lane, refusal: Reject): void {
    this.#say(lane, {
      kind: 'refused',
      code: REJECT_CODES[refusal.code][0],
      subject: refusal.subject,
      detail: refusal.detail,
      retryAfterUs: refusal.retryAfterUs ?? 0,
    });
    this.#host.close(now, lane, 'done');
  }

  #say(lane: Lane, message: JoinMessage): void {
    this.#host.table.say(lane, MSG_TYPES.JOIN, JoinMessage.encode(message));
  }
}

/** The request is kept until a commit; its bytes are views of a message of the socket. */
function copyOf(request: JoinRequest): JoinRequest {
  const { nodeId, name, replica, urls, site } = request;
  return {
    nodeId, name, replica, urls, site,
    publicKey: request.publicKey.slice(),
    journalId: request.journalId.slice(),
    proof: request.proof.slice(),
  };
}

/** Policy → number on the wire. */
export const POLICY_NUMBERS = { open: 1, 'key-required': 2, closed: 3 } as const satisfies Record<JoinPolicy, number>;

const JOURNAL_ID_BYTES = 16;
const NAME_CHARS_MAX = 128;
const URL_CHARS_MAX = 1_024;
const CLOSED = reject('JOIN_CLOSED', 'join', 'the mesh takes no new members; its operator can change the policy');
const NOT_READY = reject('NO_QUORUM', 'join', 'the member does not know the policy of its mesh yet; try again', SECOND_US);
