/**
 * subscribe: prints messages, or writes them to a directory, and acknowledges each batch once it is there. Started
 * again, it goes on after the node's own durable offset.
 */
import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { parseId } from '../../core/base/ids.js';
import type { Delivery } from '../client/reassembly.js';
import { type Context, DEFAULT_TENANT } from './context.js';
import { CommandRefused, EXIT } from './outcome.js';
import { formatBytes } from './table.js';
import { Outage } from './patience.js';

export interface SubscribeOptions {
  readonly stream: string;
  readonly tenant?: string;
  readonly out?: string;
  readonly count?: number;
  readonly after?: number;
  /** Print one line a message instead of the payloads. */
  readonly list?: boolean;
  /** Ends when nothing came for so many milliseconds. */
  readonly idle?: number;
  /** What is replayed of the dead letters at this node, instead of the stream. */
  readonly deadLetters?: boolean;
}

export async function subscribe({ client, console }: Context, options: SubscribeOptions): Promise<void> {
  const byId = parseId(options.stream);
  const outage = new Outage((line) => console.say(line));
  let isSubscribed = false;
  let isIdleOver = false;
  let idleTimer: NodeJS.Timeout | null = null;
  const subscriber = client.subscriber({
    tenantId: options.tenant ?? DEFAULT_TENANT,
    ...(byId === null ? { streamName: options.stream } : { streamId: byId }),
    resumeAfter: options.after,
    deadLetters: options.deadLetters ?? false,
    onSubscribed: ({ streamId, resumeAfter }) => {
      isSubscribed = true;
      outage.over();
      console.progress(`subscribed to ${streamId}, after ${resumeAfter}`);
    },
    onRetry: (failure) => outage.broke(failure.message),
    // A large message is long on its way: each of its chunks is a sign of life.
    onChunk: () => rewind(),
  });
  let count = 0;
  let bytes = 0;
  const rewind = (): void => {
    if (options.idle === undefined) return;
    if (idleTimer !== null) clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      isIdleOver = true;
      void subscriber.close();
    }, options.idle);
  };
  const onInterrupt = (): void => void subscriber.close();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  rewind();
  if (options.count !== 0) {
    for await (const batch of subscriber.batches()) {
      rewind();
      const wanted = batch.slice(0, (options.count ?? Infinity) - count);
      for (const delivery of wanted) {
        await emit(console, delivery, options);
        count++;
        bytes += delivery.payload.length;
      }
      subscriber.ack(wanted.at(-1)?.seq ?? 0);
      console.progress(`${count} messages, ${formatBytes(bytes)}`);
      if (count >= (options.count ?? Infinity)) break;
    }
  }
  if (idleTimer !== null) clearTimeout(idleTimer);
  await subscriber.close();
  if (isIdleOver && !isSubscribed) await refuseUnknown({ client, console }, options);
  if (options.out !== undefined && !console.isJson) console.say(`${count} messages, ${formatBytes(bytes)}, in ${options.out}`);
}

/** The wait is over, and the node never began to deliver: it says why, if it can be told. */
async function refuseUnknown({ client }: Context, { stream, tenant }: SubscribeOptions): Promise<void> {
  const tenantId = tenant ?? DEFAULT_TENANT;
  const status = await client.getMeshStatus({ tenantId });
  const isKnown = status.streams.some((each) => each.name === stream || each.id === stream.toUpperCase());
  const why = isKnown
    ? `stream "${stream}" did not begin to deliver: see meshctl streams and events`
    : `stream "${stream}" is not known here: this node is a target of no stream of that name; see meshctl streams`;
  throw new CommandRefused(why, EXIT.REFUSED);
}

async function emit(console: Context['console'], delivery: Delivery, options: SubscribeOptions): Promise<void> {
  const { seq, messageId, producer, producerSeq, payload, headers } = delivery;
  if (delivery.isDead) {
    await console.print(`${String(seq).padStart(8)}  ${messageId}  in the dead-letter list: see meshctl dlq`, { seq, messageId, producer, producerSeq, isDead: true });
    return;
  }
  const file = options.out === undefined ? null : writeMessage(options.out, delivery);
  const document = {
    seq,
    messageId,
    producer,
    producerSeq,
    ...(delivery.letterSeq !== null && { letterSeq: delivery.letterSeq }),
    bytes: payload.length,
    sha256: createHash('sha256').update(payload).digest('hex'),
    headers: Buffer.from(headers).toString('base64'),
    ...(file === null ? { payload: Buffer.from(payload).toString('base64') } : { file }),
  };
  const isListed = options.list === true || file !== null;
  const text = isListed
    ? `${String(seq).padStart(8)}  ${messageId}  ${formatBytes(payload.length).padStart(10)}  ${file ?? producer}`
    : Buffer.from(payload).toString('utf8');
  await console.print(text, document);
}

/** The file that the headers name, or one named by seq; whole and flushed before this returns. */
function writeMessage(directory: string, { seq, payload, headers }: Delivery): string {
  const path = join(directory, fileNameOf(headers) ?? `${seq}.bin`);
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  const file = openSync(partial, 'w');
  try {
    writeSync(file, payload);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(partial, path);
  return path;
}

/** A name that a publisher gave, if it stays inside the directory. */
function fileNameOf(headers: Uint8Array): string | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(headers).toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const name = (parsed as { file?: unknown } | null)?.file;
  if (typeof name !== 'string' || name === '' || name.includes('\0')) return null;
  const path = normalize(name);
  const isInside = !path.startsWith('..') && !path.startsWith(sep) && !/^[A-Za-z]:/.test(path) && path !== '.';
  return isInside && !path.endsWith(sep) ? path : null;
}
