import { describe, expect, it } from 'vitest';
import type { TargetAction } from '../operations.js';
import { NO_FAILURE_CHOICE } from '../failure-policy.js';
import type { CompletionPolicy } from '../policy.js';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from '../testing/stream-seat.js';
import { nodeNamed } from '../testing/group-host.js';
import { idFromBytes, type TenantId } from '../../base/ids.js';

const ALL: CompletionPolicy = { kind: 'all' };
const seat = (of: StreamWorld, at: number): StreamSeat => of.seats[at] as StreamSeat;
const attach = (start: 'now' | 'earliest' | number, isOptional = false): TargetAction => ({
  kind: 'attach',
  start: typeof start === 'number' ? { kind: 'after', seq: start } : { kind: start },
  isOptional,
});

/** Asks at the source and waits; the code of a refusal, or 'changed'. */
function change(of: StreamWorld, target: number, action: TargetAction): string {
  const source = seat(of, 0);
  const request = source.changeTarget(of.stream, seat(of, target).host.node, action);
  const isAnswered = of.world.runUntil(() => source.host.replyTo(request) !== null, 10_000_000);
  return isAnswered ? (source.refusal(request) ?? 'changed') : 'no answer';
}

function publish(of: StreamWorld, from: number, through: number): void {
  for (let n = from; n <= through; n++) {
    const request = seat(of, 0).publish(of.stream, n, { level: 'replicated' });
    if (!of.world.runUntil(() => seat(of, 0).reply(request) !== null)) throw new Error(`message ${n} is not replicated`);
  }
}

/** A subscriber that acknowledges all it gets when asked to. */
function read(of: StreamWorld, at: number, through: number): void {
  const request = seat(of, at).subscribe('s');
  const has = (): boolean => seat(of, at).delivered(request).some(({ seq }) => seq === through);
  if (!of.world.runUntil(has, 10_000_000)) throw new Error(`${through} is not delivered`);
  seat(of, at).acknowledge(request, through);
}

const firstSeq = (of: StreamWorld, at: number): number | null => {
  const request = seat(of, at).subscribe('s');
  of.world.runUntil(() => seat(of, at).delivered(request).length > 0, 5_000_000);
  return seat(of, at).delivered(request)[0]?.seq ?? null;
};

const state = (of: StreamWorld, at = 0) => of.at(at).log.state;

describe('a target that comes late', () => {
  it.each([
    ['now', 4],
    ['earliest', 1],
    [2, 3],
  ] as const)('begins where it was told to: %s', (start, first) => {
    const of = streamWorld(['s', 't', 'u'], {}, ALL, NO_FAILURE_CHOICE, 1);
    publish(of, 1, 3);
    expect(change(of, 2, attach(start))).toBe('changed');
    publish(of, 4, 5);
    expect(firstSeq(of, 2)).toBe(first);
  });

  it('is waited for, votes, and comes back as a target after a restart', () => {
    const of = streamWorld(['s', 't', 'u'], {}, ALL, NO_FAILURE_CHOICE, 1);
    publish(of, 1, 2);
    expect(change(of, 2, attach('earliest'))).toBe('changed');
    read(of, 1, 2);
    of.world.runFor(3_000_000);
    expect(state(of).completed).toBe(0);
    expect(of.at(0).group.raft.configuration.voters.length).toBe(3);
    of.restart(2);
    read(of, 2, 2);
    expect(of.world.runUntil(() => state(of).completed === 2)).toBe(true);
    const rows = (at: number): string => JSON.stringify(state(of, at).targets.snapshot());
    expect(of.world.runUntil(() => rows(2) === rows(0) && rows(1) === rows(0))).toBe(true);
  });

  it('is refused when it is no member, begins beyond the end, or before what is kept', () => {
    const of = streamWorld(['s', 't', 'u'], { compactEntriesMin: 1 }, ALL, NO_FAILURE_CHOICE, 1);
    publish(of, 1, 3);
    read(of, 1, 2);
    of.world.runUntil(() => state(of).completed === 2);
    expect(change(of, 2, attach(1))).toBe('OFFSET_OUT_OF_RANGE');
    expect(change(of, 2, attach(4))).toBe('OFFSET_AHEAD');
    expect(change(of, 0, attach('now'))).toBe('INVALID_ARGUMENT');
    expect(change(of, 2, { kind: 'detach' })).toBe('TARGET_UNKNOWN');
    const stranger = seat(of, 0).nextRequest();
    const other = idFromBytes<TenantId>(new Uint8Array(16).fill(9));
    expect(other).not.toBe(TENANT);
    seat(of, 0).streams.operations.changeTarget(stranger, { tenant: other, stream: of.stream, target: seat(of, 2).host.node, action: attach('now') });
    expect(seat(of, 0).refusal(stranger)).toBe('STREAM_UNKNOWN');
  });

  it('that is optional holds back neither completion nor replication', () => {
    const of = streamWorld(['s', 't', 'u'], {}, ALL, NO_FAILURE_CHOICE, 1);
    expect(change(of, 2, attach('now', true))).toBe('changed');
    publish(of, 1, 2);
    read(of, 1, 2);
    expect(of.world.runUntil(() => state(of).completed === 2)).toBe(true);
    expect(of.at(0).group.raft.configuration.learners.length).toBe(1);
    expect(state(of).released).toBe(0);
  });
});

