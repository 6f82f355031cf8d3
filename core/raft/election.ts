/**
 * Elections: who may be voted for, and how a candidacy stands. Pure but for the ballot box itself.
 *
 * A vote goes to one candidate per term, whose log is at least as up to date (thesis §3.6.1). A pre-vote asks the same
 * without promising anything (§9.6). A replica that heard a leader within the shortest election timeout is loyal: it
 * passes over both, unless the leader itself asked for the election (§4.2.3, §3.10).
 */
import type { ReplicaId } from '../base/replica.js';
import { logIndex, term as asTerm } from '../base/units.js';
import type { RaftPreVote, RaftVote } from '../wire/raft-messages.js';
import type { LogPlace } from './api.js';
import { type Tally, tally } from './configuration.js';
import { isBehind } from './log-entry.js';
import type { ReplicaState } from './replica-state.js';

/** One try to become leader: first of 'pre-candidate', then of 'candidate', each with its own ballot. */
export class Candidacy {
  readonly kind: 'pre-candidate' | 'candidate';
  readonly #votes = new Map<ReplicaId, boolean>();

  constructor(kind: 'pre-candidate' | 'candidate') {
    this.kind = kind;
  }

  hasAnswered(voter: ReplicaId): boolean {
    return this.#votes.has(voter);
  }

  /** Counts an answer; only the first one of each voter. */
  record(voter: ReplicaId, isGranted: boolean): void {
    if (!this.#votes.has(voter)) this.#votes.set(voter, isGranted);
  }

  standing(state: ReplicaState): Tally {
    return tally(state.configuration, this.#votes);
  }
}

/** Whether this replica would vote for a candidate with that log in that term, which is at least its own. */
export function wouldVote(state: ReplicaState, from: ReplicaId, asked: RaftVote | RaftPreVote): boolean {
  if (state.isRecovering || !isUpToDate(state, asked)) return false;
  if (asked.term > state.term) return true;
  return state.vote === from || (state.vote === null && state.leader === null);
}

/** Whether this replica may try to become leader. */
export function mayCampaign(state: ReplicaState): boolean {
  if (!state.isEligible || state.isRecovering || state.isHalted || state.isSealed) return false;
  if (isBelowBase(state, state.last)) return false;
  return !(state.durability.isSpaceShort && state.log.hasUnwritten);
}

function isUpToDate(state: ReplicaState, asked: RaftVote | RaftPreVote): boolean {
  const theirs = { index: logIndex(asked.lastIndex), term: asTerm(asked.lastTerm) };
  return !isBehind(theirs, state.last) && !isBelowBase(state, theirs);
}

/** Such a log may lack what was committed before this generation. */
function isBelowBase({ founding }: ReplicaState, last: LogPlace): boolean {
  return founding !== null && isBehind(last, founding.base);
}
