/** The status that a toy node shows: enough for the oracle of convergence. */
import { UNLIMITED } from '../../core/groups/dsg/pace.js';
import type { MeshId, NodeId } from '../../core/base/ids.js';
import { memberIndex, streamSeq } from '../../core/base/units.js';
import type { Reply } from '../../core/node/commands.js';
import type { Identity } from '../world/simulated-node.js';
import type { ToyStream } from './toy-stream.js';

export function toyStatus(
  mesh: MeshId,
  identity: Identity,
  members: ReadonlyMap<NodeId, string>,
  streams: Iterable<ToyStream>,
): Reply {
  const { nodeId, name, replica } = identity;
  const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const leader = sorted[0]?.[0] ?? null;
  return {
    kind: 'status',
    status: {
      node: { id: nodeId, name, replica, bootCounter: 1 },
      mesh: {
        id: mesh,
        name: 'toy',
        description: '',
        joinPolicy: 'open',
        isStopped: false,
        standing: 'member',
        state: 'healthy',
        generationTag: 1,
        generation: 1,
        members: sorted.map(([id, memberName]) => ({
          id,
          name: memberName,
          // Of a node's name, so that it is the same whoever is known.
          index: memberIndex(1 + Number(memberName.replace(/\D/g, ''))),
          replica: 1,
          liveness: 'alive',
          incarnation: 1,
          role: id === leader ? 'leader' : 'voter',
          route: [nodeId, id],
          rttUs: null,
        })),
      },
      links: [],
      groups: [
        {
          id: mesh,
          kind: 'mcg',
          role: 'follower',
          term: 1,
          leader,
          firstIndex: 1,
          lastIndex: 1,
          commitIndex: 1,
          appliedIndex: 1,
        },
      ],
      updates: [],
      tenants: [],
      streams: [...streams].map(({ descriptor, messages, durableSeq, completedSeq, settled }) => ({
        id: descriptor.id,
        tenant: '00000000000000000000000001' as never,
        name: descriptor.name,
        source: descriptor.source,
        qos: 'bulk',
        priority: 0,
        isClosed: false,
        accepted: streamSeq(durableSeq),
        replicated: streamSeq(completedSeq),
        completed: streamSeq(completedSeq),
        isOrphaned: false,
        checkpoints: [],
        isSourceLost: false,
        generation: 1,
        isSealed: false,
        loss: 'whole',
        released: streamSeq(completedSeq),
        targets: [...settled].map(([node, seq]) => ({
          node,
          settled: streamSeq(seq),
          status: 'attached',
          isOptional: false,
          start: streamSeq(0),
          isSubscribed: null,
          pace: UNLIMITED,
        })),
        outstandingBytes: messages.length - completedSeq,
      })),
      counters: {},
    },
  };
}
