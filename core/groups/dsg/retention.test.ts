import { describe, expect, it } from 'vitest';
import type { OpenStream } from '../opening.js';
import { GroupHost } from '../testing/group-host.js';
import { GroupWorld } from '../testing/group-world.js';
import { StreamSeat, TENANT } from '../testing/stream-seat.js';
import type { Stream } from './stream.js';

const CONFIG = { compactEntriesMin: 1, batchMessagesMax: 1 };

interface Line {
  readonly world: GroupWorld;
  readonly seats: readonly StreamSeat[];
  at(seat: number): Stream;
}

/** A stream from s to t and u as `wish` has it, led by s. */
function lineOf(wish: (seats: readonly StreamSeat[]) => Partial<OpenStream>, config: object = {}): Line {
  const world = new GroupWorld();
  const names = ['s', 't', 'u'];
  const seats = names.map((name) => new StreamSeat(new GroupHost(name, { config: { ...CONFIG, ...config } }), names));
  for (const seat of seats) world.settle(seat);
  const [source] = seats as [StreamSeat];
  const targets = seats.slice(1).map(({ host }) => host.node);
  source.streams.open(source.host.now, source.nextRequest(), {
    tenant: TENANT, name: 's', targets, qos: 'bulk', priority: 0, policy: { kind: 'all' }, ...wish(seats),
  });
  const at = (seat: number): Stream => [...(seats[seat] as StreamSeat).streams.all()][0] as Stream;
  if (!world.runUntil(() => source.streams.size === 1 && at(0).group.leader.kind === 'local')) throw new Error('the source leads');
  return { world, seats, at };
}

function publish({ world, seats, at }: Line, from: number, through: number, bytes = 10): void {
  const [source] = seats as [StreamSeat];
  for (let n = from; n <= through; n++) {
    const request = source.publish(at(0).stream, n, { level: 'replicated', payload: new Uint8Array(bytes) });
    if (!world.runUntil(() => source.reply(request) !== null)) throw new Error(`message ${n} is not replicated`);
  }
}

function read({ world, seats }: Line, seat: number, through: number): void {
  const target = seats[seat] as StreamSeat;
  const request = target.subscribe('s');
  if (!world.runUntil(() => target.delivered(request).some(({ seq }) => seq === through), 10_000_000)) throw new Error(`${through} is not delivered`);
  target.acknowledge(request, through);
}

describe('retention', () => {
  it('keeps what is completed for its time, and no longer', () => {
    const line = lineOf(() => ({ retention: { ms: 20_000, bytes: 1_000_000 } }));
    publish(line, 1, 5);
    for (const seat of [1, 2]) read(line, seat, 5);
    expect(line.world.runUntil(() => line.at(0).log.state.completed === 5)).toBe(true);
    line.world.runFor(15_000_000);
    expect([0, 1, 2].map((seat) => line.at(seat).log.releasedSeq)).toEqual([0, 0, 0]);
    line.world.runFor(15_000_000);
    expect([0, 1, 2].map((seat) => line.at(seat).log.state.released)).toEqual([5, 5, 5]);
  });

  it('keeps no more of it than its bytes', () => {
    const line = lineOf(() => ({ retention: { ms: 1_000_000, bytes: 4_000 } }));
    publish(line, 1, 10, 1_000);
    for (const seat of [1, 2]) read(line, seat, 10);
    expect(line.world.runUntil(() => line.at(0).log.state.released >= 7)).toBe(true);
    expect(line.at(0).log.state.released).toBeLessThan(10);
  });

  it('never lets go what a required target lacks, however old or large', () => {
    const line = lineOf(() => ({ retention: { ms: 1_000, bytes: 1_000 } }));
    publish(line, 1, 6, 1_000);
    read(line, 1, 6);
    line.world.runFor(30_000_000);
    expect([line.at(0).log.state.released, line.at(0).log.state.completed]).toEqual([0, 0]);
    read(line, 2, 4);
    expect(line.world.runUntil(() => line.at(0).log.state.released === 4)).toBe(true);
    line.world.runFor(30_000_000);
    expect(line.at(0).log.state.released).toBe(4);
  });

  it('past it an optional target lapses by an entry, everywhere, and begins again only when it is attached', () => {
    const line = lineOf((seats) => ({ optionalTargets: [(seats[2] as StreamSeat).host.node] }), { lapseAfterMs: 5_000 });
    const optional = line.seats[2] as StreamSeat;
    const waiting = optional.subscribe('s', { messages: 1 });
    publish(line, 1, 4);
    read(line, 1, 4);
    expect(line.world.runUntil(() => line.at(0).log.state.completed === 4)).toBe(true);
    line.world.runFor(2_000_000);
    expect(line.at(0).log.state.targets.get(optional.host.node)?.status).toBe('attached');
    line.world.runFor(12_000_000);
    expect([0, 1, 2].map((seat) => line.at(seat).log.state.targets.get(optional.host.node)?.status)).toEqual(['lapsed', 'lapsed', 'lapsed']);
    expect(optional.refusal(waiting)).toBe('OFFSET_OUT_OF_RANGE');
    expect(optional.refusal(optional.subscribe('s'))).toBe(null);
    const [source] = line.seats as [StreamSeat];
    source.changeTarget(line.at(0).stream, optional.host.node, { kind: 'attach', start: { kind: 'now' }, isOptional: true });
    publish(line, 5, 5);
    read(line, 2, 5);
    expect(line.world.runUntil(() => line.at(0).log.state.settledOf(optional.host.node) === 5)).toBe(true);
  });
});
