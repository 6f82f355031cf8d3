import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../base/bytes.js';
import { type TenantId, idFromBytes } from '../base/ids.js';
import { SignedDescriptor } from '../wire/group-messages.js';
import { descriptorKey } from './dsg/stream-rows.js';
import { type StreamSeat, type StreamWorld, TENANT, streamWorld } from './testing/stream-seat.js';

const seat = (of: StreamWorld, at: number): StreamSeat => of.seats[at] as StreamSeat;

function publish(of: StreamWorld, from: number, through: number): void {
  for (let n = from; n <= through; n++) {
    const request = seat(of, 0).publish(of.stream, n, { level: 'replicated', payload: new Uint8Array(900) });
    if (!of.world.runUntil(() => seat(of, 0).reply(request) !== null)) throw new Error(`message ${n} is not replicated`);
  }
}

function read(of: StreamWorld, at: number, through: number): void {
  const request = seat(of, at).subscribe('s');
  const has = (): boolean => seat(of, at).delivered(request).some(({ seq }) => seq === through);
  if (!of.world.runUntil(has, 10_000_000)) throw new Error(`${through} is not delivered`);
  seat(of, at).acknowledge(request, through);
}

/** Asks at the source; not waited for. */
function ask(of: StreamWorld, isForced = false): number {
  const source = seat(of, 0);
  const request = source.nextRequest();
  source.streams.deletions.delete(request, { tenant: TENANT, stream: of.stream, isForced });
  return request;
}

/** Closed, and settled everywhere. */
function drained(names: readonly string[], config: object = {}): StreamWorld {
  const of = streamWorld(names, config);
  publish(of, 1, 4);
  for (let at = 1; at < names.length; at++) read(of, at, 4);
  seat(of, 0).streams.close(seat(of, 0).nextRequest(), TENANT, of.stream);
  if (!of.world.runUntil(() => of.at(0).log.state.isDrained, 20_000_000)) throw new Error('it drains');
  return of;
}

/** Whatever the journal of a seat holds of the stream, beside its tombstone. */
function remains(of: StreamWorld, at: number): string[] {
  const { journal } = seat(of, at).host;
  const keys = [...journal.keys(''), ...journal.blobOwners()].filter((key) => key.includes(of.stream) && !key.startsWith('deleted/'));
  const groups = journal.restoredGroups().filter(({ group }) => (group as string) === of.stream);
  return [...keys, ...groups.map(({ group }) => `log of ${group}`)];
}

