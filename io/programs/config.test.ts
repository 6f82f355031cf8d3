import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RunningNode, run } from '../testing/process.js';

let directory = '';
const nodes: RunningNode[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-config-'));
});

afterEach(async () => {
  for (const node of nodes.splice(0)) if (node.child.exitCode === null) await node.end('SIGKILL');
  rmSync(directory, { recursive: true });
});

async function start(name: string, ...extra: string[]): Promise<{ node: RunningNode; grpc: string; listen: string }> {
  const node = new RunningNode(['--name', name, '--data-dir', join(directory, name), '--grpc', '127.0.0.1:0', ...extra]);
  nodes.push(node);
  const ready = await node.event('ready');
  return { node, grpc: String(ready['grpc']), listen: String(ready['listen']) };
}

const ctl = (grpc: string, ...args: string[]) => run('meshctl', ['--grpc', grpc, ...args]);

describe('meshctl acl', () => {
  it('keeps rules of a tenant and of its streams as versioned documents', async () => {
    const a = await start('a');
    await ctl(a.grpc, 'seed', 'north');
    const file = join(directory, 'rules.json');
    writeFileSync(file, '{ "publish": ["app"] }');
    const { revision } = JSON.parse((await ctl(a.grpc, '--json', 'acl', 'put', file, 's')).out) as { revision: number };
    await ctl(a.grpc, 'acl', 'put', file);
    expect(JSON.parse((await ctl(a.grpc, '--json', 'acl', 'list')).out)).toMatchObject([{ stream: null }, { stream: 's', revision }]);
    expect(JSON.parse((await ctl(a.grpc, 'acl', 'show', 's')).out)).toEqual({ publish: ['app'] });
    expect((await ctl(a.grpc, 'acl', 'put', file, 's', '--if-revision', '0')).err).toContain('REVISION_MISMATCH');
    writeFileSync(file, 'not JSON');
    expect((await ctl(a.grpc, 'acl', 'put', file, 's')).code).toBe(2);
    expect((await ctl(a.grpc, 'acl', 'delete', 's')).code).toBe(0);
    expect((await ctl(a.grpc, 'acl', 'show', 's')).code).toBe(1);
  });
});

describe('meshctl config', () => {
  it('puts, gets, lists and deletes keys at any member, on top of the revision that was read', async () => {
    const a = await start('a', '--listen', '127.0.0.1:0');
    const b = await start('b', '--dial', `ws://${a.listen}`);
    await ctl(a.grpc, 'seed', 'north');
    await ctl(b.grpc, 'join', `ws://${a.listen}`);
    const put = await ctl(a.grpc, '--json', 'config', 'put', 'log.level', 'debug', '--if-revision', '0');
    const { revision } = JSON.parse(put.out) as { revision: number };
    expect((await ctl(b.grpc, 'config', 'get', 'log.level')).out).toBe('debug\n');
    // Both nodes' own settings follow, as by SIGHUP.
    expect(await b.node.event('reloaded')).toMatchObject({ applied: ['log.level'] });
    const late = await ctl(b.grpc, '--json', 'config', 'put', 'log.level', 'warn', '--if-revision', '0');
    expect([late.code, (JSON.parse(late.out) as { error: object }).error]).toMatchObject([1, { code: 'REVISION_MISMATCH', subject: 'log.level' }]);
    expect(late.err).toContain(`its present revision is ${revision}`);
    await ctl(b.grpc, 'config', 'put', 'policy.voters', '3');
    const wrong = await ctl(b.grpc, 'config', 'put', 'policy.voters', '2');
    expect([wrong.code, wrong.err]).toEqual([1, 'meshctl: INVALID_ARGUMENT (policy.voters): it is one of 1, 3, 5, 7; delete the key for the default\n']);
    const listed = JSON.parse((await ctl(a.grpc, '--json', 'config', 'list')).out) as { rows: object[] };
    expect(listed.rows).toMatchObject([{ key: 'log.level', value: 'debug', revision }, { key: 'policy.voters', value: '3' }]);
    expect((await ctl(a.grpc, 'config', 'delete', 'log.level', '--if-revision', `${revision}`)).code).toBe(0);
    const gone = await ctl(b.grpc, 'config', 'get', 'log.level');
    expect([gone.code, gone.err]).toEqual([1, 'meshctl: there is no key "log.level"\n']);
    const events = await ctl(b.grpc, '--json', 'events', '--kind', 'configuration-changed', '--count', '3');
    const keys = events.out.trim().split('\n').map((text) => JSON.parse(text) as { key: string; isRemoval: boolean });
    expect(keys).toMatchObject([{ key: 'log.level' }, { key: 'policy.voters' }, { key: 'log.level', isRemoval: true }]);
  });
});
