import { describe, expect, it } from 'vitest';
import type { GenerationId, GroupId, MeshId, NodeId } from '../../../base/ids.js';
import { type ReplicaId, replicaId } from '../../../base/replica.js';
import { logIndex, term } from '../../../base/units.js';
import { configurationOf, encodeConfiguration } from '../../../raft/configuration.js';
import { FAKE_CRYPTO } from '../../../security/fake-crypto.js';
import { generationTagOf } from '../../../security/mesh-key.js';
import { type HeldLog, foundGroup, foundingOfGroup, groupFoundingOf, heldLogOf, holdsQuorum, lineageTagOf, longestOf } from './founding.js';

const replica = (n: number): ReplicaId => replicaId(`0000000000000000000000000${n}` as NodeId, 1);
const FIVE = configurationOf([1, 2, 3, 4, 5].map(replica), [replica(6), replica(7)]);

function held(index: number, ofTerm: number, more: Partial<HeldLog> = {}): HeldLog {
  const last = { index: logIndex(index), term: term(ofTerm) };
  return { configuration: FIVE, last, commit: logIndex(0), damagedThrough: logIndex(0), isSealed: true, ...more };
}

const logs = (of: Record<number, HeldLog>): Map<ReplicaId, HeldLog> => new Map(Object.entries(of).map(([n, log]) => [replica(Number(n)), log]));

describe('the founding of a group', () => {
  it('goes on from the most up-to-date log, by term before index, and its holder votes', () => {
    const founding = foundGroup(logs({ 1: held(9, 2), 2: held(7, 3), 6: held(8, 2) }), 5);
    expect(founding).toEqual({ base: { index: 7, term: 3 }, configuration: configurationOf([1, 2, 6].map(replica)) });
    const one = foundGroup(logs({ 1: held(9, 2), 2: held(7, 3) }), 5);
    expect(one?.configuration).toEqual(configurationOf([replica(2)], [replica(1)]));
  });

  it('prefers who has voted before among those that are as far', () => {
    const founding = foundGroup(logs({ 4: held(9, 2), 6: held(9, 2), 7: held(9, 2), 5: held(9, 2) }), 5);
    expect(founding?.configuration).toEqual(configurationOf([4, 5, 6].map(replica), [replica(7)]));
  });

  it('has as many voters as a mesh of that size, at most as many as are configured', () => {
    const all = logs(Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [n, held(9, 2)])));
    expect(foundGroup(all, 5)?.configuration.voters).toHaveLength(5);
    expect(foundGroup(all, 3)?.configuration.voters).toHaveLength(3);
  });

  it('lets who has lost some of what it vouched for learn, and leaves out what goes beyond the base', () => {
    const damaged = { damagedThrough: logIndex(20) };
    const founding = foundGroup(logs({ 1: held(5, 2), 2: held(4, 2, damaged), 3: held(6, 2, damaged) }), 5);
    expect(founding).toEqual({ base: { index: 5, term: 2 }, configuration: configurationOf([replica(1)], [replica(2)]) });
    expect(foundGroup(logs({ 2: held(4, 2, damaged) }), 5)).toBeNull();
    expect(longestOf(new Map())).toBeNull();
  });

  it('survives its way through messages', () => {
    const founding = foundGroup(logs({ 1: held(9, 2), 2: held(7, 3) }), 5);
    const group = '00000000000000000000000009' as GroupId;
    const record = { id: group as string as GenerationId, parent: group as string as GenerationId, forkIndex: logIndex(7), forkTerm: term(3), memberCount: 2 };
    const whole = { record, groups: founding === null ? [] : [groupFoundingOf(group, founding)], founders: [], parentVoters: encodeConfiguration(FIVE), ancestors: [] };
    expect(foundingOfGroup(whole, group)).toEqual(founding);
    expect(foundingOfGroup(whole, replica(1) as string as GroupId)).toBeNull();
  });
});

describe('the members in reach', () => {
  it('hold a quorum when a majority of the voters is among them that has not stopped', () => {
    const free = { isSealed: false };
    expect(holdsQuorum(logs({ 1: held(9, 2, free), 2: held(9, 2, free), 6: held(9, 2, free), 7: held(9, 2, free) }))).toBe(false);
    expect(holdsQuorum(logs({ 1: held(9, 2, free), 2: held(9, 2, free), 3: held(1, 1, free) }))).toBe(true);
    expect(holdsQuorum(logs({ 1: held(9, 2, free), 2: held(9, 2, free), 3: held(1, 1) }))).toBe(false);
    expect(holdsQuorum(logs({ 1: held(9, 2, free), 2: held(9, 2, free), 3: held(1, 1, { ...free, damagedThrough: logIndex(9) }) }))).toBe(false);
  });

  it('judge by the newest configuration that one of them has', () => {
    const older = { configuration: configurationOf([replica(1)]), isSealed: false };
    expect(holdsQuorum(logs({ 1: held(3, 1, older), 2: held(9, 2, { isSealed: false }) }))).toBe(false);
  });

  it('may know nothing of a group yet', () => {
    const nothing = { group: 'g' as GroupId, configuration: new Uint8Array(0), lastIndex: logIndex(0), lastTerm: term(0), commit: logIndex(0), damagedThrough: logIndex(0), isSealed: true };
    expect(heldLogOf(nothing)?.configuration.voters).toEqual([]);
    expect(heldLogOf({ ...nothing, configuration: new Uint8Array([255]) })).toBeNull();
  });
});

describe('the tag of a generation', () => {
  it('is of its founding, so that two that were founded side by side have tags of their own', () => {
    const mesh = '00000000000000000000000001' as MeshId;
    const tags = ['A', 'B'].map((c) => lineageTagOf(FAKE_CRYPTO, mesh, `0000000000000000000000000${c}` as GenerationId, 2));
    expect(new Set([...tags, generationTagOf(FAKE_CRYPTO, mesh, 2), generationTagOf(FAKE_CRYPTO, mesh, 1)]).size).toBe(4);
  });
});
