import { describe, expect, it } from 'vitest';
import { type GroupId, type MessageId, type StreamId, idFromBytes } from '../../base/ids.js';
import { type LogIndex, logIndex, micros } from '../../base/units.js';
import { StreamEntry } from '../../wire/group-messages.js';
import { shapeOfNodes } from '../testing/shape.js';
import { GroupHost, nodeNamed } from '../testing/group-host.js';
import type { LeaderView } from '../leader-view.js';
import { OffsetRow, SettledCollector, TargetOffset, offsetKey } from './settlement.js';
import { StreamState } from './stream-state.js';

const STREAM = idFromBytes<StreamId>(new Uint8Array(16).fill(3));
const GROUP = STREAM as string as GroupId;
const MESSAGE = idFromBytes<MessageId>(new Uint8Array(16).fill(5));
const LEADER = nodeNamed('leader');
const REMOTE: LeaderView = { kind: 'remote', node: LEADER };
const [T, U] = [nodeNamed('t'), nodeNamed('u')];

function stateOf(count: number): StreamState {
  const state = new StreamState(shapeOfNodes([T, U]), 8);
  const producerSeqs = Array.from({ length: count }, (_, i) => i + 1);
  state.applyMessages({ kind: 'messages', firstSeq: 1, chunkSeq: 0, chunkCount: 1, producer: 'p', producerSeqs, epoch: 0, controlNo: 0 });
  return state;
}

function target(): { host: GroupHost; offset: TargetOffset; state: StreamState; turns: () => number; turn: (leader?: LeaderView) => void; reports: () => number[]; collected: number[] } {
  const host = new GroupHost('t');
  let turns = 0;
  const state = stateOf(100);
  const collected: number[] = [];
  const offset = new TargetOffset(host.context, STREAM, host.deadlines, () => void turns++);
  const turn = (leader: LeaderView = REMOTE): void => {
    offset.onTurn(host.now, GROUP, state, leader, (seq) => void collected.push(seq));
    offset.checkInvariants();
  };
  const reports = (): number[] => host.controls.map(({ message }) => (message.kind === 'settledReport' ? message.seq : -1));
  return { host, offset, state, turns: () => turns, turn, reports, collected };
}

describe('the offset of a target', () => {
  it('is reported only once it is durable, with its row in the journal and in the ledger', () => {
    const { host, offset, turn, reports, turns } = target();
    offset.ack(7, MESSAGE);
    turn();
    turn();
    expect([reports(), offset.acked, offset.durable]).toEqual([[], 7, 0]);
    host.settleDisk();
    expect([offset.durable, turns()]).toEqual([7, 1]);
    turn();
    expect(reports()).toEqual([7]);
    expect(host.factsOf('offset')).toEqual([{ kind: 'offset', stream: STREAM, node: host.node, seq: 7, messageId: MESSAGE }]);
    expect(OffsetRow.decode(host.journal.get(offsetKey(STREAM)) ?? new Uint8Array(0))).toEqual({ seq: 7, messageId: MESSAGE });
  });

  it('never falls, and is written once', () => {
    const { host, offset, turn, reports } = target();
    for (const seq of [5, 3, 5, 9, 2]) offset.ack(seq, MESSAGE);
    turn();
    host.settleDisk();
    turn();
    offset.ack(4, MESSAGE);
    turn();
    host.settleDisk();
    turn();
    expect([reports(), host.factsOf('offset').length]).toEqual([[9], 1]);
  });

  it('is told again until the state has it, to whoever leads then', () => {
    const { host, offset, state, turn, reports, collected } = target();
    offset.ack(7, MESSAGE);
    turn();
    host.settleDisk();
    turn();
    for (let repeat = 1; repeat <= 3; repeat++) {
      host.now = micros(host.now + 600_000);
      host.runDeadlines();
      turn();
    }
    expect(reports()).toEqual([7, 7, 7, 7]);
    offset.onLeader();
    turn({ kind: 'none' });
    turn({ kind: 'local' });
    expect(collected).toEqual([7]);
    state.applySettled([{ target: T, seq: 7 }]);
    turn();
    expect([reports().length, host.deadlines.armedCount]).toEqual([4, 0]);
  });

  it('that was restored is told after the restart', () => {
    const { host, offset, turn, reports } = target();
    offset.restore(12);
    expect([offset.acked, offset.durable]).toEqual([12, 12]);
    turn();
    expect([reports(), host.factsOf('offset')]).toEqual([[12], []]);
  });

  it('without a leader waits for one, and for no turn of its own', () => {
    const { host, offset, turn, reports } = target();
    offset.ack(7, MESSAGE);
    turn({ kind: 'none' });
    host.settleDisk();
    for (let n = 0; n < 10; n++) turn({ kind: 'none' });
    expect([reports(), host.deadlines.armedCount]).toEqual([[], 1]);
    turn();
    expect(reports()).toEqual([7]);
  });
});

