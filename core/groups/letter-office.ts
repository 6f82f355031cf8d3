/** What operators ask of dead letters at this node: the lists of its streams, a look into a letter, and its fate. */
import type { NodeId, StreamId, TenantId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import { accept, refuse } from '../base/result.js';
import type { Micros } from '../base/units.js';
import type { GroupContext, StreamLetter } from './context.js';
import type { Stream } from './dsg/stream.js';

export interface LetterSelector {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly target: NodeId;
  readonly seq: number;
}

export interface StreamLookup {
  ofTenant(tenant: TenantId, id: StreamId): Stream | null;
  all(): Iterable<Stream>;
}

export class LetterOffice {
  readonly #context: GroupContext;
  readonly #streams: StreamLookup;

  constructor(context: GroupContext, streams: StreamLookup) {
    this.#context = context;
    this.#streams = streams;
  }

  /** Those of one stream, or (null) of all streams of the tenant that this node is a member of. STREAM_UNKNOWN. */
  list(request: number, tenant: TenantId, id: StreamId | null): void {
    if (id !== null && this.#streams.ofTenant(tenant, id) === null) return this.#refuse(request, streamUnknown(id));
    const letters: StreamLetter[] = [];
    for (const { descriptor, stream, log } of this.#streams.all()) {
      if (descriptor.tenant !== tenant || (id !== null && stream !== id)) continue;
      for (const letter of log.state.deadLetters.all()) letters.push({ ...letter, stream, name: descriptor.name });
    }
    this.#context.emit({ kind: 'reply', request, result: accept({ kind: 'dead-letters', letters }) });
  }

  /** One chunk of a letter. STREAM_UNKNOWN, LETTER_UNKNOWN, UNREACHABLE while this node has no copy. */
  show(request: number, wish: LetterSelector & { readonly chunkSeq: number }): void {
    const stream = this.#streams.ofTenant(wish.tenant, wish.stream);
    if (stream === null) return this.#refuse(request, streamUnknown(wish.stream));
    stream.letters.show(request, wish.target, wish.seq, wish.chunkSeq);
  }

  /** Answers once it is in the stream's log. STREAM_UNKNOWN, LETTER_UNKNOWN, NO_QUORUM, TIMED_OUT. */
  change(now: Micros, request: number, wish: LetterSelector, what: 'replay' | 'discard'): void {
    const stream = this.#streams.ofTenant(wish.tenant, wish.stream);
    if (stream === null) return this.#refuse(request, streamUnknown(wish.stream));
    stream.letters.change(now, request, { kind: what, target: wish.target, seq: wish.seq });
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}

const streamUnknown = (id: StreamId): Reject =>
  reject('STREAM_UNKNOWN', id, 'this node is a member of no such stream of the tenant; list its streams');
