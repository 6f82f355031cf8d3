/**
 * The durable stream: three meshd processes, a publisher and two subscribers as processes of their own, 256-byte
 * messages to two targets. A message counts once the offsets of both targets are durable.
 *
 * `stream-durable`: as fast as it goes, the times from publish to completed included. `stream-durable-half`: paced at
 * half of that; `stream-durable-10k`: at 10,000 a second, whatever the machine could do. `stream-durable-cpu`: CPU of all six processes for 100,000 messages, at full load.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ulid } from 'ulid';
import { v1 } from '../../../io/grpc/messages.js';
import { until } from '../../processes/patience.js';
import { Program } from '../../processes/program.js';
import { ProcessMesh, type ProcessNode, type Site } from '../../processes/process-mesh.js';
import type { Bench, Measurement } from '../measurement.js';
import { Stopwatch } from '../stopwatch.js';
import type { PublisherQuestion, PublisherReading } from './publisher-program.js';
import type { SubscriberQuestion, SubscriberReading } from './subscriber-program.js';

/** `profileDirectory`: every process leaves a CPU profile there. */
export function streamDurable(profileDirectory: string | null): Bench {
  return {
    names: ['stream-durable', 'stream-durable-half', 'stream-durable-10k', 'stream-durable-cpu'],
    run: () => measure(profileDirectory, ['B', 'C'], full),
  };
}

/**
 * `stream-strict-3`: three targets, and a publisher that has one batch on its way at a time: it goes on when all three
 * have settled it. The order is then that of the batches, whatever happens.
 */
export function streamStrict(profileDirectory: string | null): Bench {
  return { names: ['stream-strict-3'], run: () => measure(profileDirectory, ['B', 'C', 'D'], strict) };
}

/** What is measured once everybody is there. `cpuUs`: of all processes. */
type Course = (publisher: Publishing, cpuUs: () => Promise<number>) => Promise<Measurement[]>;

