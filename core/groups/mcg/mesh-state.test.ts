import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { replicaId } from '../../base/replica.js';
import { Rng } from '../../base/rng.js';
import { logIndex } from '../../base/units.js';
import type { FoundMesh, MemberRow } from '../../wire/group-messages.js';
import { MESH, nodeNamed } from '../testing/group-host.js';
import { type MembershipEntry, MeshState } from './mesh-state.js';

const row = (name: string, index: number, more: Partial<MemberRow> = {}): MemberRow => ({
  node: nodeNamed(name),
  name,
  publicKey: Rng.fromSeed(`key/${name}`).fill(32),
  replica: 1,
  index,
  journalId: new Uint8Array(16),
  urls: [`mesh://${name}`],
  site: '',
  chain: EMPTY_BYTES,
  ...more,
});
const founding: FoundMesh = {
  mesh: MESH,
  meshPublicKey: new Uint8Array(32),
  name: 'm',
  description: 'd',
  joinPolicy: 2,
  joinSalt: new Uint8Array(16),
  joinVerifier: new Uint8Array(32),
  generation: 1,
  meshPrivateSeed: new Uint8Array(32),
  founder: row('a', 1),
};
const found: MembershipEntry = { kind: 'found', ...founding };
const admit = (name: string, index: number, more: Partial<MemberRow> = {}): MembershipEntry => ({ kind: 'admit', ...row(name, index, more) });

function stateAfter(...entries: MembershipEntry[]): { state: MeshState; outcomes: string[] } {
  const state = new MeshState();
  const outcomes = entries.map((entry, at) => {
    const { kind } = state.apply(logIndex(at + 1), entry);
    state.checkInvariants();
    return kind;
  });
  return { state, outcomes };
}

describe('the state of a mesh', () => {
  it('begins with its founding, once', () => {
    const { state, outcomes } = stateAfter(found, { ...found, name: 'other' });
    expect(outcomes).toEqual(['founded', 'stale']);
    expect([state.founded?.name, state.nextIndex, state.replicaOf(nodeNamed('a'))]).toEqual(['m', 2, replicaId(nodeNamed('a'), 1)]);
  });

  it('gives indexes in the order of the log: what was proposed against an older state is stale', () => {
    const { state, outcomes } = stateAfter(found, admit('b', 2), admit('c', 2), admit('c', 4), admit('c', 3));
    expect(outcomes).toEqual(['founded', 'admitted', 'stale', 'stale', 'admitted']);
    expect([...state.members.values()].map(({ name, index }) => [name, index])).toEqual([['a', 1], ['b', 2], ['c', 3]]);
  });

  it('lets a node come back only with its own key and as a later replica, under a new index', () => {
    const thief = Rng.fromSeed('thief').fill(32);
    const { state, outcomes } = stateAfter(
      found,
      admit('b', 2, { replica: 2 }),
      admit('b', 3, { replica: 2 }),
      admit('b', 3, { replica: 1 }),
      admit('b', 3, { replica: 3, publicKey: thief }),
      admit('b', 3, { replica: 3 }),
    );
    expect(outcomes).toEqual(['founded', 'admitted', 'stale', 'stale', 'stale', 'admitted']);
    expect([state.members.size, state.members.get(nodeNamed('b'))?.index, state.nextIndex]).toEqual([2, 3, 4]);
  });

  it('is the same again from its snapshot, at any point', () => {
    const entries = [found, admit('b', 2), admit('c', 3), admit('b', 4, { replica: 2 })];
    for (let count = 0; count <= entries.length; count++) {
      const { state } = stateAfter(...entries.slice(0, count));
      const other = stateAfter(found, admit('x', 2)).state;
      expect(other.restore(state.snapshot())).toBe(true);
      expect(other.snapshot()).toEqual(state.snapshot());
      expect([other.nextIndex, other.members, other.founded]).toEqual([state.nextIndex, state.members, state.founded]);
    }
  });

  it('refuses a snapshot that does not decode', () => {
    expect(new MeshState().restore(new Uint8Array([255, 1]))).toBe(false);
  });
});

describe('the replica that a wish to evict names', () => {
  it('is the present one, or the last one of a node that is out, and never one to come', () => {
    const departed: MembershipEntry = { kind: 'depart', node: nodeNamed('b'), replica: 1, isEvicted: true };
    const { state } = stateAfter(found, admit('b', 2));
    expect(state.presentReplica(nodeNamed('b'))).toBe(1);
    state.apply(logIndex(3), departed);
    expect([state.presentReplica(nodeNamed('b')), state.presentReplica(nodeNamed('c'))]).toEqual([1, 1]);
    state.apply(logIndex(4), admit('b', 3, { replica: 2 }));
    expect(state.presentReplica(nodeNamed('b'))).toBe(2);
    expect(state.apply(logIndex(5), departed).kind).toBe('stale');
  });
});
