import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { idFromBytes } from '../../base/ids.js';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from '../testing/stream-seat.js';

const seat = ({ seats }: StreamWorld, at: number): StreamSeat => seats[at] as StreamSeat;
const SMALL = { chunkBytesMax: 1_000, headersBytesMax: 100, messageBytesMax: 10_000, streamBytesMax: 20_000, publisherWindowBytes: 8_000, compactBytesMin: 1 << 20 };

interface Offer {
  readonly producerSeq?: number;
  readonly chunkSeq?: number;
  readonly chunkCount?: number;
  readonly payload?: Uint8Array;
  readonly headers?: Uint8Array;
  readonly producer?: string;
}

/** Publishes one message or chunk and says what became of it. */
function publish(of: StreamWorld, offer: Offer): string {
  const source = seat(of, 0);
  const request = source.nextRequest();
  const { producer = 'p', ...rest } = offer;
  const whole = { producerSeq: 1, chunkSeq: 0, chunkCount: 1, payload: EMPTY_BYTES, headers: EMPTY_BYTES, ...rest };
  source.streams.publishing.publishOne(source.host.now, request, { tenant: TENANT, stream: of.stream, producer, level: 'accepted' }, whole);
  of.world.runUntil(() => source.host.replyTo(request) !== null, 0);
  const reply = source.reply(request);
  return reply?.kind === 'published' ? `${reply.seq}${reply.isRepeat ? ' again' : ''}` : (source.refusal(request) ?? 'no answer');
}

describe('an offer', () => {
  it('is refused when it makes no sense, and numbers nothing', () => {
    const of = streamWorld(['s', 't'], SMALL);
    const cases: [Offer, string][] = [
      [{ producerSeq: 0 }, 'INVALID_ARGUMENT'],
      [{ producerSeq: 1.5 }, 'INVALID_ARGUMENT'],
      [{ producerSeq: Number.NaN }, 'INVALID_ARGUMENT'],
      [{ producerSeq: 2 ** 53 }, 'INVALID_ARGUMENT'],
      [{ chunkCount: 0 }, 'INVALID_ARGUMENT'],
      [{ chunkCount: 11 }, 'INVALID_ARGUMENT'],
      [{ chunkSeq: 1 }, 'INVALID_ARGUMENT'],
      [{ chunkSeq: -1, chunkCount: 2 }, 'INVALID_ARGUMENT'],
      [{ producer: '' }, 'INVALID_ARGUMENT'],
      [{ producer: 'x'.repeat(129) }, 'INVALID_ARGUMENT'],
      [{ payload: new Uint8Array(1_001) }, 'PAYLOAD_TOO_LARGE'],
      [{ headers: new Uint8Array(101) }, 'PAYLOAD_TOO_LARGE'],
      [{ chunkSeq: 1, chunkCount: 2 }, 'PRODUCER_GAP'],
    ];
    expect(cases.map(([offer]) => publish(of, offer))).toEqual(cases.map(([, code]) => code));
    expect(publish(of, { payload: new Uint8Array(1_000), headers: new Uint8Array(100) })).toBe('1');
  });

  it('is refused where the stream is not known, not of the tenant, or not published', () => {
    const of = streamWorld(['s', 't'], SMALL);
    const offer = { producerSeq: 1, chunkSeq: 0, chunkCount: 1, payload: EMPTY_BYTES, headers: EMPTY_BYTES };
    const ask = (at: number, tenant: typeof TENANT, stream: typeof of.stream): string | null => {
      const request = seat(of, at).nextRequest();
      seat(of, at).streams.publishing.publishOne(seat(of, at).host.now, request, { tenant, stream, producer: 'p', level: 'accepted' }, offer);
      return seat(of, at).refusal(request);
    };
    expect(ask(0, TENANT, idFromBytes(new Uint8Array(16)))).toBe('STREAM_UNKNOWN');
    expect(ask(0, idFromBytes(new Uint8Array(16)), of.stream)).toBe('STREAM_UNKNOWN');
    expect(ask(1, TENANT, of.stream)).toBe('NOT_SOURCE');
  });

  it('gets its number once, whatever is repeated, also chunk by chunk', () => {
    const of = streamWorld(['s', 't'], SMALL);
    expect([1, 2, 2, 1].map((producerSeq) => publish(of, { producerSeq }))).toEqual(['1', '2', '2 again', '1 again']);
    const chunk = (chunkSeq: number): string => publish(of, { producerSeq: 5, chunkSeq, chunkCount: 3 });
    expect([0, 1, 2, 2, 0].map(chunk)).toEqual(['0', '0', '3', '3 again', '3 again']);
    expect(publish(of, { producerSeq: 6 })).toBe('4');
  });

  it('of another message drops what its producer has not finished', () => {
    const of = streamWorld(['s', 't'], SMALL);
    expect(publish(of, { producerSeq: 1, chunkSeq: 0, chunkCount: 2, payload: new Uint8Array(1_000) })).toBe('0');
    expect(publish(of, { producerSeq: 2 })).toBe('1');
    expect(publish(of, { producerSeq: 3, chunkSeq: 1, chunkCount: 2 })).toBe('PRODUCER_GAP');
    const { source } = of.at(0);
    expect(source?.outstandingBytes).toBe((source?.staging.stagedCost ?? 0) + of.at(0).log.unsettledCost);
  });

  it('is one of a bounded number of producers', () => {
    const of = streamWorld(['s', 't'], { ...SMALL, producersMax: 2 });
    expect(['p', 'q', 'r', 'p', 'q'].map((producer, i) => publish(of, { producer, producerSeq: i + 1 }))).toEqual(['1', '2', 'TOO_MANY', '3', '4']);
    expect(seat(of, 0).refusal(seat(of, 0).attach(of.stream, 'r'))).toBe('TOO_MANY');
  });

  it('waits for its level with no more than a bounded number of others', () => {
    const of = streamWorld(['s', 't'], { ...SMALL, waitersMax: 2 });
    const requests = [1, 2, 3].map((n) => seat(of, 0).publish(of.stream, n, { level: 'completed' }));
    expect(requests.map((request) => seat(of, 0).refusal(request))).toEqual([null, null, 'TOO_MANY']);
  });
});

