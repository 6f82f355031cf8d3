import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MeshClient } from '../client/mesh-client.js';
import { DEFAULT_TENANT } from '../meshctl/context.js';
import { RunningNode, run } from '../testing/process.js';

let directory = '';
const nodes: RunningNode[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-dlq-'));
});

afterEach(async () => {
  for (const node of nodes.splice(0)) if (node.child.exitCode === null) await node.end('SIGKILL');
  rmSync(directory, { recursive: true });
});

async function start(name: string, ...extra: string[]): Promise<{ grpc: string; listen: string }> {
  const node = new RunningNode(['--name', name, '--data-dir', join(directory, name), '--grpc', '127.0.0.1:0', ...extra]);
  nodes.push(node);
  const ready = await node.event('ready');
  return { grpc: String(ready['grpc']), listen: String(ready['listen']) };
}

const ctl = (grpc: string, ...args: string[]) => run('meshctl', ['--grpc', grpc, ...args]);

async function pair(): Promise<{ a: { grpc: string }; b: { grpc: string } }> {
  const b = await start('b', '--listen', '127.0.0.1:0', '--set', 'core.groups.retryFirstUs=1000');
  const a = await start('a', '--dial', `ws://${b.listen}`);
  await ctl(b.grpc, 'seed', 'north');
  await ctl(a.grpc, 'join', `ws://${b.listen}`);
  return { a, b };
}

describe('meshctl dlq', () => {
  it('lists, shows, replays and discards what an application kept failing', async () => {
    const { a, b } = await pair();
    const publish = ['publish', '--stream', 's', '--target', 'b', '--lines', '--on-failure', 'dead-letter', '--failures', '2'];
    await run('meshctl', ['--grpc', a.grpc, ...publish], { input: 'good\npoison\nworse\nfine\n' });
    const client = new MeshClient(b.grpc);
    const subscriber = client.subscriber({ tenantId: DEFAULT_TENANT, streamName: 's' });
    const seen: string[] = [];
    for await (const delivery of subscriber.messages()) {
      const text = delivery.isDead ? `dead ${delivery.seq}` : Buffer.from(delivery.payload).toString();
      if (text === 'poison' || text === 'worse') subscriber.fail(delivery, `cannot stand ${text}`);
      else {
        seen.push(text);
        subscriber.ack(delivery);
      }
      if (text === 'fine') break;
    }
    client.close();
    expect(seen).toEqual(['good', 'dead 2', 'dead 3', 'fine']);
    const listed = JSON.parse((await ctl(a.grpc, '--json', 'dlq', 'list', 's')).out) as Record<string, unknown>[];
    expect(listed).toMatchObject([
      { name: 's', seq: 2, failures: 2, reason: 'cannot stand poison', bytes: 6, replay: null },
      { name: 's', seq: 3, failures: 2, reason: 'cannot stand worse' },
    ]);
    expect((await ctl(a.grpc, 'dlq', 'show', 's', '2')).out).toBe('poison\n');
    expect((await ctl(b.grpc, 'dlq', 'discard', 's', '3')).out).toBe('1 message discarded\n');
    const gone = await ctl(b.grpc, 'dlq', 'discard', 's', '3');
    expect([gone.code, gone.err]).toEqual([1, 'meshctl: stream "s" has no dead letter 3: see meshctl dlq list\n']);
    expect((await ctl(a.grpc, 'dlq', 'replay', 's', '--all')).out).toBe('1 message to be replayed\n');
    const replayed = await ctl(b.grpc, '--json', 'subscribe', '--stream', 's', '--dead-letters', '--count', '1');
    expect(JSON.parse(replayed.out)).toMatchObject({ seq: 1, letterSeq: 2, payload: Buffer.from('poison').toString('base64') });
    const events = await ctl(b.grpc, '--json', 'events', '--kind', 'dead-lettered', '--count', '2');
    expect(events.out.trim().split('\n').map((line) => (JSON.parse(line) as { seq: number }).seq)).toEqual([2, 3]);
    for (let tries = 0; tries < 50 && (await ctl(a.grpc, 'dlq', 'list')).out !== 'no dead letters\n'; tries++);
    expect((await ctl(a.grpc, '--json', 'dlq', 'list')).out).toBe('[]\n');
  });
});

describe('meshctl', () => {
  it('says so when it lists nothing, waits for nothing, or leaves something out', async () => {
    const { a, b } = await pair();
    expect((await ctl(a.grpc, '--json', 'streams')).out).toBe('[]\n');
    const waited = await ctl(b.grpc, 'subscribe', '--stream', 'nosuch', '--idle', '200');
    expect([waited.code, waited.err]).toEqual([
      1,
      'meshctl: stream "nosuch" is not known here: this node is a target of no stream of that name; see meshctl streams\n',
    ]);
    await run('meshctl', ['--grpc', a.grpc, 'publish', '--stream', 'slow', '--target', 'b', '--lines'], { input: 'x\n' });
    expect((await ctl(a.grpc, 'pause', '--target', 'b', '--stream', 'slow')).out).toBe('paused at b: 1 stream\n');
    expect((await ctl(b.grpc, 'subscribe', '--stream', 'slow', '--idle', '500')).out).toBe('');
    expect(JSON.parse((await ctl(a.grpc, '--json', 'streams')).out)).toMatchObject({ targets: [{ isPaused: true }] });
    expect((await ctl(b.grpc, 'throttle', '--target', 'b')).code).toBe(2);
    expect((await ctl(b.grpc, 'resume', '--target', 'b')).out).toBe('resumed at b: 1 stream\n');
    expect((await ctl(b.grpc, 'subscribe', '--stream', 'slow', '--count', '1')).out).toBe('x\n');
    const files = join(directory, 'files');
    mkdirSync(join(files, 'empty'), { recursive: true });
    writeFileSync(join(files, 'one.txt'), 'eins');
    symlinkSync(join(files, 'one.txt'), join(files, 'link'));
    const published = await ctl(a.grpc, 'publish', '--stream', 's', '--target', 'b', '--digest', files);
    expect(published.code).toBe(0);
    expect(published.err).toContain(`left out: ${join(files, 'empty')} is an empty directory\n`);
    expect(published.err).toContain(`left out: ${join(files, 'link')} is a symbolic link\n`);
    const large = join(directory, 'large');
    writeFileSync(large, '');
    truncateSync(large, 70_000_000);
    const refused = await ctl(a.grpc, 'publish', '--stream', 's', large);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/^meshctl: .* one message holds at most 64.0 MiB \(67108864 bytes\): split the file.*\n$/);
    expect(readFileSync(join(files, 'one.txt'), 'utf8')).toBe('eins');
  });
});
