/**
 * Two mesh nodes inside one program, with handlers. Run it after `npm run build`:
 *
 *     node dist/examples/embedded-node.js
 *
 * Node B counts deposits that arrive as database updates. Each balance is written in one transaction with B's place in
 * the log, so that a deposit is counted exactly once, whenever the process is killed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY_BYTES, utf8Decode, utf8Encode } from '../core/base/bytes.js';
import type { Handlers } from '../io/handlers/handlers.js';
import { EmbeddedNode } from '../io/embedded/embedded-node.js';

const directory = mkdtempSync(join(tmpdir(), 'mesh-example-'));
const deposits = ['ann 5', 'bob 7', 'ann 10'];
let counted = 0;
let allCounted: () => void = () => undefined;
const isDone = new Promise<void>((resolve) => (allCounted = resolve));

const handlers: Handlers = {
  onInternalDBUpdate: ({ seq, payload }, transaction) => {
    const [name = '', amount = '0'] = (utf8Decode(payload) ?? '').split(' ');
    const before = Number(utf8Decode(transaction.get('balances', utf8Encode(name)) ?? EMPTY_BYTES) ?? '0');
    transaction.put('balances', utf8Encode(name), utf8Encode(String(before + Number(amount))));
    console.log(`b: update ${seq}: ${name} has ${before + Number(amount)}`);
    if (++counted === deposits.length) allCounted();
  },
  onSystemUpdate: ({ topic }) => console.log(`b: system update about ${topic}`),
  onConsensusRoleChange: ({ isLeader }) => console.log(`b: ${isLeader ? 'leads' : 'follows in'} a group`),
};

const a = await EmbeddedNode.start({ settings: { name: 'a', dataDir: join(directory, 'a'), grpc: '127.0.0.1:0', listen: '127.0.0.1:0' } });
const url = `ws://${a.bound.listen}`;
const b = await EmbeddedNode.start({ settings: { name: 'b', dataDir: join(directory, 'b'), grpc: '127.0.0.1:0', dial: [url] }, handlers });
await a.ask({ kind: 'seed-mesh', meshName: 'example', description: '', joinPolicy: 'open', joinKey: '' }, 'status');
await b.ask({ kind: 'join-mesh', urls: [url], joinKey: '', meshId: null }, 'status');
await isRegistered(b);

const common = { sender: '', senderSeq: 0, updateId: null, changes: [], level: 'committed' } as const;
await a.ask({ kind: 'send-update', feed: 'mesh', topic: 'hello', payload: EMPTY_BYTES, ...common }, 'update-sent');
for (const [at, deposit] of deposits.entries()) {
  // With a sender and a number a deposit may be sent again and again, by this program or another: it counts once.
  const once = { ...common, sender: 'bank', senderSeq: at + 1 };
  await a.ask({ kind: 'send-update', feed: 'database', topic: 'deposit', payload: utf8Encode(deposit), ...once }, 'update-sent');
}
await isDone;
await b.stop();
await a.stop();
rmSync(directory, { recursive: true });
console.log('done');

/** A handler begins with the oldest update that the mesh keeps: here the first one, if it is registered before it. */
async function isRegistered(node: EmbeddedNode): Promise<void> {
  for (;;) {
    const { status } = await node.ask({ kind: 'get-status' }, 'status');
    if (status.updates.length === 2 && status.updates.every(({ consumers }) => consumers.length > 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
