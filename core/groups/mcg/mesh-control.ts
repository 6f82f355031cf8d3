/**
 * The mesh control group at this node: founding the mesh, admitting newcomers, and keeping the odd number of voters.
 * Replicating to all other members as learners is how every node comes to know what was decided.
 *
 * An admission is idempotent by (node, key, replica, journal id): a newcomer may ask any member, as often as it likes,
 * and gets the same certificate. Only the leader decides; other members forward and repeat until they have an answer.
 */
import { equalBytes } from '../../base/crypto.js';
import type { Deadline } from '../../base/deadlines.js';
import type { GroupId, MeshId, NodeId } from '../../base/ids.js';
import { type Reject, reject, REJECT_CODES } from '../../base/reject.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import { type Result, accept, refuse } from '../../base/result.js';
import { type LogIndex, type Micros, logIndex, memberIndex, micros } from '../../base/units.js';
import type { RestoredGroup } from '../../journal/api.js';
import { decodeChain, encodeChain, issueCertificate } from '../../security/certificate.js';
import { joinProofHolds } from '../../security/join-key.js';
import { type FoundMesh, type GroupControl, MeshEntry, type MemberRow, MeshSnapshot } from '../../wire/group-messages.js';
import { JoinRequest, type MembershipCertificate } from '../../wire/link-messages.js';
import type { GroupContext } from '../context.js';
import type { LeaderView } from '../leader-view.js';
import { type GroupMachine, ReplicatedGroup } from '../replicated-group.js';
import { Admissions } from './admissions.js';
import { MeshState } from './mesh-state.js';
import { UpdateLog } from '../updates/update-log.js';
import { nextConfigurationChange } from './voters.js';

export interface MeshControlOptions {
  readonly mesh: MeshId;
  readonly generation: number;
  readonly generationTag: number;
  /** Our own membership, leaf first: what we issue certificates under. */
  readonly chain: readonly MembershipCertificate[];
  readonly restored: RestoredGroup | null;
  /** The founder's first replica; null at everybody else, who learn the configuration from the leader. */
  readonly founder: ReplicaId | null;
  readonly isAlive: (node: NodeId) => boolean;
  readonly onDirty: () => void;
}

/** A newcomer whose admission this leader decides, for itself or for the member that forwarded it. */
interface Applicant {
  readonly from: NodeId;
  readonly nonce: number;
  readonly request: JoinRequest;
  readonly transcript: Uint8Array;
}

export class MeshControl implements GroupMachine {
  readonly state = new MeshState();
  readonly group: ReplicatedGroup;
  /** System updates: mesh updates and node updates. */
  readonly updates: UpdateLog;
  readonly #context: GroupContext;
  readonly #options: MeshControlOptions;
  readonly #reconcile: Deadline;
  readonly #remember: Deadline;
  readonly #admissions: Admissions;
  readonly #applicants: Applicant[] = [];
  #leader: LeaderView = { kind: 'none' };
  #applied: LogIndex = logIndex(0);
  #compacted: LogIndex = logIndex(0);
  #proposedAt: LogIndex = logIndex(0);
  /** The state has been changed for a while and no snapshot has it: a restart would not know it. */
  #mustRemember = false;

