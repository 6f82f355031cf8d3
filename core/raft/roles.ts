/**
 * Which role the replica has in its term, and how it comes by it: timers, candidacies, votes, leadership. What a
 * leader and a follower do with the log is in leader.ts and receiver.ts.
 *
 * Invariants: at most one vote per term, durable before it is told; a term never falls; one leader per term.
 * Sources: the Raft thesis (§3.4, §3.6, §3.10, §4.2.3, §6.2, §9.6).
 */
import { assert } from '../base/assert.js';
import type { Deadline } from '../base/deadlines.js';
import { type ReplicaId, nodeOfReplica } from '../base/replica.js';
import { type Micros, type Term, term as asTerm } from '../base/units.js';
import type { RaftPreVote, RaftVote } from '../wire/raft-messages.js';
import type { Configuration, RaftRole } from './api.js';
import { otherVoters } from './configuration.js';
import { Candidacy, mayCampaign, wouldVote } from './election.js';
import { Leader } from './leader.js';
import { TERM_MAX } from './message-check.js';
import type { Receiver } from './receiver.js';
import type { ReplicaState } from './replica-state.js';
import { Repose } from './repose.js';
import { RoleClock, type Wakes } from './timers.js';

export class Roles {
  readonly #state: ReplicaState;
  readonly #receiver: Receiver;
  readonly #clock: RoleClock;
  /** Whether this replica rests, and what wakes it. */
  readonly repose: Repose;
  #leadership: Leader | null = null;
  #candidacy: Candidacy | null = null;
  #knownConfiguration: Configuration;
  #told: { readonly role: RaftRole; readonly term: Term; readonly leader: ReplicaId | null };

  constructor(now: Micros, state: ReplicaState, receiver: Receiver, wakes: Wakes) {
    this.#state = state;
    this.#receiver = receiver;
    this.#clock = new RoleClock(state, wakes);
    this.repose = new Repose(state, this.#clock, this);
    this.#knownConfiguration = state.configuration;
    this.#told = { role: this.role, term: state.term, leader: null };
    this.#clock.restart(now, false);
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
    this.#clock.stop();
  }

  /** One of the two deadlines of roles came; those of others are passed over. */
  onDeadline(now: Micros, deadline: Deadline): void {
    if (this.repose.isResting) return;
    if (this.#clock.isBeat(deadline)) this.#onBeat(now);
    else if (this.#clock.isTimeout(now, deadline)) this.#onTimeout(now);
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
    this.repose.end(now);
    this.#clock.restart(now, false);
    this.#candidacy.record(this.#state.self, true);
    const { generation, log } = this.#state;
    for (const voter of otherVoters(this.#state.configuration, this.#state.self)) {
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
    this.#clock.onLeaderHeard(now);
    return true;
  }

  onVote(now: Micros, from: ReplicaId, asked: RaftVote): void {
    const state = this.#state;
    const isLoyal = this.repose.isLoyal(now, from);
    this.repose.onStir(now, from);
    if (!asked.isTransfer && asked.term > state.term && isLoyal) return state.count('raft.vote-while-loyal');
    if (asked.term > state.term) this.#becomeFollower(now, asTerm(asked.term), null);
    const isGranted = asked.term === state.term && wouldVote(state, from, asked);
    if (isGranted) {
      state.durability.setHardState({ term: state.term, vote: from });
      this.repose.end(now);
      this.#clock.restart(now, false);
    }
    state.hold(from, { kind: 'voteAnswer', generation: state.generation, term: state.term, isGranted });
  }

  onPreVote(now: Micros, from: ReplicaId, asked: RaftPreVote): void {
    const state = this.#state;
    const isLoyal = this.repose.isLoyal(now, from);
    this.repose.onStir(now, from);
    if (asked.term > state.term && isLoyal) return state.count('raft.vote-while-loyal');
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
    this.repose.settle();
    if (state.configuration !== this.#knownConfiguration) {
      this.#knownConfiguration = state.configuration;
      const mustRestart = !this.#clock.isWaiting || !state.isEligible;
      if (mustRestart && !this.repose.isResting) this.#clock.restart(now, this.#leadership !== null);
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
    this.repose.checkInvariants();
  }

  #onBeat(now: Micros): void {
    if (this.#leadership === null) return;
    this.#leadership.heartbeat(now);
    this.#clock.armBeat(now);
  }

  /** The election timer is due: a leader counts whom it heard, anybody else runs. */
  #onTimeout(now: Micros): void {
    if (this.#leadership === null) {
      if (this.repose.onHopeless()) {
        this.#candidacy = null;
        return;
      }
      this.#clock.restart(now, false);
      if (!this.#state.isEligible) return this.repose.askForLeader();
      return this.campaign(now);
    }
    if (this.#leadership.checkQuorum(now)) return this.#clock.restart(now, true);
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
    this.#clock.stopBeat();
    this.repose.end(now);
    if (term > state.term) {
      this.repose.onTerm();
      state.durability.setHardState({ term, vote: null });
      this.#receiver.onTerm();
    }
    state.leader = leader;
    if (leader !== null) this.#clock.heardAt = now;
    this.#clock.restart(now, false);
  }

  #becomeCandidate(now: Micros, isTransfer: boolean): void {
    const state = this.#state;
    const { generation, log, self } = state;
    state.leader = null;
    this.repose.onTerm();
    this.repose.end(now);
    state.durability.setHardState({ term: asTerm(state.term + 1), vote: self });
    this.#receiver.onTerm();
    this.#candidacy = new Candidacy('candidate');
    this.#clock.restart(now, false);
    const asked = { term: state.term, lastIndex: log.lastIndex, lastTerm: log.lastTerm, isTransfer };
    for (const voter of otherVoters(state.configuration, self)) state.hold(voter, { kind: 'vote', generation, ...asked });
    state.mark('raft.election');
  }

  #becomeLeader(now: Micros): void {
    const state = this.#state;
    assert(state.durability.durableHardState.term === state.term, 'a leader has durably voted for itself');
    this.#candidacy = null;
    state.leader = state.self;
    this.#leadership = new Leader(now, state);
    this.#clock.armBeat(now);
    this.#clock.restart(now, true);
    const { group, generation, term, self } = state;
    state.emit({ kind: 'notice', notice: { kind: 'raft-leader', group, generation, term, node: nodeOfReplica(self) } });
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
}
