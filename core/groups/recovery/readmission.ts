/**
 * How a target whose disk was lost comes into its stream again: the stream's log, or the mesh's, names its later
 * replica, and a member of the group sends the descriptor along. A descriptor alone never lets in another replica than
 * the one it names (raft.md 33): the newcomer has an empty log and a number of its own, so nothing that the old replica
 * promised can be promised again. That it was let in is remembered beside the descriptor.
 */
import type { GroupId, NodeId, StreamId } from '../../base/ids.js';
import type { JournalApi } from '../../journal/api.js';
import type { GroupControl, SignedDescriptor, StreamDescriptor } from '../../wire/group-messages.js';
import { message, uint } from '../../wire/schema.js';
import type { Readmission } from '../../wire/succession-messages.js';
import type { GroupContext } from '../context.js';
import { openDescriptor } from '../dsg/descriptor.js';
import type { MemberLookup } from '../opening.js';
import { forgetRaft } from '../raft-rows.js';

/** What `to` is sent when it does not know the group; null when the descriptor names it as it is. */
export function readmissionFor(
  members: MemberLookup,
  descriptor: StreamDescriptor,
  { descriptor: encoded, signature }: SignedDescriptor,
  to: NodeId,
): GroupControl | null {
  const named = descriptor.targets.find(({ node }) => node === to);
  const replica = members.replicaNumberOf(to);
  const isLater = named !== undefined && replica !== null && replica > named.replica;
  return isLater ? { kind: 'readmit', descriptor: encoded, signature, replica } : null;
}

/** The descriptor, when its source signed it and it names an earlier replica of this node; `from` has to be in it. */
export function readmittedTo(
  context: GroupContext,
  members: MemberLookup & { publicKeyOf(node: NodeId): Uint8Array | null },
  from: NodeId,
  { replica, ...signed }: Readmission,
): StreamDescriptor | null {
  const descriptor = openDescriptor(context.crypto, signed, (node) => members.publicKeyOf(node));
  if (descriptor === null || descriptor.mesh !== context.meshId() || replica !== context.replica) return null;
  const isMember = from === descriptor.source || descriptor.targets.some(({ node }) => node === from);
  const isForUs = descriptor.targets.some((target) => target.node === context.node && target.replica < replica);
  return isMember && isForUs ? descriptor : null;
}

/** This replica has a seat in the stream. What an earlier one left of the group's log goes, what it settled stays. */
export function takeSeat({ journal, replica }: GroupContext, stream: StreamId): void {
  const group = stream as string as GroupId;
  forgetRaft(journal, group);
  journal.removeGroup(group);
  journal.put(seatKey(stream), SeatRow.encode({ replica }));
}

/** Whether this very replica was let in. */
export function hasSeat({ journal, replica }: { readonly journal: JournalApi; readonly replica: number }, stream: StreamId): boolean {
  const row = journal.get(seatKey(stream));
  return row !== null && SeatRow.decode(row)?.replica === replica;
}

const SeatRow = message('SeatRow', { replica: uint(1) });
export const seatKey = (stream: StreamId): string => `seat/${stream}`;
