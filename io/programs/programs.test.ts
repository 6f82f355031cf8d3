import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningNode, run } from '../testing/process.js';

let directory = '';
const nodes: RunningNode[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-programs-'));
});

afterEach(async () => {
  for (const node of nodes.splice(0)) if (node.child.exitCode === null) await node.end('SIGKILL');
  rmSync(directory, { recursive: true });
});

const dataOf = (name: string): string => join(directory, name);

async function start(name: string, ...extra: string[]): Promise<{ node: RunningNode; grpc: string; listen: string; admin: string }> {
  const node = new RunningNode(['--name', name, '--data-dir', dataOf(name), '--grpc', '127.0.0.1:0', ...extra]);
  nodes.push(node);
  const ready = await node.event('ready');
  return { node, grpc: String(ready['grpc']), listen: String(ready['listen']), admin: String(ready['admin']) };
}

const ctl = (grpc: string, ...args: string[]) => run('meshctl', ['--grpc', grpc, ...args]);
const json = async (grpc: string, ...args: string[]) => JSON.parse((await ctl(grpc, '--json', ...args)).out) as Record<string, unknown>;

describe('meshd', () => {
  it('reports every mistake of its configuration with key path and place, and exits 2', async () => {
    const file = join(directory, 'mesh.yaml');
    writeFileSync(file, 'name: a\nlisten: nowhere\nlimits:\n  lanesMax: many\n  typo: 1\ncore:\n  groups:\n    votersMax: -1\n');
    const { code, err } = await run('meshd', ['--config', file, '--check-config', '--grpc', 'x'], { env: { MESH_LOG_LEVEL: 'loud' } });
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toEqual([
      `meshd: core.groups.votersMax (${file}:8): must be a whole number from 0 to 9007199254740991, got -1`,
      'meshd: grpc (flag): must be HOST:PORT, with a port from 0 to 65535 (0 takes a free one), got "x"',
      `meshd: limits.lanesMax (${file}:4): must be a whole number from 1 to 65536, got "many"`,
      `meshd: limits.typo (${file}:5): is no setting`,
      `meshd: listen (${file}:2): must be HOST:PORT, with a port from 0 to 65535 (0 takes a free one), or off, got "nowhere"`,
      'meshd: log.level (MESH_LOG_LEVEL): must be one of trace, debug, info, warn, error, silent, got "loud"',
    ]);
  });

  it('finds a sound configuration sound, and wrong flags wrong', async () => {
    expect(await run('meshd', ['--check-config'])).toEqual({ code: 0, out: 'the configuration is sound\n', err: '' });
    expect((await run('meshd', ['--bogus'])).code).toBe(2);
    expect((await run('meshd', ['--config', join(directory, 'none.yaml')])).code).toBe(2);
  });

  it('takes flags before the environment before the file', async () => {
    const file = join(directory, 'mesh.yaml');
    writeFileSync(file, `name: file\ndataDir: ${dataOf('d')}\ngrpc: 127.0.0.1:0\nlog: { level: warn }\n`);
    const node = new RunningNode(['--config', file, '--name', 'flag', '--log-level', 'info']);
    nodes.push(node);
    await node.event('ready');
    expect(node.lines[0]?.['node']).toBe('flag');
    expect(await node.end()).toBe(0);
  });

  it('touches nothing when a port is in use, and says which', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = `127.0.0.1:${(taken.address() as { port: number }).port}`;
    for (const flag of ['--grpc', '--listen', '--admin']) {
      const flags = { '--grpc': '127.0.0.1:0', [flag]: address };
      const { code, err, out } = await run('meshd', ['--data-dir', dataOf('x'), ...Object.entries(flags).flat()]);
      expect([code, out]).toEqual([1, '']);
      expect(err).toBe(`meshd: cannot listen on ${address} (${flag}): another process has that port: stop it, or choose another port\n`);
    }
    taken.close();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('does not touch the data directory of another node, of a running one, or of somebody else', async () => {
    const { node } = await start('a');
    const inUse = await run('meshd', ['--name', 'a', '--data-dir', dataOf('a'), '--grpc', '127.0.0.1:0']);
    expect(inUse.code).toBe(1);
    expect(inUse.err).toMatch(/^meshd: .*process \d+ has the directory open.*\n$/);
    await node.end();
    const before = readFileSync(join(dataOf('a'), 'identity.json'), 'utf8');
    const foreign = await run('meshd', ['--name', 'b', '--data-dir', dataOf('a'), '--grpc', '127.0.0.1:0']);
    expect(foreign.code).toBe(1);
    expect(foreign.err).toMatch(/^meshd: the data directory .* belongs to node "a" .*\n$/);
    expect(readFileSync(join(dataOf('a'), 'identity.json'), 'utf8')).toBe(before);
    mkdirSync(dataOf('photos'));
    writeFileSync(join(dataOf('photos'), 'cat.jpg'), 'x');
    const other = await run('meshd', ['--data-dir', dataOf('photos'), '--grpc', '127.0.0.1:0']);
    expect(other.code).toBe(1);
    expect(readdirSync(dataOf('photos'))).toEqual(['cat.jpg']);
  });

  it('refuses a newer format and a lost journal in one line, and returns as a new replica after quarantine', async () => {
    await (await start('a')).node.end();
    const identity = join(dataOf('a'), 'identity.json');
    const sound = readFileSync(identity, 'utf8');
    writeFileSync(identity, sound.replace('"format": 1', '"format": 99'));
    const args = ['--name', 'a', '--data-dir', dataOf('a'), '--grpc', '127.0.0.1:0'];
    const newer = await run('meshd', args);
    expect(newer.code).toBe(1);
    expect(newer.err).toMatch(/^meshd: .*format is 99.*\[newer-format\].*\n$/);
    writeFileSync(identity, sound);
    for (const file of readdirSync(join(dataOf('a'), 'journal'))) rmSync(join(dataOf('a'), 'journal', file));
    const lost = await run('meshd', args);
    expect(lost.code).toBe(1);
    expect(lost.err).toMatch(/^meshd: .*\[journal-missing\].*--quarantine-journal\)\n$/);
    const repaired = await run('meshd', [...args, '--quarantine-journal']);
    expect(repaired.code).toBe(0);
    expect(repaired.out).toContain('replica 2');
    const { grpc } = await start('a');
    expect((await json(grpc, 'status'))['node']).toMatchObject({ name: 'a', replica: 2 });
  });

  it('reloads at SIGHUP what it can and names what needs a restart', async () => {
    const file = join(directory, 'mesh.yaml');
    const write = (level: string, lanes: number): void =>
      writeFileSync(file, `name: a\ndataDir: ${dataOf('a')}\ngrpc: 127.0.0.1:0\nlog: { level: ${level} }\nlimits: { lanesMax: ${lanes} }\n`);
    write('info', 10);
    const node = new RunningNode(['--config', file]);
    nodes.push(node);
    await node.event('ready');
    write('debug', 11);
    node.child.kill('SIGHUP');
    expect(await node.event('reloaded')).toMatchObject({ applied: ['log.level'], needRestart: ['limits.lanesMax'] });
    writeFileSync(file, 'name: [');
    node.child.kill('SIGHUP');
    expect(await node.event('reload-refused')).toMatchObject({ keyPath: 'config' });
    expect(await node.end()).toBe(0);
  });

  it('tells its health, readiness, metrics and state over HTTP', async () => {
    const { node, grpc, admin } = await start('a', '--admin', '127.0.0.1:0');
    await ctl(grpc, 'seed', 'north');
    const get = async (path: string) => {
      const response = await fetch(`http://${admin}${path}`);
      return { status: response.status, text: await response.text() };
    };
    expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' });
    expect(JSON.parse((await get('/readyz')).text)).toEqual({ ready: true, reasons: [] });
    const metrics = (await get('/metrics')).text;
    expect(metrics).toMatch(/mesh_members\{liveness="alive",.*\} 1/);
    expect(metrics).toMatch(/mesh_raft_is_leader\{.*kind="mcg".*\} 1/);
    expect(metrics).toMatch(/process_cpu_seconds_total/);
    expect(JSON.parse((await get('/debug/state')).text)).toMatchObject({ status: { mesh: { name: 'north' } } });
    expect((await get('/nothing')).status).toBe(404);
    expect(await node.end('SIGINT')).toBe(0);
  });
});

