/**
 * The mesh control group at this node: founding the mesh, admitting newcomers, letting members go, and keeping the odd
 * number of voters. Replicating to all other members as learners is how every node comes to know what was decided.
 *
 * Any member may be asked, as often as one likes: only the leader decides, the others forward and repeat until they
 * have an answer. An admission is idempotent by (node, key, replica, journal id), a departure by (node, replica).
 */
import type { Deadline } from '../../base/deadlines.js';
import type { GroupId, NodeId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { type Result, accept, refuse } from '../../base/result.js';
import { type LogIndex, type Micros, logIndex, micros } from '../../base/units.js';
import type { ConfirmedRead } from '../../raft/api.js';
import { decodeChain } from '../../security/certificate.js';
import { type DepartedRow, type FoundMesh, type GroupControl, MeshEntry, type MemberRow, MeshSnapshot } from '../../wire/group-messages.js';
import type { MeshWish } from '../../wire/wish-messages.js';
import { JoinRequest, type MembershipCertificate } from '../../wire/link-messages.js';
import type { GroupContext, UpdateReply } from '../context.js';
import { IndexReads } from '../index-reads.js';
import type { LeaderView } from '../leader-view.js';
import type { ToAuthority } from '../recovery/reseals.js';
import { SealDesk } from '../recovery/seal-desk.js';
import { notifyFounded } from '../recovery/successions.js';
import { type GroupMachine, ReplicatedGroup } from '../replicated-group.js';
import { DatabaseFounding } from './database-founding.js';
import { GenerationSeat, type MeshGeneration } from './generations/generation-seat.js';
import { AdmissionDesk, isAdmittedBy } from './admission-desk.js';
import { Admissions } from './admissions.js';
import type { MeshControlOptions } from './mesh-control-options.js';
import { MeshState, type MeshOutcome, type MeshSight } from './mesh-state.js';
import { SightWriter } from './sight-writer.js';
import type { GenerationFounding } from '../../wire/generation-messages.js';
import type { DatabaseGroupRow } from '../../wire/update-messages.js';
import type { ConfigSelector } from '../updates/config-store.js';
import { UpdateLog } from '../updates/update-log.js';
import { VoterOffice } from './voter-office.js';
import { WishDesk } from './wish-desk.js';
import { Wishes, noQuorum } from './wishes.js';

export class MeshControl implements GroupMachine {
  readonly state = new MeshState();
  readonly group: ReplicatedGroup;
  /** System updates: mesh updates and node updates. */
  readonly updates: UpdateLog;
  readonly #context: GroupContext;
  readonly #options: MeshControlOptions;
  readonly #remember: Deadline;
  readonly #admissions: Admissions;
  readonly #admissionDesk: AdmissionDesk;
  readonly #wishes: Wishes;
  readonly #wishDesk: WishDesk;
  readonly #sight: SightWriter;
  readonly #voters: VoterOffice;
  readonly #reads: IndexReads;
  readonly #sealDesk: SealDesk;
  #leader: LeaderView = { kind: 'none' };
  readonly #database: DatabaseFounding;
  readonly #seat: GenerationSeat;
  #applied: LogIndex = logIndex(0);
  #compacted: LogIndex = logIndex(0);
  /** The state has been changed for a while and no snapshot has it: a restart would not know it. */
  #mustRemember = false;

  constructor(now: Micros, context: GroupContext, options: MeshControlOptions) {
    this.#context = context;
    this.#options = options;
    const { chain, onDirty } = options;
    const closedBecause = (): Reject | null => this.#sight.refusal();
    const shared = { context, state: this.state, group: () => this.group, applied: () => this.#applied, closedBecause };
    this.#sight = new SightWriter({ ...shared, mesh: options.mesh, retryAfterUs: context.config.repeatUs });
    this.#admissions = new Admissions(context, {
      isAdmitted: (request) => isAdmittedBy(this.state, request),
      decideHere: ({ nonce, request, transcript }) =>
        this.#admissionDesk.enqueue({ from: context.node, nonce, request, transcript }),
      onNeedsTurn: onDirty,
    });
    this.#database = new DatabaseFounding(shared);
    this.#seat = new GenerationSeat(shared, options, options.founding);
    this.#admissionDesk = new AdmissionDesk({
      ...shared, chain,
      standing: () => this.#seat.standing,
      settleHere: (nonce, why) => this.#admissions.settle(nonce, why === null ? accept(null) : refuse(why)),
    });
    this.#wishes = new Wishes(context, {
      decideHere: (number, wish) => this.#wishDesk.enqueue(context.node, context.bootCounter, number, wish),
      onNeedsTurn: onDirty,
    });
    this.#wishDesk = new WishDesk({
      ...shared,
      canChangeVoters: (now) => this.#voters.canChange(now),
      answerHere: (number, result) => this.#wishes.settle(number, result),
    });
    this.#voters = new VoterOffice({ ...shared, ...options, departing: () => this.#wishDesk.departing, isHeld: () => this.#seat.isAwaited });
    this.#reads = new IndexReads(context, options.mesh, {
      raft: () => this.group.raft,
      applied: () => this.#applied,
      refusal: () => noQuorum(context),
      onNeedsTurn: onDirty,
    });
    this.#sealDesk = new SealDesk({
      ...shared,
      successions: this.state.successions,
      propose: (now, entry) => this.group.propose(now, entry),
      standing: this.state,
      publicKeyOf: (node) => (this.state.members.get(node) ?? this.state.departed.get(node))?.publicKey ?? null,
    });
    this.#remember = context.deadlines.allocate(this, 'remember-members');
    this.updates = new UpdateLog(context, {
      log: 'system',
      entity: options.mesh,
      state: this.state.updates,
      flowClass: CONTROL_FLOW_CLASS,
      members: () => [...this.state.members.keys()],
      applied: () => this.#applied,
      closedBecause,
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
      // The state of the mesh, and the replacement of its voters, must not wait until somebody wants something.
      isAlwaysLed: true,
      restored: options.restored,
      dataLeavesEarly: true,
      onDirty: options.onDirty,
    });
    this.#seat.open(now);
  }

  /** The generation before is sealed here, and all founders keep this one's founding. */
  enterGeneration(now: Micros, founding: GenerationFounding, standing: MeshGeneration): void {
    this.#seat.enter(now, founding, standing);
    this.#options.onDirty();
  }

  get applied(): LogIndex {
    return this.#applied;
  }

  get leader(): LeaderView {
    return this.#leader;
  }

  /** Whether this node has asked to leave, and waits for it. */
  get isLeaving(): boolean {
    return this.#wishes.isLeaving;
  }

  /** Founds the mesh: the first entry of its log. Only at the founder, once it leads itself. */
  found(now: Micros, entry: FoundMesh): Result<LogIndex> {
    return this.group.propose(now, MeshEntry.encode({ kind: 'found', ...entry }));
  }

  /** A newcomer asks through this member. Answered by an `admit-answered` fact with the nonce that is returned. */
  admit(now: Micros, request: JoinRequest, transcript: Uint8Array): number {
    return this.#admissions.admit(now, request, transcript);
  }

  /** An operator of this member asks. Answered by a `wish-answered` fact. */
  ask(now: Micros, request: number, wish: MeshWish): void {
    this.#wishes.ask(now, request, wish);
  }

  /**
   * Rows of `config_kv`; `isLocal`: as far as this node's log goes. Else they hold whatever was answered before this was
   * asked; NO_QUORUM when nobody can tell. Answered by a reply `configuration`.
   */
  readConfiguration(now: Micros, request: number, selector: ConfigSelector, isLocal: boolean): void {
    const answer = (result: Result<null>): void => {
      const { configuration, lastSeq: seq } = this.state.updates;
      const found = (): Result<UpdateReply> => accept({ kind: 'configuration', seq, rows: configuration.rows(selector) });
      this.#context.emit({ kind: 'reply', request, result: result.ok ? found() : result });
    };
    if (isLocal) answer(accept(null));
    else this.#reads.ask(now, request, answer);
  }

  /** The caller of a read is gone. */
  cancel(request: number): void {
    this.#reads.cancel(request);
  }

  /** This node, which leads, sees the mesh so: that is written into the log when it is news. */
  observe(sight: MeshSight): void {
    if (this.#sight.observe(sight)) this.#options.onDirty();
  }

  /** Of a group that lost its majority for good. Heard by the leader only: who asks or reports repeats it. */
  onLostMajority(from: NodeId, message: ToAuthority): void {
    if (this.#leader.kind !== 'local' || !this.state.members.has(from)) return;
    if (message.kind === 'sealWish') this.#sealDesk.onWish(from, message);
    else this.#sealDesk.onReport(from, message);
    this.#options.onDirty();
  }

  /** AdmitForward, AdmitAnswer, WishForward, WishRefused, SealWish, SealedReport. */
  onControl(_now: Micros, from: NodeId, message: GroupControl): void {
    const isLeader = this.#leader.kind === 'local';
    switch (message.kind) {
      case 'admitForward': {
        const request = JoinRequest.decode(message.request);
        const { nonce, transcript } = message;
        if (request !== null && isLeader) this.#admissionDesk.enqueue({ from, nonce, request, transcript });
        break;
      }
      case 'admitAnswer':
        this.#admissions.onAnswer(message);
        break;
      case 'wishForward':
        if (isLeader && this.state.members.has(from)) this.#wishDesk.onForward(from, message);
        break;
      case 'wishRefused':
        this.#wishes.onAnswer(message);
        break;
      case 'sealWish':
      case 'sealedReport':
        return this.onLostMajority(from, message);
      default:
        return;
    }
    this.#options.onDirty();
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
    if (entry.kind === 'database') return this.#onDatabaseFounded(now, entry);
    const outcome = this.state.apply(index, entry);
    if (entry.kind === 'succeed' && outcome.kind === 'succession') notifyFounded(this.#context, entry);
    if (outcome.kind === 'stale') this.#mark('mesh.stale-entry');
    else this.#onChanged(now, outcome);
    this.#options.onDirty();
  }

  restore(now: Micros, index: LogIndex, state: Uint8Array): boolean {
    const snapshot = state.length === 0 ? null : MeshSnapshot.decode(state);
    const before = new Map(this.state.members);
    if (!this.state.restore(state) || (snapshot !== null && !this.updates.restore(snapshot.updates))) return false;
    this.#applied = index;
    this.#compacted = index;
    if (this.state.database !== null) this.#options.onDatabaseGroup(now, this.state.database);
    if (index > 0) {
      for (const row of this.state.departed.values()) {
        if ((before.get(row.node)?.replica ?? Infinity) <= row.replica) this.#tellDeparted(row);
      }
      this.#context.emit({ kind: 'members-changed' });
      this.#voters.review(now);
      this.#seat.tell();
    }
    return true;
  }

  digestState(): Uint8Array {
    return this.state.snapshot();
  }

  onLeader(now: Micros, leader: LeaderView): void {
    this.#leader = leader;
    this.#database.reset();
    this.#seat.reset();
    this.#sight.reset();
    this.#admissionDesk.reset();
    this.#wishDesk.reset();
    this.#sealDesk.reset();
    this.#admissions.onLeader(now);
    this.updates.onLeader(now, leader);
    this.#wishes.onLeader(now);
    this.#context.emit({ kind: 'sight-changed' });
    this.#voters.onLeader(now, leader.kind === 'local');
    this.#options.onDirty();
  }

  onReads(reads: readonly ConfirmedRead[], lost: readonly number[]): void {
    this.#reads.onAnswers(reads, lost);
  }

  beforeTake(now: Micros): void {
    const isLeader = this.#leader.kind === 'local';
    if (isLeader && this.#seat.isAwaited) return this.#seat.propose(now);
    this.#admissions.onTurn(now, this.#leader);
    this.updates.beforeTake(now);
    this.#wishes.onTurn(now, this.#leader);
    this.#reads.beforeTake(now);
    if (!isLeader) return this.#admissionDesk.dismissAll();
    this.#database.propose(now);
    this.#sight.write(now);
    this.#admissionDesk.decide(now);
    this.#sealDesk.decide(now);
    const before = this.#wishDesk.departing.size;
    this.#wishDesk.decide(now);
    if (this.#wishDesk.departing.size > before) this.#voters.review(now);
  }

  afterTake(now: Micros): void {
    this.#reads.afterTake();
    this.updates.afterTake(now);
    const count = this.#applied - this.#compacted;
    const isWorth = count >= this.#context.config.controlCompactEntriesMin || (this.#mustRemember && count > 0);
    if (!isWorth) return;
    this.#mustRemember = false;
    this.#compacted = this.#applied;
    this.group.compact(now, this.#applied, this.state.snapshot());
  }

  #onDatabaseFounded(now: Micros, row: DatabaseGroupRow): void {
    if (!this.state.foundDatabase(row)) return;
    this.#options.onDatabaseGroup(now, row);
    if (!this.#remember.isArmed) this.#remember.arm(micros(now + REMEMBER_US));
  }

  /** Raft probes by itself; nothing else of this group travels flows. */
  onPeerLost(): void {}

  /** Its voters never rest, and what a learner wishes it repeats to their leader by itself. */
  hasWork(): boolean {
    return this.#admissions.isWaiting || this.updates.hasWork || this.#reads.isWaiting;
  }

  onDeadline(_now: Micros, deadline: Deadline): void {
    if (deadline === this.#remember) this.#mustRemember = true;
    this.#options.onDirty();
  }

  /** This node is no member any more, as its own log says at `departedAt`, or as others say (0). */
  close(departedAt: LogIndex): void {
    this.#admissions.close();
    this.updates.close();
    this.#wishes.close(departedAt);
    this.#reads.endAll(NO_MEMBER);
    this.#voters.close();
    this.#remember.disarm();
    this.group.close();
  }

  checkInvariants(): void {
    this.state.checkInvariants();
    this.updates.checkInvariants();
    this.group.checkInvariants();
  }

  #tellDeparted({ node, name, replica, isEvicted, isForced, logIndex: at }: DepartedRow): void {
    this.#context.emit({ kind: 'member-departed', node, name, replica, isEvicted, isForced, at });
  }

  #onChanged(now: Micros, outcome: MeshOutcome): void {
    if (outcome.kind === 'viewed') return this.#context.emit({ kind: 'sight-changed' });
    if (outcome.kind === 'departed') {
      const { isEvicted } = outcome.departed;
      this.#tellDeparted(outcome.departed);
      this.#mark(isEvicted ? 'mcg.node-evicted' : 'mcg.node-left');
    } else if (outcome.kind === 'generation') {
      for (const row of outcome.departed) this.#tellDeparted(row);
      this.#seat.tell();
      this.#mark('mcg.generation-founded');
    } else if (outcome.kind === 'admitted' && this.state.departed.has(outcome.member.node)) {
      this.#mark('mcg.node-returned');
    }
    this.#context.emit({ kind: 'members-changed' });
    this.updates.onMembers();
    this.#voters.review(now);
    if (!this.#remember.isArmed) this.#remember.arm(micros(now + REMEMBER_US));
  }

  #mark(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }
}

/** The certificate chain that a member row holds, leaf first. */
export const chainOf = (row: MemberRow): readonly MembershipCertificate[] | null => decodeChain(row.chain);

const NO_MEMBER = reject('NOT_IN_MESH', 'node', 'this node is out of the mesh; join it first');
/** The flow of the mesh control group; see `FLOW_TRAFFIC_CLASSES` of the node. */
export const CONTROL_FLOW_CLASS = 0;
/** After a change the state is kept as a snapshot this much later: changes that come together share one. */
const REMEMBER_US = 1_000_000;
