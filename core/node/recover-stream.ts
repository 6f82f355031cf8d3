/** An operator asks what a stream has lost for good, and may accept that. */
import { reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import type { Micros } from '../base/units.js';
import type { Command, Reply } from './commands.js';
import type { Member } from './member.js';

/**
 * STREAM_UNKNOWN, STREAM_DELETED; NO_QUORUM when nobody can decide now. Consent is taken only where it is needed; anywhere else the
 * answer says why it is not.
 */
export function recoverStream(now: Micros, member: Member, command: Extract<Command, { kind: 'recover-stream' }>): Result<Reply> {
  const stream = member.streams.get(command.stream);
  if (stream === null || stream.descriptor.tenant !== command.tenant) {
    return refuse(member.streams.deletions.absence(command.tenant, command.stream));
  }
  const loss = member.reseals.lossOf(stream);
  const isAsked = command.isLossAccepted && loss.verdict === 'consent';
  if (isAsked && member.control.leader.kind === 'none') return refuse(NO_AUTHORITY);
  if (isAsked) member.reseals.acceptLoss(now, stream);
  return accept({ kind: 'stream-loss', isAsked, ...loss });
}

const NO_AUTHORITY = reject('NO_QUORUM', 'mesh', 'the mesh control group has no leader: ask again when a majority of its voters is reachable', 1_000_000);
