/**
 * The calls of publishers at a stream's source: opening a producer, sessions and single publishes. Each call names its
 * tenant, and a stream of another tenant is as unknown as one that does not exist.
 */
import type { StreamId, TenantId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import { accept, refuse } from '../base/result.js';
import { type Micros, streamSeq } from '../base/units.js';
import type { Admission } from './admission/admission.js';
import type { GroupContext } from './context.js';
import { messageCost } from './dsg/cost.js';
import type { Level } from './dsg/publishers.js';
import type { Offer } from './dsg/offer.js';
import type { StreamSource } from './dsg/source.js';
import type { Stream } from './dsg/stream.js';

export interface PublishingPorts {
  find(tenant: TenantId, id: StreamId): Stream | null;
  /** Why there is none. */
  absence(tenant: TenantId, id: StreamId): Reject;
  /** Where an open session is; shared with the registry of streams. */
  readonly requests: Map<number, Stream>;
  readonly admission: Admission;
  onDirty(stream: Stream): void;
}

/** Whose stream, and under which name its application publishes. */
export interface ProducerWish {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly producer: string;
}

interface SingleWish extends ProducerWish {
  readonly epoch?: number;
  readonly level: Level;
}

export class Publishing {
  readonly #context: GroupContext;
  readonly #ports: PublishingPorts;

  constructor(context: GroupContext, ports: PublishingPorts) {
    this.#context = context;
    this.#ports = ports;
  }

  /** Where a producer stands; creates nothing. */
  producer(request: number, { tenant, stream: id, producer }: ProducerWish): void {
    const stream = this.#ports.find(tenant, id);
    if (stream === null) return this.#refuse(request, this.#ports.absence(tenant, id));
    if (stream.source === null) return this.#refuse(request, notSource(stream));
    const place = stream.source.placeOf(producer);
    this.#context.afterDurable(() =>
      this.#context.emit({ kind: 'reply', request, result: accept({ kind: 'producer', ...place }) }),
    );
  }

  /** Raises the producer's epoch; answers when the raise is accepted. Ends an open session of it as FENCED. */
  openProducer(request: number, { tenant, stream: id, producer }: ProducerWish): void {
    const stream = this.#ports.find(tenant, id);
    if (stream === null) return this.#refuse(request, this.#ports.absence(tenant, id));
    if (stream.source === null) return this.#refuse(request, notSource(stream));
    const place = stream.source.prepareAttach(producer, null);
    if (!place.ok) return this.#refuse(request, place.reject);
    this.#ports.onDirty(stream);
    this.#context.afterDurable(() =>
      this.#context.emit({ kind: 'reply', request, result: accept({ kind: 'producer', ...place.value }) }),
    );
  }

  /** Without an epoch the producer is opened anew; with one its newest owner goes on. */
  attach(request: number, { tenant, stream: id, producer, epoch }: ProducerWish & { readonly epoch?: number }): void {
    const stream = this.#ports.find(tenant, id);
    if (stream === null) return this.#refuse(request, this.#ports.absence(tenant, id));
    const { source } = stream;
    if (source === null) return this.#refuse(request, notSource(stream));
    const place = source.prepareAttach(producer, epoch ?? null);
    if (!place.ok) return this.#refuse(request, place.reject);
    this.#ports.requests.set(request, stream);
    source.publishers.attach(request, producer, place.value.epoch);
    this.#context.afterDurable(() => {
      if (!source.publishers.open(request)) return;
      const creditBytes = source.creditBytesOf(producer);
      const publisher = { kind: 'publisher', stream: id, ...place.value, creditBytes } as const;
      this.#context.emit({ kind: 'reply', request, result: accept(publisher) });
      this.#ports.onDirty(stream);
    });
    this.#ports.onDirty(stream);
  }

  /** A session offers. The first refusal ends it: nothing after the refused message is taken. */
  publish(now: Micros, request: number, offers: readonly Offer[]): void {
    const stream = this.#ports.requests.get(request);
    const source = stream?.source ?? null;
    if (stream === undefined || source === null || source.publishers.producerOf(request) === null) return;
    const { admission } = this.#ports;
    let bytes = 0;
    for (const { payload, headers } of offers) bytes += payload.length + headers.length;
    source.publishers.onOffered(request, bytes);
    const isContinued = (offers[0]?.chunkSeq ?? 0) > 0;
    const taken = admission.mustWait(now, source.seat, isContinued) ? 0 : this.#take(now, stream, source, request, offers);
    for (let at = taken; at < offers.length; at++) if (!this.#wait(now, stream, source, request, offers[at] as Offer)) break;
    this.#ports.onDirty(stream);
  }

  /** Ends a publisher session: nothing that it offers from here on is taken. */
  refuseSession(request: number, why: Reject): void {
    this.#ports.requests.get(request)?.source?.publishers.end(request, why);
    this.#ports.requests.delete(request);
  }

  publishOne(
    now: Micros,
    request: number,
    wish: SingleWish,
    offered: Offer,
  ): void {
    const stream = this.#ports.find(wish.tenant, wish.stream);
    if (stream === null) return this.#refuse(request, this.#ports.absence(wish.tenant, wish.stream));
    const { source } = stream;
    if (source === null) return this.#refuse(request, notSource(stream));
    const { admission } = this.#ports;
    const { waitersMax, repeatUs } = this.#context.config;
    if (source.publishers.waiterCount + admission.waitingCount >= waitersMax) {
      return this.#refuse(request, reject('TOO_MANY', 'publish', 'too many publishes wait for their level; use a publisher session', RETRY_US));
    }
    const isContinued = offered.chunkSeq > 0;
    const why = source.seat.account.isLimited ? source.seat.account.refusal(now, isContinued, repeatUs) : null;
    if (why !== null) return this.#refuse(request, why);
    if (!admission.mustWait(now, source.seat, isContinued)) return this.#takeOne(now, stream, source, request, wish, offered);
    const cost = messageCost(offered);
    const full = source.refusalOfWaiting(wish.producer, cost, 0);
    if (full !== null) return this.#refuse(request, full);
    admission.wait(now, { request, cost, isContinued, seat: source.seat, admit: (at) => this.#takeOne(at, stream, source, request, wish, offered) });
  }

  /** The caller of a publish that waits is gone, whichever of the streams it was for. */
  forget(request: number, streams: Iterable<Stream>): void {
    this.#ports.admission.forget(request);
    for (const { source } of streams) source?.forget(request);
  }

  /** What was offered and not taken is not taken any more. */
  endWaiting(why: Reject): void {
    for (const { request } of this.#ports.admission.clear()) if (!this.#ports.requests.has(request)) this.#refuse(request, why);
  }

  /** Takes offers of a session until one is refused, which ends it, or its tenant's quota is spent; gives how many. */
  #take(now: Micros, stream: Stream, source: StreamSource, request: number, offers: readonly Offer[]): number {
    const { account } = source.seat;
    const producer = source.publishers.producerOf(request);
    if (producer === null) return offers.length;
    const epoch = source.publishers.epochOf(request);
    const { publisherWindowBytes } = this.#context.config;
    const before = source.undurableBytes;
    let at = 0;
    for (; at < offers.length; at++) {
      const offered = offers[at] as Offer;
      if (account.isLimited && at > 0 && !account.mayPublish(now, offered.chunkSeq > 0)) break;
      const taken = source.offer(now, producer, epoch, offered, publisherWindowBytes);
      if (!taken.ok && taken.reject.code !== 'DUPLICATE') {
        source.publishers.end(request, taken.reject);
        this.#ports.requests.delete(request);
        at = offers.length;
        break;
      }
      if (account.isLimited) this.#spend(source, offered);
    }
    this.#ports.admission.onTaken(source.undurableBytes - before);
    return at;
  }

  #spend({ seat, outstandingBytes }: StreamSource, { chunkSeq, chunkCount, payload, headers }: Offer): void {
    seat.account.spend(chunkSeq + 1 === chunkCount ? 1 : 0, payload.length + headers.length);
    seat.onStaged(outstandingBytes);
  }

  /** False: there was no room to wait, which ended the session. */
  #wait(now: Micros, stream: Stream, source: StreamSource, request: number, offered: Offer): boolean {
    const { publishers, seat } = source;
    const producer = publishers.producerOf(request);
    if (producer === null) return false;
    const cost = messageCost(offered);
    const why = source.refusalOfWaiting(producer, cost, this.#context.config.publisherWindowBytes);
    if (why !== null) {
      publishers.end(request, why);
      this.#ports.requests.delete(request);
      return false;
    }
    const admit = (at: Micros): void => {
      this.#take(at, stream, source, request, [offered]);
      this.#ports.onDirty(stream);
    };
    this.#ports.admission.wait(now, { request, cost, isContinued: offered.chunkSeq > 0, seat, admit });
    return true;
  }

  #takeOne(now: Micros, stream: Stream, source: StreamSource, request: number, wish: SingleWish, offered: Offer): void {
    const before = source.undurableBytes;
    const { freeId } = offered;
    const epoch = wish.epoch ?? 0;
    const taken = freeId === undefined ? source.offer(now, wish.producer, epoch, offered) : source.offerFree(now, wish.producer, epoch, { ...offered, freeId });
    this.#ports.admission.onTaken(source.undurableBytes - before);
    this.#ports.onDirty(stream);
    if (!taken.ok) {
      // That it was published before is true only once it is durable.
      if (taken.reject.code === 'DUPLICATE') this.#context.afterDurable(() => this.#refuse(request, taken.reject));
      else this.#refuse(request, taken.reject);
      return;
    }
    if (source.seat.account.isLimited) this.#spend(source, offered);
    const { seq, isRepeat } = taken.value;
    if (seq > 0) {
      source.publishers.wait(request, seq, wish.level, isRepeat);
      return;
    }
    this.#context.afterDurable(() => {
      const published = { kind: 'published', stream: wish.stream, seq: streamSeq(0), level: 'accepted', isRepeat } as const;
      this.#context.emit({ kind: 'reply', request, result: accept(published) });
    });
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}

/** The same whether there is no such stream or it is another tenant's. */
export const unknownStream = (id: StreamId): Reject =>
  reject('STREAM_UNKNOWN', id, 'this node knows no such stream of the tenant; list its streams');
export const notSource = (stream: Stream): Reject =>
  reject('NOT_SOURCE', stream.stream, `go to its source, node ${stream.descriptor.source}`);

const RETRY_US = 500_000;
