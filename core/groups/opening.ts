/** What may be opened as a stream, and its descriptor. */
import type { NodeId, StreamId, TenantId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import type { Micros } from '../base/units.js';
import { makeUlid } from '../base/ulid.js';
import { NO_FAILURE_CHOICE, isSameChoice, refusalOfChoice } from './failure-policy.js';
import type { FailureChoice, StreamDescriptor } from '../wire/group-messages.js';
import type { GroupContext } from './context.js';
import type { MeshStanding } from './recovery/mesh-standing.js';
import { type CompletionPolicy, isPolicyAboveQuorum } from './policy.js';

export interface OpenStream {
  readonly tenant: TenantId;
  readonly name: string;
  readonly targets: readonly NodeId[];
  readonly qos: 'priority' | 'bulk';
  readonly priority: number;
  readonly policy: CompletionPolicy;
  readonly failure?: FailureChoice;
  /** Of the targets, those that hold nothing back: neither completion nor payload nor replication. */
  readonly optionalTargets?: readonly NodeId[];
  readonly retention?: Retention;
}

/** How long completed payload is kept, and at most how much of it. */
export interface Retention {
  readonly ms: number;
  readonly bytes: number;
}

/** What the registry must know of the mesh. */
export interface MemberLookup extends MeshStanding {
  publicKeyOf(node: NodeId): Uint8Array | null;
}

/** Why `wish` cannot be opened at this node, which has `openCount` streams; null when it can. */
export function refusalOfOpening(
  context: GroupContext,
  members: MemberLookup,
  wish: OpenStream,
  openCount: number,
): Reject | null {
  const { targetsMax, streamsMax } = context.config;
  if (wish.name.length === 0 || wish.name.length > NAME_CHARS_MAX) {
    return reject('INVALID_ARGUMENT', 'name', `a stream's name has 1 to ${NAME_CHARS_MAX} characters`);
  }
  if (wish.targets.length === 0 || wish.targets.length > targetsMax) {
    return reject('INVALID_ARGUMENT', 'targets', `a stream has 1 to ${targetsMax} targets`);
  }
  if (new Set(wish.targets).size !== wish.targets.length) {
    return reject('INVALID_ARGUMENT', 'targets', 'a target is named twice');
  }
  if (wish.targets.includes(context.node)) {
    return reject('INVALID_ARGUMENT', 'targets', 'the source is no target of its own stream; name other nodes');
  }
  const stranger = wish.targets.find((node) => members.replicaNumberOf(node) === null);
  if (stranger !== undefined) return reject('TARGET_UNKNOWN', stranger, 'it is no member of the mesh; see the list of nodes');
  const optional = new Set(wish.optionalTargets);
  if ([...optional].some((node) => !wish.targets.includes(node))) {
    return reject('INVALID_ARGUMENT', 'optionalTargets', 'an optional target is one of the targets');
  }
  if (!isRetention(wish.retention ?? NO_RETENTION)) {
    return reject('INVALID_ARGUMENT', 'retention', 'it has a time and a number of bytes, both above 0');
  }
  const unnamed = namedOf(wish.policy).find((node) => !wish.targets.includes(node) || optional.has(node));
  if (unnamed !== undefined) {
    return reject('POLICY_BELOW_QUORUM', unnamed, 'the policy waits for it, and it is no target that the stream waits for');
  }
  if (!isPolicyAboveQuorum(wish.policy, wish.targets.length - optional.size)) {
    return reject('POLICY_BELOW_QUORUM', 'policy', 'so few targets and the source are no majority of the group; ask for more');
  }
  if (!Number.isSafeInteger(wish.priority) || wish.priority < 0 || wish.priority > 255) {
    return reject('INVALID_ARGUMENT', 'priority', 'it is from 0 to 255');
  }
  const badChoice = refusalOfChoice(wish.failure ?? NO_FAILURE_CHOICE);
  if (badChoice !== null) return badChoice;
  if (openCount >= streamsMax) return reject('TOO_MANY', 'streams', `this node has ${streamsMax} streams; close some`);
  return null;
}

/** The descriptor of the source's `counter`-th stream. */
export function describeStream(
  now: Micros,
  context: GroupContext,
  members: MemberLookup,
  wish: OpenStream,
  counter: number,
): StreamDescriptor {
  return {
    stream: makeUlid<StreamId>(context.wallMs(now), context.entropy),
    mesh: context.meshId(),
    tenant: wish.tenant,
    name: wish.name,
    source: context.node,
    sourceReplica: context.replica,
    counter,
    targets: wish.targets.map((node) => ({
      node,
      replica: members.replicaNumberOf(node) ?? 0,
      isOptional: wish.optionalTargets?.includes(node) ?? false,
    })),
    qos: wish.qos === 'priority' ? 3 : 4,
    priority: wish.priority,
    quorumCount: wish.policy.kind === 'quorum' ? wish.policy.count : 0,
    namedTargets: namedOf(wish.policy),
    freeIdsMax: context.config.freeIdsMax,
    freeIdBytesMax: context.config.freeIdBytesMax,
    bytesMax: context.config.streamBytesMax,
    failure: wish.failure ?? NO_FAILURE_CHOICE,
    retainMs: wish.retention?.ms ?? 0,
    retainBytes: wish.retention?.bytes ?? 0,
  };
}

/** Whether opening again what is open asks for the same. */
export function isSameStream(descriptor: StreamDescriptor, wish: OpenStream): boolean {
  const wanted = new Set(wish.targets);
  const optional = new Set(wish.optionalTargets);
  const quorumCount = wish.policy.kind === 'quorum' ? wish.policy.count : 0;
  const named = namedOf(wish.policy);
  return (
    descriptor.targets.length === wanted.size &&
    descriptor.targets.every(({ node, isOptional }) => wanted.has(node) && isOptional === optional.has(node)) &&
    descriptor.retainMs === (wish.retention?.ms ?? 0) &&
    descriptor.retainBytes === (wish.retention?.bytes ?? 0) &&
    descriptor.quorumCount === quorumCount &&
    descriptor.namedTargets.length === named.length &&
    named.every((node) => descriptor.namedTargets.includes(node)) &&
    isSameChoice(descriptor.failure, wish.failure ?? NO_FAILURE_CHOICE) &&
    descriptor.qos === (wish.qos === 'priority' ? 3 : 4)
  );
}

/** Whether it names this node as an earlier replica: its data stays on the disk, and nobody acts on it here any more. */
export function isOfEarlierReplica(descriptor: StreamDescriptor, context: GroupContext): boolean {
  const { source, sourceReplica, targets } = descriptor;
  const named = [{ node: source, replica: sourceReplica }, ...targets];
  return named.some(({ node, replica }) => node === context.node && replica < context.replica);
}

const namedOf = (policy: CompletionPolicy): NodeId[] => (policy.kind === 'named' ? [...new Set(policy.nodes)] : []);

function isRetention({ ms, bytes }: Retention): boolean {
  const areNumbers = Number.isSafeInteger(ms) && Number.isSafeInteger(bytes) && ms >= 0 && bytes >= 0;
  return areNumbers && ms > 0 === bytes > 0;
}

const NO_RETENTION: Retention = { ms: 0, bytes: 0 };

const NAME_CHARS_MAX = 255;
