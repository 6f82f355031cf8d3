/**
 * The message that its application fails: how often, why, and when it may be delivered again. Only the first message
 * that is not settled can fail, so one is all there is. The count is in the journal: a restart forgives nothing.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { StreamId } from '../../base/ids.js';
import { assert } from '../../base/assert.js';
import { type Micros, micros } from '../../base/units.js';
import { type Infer, message, text, uint } from '../../wire/schema.js';
import type { GroupContext } from '../context.js';
import { type FailurePolicy, backoffUs } from '../failure-policy.js';

/** In the journal of the target alone. */
export const FailureRow = message('FailureRow', { seq: uint(1), count: uint(2), reason: text(3) });
export type FailureRow = Infer<typeof FailureRow>;

export class MessageFailures implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  readonly #policy: FailurePolicy;
  readonly #onNeedsTurn: () => void;
  readonly #retry: Deadline;
  #row: FailureRow | null;

  constructor(context: GroupContext, stream: StreamId, policy: FailurePolicy, onNeedsTurn: () => void) {
    this.#context = context;
    this.#stream = stream;
    this.#policy = policy;
    this.#onNeedsTurn = onNeedsTurn;
    this.#retry = context.deadlines.allocate(this, 'delivery-retry', stream);
    const bytes = context.journal.get(failureKey(stream));
    this.#row = bytes === null ? null : FailureRow.decode(bytes);
  }

  get current(): FailureRow | null {
    return this.#row;
  }

  /** Whether the message waits before it is delivered again. */
  get isWaiting(): boolean {
    return this.#retry.isArmed;
  }

  /** It failed as often as the stream's policy lets it. */
  get isExhausted(): boolean {
    return this.#row !== null && this.#row.count >= this.#policy.failuresMax;
  }

  /** Message `seq` failed once more. Returns how long it waits, in microseconds. */
  note(now: Micros, seq: number, reason: string): number {
    assert(this.#row === null || seq >= this.#row.seq, 'what is settled does not fail');
    const count = (this.#row?.seq === seq ? this.#row.count : 0) + 1;
    this.#row = { seq, count, reason: reason.slice(0, REASON_CHARS_MAX) };
    this.#context.journal.put(failureKey(this.#stream), FailureRow.encode(this.#row));
    const waitUs = backoffUs(this.#policy, count);
    this.#retry.arm(micros(now + waitUs));
    return waitUs;
  }

  /** Everything up to `seq` is settled. */
  onSettled(seq: number): void {
    if (this.#row === null || this.#row.seq > seq) return;
    this.#row = null;
    this.#context.journal.remove(failureKey(this.#stream));
    this.#retry.disarm();
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#onNeedsTurn();
  }
}

export const failureKey = (stream: StreamId): string => `failure/${stream}`;
const REASON_CHARS_MAX = 256;
