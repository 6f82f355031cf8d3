/** recover stream: what a stream has lost for good with its members, and an operator's consent to that. */
import { parseId } from '../../core/base/ids.js';
import { STREAM_LOSSES, wordOf } from '../grpc/enums.js';
import type { v1 } from '../grpc/messages.js';
import { type Context, DEFAULT_TENANT, nodeNames } from './context.js';
import { CommandRefused, EXIT } from './outcome.js';

export interface RecoverStreamOptions {
  readonly tenant?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly acceptLoss?: boolean;
}

/** Without --yes nothing is changed. Nothing needs to be done by hand but where neither source nor majority is left. */
export async function recoverStream(context: Context, stream: string, options: RecoverStreamOptions): Promise<void> {
  const { client, console } = context;
  if (options.dryRun === true && options.yes === true) throw new CommandRefused('--dry-run and --yes exclude each other');
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = parseId(stream) ?? (await memberStreamNamed(context, tenantId, stream));
  const found = lossDocument(await client.recoverStream({ tenantId, streamId, acceptLoss: false }));
  const nameOf = nodeNames(await client.getMeshStatus());
  const isWanted = options.yes === true;
  if (!isWanted || found.loss !== 'consent') {
    await console.print([...describe(found, nameOf), ...adviceOn(found.loss, options)].join('\n'), found);
    if (found.loss === 'gone') throw new CommandRefused('nobody is left who holds anything of the stream', EXIT.REFUSED);
    return;
  }
  if (options.acceptLoss !== true) {
    throw new CommandRefused('what only lost members held would be gone for good: look at it with --dry-run, then add --accept-loss', EXIT.REFUSED);
  }
  const done = lossDocument(await client.recoverStream({ tenantId, streamId, acceptLoss: true }));
  const next = done.isAccepted ? 'accepted: when all that are left have reported, they deliver what they hold and the stream is closed' : 'nothing is lost any more';
  await console.print([...describe(done, nameOf), next].join('\n'), done);
}

type LossDocument = ReturnType<typeof lossDocument>;

function lossDocument(answer: v1.RecoverStreamResponse) {
  const membersOf = (members: readonly v1.StreamMember.$Properties[]) =>
    members.map(({ nodeId, replica }) => ({ node: nodeId ?? '', replica: replica ?? 0 }));
  return {
    stream: answer.streamId,
    loss: wordOf(STREAM_LOSSES, answer.loss) ?? 'unknown',
    lost: membersOf(answer.lost),
    left: membersOf(answer.left),
    isSourceLost: answer.isSourceLost,
    generation: answer.generation,
    isSealed: answer.isSealed,
    lastSeq: answer.lastSeq,
    settled: answer.settled.map(({ nodeId, seq }) => ({ node: nodeId ?? '', seq: seq ?? 0 })),
    isAccepted: answer.isAccepted,
  };
}

function describe(found: LossDocument, nameOf: (id: string) => string): string[] {
  const listed = (members: LossDocument['lost']): string => members.map(({ node, replica }) => `${nameOf(node)} (replica ${replica})`).join(', ') || 'nobody';
  const lines = [
    `stream   ${found.stream}, generation ${found.generation}${found.isSealed ? ', sealed' : ''}`,
    `lost     ${listed(found.lost)}${found.isSourceLost ? '; its source is among them' : ''}`,
    `left     ${listed(found.left)}`,
    `here     messages up to ${found.lastSeq}`,
    `settled  ${found.settled.map(({ node, seq }) => `${nameOf(node)}:${seq}`).join(' ') || 'none'}`,
  ];
  if (found.loss === 'consent') lines.push(`forgets  every message after ${found.lastSeq} that none of those who are left holds, and whatever its source had not passed on`);
  return lines;
}

function adviceOn(loss: LossDocument['loss'], { acceptLoss }: RecoverStreamOptions): string[] {
  switch (loss) {
    case 'whole':
      return ['a majority is left: there is nothing to do'];
    case 'reseal':
      return ['the source is left: the next generation begins by itself when all that are left have reported'];
    case 'consent':
      return [`nothing was changed; to accept the loss: ${acceptLoss === true ? 'add --yes' : 'add --accept-loss --yes'}`];
    default:
      return [];
  }
}

/** Of any stream of which the node is a member, not only of those that it is the source of. */
async function memberStreamNamed({ client }: Context, tenantId: string, name: string): Promise<string> {
  const { streams } = await client.listStreams({ tenantId });
  const ids = streams.flatMap((stream) => (stream.name === name ? [stream.id ?? ''] : []));
  if (ids.length === 1) return ids[0] ?? '';
  const why = ids.length === 0 ? `this node is a member of no stream called "${name}"` : `${ids.length} streams are called "${name}": name it by its id`;
  throw new CommandRefused(why, EXIT.REFUSED);
}
