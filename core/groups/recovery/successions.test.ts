import { describe, expect, it } from 'vitest';
import type { GroupId } from '../../base/ids.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import { logIndex, term } from '../../base/units.js';
import type { GroupFounding, GroupSeal } from '../../wire/succession-messages.js';
import { nodeNamed } from '../testing/group-host.js';
import { Successions, foundingOf, seatOf, seatsOf } from './successions.js';

const replica = (name: string, number = 1): ReplicaId => replicaId(nodeNamed(name), number);
const GROUP = nodeNamed('group') as string as GroupId;
const MEMBERS = seatsOf([replica('s'), replica('t')]);

const seal = (generation: number, more: Partial<GroupSeal> = {}): GroupSeal => ({
  group: GROUP,
  generation,
  source: seatOf(replica('s')),
  members: MEMBERS,
  isLossAccepted: false,
  ...more,
});

const founding = (generation: number, more: Partial<GroupFounding> = {}): GroupFounding => ({
  group: GROUP,
  generation,
  voters: seatsOf([replica('s')]),
  learners: [],
  baseIndex: logIndex(7),
  baseTerm: term(2),
  offsets: [{ node: nodeNamed('t'), seq: 3 }],
  ...more,
});

describe('the successions of groups', () => {
  it('seal generations one after the other, and each only once it was founded', () => {
    const successions = new Successions();
    expect(successions.seal(seal(1))).toBe(true);
    expect(successions.seal(seal(1))).toBe(false);
    expect(successions.seal(seal(2))).toBe(false);
    expect(successions.found(founding(2))).toBe(true);
    expect(successions.seal(seal(1))).toBe(false);
    expect(successions.seal(seal(2))).toBe(true);
    successions.checkInvariants();
  });

  it('found the generation after the sealed one, once, and nothing that was not sealed', () => {
    const successions = new Successions();
    expect(successions.found(founding(2))).toBe(false);
    successions.seal(seal(1));
    expect([...successions.pending()]).toHaveLength(1);
    expect(successions.found(founding(3))).toBe(false);
    expect(successions.found(founding(2))).toBe(true);
    expect(successions.found(founding(2, { voters: seatsOf([replica('t')]) }))).toBe(false);
    expect(successions.get(GROUP)?.founding?.voters).toEqual(seatsOf([replica('s')]));
    expect([...successions.pending()]).toEqual([]);
  });

  it('amend a seal by members that its asker did not know, or by consent, and take neither back', () => {
    const successions = new Successions();
    successions.seal(seal(1));
    const wider = seatsOf([replica('s'), replica('t'), replica('u')]);
    expect(successions.seal(seal(1, { members: wider }))).toBe(true);
    expect(successions.seal(seal(1))).toBe(false);
    expect(successions.seal(seal(1, { members: wider, isLossAccepted: true }))).toBe(true);
    expect(successions.seal(seal(1, { members: [...wider, seatOf(replica('v'))] }))).toBe(false);
    expect(successions.get(GROUP)?.seal).toMatchObject({ isLossAccepted: true, members: wider });
  });

  it('come back whole from a snapshot', () => {
    const successions = new Successions();
    successions.seal(seal(1));
    successions.found(founding(2));
    const again = new Successions();
    again.restore(successions.snapshot());
    expect(again.get(GROUP)).toEqual(successions.get(GROUP));
    expect(again.size).toBe(1);
  });

  it('are forgotten when nobody of the last generation is left', () => {
    const successions = new Successions();
    successions.seal(seal(1));
    successions.forget((one) => one === replica('s'));
    expect(successions.size).toBe(1);
    successions.found(founding(2));
    successions.forget((one) => one === replica('s'));
    expect(successions.size).toBe(0);
  });

  it('give Raft what it founds a generation with', () => {
    expect(foundingOf(founding(2, { learners: seatsOf([replica('t')]) }))).toEqual({
      configuration: { voters: [replica('s')], outgoing: null, learners: [replica('t')] },
      base: { index: 7, term: 2 },
    });
  });
});
