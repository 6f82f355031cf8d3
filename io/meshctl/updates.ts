/** send-update, updates, update-logs: what goes to every member of the mesh. */
import { makeUlid } from '../../core/base/ulid.js';
import { utf8Encode } from '../../core/base/bytes.js';
import type { MessageId } from '../../core/base/ids.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import type { v1 } from '../grpc/messages.js';
import { UPDATE_FEEDS, UPDATE_LEVELS } from '../grpc/update-commands.js';
import { SystemEntropy } from '../host/node-crypto.js';
import { type Context, nodeNames } from './context.js';
import { CommandRefused } from './outcome.js';
import { table } from './table.js';
import { updateDocument, updateLogDocument } from './update-document.js';

export interface SendUpdateOptions {
  readonly topic?: string;
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
  readonly table?: string;
  readonly sender?: string;
  readonly seq?: number;
  readonly level?: string;
}

export async function sendUpdate({ client, console }: Context, feedName: string, text: string | undefined, options: SendUpdateOptions): Promise<void> {
  const feed = feedOf(feedName);
  const level = options.level ?? 'committed';
  if (!Object.hasOwn(UPDATE_LEVELS, level)) throw new CommandRefused('--level must be committed or applied');
  const sets = (options.set ?? []).map(pairOf);
  if (feed === 'node' && sets.length + (options.unset ?? []).length > 0) throw new CommandRefused('a node update changes no table');
  if (feed === 'database' && sets.length + (options.unset ?? []).length > 0 && options.table === undefined) {
    throw new CommandRefused('--table is missing: which table do the rows belong to?');
  }
  const header = {
    // The same call repeated by grpc-js or a person would be another update: the id is made here, once.
    updateId: options.sender === undefined ? makeUlid<MessageId>(Date.now(), new SystemEntropy()) : '',
    sender: options.sender ?? '',
    senderSeq: options.seq ?? 0,
    topic: options.topic ?? '',
  };
  const common = { header, payload: utf8Encode(text ?? ''), level: UPDATE_LEVELS[level as keyof typeof UPDATE_LEVELS] };
  const removals = options.unset ?? [];
  let result: v1.BroadcastResult;
  if (feed === 'mesh') {
    const config = [...sets, ...removals.map((key) => ({ key, isRemoval: true }))];
    result = await client.sendMeshUpdate({ ...common, config });
  } else if (feed === 'node') result = await client.sendNodeUpdate(common);
  else {
    const name = options.table ?? '';
    const rows = [
      ...sets.map(({ key, value }) => ({ table: name, key: utf8Encode(key), value: utf8Encode(value) })),
      ...removals.map((key) => ({ table: name, key: utf8Encode(key), isRemoval: true })),
    ];
    result = await client.sendInternalDbUpdate({ ...common, rows });
  }
  const { updateId, seq, isRepeat, nodesApplied, nodesTotal } = result;
  const again = isRepeat ? ', sent before' : '';
  await console.print(`update ${updateId} is number ${seq}${again}; applied by ${nodesApplied} of ${nodesTotal} members`, {
    updateId,
    seq,
    level,
    isRepeat: isRepeat ?? false,
    nodesApplied,
    nodesTotal,
  });
}

export interface FollowOptions {
  readonly consumer?: string;
  readonly after?: number;
  readonly fromStart?: boolean;
  readonly count?: number;
}

/** Until interrupted, or until `count` have come. */
export async function followUpdates({ client, console }: Context, feedName: string, options: FollowOptions): Promise<void> {
  const subscriber = client.updateSubscriber(feedOf(feedName), {
    ...(options.consumer === undefined ? {} : { consumer: options.consumer }),
    ...(options.fromStart === true ? { fromStart: true } : {}),
    ...(options.after === undefined ? {} : { resumeAfter: options.after }),
    onRetry: (failure) => console.say(`the call broke (${failure.message}); trying again`),
  });
  process.once('SIGINT', () => subscriber.close());
  let left = options.count ?? Infinity;
  for await (const batch of subscriber.batches()) {
    for (const update of batch) {
      const document = updateDocument(update);
      const changes = document.changes.map(({ table: name, key, value }) => `${name}/${key}${value === null ? ' removed' : `=${value}`}`);
      await console.print(`${String(document.seq).padStart(6)}  ${document.topic}  ${[...changes, document.payload].join(' ')}`, document);
      subscriber.ack(document.seq, 1, document.bytes);
      if (--left <= 0) return subscriber.close();
    }
  }
}

export async function showUpdateLogs({ client, console }: Context): Promise<void> {
  const status = await client.getMeshStatus();
  const nameOf = nodeNames(status);
  const logs = status.updates.map(updateLogDocument);
  const rows = logs.map((log) => [
    log.log,
    log.lastSeq,
    log.baseSeq,
    log.appliedSeq,
    `${log.nodesApplied} of ${log.members.length}`,
    log.members.map(({ node, appliedSeq }) => `${nameOf(node)}:${appliedSeq}`).join(' '),
    log.consumers.map(({ feed, name, seq }) => `${feed}/${name}:${seq}`).join(' '),
  ]);
  await console.print(table(['LOG', 'LAST', 'KEPT AFTER', 'APPLIED HERE', 'HAVE ALL', 'APPLIED', 'CONSUMERS'], rows), logs);
}

function feedOf(name: string): UpdateFeed {
  if (!Object.hasOwn(UPDATE_FEEDS, name)) throw new CommandRefused('updates are mesh, node or database updates');
  return name as UpdateFeed;
}

function pairOf(pair: string): { readonly key: string; readonly value: string } {
  const at = pair.indexOf('=');
  if (at < 1) throw new CommandRefused(`--set takes KEY=VALUE, got "${pair}"`);
  return { key: pair.slice(0, at), value: pair.slice(at + 1) };
}
