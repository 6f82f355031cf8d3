/** What is in a WebSocket message, as a line of a full trace: for people who look for a cause. */
import type { GroupId } from '../../core/base/ids.js';
import { splitFrames } from '../../core/wire/frame.js';
import { FlowPayload, GroupControl, RaftBundle, type RaftItem } from '../../core/wire/group-messages.js';
import { MSG_TYPES, decodeHeader } from '../../core/wire/header.js';
import { RaftMessage } from '../../core/wire/raft-messages.js';

/** The frames of a message, each as its type, its ends' indexes and what it says. */
export function describeFrames(bytes: Uint8Array): string {
  const { frames, refusal } = splitFrames(bytes);
  const texts = frames.map((frame) => {
    const header = decodeHeader(frame.header());
    const type = TYPE_NAMES.get(header?.msgType ?? 0) ?? 'UNKNOWN';
    const ends = frame.isLinkLocal ? '' : ` ${frame.source}>${frame.target}`;
    return `${type}${ends}${describePayload(header?.msgType ?? 0, header?.seq ?? 0, frame.payload())}`;
  });
  if (refusal !== null) texts.push(`(${refusal})`);
  return texts.join(' | ');
}

function describePayload(msgType: number, seq: number, payload: Uint8Array): string {
  if (msgType === MSG_TYPES.RAFT) {
    return (RaftBundle.decode(payload)?.items ?? []).map(describeRaft).join('');
  }
  if (msgType === MSG_TYPES.FLOW_DATA) {
    const content = FlowPayload.decode(payload);
    const what = content?.kind === 'raft' ? describeRaft(content) : ` ${content?.kind ?? 'garbled'}`;
    return ` #${seq}${what}`;
  }
  if (msgType === MSG_TYPES.GROUP) return ` ${GroupControl.decode(payload)?.kind ?? 'garbled'}`;
  return '';
}

function describeRaft({ group, message }: RaftItem): string {
  const decoded = RaftMessage.decode(message);
  if (decoded === null) return ' [garbled]';
  const { kind, ...fields } = decoded;
  const texts = Object.entries(fields).flatMap(([name, value]) => {
    if (typeof value === 'number' || typeof value === 'boolean') return `${name}=${value}`;
    return name === 'entries' && Array.isArray(value) ? `entries=${value.length}` : [];
  });
  return ` [${shortGroup(group)} ${kind} ${texts.join(' ')}]`;
}

const shortGroup = (group: GroupId): string => group.slice(-4);
const TYPE_NAMES = new Map<number, string>(Object.entries(MSG_TYPES).map(([name, number]) => [number, name]));
