import { describe, expect, it } from 'vitest';
import { micros } from '../../base/units.js';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from '../testing/stream-seat.js';

const seat = (of: StreamWorld, at: number): StreamSeat => of.seats[at] as StreamSeat;

function publish(of: StreamWorld, producer: string, producerSeq: number): string {
  const source = seat(of, 0);
  source.host.now = micros(of.world.now);
  const request = source.publish(of.stream, producerSeq, { producer });
  of.world.runUntil(() => source.host.replyTo(request) !== null, 1_000_000);
  const reply = source.reply(request);
  return source.refusal(request) ?? (reply?.kind === 'published' ? `${reply.seq}` : 'no answer');
}

function expire(of: StreamWorld, producer: string): string {
  const source = seat(of, 0);
  const request = source.nextRequest();
  source.streams.operations.expireProducer(request, { tenant: TENANT, stream: of.stream, producer });
  of.world.runUntil(() => source.host.replyTo(request) !== null, 10_000_000);
  return source.refusal(request) ?? source.reply(request)?.kind ?? 'no answer';
}

function settle(of: StreamWorld, through: number): void {
  const request = seat(of, 1).subscribe('s');
  of.world.runUntil(() => seat(of, 1).delivered(request).some(({ seq }) => seq === through));
  seat(of, 1).acknowledge(request, through);
  of.world.runUntil(() => of.at(0).log.state.completed === through);
}

describe('a producer', () => {
  it('that has expired is refused for ever, restarts and snapshots between', () => {
    const of = streamWorld(['s', 't'], { compactEntriesMin: 1 });
    expect([publish(of, 'p', 1), publish(of, 'q', 1), expire(of, 'p')]).toEqual(['1', '2', 'changed']);
    settle(of, 2);
    for (let restart = 0; restart < 3; restart++) {
      expect([publish(of, 'p', 1), publish(of, 'p', 2), expire(of, 'p')]).toEqual(['PRODUCER_EXPIRED', 'PRODUCER_EXPIRED', 'PRODUCER_EXPIRED']);
      expect(seat(of, 0).refusal(seat(of, 0).attach(of.stream, 'p'))).toBe('PRODUCER_EXPIRED');
      of.restart(restart % 2);
      of.world.runUntil(() => of.at(0).group.leader.kind !== 'none', 20_000_000);
      of.world.runFor(1_000_000);
    }
    expect(of.at(1).log.state.producers.get('p')?.isExpired).toBe(true);
    expect(publish(of, 'q', 2)).toBe('3');
  });

  it('that was idle for long makes room for another one; who is at work, or has an open session, does not', () => {
    const of = streamWorld(['s', 't'], { producersMax: 3, producerIdleMs: 5_000 });
    expect(['p', 'q', 'r', 'u'].map((producer) => publish(of, producer, 1))).toEqual(['1', '2', '3', 'TOO_MANY']);
    const open = seat(of, 0).attach(of.stream, 'r');
    of.world.runFor(3_000_000);
    expect(publish(of, 'q', 2)).toBe('4');
    of.world.runFor(3_000_000);
    expect(seat(of, 0).reply(open)?.kind).toBe('publisher');
    expect([publish(of, 'u', 1), publish(of, 'q', 3), publish(of, 'p', 2)]).toEqual(['5', '6', 'PRODUCER_EXPIRED']);
    expect(seat(of, 0).isEnded(open)).toBe(false);
    expect(of.world.runUntil(() => of.at(1).log.state.producers.get('p')?.isExpired === true)).toBe(true);
  });

  it('does not make room when too many names have expired', () => {
    const of = streamWorld(['s', 't'], { producersMax: 2, expiredProducersMax: 1 });
    expect([publish(of, 'p', 1), expire(of, 'p'), publish(of, 'q', 1)]).toEqual(['1', 'changed', 'TOO_MANY']);
  });
});
