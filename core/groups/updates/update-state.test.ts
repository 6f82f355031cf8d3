import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES, utf8Encode } from '../../base/bytes.js';
import { type MessageId, type NodeId, idFromBytes } from '../../base/ids.js';
import { type UpdateBatch, type UpdateRecord, UPDATE_FEEDS, UpdateSnapshot } from '../../wire/update-messages.js';
import { UpdateState, costOf } from './update-state.js';

const node = (n: number): NodeId => idFromBytes<NodeId>(new Uint8Array(16).fill(n));
let ids = 0;
const freshId = (): MessageId => idFromBytes<MessageId>(Uint8Array.from({ length: 16 }, (_, at) => (at === 15 ? ++ids & 255 : at === 14 ? ids >>> 8 : 1)));

const record = (more: Partial<UpdateRecord> = {}): UpdateRecord => ({
  updateId: freshId(),
  feed: UPDATE_FEEDS.mesh,
  origin: node(1),
  sender: '',
  senderSeq: 0,
  topic: '',
  changes: [],
  payload: utf8Encode('payload'),
  ...more,
});
const batch = (records: readonly UpdateRecord[], more: Partial<UpdateBatch> = {}): UpdateBatch => ({
  origin: node(1),
  retainBytesMax: 1_000_000,
  retainCountMax: 1_000,
  records,
  ...more,
});
const kindsOf = (state: UpdateState, ...records: UpdateRecord[]): string[] => state.apply(batch(records)).map(({ kind }) => kind);

describe('the state of a log of updates', () => {
  it('numbers updates without gaps in the order of the log', () => {
    const state = new UpdateState();
    const outcomes = [...state.apply(batch([record(), record()])), ...state.apply(batch([record()]))];
    expect(outcomes.map((outcome) => (outcome.kind === 'admitted' ? outcome.seq : outcome.kind))).toEqual([1, 2, 3]);
    expect([state.lastSeq, state.baseSeq, state.at(0), state.at(4)]).toEqual([3, 0, null, null]);
    expect([1, 2, 3].map((seq) => state.at(seq)?.seq)).toEqual([1, 2, 3]);
  });

  it('admits a sender at numbers above its last alone, and knows what the newest repeats got', () => {
    const state = new UpdateState();
    const of = (senderSeq: number): UpdateRecord => record({ sender: 's', senderSeq });
    expect(kindsOf(state, of(3), of(3), of(5), of(4))).toEqual(['admitted', 'repeat', 'admitted', 'too-old']);
    expect(state.find(of(3))).toBe(1);
    for (let n = 6; n < 20; n++) kindsOf(state, of(n));
    expect([state.find(of(3)), state.find(of(19)), state.find(of(20))]).toEqual(['too-old', 16, null]);
    expect(state.lastOf('s')).toBe(19);
  });

  it('recognises an update without a sender by its id, among the newest 4096', () => {
    const state = new UpdateState();
    const first = record();
    expect(kindsOf(state, first, first)).toEqual(['admitted', 'repeat']);
    for (let n = 0; n < 4095; n++) state.apply(batch([record()]));
    expect(state.find(first)).toBe(1);
    state.apply(batch([record()]));
    expect(state.find(first)).toBe(null);
    state.checkInvariants();
  });

  it('keeps no more than the entries say, and forgets the oldest first', () => {
    const state = new UpdateState();
    const records = Array.from({ length: 6 }, () => record());
    const cost = costOf(records[0] as UpdateRecord);
    state.apply(batch(records, { retainCountMax: 4 }));
    expect([state.baseSeq, state.retainedBytes]).toEqual([2, 4 * cost]);
    state.apply(batch([record()], { retainBytesMax: 2 * cost }));
    expect([state.baseSeq, state.retainedBytes]).toEqual([5, 2 * cost]);
    expect([state.bytesAfter(0), state.bytesAfter(5), state.bytesAfter(6), state.bytesAfter(7)]).toEqual([2 * cost, 2 * cost, cost, 0]);
  });

  it('keeps what some member has not applied, and nothing that all have; marks never fall', () => {
    const state = new UpdateState();
    state.apply(batch([record(), record(), record()]));
    state.mark({ marks: [{ node: node(1), seq: 3 }, { node: node(2), seq: 2 }], floor: 2 });
    expect([state.baseSeq, state.floor, state.appliedOf(node(1)), state.appliedOf(node(3))]).toEqual([2, 2, 3, 0]);
    state.mark({ marks: [{ node: node(1), seq: 1 }, { node: node(3), seq: 99 }], floor: 1 });
    expect([state.floor, state.appliedOf(node(1)), state.appliedOf(node(3))]).toEqual([2, 3, 0]);
    state.checkInvariants();
  });

  it('sums up the changes of configuration, whatever of the updates is kept', () => {
    const state = new UpdateState();
    const change = (key: string, value: string, isRemoval = false) => ({ table: 'config_kv', key: utf8Encode(key), value: isRemoval ? EMPTY_BYTES : utf8Encode(value), isRemoval, ifRevision: 0 });
    state.apply(batch([record({ changes: [change('a', '1'), change('b', '2')] }), record({ changes: [change('a', '3')] })], { retainCountMax: 1 }));
    state.apply(batch([record({ changes: [change('b', '', true)] })], { retainCountMax: 1 }));
    expect(state.configuration.rows()).toEqual([{ key: utf8Encode('a'), value: utf8Encode('3'), revision: 2 }]);
  });

  it('is the same after a snapshot, retained updates and repeats included', () => {
    const state = new UpdateState();
    const known = record({ sender: 's', senderSeq: 4 });
    state.apply(batch([record(), known, record({ feed: UPDATE_FEEDS.node })], { retainCountMax: 2 }));
    state.mark({ marks: [{ node: node(1), seq: 2 }], floor: 0 });
    const copy = new UpdateState();
    expect(copy.restore(UpdateSnapshot.decode(UpdateSnapshot.encode(state.snapshot())) as UpdateSnapshot)).toBe(true);
    expect(copy.snapshot()).toEqual(state.snapshot());
    expect([copy.digest(), copy.baseSeq, copy.find(known)]).toEqual([state.digest(), 1, 2]);
    const more = batch([record()], { retainCountMax: 2 });
    state.apply(more);
    copy.apply(more);
    expect(copy.digest()).toBe(state.digest());
    expect(copy.restore({ ...state.snapshot(), lastSeq: 9 })).toBe(false);
  });
});
