/**
 * From one generation of a group to the next. A group that has lost its majority cannot help itself: an authority
 * outside of it seals what is left, learns what the survivors hold, and founds the next generation with them.
 *
 * Invariants: after a seal nothing of that generation leaves this replica, so a report stays true for ever. Every log
 * that enters a generation ends at or before its base, and every leader's log reaches the base: so all that the
 * survivors knew as committed is in the log of each leader, and entries of the new generation have terms above the
 * base's, so that an index and a term name one entry across generations (rules 32, 33).
 *
 * Leaves out: who decides, and how survivors are asked (DESIGN §8); what a log beyond the base is worth to anybody.
 */
import { reject } from '../base/reject.js';
import type { ReplicaId } from '../base/replica.js';
import { type Result, accept, refuse } from '../base/result.js';
import type { Micros } from '../base/units.js';
import type { Founding, SealReport } from './api.js';
import { configurationToWire, isSoundConfiguration } from './configuration.js';
import { isBehind } from './log-entry.js';
import type { ReplicaState } from './replica-state.js';
import type { Roles } from './roles.js';

export class Succession {
  readonly #state: ReplicaState;
  readonly #roles: Roles;
  #isSealTold = false;
  /** The newest generation that a peer's message has named. */
  #newestHeard = 0;

  constructor(state: ReplicaState, roles: Roles) {
    this.#state = state;
    this.#roles = roles;
    this.settle();
  }

  /** See `RaftGroup.sealReport`. */
  get report(): SealReport | null {
    const { durability, log, configuration, last, commit, repair, isSealed } = this.#state;
    if (!isSealed || !durability.durableGeneration.isSealed || log.durableIndex < log.lastIndex) return null;
    const { damagedThrough } = repair;
    return { generation: durability.generation.number, configuration, last, commit, damagedThrough };
  }

  /** See `RaftGroup.seal`. */
  seal(now: Micros, generation: number): Result<null> {
    const state = this.#state;
    if (state.isHalted) return refuse(STOPPED);
    if (generation < state.generation) return refuse(SUPERSEDED);
    if (generation > state.generation) return refuse(NOT_ENTERED);
    if (state.isSealed) return accept(null);
    state.seal();
    this.#roles.onGeneration(now);
    return accept(null);
  }

  /** See `RaftGroup.force`. */
  force(now: Micros, generation: number, founding: Founding): Result<null> {
    const state = this.#state;
    if (state.isHalted) return refuse(STOPPED);
    if (generation < state.generation) return refuse(SUPERSEDED);
    if (generation === state.generation && state.founding !== null) {
      return isSameFounding(state.founding, founding) ? accept(null) : refuse(FOUNDED_OTHERWISE);
    }
    const isBlank = state.term === 0 && state.log.lastIndex === 0;
    if (this.report === null && !isBlank) return refuse(UNSEALED);
    const isFounding = founding.configuration.outgoing === null && isSoundConfiguration(configurationToWire(founding.configuration));
    if (!isFounding || (generation === state.generation && !isBlank)) return refuse(NO_FOUNDING);
    if (isBehind(founding.base, state.last) || state.commit > founding.base.index) return refuse(BEYOND_BASE);
    if (isBlank && founding.base.index > 0 && founding.configuration.voters.includes(state.self)) return refuse(NO_SURVIVOR);
    state.found(generation, founding);
    this.#isSealTold = false;
    this.#roles.onGeneration(now);
    return accept(null);
  }

  /** A message that is void here. */
  onOtherGeneration(from: ReplicaId, generation: number): void {
    this.#state.count('raft.other-generation');
    if (generation <= Math.max(this.#state.generation, this.#newestHeard)) return;
    this.#newestHeard = generation;
    this.#state.emit({ kind: 'newer-generation', generation, from });
  }

  /** Ends every input: tells that the seal is durable. */
  settle(): void {
    if (this.#isSealTold || !this.#state.isSealed) return;
    const { report } = this;
    if (report === null) return;
    this.#isSealTold = true;
    this.#state.emit({ kind: 'sealed', report });
  }
}

function isSameFounding(one: Founding, two: Founding): boolean {
  const isSame = (a: readonly ReplicaId[], b: readonly ReplicaId[]): boolean => a.length === b.length && a.every((id, n) => id === b[n]);
  const [first, second] = [one.configuration, two.configuration];
  if (!isSame(first.voters, second.voters) || !isSame(first.learners, second.learners)) return false;
  return second.outgoing === null && one.base.index === two.base.index && one.base.term === two.base.term;
}

const STOPPED = reject('JOURNAL_FAILED', 'group', 'this replica has stopped');
const SUPERSEDED = reject('FENCED', 'generation', 'a newer generation of the group has begun');
const NOT_ENTERED = reject('INVALID_ARGUMENT', 'generation', 'this replica takes no part in that generation');
const UNSEALED = reject('CONFIG_PENDING', 'generation', 'the generation before has to be sealed durably first');
const NO_FOUNDING = reject('INVALID_ARGUMENT', 'configuration', 'no generation can begin with it');
const FOUNDED_OTHERWISE = reject('INVALID_ARGUMENT', 'generation', 'it was founded with another configuration or base');
const BEYOND_BASE = reject('INVALID_ARGUMENT', 'base', 'the log is longer: only an empty replica can enter');
const NO_SURVIVOR = reject('INVALID_ARGUMENT', 'configuration', 'an empty replica enters as a learner');
