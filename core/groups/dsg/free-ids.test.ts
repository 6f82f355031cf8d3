import { describe, expect, it } from 'vitest';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from '../testing/stream-seat.js';
import { FreeIds } from './free-ids.js';

const seat = (of: StreamWorld, at: number): StreamSeat => of.seats[at] as StreamSeat;

function publish(of: StreamWorld, freeId: string, chunkCount = 1): string {
  const source = seat(of, 0);
  const request = source.nextRequest();
  const offer = { producerSeq: 0, chunkSeq: 0, chunkCount, payload: new Uint8Array(3), headers: new Uint8Array(0), freeId };
  source.streams.publishing.publishOne(source.host.now, request, { tenant: TENANT, stream: of.stream, producer: 'free', level: 'accepted' }, offer);
  of.world.runUntil(() => source.host.replyTo(request) !== null, 1_000_000);
  const reply = source.reply(request);
  return source.refusal(request) ?? (reply?.kind === 'published' ? `${reply.seq}${reply.isRepeat ? ' again' : ''}` : 'no answer');
}

function settle(of: StreamWorld, through: number): void {
  const request = seat(of, 1).subscribe('s');
  of.world.runUntil(() => seat(of, 1).delivered(request).some(({ seq }) => seq === through));
  seat(of, 1).acknowledge(request, through);
  of.world.runUntil(() => of.at(0).log.state.completed === through);
}

describe('a message with an id of its publisher', () => {
  it('is numbered once, staged, replicated or settled, and a repeat gets what it got', () => {
    const of = streamWorld(['s', 't']);
    of.world.cut(seat(of, 0).host, seat(of, 1).host);
    expect([publish(of, 'a'), publish(of, 'b'), publish(of, 'a')]).toEqual(['1', '2', '1 again']);
    of.world.cut(seat(of, 0).host, seat(of, 1).host, false);
    of.world.runUntil(() => of.at(0).log.state.lastSeq === 2);
    expect(publish(of, 'b')).toBe('2 again');
    settle(of, 2);
    expect([publish(of, 'a'), publish(of, 'c')]).toEqual(['1 again', '3']);
  });

  it('is recognised after restarts and snapshots, or nobody says anything', () => {
    const of = streamWorld(['s', 't'], { compactEntriesMin: 1 });
    expect([publish(of, 'a'), publish(of, 'b')]).toEqual(['1', '2']);
    settle(of, 2);
    of.world.runFor(1_000_000);
    of.world.cut(seat(of, 0).host, seat(of, 1).host);
    expect(publish(of, 'c')).toBe('3');
    of.restart(0);
    expect([publish(of, 'c'), publish(of, 'a')]).toEqual(['3 again', '1 again']);
    of.world.cut(seat(of, 0).host, seat(of, 1).host, false);
    of.restart(1);
    expect(of.world.runUntil(() => of.at(0).log.state.lastSeq === 3, 20_000_000)).toBe(true);
    expect([publish(of, 'b'), publish(of, 'c'), publish(of, 'd')]).toEqual(['2 again', '3 again', '4']);
    of.world.runUntil(() => of.at(1).log.state.lastSeq === 4, 20_000_000);
    expect(of.at(1).log.state.freeIds.snapshot()).toEqual(of.at(0).log.state.freeIds.snapshot());
  });

  it('is not taken as long as the source, after its start, cannot know', () => {
    const of = streamWorld(['s', 't']);
    expect(publish(of, 'a')).toBe('1');
    of.world.runUntil(() => of.at(0).log.state.lastSeq === 1 && (of.at(0).source?.hasWork ?? true) === false);
    of.world.cut(seat(of, 0).host, seat(of, 1).host);
    of.restart(0);
    expect([publish(of, 'a'), publish(of, 'b')]).toEqual(['NO_QUORUM', 'NO_QUORUM']);
    of.world.cut(seat(of, 0).host, seat(of, 1).host, false);
    of.world.runUntil(() => of.at(0).log.state.lastSeq === 1, 20_000_000);
    expect(publish(of, 'a')).toBe('1 again');
  });

  it('is refused without an id, with a long one, in chunks, and where none are recognised', () => {
    const of = streamWorld(['s', 't']);
    expect([publish(of, ''), publish(of, 'x'.repeat(65)), publish(of, 'a', 2)]).toEqual(['INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT']);
    expect(publish(streamWorld(['s', 't'], { freeIdsMax: 0 }), 'a')).toBe('INVALID_ARGUMENT');
  });
});

describe('the window of recognised ids', () => {
  it('is bounded by count and by bytes, the oldest go first', () => {
    const of = streamWorld(['s', 't'], { freeIdsMax: 2 });
    for (const id of ['a', 'b', 'c']) publish(of, id);
    of.world.runUntil(() => of.at(0).log.state.lastSeq === 3);
    expect([publish(of, 'b'), publish(of, 'c'), publish(of, 'a')]).toEqual(['2 again', '3 again', '4']);
    const ids = new FreeIds({ countMax: 10, bytesMax: 20 });
    for (const [n, id] of ['aaaa', 'bbbb', 'cccc'].entries()) ids.add(id, n + 1);
    expect(ids.snapshot()).toEqual([{ id: 'bbbb', seq: 2 }, { id: 'cccc', seq: 3 }]);
    const again = new FreeIds({ countMax: 10, bytesMax: 20 });
    again.restore(ids.snapshot());
    expect(again.snapshot()).toEqual(ids.snapshot());
  });
});
