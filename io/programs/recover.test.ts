import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningNode, run } from '../testing/process.js';

let directory = '';
const nodes: RunningNode[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-recover-'));
});

afterEach(async () => {
  for (const node of nodes.splice(0)) if (node.child.exitCode === null) await node.end('SIGKILL');
  rmSync(directory, { recursive: true });
});

async function start(name: string, ...extra: string[]): Promise<{ node: RunningNode; grpc: string; listen: string }> {
  const data = join(directory, name);
  const node = new RunningNode(['--name', name, '--data-dir', data, '--grpc', '127.0.0.1:0', '--listen', '127.0.0.1:0', ...extra]);
  nodes.push(node);
  const ready = await node.event('ready');
  return { node, grpc: String(ready['grpc']), listen: String(ready['listen']) };
}

const ctl = (grpc: string, ...args: string[]) => run('meshctl', ['--grpc', grpc, ...args]);
const json = async (grpc: string, ...args: string[]) => JSON.parse((await ctl(grpc, '--json', ...args)).out) as Record<string, unknown>;
const meshOf = async (grpc: string) => (await json(grpc, 'status'))['mesh'] as { state: string; generation: number; members: unknown[] };

describe('meshctl recover', () => {
  it('is refused with a quorum; without one it tells, and with --yes founds a mesh that takes new members and streams', async () => {
    const a = await start('a');
    const b = await start('b', '--dial', `ws://${a.listen}`);
    const c = await start('c', '--dial', `ws://${a.listen}`);
    await ctl(a.grpc, 'seed', 'north');
    for (const { grpc } of [b, c]) expect((await ctl(grpc, 'join', `ws://${a.listen}`)).code).toBe(0);
    expect((await json(b.grpc, 'recover'))['error']).toMatchObject({ code: 'QUORUM_STANDS' });

    await Promise.all([a, c].map(({ node }) => node.end('SIGKILL')));
    await expect.poll(async () => (await meshOf(b.grpc)).state, { timeout: 60_000 }).toBe('critical');
    await expect.poll(async () => (await json(b.grpc, 'recover'))['error'], { timeout: 60_000 }).toBeUndefined();
    const dry = await ctl(b.grpc, 'recover');
    expect(dry.out).toContain('founds generation 2 of the mesh with the members in reach: b');
    expect(dry.out).toMatch(/forgets (a, c|c, a)/);
    expect(await json(b.grpc, 'recover')).toMatchObject({ isDone: false, generation: 2 });
    expect((await meshOf(b.grpc)).generation).toBe(1);

    const done = await ctl(b.grpc, 'recover', '--yes');
    expect([done.code, done.out]).toEqual([0, expect.stringMatching(/^founded generation 2 with b; forgot (a, c|c, a)\n$/)]);
    await expect.poll(async () => await meshOf(b.grpc)).toMatchObject({ state: 'healthy', generation: 2, members: [{ name: 'b' }] });

    const d = await start('d', '--dial', `ws://${b.listen}`);
    expect((await ctl(d.grpc, 'join', `ws://${b.listen}`)).code).toBe(0);
    const published = await run('meshctl', ['--grpc', b.grpc, 'publish', '--stream', 's', '--target', 'd', '--lines'], { input: 'x\ny\n' });
    expect(published.code).toBe(0);
    expect((await ctl(d.grpc, 'subscribe', '--stream', 's', '--count', '2')).out).toBe('x\ny\n');
  }, 150_000);
});