describe('meshd that is told to stop', () => {
  it('says goodbye to its neighbours, keeps what it has accepted, and exits 0', async () => {
    const b = await start('b', '--listen', '127.0.0.1:0');
    const a = await start('a', '--dial', `ws://${b.listen}`);
    await ctl(b.grpc, 'seed', 'north');
    await ctl(a.grpc, 'join', `ws://${b.listen}`);
    const sent = run('meshctl', ['--grpc', a.grpc, '--json', 'publish', '--stream', 's', '--target', 'b', '--level', 'accepted', '--lines'], { input: 'x\ny\n' });
    expect(JSON.parse((await sent).out)).toMatchObject({ messages: 2, level: 'accepted' });
    const watch = run('meshctl', ['--grpc', b.grpc, '--json', 'events', '--kind', 'link-down', '--count', '1']);
    expect(await a.node.end()).toBe(0);
    expect(JSON.parse((await watch).out)).toMatchObject({ kind: 'link-down', reason: 'stopping' });
    const again = await start('a', '--dial', `ws://${b.listen}`);
    expect(await json(again.grpc, 'streams')).toMatchObject({ name: 's', accepted: 2 });
    expect((await ctl(b.grpc, 'subscribe', '--stream', 's', '--count', '2')).out).toBe('x\ny\n');
  });

  it('exits 0 in time though a neighbour is frozen', async () => {
    const b = await start('b', '--listen', '127.0.0.1:0');
    const a = await start('a', '--dial', `ws://${b.listen}`);
    await ctl(b.grpc, 'seed', 'north');
    await ctl(a.grpc, 'join', `ws://${b.listen}`);
    b.node.child.kill('SIGSTOP');
    expect(await a.node.end()).toBe(0);
    expect(a.node.lines.some((line) => line['event'] === 'shut-down-late')).toBe(false);
    b.node.child.kill('SIGCONT');
  });
});

