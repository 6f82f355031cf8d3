/**
 * Newcomers before the leader of the mesh control group: each is admitted, one at a time, or refused. An index is given
 * out by the entry before it, so the next admission waits until the last one is applied.
 */
import { EMPTY_BYTES } from '../../base/bytes.js';
import { equalBytes } from '../../base/crypto.js';
import type { NodeId } from '../../base/ids.js';
import { type Reject, reject, REJECT_CODES } from '../../base/reject.js';
import { type LogIndex, type Micros, logIndex, memberIndex } from '../../base/units.js';
import { encodeChain, issueCertificate } from '../../security/certificate.js';
import { joinProofHolds } from '../../security/join-key.js';
import { MeshEntry, type MemberRow } from '../../wire/group-messages.js';
import { CHAIN_CERTIFICATES_MAX, type JoinRequest, type MembershipCertificate } from '../../wire/link-messages.js';
import type { GroupContext } from '../context.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import type { MeshState } from './mesh-state.js';

/** A newcomer whose admission this leader decides, for itself or for the member that forwarded it. */
export interface Applicant {
  readonly from: NodeId;
  readonly nonce: number;
  readonly request: JoinRequest;
  readonly transcript: Uint8Array;
}

export interface AdmissionDeskOptions {
  readonly context: GroupContext;
  /** The generation of the mesh, as certificates name it. */
  readonly standing: () => { readonly generation: number; readonly generationTag: number };
  /** Our own membership, leaf first: what we issue certificates under where the log does not hold the mesh's key. */
  readonly chain: readonly MembershipCertificate[];
  readonly state: MeshState;
  readonly group: () => ReplicatedGroup;
  readonly applied: () => LogIndex;
  /** Why nobody at all can be admitted now; null when they can. */
  readonly closedBecause: () => Reject | null;
  /** The answer to an applicant of this very node. */
  readonly settleHere: (nonce: number, why: Reject | null) => void;
}

export class AdmissionDesk {
  readonly #options: AdmissionDeskOptions;
  readonly #applicants: Applicant[] = [];
  #proposedAt: LogIndex = logIndex(0);

  constructor(options: AdmissionDeskOptions) {
    this.#options = options;
  }

  enqueue(applicant: Applicant): void {
    const { from, nonce, request } = applicant;
    const isWaiting = this.#applicants.some(
      (waiting) => waiting.from === from && waiting.nonce === nonce && waiting.request.nodeId === request.nodeId,
    );
    if (!isWaiting && this.#applicants.length < ADMISSION_QUEUE_MAX) this.#applicants.push(applicant);
  }

  /** Another leadership: what was proposed may be gone. */
  reset(): void {
    this.#proposedAt = logIndex(0);
  }

  /** This node leads no more: whoever waits asks the next leader. */
  dismissAll(): void {
    this.#applicants.length = 0;
  }

  decide(now: Micros): void {
    for (let i = 0; i < this.#applicants.length; ) {
      const { from, nonce, request, transcript } = this.#applicants[i] as Applicant;
      const isAdmitted = isAdmittedBy(this.#options.state, request);
      const why = isAdmitted ? null : this.#refusal(request, transcript);
      if (isAdmitted || why !== null) {
        this.#answer(from, nonce, request.nodeId, why);
        this.#applicants.splice(i, 1);
        continue;
      }
      if (this.#proposedAt <= this.#options.applied()) this.#propose(now, request);
      i++;
    }
  }

  #propose(now: Micros, request: JoinRequest): void {
    const group = this.#options.group();
    const member = this.#memberRow(request, logIndex(group.raft.lastIndex + 1));
    const result = group.propose(now, MeshEntry.encode({ kind: 'admit', ...member }));
    if (result.ok) this.#proposedAt = result.value;
  }

  #memberRow(request: JoinRequest, at: LogIndex): MemberRow {
    const { context, state, standing, chain } = this.#options;
    const { generation, generationTag } = standing();
    const { nodeId: node, name, publicKey, replica, journalId, urls, site } = request;
    const index = memberIndex(state.nextIndex);
    // Signed by the mesh's key, so that no chain grows however often members come and go.
    const meshPrivateSeed = state.founded?.meshPrivateSeed ?? EMPTY_BYTES;
    const isSignedByMesh = meshPrivateSeed.length > 0;
    const certificate = issueCertificate(
      context.crypto,
      isSignedByMesh ? { kind: 'mesh-key', meshPrivateSeed } : { kind: 'member', nodeId: context.node, privateSeed: context.privateSeed },
      { meshId: context.meshId(), nodeId: node, publicKey, replica, index, generation, generationTag, logIndex: at },
    );
    return { node, name, publicKey, replica, index, journalId, urls, site, chain: encodeChain(isSignedByMesh ? [certificate] : [certificate, ...chain]) };
  }

  #refusal(request: JoinRequest, transcript: Uint8Array): Reject | null {
    const { state, context, closedBecause } = this.#options;
    const { founded } = state;
    if (founded === null) return reject('NO_QUORUM', context.meshId(), 'the mesh is still being founded; try again', SETTLE_US);
    const { nodeId, publicKey, replica } = request;
    const known = state.members.get(nodeId) ?? state.departed.get(nodeId);
    if (known !== undefined && (!equalBytes(known.publicKey, publicKey) || known.replica >= replica)) {
      const isOut = equalBytes(known.publicKey, publicKey) && !state.members.has(nodeId);
      return isOut
        ? reject('EVICTED', nodeId, `replica ${replica} is out of the mesh for ever; it comes back only as a later one`)
        : reject('IDENTITY_IN_USE', nodeId, 'another node has this identity in the mesh; start with an empty data directory');
    }
    if (founded.joinPolicy === POLICY_CLOSED) return reject('JOIN_CLOSED', founded.name, 'the mesh takes no new members');
    const needsKey = founded.joinPolicy === POLICY_KEY_REQUIRED;
    if (needsKey && !joinProofHolds(context.crypto, founded.joinVerifier, { request, transcript })) {
      return reject('JOIN_KEY_WRONG', 'joinKey', 'it is not the key of this mesh; ask its operator for the key');
    }
    if (founded.meshPrivateSeed.length === 0 && this.#options.chain.length >= CHAIN_CERTIFICATES_MAX) {
      return reject('JOIN_CLOSED', founded.name, 'the chain of certificates is at its end; let a member that joined earlier lead');
    }
    return closedBecause();
  }

  #answer(to: NodeId, nonce: number, node: NodeId, why: Reject | null): void {
    const { context, settleHere } = this.#options;
    if (to === context.node) return settleHere(nonce, why);
    context.sendControl(to, {
      kind: 'admitAnswer',
      nonce,
      rejectCode: why === null ? 0 : REJECT_CODES[why.code][0],
      rejectSubject: why?.subject ?? '',
      rejectDetail: why?.detail ?? '',
      node,
    });
  }
}

/** Whether the log has admitted this very newcomer. */
export function isAdmittedBy(state: MeshState, request: JoinRequest): boolean {
  const row = state.members.get(request.nodeId);
  return (
    row !== undefined &&
    row.replica === request.replica &&
    equalBytes(row.publicKey, request.publicKey) &&
    equalBytes(row.journalId, request.journalId)
  );
}

export const POLICY_OPEN = 1;
export const POLICY_KEY_REQUIRED = 2;
export const POLICY_CLOSED = 3;
const ADMISSION_QUEUE_MAX = 1024;
const SETTLE_US = 500_000;
