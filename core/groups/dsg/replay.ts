/**
 * The subscription of dead letters at a target: what operators ask to be replayed, in the order in which they ask, with
 * numbers of its own (1, 2, …) that the application stores with the effect. One letter at a time, chunk by chunk; what
 * waits for a slow subscriber waits in the journal.
 *
 * Invariant: a letter leaves the list only by an ack of this very delivery; replays that are over are never given again.
 */
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import { type Reject, reject } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import { type Micros, micros, streamSeq } from '../../base/units.js';
import { decodeBlob } from '../../journal/entry-block.js';
import { type MessageBatch, type StreamDescriptor, StreamEntry } from '../../wire/group-messages.js';
import type { DeadLetter } from '../../wire/target-steps.js';
import type { GroupContext } from '../context.js';
import { type FailurePolicy, backoffUs } from '../failure-policy.js';
import type { TargetDesk } from './target-desk.js';
import type { LetterStore } from './letter-store.js';
import type { StreamLog } from './stream-log.js';
import { isOpen } from './delivery.js';
import type { Subscriber } from './subscriber.js';

interface Reader {
  readonly request: number;
  attempt: number;
  windowMessages: number;
  windowBytes: number;
  readonly windowBytesFirst: number;
  /** Payload of the delivered chunks of a letter that is not delivered whole. */
  partialBytes: number;
  /** The replays up to here are acknowledged. */
  acked: number;
  letter: DeadLetter | null;
  chunkSeq: number;
  isDelivered: boolean;
  failures: number;
}

export interface ReplayOptions {
  readonly context: GroupContext;
  readonly descriptor: StreamDescriptor;
  readonly log: StreamLog;
  readonly policy: FailurePolicy;
  readonly store: LetterStore;
  readonly desk: TargetDesk;
  readonly onNeedsTurn: () => void;
}