describe('meshctl', () => {
  it('exits 3 when nobody answers, 2 for wrong usage, 1 for a refusal, each with one line', async () => {
    const nobody = await ctl('127.0.0.1:1', 'status');
    expect([nobody.code, nobody.err]).toEqual([3, 'meshctl: no node answers at 127.0.0.1:1 (--grpc): is meshd running there?\n']);
    expect((await ctl('127.0.0.1:1', 'bogus')).code).toBe(2);
    expect((await ctl('127.0.0.1:1', 'publish')).code).toBe(2);
    expect((await ctl('127.0.0.1:1', 'publish', '--stream', 's', '--level', 'x')).code).toBe(2);
    expect((await ctl('nonsense', 'status')).code).toBe(2);
    const { grpc } = await start('a');
    await ctl(grpc, 'seed', 'north');
    const again = await ctl(grpc, 'seed', 'north');
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/^meshctl: ALREADY_IN_MESH.*\n$/);
    expect(JSON.parse((await ctl(grpc, '--json', 'seed', 'north')).out)).toMatchObject({ error: { code: 'ALREADY_IN_MESH' } });
  });

  it('refuses a wrong join key in one line', async () => {
    const a = await start('a', '--listen', '127.0.0.1:0');
    const b = await start('b');
    expect((await ctl(a.grpc, 'seed', 'north', '--join-key', 'open sesame')).code).toBe(0);
    const wrong = await ctl(b.grpc, 'join', `ws://${a.listen}`, '--join-key', 'guess');
    expect([wrong.code, wrong.err.split('\n').length]).toEqual([1, 2]);
    expect(wrong.err).toContain('JOIN_KEY_WRONG');
    const keyFile = join(directory, 'key');
    writeFileSync(keyFile, 'open sesame\n');
    expect((await ctl(b.grpc, 'join', `ws://${a.listen}`, '--join-key-file', keyFile)).code).toBe(0);
  });

  it('carries files, lines and synthetic messages from one node to another, also over a kill', async () => {
    const b = await start('b', '--listen', '127.0.0.1:0');
    const a = await start('a', '--dial', `ws://${b.listen}`);
    await ctl(b.grpc, 'seed', 'north');
    await ctl(a.grpc, 'join', `ws://${b.listen}`);
    const files = join(directory, 'files');
    mkdirSync(join(files, 'deep'), { recursive: true });
    writeFileSync(join(files, 'one.txt'), 'eins');
    writeFileSync(join(files, 'deep', 'big.bin'), Buffer.alloc(300_000, 7));
    const published = await json(a.grpc, 'publish', '--stream', 's', '--target', 'b', files);
    expect(published).toMatchObject({ messages: 2, bytes: 300_004, level: 'replicated', firstProducerSeq: 1 });
    const out = join(directory, 'out');
    const received = await ctl(b.grpc, '--json', 'subscribe', '--stream', 's', '--out', out, '--count', '2');
    expect(received.code).toBe(0);
    const documents = received.out.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(documents.map(({ seq, bytes }) => [seq, bytes])).toEqual([
      [1, 300_000],
      [2, 4],
    ]);
    expect(readFileSync(join(out, 'deep', 'big.bin')).equals(readFileSync(join(files, 'deep', 'big.bin')))).toBe(true);

    await a.node.end('SIGKILL');
    const again = await start('a', '--dial', `ws://${b.listen}`);
    const lines = await run('meshctl', ['--grpc', again.grpc, '--json', 'publish', '--stream', 's', '--lines'], { input: 'x\nyz\n' });
    expect(JSON.parse(lines.out)).toMatchObject({ messages: 2, firstProducerSeq: 3, lastProducerSeq: 4 });
    const rest = await ctl(b.grpc, 'subscribe', '--stream', 's', '--count', '2');
    expect(rest.out).toBe('x\nyz\n');
    const streams = await json(again.grpc, 'streams');
    expect(streams).toMatchObject({ name: 's', accepted: 4 });
    expect((await ctl(again.grpc, 'close', 's')).code).toBe(0);
    const events = await ctl(again.grpc, '--json', 'events', '--count', '1');
    expect(JSON.parse(events.out.split('\n')[0] ?? '')).toMatchObject({ sequence: 1 });
    for (const command of ['status', 'nodes', 'links', 'streams']) expect((await ctl(b.grpc, command)).code).toBe(0);
  }, 60_000);

  it('takes a node out of the mesh for good, and back by a new join', async () => {
    const a = await start('a', '--listen', '127.0.0.1:0');
    const b = await start('b', '--dial', `ws://${a.listen}`);
    await ctl(a.grpc, 'seed', 'north');
    await ctl(b.grpc, 'join', `ws://${a.listen}`);
    expect((await ctl(a.grpc, 'evict', 'nobody')).code).toBe(1);
    const evicted = await ctl(a.grpc, 'evict', 'b');
    expect([evicted.code, evicted.out]).toEqual([0, 'evicted b from mesh "north" (1 members stay)\n']);
    await expect.poll(async () => (await ctl(b.grpc, 'status')).out).toContain('was evicted from north');
    expect(await b.node.end('SIGTERM')).toBe(0);
    const again = await start('b', '--dial', `ws://${a.listen}`);
    expect((await json(again.grpc, 'status'))['mesh']).toMatchObject({ name: 'north', standing: 'evicted' });
    expect((await json(again.grpc, 'leave'))['error']).toMatchObject({ code: 'EVICTED' });
    const back = await json(again.grpc, 'join', `ws://${a.listen}`);
    expect(back['node']).toMatchObject({ replica: 2 });
    expect(await json(again.grpc, 'leave')).toMatchObject({ mesh: 'north' });
    expect((await json(again.grpc, 'status'))['mesh']).toMatchObject({ standing: 'left' });
  });

  it('tells what a stream has lost for good, and drops it only by --accept-loss --yes', async () => {
    const a = await start('a', '--listen', '127.0.0.1:0');
    const b = await start('b', '--dial', `ws://${a.listen}`);
    const c = await start('c', '--dial', `ws://${a.listen}`);
    await ctl(a.grpc, 'seed', 'north');
    for (const { grpc } of [b, c]) await ctl(grpc, 'join', `ws://${a.listen}`);
    await expect.poll(async () => (await json(c.grpc, 'nodes') as unknown as unknown[]).length).toBe(3);
    expect(await json(c.grpc, 'publish', '--stream', 's', '--target', 'b', '--count', '5')).toMatchObject({ messages: 5 });
    expect((await ctl(b.grpc, 'recover', 'stream', 's')).out).toContain('there is nothing to do');
    await c.node.end('SIGKILL');
    await ctl(a.grpc, 'evict', 'c');
    await expect.poll(async () => (await json(b.grpc, 'streams'))['loss'], { timeout: 20_000 }).toBe('consent');
    const dry = await ctl(b.grpc, 'recover', 'stream', 's', '--accept-loss');
    expect([dry.code, dry.out]).toEqual([0, expect.stringMatching(/forgets {2}every message after 5 .*\nnothing was changed; to accept the loss: add --yes\n$/)]);
    expect((await ctl(b.grpc, 'recover', 'stream', 's', '--yes')).code).toBe(1);
    expect((await json(b.grpc, 'streams'))['isClosed']).toBe(false);
    expect(await json(b.grpc, 'recover', 'stream', 's', '--accept-loss', '--yes')).toMatchObject({ loss: 'consent', isSourceLost: true, isAccepted: true });
    await expect.poll(async () => (await ctl(b.grpc, 'streams')).out, { timeout: 20_000 }).toContain('closed, source lost');
    const received = await ctl(b.grpc, '--json', 'subscribe', '--stream', 's', '--count', '5');
    expect(received.out.trim().split('\n')).toHaveLength(5);
    const events = await ctl(b.grpc, '--json', 'events', '--kind', 'stream-recovery', '--count', '4');
    const steps = events.out.trim().split('\n').map((line) => (JSON.parse(line) as { readonly step: string }).step);
    expect(steps).toEqual(['consent-needed', 'sealed', 'founded', 'source-lost']);
  }, 60_000);

  it('counts its replicas on from the newest, whatever becomes of the journal that knew them', async () => {
    const a = await start('a', '--listen', '127.0.0.1:0');
    const b = await start('b', '--dial', `ws://${a.listen}`);
    await ctl(a.grpc, 'seed', 'north');
    await ctl(b.grpc, 'join', `ws://${a.listen}`);
    await ctl(a.grpc, 'evict', 'b');
    await expect.poll(async () => (await ctl(b.grpc, 'status')).out).toContain('was evicted from north');
    expect((await json(b.grpc, 'join', `ws://${a.listen}`))['node']).toMatchObject({ replica: 2 });
    expect(await b.node.end('SIGTERM')).toBe(0);
    expect((JSON.parse(readFileSync(join(dataOf('b'), 'identity.json'), 'utf8')) as { replica: number }).replica).toBe(2);
    const repaired = await run('meshd', ['--name', 'b', '--data-dir', dataOf('b'), '--grpc', '127.0.0.1:0', '--quarantine-journal']);
    expect(repaired.out).toContain('replica 3');
    // Half of the mesh is away: nobody is let in before the lost replica is let go.
    await ctl(a.grpc, 'evict', 'b');
    const again = await start('b', '--dial', `ws://${a.listen}`);
    expect((await json(again.grpc, 'join', `ws://${a.listen}`))['node']).toMatchObject({ replica: 3 });
  });

  it('leaves and comes back by stop and start', async () => {
    const { grpc } = await start('a');
    await ctl(grpc, 'seed', 'north');
    expect((await json(grpc, 'stop'))['mesh']).toMatchObject({ isStopped: true });
    expect((await json(grpc, 'start'))['mesh']).toMatchObject({ isStopped: false });
  });
});
