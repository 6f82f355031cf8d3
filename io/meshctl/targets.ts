/**
 * target: who a stream goes to, changed through its log at the source. A stream whose targets are too few for its policy
 * is ORPHANED until one is attached that begins early enough, or it is closed. producer: expiry of a producer for good.
 */
import type { TargetAction } from '../../core/groups/operations.js';
import { TARGET_ACTIONS, TARGET_STARTS } from '../grpc/enums.js';
import type { v1 } from '../grpc/messages.js';
import { type Context, DEFAULT_TENANT, nodeNames, resolveNodes } from './context.js';
import { streamDocument } from './documents.js';
import { CommandRefused } from './outcome.js';
import { streamNamed } from './publish.js';

export interface TargetOptions {
  readonly tenant?: string;
  /** now, earliest, or a seq. */
  readonly from?: string;
  readonly optional?: boolean;
}

export async function changeTarget(
  { client, console }: Context,
  kind: TargetAction['kind'],
  stream: string,
  node: string,
  options: TargetOptions,
): Promise<void> {
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = await streamNamed({ client, console }, tenantId, stream);
  const status = await client.getMeshStatus();
  const targetId = resolveNodes(status, [node])[0] ?? '';
  const start = kind === 'attach' ? startOf(options.from) : {};
  const isOptional = options.optional === true;
  const changed = await client.changeTarget({ tenantId, streamId, targetId, action: TARGET_ACTIONS[kind], isOptional, ...start });
  const nameOf = nodeNames(status);
  const document = streamDocument(changed);
  const targets = document.targets.map(({ node: each, status: how, isOptional: isOne }) => `${nameOf(each)} ${how}${isOne ? ', optional' : ''}`);
  const warning = document.isOrphaned ? '\nthe stream is ORPHANED: attach a target that begins early enough, or close it' : '';
  await console.print(`targets: ${targets.join('; ') || 'none'}${warning}`, document);
}

export async function expireProducer({ client, console }: Context, stream: string, producer: string, options: TargetOptions): Promise<void> {
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = await streamNamed({ client, console }, tenantId, stream);
  await client.expireProducer({ tenantId, streamId, producer });
  await console.print(`${producer} is refused from here on`, { producer });
}

/** Of a stream that is open, or that somebody still waits for, only with `--force`. */
export async function deleteStream({ client, console }: Context, stream: string, options: { tenant?: string; force?: boolean }): Promise<void> {
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = await streamNamed({ client, console }, tenantId, stream);
  const { lastSeq, discardedMessages, discardedDeadLetters } = await client.deleteStream({ tenantId, streamId, isForced: options.force ?? false });
  const document = { stream: streamId, lastSeq, discardedMessages, discardedDeadLetters };
  const lost = discardedMessages + discardedDeadLetters > 0 ? `; lost: ${discardedMessages} messages, ${discardedDeadLetters} dead letters` : '';
  await console.print(`deleted stream ${streamId} at ${lastSeq}${lost}`, document);
}

function startOf(from: string | undefined): Pick<v1.ChangeStreamTargetRequest.$Properties, 'start' | 'afterSeq' | 'afterCheckpoint'> {
  if (from === 'now' || from === 'earliest') return { start: TARGET_STARTS[from] };
  if (from?.startsWith('checkpoint:') === true) return { start: TARGET_STARTS.checkpoint, afterCheckpoint: from.slice('checkpoint:'.length) };
  if (from !== undefined && /^[1-9]\d{0,14}$/.test(from)) return { start: TARGET_STARTS.after, afterSeq: Number(from) - 1 };
  throw new CommandRefused('--from must be now, earliest, checkpoint:NAME, or the first seq that the target is to get');
}
