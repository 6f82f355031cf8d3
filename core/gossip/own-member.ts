/**
 * This node as a member: its incarnation, which only it can raise, and whether it takes part.
 *
 * Invariant: the incarnation only grows within a boot, and grows above whatever is claimed of this node, so an
 * accusation of an earlier boot is refuted although no incarnation is kept on disk.
 * Source: SWIM §4.2; memberlist (leave, refute).
 */
import { assert } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';
import { CLAIM_STATES, type SwimClaim } from '../wire/swim-messages.js';

/** `refuted`: a new incarnation answers the claim; `rumour`: it was refuted before and still goes round. */
export type OwnVerdict = 'refuted' | 'rumour' | 'harmless';

export class OwnMember {
  readonly node: NodeId;
  #incarnation = 1;
  #phase: 'stopped' | 'started' | 'leaving' = 'stopped';
  #hasLeft = false;

  constructor(node: NodeId) {
    this.node = node;
  }

  get incarnation(): number {
    return this.#incarnation;
  }

  /** `leaving` answers, and accuses nobody. */
  get phase(): 'stopped' | 'started' | 'leaving' {
    return this.#phase;
  }

  /** Starting again after leaving takes an incarnation above the one that left. */
  start(): void {
    if (this.#hasLeft) this.#incarnation++;
    this.#hasLeft = false;
    this.#phase = 'started';
  }

  leave(): void {
    assert(this.#phase === 'started', 'only who takes part leaves');
    this.#hasLeft = true;
    this.#phase = 'leaving';
  }

  stop(): void {
    this.#phase = 'stopped';
  }

  /** What a claim about this node calls for. A forged newer "alive" is refuted as well. */
  judge({ state, incarnation }: SwimClaim): OwnVerdict {
    if (this.#phase !== 'started') return 'harmless';
    const isAlive = state === CLAIM_STATES.ALIVE || state === CLAIM_STATES.JOIN;
    if (isAlive ? incarnation > this.#incarnation : incarnation >= this.#incarnation) {
      this.#incarnation = incarnation + 1;
      return 'refuted';
    }
    return isAlive ? 'harmless' : 'rumour';
  }

  /** What this node says of itself. */
  claim(state: number): SwimClaim {
    return { state, subject: this.node, incarnation: this.#incarnation, accuser: this.node };
  }

  checkInvariants(): void {
    assert(this.#incarnation >= 1 && this.#incarnation <= INCARNATION_MAX, 'an own incarnation is in range');
  }
}

/** Claims stay below it, so that a refutation, one above, never leaves the integers. */
export const INCARNATION_MAX = 4_503_599_627_370_496;
