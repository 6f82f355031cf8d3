/**
 * dlq: messages that targets gave up on. list and show look; replay asks for another delivery, to whoever subscribes
 * with `--dead-letters` at the target; discard drops for good.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { crc32c } from '../../core/base/crc32c.js';
import { parseId } from '../../core/base/ids.js';
import type { MeshClient } from '../client/mesh-client.js';
import type { v1 } from '../grpc/messages.js';
import { type Context, DEFAULT_TENANT, nodeNames, resolveNodes } from './context.js';
import { letterDocument } from './documents.js';
import { CommandRefused, EXIT } from './outcome.js';
import { formatBytes, table } from './table.js';

export interface LetterOptions {
  readonly tenant?: string;
  /** Name or id of the target where the message died; needed only where several have it. */
  readonly target?: string;
  readonly all?: boolean;
  readonly out?: string;
}

export async function listLetters({ client, console }: Context, stream: string | undefined, options: LetterOptions): Promise<void> {
  const letters = await lettersOf({ client, console }, stream, options);
  const nameOf = nodeNames(await client.getMeshStatus());
  const rows = letters.map((letter) => [
    letter.streamName ?? '',
    letter.seq ?? 0,
    nameOf(letter.targetId),
    letter.producer ?? '',
    formatBytes(letter.payloadBytes ?? 0),
    letter.failures ?? 0,
    new Date(letter.diedAtMs ?? 0).toISOString(),
    letter.replay ? `replay ${letter.replay}` : 'dead',
    letter.reason ?? '',
  ]);
  const headings = ['STREAM', 'SEQ', 'TARGET', 'PRODUCER', 'SIZE', 'FAILURES', 'DIED', 'STATE', 'REASON'];
  await console.print(letters.length === 0 ? 'no dead letters' : table(headings, rows), letters.map(letterDocument));
}

/** Writes the payload to a file, or prints it. */
export async function showLetter({ client, console }: Context, stream: string, seq: number, options: LetterOptions): Promise<void> {
  const letter = await oneLetter({ client, console }, stream, seq, options);
  const { payload, headers } = await payloadOf(client, letter, options.tenant ?? DEFAULT_TENANT);
  const document = { ...letterDocument(letter), headers: Buffer.from(headers).toString('base64') };
  if (options.out === undefined) {
    await console.print(payload.toString('utf8'), { ...document, payload: payload.toString('base64') });
    return;
  }
  writeWhole(options.out, payload);
  await console.print(`${formatBytes(payload.length)} of seq ${letter.seq} in ${options.out}`, { ...document, file: options.out });
}

export async function changeLetters(
  { client, console }: Context,
  what: 'replay' | 'discard',
  stream: string,
  seqs: readonly string[],
  options: LetterOptions,
): Promise<void> {
  const known = await lettersOf({ client, console }, stream, options);
  if (seqs.length === 0 && options.all !== true) throw new CommandRefused(`name the messages to ${what} by their seqs, or say --all`);
  const wanted = options.all === true ? known : await Promise.all(seqs.map((seq) => oneLetter({ client, console }, stream, Number(seq), options)));
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  for (const { streamId, targetId, seq } of wanted) {
    const letter = { tenantId, streamId: streamId ?? '', targetId: targetId ?? '', seq: seq ?? 0 };
    if (what === 'replay') await client.replayDeadLetter({ letter });
    else await client.discardDeadLetter({ letter });
  }
  const did = what === 'replay' ? 'to be replayed' : 'discarded';
  await console.print(`${wanted.length} ${wanted.length === 1 ? 'message' : 'messages'} ${did}`, wanted.map(letterDocument));
}

/** Those of a stream by name or id (undefined: of all), at one target if one is named. */
async function lettersOf({ client }: Context, stream: string | undefined, { tenant, target }: LetterOptions): Promise<readonly v1.DeadLetter.$Properties[]> {
  const byId = stream === undefined ? null : parseId(stream);
  const { letters } = await client.listDeadLetters({ tenantId: tenant ?? DEFAULT_TENANT, streamId: byId ?? '' });
  const node = target === undefined ? null : (resolveNodes(await client.getMeshStatus(), [target])[0] ?? null);
  return letters.filter(
    (letter) => (stream === undefined || byId !== null || letter.streamName === stream) && (node === null || letter.targetId === node),
  );
}

async function oneLetter(context: Context, stream: string, seq: number, options: LetterOptions): Promise<v1.DeadLetter.$Properties> {
  const found = (await lettersOf(context, stream, options)).filter((letter) => letter.seq === seq);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length === 0) throw new CommandRefused(`stream "${stream}" has no dead letter ${seq}: see meshctl dlq list`, EXIT.REFUSED);
  throw new CommandRefused(`${found.length} targets or streams have a dead letter ${seq}: say --target, or the stream's id`, EXIT.REFUSED);
}

async function payloadOf(client: MeshClient, letter: v1.DeadLetter.$Properties, tenantId: string) {
  const parts: Uint8Array[] = [];
  let headers: Uint8Array = new Uint8Array(0);
  const selector = { tenantId, streamId: letter.streamId ?? '', targetId: letter.targetId ?? '', seq: letter.seq ?? 0 };
  for (let chunkSeq = 0; chunkSeq < (letter.chunkCount ?? 1); chunkSeq++) {
    const chunk = await client.showDeadLetter({ letter: selector, chunkSeq });
    if (crc32c(chunk.payload) !== chunk.checksum >>> 0) throw new CommandRefused(`chunk ${chunkSeq} does not match its CRC-32C`, EXIT.REFUSED);
    if (chunkSeq === 0) headers = chunk.headers;
    parts.push(chunk.payload);
  }
  return { payload: Buffer.concat(parts), headers };
}

function writeWhole(path: string, payload: Uint8Array): void {
  try {
    const file = openSync(path, 'w');
    try {
      writeSync(file, payload);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new CommandRefused(`${path} cannot be written: ${(error as Error).message}`, EXIT.REFUSED);
  }
}
