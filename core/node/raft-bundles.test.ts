import { describe, expect, it } from 'vitest';
import { type GroupId, type NodeId, idFromBytes } from '../base/ids.js';
import { replicaId } from '../base/replica.js';
import { RaftBundle } from '../wire/group-messages.js';
import { RaftBundles } from './raft-bundles.js';

const node = (n: number): NodeId => idFromBytes<NodeId>(new Uint8Array(16).fill(n));
const group = (n: number): GroupId => idFromBytes<GroupId>(new Uint8Array(16).fill(n));

function flushed(bundles: RaftBundles): { to: NodeId; items: { group: GroupId; toReplica: number; bytes: number; fromReplica: number }[]; bytes: number }[] {
  const sent: ReturnType<typeof flushed> = [];
  bundles.flush((to, payload) => {
    const items = RaftBundle.decode(payload)?.items ?? [];
    sent.push({ to, bytes: payload.length, items: items.map((item) => ({ group: item.group, toReplica: item.toReplica, fromReplica: item.fromReplica, bytes: item.message.length })) });
  });
  return sent;
}

describe('the frames of a turn', () => {
  it('are one for each node, in order, whatever the number of groups', () => {
    const bundles = new RaftBundles({ number: 3 });
    for (const [to, of] of [[1, 10], [2, 11], [1, 12]] as const) bundles.add(replicaId(node(to), to), group(of), new Uint8Array(of));
    expect(flushed(bundles).map(({ to, items }) => [to, items])).toEqual([
      [node(1), [{ group: group(10), toReplica: 1, fromReplica: 3, bytes: 10 }, { group: group(12), toReplica: 1, fromReplica: 3, bytes: 12 }]],
      [node(2), [{ group: group(11), toReplica: 2, fromReplica: 3, bytes: 11 }]],
    ]);
    expect(flushed(bundles)).toEqual([]);
  });

  it('are cut where they would be too large for a control frame', () => {
    const bundles = new RaftBundles({ number: 1 });
    for (let n = 0; n < 300; n++) bundles.add(replicaId(node(1), 1), group(n & 255), new Uint8Array(100));
    bundles.add(replicaId(node(1), 1), group(1), new Uint8Array(40_000));
    bundles.add(replicaId(node(1), 1), group(2), new Uint8Array(1));
    const sent = flushed(bundles);
    expect(sent.flatMap(({ items }) => items).length).toBe(302);
    expect(sent.filter(({ items, bytes }) => items.length > 1 && bytes > 17_000)).toEqual([]);
  });
});