describe('the leader\'s collection', () => {
  /** A collector whose entries the test commits. */
  function collection(): { collector: SettledCollector; state: StreamState; turn: (isRefused?: boolean) => void; commit: () => void; entries: StreamEntry[] } {
    const collector = new SettledCollector();
    const state = stateOf(10);
    const entries: StreamEntry[] = [];
    let applied: LogIndex = logIndex(0);
    const turn = (isRefused = false): void =>
      collector.onTurn(state, applied, 0, (bytes) => {
        const entry = StreamEntry.decode(bytes);
        if (isRefused || entry === null) return null;
        entries.push(entry);
        return logIndex(entries.length);
      });
    const commit = (): void => {
      const entry = entries[applied];
      applied = logIndex(applied + 1);
      if (entry?.kind === 'settled') state.applySettled(entry.marks);
    };
    return { collector, state, turn, commit, entries };
  }

  it('has one mark of each target on its way, and gathers what that target reports meanwhile', () => {
    const { collector, state, turn, commit, entries } = collection();
    collector.collect(T, 3);
    turn();
    collector.collect(T, 5);
    turn();
    expect(entries.length).toBe(1);
    expect(collector.hasNews(state, logIndex(0))).toBe(false);
    collector.collect(T, 7);
    commit();
    expect(collector.hasNews(state, logIndex(1))).toBe(true);
    turn();
    commit();
    expect(collector.hasNews(state, logIndex(2))).toBe(false);
    turn();
    expect(entries).toEqual([
      { kind: 'settled', marks: [{ target: T, seq: 3 }], timeMs: 0 },
      { kind: 'settled', marks: [{ target: T, seq: 7 }], timeMs: 0 },
    ]);
  });

  it('lets the report of one target not wait for the entry of another', () => {
    const { collector, state, turn, commit, entries } = collection();
    collector.collect(T, 5);
    turn();
    collector.collect(U, 4);
    turn();
    commit();
    commit();
    expect(entries).toEqual([
      { kind: 'settled', marks: [{ target: T, seq: 5 }], timeMs: 0 },
      { kind: 'settled', marks: [{ target: U, seq: 4 }], timeMs: 0 },
    ]);
    expect([state.settledOf(T), state.settledOf(U), state.completed]).toEqual([5, 4, 4]);
  });

  it('ignores reports that are late, doubled, of nobody, or of what does not exist yet', () => {
    const { collector, state, turn, commit, entries } = collection();
    for (const seq of [6, 2, 6]) collector.collect(T, seq);
    collector.collect(nodeNamed('stranger'), 9);
    turn();
    commit();
    collector.collect(T, 4);
    turn();
    expect(entries.length).toBe(1);
    collector.collect(U, 999);
    turn();
    commit();
    expect([state.settledOf(T), state.settledOf(U)]).toEqual([6, 10]);
  });

  it('proposes again what was refused, and forgets all when another leads', () => {
    const { collector, turn, entries } = collection();
    collector.collect(T, 3);
    turn(true);
    expect(entries).toEqual([]);
    turn();
    expect(entries.length).toBe(1);
    collector.collect(U, 3);
    collector.reset();
    turn();
    expect(entries.length).toBe(1);
  });
});
