/** The words of the core against the enums of mesh.v1, both ways. */
import type { TargetAction, TargetStart } from '../../core/groups/operations.js';
import type { RecoveryStep } from '../../core/groups/recovery/stream-loss.js';
import type {
  GroupStatus,
  JoinPolicy,
  MemberStatus,
  MeshEvent,
  MeshStatus,
  PublishLevel,
  QosClass,
  StreamStatus,
  StreamTargetStatus,
} from '../../core/node/commands.js';
import { v1 } from './messages.js';

export const JOIN_POLICIES: Record<JoinPolicy, v1.JoinPolicy> = {
  open: v1.JoinPolicy.JOIN_POLICY_OPEN,
  'key-required': v1.JoinPolicy.JOIN_POLICY_KEY_REQUIRED,
  closed: v1.JoinPolicy.JOIN_POLICY_CLOSED,
};

export const PUBLISH_LEVELS: Record<PublishLevel, v1.PublishLevel> = {
  accepted: v1.PublishLevel.PUBLISH_LEVEL_ACCEPTED,
  replicated: v1.PublishLevel.PUBLISH_LEVEL_REPLICATED,
  completed: v1.PublishLevel.PUBLISH_LEVEL_COMPLETED,
};

export const QOS_CLASSES: Record<QosClass, v1.QosClass> = {
  priority: v1.QosClass.QOS_CLASS_PRIORITY,
  bulk: v1.QosClass.QOS_CLASS_BULK,
};

export const TARGET_ACTIONS: Record<TargetAction['kind'], v1.TargetAction> = {
  attach: v1.TargetAction.TARGET_ACTION_ATTACH,
  detach: v1.TargetAction.TARGET_ACTION_DETACH,
  remove: v1.TargetAction.TARGET_ACTION_REMOVE,
  'make-required': v1.TargetAction.TARGET_ACTION_MAKE_REQUIRED,
  'make-optional': v1.TargetAction.TARGET_ACTION_MAKE_OPTIONAL,
};

export const TARGET_STARTS: Record<TargetStart['kind'], v1.TargetStart> = {
  now: v1.TargetStart.TARGET_START_NOW,
  after: v1.TargetStart.TARGET_START_AFTER,
  earliest: v1.TargetStart.TARGET_START_EARLIEST,
  checkpoint: v1.TargetStart.TARGET_START_CHECKPOINT,
};

export const TARGET_STATUSES: Record<StreamTargetStatus['status'], v1.TargetStatus> = {
  attached: v1.TargetStatus.TARGET_STATUS_ATTACHED,
  detached: v1.TargetStatus.TARGET_STATUS_DETACHED,
  lapsed: v1.TargetStatus.TARGET_STATUS_LAPSED,
};

/** The stream's choice (`FailureChoice.action`). */
export const FAILURE_ACTIONS: Record<'block' | 'dead-letter', v1.FailureAction> = {
  block: v1.FailureAction.FAILURE_ACTION_BLOCK,
  'dead-letter': v1.FailureAction.FAILURE_ACTION_DEAD_LETTER,
};

export const MESH_STATES: Record<MeshStatus['state'], v1.MeshState> = {
  healthy: v1.MeshState.MESH_STATE_HEALTHY,
  degraded: v1.MeshState.MESH_STATE_DEGRADED,
  critical: v1.MeshState.MESH_STATE_CRITICAL,
};

export const STANDINGS: Record<MeshStatus['standing'], v1.Standing> = {
  member: v1.Standing.STANDING_MEMBER,
  left: v1.Standing.STANDING_LEFT,
  evicted: v1.Standing.STANDING_EVICTED,
};

export const LIVENESS: Record<MemberStatus['liveness'], v1.Liveness> = {
  alive: v1.Liveness.LIVENESS_ALIVE,
  suspect: v1.Liveness.LIVENESS_SUSPECT,
  failed: v1.Liveness.LIVENESS_FAILED,
  left: v1.Liveness.LIVENESS_LEFT,
};

export const MEMBER_ROLES: Record<MemberStatus['role'], v1.MemberRole> = {
  leader: v1.MemberRole.MEMBER_ROLE_LEADER,
  voter: v1.MemberRole.MEMBER_ROLE_VOTER,
  learner: v1.MemberRole.MEMBER_ROLE_LEARNER,
};