  constructor(now: Micros, context: GroupContext, options: MeshControlOptions) {
    this.#context = context;
    this.#options = options;
    this.#admissions = new Admissions(context, {
      isAdmitted: (request) => this.#isAdmitted(request),
      decideHere: ({ nonce, request, transcript }) => this.#enqueue({ from: context.node, nonce, request, transcript }),
      onNeedsTurn: options.onDirty,
    });
    this.#reconcile = context.deadlines.allocate(this, 'reconcile-voters');
    this.#remember = context.deadlines.allocate(this, 'remember-members');
    this.updates = new UpdateLog(context, {
      log: 'system',
      entity: options.mesh,
      state: this.state.updates,
      flowClass: CONTROL_FLOW_CLASS,
      members: () => [...this.state.members.keys()],
      applied: () => this.#applied,
      propose: (at, entry) => {
        const result = this.group.propose(at, MeshEntry.encode(entry));
        return result.ok ? result.value : null;
      },
      onDirty: options.onDirty,
    });
    const voters = options.founder === null ? [] : [options.founder];
    this.group = new ReplicatedGroup(now, context, {
      group: options.mesh as string as GroupId,
      generation: options.generation,
      flowClass: CONTROL_FLOW_CLASS,
      initialConfiguration: { voters, outgoing: null, learners: [] },
      machine: this,
      restored: options.restored,
      onDirty: options.onDirty,
    });
  }

  get applied(): LogIndex {
    return this.#applied;
  }

  get leader(): LeaderView {
    return this.#leader;
  }

  /** Founds the mesh: the first entry of its log. Only at the founder, once it leads itself. */
  found(now: Micros, entry: FoundMesh): Result<LogIndex> {
    return this.group.propose(now, MeshEntry.encode({ kind: 'found', ...entry }));
  }

  /** A newcomer asks through this member. Answered by an `admit-answered` fact with the nonce that is returned. */
  admit(now: Micros, request: JoinRequest, transcript: Uint8Array): number {
    return this.#admissions.admit(now, request, transcript);
  }

  /** AdmitForward and AdmitAnswer. */
  onControl(now: Micros, from: NodeId, message: GroupControl): void {
    if (message.kind === 'admitForward') this.#onForward(now, from, message);
    else if (message.kind === 'admitAnswer') this.#admissions.onAnswer(message);
  }

  // As state machine of the group ------------------------------------------------------------------------------------

  apply(now: Micros, index: LogIndex, data: Uint8Array | null): void {
    this.#applied = index;
    const entry = data === null ? null : MeshEntry.decode(data);
    if (data !== null && entry === null) {
      this.#context.emit({ kind: 'halt', code: 'entry-malformed', detail: `mesh control group, index ${index}` });
      return;
    }
    if (entry === null) return;
    if (entry.kind === 'updates') return this.updates.applyUpdates(entry);
    if (entry.kind === 'applied') return this.updates.applyMarks(entry);
    const outcome = this.state.apply(entry);
    if (outcome.kind === 'stale') {
      this.#mark('mesh.stale-entry');
      return;
    }
    this.#context.emit({ kind: 'members-changed' });
    this.updates.onMembers();
    this.#reconcile.armNoLater(now);
    if (!this.#remember.isArmed) this.#remember.arm(micros(now + REMEMBER_US));
    // Whoever waits for this entry is answered, and the next one is proposed.
    this.#options.onDirty();
  }

  restore(now: Micros, index: LogIndex, state: Uint8Array): boolean {
    const snapshot = state.length === 0 ? null : MeshSnapshot.decode(state);
    if (!this.state.restore(state) || (snapshot !== null && !this.updates.restore(snapshot.updates))) return false;
    this.#applied = index;
    this.#compacted = index;
    if (index > 0) {
      this.#context.emit({ kind: 'members-changed' });
      this.#reconcile.armNoLater(now);
    }
    return true;
  }

  digestState(): Uint8Array {
    return this.state.snapshot();
  }

  onLeader(now: Micros, leader: LeaderView): void {
    this.#leader = leader;
    this.#proposedAt = logIndex(0);
    this.#admissions.onLeader(now);
    this.updates.onLeader(now, leader);
    if (leader.kind === 'local') this.#reconcile.arm(now);
    else this.#reconcile.disarm();
    this.#options.onDirty();
  }

  beforeTake(now: Micros): void {
    this.#admissions.onTurn(now, this.#leader);
    this.updates.beforeTake(now);
    this.#decide(now);
  }

  afterTake(now: Micros): void {
    this.updates.afterTake(now);
    const count = this.#applied - this.#compacted;
    const isWorth = count >= this.#context.config.controlCompactEntriesMin || (this.#mustRemember && count > 0);
    if (!isWorth) return;
    this.#mustRemember = false;
    this.#compacted = this.#applied;
    this.group.compact(now, this.#applied, this.state.snapshot());
  }

  onPeerLost(_now: Micros, _node: NodeId): void {
    // Raft probes by itself; nothing else of this group travels flows.
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline === this.#reconcile) this.#reconcileVoters(now);
    else if (deadline === this.#remember) this.#mustRemember = true;
    this.#options.onDirty();
  }

  close(): void {
    this.#admissions.close();
    this.updates.close();
    this.#reconcile.disarm();
    this.#remember.disarm();
    this.group.close();
  }

  checkInvariants(): void {
    this.state.checkInvariants();
    this.updates.checkInvariants();
    this.group.checkInvariants();
  }

  // Admission at the leader ------------------------------------------------------------------------------------------

  #onForward(_now: Micros, from: NodeId, message: Extract<GroupControl, { kind: 'admitForward' }>): void {
    const request = JoinRequest.decode(message.request);
    if (request === null || this.#leader.kind !== 'local') return;
    this.#enqueue({ from, nonce: message.nonce, request, transcript: message.transcript });
    this.#options.onDirty();
  }

  #enqueue(applicant: Applicant): void {
    const { from, nonce, request } = applicant;
    const isWaiting = this.#applicants.some(
      (waiting) => waiting.from === from && waiting.nonce === nonce && waiting.request.nodeId === request.nodeId,
    );
    if (!isWaiting && this.#applicants.length < ADMISSION_QUEUE_MAX) this.#applicants.push(applicant);
  }

  /** Decides one newcomer at a time: an index is given out by the entry before it. */
  #decide(now: Micros): void {
    if (this.#leader.kind !== 'local') {
      this.#applicants.length = 0;
      return;
    }
    for (let i = 0; i < this.#applicants.length; ) {
      const { from, nonce, request, transcript } = this.#applicants[i] as Applicant;
      if (this.#isAdmitted(request)) {
        this.#answer(from, nonce, request.nodeId, null);
        this.#applicants.splice(i, 1);
        continue;
      }
      const why = this.#refusal(request, transcript);
      if (why !== null) {
        this.#answer(from, nonce, request.nodeId, why);
        this.#applicants.splice(i, 1);
        continue;
      }
      if (this.#proposedAt <= this.#applied) this.#propose(now, request);
      i++;
    }
  }

  #propose(now: Micros, request: JoinRequest): void {
    const { raft } = this.group;
    const index = logIndex(raft.lastIndex + 1);
    const member = this.#memberRow(request, index);
    const result = this.group.propose(now, MeshEntry.encode({ kind: 'admit', ...member }));
    if (result.ok) this.#proposedAt = result.value;
  }

  #memberRow(request: JoinRequest, at: LogIndex): MemberRow {
    const index = memberIndex(this.state.nextIndex);
    const certificate = issueCertificate(
      this.#context.crypto,
      { kind: 'member', nodeId: this.#context.node, privateSeed: this.#context.privateSeed },
      {
        meshId: this.#options.mesh,
        nodeId: request.nodeId,
        publicKey: request.publicKey,
        replica: request.replica,
        index,
        generation: this.#options.generation,
        generationTag: this.#options.generationTag,
        logIndex: at,
      },
    );
    return {
      node: request.nodeId,
      name: request.name,
      publicKey: request.publicKey,
      replica: request.replica,
      index,
      journalId: request.journalId,
      urls: request.urls,
      chain: encodeChain([certificate, ...this.#options.chain]),
    };
  }

  #refusal(request: JoinRequest, transcript: Uint8Array): Reject | null {
    const { founded } = this.state;
    if (founded === null) return reject('NO_QUORUM', this.#options.mesh, 'the mesh is still being founded; try again', SETTLE_US);
    const known = this.state.members.get(request.nodeId);
    if (known !== undefined && (!equalBytes(known.publicKey, request.publicKey) || known.replica >= request.replica)) {
      return reject('IDENTITY_IN_USE', request.nodeId, 'another node has this identity in the mesh; start with an empty data directory');
    }
    if (founded.joinPolicy === POLICY_CLOSED) return reject('JOIN_CLOSED', founded.name, 'the mesh takes no new members');
    const needsKey = founded.joinPolicy === POLICY_KEY_REQUIRED;
    if (needsKey && !joinProofHolds(this.#context.crypto, founded.joinVerifier, { request, transcript })) {
      return reject('JOIN_KEY_WRONG', 'joinKey', 'it is not the key of this mesh; ask its operator for the key');
    }
    return null;
  }

  #answer(to: NodeId, nonce: number, node: NodeId, why: Reject | null): void {
    if (to === this.#context.node) {
      this.#admissions.settle(nonce, why === null ? accept(null) : refuse(why));
      return;
    }
    this.#context.sendControl(to, {
      kind: 'admitAnswer',
      nonce,
      rejectCode: why === null ? 0 : REJECT_CODES[why.code][0],
      rejectSubject: why?.subject ?? '',
      rejectDetail: why?.detail ?? '',
      node,
    });
  }

  #isAdmitted(request: JoinRequest): boolean {
    const row = this.state.members.get(request.nodeId);
    return (
      row !== undefined &&
      row.replica === request.replica &&
      equalBytes(row.publicKey, request.publicKey) &&
      equalBytes(row.journalId, request.journalId)
    );
  }

  // Voters -----------------------------------------------------------------------------------------------------------

  #reconcileVoters(now: Micros): void {
    if (this.#leader.kind !== 'local') return;
    const { raft } = this.group;
    const members = [...this.state.members.values()].sort((a, b) => a.index - b.index);
    const change = nextConfigurationChange({
      members: members.map(({ node, replica }) => replicaId(node, replica)),
      configuration: raft.configuration,
      self: this.#context.replicaId,
      votersMax: this.#context.config.votersMax,
      isAlive: this.#options.isAlive,
      isCaughtUp: (replica) => (raft.matchOf(replica) ?? 0) + CAUGHT_UP_LAG >= raft.commitIndex,
    });
    if (change !== null) this.group.proposeConfiguration(now, change);
    this.#reconcile.arm(micros(now + (change === null ? RECONCILE_IDLE_US : RECONCILE_BUSY_US)));
  }

  #mark(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }
}

/** The certificate chain that a member row holds, leaf first. */
export function chainOf(row: MemberRow): readonly MembershipCertificate[] | null {
  return decodeChain(row.chain);
}

/** The flow of the mesh control group; see `FLOW_TRAFFIC_CLASSES` of the node. */
export const CONTROL_FLOW_CLASS = 0;
export const POLICY_OPEN = 1;
export const POLICY_KEY_REQUIRED = 2;
export const POLICY_CLOSED = 3;
const ADMISSION_QUEUE_MAX = 1024;
const CAUGHT_UP_LAG = 64;
const SETTLE_US = 500_000;
/** After a change the state is kept as a snapshot this much later: changes that come together share one. */
const REMEMBER_US = 1_000_000;
const RECONCILE_BUSY_US = 50_000;
const RECONCILE_IDLE_US = 2_000_000;
