/**
 * Which role the replica has in its term, and how it comes by it: timers, candidacies, votes, leadership. What a
 * leader and a follower do with the log is in leader.ts and receiver.ts.
 *
 * Invariants: at most one vote per term, durable before it is told; a term never falls; one leader per term.
 * Sources: the Raft thesis (§3.4, §3.6, §3.10, §4.2.3, §6.2, §9.6).
 */
import { assert } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import { type ReplicaId, nodeOfReplica } from '../base/replica.js';
import { type Micros, type Term, term as asTerm } from '../base/units.js';
import type { RaftPreVote, RaftVote } from '../wire/raft-messages.js';
import type { Configuration, RaftRole } from './api.js';
import { votersOf } from './configuration.js';
import { Candidacy, mayCampaign, wouldVote } from './election.js';
import { Leader } from './leader.js';
import { TERM_MAX } from './message-check.js';
import type { Receiver } from './receiver.js';
import type { ReplicaState } from './replica-state.js';
import { ElectionTimer, nextBeat } from './timers.js';

/** Whose deadlines they are, and on which heap they hang. */
export interface Wakes {
  readonly owner: DeadlineOwner;
  readonly deadlines: DeadlineHeap;
}

export class Roles {
  readonly #state: ReplicaState;
  readonly #receiver: Receiver;
  readonly #timer: ElectionTimer;
  readonly #beat: Deadline;
  #leadership: Leader | null = null;
  #candidacy: Candidacy | null = null;
  /** When this term's leader was heard last. */
  #heardAt = Number.NEGATIVE_INFINITY;
  #timeoutUs = 0;
  #knownConfiguration: Configuration;
  #told: { readonly role: RaftRole; readonly term: Term; readonly leader: ReplicaId | null };

  constructor(now: Micros, state: ReplicaState, receiver: Receiver, wakes: Wakes) {
    this.#state = state;
    this.#receiver = receiver;
    const { owner, deadlines } = wakes;
    const election = deadlines.allocate(owner, 'election', state.group);
    this.#timer = new ElectionTimer(election, state.config.heartbeatIntervalUs);
    this.#beat = deadlines.allocate(owner, 'heartbeat', state.group);
    this.#knownConfiguration = state.configuration;
    this.#told = { role: this.role, term: state.term, leader: null };
    this.#restartTimer(now);
  }