async function measure(profileDirectory: string | null, targets: readonly string[], course: Course): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'mesh-bench-'));
  const nodeArguments = (name: string): readonly string[] =>
    profileDirectory === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`, `--cpu-prof-name=${name}.cpuprofile`];
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_, fail) => (lose = fail));
  const mesh = new ProcessMesh({
    meshName: 'bench',
    directory,
    sites: SITES.filter(({ name }) => name === SOURCE || targets.includes(name)),
    withAdmin: true,
    nodeArguments,
    onLost: ({ site, process }) => lose(new Error(`${site.name} ended by itself; its log is ${process.logPath}`)),
  });
  const publisher = new Program<PublisherQuestion, PublisherReading>(
    'publisher', new URL('publisher-program.js', import.meta.url), nodeArguments('publisher'),
  );
  const subscribers = targets.map(
    (name) =>
      new Program<SubscriberQuestion, SubscriberReading>(
        `subscriber ${name}`, new URL('subscriber-program.js', import.meta.url), nodeArguments(`subscriber-${name}`),
      ),
  );
  const programs = [publisher, ...subscribers];
  try {
    const outcome = await Promise.race([run({ mesh, publisher, subscribers, targets }, course), lost, ...programs.map((program) => program.lost)]);
    await Promise.all(programs.map((program) => program.end()));
    await mesh.stop();
    rmSync(directory, { recursive: true });
    return outcome;
  } finally {
    await Promise.all(programs.map((program) => program.end()));
    await mesh.kill();
  }
}

type Publishing = Program<PublisherQuestion, PublisherReading>;
type Subscribing = Program<SubscriberQuestion, SubscriberReading>;

interface Cast {
  readonly mesh: ProcessMesh;
  readonly publisher: Publishing;
  readonly subscribers: readonly Subscribing[];
  readonly targets: readonly string[];
}

async function run(cast: Cast, course: Course): Promise<Measurement[]> {
  const { mesh, publisher, subscribers } = cast;
  await mesh.launch();
  await open(cast);
  return course(publisher, () => cpuOf(mesh, publisher, subscribers));
}

const strict: Course = async (publisher) => {
  await publisher.ask({ kind: 'batches', messages: STRICT_BATCH });
  return [await steady(publisher, 'stream-strict-3', COLD_WARM_UP_MS)];
};

const full: Course = async (publisher, cpuUs) => {
  const name = 'stream-durable';

  const tenThousand = await paced(publisher, `${name}-10k`, 10_000, COLD_WARM_UP_MS);
  await publisher.ask({ kind: 'flood' });
  await delay(WARM_UP_MS);
  const cpuBefore = await cpuUs();
  const before = await publisher.ask({ kind: 'read' });
  const watch = new Stopwatch();
  await delay(MEASURE_MS);
  const after = await publisher.ask({ kind: 'read' });
  const count = after.completed - before.completed;
  const perSecond = watch.perSecond(count);
  const cpuSeconds = ((await cpuUs()) - cpuBefore) / 1e6;
  await publisher.ask({ kind: 'rest' });

  return [
    { name, value: perSecond, unit: 'messages/s', p50Us: after.p50Us, p99Us: after.p99Us, limit: 'journal-flush' },
    await paced(publisher, `${name}-half`, Math.round(perSecond / 2), WARM_UP_MS),
    tenThousand,
    { name: `${name}-cpu`, value: (cpuSeconds * 100_000) / count, unit: 'CPU-s/100k messages' },
  ];
};

async function paced(publisher: Publishing, name: string, perSecond: number, warmUpMs: number): Promise<Measurement> {
  await publisher.ask({ kind: 'pace', perSecond });
  return steady(publisher, name, warmUpMs);
}

/** What goes by under the load that has begun, which ends then. */
async function steady(publisher: Publishing, name: string, warmUpMs: number): Promise<Measurement> {
  await delay(warmUpMs);
  const before = await publisher.ask({ kind: 'read' });
  const watch = new Stopwatch();
  await delay(MEASURE_MS);
  const { completed, p50Us, p99Us } = await publisher.ask({ kind: 'read' });
  const value = watch.perSecond(completed - before.completed);
  await publisher.ask({ kind: 'rest' });
  return { name, value, unit: 'messages/s', p50Us, p99Us, limit: 'stream-durable' };
}

/** Opens the stream, with its source in the lead, and lets everybody begin. */
async function open({ mesh, publisher, subscribers, targets }: Cast): Promise<void> {
  const tenantId = ulid();
  const source = mesh.node(SOURCE);
  const targetIds = targets.map((name) => mesh.node(name).id);
  const { streamId } = await source.client.openStream({ tenantId, name: STREAM, targetIds });
  for (const [at, name] of targets.entries()) {
    await subscribers[at]?.ask({ kind: 'open', grpc: mesh.node(name).grpc, tenantId, streamName: STREAM });
  }
  await publisher.ask({ kind: 'open', grpc: source.grpc, tenantId, streamId, payloadBytes: PAYLOAD_BYTES });
  await until('the source leads its stream', () => leads(source, tenantId), { limitMs: 90_000, everyMs: 200 });
}

async function leads({ client }: ProcessNode, tenantId: string): Promise<true | string> {
  const { groups } = await client.getMeshStatus({ tenantId });
  const group = groups?.find(({ kind }) => kind === v1.GroupKind.GROUP_KIND_DSG);
  return group?.role === v1.GroupRole.GROUP_ROLE_LEADER ? true : `its role is ${v1.GroupRole[group?.role ?? 0]}`;
}

async function cpuOf(mesh: ProcessMesh, publisher: Publishing, subscribers: readonly Subscribing[]): Promise<number> {
  const readings = await Promise.all([publisher, ...subscribers].map(async (program) => (await program.ask({ kind: 'read' })).cpuUs));
  const nodes = await Promise.all(mesh.nodes.map(nodeCpuUs));
  return [...readings, ...nodes].reduce((sum, each) => sum + each, 0);
}

/** What a node says of itself at /metrics: all its threads. */
async function nodeCpuUs({ admin, site }: ProcessNode): Promise<number> {
  const text = await (await fetch(`http://${admin}/metrics`)).text();
  const seconds = ['user', 'system'].map((kind) => {
    const match = new RegExp(`^process_cpu_${kind}_seconds_total(?:\\{[^}]*\\})? ([0-9.e+-]+)`, 'm').exec(text);
    if (match === null) throw new Error(`${site.name} tells no CPU time`);
    return Number(match[1]);
  });
  return seconds.reduce((sum, each) => sum + each, 0) * 1e6;
}

const SITES: readonly Site[] = [
  { name: 'A', isDialable: true, dials: [] },
  { name: 'B', isDialable: true, dials: ['A'] },
  { name: 'C', isDialable: true, dials: ['A'] },
  { name: 'D', isDialable: true, dials: ['A'] },
];
const SOURCE = 'A';
const STREAM = 'bench';
const PAYLOAD_BYTES = 256;
/** What one log entry of 128 KiB holds. */
const STRICT_BATCH = 400;
/** V8 has compiled what is hot after that. */
const COLD_WARM_UP_MS = 12_000;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 5_000;
