import { describe, expect, it } from 'vitest';
import { type MessageId, type NodeId, idFromBytes } from '../../base/ids.js';
import { logIndex, micros } from '../../base/units.js';
import type { AppliedMarks } from '../../wire/update-messages.js';
import { GroupHost } from '../testing/group-host.js';
import { MarkCollector, OwnMark } from './applied-marks.js';
import { UpdateState } from './update-state.js';

const host = new GroupHost('a');
const other = idFromBytes<NodeId>(new Uint8Array(16).fill(3));

function stateOf(count: number): UpdateState {
  const state = new UpdateState();
  const records = Array.from({ length: count }, (_, at) => ({
    updateId: idFromBytes<MessageId>(new Uint8Array(16).fill(at + 1)),
    feed: 1,
    origin: host.node,
    sender: '',
    senderSeq: 0,
    topic: '',
    changes: [],
    payload: new Uint8Array(1),
  }));
  state.apply({ origin: host.node, retainBytesMax: 10_000, retainCountMax: 100, records });
  return state;
}

describe('how far this node has applied', () => {
  it('is told to the leader until its log has it, and not more often than is allowed', () => {
    const told: number[] = [];
    const mark = new OwnMark(host.context, 'group', () => undefined);
    const state = stateOf(5);
    const turn = (now: number, durable: number): void => mark.onTurn(micros(now), durable, state, { kind: 'local' }, (seq) => void told.push(seq));
    turn(1, 1);
    turn(2, 2);
    expect(told).toEqual([1]);
    turn(100_001, 2);
    expect(told).toEqual([1, 2]);
    turn(200_002, 2);
    expect(told).toEqual([1, 2]);
    mark.onLeader();
    turn(200_003, 2);
    expect(told).toEqual([1, 2, 2]);
    state.mark({ marks: [{ node: host.node, seq: 2 }], floor: 0 });
    mark.onLeader();
    turn(900_000, 2);
    expect(told).toEqual([1, 2, 2]);
  });

  it('is not told to anybody while nobody leads', () => {
    const mark = new OwnMark(host.context, 'group', () => undefined);
    mark.onTurn(micros(1), 1, stateOf(1), { kind: 'none' }, () => expect.unreachable());
  });
});

describe('the leader of a log of updates', () => {
  it('gathers reports into one entry at a time, with the place that all members have passed', () => {
    const entries: AppliedMarks[] = [];
    const collector = new MarkCollector(host.context, 'group', () => undefined);
    const state = stateOf(5);
    const members = [host.node, other];
    const turn = (now: number, applied: number): void =>
      collector.onTurn(micros(now), { state, applied: logIndex(applied), members }, (marks) => {
        entries.push(marks);
        return logIndex(10 * entries.length);
      });
    turn(1, 5);
    expect(entries).toEqual([]);
    collector.collect(host.node, 4);
    collector.collect(other, 99);
    turn(2, 5);
    collector.collect(host.node, 5);
    turn(3, 5);
    expect(entries).toEqual([{ marks: [{ node: host.node, seq: 4 }, { node: other, seq: 5 }], floor: 4 }]);
    state.mark(entries[0] as AppliedMarks);
    turn(4, 10);
    expect(entries.length).toBe(1);
    turn(100_002, 10);
    expect(entries[1]).toEqual({ marks: [{ node: host.node, seq: 5 }], floor: 5 });
  });
});
