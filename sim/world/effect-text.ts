/** What a node wishes of its host, as a line of a full trace. What it transmits is told where it arrives. */
import type { Effect, LedgerWrite } from '../../core/node/effects.js';

/** Null for what is told elsewhere, or is nobody's business. */
export function describeEffect(effect: Effect): string | null {
  switch (effect.kind) {
    case 'dial':
      return `dial ${effect.url}`;
    case 'close-lane':
      return `close lane ${effect.lane}: ${effect.reason}`;
    case 'persist': {
      const { records, drops, ledger } = effect.batch;
      const offsets = ledger.map(describeWrite).join('');
      return `persist ${effect.ticket}: ${records.length} records, ${drops.length} drops${offsets}`;
    }
    case 'fetch':
      return `fetch ${effect.ticket}: ${effect.reads.length} reads`;
    case 'reply': {
      const { result } = effect;
      return `reply ${effect.request}: ${result.ok ? describeReply(result.value) : result.reject.code}`;
    }
    case 'deliver': {
      const [first, last] = [effect.chunks[0], effect.chunks.at(-1)];
      return `deliver ${effect.request}: ${first?.seq}.${first?.chunkSeq} to ${last?.seq}.${last?.chunkSeq}`;
    }
    case 'attempt-voided':
      return `attempt-voided ${effect.request}: ${effect.attempt} by seq ${effect.seq}, failure ${effect.failures} (${effect.reason}); next ${effect.next}`;
    case 'ack-refused':
      return `ack-refused ${effect.request}: attempt ${effect.attempt} seq ${effect.seq} ${effect.why.code}`;
    case 'deliver-updates': {
      const [first, last] = [effect.updates[0], effect.updates.at(-1)];
      return `deliver-updates ${effect.request}: ${first?.seq} to ${last?.seq}`;
    }
    case 'watermarks': {
      const { accepted, replicated, completed, creditBytes } = effect.watermarks;
      return `watermarks ${effect.request}: ${accepted}/${replicated}/${completed} credit ${creditBytes}`;
    }
    case 'ended':
      return `ended ${effect.request}: ${effect.result.ok ? 'done' : effect.result.reject.code}`;
    case 'replica-renewed':
      return `replica ${effect.replica}`;
    case 'halt':
      return `halt ${effect.code}: ${effect.detail}`;
    case 'notice': {
      const { notice } = effect;
      if (notice.kind === 'log' || notice.kind === 'raft-committed' || notice.kind === 'raft-applied') return null;
      return Object.values(notice).join(' ');
    }
    case 'transmit':
    case 'event':
      return null;
  }
}

function describeReply(reply: object): string {
  const texts = Object.entries(reply).map(([key, value]) => (typeof value === 'object' ? '' : `${key}=${value}`));
  return texts.filter((text) => text !== '').join(' ');
}

function describeWrite(write: LedgerWrite): string {
  if (write.kind === 'table-row') return ` ${write.table}`;
  return ` ${write.stream.slice(-4)}@${write.kind === 'stream-offset' ? write.seq : 'none'}`;
}
