/** Why a recovery is refused or ends, and what to do then. */
import type { MeshId } from '../../../base/ids.js';
import { type Reject, reject } from '../../../base/reject.js';

export const quorumStands = (mesh: MeshId): Reject =>
  reject('QUORUM_STANDS', mesh, 'a majority of the voters of the mesh control group is in reach, or follows a leader: nothing has to be recovered; evict who is gone for good');

export const RUNNING: Reject = reject('CONFIG_PENDING', 'recover', 'a recovery runs at this node; wait for its answer', 1_000_000);

export const forgetChanged = (names: readonly string[]): Reject =>
  reject('INVALID_ARGUMENT', 'forget', `others would be forgotten than was agreed to: ${names.join(', ') || 'nobody'}; look at a dry run again`);

export const nothingHeld = (mesh: MeshId): Reject =>
  reject('INVALID_ARGUMENT', mesh, 'nobody in reach holds the log of the mesh control group; run it at a member that does');

export const notAnswered = (names: readonly string[]): Reject =>
  reject('UNREACHABLE', 'recover', `no answer from ${names.join(', ')}; the members that have stopped stay stopped until a recovery succeeds: run it again`, 1_000_000);

export const tooManyGenerations = (mesh: MeshId): Reject =>
  reject('TOO_MANY', mesh, 'the mesh has been recovered as often as its members can remember; seed a new one');

export const ENDED_HALFWAY: Reject = reject(
  'TIMED_OUT',
  'recover',
  'the generation is founded and its control group has not begun yet: look at the status; if it stays CRITICAL, run it again',
  1_000_000,
);
