/** What a recovery does, or did, as a message of mesh.v1. */
import type { RecoveryMember, RecoveryPlan } from '../../core/groups/mcg/generations/recovery-plan.js';
import { v1 } from './messages.js';

/** Streams of other tenants than `tenantId` are counted, not named. */
export function recoveryAnswer(plan: RecoveryPlan, tenantId: string): v1.RecoverMeshResponse {
  const { isDone, generation, founders, forgotten, logEnd, committed } = plan;
  const streams = plan.streams.filter(({ tenant }) => tenant === tenantId);
  return new v1.RecoverMeshResponse({
    isDone,
    generation,
    founders: founders.map(memberAnswer),
    forgotten: forgotten.map(memberAnswer),
    logEnd,
    committed,
    streams: streams.map(({ stream, source, lostTargets, tenant: _tenant, ...rest }) => ({
      ...rest,
      streamId: stream,
      sourceId: source,
      lostTargetIds: [...lostTargets],
    })),
    otherStreamCount: plan.streams.length - streams.length,
  });
}

const memberAnswer = ({ node, ...rest }: RecoveryMember): v1.RecoveryMember.$Properties => ({ ...rest, nodeId: node });
