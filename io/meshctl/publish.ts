/**
 * publish: files and directories, standard input whole or by lines, or synthetic messages. Each file is one message
 * whose headers name it. The producer's numbers go on where the last run stopped.
 */
import { type Dirent, readFileSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline';
import { parseId } from '../../core/base/ids.js';
import type { PublishLevel } from '../../core/node/commands.js';
import { FAILURE_ACTIONS, PUBLISH_LEVELS } from '../grpc/enums.js';
import { MESSAGE_BYTES_MAX } from '../grpc/fields.js';
import type { v1 } from '../grpc/messages.js';
import { type Context, DEFAULT_TENANT, resolveNodes } from './context.js';
import { CommandRefused, EXIT } from './outcome.js';
import { formatBytes } from './table.js';
import { Outage, tellWhenStuck } from './patience.js';

export interface PublishOptions {
  readonly stream: string;
  readonly target?: readonly string[];
  readonly optionalTarget?: readonly string[];
  readonly retain?: number;
  readonly retainBytes?: number;
  readonly tenant?: string;
  readonly producer?: string;
  readonly level?: string;
  readonly lines?: boolean;
  readonly count?: number;
  readonly size?: number;
  readonly quorum?: number;
  readonly require?: readonly string[];
  readonly onFailure?: string;
  readonly failures?: number;
  readonly handlerLimit?: number;
  readonly digest?: boolean;
}

interface Message {
  readonly payload: Uint8Array;
  readonly headers: Uint8Array;
}

export async function publish({ client, console }: Context, paths: readonly string[], options: PublishOptions): Promise<void> {
  const level = levelOf(options.level);
  const messages = messagesOf(paths, options, (line) => console.say(line));
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = await openStream({ client, console }, tenantId, options);
  const producer = options.producer ?? 'meshctl';
  const begunAt = performance.now();
  let published = 0;
  let bytes = 0;
  const outage = new Outage((line) => console.say(line));
  const patience = tellWhenStuck({ client, console }, streamId, level);
  const publisher = client.publisher({
    tenantId,
    streamId,
    producer,
    level,
    withDigests: options.digest === true,
    onRetry: (failure) => outage.broke(failure.message),
    onWatermarks: (watermarks) => {
      outage.over();
      patience.moved();
      console.progress(`${published} messages, ${formatBytes(bytes)} offered; ${level} ${watermarks[level]}`);
    },
  });
  let before = 0;
  try {
    before = await publisher.open();
    for await (const { payload, headers } of messages) {
      await publisher.publish(payload, headers);
      published++;
      bytes += payload.length;
    }
    await publisher.flush(level);
    await publisher.close();
  } finally {
    patience.end();
  }
  const ms = Math.round(performance.now() - begunAt);
  await console.print(`published ${published} ${published === 1 ? 'message' : 'messages'}, ${formatBytes(bytes)}, to stream ${streamId}: ${level} in ${ms} ms`, {
    stream: streamId,
    producer,
    firstProducerSeq: published === 0 ? null : before + 1,
    lastProducerSeq: publisher.lastSeq,
    messages: published,
    bytes,
    level,
    ms,
  });
}

export async function closeStream({ client, console }: Context, stream: string, options: { tenant?: string }): Promise<void> {
  const tenantId = options.tenant ?? DEFAULT_TENANT;
  const streamId = await streamNamed({ client, console }, tenantId, stream);
  const { lastSeq } = await client.closeStream({ tenantId, streamId });
  await console.print(`closed stream ${streamId} at ${lastSeq}`, { stream: streamId, lastSeq });
}

/** The id of a stream of this source, given by name or id. */
export async function streamNamed(context: Context, tenantId: string, stream: string): Promise<string> {
  const streamId = parseId(stream) ?? (await streamIdOf(context, tenantId, stream));
  if (streamId === null) throw new CommandRefused(`this node is source of no stream called "${stream}"`, EXIT.REFUSED);
  return streamId;
}

/** By id; by name and targets (opened when it is new); or by name alone, when this node has opened it before. */
async function openStream({ client, console }: Context, tenantId: string, options: PublishOptions): Promise<string> {
  const byId = parseId(options.stream);
  if (byId !== null) return byId;
  if (options.target === undefined || options.target.length === 0) {
    const known = await streamIdOf({ client, console }, tenantId, options.stream);
    if (known !== null) return known;
    throw new CommandRefused(`stream "${options.stream}" is not open here: name its targets by --target`, EXIT.REFUSED);
  }
  const status = await client.getMeshStatus();
  const optionalTargetIds = resolveNodes(status, options.optionalTarget ?? []);
  const targetIds = [...resolveNodes(status, options.target), ...optionalTargetIds];
  const policy = { quorum: options.quorum ?? 0, requiredTargetIds: resolveNodes(status, options.require ?? []) };
  const retention = { retainMs: options.retain ?? 0, retainBytes: options.retainBytes ?? 0 };
  const handle = await client.openStream({ tenantId, name: options.stream, targetIds, optionalTargetIds, ...retention, policy, failure: failurePolicy(options) });
  return handle.streamId;
}

function failurePolicy({ onFailure, failures, handlerLimit }: PublishOptions): v1.FailurePolicy.$Properties {
  if (onFailure !== undefined && !Object.hasOwn(FAILURE_ACTIONS, onFailure)) {
    throw new CommandRefused(`--on-failure must be ${Object.keys(FAILURE_ACTIONS).join(' or ')}, got "${onFailure}"`);
  }
  const action = FAILURE_ACTIONS[(onFailure ?? 'block') as keyof typeof FAILURE_ACTIONS];
  return { action, failuresMax: failures ?? 0, handlerLimitMs: handlerLimit ?? 0 };
}

async function streamIdOf({ client }: Context, tenantId: string, name: string): Promise<string | null> {
  const status = await client.getMeshStatus({ tenantId });
  const own = status.streams.find(
    (stream) => stream.name === name && stream.sourceId === status.node?.id && !stream.isClosed,
  );
  return own?.id ?? null;
}

function levelOf(text: string | undefined): PublishLevel {
  const level = text ?? 'replicated';
  if (Object.hasOwn(PUBLISH_LEVELS, level)) return level as PublishLevel;
  throw new CommandRefused(`--level must be accepted, replicated or completed, got "${level}"`);
}

/** Everything is checked before the first message leaves, as far as it can be. */
function messagesOf(paths: readonly string[], options: PublishOptions, say: (line: string) => void): Iterable<Message> | AsyncIterable<Message> {
  if (options.count !== undefined) {
    if (paths.length > 0 || options.lines) throw new CommandRefused('--count makes messages of its own: name no files beside it');
    const size = options.size ?? 256;
    if (size > MESSAGE_BYTES_MAX) throw new CommandRefused(`--size is at most ${MESSAGE_BYTES_MAX} (64 MiB, the largest message)`);
    return synthetic(options.count, size);
  }
  if (options.lines) {
    if (paths.some((path) => path !== '-')) throw new CommandRefused('--lines reads standard input: name no files beside it');
    return lines();
  }
  if (paths.length === 0 || (paths.length === 1 && paths[0] === '-')) return standardInput();
  const files = paths.flatMap((path) => filesUnder(path, say));
  return fileMessages(files);
}

function* synthetic(count: number, size: number): Generator<Message> {
  for (let i = 0; i < count; i++) {
    const payload = Buffer.alloc(size, i % 251);
    payload.write(String(i).slice(0, size), 0, 'latin1');
    yield { payload, headers: NO_HEADERS };
  }
}

async function* lines(): AsyncGenerator<Message> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    yield { payload: Buffer.from(line, 'utf8'), headers: NO_HEADERS };
  }
}