describe('the credit of a publisher', () => {
  const creditOf = (of: StreamWorld, producer = 'p'): number => of.at(0).source?.creditBytesOf(producer) ?? -1;

  it('falls with what is on its way to the disk, and is back when that is durable', () => {
    const of = streamWorld(['s', 't'], SMALL);
    expect(creditOf(of)).toBe(8_000);
    seat(of, 0).publish(of.stream, 1, { payload: new Uint8Array(1_000) });
    seat(of, 0).publish(of.stream, 2, { payload: new Uint8Array(1_000) });
    expect(creditOf(of)).toBeLessThan(6_000);
    of.world.runUntil(() => false, 0);
    expect(creditOf(of)).toBe(8_000);
  });

  it('is what the stream has room for, and none when it is full, until somebody settles', () => {
    const of = streamWorld(['s', 't'], SMALL);
    let n = 0;
    while (publish(of, { producerSeq: ++n, payload: new Uint8Array(1_000) }) !== 'OUTBOX_FULL') {
      expect(creditOf(of)).toBeLessThanOrEqual(20_000 - (of.at(0).source?.outstandingBytes ?? 0));
    }
    expect(creditOf(of)).toBeLessThan(1_300);
    expect(of.at(0).source?.outstandingBytes).toBeLessThanOrEqual(20_000);
    const request = seat(of, 1).subscribe('s');
    of.world.runUntil(() => seat(of, 1).delivered(request).length === n - 1);
    seat(of, 1).acknowledge(request, n - 1);
    of.world.runFor(1_000_000);
    expect([creditOf(of), of.at(0).source?.outstandingBytes]).toEqual([8_000, 0]);
    expect(publish(of, { producerSeq: n, payload: new Uint8Array(1_000) })).toBe(`${n}`);
  });
});
