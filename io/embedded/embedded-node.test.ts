import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EMPTY_BYTES, utf8Decode, utf8Encode } from '../../core/base/bytes.js';
import type { Handlers } from '../handlers/handlers.js';
import type { TenantId } from '../../core/base/ids.js';
import { NO_FAILURE_CHOICE } from '../../core/groups/failure-policy.js';
import { CommandRefused, EmbeddedNode } from './embedded-node.js';

let directory = '';
const nodes: EmbeddedNode[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-embedded-'));
});

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.stop();
  rmSync(directory, { recursive: true });
});

async function start(name: string, settings: Record<string, unknown> = {}, handlers: Handlers = {}): Promise<EmbeddedNode> {
  const node = await EmbeddedNode.start({ settings: { name, dataDir: join(directory, name), grpc: '127.0.0.1:0', ...settings }, handlers });
  nodes.push(node);
  return node;
}

async function seed(node: EmbeddedNode): Promise<void> {
  await node.ask({ kind: 'seed-mesh', meshName: 'm', description: '', joinPolicy: 'open', joinKey: '' }, 'status');
}

async function consumersOf(node: EmbeddedNode): Promise<number> {
  const { status } = await node.ask({ kind: 'get-status' }, 'status');
  return status.updates[0]?.consumers.length ?? 0;
}

const sent = { kind: 'send-update', sender: '', senderSeq: 0, updateId: null, topic: '', changes: [], level: 'committed' } as const;
const TENANT = '00000000000000000000000001' as TenantId;

describe('a node as a library', () => {
  it('runs the example of the documentation', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/examples/embedded-node.js'], { timeout: 25_000 });
    const lines = stdout.trim().split('\n').filter((line) => line.startsWith('b: update') || line === 'done');
    expect(lines).toEqual(['b: update 1: ann has 5', 'b: update 2: bob has 7', 'b: update 3: ann has 15', 'done']);
  });

  it('hands each update to its handler once, in order, its rows durable with its place, over restarts and failures', async () => {
    const seen: string[] = [];
    let failures = 2;
    const handlers: Handlers = {
      onSystemUpdate: ({ payload }, transaction) => {
        const text = utf8Decode(payload) ?? '';
        const count = Number(utf8Decode(transaction.get('seen', utf8Encode(text)) ?? EMPTY_BYTES) ?? '0') + 1;
        transaction.put('seen', utf8Encode(text), utf8Encode(String(count)));
        if (text === '2' && failures-- > 0) throw new Error('not yet');
        seen.push(`${text}x${count}`);
      },
    };
    const first = await start('a', {}, handlers);
    await seed(first);
    await expect.poll(() => consumersOf(first), { timeout: 10_000 }).toBe(3);
    for (const text of ['1', '2', '3']) await first.ask({ ...sent, feed: 'mesh', payload: utf8Encode(text) }, 'update-sent');
    await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['1x1', '2x1', '3x1']);
    const applied = await first.ask({ ...sent, feed: 'mesh', payload: utf8Encode('4'), level: 'applied' }, 'update-sent');
    expect(applied).toMatchObject({ seq: 4, nodesApplied: 1, nodesTotal: 1 });
    await nodes.pop()?.stop();
    const again = await start('a', {}, handlers);
    await expect.poll(() => again.ask({ ...sent, feed: 'mesh', payload: utf8Encode('5') }, 'update-sent').then(() => true, () => false), { timeout: 10_000 }).toBe(true);
    await expect.poll(() => seen.at(-1), { timeout: 10_000 }).toBe('5x1');
    expect(seen).toEqual(['1x1', '2x1', '3x1', '4x1', '5x1']);
  });

  it('tells topology and roles, and gives messages of streams after their check', async () => {
    const told = new Set<string>();
    const handled: string[] = [];
    const listener = await start('b', { listen: '127.0.0.1:0' }, {
      onTopologyChange: ({ kind }) => void told.add(kind),
      onConsensusRoleChange: ({ isLeader }) => void told.add(isLeader ? 'leads' : 'follows'),
      onMessageReceived: ({ payload }) => (payload.length > 100 ? 'too long' : null),
      onClientData: [{ tenant: TENANT, streamName: 's', onClientData: ({ seq, payload }) => void handled.push(`${seq} ${utf8Decode(payload)}`) }],
    });
    await seed(listener);
    const url = `ws://${listener.bound.listen}`;
    const source = await start('a', { dial: [url] });
    const { status } = await source.ask({ kind: 'join-mesh', urls: [url], joinKey: '', meshId: null }, 'status');
    const target = status.mesh?.members.find(({ name }) => name === 'b');
    if (target === undefined) throw new Error('b is no member');
    const { stream } = await source.ask(
      { kind: 'open-stream', tenant: TENANT, name: 's', targets: [target.id], qos: 'bulk', priority: 0, policy: { kind: 'all' }, failure: NO_FAILURE_CHOICE },
      'stream',
    );
    for (let n = 1; n <= 3; n++) {
      const message = { producer: 'p', producerSeq: n, chunkSeq: 0, chunkCount: 1, payload: utf8Encode(`m${n}`), headers: EMPTY_BYTES };
      await source.ask({ kind: 'publish-one', tenant: TENANT, stream, level: 'completed', ...message }, 'published');
    }
    expect(handled).toEqual(['1 m1', '2 m2', '3 m3']);
    expect([...told]).toEqual(expect.arrayContaining(['leads', 'link-up', 'member-joined', 'mesh-state']));
  });

  it('refuses wrong settings and commands by what is wrong with them', async () => {
    await expect(EmbeddedNode.start({ settings: { dataDir: directory, grpc: 'x' } })).rejects.toThrow('grpc: must be');
    const node = await start('a');
    await expect(node.ask({ ...sent, feed: 'mesh', payload: EMPTY_BYTES }, 'update-sent')).rejects.toThrow(CommandRefused);
  });
});
