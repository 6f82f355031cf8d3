import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { FlowPayload } from '../../wire/group-messages.js';
import { StreamSeat, type StreamWorld, TENANT, streamWorld } from '../testing/stream-seat.js';
import { GroupHost } from '../testing/group-host.js';
import { GroupWorld } from '../testing/group-world.js';

const seat = ({ seats }: StreamWorld, at: number): StreamSeat => seats[at] as StreamSeat;
function offer(of: StreamWorld, request: number, from: number, count: number, bytes: number): void {
  const { streams, host } = seat(of, 0);
  const messages = Array.from({ length: count }, (_, i) => ({ producerSeq: from + i, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(bytes), headers: EMPTY_BYTES }));
  streams.publishing.publish(host.now, request, messages);
}

describe('what a crash could take back', () => {
  it('is not what a publisher is told of its place', () => {
    const of = streamWorld(['s', 't']);
    const first = seat(of, 0).attach(of.stream);
    offer(of, first, 1, 10, 10);
    const again = seat(of, 0).attach(of.stream);
    const reply = seat(of, 0).reply(again);
    const told = reply?.kind === 'publisher' ? reply.lastProducerSeq : 0;
    of.restart(0);
    expect(of.at(0).source?.staging.producers.lastOf('p')).toBeGreaterThanOrEqual(told);
  });

  it('is no close: it leaves its source once no other message can follow it', () => {
    const of = streamWorld(['s', 't', 'u']);
    of.world.remove(seat(of, 0).host);
    expect(of.world.runUntil(() => [1, 2].some((at) => of.at(at).group.leader.kind === 'local'))).toBe(true);
    of.restart(0);
    expect(of.world.runUntil(() => of.at(0).group.leader.kind === 'remote')).toBe(true);
    const s = seat(of, 0);
    expect(of.world.runUntil(() => s.host.dirty.size === 0)).toBe(true);
    const leader = [1, 2].find((at) => of.at(at).group.leader.kind === 'local') as number;
    s.streams.close(999, TENANT, of.stream);
    s.host.flows.splice(0);
    for (const g of [...s.host.dirty]) g.turn(s.host.now, true);
    const sent = s.host.flows.splice(0).map(({ payload }) => FlowPayload.decode(payload)).filter((m) => m?.kind === 'propose');
    // the frame is on its way, the batch is not durable: the source dies
    for (const m of sent) if (m?.kind === 'propose') seat(of, leader).onProposal(s.host.node, m.group, m.entry);
    of.restart(0);
    const s2 = seat(of, 0);
    const request = s2.publish(of.stream, 1, { level: 'accepted' });
    expect(of.world.runUntil(() => s2.reply(request)?.kind === 'published')).toBe(true);
    of.world.runFor(30_000_000);
    expect(of.at(1).log.state.lastSeq).toBe(1);
  });

  it('or was passed over is not called a duplicate', () => {
    const of = streamWorld(['s', 't']);
    const s = seat(of, 0);
    // unary publishes in flight of one producer: 2 is refused as too large just now, 3 fits
    s.publish(of.stream, 1);
    const r3 = s.publish(of.stream, 3);
    const r2 = s.publish(of.stream, 2);
    of.world.runUntil(() => s.reply(r3) !== null);
    expect(s.refusal(r2)).toBe('PRODUCER_GAP');
  });

  it('is no invitation: it leaves once the stream is durable, and hides no later stream of that name', () => {
    const world = new GroupWorld();
    const names = ['s', 't'];
    const seats = names.map((name) => new StreamSeat(new GroupHost(name), names));
    for (const x of seats) world.settle(x);
    const [s, t] = seats as [StreamSeat, StreamSeat];
    s.open('s', [t]);
    const turn = (x: StreamSeat) => { for (const g of [...x.host.dirty]) { x.host.dirty.delete(g); g.turn(x.host.now, true); } };
    turn(s);
    for (const { group } of s.host.frames.splice(0)) t.onUnknownGroup(s.host.node, group);
    for (const { message } of t.host.controls.splice(0)) s.onControl(t.host.node, message);
    const invites = s.host.controls.splice(0);
    for (const { message } of invites) t.onControl(s.host.node, message);
    // the source dies before anything is durable
    const s2 = s.restarted();
    world.settle(s2);
    const request = s2.open('s', [t]);
    world.runUntil(() => s2.reply(request) !== null);
    const reply = s2.reply(request);
    if (reply?.kind !== 'stream') throw new Error('opens');
    s2.publish(reply.stream, 1, { level: 'replicated' });
    const sub = t.subscribe('s');
    world.runFor(120_000_000);
    expect(t.delivered(sub).length).toBe(1);
  });
});