async function* standardInput(): AsyncGenerator<Message> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of process.stdin) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    if (bytes > MESSAGE_BYTES_MAX) throw new CommandRefused(`standard input is more than one message of ${MESSAGE_BYTES_MAX} bytes: use --lines`, EXIT.REFUSED);
  }
  yield { payload: Buffer.concat(parts), headers: NO_HEADERS };
}

interface InputFile {
  readonly path: string;
  /** As the headers tell it, with slashes. */
  readonly name: string;
}

/** The files at or below `path`, in one order on every machine. What else is there is not published, and said so. */
function filesUnder(path: string, say: (line: string) => void): InputFile[] {
  try {
    if (!statSync(path).isDirectory()) return [checked({ path, name: basename(path) })];
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    tellLeftOut(entries, say);
    const files = entries.filter((entry) => entry.isFile()).map((entry) => {
      const full = join(entry.parentPath, entry.name);
      return checked({ path: full, name: relative(path, full).split(sep).join('/') });
    });
    return files.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch (error) {
    if (error instanceof CommandRefused) throw error;
    throw new CommandRefused(`${path} cannot be read: ${(error as Error).message}`, EXIT.REFUSED);
  }
}

/** A directory travels as the names of its files; a link is not followed, for it may lead anywhere. */
function tellLeftOut(entries: readonly Dirent[], say: (line: string) => void): void {
  const parents = new Set(entries.map(({ parentPath }) => resolve(parentPath)));
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) say(`left out: ${path} is a symbolic link`);
    else if (entry.isDirectory() && !parents.has(resolve(path))) say(`left out: ${path} is an empty directory`);
    else if (!entry.isDirectory() && !entry.isFile()) say(`left out: ${path} is no file`);
  }
  if (entries.length === 0) say('the directory is empty: nothing is published');
}

function checked(file: InputFile): InputFile {
  const { size } = statSync(file.path);
  if (size > MESSAGE_BYTES_MAX) {
    const limit = `${formatBytes(MESSAGE_BYTES_MAX)} (${MESSAGE_BYTES_MAX} bytes)`;
    throw new CommandRefused(`${file.path} has ${formatBytes(size)}; one message holds at most ${limit}: split the file, for example with split -b 64M`, EXIT.REFUSED);
  }
  return file;
}

function* fileMessages(files: readonly InputFile[]): Generator<Message> {
  for (const { path, name } of files) {
    yield { payload: readFileSync(path), headers: Buffer.from(JSON.stringify({ file: name }), 'utf8') };
  }
}

const NO_HEADERS = new Uint8Array(0);