export const GROUP_KINDS: Record<GroupStatus['kind'], v1.GroupKind> = {
  mcg: v1.GroupKind.GROUP_KIND_MCG,
  dsg: v1.GroupKind.GROUP_KIND_DSG,
  updates: v1.GroupKind.GROUP_KIND_UPDATES,
};

export const GROUP_ROLES: Record<GroupStatus['role'], v1.GroupRole> = {
  follower: v1.GroupRole.GROUP_ROLE_FOLLOWER,
  'pre-candidate': v1.GroupRole.GROUP_ROLE_PRE_CANDIDATE,
  candidate: v1.GroupRole.GROUP_ROLE_CANDIDATE,
  leader: v1.GroupRole.GROUP_ROLE_LEADER,
  learner: v1.GroupRole.GROUP_ROLE_LEARNER,
};

export const EVENT_KINDS: Record<MeshEvent['kind'], v1.MeshEventKind> = {
  'member-joined': v1.MeshEventKind.MESH_EVENT_KIND_MEMBER_JOINED,
  'member-departed': v1.MeshEventKind.MESH_EVENT_KIND_MEMBER_DEPARTED,
  'member-liveness': v1.MeshEventKind.MESH_EVENT_KIND_MEMBER_LIVENESS,
  'link-up': v1.MeshEventKind.MESH_EVENT_KIND_LINK_UP,
  'link-down': v1.MeshEventKind.MESH_EVENT_KIND_LINK_DOWN,
  'topology-changed': v1.MeshEventKind.MESH_EVENT_KIND_TOPOLOGY_CHANGED,
  'leader-changed': v1.MeshEventKind.MESH_EVENT_KIND_LEADER_CHANGED,
  'stream-opened': v1.MeshEventKind.MESH_EVENT_KIND_STREAM_OPENED,
  'stream-closed': v1.MeshEventKind.MESH_EVENT_KIND_STREAM_CLOSED,
  'generation-founded': v1.MeshEventKind.MESH_EVENT_KIND_GENERATION_FOUNDED,
  'mesh-state': v1.MeshEventKind.MESH_EVENT_KIND_MESH_STATE,
  'configuration-changed': v1.MeshEventKind.MESH_EVENT_KIND_CONFIGURATION_CHANGED,
  'delivery-blocked': v1.MeshEventKind.MESH_EVENT_KIND_DELIVERY_BLOCKED,
  'dead-lettered': v1.MeshEventKind.MESH_EVENT_KIND_DEAD_LETTERED,
  'stream-watermarks': v1.MeshEventKind.MESH_EVENT_KIND_STREAM_WATERMARKS,
  'stream-deleted': v1.MeshEventKind.MESH_EVENT_KIND_STREAM_DELETED,
  'stream-recovery': v1.MeshEventKind.MESH_EVENT_KIND_STREAM_RECOVERY,
};

export const STREAM_LOSSES: Record<StreamStatus['loss'], v1.StreamLoss> = {
  whole: v1.StreamLoss.STREAM_LOSS_WHOLE,
  reseal: v1.StreamLoss.STREAM_LOSS_RESEAL,
  consent: v1.StreamLoss.STREAM_LOSS_CONSENT,
  gone: v1.StreamLoss.STREAM_LOSS_GONE,
};

export const RECOVERY_STEPS: Record<RecoveryStep, v1.StreamRecoveryStep> = {
  'consent-needed': v1.StreamRecoveryStep.STREAM_RECOVERY_STEP_CONSENT_NEEDED,
  sealed: v1.StreamRecoveryStep.STREAM_RECOVERY_STEP_SEALED,
  founded: v1.StreamRecoveryStep.STREAM_RECOVERY_STEP_FOUNDED,
  'target-replaced': v1.StreamRecoveryStep.STREAM_RECOVERY_STEP_TARGET_REPLACED,
  'source-lost': v1.StreamRecoveryStep.STREAM_RECOVERY_STEP_SOURCE_LOST,
};

/** The word for a number of the wire; null for 0 and for one that this version does not know. */
export function wordOf<Word extends string>(table: Record<Word, number>, wireNumber: number): Word | null {
  for (const word of Object.keys(table) as Word[]) if (table[word] === wireNumber) return word;
  return null;
}
