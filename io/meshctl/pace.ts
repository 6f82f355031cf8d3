/** pause, resume, throttle: how fast a target delivers to its application. */
import { parseId } from '../../core/base/ids.js';
import { type Context, DEFAULT_TENANT, resolveNodes } from './context.js';
import { CommandRefused, EXIT } from './outcome.js';

export interface PaceOptions {
  readonly target: string;
  readonly stream?: string;
  readonly tenant?: string;
  readonly priority?: number;
}

export interface ThrottleOptions extends PaceOptions {
  readonly messages?: number;
  readonly bytes?: number;
}

export function pause(context: Context, options: PaceOptions): Promise<void> {
  return setPace(context, options, { isPaused: true }, 'paused');
}

export function resume(context: Context, options: PaceOptions): Promise<void> {
  return setPace(context, options, { isPaused: false }, 'resumed');
}

export function throttle(context: Context, { messages, bytes, ...options }: ThrottleOptions): Promise<void> {
  if (messages === undefined && bytes === undefined) throw new CommandRefused('say --messages or --bytes a second; 0 is no limit');
  const rates = { ...(messages !== undefined && { messagesPerSecond: messages }), ...(bytes !== undefined && { bytesPerSecond: bytes }) };
  return setPace(context, options, rates, 'throttled');
}

async function setPace(
  { client, console }: Context,
  { target, stream, tenant, priority }: PaceOptions,
  pace: { readonly isPaused?: boolean; readonly messagesPerSecond?: number; readonly bytesPerSecond?: number },
  did: string,
): Promise<void> {
  const tenantId = tenant ?? DEFAULT_TENANT;
  const status = await client.getMeshStatus({ tenantId });
  const [targetId = ''] = resolveNodes(status, [target]);
  const found = status.streams.find((each) => each.name === stream && !each.isClosed);
  const streamId = stream === undefined ? '' : (parseId(stream) ?? found?.id ?? '');
  if (stream !== undefined && streamId === '') throw new CommandRefused(`this node is a member of no stream called "${stream}"`, EXIT.REFUSED);
  const { streamIds } = await client.paceTarget({ tenantId, targetId, streamId, ...(priority !== undefined && { priority }), ...pace });
  const count = `${streamIds.length} ${streamIds.length === 1 ? 'stream' : 'streams'}`;
  await console.print(`${did} at ${target}: ${count}`, { target: targetId, streams: streamIds, ...pace });
}
