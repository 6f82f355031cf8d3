/** The people: who seeds the mesh, brings each node into it, and opens the streams. */
import { NO_FAILURE_CHOICE } from '../../core/groups/failure-policy.js';
import { ENTERING } from '../../core/node/outsider.js';
import { Draws } from '../base/draw.js';
import { urlOf } from '../world/machine.js';
import { type Environment, JOIN_KEY, TENANT } from './environment.js';
import { PersistentCall } from './persistent-call.js';

/** Brings a node into the mesh: by seeding it, or by joining through the nodes it dials; again when its disk was lost. */
export function formMesh(environment: Environment, node: number, isReturning = false): PersistentCall {
  const { plan } = environment;
  const { joinPolicy } = plan;
  const nodePlan = plan.nodes[node];
  const joinKey = joinPolicy === 'key-required' ? JOIN_KEY : '';
  const urls = nodePlan?.dials.map((other) => urlOf(plan, other)) ?? [];
  const isSeed = nodePlan?.isSeed === true && !isReturning;
  const entity = FORM_ENTITY + node;
  return new PersistentCall(
    environment,
    {
      node,
      entity,
      command: () =>
        isSeed
          ? { kind: 'seed-mesh', meshName: plan.scenario, description: 'simulated', joinPolicy, joinKey }
          : { kind: 'join-mesh', urls, joinKey, meshId: null },
      onAccepted: () => environment.trace.onFact(environment.timeline.nowUs, 'joined', node),
      // The same code, without a mesh's name, is given while a join is under way, which a crash may yet undo.
      isAcceptance: ({ code, subject }) => code === 'ALREADY_IN_MESH' && subject !== ENTERING.subject,
    },
    isSeed ? 0 : new Draws(plan.seed, 'application', entity + FIRST_TRY_APART).between(1_000, 800_000),
  );
}

/** Opens a stream at its source, as soon as the mesh knows the targets. */
export function openStream(environment: Environment, stream: number): PersistentCall {
  const { plan, machines, streamIds } = environment;
  const { name, source, targets, qos, priority, policy, openAtUs, failure } = plan.streams[stream] ?? NO_STREAM;
  const targetIds = targets.flatMap((target) => machines[target]?.identity.nodeId ?? []);
  return new PersistentCall(
    environment,
    {
      node: source,
      entity: OPEN_ENTITY + stream,
      command: () => ({ kind: 'open-stream', tenant: TENANT, name, targets: targetIds, qos, priority, policy, failure }),
      onAccepted: (reply) => {
        if (reply.kind === 'stream') streamIds.register(stream, reply.stream);
      },
      isAcceptance: () => false,
    },
    openAtUs,
  );
}

const NO_STREAM = {
  name: '',
  source: 0,
  targets: [],
  qos: 'bulk',
  priority: 0,
  policy: { kind: 'all' },
  openAtUs: 0,
  failure: NO_FAILURE_CHOICE,
} as const;
const FORM_ENTITY = 1_000_000;
const FIRST_TRY_APART = 500_000;
const OPEN_ENTITY = 2_000_000;
