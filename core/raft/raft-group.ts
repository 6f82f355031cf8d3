/**
 * One replica of one Raft group: takes messages, deadlines, proposals and the outcomes of writes, and gives its wishes
 * once per turn. The public face: it sorts what comes to the parts that decide. roles.ts knows who leads, leader.ts and
 * receiver.ts replicate, durability.ts holds back what the disk has not confirmed.
 *
 * Sources: Ongaro's thesis (chapters 3, 4, 6, 9, 10), etcd's raft. Differs: a leader sends data only once it is durable
 * with itself, unless the group says otherwise; appends travel ordered flows; a configuration takes effect at append.
 */
import { assert, unreachable } from '../base/assert.js';
import type { Deadline, DeadlineOwner } from '../base/deadlines.js';
import { reject } from '../base/reject.js';
import type { ReplicaId } from '../base/replica.js';
import { type Result, accept, refuse } from '../base/result.js';
import { type LogIndex, type Micros, type Term, term as asTerm } from '../base/units.js';
import type { RaftHeartbeat, RaftMessage } from '../wire/raft-messages.js';
import type { Configuration, ConfigurationChange, Founding, Generation, HardState } from './api.js';
import { NO_OUTPUT, type RaftEntry, type RaftOutput, type RaftRole, type SealReport } from './api.js';
import { isSound } from './message-check.js';
import { ReadRequests } from './read-requests.js';
import { Receiver } from './receiver.js';
import { relayedAppend } from './relay.js';
import type { RaftGroupOptions } from './replica-options.js';
import { ReplicaState } from './replica-state.js';
import { Roles } from './roles.js';
import { Succession } from './succession.js';

export class RaftGroup implements DeadlineOwner {
  readonly #state: ReplicaState;
  readonly #receiver: Receiver;
  readonly #roles: Roles;
  readonly #requests: ReadRequests;
  readonly #succession: Succession;

  constructor(now: Micros, options: RaftGroupOptions) {
    const wakes = { owner: this, deadlines: options.deadlines };
    this.#state = new ReplicaState(options);
    this.#receiver = new Receiver(this.#state);
    this.#roles = new Roles(now, this.#state, this.#receiver, wakes);
    this.#requests = new ReadRequests(this.#state, wakes);
    this.#succession = new Succession(this.#state, this.#roles);
  }

