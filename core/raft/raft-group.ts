/**
 * One replica of one Raft group: takes messages, deadlines, proposals and the outcomes of writes, and gives its wishes
 * once per turn. It decides which role the replica has; what the roles do is in leader.ts, receiver.ts, election.ts.
 *
 * Invariants: at most one vote per term, durable before it is told; a term never falls; one leader per term.
 * Sources: Ongaro's thesis (chapters 3, 4, 6, 9), etcd's raft. Differs: a leader sends only entries that are durable
 * with itself; appends travel ordered flows; a configuration takes effect at append.
 */
import { assert, unreachable } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import { reject } from '../base/reject.js';
import { type ReplicaId, nodeOfReplica } from '../base/replica.js';
import { type Result, accept, refuse } from '../base/result.js';
import { type LogIndex, type Micros, type Term, micros, term as asTerm } from '../base/units.js';
import type { RaftAppend, RaftHeartbeat, RaftMessage, RaftPreVote, RaftSnapshotChunk, RaftVote } from '../wire/raft-messages.js';
import type { Configuration, ConfigurationChange, HardState, RaftEntry, RaftOutput, RaftRole } from './api.js';
import { votersOf } from './configuration.js';
import { Candidacy, mayCampaign, wouldVote } from './election.js';
import { Leader } from './leader.js';
import { TERM_MAX, isSound } from './message-check.js';
import { ReadRequests } from './read-index.js';
import { Receiver } from './receiver.js';
import { type ReplicaOptions, ReplicaState } from './replica-state.js';
import { ElectionTimer, nextBeat } from './timers.js';

/** What a group is made of. */
export interface RaftGroupOptions extends ReplicaOptions {
  /** Of this boot alone: two boots of a replica draw different numbers. */
  readonly rng: ReplicaOptions['rng'];
  readonly deadlines: DeadlineHeap;
}

/** A message that only the leader of its term sends. */
type LeaderMessage = { readonly kind: string } & (
  | ({ readonly kind: 'append' } & RaftAppend)
  | ({ readonly kind: 'heartbeat' } & RaftHeartbeat)
  | ({ readonly kind: 'snapshotChunk' } & RaftSnapshotChunk)
);

export class RaftGroup implements DeadlineOwner {
  readonly #state: ReplicaState;
  readonly #receiver: Receiver;
  readonly #requests = new ReadRequests();
  /** Names this boot's questions to leaders, so that an answer to an earlier boot is none. */
  readonly #session: number;
  readonly #timer: ElectionTimer;
  readonly #beat: Deadline;
  readonly #readRetry: Deadline;
  #leadership: Leader | null = null;
  #candidacy: Candidacy | null = null;
  /** When this term's leader was heard last. */
  #heardAt = Number.NEGATIVE_INFINITY;
  #timeoutUs = 0;
  #toldConfiguration: Configuration;
  #told: { readonly role: RaftRole; readonly term: Term; readonly leader: ReplicaId | null };

  constructor(now: Micros, options: RaftGroupOptions) {
    this.#state = new ReplicaState(options);
    this.#receiver = new Receiver(this.#state);
    const { deadlines, group, config } = options;
    this.#session = options.rng.next32();
    this.#timer = new ElectionTimer(deadlines.allocate(this, 'election', group), config.heartbeatIntervalUs);
    this.#beat = deadlines.allocate(this, 'heartbeat', group);
    this.#readRetry = deadlines.allocate(this, 'read-retry', group);
    this.#toldConfiguration = this.#state.configuration;
    this.#told = { role: this.role, term: this.term, leader: null };
    this.#restartTimer(now);
  }

