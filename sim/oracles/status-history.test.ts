import { describe, expect, it } from 'vitest';
import type { MeshId, NodeId } from '../../core/base/ids.js';
import { streamSeq } from '../../core/base/units.js';
import type { GroupStatus, NodeStatus, StreamStatus } from '../../core/node/commands.js';
import { toyStatus } from '../testing/toy-status.js';
import { ToyStream } from '../testing/toy-stream.js';
import { StatusHistory } from './status-history.js';
import { Violations } from './violations.js';

const NODE = 'A'.repeat(26) as NodeId;

/** A status with one group, one stream to one target, and one member, as changed. */
function status(group: Partial<GroupStatus>, stream: Partial<StreamStatus>, incarnation = 1, settled = 2): NodeStatus {
  const identity = { nodeId: NODE, name: 'a', replica: 1, privateSeed: new Uint8Array(0), journalId: new Uint8Array(0) };
  const descriptor = { id: 'S'.repeat(26) as never, name: 's', source: NODE, targets: [NODE], needed: 1 };
  const reply = toyStatus('M'.repeat(26) as MeshId, identity, new Map([[NODE, 'a']]), [new ToyStream(descriptor)]);
  if (reply.kind !== 'status' || reply.status.mesh === null) throw new Error('a toy answers with its status');
  const { mesh, groups, streams } = reply.status;
  const level = { accepted: streamSeq(5), replicated: streamSeq(4), completed: streamSeq(3) };
  return {
    ...reply.status,
    mesh: { ...mesh, members: mesh.members.map((member) => ({ ...member, incarnation })) },
    groups: groups.map((each) => ({ ...each, term: 3, firstIndex: 2, lastIndex: 9, commitIndex: 8, appliedIndex: 7, ...group })),
    streams: streams.map((each) => ({
      ...each,
      ...level,
      targets: each.targets.map((target) => ({ ...target, node: NODE, settled: streamSeq(settled) })),
      ...stream,
    })),
  };
}

function watch(...statuses: readonly NodeStatus[]): string[] {
  const violations = new Violations({ nowUs: 0 });
  const history = new StatusHistory(0, violations);
  for (const each of statuses) history.onStatus(each);
  return violations.list.map(({ oracle }) => oracle);
}

describe('StatusHistory', () => {
  it('accepts a status that stands still or grows, and a log that is truncated', () => {
    expect(watch(status({}, {}), status({}, {}))).toEqual([]);
    const later = status({ term: 4, commitIndex: 9, appliedIndex: 9 }, { accepted: streamSeq(6) }, 2, 3);
    expect(watch(status({}, {}), later)).toEqual([]);
    expect(watch(status({}, {}), status({ lastIndex: 8 }, {}))).toEqual([]);
  });

  it('rejects each frontier and watermark that falls', () => {
    for (const fallen of [{ term: 2 }, { commitIndex: 7 }, { appliedIndex: 6 }, { firstIndex: 1 }]) {
      expect(watch(status({}, {}), status(fallen, {})), JSON.stringify(fallen)).toEqual(['status-regressed']);
    }
    const levels: Partial<StreamStatus>[] = [{ accepted: streamSeq(4) }, { replicated: streamSeq(3) }, { completed: streamSeq(2) }];
    for (const fallen of levels) {
      expect(watch(status({}, {}), status({}, fallen)), JSON.stringify(fallen)).toEqual(['status-regressed']);
    }
    expect(watch(status({}, {}, 1, 2), status({}, {}, 1, 1))).toEqual(['status-regressed']);
    expect(watch(status({}, {}, 2), status({}, {}, 1))).toEqual(['incarnation-regressed']);
  });

  it('rejects frontiers that are ahead of one another', () => {
    expect(watch(status({ appliedIndex: 9 }, {}))).toEqual(['status-regressed']);
    expect(watch(status({ commitIndex: 10 }, {}))).toEqual(['status-regressed']);
    expect(watch(status({}, { completed: streamSeq(5) }))).toEqual(['status-regressed']);
  });
});
