import { describe, expect, it } from 'vitest';
import type { StreamId } from '../base/ids.js';
import { reject } from '../base/reject.js';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from './testing/stream-seat.js';

const seat = ({ seats }: StreamWorld, at: number): StreamSeat => seats[at] as StreamSeat;

/** Opens another stream of the world's source and waits until it leads it. */
function openAnother(of: StreamWorld, name: string): StreamId {
  const source = seat(of, 0);
  const request = source.open(name, of.seats.slice(1));
  of.world.runUntil(() => source.reply(request) !== null);
  const reply = source.reply(request);
  if (reply?.kind !== 'stream') throw new Error('not opened');
  of.world.runFor(1);
  return reply.stream;
}

function close(of: StreamWorld, stream: StreamId): void {
  seat(of, 0).streams.close(seat(of, 0).nextRequest(), TENANT, stream);
  of.world.runFor(400_000);
  expect(seat(of, 1).streams.get(stream)?.log.state.isClosed).toBe(true);
}

describe('the streams of a node', () => {
  it('are found by name: an open one before a closed one, the newest of several', () => {
    const of = streamWorld(['s', 't']);
    seat(of, 0).publish(of.stream, 1);
    close(of, of.stream);
    const second = openAnother(of, 's');
    const request = seat(of, 1).subscribe('s');
    of.world.runFor(1_000);
    expect(seat(of, 1).reply(request)).toMatchObject({ kind: 'subscription', stream: second });
    close(of, second);
    const last = seat(of, 1).subscribe('s');
    of.world.runFor(1_000);
    expect(seat(of, 1).reply(last)).toMatchObject({ stream: second });
  });

  it('come back after a restart, each with its own', () => {
    const of = streamWorld(['s', 't']);
    const streams = [of.stream, ...['x', 'y'].map((name) => openAnother(of, name))];
    for (const [i, stream] of streams.entries()) for (let n = 1; n <= i + 1; n++) seat(of, 0).publish(stream, n);
    of.world.runFor(1_000);
    of.restart(0);
    of.restart(1);
    of.world.runFor(3_000_000);
    for (const at of [0, 1]) expect(streams.map((stream) => seat(of, at).streams.get(stream)?.log.state.lastSeq)).toEqual([1, 2, 3]);
  });

  it('make no difference to a subscriber that waits for one of them', () => {
    const of = streamWorld(['s', 't']);
    const requests = ['later', 'never', 'later'].map((name) => seat(of, 1).subscribe(name));
    seat(of, 1).streams.cancel(requests[2] as number);
    const stream = openAnother(of, 'later');
    of.world.runFor(1_000);
    expect(requests.map((request) => seat(of, 1).reply(request)?.kind ?? null)).toEqual(['subscription', null, null]);
    seat(of, 1).streams.endSessions(reject('MESH_STOPPED', 'node', 'stopped'));
    expect(requests.map((request) => seat(of, 1).refusal(request))).toEqual(['MESH_STOPPED', 'MESH_STOPPED', null]);
    expect(seat(of, 1).streams.get(stream)?.sessions.isSubscribed).toBe(false);
  });

  it('refuse a subscriber too many', () => {
    const of = streamWorld(['s', 't'], { subscriptionsMax: 2 });
    const requests = [1, 2, 3].map(() => seat(of, 1).subscribe('never'));
    expect(requests.map((request) => seat(of, 1).refusal(request))).toEqual([null, null, 'TOO_MANY']);
  });

  it('tell nothing to who is gone', () => {
    const of = streamWorld(['s', 't']);
    const subscriber = seat(of, 1).subscribe('s');
    const session = seat(of, 0).attach(of.stream);
    of.world.runFor(1_000);
    const publish = seat(of, 0).publish(of.stream, 1, { level: 'completed' });
    of.world.runFor(1_000);
    expect(seat(of, 1).delivered(subscriber).length).toBe(1);
    for (const [at, request] of [[1, subscriber], [0, session], [0, publish]] as const) seat(of, at).streams.cancel(request);
    const next = seat(of, 1).subscribe('s');
    of.world.runFor(1_000);
    seat(of, 1).acknowledge(next, 1);
    seat(of, 0).publish(of.stream, 2);
    of.world.runFor(400_000);
    expect(seat(of, 1).delivered(subscriber).length).toBe(1);
    expect([seat(of, 1).isEnded(subscriber), seat(of, 0).isEnded(session), seat(of, 0).reply(publish)]).toEqual([false, false, null]);
  });

  it('halt the node on a descriptor that does not decode', () => {
    const of = streamWorld(['s', 't']);
    seat(of, 1).host.journal.put(`stream/${of.stream}`, new Uint8Array([255, 255]));
    of.world.runFor(1_000);
    of.restart(1);
    expect(seat(of, 1).host.factsOf('halt').map(({ code }) => code)).toEqual(['descriptor-malformed']);
  });
});

describe('hostile members', () => {
  it('cannot stop a stream by proposals, reports and invitations of no sense', () => {
    const of = streamWorld(['s', 't', 'u']);
    const stream = of.at(0);
    const nonsense = [new Uint8Array(0), new Uint8Array([255, 1, 2]), new Uint8Array([10, 2, 8, 9])];
    for (const from of [seat(of, 0), seat(of, 1)]) for (const bytes of nonsense) stream.onPropose(seat(of, 0).host.now, from.host.node, bytes);
    for (const seq of [0, 1, 2 ** 52]) stream.onSettledReport(seat(of, 2).host.node, 1, seq);
    for (const bytes of nonsense) seat(of, 1).streams.onInvite(seat(of, 1).host.now, { descriptor: bytes, signature: bytes, attachmentSignature: bytes });
    const requests = [1, 2].map((at) => seat(of, at).subscribe('s'));
    const publish = seat(of, 0).publish(of.stream, 1, { level: 'replicated' });
    expect(of.world.runUntil(() => seat(of, 0).reply(publish) !== null)).toBe(true);
    expect(of.world.runUntil(() => requests.every((request, i) => seat(of, i + 1).delivered(request).length === 1))).toBe(true);
    expect(of.seats.flatMap(({ host }) => host.factsOf('halt'))).toEqual([]);
  });
});