export class Replay implements DeadlineOwner {
  readonly #options: ReplayOptions;
  readonly #retry: Deadline;
  #reader: Reader | null = null;
  #isReading = false;
  #attempts = 0;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#retry = options.context.deadlines.allocate(this, 'replay-retry', options.descriptor.stream);
  }

  get request(): number | null {
    return this.#reader?.request ?? null;
  }

  /** The newest subscriber wins. OFFSET_AHEAD when it claims replays that nobody asked for. */
  subscribe(now: Micros, wish: Subscriber): void {
    const { context, descriptor, log, onNeedsTurn } = this.#options;
    this.end(reject('FENCED', descriptor.stream, 'a newer subscriber has taken the dead letters over; do not retry'));
    const { deadLetters } = log.state;
    const resumeAfter = wish.resumeAfter ?? deadLetters.replaysDone(context.node);
    if (resumeAfter > deadLetters.replaysAsked(context.node)) {
      const why = reject('OFFSET_AHEAD', `replay ${resumeAfter}`, `only ${deadLetters.replaysAsked(context.node)} were asked for; resume after that or less`);
      context.emit({ kind: 'reply', request: wish.request, result: refuse(why) });
      return;
    }
    const { request, windowMessages, windowBytes } = wish;
    this.#attempts = Math.max(this.#attempts + 1, wish.attempt);
    const acked = Math.max(resumeAfter, deadLetters.replaysDone(context.node));
    // An ack that this node had and did not bring into the log before it stopped.
    if (acked > deadLetters.replaysDone(context.node)) this.#settle(now, acked);
    this.#reader = { request, attempt: this.#attempts, windowMessages, windowBytes, windowBytesFirst: windowBytes, partialBytes: 0, acked, letter: null, chunkSeq: 0, isDelivered: false, failures: 0 };
    const { stream, source } = descriptor;
    const begun = { kind: 'subscription', stream, source, resumeAfter: streamSeq(acked), attempt: this.#attempts } as const;
    context.emit({ kind: 'reply', request, result: accept(begun) });
    onNeedsTurn();
  }

  grant(messages: number, bytes: number): void {
    if (this.#reader === null) return;
    this.#reader.windowMessages += messages;
    this.#reader.windowBytes += bytes;
    this.#options.onNeedsTurn();
  }

  /** The replays up to `replay` are durably processed. One of a void attempt changes nothing. */
  acknowledge(now: Micros, attempt: number, replay: number): void {
    const reader = this.#reader;
    if (reader === null) return;
    if (attempt !== reader.attempt) return this.#refuseAck(reader, attempt, replay);
    const { letter } = reader;
    if (replay <= reader.acked) return;
    if (letter === null || !reader.isDelivered || replay !== letter.replay) {
      return this.end(reject('OFFSET_AHEAD', `replay ${replay}`, 'it was not delivered'));
    }
    this.#resolve(now, reader, replay);
  }

  /** The application failed the replay that it has: it comes again later. */
  fail(now: Micros, attempt: number, replay: number, reason: string): void {
    const reader = this.#reader;
    if (reader === null) return;
    if (attempt !== reader.attempt) return this.#refuseAck(reader, attempt, replay);
    if (reader.letter?.replay !== replay) return this.end(reject('INVALID_ARGUMENT', `replay ${replay}`, 'it was not delivered'));
    const retryAfterUs = backoffUs(this.#options.policy, ++reader.failures);
    this.#retry.arm(micros(now + retryAfterUs));
    this.#attempts++;
    const { request, failures } = reader;
    const { context } = this.#options;
    context.emit({ kind: 'attempt-voided', request, attempt, next: this.#attempts, seq: streamSeq(replay), failures, reason, retryAfterUs });
    reader.attempt = this.#attempts;
    this.#rewind(reader);
  }

  cancel(): void {
    this.#reader = null;
    this.#retry.disarm();
  }

  end(why: Reject | null): void {
    if (this.#reader === null) return;
    const { request } = this.#reader;
    this.#options.context.emit({ kind: 'ended', request, result: why === null ? accept(null) : refuse(why) });
    this.cancel();
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#options.onNeedsTurn();
  }

  /** At the turn: gives the next chunk of the replay that is due. */
  pump(): void {
    const reader = this.#reader;
    if (reader === null || this.#isReading || this.#retry.isArmed) return;
    const { context, log, store } = this.#options;
    const { deadLetters } = log.state;
    // A letter that was discarded meanwhile leaves its number out.
    if (reader.letter !== null && deadLetters.get(context.node, reader.letter.seq)?.replay !== reader.letter.replay) this.#rewind(reader);
    reader.letter ??= deadLetters.nextReplay(context.node, reader.acked);
    if (reader.letter === null || reader.isDelivered || !isOpen(reader)) return;
    const location = store.locate(context.node, reader.letter.seq, reader.chunkSeq);
    if (location === null) return;
    const { letter, chunkSeq, attempt } = reader;
    this.#isReading = true;
    context.fetch([location.read], (now, [chunk]) => {
      this.#isReading = false;
      this.#options.onNeedsTurn();
      if (this.#reader !== reader || reader.letter !== letter || reader.chunkSeq !== chunkSeq || reader.attempt !== attempt) return;
      const bytes = decodeBlob(location, chunk ?? null);
      const batch = bytes === null ? null : StreamEntry.decode(bytes);
      if (batch?.kind === 'messages') this.#deliver(reader, letter, batch);
      else this.#retry.arm(micros(now + context.config.repeatUs));
    });
  }

  #deliver(reader: Reader, letter: DeadLetter, { chunkSeq, chunkCount, producer, baseMessageId, records }: MessageBatch): void {
    const record = records[0];
    if (record === undefined) return;
    const { request, attempt } = reader;
    const chunk = {
      seq: streamSeq(letter.replay),
      chunkSeq,
      chunkCount,
      messageId: baseMessageId,
      producer,
      producerSeq: record.producerSeq,
      payload: record.payload,
      checksum: record.checksum,
      headers: record.headers,
      ...(record.digest.length > 0 && { digest: record.digest }),
      letterSeq: streamSeq(letter.seq),
    };
    reader.windowBytes -= record.payload.length;
    reader.partialBytes += record.payload.length;
    reader.chunkSeq++;
    if (reader.chunkSeq === chunkCount) {
      reader.isDelivered = true;
      reader.windowMessages--;
    }
    this.#options.context.emit({ kind: 'deliver', request, attempt, chunks: [chunk] });
  }

  #resolve(now: Micros, reader: Reader, replay: number): void {
    reader.acked = replay;
    reader.failures = 0;
    this.#rewind(reader);
    this.#settle(now, replay);
  }

  #settle(now: Micros, replay: number): void {
    const { context, desk, onNeedsTurn } = this.#options;
    desk.ask(now, { kind: 'replayed', target: context.node, replay }, null, () => {
      context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.dead-letter-replayed' } });
      onNeedsTurn();
    });
    onNeedsTurn();
  }

  #rewind(reader: Reader): void {
    reader.letter = null;
    reader.chunkSeq = 0;
    reader.partialBytes = 0;
    reader.isDelivered = false;
  }

  #refuseAck({ request }: Reader, attempt: number, replay: number): void {
    const why = reject('STALE_ATTEMPT', `attempt ${attempt}`, 'it is void: what was delivered comes again under a later attempt');
    this.#options.context.emit({ kind: 'ack-refused', request, attempt, seq: streamSeq(replay), why });
  }
}
