/**
 * The newcomer's side of a join: one dial, one lane, one answer. It proves the join key without sending it, and takes
 * a grant only when the certificate in it is its own and leads to the key of the mesh that the lane proved.
 *
 * Invariant: each attempt that is not cancelled ends in exactly one `join-answered`.
 */
import { EMPTY_BYTES } from '../base/bytes.js';
import { equalBytes } from '../base/crypto.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { MeshId } from '../base/ids.js';
import { reject, rejectCodeOf } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import { type Micros, type Ticket, micros } from '../base/units.js';
import { MSG_TYPES } from '../wire/header.js';
import { type JoinGrant, JoinMessage, type JoinRequest } from '../wire/link-messages.js';
import type { LinkFact } from './facts.js';
import type { Verified } from './handshake.js';
import type { LocalIdentity } from './identity.js';
import { POLICY_NUMBERS } from './join-server.js';
import type { Lane, LaneTable } from './lane.js';
import { type LaneCode, joinRejectOf } from './refusal.js';
import type { LinkTrust } from './trust.js';

/** What a join asks with. */
export interface JoinAttempt {
  readonly joinKey: string;
  /** Any other mesh is refused; null takes the one that answers. */
  readonly meshId: MeshId | null;
  readonly request: Pick<JoinRequest, 'name' | 'journalId' | 'urls' | 'site'>;
}

export interface JoinClientHost {
  readonly joinTimeoutUs: number;
  readonly identity: LocalIdentity;
  readonly deadlines: DeadlineHeap;
  readonly table: LaneTable;
  readonly trust: LinkTrust;
  readonly nextTicket: () => Ticket;
  readonly emit: (fact: LinkFact) => void;
  readonly close: (now: Micros, lane: Lane, code: LaneCode) => void;
}

interface Running extends JoinAttempt {
  readonly url: string;
  readonly ticket: Ticket;
  lane: Lane | null;
  verified: Verified | null;
}

export class JoinClient implements DeadlineOwner {
  readonly #host: JoinClientHost;
  readonly #deadline: Deadline;
  #running: Running | null = null;

  constructor(host: JoinClientHost) {
    this.#host = host;
    this.#deadline = host.deadlines.allocate(this, 'link.join');
  }

  /** Begins an attempt; one that runs is cancelled. */
  start(now: Micros, url: string, attempt: JoinAttempt): void {
    this.cancel(now);
    const ticket = this.#host.nextTicket();
    this.#running = { ...attempt, url, ticket, lane: null, verified: null };
    this.#deadline.arm(micros(now + this.#host.joinTimeoutUs));
    this.#host.emit({ kind: 'effect', effect: { kind: 'dial', ticket, url } });
  }

  /** Ends the attempt without an answer. */
  cancel(now: Micros): void {
    const lane = this.#end();
    if (lane !== null) this.#host.close(now, lane, 'done');
  }

  /** The attempt whose dial that is. */
  attemptOf(ticket: Ticket): (JoinAttempt & { readonly url: string }) | null {
    return this.#running?.ticket === ticket && this.#running.lane === null ? this.#running : null;
  }

  onLane(lane: Lane): void {
    if (this.#running !== null) this.#running.lane = lane;
  }

  onIdentified(lane: Lane, verified: Verified): void {
    if (this.#running?.lane === lane) this.#running.verified = verified;
  }

  onDialFailed(now: Micros, code: string): void {
    const url = this.#running?.url ?? '';
    this.#answer(now, refuse(reject('UNREACHABLE', url, `dialling failed (${code}); check the address or try another`)));
  }

  onLaneGone(now: Micros, lane: Lane, code: LaneCode): void {
    if (this.#running?.lane !== lane) return;
    this.#running.lane = null;
    this.#answer(now, refuse(joinRejectOf(code, this.#running.url)));
  }

  /** A message of the join. False when it has no place here. */
  onMessage(now: Micros, lane: Lane, payload: Uint8Array): boolean {
    const running = this.#running;
    if (running?.lane !== lane || running.verified === null) return false;
    // The grant outlives the socket's message.
    const message = JoinMessage.decode(payload.slice());
    switch (message?.kind) {
      case 'challenge':
        this.#onChallenge(now, lane, { ...message, running, verified: running.verified });
        return true;
      case 'grant':
        this.#answer(now, this.#check(message, running.url, running.verified));
        return true;
      case 'refused': {
        const code = rejectCodeOf(message.code) ?? 'UNREACHABLE';
        const retryAfterUs = message.retryAfterUs === 0 ? undefined : message.retryAfterUs;
        this.#answer(now, refuse(reject(code, message.subject, message.detail, retryAfterUs)));
        return true;
      }
      default:
        return false;
    }
  }

  onDeadline(now: Micros): void {
    const url = this.#running?.url ?? '';
    this.#answer(now, refuse(reject('TIMED_OUT', url, 'the member did not answer in time; try again or another member')));
  }

  #onChallenge(
    now: Micros,
    lane: Lane,
    challenge: { policy: number; salt: Uint8Array; running: Running; verified: Verified },
  ): void {
    const { running, verified, salt } = challenge;
    const { nodeId, publicKey, replica } = this.#host.identity;
    const bare: JoinRequest = { ...running.request, nodeId, publicKey, replica, proof: EMPTY_BYTES };
    let proof: Uint8Array = EMPTY_BYTES;
    if (challenge.policy === POLICY_NUMBERS['key-required']) {
      if (running.joinKey === '' || salt.length < SALT_BYTES_MIN || salt.length > SALT_BYTES_MAX) {
        this.#answer(now, refuse(reject('JOIN_KEY_WRONG', 'joinKey', 'the mesh asks for a join key; ask its operator')));
        return;
      }
      const secret = { joinKey: running.joinKey, salt };
      proof = this.#host.trust.proveJoin(secret, { request: bare, transcript: verified.transcript });
    }
    this.#host.table.say(lane, MSG_TYPES.JOIN, JoinMessage.encode({ kind: 'request', ...bare, proof }));
  }

  /** A grant counts when it makes us, and nobody else, a member of the mesh that this lane proved. */
  #check(grant: JoinGrant & { kind: 'grant' }, url: string, verified: Verified): Result<JoinGrant> {
    const { identity, trust } = this.#host;
    const { meshId, meshPublicKey } = verified.claims;
    const leaf = grant.chain[0];
    const isOurs =
      grant.meshId === meshId &&
      equalBytes(grant.meshPublicKey, meshPublicKey) &&
      leaf !== undefined &&
      leaf.nodeId === identity.nodeId &&
      leaf.replica === identity.replica &&
      leaf.generationTag === grant.generationTag &&
      equalBytes(leaf.publicKey, identity.publicKey) &&
      trust.chainHolds({ meshId, meshPublicKey }, grant.chain);
    if (!isOurs) return refuse(joinRejectOf('chain-invalid', url));
    const { kind: _kind, ...value } = grant;
    return accept(value);
  }

  #answer(now: Micros, result: Result<JoinGrant>): void {
    if (this.#running === null) return;
    const lane = this.#end();
    if (lane !== null) this.#host.close(now, lane, 'done');
    this.#host.emit({ kind: 'join-answered', result });
  }

  /** Forgets the attempt and gives back its lane, which is still open. */
  #end(): Lane | null {
    const lane = this.#running?.lane ?? null;
    this.#running = null;
    this.#deadline.disarm();
    return lane;
  }
}

const SALT_BYTES_MIN = 8;
const SALT_BYTES_MAX = 64;