  get role(): RaftRole {
    if (this.#leadership !== null) return 'leader';
    return this.#candidacy?.kind ?? (this.#state.isVoter ? 'follower' : 'learner');
  }

  /** Null for everybody but a leader. */
  get leadership(): Leader | null {
    return this.#leadership;
  }

  stop(): void {
    this.#timer.stop();
    this.#beat.disarm();
  }

  /** One of the two deadlines of roles came; those of others are passed over. */
  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline === this.#beat) this.#onBeat(now);
    else if (this.#timer.owns(deadline) && this.#timer.isDue(now)) this.#onTimeout(now);
  }

  /** The generation is sealed, or another one begins: whatever was, is over. */
  onGeneration(now: Micros): void {
    this.#receiver.onTerm();
    this.#becomeFollower(now, this.#state.term, null);
  }

  /** Starts an election at once, beginning with pre-votes. Nothing for a leader and for who may not. */
  campaign(now: Micros): void {
    if (this.#leadership !== null || !mayCampaign(this.#state) || this.#state.term >= TERM_MAX) return;
    this.#state.leader = null;
    this.#candidacy = new Candidacy('pre-candidate');
    this.#restartTimer(now);
    this.#candidacy.record(this.#state.self, true);
    const { generation, log } = this.#state;
    for (const voter of this.#otherVoters()) {
      const asked = { term: this.#state.term + 1, lastIndex: log.lastIndex, lastTerm: log.lastTerm };
      this.#state.send(voter, { kind: 'preVote', generation, ...asked });
    }
    this.#count(now);
  }

  /** A message of a newer term than this replica's has come. */
  onNewerTerm(now: Micros, term: Term): void {
    this.#becomeFollower(now, term, null);
  }

  /** A message that only this term's leader sends; false when `from` cannot be that. */
  onLeaderHeard(now: Micros, from: ReplicaId): boolean {
    const { leader, term } = this.#state;
    if (this.#leadership !== null || (leader !== null && leader !== from)) return false;
    if (leader === null) this.#becomeFollower(now, term, from);
    this.#heardAt = now;
    if (this.#timer.isArmed) this.#timer.restart(now, this.#timeoutUs);
    return true;
  }

  onVote(now: Micros, from: ReplicaId, asked: RaftVote): void {
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

  onPreVote(now: Micros, from: ReplicaId, asked: RaftPreVote): void {
    const state = this.#state;
    if (asked.term > state.term && this.#isLoyal(now)) return state.count('raft.vote-while-loyal');
    const isGranted = asked.term >= state.term && wouldVote(state, from, asked);
    const term = isGranted ? asked.term : state.term;
    state.send(from, { kind: 'preVoteAnswer', generation: state.generation, term, isGranted });
  }

  onPreVoteGrant(now: Micros, from: ReplicaId, askedTerm: number): void {
    if (askedTerm === this.#state.term + 1) this.onVoteAnswer(now, from, 'pre-candidate', true);
  }

  onVoteAnswer(now: Micros, from: ReplicaId, of: Candidacy['kind'], isGranted: boolean): void {
    if (this.#candidacy?.kind !== of) return;
    this.#candidacy.record(from, isGranted);
    this.#count(now);
  }

  onTimeoutNow(now: Micros, from: ReplicaId): void {
    if (this.#leadership !== null || this.#candidacy !== null || this.#state.leader !== from) return;
    if (mayCampaign(this.#state) && this.#state.term < TERM_MAX) this.#becomeCandidate(now, true);
  }

  /** A write is durable: the own vote counts only now. */
  onPersisted(now: Micros): void {
    const state = this.#state;
    this.#leadership?.onDurable();
    const { term, vote } = state.durability.durableHardState;
    if (this.#candidacy?.kind !== 'candidate' || term !== state.term || vote !== state.self) return;
    this.#candidacy.record(state.self, true);
    this.#count(now);
  }

  /** Ends every input: what the change of log, commit or configuration means for the role, and tells the host. */
  settle(now: Micros): void {
    const state = this.#state;
    this.#leadership?.finishJoint(now);
    if (this.#leadership?.isRemoved === true) this.#leaveOffice(now, this.#leadership);
    if (state.configuration !== this.#knownConfiguration) {
      this.#knownConfiguration = state.configuration;
      if (!this.#timer.isArmed || !state.isEligible) this.#restartTimer(now);
    }
    const { role } = this;
    const { term, leader } = state;
    if (term === this.#told.term && leader === this.#told.leader && role === this.#told.role) return;
    this.#told = { role, term, leader };
    state.emit({ kind: 'role', role, term, leader });
  }

  checkInvariants(): void {
    this.#leadership?.checkInvariants();
    assert(this.#leadership === null || this.#candidacy === null, 'a leader is no candidate');
    assert(this.#leadership === null || this.#state.leader === this.#state.self, 'a leader knows itself');
  }

  #onBeat(now: Micros): void {
    if (this.#leadership === null) return;
    this.#leadership.heartbeat(now);
    this.#beat.arm(nextBeat(now, this.#state.config.heartbeatIntervalUs));
  }

  /** The election timer is due: a leader counts whom it heard, anybody else runs. */
  #onTimeout(now: Micros): void {
    if (this.#leadership === null) {
      this.#restartTimer(now);
      return this.campaign(now);
    }
    if (this.#leadership.checkQuorum(now)) return this.#restartTimer(now);
    this.#state.mark('raft.quorum-lost');
    this.#becomeFollower(now, this.#state.term, null);
  }

  #count(now: Micros): void {
    const candidacy = this.#candidacy;
    if (candidacy === null) return;
    const standing = candidacy.standing(this.#state);
    if (standing === 'lost') this.#becomeFollower(now, this.#state.term, null);
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
    const { group, term, self } = state;
    state.emit({ kind: 'notice', notice: { kind: 'raft-leader', group, term, node: nodeOfReplica(self) } });
  }

  /** The removal of this leader is committed: the voter with the longest log is asked to take over at once. */
  #leaveOffice(now: Micros, leadership: Leader): void {
    const state = this.#state;
    const successor = leadership.bestSuccessor();
    const { generation, term } = state;
    if (successor !== null) state.send(successor, { kind: 'timeoutNow', generation, term });
    state.mark('raft.leader-removed-itself');
    this.#becomeFollower(now, state.term, null);
  }

  /** Loyal to a leader that was heard lately; a leader is loyal to itself as long as it leads. */
  #isLoyal(now: Micros): boolean {
    if (this.#leadership !== null) return true;
    return this.#state.leader !== null && now - this.#heardAt < this.#state.config.electionTimeoutMinUs;
  }

  /** Begins a new wait: a leader's for check-quorum, an eligible replica's for its election, nobody else's. */
  #restartTimer(now: Micros): void {
    const { config, rng, isEligible, isSealed } = this.#state;
    const { electionTimeoutMinUs, electionTimeoutMaxUs } = config;
    if (this.#leadership !== null) return this.#timer.restart(now, electionTimeoutMinUs);
    if (!isEligible || isSealed) return this.#timer.stop();
    this.#timeoutUs = rng.between(electionTimeoutMinUs, electionTimeoutMaxUs);
    this.#timer.restart(now, this.#timeoutUs);
  }

  #otherVoters(): ReplicaId[] {
    return votersOf(this.#state.configuration).filter((voter) => voter !== this.#state.self);
  }
}