describe('a target that goes', () => {
  it('stops counting at that entry, identically everywhere, and its reports are void', () => {
    const of = streamWorld(['s', 't', 'u']);
    publish(of, 1, 3);
    read(of, 1, 3);
    const late = seat(of, 2).subscribe('s');
    of.world.runUntil(() => seat(of, 2).delivered(late).length === 3);
    expect(change(of, 2, { kind: 'detach' })).toBe('changed');
    expect(of.world.runUntil(() => [0, 1, 2].every((at) => state(of, at).completed === 3))).toBe(true);
    expect(seat(of, 2).refusal(late)).toBe('NOT_TARGET');
    publish(of, 4, 4);
    of.at(0).onSettledReport(seat(of, 2).host.node, 1, 4);
    of.world.runFor(1_000_000);
    expect([state(of).completed, state(of).settledOf(seat(of, 2).host.node)]).toEqual([3, 0]);
  });

  it('and leaves none behind orphans the stream: it completes nothing, keeps its payload, and goes on when one is attached', () => {
    const of = streamWorld(['s', 't', 'u'], { compactEntriesMin: 1 }, ALL, NO_FAILURE_CHOICE, 1);
    publish(of, 1, 4);
    read(of, 1, 2);
    of.world.runUntil(() => state(of).completed === 2);
    expect(change(of, 1, { kind: 'detach' })).toBe('changed');
    expect([state(of).isOrphaned, state(of).completed]).toEqual([true, 2]);
    expect(change(of, 2, attach('now'))).toBe('INVALID_ARGUMENT');
    expect(change(of, 2, attach(2))).toBe('changed');
    expect([state(of).isOrphaned, state(of).completed]).toEqual([false, 2]);
    read(of, 2, 4);
    expect(of.world.runUntil(() => state(of).completed === 4)).toBe(true);
  });

  it('leaves the group by a departure from the mesh as by an operator', () => {
    const of = streamWorld(['s', 't', 'u']);
    publish(of, 1, 2);
    read(of, 1, 2);
    const { node } = seat(of, 2).host;
    for (const at of [0, 1]) of.at(at).onMemberDeparted(seat(of, at).host.now, { node, replica: 1, isEvicted: true, isForced: false, at: 9 as never });
    expect(of.world.runUntil(() => state(of).completed === 2)).toBe(true);
    expect(of.world.runUntil(() => of.at(0).group.raft.configuration.voters.length === 2)).toBe(true);
    expect(state(of, 1).targets.get(node)).toBe(null);
  });

  it('may not be made optional when the policy needs it', () => {
    const of = streamWorld(['s', 't', 'u'], {}, { kind: 'quorum', count: 2 });
    expect(change(of, 1, { kind: 'make-optional' })).toBe('POLICY_BELOW_QUORUM');
    const all = streamWorld(['s', 't', 'u']);
    expect(change(all, 1, { kind: 'make-optional' })).toBe('changed');
    expect(change(all, 2, { kind: 'make-optional' })).toBe('POLICY_BELOW_QUORUM');
    expect(change(all, 1, { kind: 'make-required' })).toBe('changed');
  });
});

describe('a policy that names its targets', () => {
  const named = (...names: string[]): CompletionPolicy => ({ kind: 'named', nodes: names.map(nodeNamed) });

  it('completes with these, and keeps the payload for the others', () => {
    const of = streamWorld(['s', 't', 'u'], {}, named('t'));
    publish(of, 1, 3);
    read(of, 2, 1);
    of.world.runFor(2_000_000);
    expect(state(of).completed).toBe(0);
    read(of, 1, 2);
    expect(of.world.runUntil(() => [0, 1, 2].every((at) => state(of, at).completed === 2))).toBe(true);
    expect([state(of).released, state(of).isOrphaned]).toEqual([1, false]);
  });

  it('is judged anew at the entry that changes them, alike everywhere, and without any the stream is orphaned', () => {
    const of = streamWorld(['s', 't', 'u', 'v'], {}, named('t', 'u'));
    publish(of, 1, 3);
    read(of, 1, 3);
    of.world.runFor(1_000_000);
    expect(state(of).completed).toBe(0);
    expect(change(of, 2, { kind: 'detach' })).toBe('changed');
    expect(of.world.runUntil(() => [0, 1, 2, 3].every((at) => state(of, at).completed === 3))).toBe(true);
    publish(of, 4, 4);
    expect(change(of, 1, { kind: 'make-optional' })).toBe('POLICY_BELOW_QUORUM');
    expect(change(of, 1, { kind: 'detach' })).toBe('changed');
    read(of, 3, 4);
    of.world.runFor(1_000_000);
    expect([state(of).isOrphaned, state(of).completed]).toEqual([true, 3]);
  });

  it('is refused when it names what is no target, or too few', () => {
    const of = streamWorld(['s', 't', 'u', 'v']);
    const source = seat(of, 0);
    const refusals = [named('x'), named('t')].map((policy) => source.refusal(source.open('other', of.seats.slice(1), policy)));
    expect(refusals).toEqual(['POLICY_BELOW_QUORUM', 'POLICY_BELOW_QUORUM']);
    const open = source.open('third', of.seats.slice(1), named('t', 'u'));
    of.world.runUntil(() => source.reply(open) !== null);
    expect(source.reply(open)).toMatchObject({ kind: 'stream' });
    expect(source.refusal(source.open('third', of.seats.slice(1), named('t', 'v')))).toBe('STREAM_EXISTS');
  });
});
