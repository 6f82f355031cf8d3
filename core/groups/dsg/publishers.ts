/**
 * Who publishes to a stream at its source: sessions that stay open and single publishes that wait for a level. Turns
 * the stream's watermarks, which count seqs, into each producer's, which count its own producerSeqs.
 */
import type { StreamId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import { streamSeq } from '../../base/units.js';
import type { GroupContext, SessionWatermarks } from '../context.js';
import type { StreamLog } from './stream-log.js';

export type Level = 'accepted' | 'replicated' | 'completed';

/** How far a stream is, in seqs. */
export type LevelSeqs = Readonly<Record<Level, number>>;

interface Session {
  readonly request: number;
  readonly producer: string;
  readonly epoch: number;
  sent: SessionWatermarks | null;
  /** Its publisher has been told its place. */
  isOpen: boolean;
}

interface Waiter {
  readonly request: number;
  readonly seq: number;
  readonly isRepeat: boolean;
}

export class Publishers {
  readonly #context: GroupContext;
  readonly #stream: StreamId;
  readonly #onDetached: (producer: string, request: number) => void;
  readonly #sessions = new Map<number, Session>();
  readonly #sessionOf = new Map<string, number>();
  readonly #waiters: Record<Level, Waiter[]> = { accepted: [], replicated: [], completed: [] };
  /** Last completed producerSeq of each producer, as of `#walked`. */
  readonly #completed = new Map<string, number>();
  #walked = 0;
  /** Producers of which something moved since their session was last looked at, or whose credit is not whole. */
  readonly #moved = new Set<string>();

  /** `onDetached`: that session of that producer is over, whoever ended it. */
  constructor(context: GroupContext, stream: StreamId, onDetached: (producer: string, request: number) => void) {
    this.#context = context;
    this.#stream = stream;
    this.#onDetached = onDetached;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  get waiterCount(): number {
    return this.#waiters.accepted.length + this.#waiters.replicated.length + this.#waiters.completed.length;
  }

  /** The newest session of a producer wins: an older one ends as FENCED. */
  attach(request: number, producer: string, epoch: number): void {
    this.fence(producer);
    this.#sessions.set(request, { request, producer, epoch, sent: null, isOpen: false });
    this.#sessionOf.set(producer, request);
  }

  /** The session's reply leaves now, and watermarks may follow it. False when it has ended meanwhile. */
  open(request: number): boolean {
    const session = this.#sessions.get(request);
    if (session === undefined) return false;
    session.isOpen = true;
    this.#moved.add(session.producer);
    return true;
  }

  /** A watermark of the producer has moved, or its credit: its session hears of it at the turn. */
  onMoved(producer: string): void {
    this.#moved.add(producer);
  }

  /** Ends the producer's open session, if there is one. */
  fence(producer: string): void {
    this.endProducer(producer, reject('FENCED', producer, 'a newer session of this producer is open; do not retry with this one'));
  }

  endProducer(producer: string, why: Reject): void {
    const open = this.#sessionOf.get(producer);
    if (open !== undefined) this.end(open, why);
  }

  hasSession(producer: string): boolean {
    return this.#sessionOf.has(producer);
  }

  producerOf(request: number): string | null {
    return this.#sessions.get(request)?.producer ?? null;
  }

  epochOf(request: number): number {
    return this.#sessions.get(request)?.epoch ?? 0;
  }

  /** The caller is gone. */
  detach(request: number): void {
    const session = this.#sessions.get(request);
    if (session === undefined) return;
    this.#sessions.delete(request);
    if (this.#sessionOf.get(session.producer) === request) this.#sessionOf.delete(session.producer);
    this.#onDetached(session.producer, request);
  }

  /** The session ends by our decision; whatever it offered after the refused message was not taken. */
  end(request: number, why: Reject | null): void {
    const session = this.#sessions.get(request);
    if (session === undefined) return;
    this.detach(request);
    const refused = why ?? reject('STREAM_CLOSED', this.#stream, 'the stream was closed; open another one');
    if (!session.isOpen) this.#context.emit({ kind: 'reply', request, result: refuse(refused) });
    else this.#context.emit({ kind: 'ended', request, result: why === null ? accept(null) : refuse(why) });
  }

  /** No session goes on. Single publishes that wait for their level are answered when they have come there. */
  endSessions(why: Reject): void {
    for (const request of [...this.#sessions.keys()]) this.end(request, why);
  }

  /** The node stops: nobody is there any more who could answer. */
  endAll(why: Reject): void {
    this.endSessions(why);
    for (const level of LEVELS) {
      for (const { request } of this.#waiters[level]) this.#context.emit({ kind: 'reply', request, result: refuse(why) });
      this.#waiters[level] = [];
    }
  }

  /** Answers `request` when `seq` has come to `level`. */
  wait(request: number, seq: number, level: Level, isRepeat: boolean): void {
    const waiters = this.#waiters[level];
    let at = waiters.length;
    while (at > 0 && (waiters[at - 1] as Waiter).seq > seq) at--;
    waiters.splice(at, 0, { request, seq, isRepeat });
  }

  forgetWaiter(request: number): void {
    for (const level of LEVELS) this.#waiters[level] = this.#waiters[level].filter((waiter) => waiter.request !== request);
  }

  /** A snapshot replaced the log: all that it knows of and has released is completed. */
  restart(log: StreamLog): void {
    this.#completed.clear();
    for (const [producer, row] of log.state.producers) this.#completed.set(producer, row.last);
    this.#walked = log.releasedSeq;
    for (const producer of this.#sessionOf.keys()) this.#moved.add(producer);
  }

  /** Entries were applied: follows the completed watermark through them. To be called before the log is compacted. */
  onCompleted(log: StreamLog): void {
    const completed = log.state.completed;
    while (this.#walked < completed) {
      const entry = log.find(this.#walked + 1, 0);
      if (entry === null || entry.delta.kind !== 'messages') {
        this.#walked++;
        continue;
      }
      const last = Math.min(entry.lastSeq, completed);
      const producerSeq = entry.delta.producerSeqs[last - entry.delta.firstSeq];
      if (producerSeq !== undefined) {
        this.#completed.set(entry.delta.producer, producerSeq);
        this.#moved.add(entry.delta.producer);
      }
      this.#walked = last;
    }
  }

  /** Tells everybody whose watermark has moved. Costs as much as moved, not as many as there are sessions. */
  update(levels: LevelSeqs, watermarksOf: (producer: string, completed: number) => SessionWatermarks): void {
    for (const level of LEVELS) this.#answer(level, levels[level]);
    const moved = [...this.#moved];
    this.#moved.clear();
    for (const producer of moved) {
      const session = this.#sessions.get(this.#sessionOf.get(producer) ?? NO_REQUEST);
      if (session === undefined) continue;
      if (!session.isOpen) {
        this.#moved.add(producer);
        continue;
      }
      const next = watermarksOf(producer, this.#completed.get(producer) ?? 0);
      if (session.sent === null || isWorthTelling(session.sent, next, this.#context.config)) {
        session.sent = next;
        this.#context.emit({ kind: 'watermarks', request: session.request, watermarks: next });
      }
      // Credit comes back by what others do, too.
      if (session.sent.creditBytes < this.#context.config.publisherWindowBytes) this.#moved.add(producer);
    }
  }

  /** The session was told to have less credit by what it just offered. */
  onOffered(request: number, bytes: number): void {
    const session = this.#sessions.get(request);
    if (session?.sent == null) return;
    session.sent = { ...session.sent, creditBytes: session.sent.creditBytes - bytes };
    this.#moved.add(session.producer);
  }

  #answer(level: Level, seq: number): void {
    const waiters = this.#waiters[level];
    let count = 0;
    while (count < waiters.length && (waiters[count] as Waiter).seq <= seq) count++;
    if (count === 0) return;
    for (const waiter of waiters.splice(0, count)) {
      this.#context.emit({
        kind: 'reply',
        request: waiter.request,
        result: accept({
          kind: 'published',
          stream: this.#stream,
          seq: streamSeq(waiter.seq),
          level,
          isRepeat: waiter.isRepeat,
        }),
      });
    }
  }
}

/** Watermarks always; credit when a quarter of the window has come free, or a chunk fits again: not every byte. */
function isWorthTelling(sent: SessionWatermarks, next: SessionWatermarks, config: GroupContext['config']): boolean {
  const chunkBytes = config.chunkBytesMax + config.headersBytesMax;
  return (
    next.accepted !== sent.accepted ||
    next.replicated !== sent.replicated ||
    next.completed !== sent.completed ||
    next.creditBytes - sent.creditBytes >= config.publisherWindowBytes / 4 ||
    (sent.creditBytes < chunkBytes && next.creditBytes >= chunkBytes)
  );
}

const NO_REQUEST = -1;
const LEVELS: readonly Level[] = ['accepted', 'replicated', 'completed'];