  /** A message of this group that `from` sent to this very replica. Total: a peer's nonsense is a counted drop. */
  onMessage(now: Micros, from: ReplicaId, message: RaftMessage): void {
    const state = this.#state;
    if (state.isHalted) return;
    if (from === state.self || !isSound(message)) return state.count('raft.malformed');
    if (message.generation !== state.generation) return this.#succession.onOtherGeneration(from, message.generation);
    if (state.isSealed) return state.count('raft.sealed-to');
    if (message.kind === 'relayed') {
      const relayed = relayedAppend(message);
      return relayed === null ? state.count('raft.malformed') : this.onMessage(now, relayed.leader, relayed.append);
    }
    const roles = this.#roles;
    if (message.kind === 'vote') roles.onVote(now, from, message);
    else if (message.kind === 'preVote') roles.onPreVote(now, from, message);
    else if (message.kind === 'wake') this.#onWake(now, from, message.term);
    else if (message.kind === 'preVoteAnswer' && message.isGranted) roles.onPreVoteGrant(now, from, message.term);
    else if (message.term < state.term) this.#receiver.answerOldTerm(from, message);
    else {
      if (message.term > state.term) roles.onNewerTerm(now, asTerm(message.term));
      this.#dispatch(now, from, message);
    }
    this.#settle(now);
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    if (this.#state.isHalted) return;
    this.#roles.onDeadline(now, deadline);
    this.#requests.onDeadline(now, deadline);
    this.#settle(now);
  }

  /**
   * Appends opaque data, to be replicated, within the bounds of the configuration. NOT_LEADER; OVERLOADED; FENCED:
   * `fence` is not the term; PAYLOAD_TOO_LARGE.
   */
  propose(now: Micros, data: Uint8Array, fence: Term | null = null): Result<LogIndex> {
    const { leadership } = this.#roles;
    return leadership === null || this.#state.isHalted ? refuse(NOT_LEADER) : leadership.propose(now, data, fence);
  }

  /**
   * One change, or several that are made as one: when they move more than one voter they go through a joint
   * configuration, which the leader of the time leaves by itself. A learner that is promoted has to be one already.
   * NOT_LEADER; CONFIG_PENDING: another change, or the term's first entry, is not committed, or a learner lags;
   * INVALID_ARGUMENT: a change does not apply; TOO_MANY.
   */
  proposeConfiguration(
    now: Micros,
    change: ConfigurationChange | readonly ConfigurationChange[],
  ): Result<LogIndex> {
    const { leadership } = this.#roles;
    if (leadership === null || this.#state.isHalted) return refuse(NOT_LEADER);
    const changes = 'kind' in change ? [change] : change;
    const result = leadership.proposeConfiguration(now, changes);
    this.#settle(now);
    return result;
  }

  /**
   * Ends that generation at this replica: from now on it sends and answers nothing of it, and as soon as that is
   * durable `sealReport` says what it holds. Repeats are idempotent. FENCED: a newer generation has begun here;
   * INVALID_ARGUMENT: this replica has not entered that generation yet; JOURNAL_FAILED: it has stopped.
   */
  seal(now: Micros, generation: number): Result<null> {
    const result = this.#succession.seal(now, generation);
    this.#settle(now);
    return result;
  }

  /** What a sealed replica holds; null while it is not sealed, or not durably. */
  get sealReport(): SealReport | null {
    return this.#succession.report;
  }

  /**
   * Begins `generation` with the configuration and base that an authority outside of the group has settled. To be
   * called at every member of the new generation with the same founding; repeats are idempotent. The survivors of whose
   * reports the base is the most up-to-date keep their logs; whoever else belongs to it enters as a new, empty replica
   * that learns. CONFIG_PENDING: to be sealed first, durably; FENCED: a newer generation has begun here;
   * INVALID_ARGUMENT: the log goes beyond the base, the configuration cannot be that of a founding, or the generation
   * was founded otherwise; JOURNAL_FAILED: the replica has stopped.
   */
  force(now: Micros, generation: number, founding: Founding): Result<null> {
    const result = this.#succession.force(now, generation, founding);
    this.#settle(now);
    return result;
  }

  /** Comes back as `reads` or `lostReads`. Any member may ask. NOT_LEADER: none is known; OVERLOADED. */
  readIndex(now: Micros, context: number): Result<null> {
    const { leader, isHalted } = this.#state;
    if (leader === null || isHalted) return refuse(NOT_LEADER);
    const { leadership } = this.#roles;
    if (leadership !== null) {
      return leadership.read({ kind: 'self', context }) ? accept(null) : refuse(TOO_MANY_READS);
    }
    if (this.#requests.isFull) return refuse(TOO_MANY_READS);
    this.#roles.repose.onWork(now);
    if (this.#state.leader === null) return refuse(NOT_LEADER);
    this.#requests.ask(now, leader, context);
    return accept(null);
  }

  /** NOT_LEADER; NODE_UNKNOWN (not a voter); CONFIG_PENDING (a transfer is under way). */
  transferLeadership(now: Micros, to: ReplicaId): Result<null> {
    const { leadership } = this.#roles;
    return leadership === null ? refuse(NOT_LEADER) : leadership.transfer(now, to);
  }

  /** Starts an election at once, beginning with pre-votes. Nothing for a leader and for who may not. */
  campaign(now: Micros): void {
    this.#roles.campaign(now);
    this.#settle(now);
  }

  /** The flow to `peer` was reset: what was on its way is gone, and if it led, it leads no more. */
  onPeerLost(now: Micros, peer: ReplicaId): void {
    this.#roles.leadership?.onPeerLost(now, peer);
    this.#roles.repose.onMemberLost(now, peer);
    this.#settle(now);
  }

  /** Somebody here has something to propose, or waits for the group: no rest until that is over. */
  setWork(now: Micros, hasWork: boolean): void {
    if (this.#state.isHalted || hasWork === this.#state.hasWork) return;
    this.#roles.repose.setWork(now, hasWork);
    this.#settle(now);
  }

  /** The host has come to believe that `member` runs again, or does not any more, as `isPresent` says. */
  onPresence(now: Micros, member: ReplicaId): void {
    if (this.#state.isHalted) return;
    const { repose } = this.#roles;
    if (this.#state.isPresent(member)) repose.onMemberBack(now, member);
    else repose.onMemberLost(now, member);
    this.#settle(now);
  }

  /** That write, and so every earlier one, is durable. */
  onPersisted(now: Micros, writeId: number): void {
    const state = this.#state;
    if (state.isHalted) return;
    const { released, snapshot } = state.durability.onPersisted(writeId);
    if (snapshot !== null) state.onSnapshotDurable(snapshot);
    state.tellRecovered();
    for (const envelope of released) state.outbox.send(envelope);
    state.isTouched = true;
    this.#roles.onPersisted(now);
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

  /** Makes `state`, the state machine after `throughIndex` (at most `applied`), the snapshot; that log goes. */
  compact(_now: Micros, throughIndex: LogIndex, state: Uint8Array): void {
    this.#state.compact(throughIndex, state);
  }

  /** Everything wished since the last call. Once per turn, while `isDirty`. */
  take(now: Micros): RaftOutput {
    const state = this.#state;
    state.isTouched = false;
    if (state.isHalted) return { ...NO_OUTPUT, events: state.outbox.takeEvents() };
    const write = state.durability.takeWrite();
    this.#roles.repose.review(now);
    const { leadership, repose } = this.#roles;
    if (leadership === null) this.#receiver.flush(state.leader);
    else if (!repose.isResting) leadership.flush(now);
    const installed = state.takeInstall();
    const apply = state.takeApply();
    const { reads, lostReads } = state.outbox.takeReads();
    const send = state.outbox.takeMessages();
    const fetch = state.takeFetch();
    const events = state.outbox.takeEvents();
    return { send, write, installed, apply, fetch, reads, lostReads, events };
  }

  /** Disarms everything: the group is being dropped. */
  close(): void {
    this.#roles.stop();
    this.#requests.stop();
  }

  checkInvariants(): void {
    this.#state.checkInvariants();
    this.#roles.checkInvariants();
    assert(this.#receiver.durableMatch <= this.durableIndex, 'what is vouched for is durable');
  }

  get isDirty(): boolean {
    return this.#state.isTouched;
  }

  /** No timer and no message until something comes. */
  get isResting(): boolean {
    return this.#roles.repose.isResting;
  }

  get role(): RaftRole {
    return this.#roles.role;
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

  get generation(): Generation {
    return this.#state.durability.generation;
  }

  get hardState(): HardState {
    return this.#state.durability.hardState;
  }

  get isHalted(): boolean {
    return this.#state.isHalted;
  }

  /** A leader that has not committed in its term yet neither answers reads nor changes the configuration. */
  get isLeaderReady(): boolean {
    return this.#roles.leadership?.hasCommittedInTerm ?? false;
  }

  /** The term of an entry that is held or is the snapshot's; null for others. */
  termAt(index: LogIndex): Term | null {
    return this.#state.log.termAt(index);
  }

  /** For a leader: what it knows of a peer's log; null when it knows nothing. */
  matchOf(peer: ReplicaId): LogIndex | null {
    return this.#roles.leadership?.matchOf(peer) ?? null;
  }

  #dispatch(now: Micros, from: ReplicaId, message: RaftMessage): void {
    const { leadership } = this.#roles;
    switch (message.kind) {
      case 'append':
        if (!this.#isFromLeader(now, from)) return;
        this.#roles.repose.end(now);
        return this.#receiver.onAppend(message);
      case 'heartbeat':
        return this.#isFromLeader(now, from) ? this.#onHeartbeat(now, from, message) : undefined;
      case 'snapshotChunk':
        if (!this.#isFromLeader(now, from)) return;
        this.#roles.repose.end(now);
        return this.#receiver.onSnapshotChunk(from, message);
      case 'appendAck':
        return leadership?.onAppendAck(now, from, message);
      case 'heartbeatAck':
        return leadership?.onHeartbeatAck(now, from, message);
      case 'snapshotAck':
        return leadership?.onSnapshotAck(now, from, message);
      case 'readIndex':
        return leadership?.onReadIndex(from, message);
      case 'readIndexAnswer':
        return this.#requests.onAnswer(message);
      case 'voteAnswer':
        return this.#roles.onVoteAnswer(now, from, 'candidate', message.isGranted);
      case 'preVoteAnswer':
        return this.#roles.onVoteAnswer(now, from, 'pre-candidate', false);
      case 'timeoutNow':
        return this.#roles.onTimeoutNow(now, from);
      case 'relayOrder':
        return this.#isFromLeader(now, from) ? this.#receiver.onRelayOrder(message) : undefined;
      case 'vote':
      case 'preVote':
      case 'wake':
      case 'relayed':
        return;
      default:
        return unreachable(message);
    }
  }

  #onHeartbeat(now: Micros, from: ReplicaId, message: RaftHeartbeat): void {
    this.#receiver.takeCommit(message);
    const isSettled = this.#receiver.isSettled && this.#requests.isIdle;
    this.#receiver.answerHeartbeat(from, message, this.#roles.repose.onOffer(now, message, isSettled));
  }

  #onWake(now: Micros, from: ReplicaId, ofTerm: number): void {
    if (ofTerm > this.#state.term) this.#roles.onNewerTerm(now, asTerm(ofTerm));
    this.#roles.repose.onAskedForLeader(now, from);
  }

  /** A message that only this term's leader sends; another sender is a fault of its own. */
  #isFromLeader(now: Micros, from: ReplicaId): boolean {
    const isLeader = this.#roles.onLeaderHeard(now, from);
    if (!isLeader) this.#state.count('raft.two-leaders');
    return isLeader;
  }

  /** Ends every input. */
  #settle(now: Micros): void {
    this.#roles.settle(now);
    this.#requests.settle();
    this.#succession.settle();
  }
}

const NOT_LEADER = reject('NOT_LEADER', 'group', 'this replica does not lead the group, or knows no leader');
const TOO_MANY_READS = reject('OVERLOADED', 'read', 'too many reads wait for a confirmation');
