/** What a stream does with a message that its target's application keeps failing: how it is tried again, and how long. */
import { assert } from '../base/assert.js';
import { type Reject, reject } from '../base/reject.js';
import type { FailureChoice } from '../wire/group-messages.js';
import type { GroupsConfig } from './config.js';

export interface FailurePolicy {
  /** After `failuresMax` failures: go on trying and raise an alarm, or move the message to the dead-letter list. */
  readonly action: 'block' | 'dead-letter';
  readonly failuresMax: number;
  /** The wait after the first failure; it doubles with each further one up to `retryMaxUs`. */
  readonly retryFirstUs: number;
  readonly retryMaxUs: number;
  /** From its turn on a message that is not acknowledged for this long has failed; 0: never. */
  readonly handlerLimitUs: number;
}

/** A stream's choice where it made one, else what this node is configured for. */
export function failurePolicyOf(choice: FailureChoice, config: GroupsConfig): FailurePolicy {
  const retryFirstUs = choice.retryFirstUs || config.retryFirstUs;
  return {
    action: choice.action === DEAD_LETTER ? 'dead-letter' : 'block',
    failuresMax: choice.failuresMax || config.failuresMax,
    retryFirstUs,
    retryMaxUs: Math.max(retryFirstUs, choice.retryMaxUs || config.retryMaxUs),
    handlerLimitUs: choice.handlerLimitUs || config.handlerLimitUs,
  };
}

/** How long the message waits after its `failures`-th failure. */
export function backoffUs({ retryFirstUs, retryMaxUs }: FailurePolicy, failures: number): number {
  assert(failures >= 1, 'a message that did not fail does not wait');
  let waitUs = retryFirstUs;
  for (let i = 1; i < failures && waitUs < retryMaxUs; i++) waitUs *= 2;
  return Math.min(waitUs, retryMaxUs);
}

export function isSameChoice(a: FailureChoice, b: FailureChoice): boolean {
  return FIELDS.every((field) => a[field] === b[field]) && a.action === b.action;
}

/** INVALID_ARGUMENT for a choice that no stream may make; else null. */
export function refusalOfChoice(choice: FailureChoice): Reject | null {
  for (const field of FIELDS) {
    if (!Number.isSafeInteger(choice[field]) || choice[field] < 0 || choice[field] > CHOICE_MAX) {
      return reject('INVALID_ARGUMENT', `failure.${field}`, `it is from 0, which takes the node's own, to ${CHOICE_MAX}`);
    }
  }
  return choice.action === BLOCK || choice.action === DEAD_LETTER
    ? null
    : reject('INVALID_ARGUMENT', 'failure.action', 'a stream blocks or moves messages to its dead-letter list');
}

const FIELDS = ['failuresMax', 'retryFirstUs', 'retryMaxUs', 'handlerLimitUs'] as const;
const BLOCK = 0;
const DEAD_LETTER = 1;
/** Ten days in microseconds; more failures than that either. */
const CHOICE_MAX = 864_000_000_000;
/** A stream that leaves everything to its targets' nodes, and blocks. */
export const NO_FAILURE_CHOICE: FailureChoice = { action: BLOCK, failuresMax: 0, retryFirstUs: 0, retryMaxUs: 0, handlerLimitUs: 0 };
export const DEAD_LETTER_CHOICE: FailureChoice = { ...NO_FAILURE_CHOICE, action: DEAD_LETTER };
