import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { type StreamWorld, TENANT, type StreamSeat, streamWorld } from '../testing/stream-seat.js';

const seat = ({ seats }: StreamWorld, at: number): StreamSeat => seats[at] as StreamSeat;

/** Runs until `condition` holds and says how much time had to pass for it: a timer that had to help. */
function waited({ world }: StreamWorld, condition: () => boolean): number {
  const before = world.now;
  expect(world.runUntil(condition)).toBe(true);
  return world.now - before;
}

/** An open session at the source. */
function attach(of: StreamWorld): number {
  const source = seat(of, 0);
  const session = source.attach(of.stream);
  expect(of.world.runUntil(() => source.reply(session) !== null)).toBe(true);
  return session;
}

/** Offers `count` messages of `bytes` each in one session. */
function offer(of: StreamWorld, request: number, from: number, count: number, bytes: number): void {
  const { streams, host } = seat(of, 0);
  const messages = Array.from({ length: count }, (_, i) => ({ producerSeq: from + i, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(bytes), headers: EMPTY_BYTES }));
  streams.publishing.publish(host.now, request, messages);
}

describe('no timer is needed', () => {
  it('to propose what did not fit the window, once there is room in it', () => {
    const of = streamWorld(['s', 't', 'u'], { proposeWindowBytes: 10_000, batchMessagesMax: 4, publisherWindowBytes: 1 << 22 });
    const session = attach(of);
    offer(of, session, 1, 1000, 500);
    expect(waited(of, () => of.at(0).log.state.lastSeq === 1000)).toBe(0);
  });

  it('to propose from elsewhere than the leader', () => {
    const of = streamWorld(['s', 't', 'u'], { proposeWindowBytes: 10_000, batchMessagesMax: 4, publisherWindowBytes: 1 << 22 });
    of.world.remove(seat(of, 0).host);
    expect(of.world.runUntil(() => [1, 2].some((at) => of.at(at).group.leader.kind === 'local'))).toBe(true);
    of.restart(0);
    expect(of.world.runUntil(() => of.at(0).group.leader.kind === 'remote')).toBe(true);
    const session = attach(of);
    offer(of, session, 1, 300, 500);
    // The commit that the last appends bring is told with the next heartbeat at the latest.
    expect(waited(of, () => of.at(0).log.state.lastSeq === 300)).toBeLessThanOrEqual(200_000);
    expect(of.at(0).group.leader.kind).toBe('remote');
  });

  it('to read back what is staged on the disk alone', () => {
    const of = streamWorld(['s', 't'], { proposeWindowBytes: 20_000, stagedMemoryBytesMax: 5_000, batchMessagesMax: 4, publisherWindowBytes: 1 << 22 });
    const session = attach(of);
    offer(of, session, 1, 400, 500);
    expect(waited(of, () => of.at(0).log.state.lastSeq === 400)).toBe(0);
    expect(of.at(0).source?.staging.stagedCost).toBe(0);
  });

  it('to number and propose a large message', () => {
    const of = streamWorld(['s', 't'], {});
    const source = seat(of, 0);
    const session = attach(of);
    for (let chunkSeq = 0; chunkSeq < 40; chunkSeq++) {
      source.streams.publishing.publish(source.host.now, session, [{ producerSeq: 1, chunkSeq, chunkCount: 40, payload: new Uint8Array(60_000), headers: EMPTY_BYTES }]);
      if (chunkSeq % 3 === 0) of.world.runUntil(() => source.host.now > 0);
    }
    expect(waited(of, () => of.at(1).log.state.lastSeq === 1)).toBe(0);
  });

  it('to deliver what a subscriber reads from the disk, window by window', () => {
    const of = streamWorld(['s', 't'], { deliverBytesMax: 4_000, batchMessagesMax: 8, publisherWindowBytes: 1 << 22 });
    const session = attach(of);
    offer(of, session, 1, 500, 100);
    waited(of, () => of.at(1).log.state.lastSeq === 500);
    const target = seat(of, 1);
    const request = target.subscribe('s', { messages: 70, bytes: 1 << 20 });
    let granted = 70;
    while (granted < 500) {
      expect(waited(of, () => target.delivered(request).length === granted)).toBe(0);
      target.streams.window(request, 70, 0);
      granted = Math.min(500, granted + 70);
    }
    expect(waited(of, () => target.delivered(request).length === 500)).toBe(0);
    expect(target.delivered(request).map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
  });

  it('to settle, whatever number of targets report at once', () => {
    const of = streamWorld(['s', 't', 'u', 'v', 'w']);
    const requests = [1, 2, 3, 4].map((at) => seat(of, at).subscribe('s'));
    for (let n = 1; n <= 10; n++) {
      const publish = seat(of, 0).publish(of.stream, n, { level: 'completed' });
      const all = (): boolean => requests.every((request, i) => seat(of, i + 1).delivered(request).length === n);
      expect(waited(of, all)).toBeLessThanOrEqual(200_000);
      for (const [i, request] of requests.entries()) seat(of, i + 1).acknowledge(request, n);
      expect(waited(of, () => seat(of, 0).reply(publish) !== null)).toBe(0);
    }
  });

  it('to close', () => {
    const of = streamWorld(['s', 't']);
    const request = seat(of, 1).subscribe('s');
    seat(of, 0).publish(of.stream, 1);
    seat(of, 0).streams.close(seat(of, 0).nextRequest(), TENANT, of.stream);
    expect(waited(of, () => of.at(0).log.state.isClosed)).toBe(0);
    expect(waited(of, () => seat(of, 1).delivered(request).length === 1 && of.at(1).log.state.isClosed)).toBeLessThanOrEqual(200_000);
    seat(of, 1).acknowledge(request, 1);
    expect(waited(of, () => seat(of, 1).isEnded(request))).toBe(0);
  });
});

describe('a subscriber that is ahead of its node', () => {
  it('is not refused while its node, cut off since its start, cannot know how far the stream is', () => {
    const of = streamWorld(['s', 't', 'u']);
    for (let n = 1; n <= 5; n++) seat(of, 0).publish(of.stream, n);
    waited(of, () => of.at(1).log.state.lastSeq === 5);
    of.restart(1);
    for (const other of [0, 2]) of.world.cut(seat(of, 1).host, seat(of, other).host);
    const request = seat(of, 1).subscribe('s', { resumeAfter: 4 });
    const beyond = 30_000_000;
    of.world.runFor(beyond);
    expect([seat(of, 1).refusal(request), seat(of, 1).reply(request)]).toEqual([null, null]);
    for (const other of [0, 2]) of.world.cut(seat(of, 1).host, seat(of, other).host, false);
    waited(of, () => seat(of, 1).delivered(request).length === 1);
    const ahead = seat(of, 1).subscribe('s', { resumeAfter: 9 });
    expect(waited(of, () => seat(of, 1).refusal(ahead) !== null)).toBeGreaterThanOrEqual(4_000_000);
    expect(seat(of, 1).refusal(ahead)).toBe('OFFSET_AHEAD');
  });
});