describe('a stream is deleted', () => {
  it('by an entry of its log, and no member keeps anything of it but that it was', () => {
    const of = drained(['s', 't', 'u']);
    const request = ask(of);
    expect(of.world.runUntil(() => seat(of, 0).reply(request) !== null, 20_000_000)).toBe(true);
    expect(seat(of, 0).reply(request)).toEqual({ kind: 'deleted', stream: of.stream, lastSeq: 4, discarded: { messages: 0, deadLetters: 0 } });
    expect(of.world.runUntil(() => seat(of, 0).streams.deletions.unconfirmedCount === 0, 20_000_000)).toBe(true);
    of.world.runFor(1_000_000);
    for (const at of [0, 1, 2]) {
      expect(remains(of, at)).toEqual([]);
      of.restart(at);
      expect(remains(of, at)).toEqual([]);
      expect(seat(of, at).streams.size).toBe(0);
    }
    expect(seat(of, 0).host.deadlines.armedCount).toBe(0);
  });

  it('not while somebody waits for something of it, unless that is said to be lost', () => {
    const of = streamWorld(['s', 't']);
    publish(of, 1, 3);
    expect(seat(of, 0).refusal(ask(of))).toBe('STREAM_NOT_SETTLED');
    seat(of, 0).streams.close(seat(of, 0).nextRequest(), TENANT, of.stream);
    of.world.runFor(5_000_000);
    expect(seat(of, 0).refusal(ask(of))).toBe('STREAM_NOT_SETTLED');
    const forced = ask(of, true);
    expect(of.world.runUntil(() => seat(of, 0).reply(forced) !== null, 20_000_000)).toBe(true);
    expect(seat(of, 0).reply(forced)).toMatchObject({ discarded: { messages: 3 } });
    expect(remains(of, 0)).toEqual([]);
  });

  it('by force with what only its source has, once a majority has the entry', () => {
    const of = streamWorld(['s', 't', 'u']);
    of.world.cut(seat(of, 0).host, seat(of, 1).host);
    of.world.cut(seat(of, 0).host, seat(of, 2).host);
    seat(of, 0).publish(of.stream, 1);
    of.world.runFor(100_000);
    const request = ask(of, true);
    of.world.runFor(3_000_000);
    expect(seat(of, 0).reply(request)).toBe(null);
    of.restart(0);
    of.world.cut(seat(of, 0).host, seat(of, 1).host, false);
    expect(of.world.runUntil(() => seat(of, 0).streams.size === 0, 60_000_000)).toBe(true);
  });

  it('and who was absent learns it when it returns, and does not bring it back', () => {
    const of = drained(['s', 't', 'u']);
    of.world.cut(seat(of, 2).host, seat(of, 0).host);
    of.world.cut(seat(of, 2).host, seat(of, 1).host);
    const request = ask(of);
    expect(of.world.runUntil(() => seat(of, 0).reply(request) !== null, 20_000_000)).toBe(true);
    of.world.runFor(10_000_000);
    expect([seat(of, 0).streams.size, seat(of, 2).streams.size, seat(of, 0).streams.deletions.unconfirmedCount]).toEqual([0, 1, 1]);
    of.restart(0);
    of.restart(2);
    for (const at of [0, 1]) of.world.cut(seat(of, 2).host, seat(of, at).host, false);
    expect(of.world.runUntil(() => seat(of, 2).streams.size === 0, 30_000_000)).toBe(true);
    of.world.runFor(20_000_000);
    expect(seat(of, 0).streams.deletions.unconfirmedCount).toBe(0);
    for (const at of [0, 1, 2]) expect(remains(of, at)).toEqual([]);
  });

  it('and its source tells a member that was absent after a restart of its own, without being asked', () => {
    const of = drained(['s', 't', 'u']);
    for (const at of [0, 1]) of.world.cut(seat(of, 2).host, seat(of, at).host);
    const request = ask(of);
    of.world.runUntil(() => seat(of, 0).reply(request) !== null, 20_000_000);
    of.restart(0);
    of.world.remove(seat(of, 1).host);
    of.world.cut(seat(of, 2).host, seat(of, 0).host, false);
    expect(of.world.runUntil(() => seat(of, 2).streams.size === 0, 30_000_000)).toBe(true);
  });

  it('and an invitation that was on its way does not bring it back', () => {
    const of = drained(['s', 't']);
    const bytes = seat(of, 0).host.journal.get(descriptorKey(of.stream)) as Uint8Array;
    const invitation = { ...(SignedDescriptor.decode(bytes) as SignedDescriptor), attachmentSignature: EMPTY_BYTES };
    const request = ask(of);
    of.world.runUntil(() => seat(of, 0).reply(request) !== null && seat(of, 1).streams.size === 0, 20_000_000);
    seat(of, 1).streams.onInvite(seat(of, 1).host.now, invitation);
    expect(seat(of, 1).streams.size).toBe(0);
    of.world.runFor(5_000_000);
    expect([seat(of, 0).streams.size, seat(of, 1).streams.size]).toEqual([0, 0]);
  });

  it('and who speaks of it is told so, but nobody else learns that there was one', () => {
    const of = drained(['s', 't']);
    const request = ask(of);
    of.world.runUntil(() => seat(of, 0).reply(request) !== null, 20_000_000);
    of.restart(0);
    const late = seat(of, 0);
    const published = late.nextRequest();
    const offer = { producerSeq: 9, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(1), headers: new Uint8Array(0) };
    late.streams.publishing.publishOne(late.host.now, published, { tenant: TENANT, stream: of.stream, producer: 'p', level: 'accepted' }, offer);
    const again = late.nextRequest();
    late.streams.deletions.delete(again, { tenant: TENANT, stream: of.stream, isForced: true });
    const stranger = late.nextRequest();
    const other = idFromBytes<TenantId>(new Uint8Array(16).fill(9));
    late.streams.deletions.delete(stranger, { tenant: other, stream: of.stream, isForced: true });
    expect([published, again, stranger].map((each) => late.refusal(each))).toEqual(['STREAM_DELETED', 'STREAM_DELETED', 'STREAM_UNKNOWN']);
    const reopened = late.open('s', [seat(of, 1)]);
    of.world.runUntil(() => late.reply(reopened) !== null);
    expect(late.reply(reopened)).toMatchObject({ kind: 'stream', lastSeq: 0 });
  });

  it('and a signature of anybody else deletes nothing', () => {
    const of = streamWorld(['s', 't']);
    seat(of, 1).streams.deletions.onTold(seat(of, 1).host.now, seat(of, 0).host.node, of.stream as never, new Uint8Array(64));
    expect(seat(of, 1).streams.size).toBe(1);
  });

  it('remembers no more of them than it may, the unconfirmed before all others', () => {
    const of = drained(['s', 't'], { tombstonesMax: 0 });
    of.world.cut(seat(of, 1).host, seat(of, 0).host);
    seat(of, 1).streams.deletions.onTold(seat(of, 1).host.now, seat(of, 0).host.node, of.stream as never, new Uint8Array(64));
    of.world.cut(seat(of, 1).host, seat(of, 0).host, false);
    const request = ask(of);
    of.world.runUntil(() => seat(of, 0).reply(request) !== null, 20_000_000);
    of.world.runFor(20_000_000);
    expect([seat(of, 0).streams.deletions.has(of.stream), seat(of, 1).streams.size]).toEqual([false, 0]);
  });
});
