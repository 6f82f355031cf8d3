/**
 * `npm run nightly:idle`: what five nodes with 1000 open streams use while nobody publishes anything: processor of each
 * process and bytes per second of each link. Exits 0 when no process uses more than `CPU_SHARE_MAX` of a core.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { optionsOf, positive } from '../processes/command-line.js';
import { ulid } from 'ulid';
import { aligned } from '../demo/report.js';
import { type ProcessNode, ProcessMesh, insist } from '../processes/process-mesh.js';
import { usageOf } from './usage.js';

interface Options {
  readonly streams: number;
  readonly settle: number;
  readonly measure: number;
  readonly json?: boolean;
}

interface NodeUsage {
  readonly node: string;
  /** Of one core. */
  readonly cpuShare: number;
  readonly linkCount: number;
  /** Both directions of one link, the mean over the node's links. */
  readonly linkBytesPerSecond: number;
}

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv);
  if (typeof options === 'number') return options;
  const directory = mkdtempSync(join(tmpdir(), 'mesh-idle-'));
  const lost: string[] = [];
  const mesh = new ProcessMesh({
    meshName: 'idle',
    directory,
    sites: ['n1', 'n2', 'n3', 'n4', 'n5'].map((name, at, names) => ({ name, isDialable: true, dials: names.slice(0, at) })),
    withAdmin: true,
    onLost: ({ site }) => lost.push(site.name),
  });
  const onSignal = (): void => void mesh.kill().then(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, onSignal);
  try {
    const usages = await measure(mesh, options);
    if (lost.length > 0) throw new Error(`${lost.join(', ')} ended by itself`);
    process.stdout.write(options.json === true ? `${JSON.stringify({ ...options, usages })}\n` : tableOf(usages, options));
    const busy = usages.filter(({ cpuShare }) => cpuShare > CPU_SHARE_MAX);
    for (const { node } of busy) process.stderr.write(`idle: ${node} uses more than ${CPU_SHARE_MAX * 100} % of a core\n`);
    rmSync(directory, { recursive: true, force: true });
    return busy.length === 0 ? 0 : 1;
  } catch (error) {
    // Expected: a node that does not answer, or ended.
    process.stderr.write(`idle: ${error instanceof Error ? error.message : String(error)}\nidle: logs and journals are in ${directory}\n`);
    return 1;
  } finally {
    await mesh.kill();
  }
}

async function measure(mesh: ProcessMesh, { streams, settle, measure: seconds }: Options): Promise<NodeUsage[]> {
  await mesh.launch();
  process.stderr.write(`idle: opening ${streams} streams\n`);
  const { nodes } = mesh;
  const tenantId = ulid();
  let next = 0;
  const openAll = async (): Promise<void> => {
    for (let n = next++; n < streams; n = next++) {
      const source = nodes[n % nodes.length] as ProcessNode;
      const targetIds = [1, 2].map((step) => (nodes[(n + step) % nodes.length] as ProcessNode).id);
      await insist('a stream', () => source.client.openStream({ tenantId, name: `idle-${n}`, targetIds }));
    }
  };
  await Promise.all(Array.from({ length: OPENERS }, openAll));
  process.stderr.write(`idle: settling for ${settle} s, then measuring for ${seconds} s\n`);
  await delay(settle * 1_000);
  const before = await Promise.all(nodes.map((node) => usageOf(node.process.pid ?? 0, node.admin ?? '')));
  await delay(seconds * 1_000);
  const after = await Promise.all(nodes.map((node) => usageOf(node.process.pid ?? 0, node.admin ?? '')));
  const usages: NodeUsage[] = [];
  for (const [at, { site }] of nodes.entries()) {
    const [from, to] = [before[at], after[at]];
    if (from === undefined || to === undefined) continue;
    const { links } = await mesh.statusOf(site.name);
    const linkCount = links?.length ?? 0;
    const elapsedMs = to.atMs - from.atMs;
    usages.push({
      node: site.name,
      cpuShare: (to.cpuMs - from.cpuMs) / elapsedMs,
      linkCount,
      linkBytesPerSecond: linkCount === 0 ? 0 : ((to.laneBytes - from.laneBytes) * 1_000) / elapsedMs / linkCount,
    });
  }
  return usages;
}

function tableOf(usages: readonly NodeUsage[], { streams, measure: seconds }: Options): string {
  const rows = usages.map(({ node, cpuShare, linkCount, linkBytesPerSecond }) => [
    node,
    `${(cpuShare * 100).toFixed(1)} %`,
    String(linkCount),
    String(Math.round(linkBytesPerSecond)),
  ]);
  const lines = aligned([['node', 'of a core', 'links', 'bytes/s per link'], ...rows]);
  return [`${streams} open streams, nobody publishes, over ${seconds} s`, '', ...lines, ''].join('\n');
}

/** An exit code when the arguments are wrong or help was asked for. */
function parseOptions(argv: readonly string[]): Options | number {
  const program = new Command('idle')
    .description('Measures what five nodes with many open streams use while nobody publishes.')
    .option('--streams <n>', 'how many streams are open', positive, 1_000)
    .option('--settle <seconds>', 'how long to wait before measuring', positive, 30)
    .option('--measure <seconds>', 'how long to measure', positive, 30)
    .option('--json', 'print one JSON document')
    .allowExcessArguments(false)
    .exitOverride();
  return optionsOf(program, argv);
}

const CPU_SHARE_MAX = 0.05;
const OPENERS = 16;

process.exitCode = await main(process.argv.slice(2));