  /** A message of this group that `from` sent to this very replica. Total: a peer's nonsense is a counted drop. */
  onMessage(now: Micros, from: ReplicaId, message: RaftMessage): void {
    const state = this.#state;
    if (state.isHalted) return;
    if (from === state.self || !isSound(message)) return state.count('raft.malformed');
    if (message.generation !== state.generation) return state.count('raft.other-generation');
    if (message.kind === 'vote') this.#onVote(now, from, message);
    else if (message.kind === 'preVote') this.#onPreVote(now, from, message);
    else if (message.kind === 'preVoteAnswer' && message.isGranted) this.#onPreVoteGrant(now, from, message.term);
    else if (message.term < state.term) this.#answerOldTerm(from, message);
    else {
      if (message.term > state.term) this.#becomeFollower(now, asTerm(message.term), null);
      this.#dispatch(now, from, message);
    }
    this.#settle(now);
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    if (this.#state.isHalted) return;
    if (deadline === this.#beat) this.#onBeat(now);
    else if (deadline === this.#readRetry) this.#onReadRetry(now);
    else if (this.#timer.owns(deadline) && this.#timer.isDue(now)) this.#onTimeout(now);
    this.#settle(now);
  }

  /** Appends opaque data, to be replicated. NOT_LEADER, OVERLOADED, FENCED (`fence` is not the term), PAYLOAD_TOO_LARGE. */
  propose(now: Micros, data: Uint8Array, fence: Term | null = null): Result<LogIndex> {
    if (this.#leadership === null || this.#state.isHalted) return refuse(NOT_LEADER);
    return this.#leadership.propose(now, data, fence);
  }

  /**
   * NOT_LEADER; CONFIG_PENDING: another change, or the term's first entry, is not committed, or a learner lags;
   * INVALID_ARGUMENT: the change does not apply; TOO_MANY.
   */
  proposeConfiguration(now: Micros, change: ConfigurationChange): Result<LogIndex> {
    if (this.#leadership === null || this.#state.isHalted) return refuse(NOT_LEADER);
    const result = this.#leadership.proposeConfiguration(now, change);
    this.#settle(now);
    return result;
  }

  /** Comes back as `reads` or `lostReads` with `context`. Any member may ask. NOT_LEADER when none is known; OVERLOADED. */
  readIndex(now: Micros, context: number): Result<null> {
    const state = this.#state;
    const { leader, config } = state;
    const isFull = this.#requests.size >= config.pendingReadsMax;
    if (this.#leadership !== null) {
      return this.#leadership.read({ kind: 'self', context }) ? accept(null) : refuse(TOO_MANY_READS);
    }
    if (leader === null || state.isHalted) return refuse(NOT_LEADER);
    if (isFull) return refuse(TOO_MANY_READS);
    this.#askLeader(leader, this.#requests.ask(now, context, leader));
    this.#readRetry.armNoLater(micros(now + config.heartbeatIntervalUs));
    return accept(null);
  }

  /** NOT_LEADER; NODE_UNKNOWN (not a voter); CONFIG_PENDING (a transfer is under way). */
  transferLeadership(now: Micros, to: ReplicaId): Result<null> {
    return this.#leadership === null ? refuse(NOT_LEADER) : this.#leadership.transfer(now, to);
  }

  /** Starts an election at once, beginning with pre-votes. Nothing for a leader and for who may not. */
  campaign(now: Micros): void {
    if (this.#leadership !== null || !mayCampaign(this.#state) || this.term >= TERM_MAX) return;
    this.#state.leader = null;
    this.#candidacy = new Candidacy('pre-candidate');
    this.#restartTimer(now);
    this.#candidacy.record(this.#state.self, true);
    const { generation, log } = this.#state;
    for (const voter of this.#otherVoters()) {
      const asked = { term: this.term + 1, lastIndex: log.lastIndex, lastTerm: log.lastTerm };
      this.#state.send(voter, { kind: 'preVote', generation, ...asked });
    }
    this.#count(now);
    this.#settle(now);
  }

  /** The flow to `peer` was reset: what was on its way is gone. */
  onPeerLost(now: Micros, peer: ReplicaId): void {
    this.#leadership?.onPeerLost(now, peer);
  }

  /** That write, and so every earlier one, is durable. */
  onPersisted(now: Micros, writeId: number): void {
    const state = this.#state;
    if (state.isHalted) return;
    const { released, snapshot } = state.durability.onPersisted(writeId);
    if (snapshot !== null) state.onSnapshotDurable(snapshot);
    state.release(released);
    state.isTouched = true;
    this.#leadership?.onDurable();
    const { term, vote } = state.durability.durableHardState;
    if (this.#candidacy?.kind === 'candidate' && term === state.term && vote === state.self) {
      this.#candidacy.record(state.self, true);
      this.#count(now);
    }
    this.#settle(now);
  }

  /** Nothing of that write nor of any later one was or will be written: space is short. Refuses work until told. */
  onWriteRefused(_now: Micros, writeId: number): void {
    this.#state.durability.onRefused(writeId);
    this.#state.mark('raft.write-refused');
  }

  onSpaceFreed(_now: Micros): void {
    this.#state.durability.onSpaceFreed();
    this.#state.isTouched = true;
  }

  /** The state machine holds everything up to `index`. */
  onApplied(_now: Micros, index: LogIndex): void {
    this.#state.onApplied(index);
  }

  /** The answer to `fetch`: a prefix of the range; null when the entries cannot be read. */
  onFetched(_now: Micros, entries: readonly RaftEntry[] | null): void {
    this.#state.onFetched(entries);
  }

  /** Makes `state`, the state machine after `throughIndex` (at most `applied`), the snapshot; the log up to there goes. */
  compact(_now: Micros, throughIndex: LogIndex, state: Uint8Array): void {
    this.#state.compact(throughIndex, state);
  }

  /** Everything wished since the last call. Once per turn, while `isDirty`. */
  take(now: Micros): RaftOutput {
    const state = this.#state;
    state.isTouched = false;
    if (state.isHalted) return { ...NOTHING, events: state.takeEvents() };
    const write = state.durability.takeWrite();
    if (this.#leadership === null) this.#receiver.flush(state.leader);
    else this.#leadership.flush(now);
    const installed = state.takeInstall();
    const apply = state.takeApply();
    const { reads, lostReads } = state.takeReads();
    const send = state.takeOutgoing();
    const fetch = state.takeFetch();
    const events = state.takeEvents();
    return { send, write, installed, apply, fetch, reads, lostReads, events };
  }

  /** Disarms everything: the group is being dropped. */
  close(): void {
    this.#timer.stop();
    this.#beat.disarm();
    this.#readRetry.disarm();
  }

  checkInvariants(): void {
    this.#state.checkInvariants();
    this.#leadership?.checkInvariants();
    assert(this.#leadership === null || this.#candidacy === null, 'a leader is no candidate');
    assert(this.#leadership === null || this.#state.leader === this.#state.self, 'a leader knows itself');
    assert(this.#receiver.durableMatch <= this.durableIndex, 'what is vouched for is durable');
  }

  get isDirty(): boolean {
    return this.#state.isTouched;
  }

  get role(): RaftRole {
    if (this.#leadership !== null) return 'leader';
    return this.#candidacy?.kind ?? (this.#state.isVoter ? 'follower' : 'learner');
  }

  get term(): Term {
    return this.#state.term;
  }

  /** The term's leader as far as this replica knows. */
  get leader(): ReplicaId | null {
    return this.#state.leader;
  }

  get commitIndex(): LogIndex {
    return this.#state.commit;
  }

  get appliedIndex(): LogIndex {
    return this.#state.applied;
  }

  /** The oldest index that is not compacted away. */
  get firstIndex(): LogIndex {
    return (this.#state.log.snapshotIndex + 1) as LogIndex;
  }

  get lastIndex(): LogIndex {
    return this.#state.log.lastIndex;
  }

  get durableIndex(): LogIndex {
    return this.#state.log.durableIndex;
  }

  get snapshotIndex(): LogIndex {
    return this.#state.log.snapshotIndex;
  }

  /** In force: the newest in the log, committed or not. */
  get configuration(): Configuration {
    return this.#state.configuration;
  }

  get hardState(): HardState {
    return this.#state.durability.hardState;
  }

  get isHalted(): boolean {
    return this.#state.isHalted;
  }

  /** A leader that has not committed in its term yet neither answers reads nor changes the configuration. */
  get isLeaderReady(): boolean {
    return this.#leadership?.hasCommittedInTerm ?? false;
  }

  /** The term of an entry that is held or is the snapshot's; null for others. */
  termAt(index: LogIndex): Term | null {
    return this.#state.log.termAt(index);
  }

  /** For a leader: what it knows of a peer's log; null when it knows nothing. */
  matchOf(peer: ReplicaId): LogIndex | null {
    return this.#leadership?.matchOf(peer) ?? null;
  }

  #dispatch(now: Micros, from: ReplicaId, message: RaftMessage): void {
    switch (message.kind) {
      case 'append':
      case 'heartbeat':
      case 'snapshotChunk':
        return this.#onLeaderMessage(now, from, message);
      case 'appendAck':
        return this.#leadership?.onAppendAck(now, from, message);
      case 'heartbeatAck':
        return this.#leadership?.onHeartbeatAck(now, from, message);
      case 'snapshotAck':
        return this.#leadership?.onSnapshotAck(now, from, message);
      case 'readIndex':
        return this.#leadership?.onReadIndex(from, message);
      case 'voteAnswer':
        return this.#onVoteAnswer(now, from, 'candidate', message.isGranted);
      case 'preVoteAnswer':
        return this.#onVoteAnswer(now, from, 'pre-candidate', false);
      case 'timeoutNow':
        return this.#onTimeoutNow(now, from);
      case 'readIndexAnswer':
        return this.#onReadAnswer(message);
      case 'vote':
      case 'preVote':
        return;
      default:
        return unreachable(message);
    }
  }

  #onLeaderMessage(now: Micros, from: ReplicaId, message: LeaderMessage): void {
    const state = this.#state;
    if (this.#leadership !== null || (state.leader !== null && state.leader !== from)) return state.count('raft.two-leaders');
    if (state.leader === null) this.#becomeFollower(now, state.term, from);
    this.#heardAt = now;
    if (this.#timer.isArmed) this.#timer.restart(now, this.#timeoutUs);
    if (message.kind === 'append') this.#receiver.onAppend(message);
    else if (message.kind === 'heartbeat') this.#receiver.onHeartbeat(from, message);
    else this.#receiver.onSnapshotChunk(from, message);
  }

  #onVote(now: Micros, from: ReplicaId, asked: RaftVote): void {
    const state = this.#state;
    if (!asked.isTransfer && asked.term > state.term && this.#isLoyal(now)) return state.count('raft.vote-while-loyal');
    if (asked.term > state.term) this.#becomeFollower(now, asTerm(asked.term), null);
    const isGranted = asked.term === state.term && wouldVote(state, from, asked);
    if (isGranted) {
      state.durability.setHardState({ term: state.term, vote: from });
      this.#restartTimer(now);
    }
    state.hold(from, { kind: 'voteAnswer', generation: state.generation, term: state.term, isGranted });
  }

  #onPreVote(now: Micros, from: ReplicaId, asked: RaftPreVote): void {
    const state = this.#state;
    if (asked.term > state.term && this.#isLoyal(now)) return state.count('raft.vote-while-loyal');
    const isGranted = asked.term >= state.term && wouldVote(state, from, asked);
    const term = isGranted ? asked.term : state.term;
    state.send(from, { kind: 'preVoteAnswer', generation: state.generation, term, isGranted });
  }

  #onPreVoteGrant(now: Micros, from: ReplicaId, askedTerm: number): void {
    if (askedTerm === this.term + 1) this.#onVoteAnswer(now, from, 'pre-candidate', true);
  }

  #onVoteAnswer(now: Micros, from: ReplicaId, of: Candidacy['kind'], isGranted: boolean): void {
    if (this.#candidacy?.kind !== of) return;
    this.#candidacy.record(from, isGranted);
    this.#count(now);
  }

  #onTimeoutNow(now: Micros, from: ReplicaId): void {
    if (this.#leadership !== null || this.#candidacy !== null || this.#state.leader !== from) return;
    if (mayCampaign(this.#state) && this.term < TERM_MAX) this.#becomeCandidate(now, true);
  }

  /** An old leader learns the newer term from the answer, and steps down (rule 7). */
  #answerOldTerm(to: ReplicaId, message: RaftMessage): void {
    if (message.kind !== 'append' && message.kind !== 'heartbeat' && message.kind !== 'snapshotChunk') return;
    const { generation, term, isRecovering } = this.#state;
    this.#state.hold(to, { kind: 'heartbeatAck', generation, term, round: 0, seq: 0, match: 0, isRecovering });
  }

  #onReadAnswer(answer: { readonly session: number; readonly serial: number; readonly index: number }): void {
    if (answer.session !== this.#session) return;
    const context = this.#requests.answer(answer.serial);
    if (context !== null) this.#state.answerRead(context, answer.index as LogIndex);
  }

  #onBeat(now: Micros): void {
    if (this.#leadership === null) return;
    this.#leadership.heartbeat(now);
    this.#beat.arm(nextBeat(now, this.#state.config.heartbeatIntervalUs));
  }

  #onReadRetry(now: Micros): void {
    const { config, leader } = this.#state;
    for (const context of this.#requests.giveUp(now - config.electionTimeoutMaxUs, leader)) this.#state.loseRead(context);
    if (leader === null || this.#requests.size === 0) return;
    for (const serial of this.#requests.outstanding()) this.#askLeader(leader, serial);
    this.#readRetry.arm(micros(now + config.heartbeatIntervalUs));
  }

  #askLeader(leader: ReplicaId, serial: number): void {
    const { generation, term } = this.#state;
    this.#state.send(leader, { kind: 'readIndex', generation, term, session: this.#session, serial });
  }

  /** The election timer is due: a leader counts whom it heard, anybody else runs. */
  #onTimeout(now: Micros): void {
    if (this.#leadership === null) {
      this.#restartTimer(now);
      return this.campaign(now);
    }
    if (this.#leadership.checkQuorum(now)) return this.#restartTimer(now);
    this.#state.mark('raft.quorum-lost');
    this.#becomeFollower(now, this.term, null);
  }

  #count(now: Micros): void {
    const candidacy = this.#candidacy;
    if (candidacy === null) return;
    const standing = candidacy.standing(this.#state);
    if (standing === 'lost') this.#becomeFollower(now, this.term, null);
    else if (standing === 'won' && candidacy.kind === 'pre-candidate') this.#becomeCandidate(now, false);
    else if (standing === 'won') this.#becomeLeader(now);
  }

  #becomeFollower(now: Micros, term: Term, leader: ReplicaId | null): void {
    const state = this.#state;
    this.#leadership?.abandon();
    this.#leadership = null;
    this.#candidacy = null;
    this.#beat.disarm();
    if (term > state.term) {
      state.durability.setHardState({ term, vote: null });
      this.#receiver.onTerm();
    }
    state.leader = leader;
    if (leader !== null) this.#heardAt = now;
    this.#restartTimer(now);
  }

  #becomeCandidate(now: Micros, isTransfer: boolean): void {
    const state = this.#state;
    const { generation, log, self } = state;
    state.leader = null;
    state.durability.setHardState({ term: asTerm(state.term + 1), vote: self });
    this.#receiver.onTerm();
    this.#candidacy = new Candidacy('candidate');
    this.#restartTimer(now);
    const asked = { term: state.term, lastIndex: log.lastIndex, lastTerm: log.lastTerm, isTransfer };
    for (const voter of this.#otherVoters()) state.hold(voter, { kind: 'vote', generation, ...asked });
    state.mark('raft.election');
  }

  #becomeLeader(now: Micros): void {
    const state = this.#state;
    assert(state.durability.durableHardState.term === state.term, 'a leader has durably voted for itself');
    this.#candidacy = null;
    state.leader = state.self;
    this.#leadership = new Leader(now, state);
    this.#beat.arm(nextBeat(now, state.config.heartbeatIntervalUs));
    this.#restartTimer(now);
    state.emit({ kind: 'notice', notice: { kind: 'raft-leader', group: state.group, term: state.term, node: nodeOfReplica(state.self) } });
  }

  /** Ends every input: what the change of log, commit or configuration means for the role, and tells the host. */
  #settle(now: Micros): void {
    const state = this.#state;
    if (this.#leadership?.isRemoved === true) this.#leaveOffice(now, this.#leadership);
    if (state.configuration !== this.#toldConfiguration) {
      this.#toldConfiguration = state.configuration;
      if (!this.#timer.isArmed || !state.isEligible) this.#restartTimer(now);
    }
    const { role, term, leader } = this;
    if (term === this.#told.term && leader === this.#told.leader && role === this.#told.role) return;
    if (leader !== this.#told.leader) {
      for (const context of this.#requests.giveUp(Number.NEGATIVE_INFINITY, leader)) state.loseRead(context);
    }
    this.#told = { role, term, leader };
    state.emit({ kind: 'role', role, term, leader });
  }

  /** The removal of this leader is committed: the voter with the longest log is asked to take over at once. */
  #leaveOffice(now: Micros, leadership: Leader): void {
    const state = this.#state;
    const successor = leadership.bestSuccessor();
    if (successor !== null) state.send(successor, { kind: 'timeoutNow', generation: state.generation, term: state.term });
    this.#becomeFollower(now, state.term, null);
  }

  /** Loyal to a leader that was heard lately; a leader is loyal to itself as long as it leads. */
  #isLoyal(now: Micros): boolean {
    if (this.#leadership !== null) return true;
    return this.#state.leader !== null && now - this.#heardAt < this.#state.config.electionTimeoutMinUs;
  }

  /** Begins a new wait: a leader's for check-quorum, an eligible replica's for its election, nobody else's. */
  #restartTimer(now: Micros): void {
    const { config, rng, isEligible } = this.#state;
    const { electionTimeoutMinUs, electionTimeoutMaxUs } = config;
    if (this.#leadership !== null) return this.#timer.restart(now, electionTimeoutMinUs);
    if (!isEligible) return this.#timer.stop();
    this.#timeoutUs = rng.between(electionTimeoutMinUs, electionTimeoutMaxUs);
    this.#timer.restart(now, this.#timeoutUs);
  }

  #otherVoters(): ReplicaId[] {
    return votersOf(this.#state.configuration).filter((voter) => voter !== this.#state.self);
  }
}

const NOT_LEADER = reject('NOT_LEADER', 'group', 'this replica does not lead the group, or knows no leader');
const TOO_MANY_READS = reject('OVERLOADED', 'read', 'too many reads wait for a confirmation');
const NOTHING: RaftOutput = {
  send: [],
  write: null,
  installed: null,
  apply: [],
  fetch: null,
  reads: [],
  lostReads: [],
  events: [],
};
