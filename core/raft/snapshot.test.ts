import { describe, expect, it } from 'vitest';
import { Lab } from './testing/lab.js';
import type { SingleReplica } from './testing/single-replica.js';

const STATE = Uint8Array.from({ length: 100 }, (_, n) => n);

/** Leader 1 has compacted what the third replica lacks; a chunk has ten bytes, and one is on its way at a time. */
function laggingThird(): { readonly lab: Lab; readonly leader: SingleReplica; readonly lagging: SingleReplica; compact: () => void } {
  const lab = new Lab({ voters: 3, config: { snapshotChunkBytesMax: 10, snapshotChunksInflightMax: 1 } });
  const leader = lab.elect(1);
  lab.isolate(3);
  const compact = (): void => {
    lab.propose(1);
    lab.propose(1);
    leader.group.compact(leader.now, leader.group.appliedIndex, STATE);
    leader.act();
  };
  compact();
  return { lab, leader, lagging: lab.at(3), compact };
}

/** Until `count` chunks have arrived; the others are lost. */
function letPass(lab: Lab, count: number): void {
  let chunks = 0;
  lab.passes = (_from, _to, message) => message.kind !== 'snapshotChunk' || ++chunks <= count;
}

describe('rule 35: a snapshot on its way while the leader makes a newer one', () => {
  it('rule 35: is superseded when nothing of it has arrived', () => {
    const { lab, leader, lagging, compact } = laggingThird();
    letPass(lab, 0);
    lab.heal();
    lab.pass(300_000);
    compact();
    lab.passes = () => true;
    lab.pass(5_000_000);
    expect(lagging.installed.map(({ index }) => index)).toEqual([leader.group.snapshotIndex]);
    expect(lagging.group.commitIndex).toBe(leader.group.commitIndex);
  });

  it('rule 35: is superseded when its flow was lost half-way, and not otherwise', () => {
    for (const isLost of [true, false]) {
      const { lab, leader, lagging, compact } = laggingThird();
      const first = leader.group.snapshotIndex;
      letPass(lab, 5);
      lab.heal();
      lab.pass(300_000);
      compact();
      lab.passes = () => true;
      if (isLost) leader.group.onPeerLost(leader.now, lagging.id);
      lab.pass(8_000_000);
      expect(lagging.installed.map(({ index }) => index)).toEqual(isLost ? [leader.group.snapshotIndex] : [first, leader.group.snapshotIndex]);
      expect(lagging.installed.every(({ state }) => state.join() === STATE.join())).toBe(true);
    }
  });

  it('rule 35: leaves no election behind, however often it is superseded', () => {
    const { lab, leader, lagging, compact } = laggingThird();
    const { term } = leader.group;
    letPass(lab, 0);
    lab.heal();
    for (let n = 0; n < 10; n++) {
      compact();
      leader.group.onPeerLost(leader.now, lagging.id);
      lab.pass(1_000_000);
    }
    lab.passes = () => true;
    lab.pass(5_000_000);
    expect(lagging.installed.length).toBe(1);
    expect([leader.group.role, leader.group.term]).toEqual(['leader', term]);
  });
});
