/**
 * `relay-frames` and `relay-bytes`: one hop of the real relay, a meshd process between two members of its mesh that are
 * in this process. The same load as of the bare hop, each frame routed by itself.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../processes/patience.js';
import { ProcessMesh } from '../../processes/process-mesh.js';
import type { Bench, Measurement } from '../measurement.js';
import { LARGE_PAYLOAD_BYTES, SMALL_FRAMES_PER_MESSAGE, SMALL_FRAME_BYTES } from './bare-hop.js';
import { EdgeNode, markedFrame } from './edge-node.js';
import { type HopEnds, measureHop } from './windowed-load.js';

/** `profileDirectory`: the relay leaves a CPU profile there. */
export function relayHop(profileDirectory: string | null): Bench {
  return { names: ['relay-frames', 'relay-bytes'], run: () => measure(profileDirectory) };
}

async function measure(profileDirectory: string | null): Promise<Measurement[]> {
  const directory = mkdtempSync(join(tmpdir(), 'mesh-bench-'));
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_, fail) => (lose = fail));
  const mesh = new ProcessMesh({
    meshName: 'bench',
    directory,
    sites: [{ name: 'relay', isDialable: true, dials: [] }],
    nodeArguments: (name) =>
      profileDirectory === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`, `--cpu-prof-name=${name}.cpuprofile`],
    onLost: ({ site, process }) => lose(new Error(`${site.name} ended by itself; its log is ${process.logPath}`)),
  });
  const edges: EdgeNode[] = [];
  try {
    const measurements = await Promise.race([run(mesh, edges), lost]);
    for (const edge of edges) edge.stop();
    await mesh.stop();
    rmSync(directory, { recursive: true });
    return measurements;
  } finally {
    for (const edge of edges) edge.stop();
    await mesh.kill();
  }
}

async function run(mesh: ProcessMesh, edges: EdgeNode[]): Promise<Measurement[]> {
  await mesh.launch();
  const url = mesh.node('relay').url ?? '';
  const source = new EdgeNode('source', url);
  const sink = new EdgeNode('sink', url);
  edges.push(source, sink);
  for (const edge of edges) await edge.join(url, mesh.joinKey);
  await until('a route over the relay', () => isRouted(mesh, source, sink), { limitMs: 30_000, everyMs: 50 });
  const status = await source.status();
  const ends: HopEnds = { send: (message) => source.inject(message), onArrived: () => undefined };
  sink.onMarked = (frames) => ends.onArrived(frames);

  const dropped = (): Promise<string> => droppedAt(mesh);
  const small = markedFrame(status, sink.id, SMALL_FRAME_BYTES);
  const message = Buffer.concat(Array.from({ length: SMALL_FRAMES_PER_MESSAGE }, () => small));
  const frames = await measureHop(ends, { message, framesPerMessage: SMALL_FRAMES_PER_MESSAGE }, dropped);
  const large = markedFrame(status, sink.id, LARGE_PAYLOAD_BYTES);
  const larges = await measureHop(ends, { message: large, framesPerMessage: 1 }, dropped);
  return [
    { name: 'relay-frames', value: frames, unit: 'frames/s', limit: 'ws-frames' },
    { name: 'relay-bytes', value: (larges * LARGE_PAYLOAD_BYTES) / 1e6, unit: 'MB/s', limit: 'ws-bytes' },
  ];
}

/** What the relay says that it dropped, by reason. */
async function droppedAt(mesh: ProcessMesh): Promise<string> {
  const { counters } = await mesh.statusOf('relay');
  const drops = Object.entries(counters ?? {}).filter(([name]) => name.includes('dropped'));
  return drops.map(([name, count]) => `${name} ${count}`).join(', ') || 'it has dropped nothing';
}

/** Both ends see the path over the relay, over links that all three have promoted. */
async function isRouted(mesh: ProcessMesh, source: EdgeNode, sink: EdgeNode): Promise<true | string> {
  for (const [from, to] of [[source, sink], [sink, source]] as const) {
    const { mesh, links } = await from.status();
    const route = mesh?.members.find(({ id }) => id === to.id)?.route ?? [];
    if (route.length !== 3) return `${from.name} has no route to ${to.name}`;
    if (links.some(({ isProvisional, laneCount }) => isProvisional || laneCount !== 1)) return `the link of ${from.name} is not ready`;
  }
  const { links } = await mesh.statusOf('relay');
  const ready = (links ?? []).filter((link) => !link.isProvisional).length;
  return ready === 2 ? true : `the relay has promoted ${ready} links`;
}
