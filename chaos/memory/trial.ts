/**
 * One trial: a mesh of fresh processes, a stream whose last target does not keep up, more payload offered than the
 * stream may hold; then the target comes back and reads everything. The memory of the source is watched all along.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { ulid } from 'ulid';
import { present } from '../../core/base/assert.js';
import type { v1 } from '../../io/grpc/messages.js';
import { until } from '../processes/patience.js';
import { ProcessMesh, type ProcessNode } from '../processes/process-mesh.js';
import { offerLoad } from './offered-load.js';
import { type Resident, ResidentWatch, residentOf } from './resident.js';
import { SOURCE, type Variant } from './variants.js';

export interface TrialOptions {
  readonly directory: string;
  readonly payloadBytes: number;
  readonly offeredBytes: number;
  /** Of every meshd: more arguments of it, and of the runtime. */
  readonly more: readonly string[];
  readonly nodeArguments: readonly string[];
}

export interface Trial {
  readonly variant: string;
  readonly offered: number;
  readonly refused: number;
  readonly accepted: number;
  /** The source before the stream was opened; at its largest while the target did not keep up; and while it came back. */
  readonly before: Resident;
  readonly held: Resident;
  readonly drained: Resident;
}

/** Rejects when a process ends by itself, a call fails, or something is not over in time. */
export async function runTrial(variant: Variant, options: TrialOptions): Promise<Trial> {
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_, fail) => (lose = fail));
  const mesh = new ProcessMesh({
    meshName: 'memory',
    directory: options.directory,
    sites: variant.sites,
    more: options.more,
    nodeArguments: () => options.nodeArguments,
    onLost: ({ site, process }) => lose(new Error(`${site.name} ended by itself; its log is ${process.logPath}`)),
  });
  try {
    return await Promise.race([measure(mesh, variant, options), lost]);
  } finally {
    await mesh.kill();
  }
}

async function measure(mesh: ProcessMesh, variant: Variant, options: TrialOptions): Promise<Trial> {
  const { payloadBytes, offeredBytes } = options;
  await mesh.launch();
  const source = mesh.node(SOURCE);
  const slow = mesh.node(present(variant.targets.at(-1), 'a stream has a target'));
  const pid = present(source.process.pid, 'the source runs');
  await delay(REST_MS);
  const before = residentOf(pid);
  const watch = new ResidentWatch(pid);
  try {
    const tenantId = ulid();
    const targetIds = variant.targets.map((name) => mesh.node(name).id);
    const { streamId } = await source.client.openStream({ tenantId, name: 'load', targetIds });
    const stream = { tenantId, streamId };
    const isHeard = (): Promise<true | string> => hasStream(slow, stream);
    await until('a stream that its targets have heard of', isHeard, { limitMs: 30_000, everyMs: 50 });
    for (const name of variant.readers) void read(mesh.node(name), tenantId, streamId);
    if (variant.fault === 'SIGSTOP') process.kill(present(slow.process.pid, 'the target runs'), 'SIGSTOP');
    if (variant.fault === 'SIGKILL') await slow.process.kill();
    const plan = { tenantId, streamId, payloadBytes, messageCount: Math.ceil(offeredBytes / payloadBytes) };
    const { offered, refused } = await offerLoad(source.client, plan);
    await delay(REST_MS);
    const held = watch.peak;
    const { accepted } = await streamAt(source, stream);
    if (variant.fault === 'SIGSTOP') process.kill(present(slow.process.pid, 'the target runs'), 'SIGCONT');
    if (variant.fault === 'SIGKILL') slow.process.start();
    void read(slow, tenantId, streamId);
    const isDone = async (): Promise<true | string> => {
      const { completed } = await streamAt(source, stream);
      return completed === accepted ? true : `${completed} of ${accepted} messages are completed`;
    };
    await until('a stream that is read to its end', isDone, { limitMs: DRAIN_MS, everyMs: 200 });
    await delay(REST_MS);
    return { variant: variant.name, offered, refused, accepted, before, held, drained: watch.peak };
  } finally {
    watch.end();
  }
}

/** Reads and acknowledges until the process of the trial ends. */
async function read({ client }: ProcessNode, tenantId: string, streamId: string): Promise<void> {
  const subscriber = client.subscriber({ tenantId, streamId });
  for await (const { seq } of subscriber.messages()) subscriber.ack(seq);
}

interface StreamPlace {
  readonly tenantId: string;
  readonly streamId: string;
}

async function hasStream({ client, site }: ProcessNode, { tenantId, streamId }: StreamPlace): Promise<true | string> {
  const { streams } = await client.getMeshStatus({ tenantId });
  return streams?.some(({ id }) => id === streamId) === true ? true : `${site.name} has not heard of it`;
}

async function streamAt({ client }: ProcessNode, { tenantId, streamId }: StreamPlace): Promise<{ accepted: number; completed: number }> {
  const { streams } = await client.getMeshStatus({ tenantId });
  const stream: v1.Stream.$Properties = present(
    streams?.find(({ id }) => id === streamId),
    'the source lists its stream',
  );
  return { accepted: stream.accepted ?? 0, completed: stream.completed ?? 0 };
}

const REST_MS = 2_000;
const DRAIN_MS = 300_000;
