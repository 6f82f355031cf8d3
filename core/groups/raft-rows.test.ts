import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../base/bytes.js';
import type { GroupId } from '../base/ids.js';
import { replicaId } from '../base/replica.js';
import { type Term, logIndex, term } from '../base/units.js';
import type { JournalEntry, RestoredGroup } from '../journal/api.js';
import type { Configuration } from '../raft/api.js';
import { encodeConfiguration } from '../raft/configuration.js';
import { ConfigurationRow, HardStateRow, configurationKey, encodeGenerationRow, encodeSnapshotRow, forgetRaft, generationKey, hardStateKey, putDamage, restoreRaft, snapshotKey } from './raft-rows.js';
import { GroupHost, MESH, nodeNamed } from './testing/group-host.js';

const GROUP = MESH as string as GroupId;
const [A, B] = [replicaId(nodeNamed('a'), 1), replicaId(nodeNamed('b'), 2)];
const INITIAL: Configuration = { voters: [A], outgoing: null, learners: [] };
const LATER: Configuration = { voters: [A], outgoing: null, learners: [B] };

const entry = (index: number, of: number): JournalEntry => ({ index: logIndex(index), term: of as Term, kind: 'data', bytes: utf8Encode(`${index}`) });

/** A host whose journal holds entries 3 to 8 of terms 2 and 5, a snapshot at 2 and a configuration at 4. */
function hostWith(): GroupHost {
  const host = new GroupHost('a');
  const { journal } = host;
  journal.put(hardStateKey(GROUP), HardStateRow.encode({ term: term(5), vote: B }));
  journal.put(snapshotKey(GROUP), encodeSnapshotRow({ index: logIndex(2), term: term(1), configuration: INITIAL, state: utf8Encode('state') }));
  journal.append(GROUP, [1, 2].map((index) => entry(index, 1)));
  journal.compact(GROUP, logIndex(2), logIndex(2));
  journal.append(GROUP, [3, 4, 5].map((index) => entry(index, 2)));
  journal.append(GROUP, [6, 7, 8].map((index) => entry(index, 5)));
  journal.put(configurationKey(GROUP, logIndex(4)), ConfigurationRow.encode({ term: term(2), configuration: encodeConfiguration(LATER) }));
  host.settleDisk();
  return host.restart();
}

const restoredOf = (host: GroupHost): RestoredGroup => {
  const [restored] = host.journal.restoredGroups();
  if (restored === undefined) throw new Error('the group is in the journal');
  return restored;
};

describe('the rows of a Raft replica', () => {
  it('give a new group its beginning', () => {
    const restored = restoreRaft(new GroupHost('a').journal, GROUP, INITIAL, null);
    expect(restored).toEqual({
      hardState: { term: 0, vote: null },
      generation: null,
      snapshot: { index: 0, term: 0, configuration: INITIAL, state: new Uint8Array(0) },
      terms: [],
      configurations: [],
      tail: [],
      damagedThrough: 0,
    });
  });

  it('give back a generation, sealed or founded, and forget it with the group', () => {
    const host = new GroupHost('a');
    const founding = { configuration: LATER, base: { index: logIndex(7), term: term(3) } };
    for (const generation of [{ number: 1, isSealed: true, founding: null }, { number: 4, isSealed: false, founding }]) {
      host.journal.put(generationKey(GROUP), encodeGenerationRow(generation));
      expect(restoreRaft(host.journal, GROUP, INITIAL, null).generation).toEqual(generation);
    }
    forgetRaft(host.journal, GROUP);
    expect(restoreRaft(host.journal, GROUP, INITIAL, null).generation).toBeNull();
  });

  it('give back term, vote, snapshot, the terms of the log, its configurations and its tail', () => {
    const host = hostWith();
    const restored = restoreRaft(host.journal, GROUP, INITIAL, restoredOf(host));
    expect(restored.hardState).toEqual({ term: 5, vote: B });
    expect(restored.snapshot).toEqual({ index: 2, term: 1, configuration: INITIAL, state: utf8Encode('state') });
    expect(restored.terms).toEqual([{ term: 2, from: 3, through: 5 }, { term: 5, from: 6, through: 8 }]);
    expect(restored.configurations.map(({ index, term: of, bytes }) => [index, of, bytes])).toEqual([[4, 2, encodeConfiguration(LATER)]]);
    expect(restored.tail.map(({ index }) => index)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(restored.damagedThrough).toBe(0);
  });

  it('of a damaged log stop before the damage, and say how far the log had been', () => {
    const host = hostWith();
    for (let from = 3; from <= 8; from++) {
      const damaged = { ...restoredOf(host), damagedFrom: logIndex(from) };
      const restored = restoreRaft(host.journal, GROUP, INITIAL, damaged);
      expect([restored.damagedThrough, restored.tail]).toEqual([8, []]);
      expect(restored.terms.at(-1)?.through ?? 2).toBe(from - 1);
      expect(restored.configurations.length).toBe(from > 4 ? 1 : 0);
    }
  });

  it('rule 37: remember how far a damaged log had been until all of it is back', () => {
    const host = hostWith();
    const through = (restored: RestoredGroup): number => restoreRaft(host.journal, GROUP, INITIAL, restored).damagedThrough;
    putDamage(host.journal, GROUP, logIndex(8));
    const whole = restoredOf(host);
    expect(through({ ...whole, lastIndex: logIndex(6) }), 'repaired half-way').toBe(8);
    expect(through({ ...whole, lastIndex: logIndex(6), damagedFrom: logIndex(5) }), 'and damaged again').toBe(8);
    expect(through(whole), 'repaired').toBe(0);
    putDamage(host.journal, GROUP, logIndex(0));
    expect(through({ ...whole, lastIndex: logIndex(6) })).toBe(0);
  });

  it('are all gone when the group is forgotten', () => {
    const host = hostWith();
    putDamage(host.journal, GROUP, logIndex(8));
    forgetRaft(host.journal, GROUP);
    host.journal.removeGroup(GROUP);
    host.settleDisk();
    expect(host.restart().journal.keys('')).toEqual([]);
  });
});
