import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../core/base/ids.js';
import type { NodeStatus } from '../../core/node/commands.js';
import { Departures } from './departures.js';

const A = 'A' as NodeId;
const X = 'X' as NodeId;

function status(applied: number, members: readonly (readonly [NodeId, number, number])[], links: readonly NodeId[] = []): NodeStatus {
  return {
    node: { id: A, name: 'a', replica: 1, bootCounter: 1 },
    mesh: { standing: 'member', members: members.map(([id, replica, index]) => ({ id, name: id, replica, index })) },
    groups: [{ kind: 'mcg', appliedIndex: applied }],
    links: links.map((peer) => ({ peer, isProvisional: false })),
  } as unknown as NodeStatus;
}

function judge(run: (departures: Departures) => void): string[] {
  const found: string[] = [];
  run(new Departures({ report: (oracle) => void found.push(oracle) }));
  return found;
}

describe('whoever is out of the mesh', () => {
  it('is not listed, nor linked, by a member that has applied that', () => {
    expect(judge((departures) => {
      departures.onDeparted(X, 1, 10);
      departures.onStatus(0, status(10, [[A, 1, 1], [X, 1, 2]]));
    })).toEqual(['departed-returned']);
    expect(judge((departures) => {
      departures.onDeparted(X, 1, 10);
      departures.onStatus(0, status(12, [[A, 1, 1]], [X]));
    })).toEqual(['departed-returned']);
  });

  it('may still be listed by who has not applied it, and come back as a later replica with a new index', () => {
    expect(judge((departures) => {
      departures.onStatus(0, status(8, [[A, 1, 1], [X, 1, 2]], [X]));
      departures.onDeparted(X, 1, 10);
      departures.onStatus(0, status(9, [[A, 1, 1], [X, 1, 2]], [X]));
      departures.onStatus(0, status(10, [[A, 1, 1]]));
      departures.onStatus(0, status(12, [[A, 1, 1], [X, 2, 3]], [X]));
    })).toEqual([]);
  });
});

describe('an index', () => {
  it('has one holder for ever', () => {
    expect(judge((departures) => {
      departures.onStatus(0, status(8, [[A, 1, 1], [X, 1, 2]]));
      departures.onStatus(1, status(12, [[A, 1, 1], [X, 2, 2]]));
    })).toEqual(['index-reused']);
  });
});
