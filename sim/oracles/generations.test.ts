import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../core/base/ids.js';
import type { NodeStatus } from '../../core/node/commands.js';
import { Generations } from './generations.js';

const [A, B, X] = ['A', 'B', 'X'] as unknown as [NodeId, NodeId, NodeId];

interface Shown {
  readonly id?: NodeId;
  readonly generation: number;
  readonly tag?: number;
  readonly members: readonly NodeId[];
  readonly links?: readonly NodeId[];
  readonly applied?: number;
}

const status = ({ id = A, generation, tag = generation * 10, members, links = [], applied = 9 }: Shown): NodeStatus =>
  ({
    node: { id },
    mesh: { standing: 'member', generation, generationTag: tag, members: members.map((member) => ({ id: member })) },
    groups: [{ kind: 'mcg', appliedIndex: applied }],
    links: links.map((peer) => ({ peer })),
  }) as unknown as NodeStatus;

function judge(...shown: readonly Shown[]): string[] {
  const found: string[] = [];
  const oracle = new Generations(new Set([X]), { report: (name) => void found.push(name) });
  for (const one of shown) oracle.onStatus(0, status(one));
  return found;
}

describe('generations of a mesh', () => {
  it('are entered once, one after the other', () => {
    expect(judge({ generation: 2, members: [A] }, { generation: 1, members: [A] })).toEqual(['generation-fell']);
    expect(judge({ generation: 1, members: [A, X] }, { generation: 2, members: [A, X] }, { generation: 3, members: [A] })).toEqual([]);
  });

  it('have one number each', () => {
    expect(judge({ generation: 2, members: [A] }, { id: B, generation: 2, tag: 77, members: [B] })).toEqual(['generation-forked']);
    expect(judge({ generation: 2, members: [A] }, { id: B, generation: 1, tag: 10, members: [A, B] })).toEqual([]);
  });

  it('do not let in whom they forgot, by itself, by a list or by a link', () => {
    expect(judge({ id: X, generation: 2, members: [A] })).toEqual(['generation-crossed']);
    expect(judge({ generation: 2, members: [A] }, { generation: 2, members: [A, X] })).toEqual(['generation-crossed']);
    expect(judge({ generation: 2, members: [A], links: [X] })).toEqual(['generation-crossed']);
  });

  it('may still list him before their log has begun, and leave him in the one before', () => {
    expect(judge({ generation: 2, members: [A, X], links: [X] }, { generation: 2, members: [A] })).toEqual([]);
    expect(judge({ id: X, generation: 1, members: [A, X] }, { generation: 2, members: [A] })).toEqual([]);
    // It has begun again, from an older snapshot.
    expect(judge({ generation: 2, members: [A] }, { generation: 2, members: [A, X], links: [X], applied: 8 })).toEqual([]);
  });
});
