/**
 * Whether a message makes sense by itself: all numbers in range, terms in order. Checked before anything changes, so
 * that no later place has to (rule 44). Messages that come decoded from the wire are integers already; those of a
 * simulator or a test may be anything.
 */
import { unreachable } from '../base/assert.js';
import { ENTRY_KINDS, RAFT_ENTRIES_MAX, type RaftAppend, type RaftMessage, type RaftRelayed } from '../wire/raft-messages.js';
import { isSoundConfiguration } from './configuration.js';

/** Above it a term could not rise any more. */
export const TERM_MAX = 4_503_599_627_370_496;
/** Above it neither an index nor a count could. */
export const INDEX_MAX = 4_503_599_627_370_496;

/** False for a message that no correct replica sends. */
export function isSound(message: RaftMessage): boolean {
  if (!isNumber(message.generation, Number.MAX_SAFE_INTEGER) || !isNumber(message.term, TERM_MAX)) return false;
  switch (message.kind) {
    case 'append':
    case 'relayed':
      return isSoundAppend(message);
    case 'relayOrder':
      return (
        message.term > 0 &&
        isIndex(message.prevIndex) &&
        isIndex(message.through) &&
        message.prevIndex < message.through &&
        message.targets.every(({ seq }) => isCount(seq))
      );
    case 'appendAck':
      return (
        isIndex(message.match) &&
        isIndex(message.hintIndex) &&
        isNumber(message.hintTerm, TERM_MAX) &&
        isCount(message.seq)
      );
    case 'heartbeat':
      return isIndex(message.commit) && isCount(message.round) && isCount(message.epoch) && isCount(message.offer);
    case 'heartbeatAck':
      return isIndex(message.match) && isCount(message.seq) && isCount(message.round) && isCount(message.restsIn);
    case 'vote':
    case 'preVote':
      return message.term > 0 && isIndex(message.lastIndex) && isNumber(message.lastTerm, message.term - 1);
    case 'voteAnswer':
    case 'preVoteAnswer':
    case 'timeoutNow':
    case 'wake':
      return true;
    case 'snapshotChunk':
      return (
        isIndex(message.index) &&
        message.index > 0 &&
        isNumber(message.snapshotTerm, message.term) &&
        isCount(message.seq) &&
        isCount(message.total) &&
        isNumber(message.offset, message.total) &&
        message.offset + message.bytes.length <= message.total &&
        isSoundConfiguration(message.configuration)
      );
    case 'snapshotAck':
      return isIndex(message.index) && isCount(message.received) && isCount(message.seq);
    case 'readIndex':
      return isCount(message.session) && isCount(message.serial);
    case 'readIndexAnswer':
      return isCount(message.session) && isCount(message.serial) && isIndex(message.index);
    default:
      return unreachable(message);
  }
}

function isSoundAppend(message: RaftAppend | RaftRelayed): boolean {
  const { entries, prevIndex } = message;
  if (message.term === 0 || entries.length > RAFT_ENTRIES_MAX) return false;
  if (!isCount(message.seq) || !isIndex(message.commit)) return false;
  if (!isIndex(prevIndex + entries.length) || !isIndex(prevIndex)) return false;
  if (!isNumber(message.prevTerm, message.term) || (prevIndex === 0) !== (message.prevTerm === 0)) return false;
  let least = Math.max(1, message.prevTerm);
  for (const entry of entries) {
    if (!isNumber(entry.term, message.term) || entry.term < least) return false;
    if (!isNumber(entry.kind, ENTRY_KINDS.configuration)) return false;
    least = entry.term;
  }
  return true;
}

const isNumber = (value: number, max: number): boolean => Number.isSafeInteger(value) && value >= 0 && value <= max;
const isIndex = (value: number): boolean => isNumber(value, INDEX_MAX);
const isCount = isIndex;
