/** What `--json` prints of updates and their logs. */
import { wordOf } from '../grpc/enums.js';
import type { v1 } from '../grpc/messages.js';
import { UPDATE_FEEDS, UPDATE_LOG_KINDS } from '../grpc/update-commands.js';

export function updateLogDocument(log: v1.UpdateLog.$Properties) {
  return {
    log: wordOf(UPDATE_LOG_KINDS, log.log ?? 0) ?? 'unknown',
    lastSeq: log.lastSeq ?? 0,
    baseSeq: log.baseSeq ?? 0,
    appliedSeq: log.appliedSeq ?? 0,
    nodesApplied: log.nodesApplied ?? 0,
    members: (log.members ?? []).map(({ nodeId, appliedSeq }) => ({ node: nodeId ?? '', appliedSeq: appliedSeq ?? 0 })),
    consumers: (log.consumers ?? []).map(({ feed, name, seq, isSubscribed }) => ({
      feed: wordOf(UPDATE_FEEDS, feed ?? 0) ?? 'unknown',
      name: name ?? '',
      seq: seq ?? 0,
      isSubscribed: isSubscribed ?? false,
    })),
  };
}

export function updateDocument(update: v1.MeshUpdate.$Properties & v1.NodeUpdate.$Properties & v1.DBUpdate.$Properties) {
  const { header, config, rows, payload } = update;
  const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
  const changes = [
    ...(config ?? []).map((row) => ({ table: 'config_kv', key: row.key ?? '', value: row.isRemoval ? null : (row.value ?? '') })),
    ...(rows ?? []).map((row) => ({ table: row.table ?? '', key: text(row.key), value: row.isRemoval ? null : text(row.value) })),
  ];
  const bytes = changes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), payload?.length ?? 0);
  return {
    seq: header?.seq ?? 0,
    updateId: header?.updateId ?? '',
    origin: header?.originId ?? '',
    sender: header?.sender ?? '',
    senderSeq: header?.senderSeq ?? 0,
    topic: header?.topic ?? '',
    changes,
    payload: text(payload),
    bytes,
  };
}
