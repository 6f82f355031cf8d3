/** What applications and operators do with the checkpoints of streams, at any member: name a place, move or remove it. */
import type { MessageId, StreamId, TenantId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import { accept, refuse } from '../base/result.js';
import { makeUlid } from '../base/ulid.js';
import type { Micros } from '../base/units.js';
import type { GroupContext } from './context.js';
import { CHECKPOINTS_MAX, NAME_CHARS_MAX, isName } from './dsg/checkpoints.js';
import type { Stream } from './dsg/stream.js';
import type { StreamLookup } from './letter-office.js';

export interface CheckpointWish {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly name: string;
}

export class CheckpointOffice {
  readonly #context: GroupContext;
  readonly #streams: StreamLookup;
  readonly #absence: (tenant: TenantId, stream: StreamId) => Reject;

  constructor(context: GroupContext, streams: StreamLookup, absence: (tenant: TenantId, stream: StreamId) => Reject) {
    this.#context = context;
    this.#streams = streams;
    this.#absence = absence;
  }

  /**
   * Names a place, or moves the name there; null: what this node's application has settled, at the source what is
   * completed. Answers when it is in the stream's log. STREAM_UNKNOWN, INVALID_ARGUMENT, OFFSET_AHEAD, TOO_MANY;
   * NO_QUORUM or TIMED_OUT when the log does not take it.
   */
  set(now: Micros, request: number, wish: CheckpointWish & { readonly seq: number | null }): void {
    const stream = this.#streams.ofTenant(wish.tenant, wish.stream);
    if (stream === null) return this.#refuse(request, this.#absence(wish.tenant, wish.stream));
    const { state } = stream.log;
    const seq = wish.seq ?? (stream.source === null ? state.settledOf(this.#context.node) : state.completed);
    const why = refusalOf(stream, wish.name, seq);
    if (why !== null) return this.#refuse(request, why);
    this.#ask(now, request, stream, { name: wish.name, seq, isRemoved: false });
  }

  /** CHECKPOINT_UNKNOWN when there is none of that name, and as `set`. */
  remove(now: Micros, request: number, { tenant, stream: id, name }: CheckpointWish): void {
    const stream = this.#streams.ofTenant(tenant, id);
    if (stream === null) return this.#refuse(request, this.#absence(tenant, id));
    if (stream.log.state.checkpoints.get(name) === null) return this.#refuse(request, checkpointUnknown(name));
    this.#ask(now, request, stream, { name, seq: 0, isRemoved: true });
  }

  #ask(now: Micros, request: number, stream: Stream, what: { readonly name: string; readonly seq: number; readonly isRemoved: boolean }): void {
    const setAtMs = this.#context.wallMs(now);
    const ask = makeUlid<MessageId>(setAtMs, this.#context.entropy);
    const change = { kind: 'checkpoint', target: this.#context.node, version: 0, ask, setAtMs, ...what } as const;
    stream.letters.desk.ask(now, change, this.#context.config.letterPatienceUs, (why) => {
      if (why !== null) return this.#refuse(request, why);
      const result = accept({ kind: 'checkpoint', stream: stream.stream, name: what.name, seq: what.seq } as const);
      this.#context.emit({ kind: 'reply', request, result });
    });
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}

function refusalOf(stream: Stream, name: string, seq: number): Reject | null {
  const { lastSeq, checkpoints } = stream.log.state;
  if (!isName(name)) return reject('INVALID_ARGUMENT', 'name', `a checkpoint's name has 1 to ${NAME_CHARS_MAX} characters`);
  if (!Number.isSafeInteger(seq) || seq < 0) return reject('INVALID_ARGUMENT', 'seq', 'it is a place in the stream, from 0');
  if (seq > lastSeq) return reject('OFFSET_AHEAD', `seq ${seq}`, `the stream has only ${lastSeq} messages here`);
  if (checkpoints.hasRoomFor(name)) return null;
  return reject('TOO_MANY', 'checkpoint', `a stream has at most ${CHECKPOINTS_MAX} checkpoints; remove one`);
}

export const checkpointUnknown = (name: string): Reject =>
  reject('CHECKPOINT_UNKNOWN', name, 'the stream has no checkpoint of that name; see the list of its checkpoints');
