import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { LoopNode, id } from '../testing/loop-node.js';
import { type LoopServer, startLoopServer } from '../testing/loop-server.js';
import type { StreamId, TenantId, NodeId } from '../../core/base/ids.js';
import { CallFailed } from './call-failed.js';
import { MeshClient } from './mesh-client.js';
import type { MessageFacts } from './reassembly.js';
import { DeliveryVoided } from './streamed-message.js';

const TENANT = id<TenantId>(9);
const servers: LoopServer[] = [];
const clients: MeshClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: { creditBytes?: number; port?: number; node?: LoopNode } = {}): Promise<LoopServer> {
  const server = await startLoopServer(options);
  servers.push(server);
  return server;
}

function connect(server: { address: string }): MeshClient {
  const client = new MeshClient(server.address, { timeoutMs: 5_000 });
  clients.push(client);
  return client;
}

async function openStream(client: MeshClient, name = 'photos', producer = ''): Promise<string> {
  const handle = await client.openStream({ tenantId: TENANT, name, targetIds: [id<NodeId>(1)], producer });
  return handle.streamId;
}

describe('calls that answer once', () => {
  it('seeds, and tells the status', async () => {
    const client = connect(await start());
    expect((await client.getMeshStatus()).mesh).toBeNull();
    const seeded = await client.seedMesh({ meshName: 'north' });
    expect(seeded.mesh?.name).toBe('north');
    expect(seeded.counters).toEqual({ 'frames.dropped': 2 });
    expect(seeded.node?.bootCounter).toBe(3);
  });

  it('carries a refusal with its code, subject and text', async () => {
    const client = connect(await start());
    const failure = await client.joinMesh({ urls: ['ws://127.0.0.1:1'], joinKey: 'x' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CallFailed);
    expect((failure as CallFailed).refusal).toEqual({
      code: 'JOIN_KEY_WRONG',
      subject: 'join_key',
      detail: 'join_key was refused: JOIN_KEY_WRONG',
    });
    expect((failure as CallFailed).retryAfterMs).toBeNull();
  });

  it('names the field that cannot be read', async () => {
    const client = connect(await start());
    const failure = await client
      .openStream({ tenantId: 'nonsense', name: 'x', targetIds: [id<NodeId>(1)] })
      .catch((error: unknown) => error);
    expect((failure as CallFailed).refusal).toMatchObject({ code: 'INVALID_ARGUMENT', subject: 'tenant_id' });
  });

  it('says that nobody answers', async () => {
    const client = connect({ address: '127.0.0.1:1' });
    const failure = await client.getMeshStatus().catch((error: unknown) => error);
    expect((failure as CallFailed).isUnreachable).toBe(true);
  });

  it('reads 64-bit numbers as numbers', async () => {
    const server = await start();
    const client = connect(server);
    const streamId = await openStream(client);
    const result = await client.publishOne({
      tenantId: TENANT,
      streamId,
      producer: 'p',
      producerSeq: 2 ** 40 + 1,
      payload: Buffer.from('hello'),
    });
    expect(result.seq).toBe(1);
    const handle = await client.openStream({ tenantId: TENANT, name: 'photos', targetIds: [id<NodeId>(1)], producer: 'p' });
    expect(handle.lastProducerSeq + 1).toBe(2 ** 40 + 2);
  });

  it('refuses a payload that does not match its checksum', async () => {
    const client = connect(await start());
    const streamId = await openStream(client);
    const failure = await client
      .publishOne({ tenantId: TENANT, streamId, producer: 'p', producerSeq: 1, payload: Buffer.from('x'), checksum: 1 })
      .catch((error: unknown) => error);
    expect((failure as CallFailed).refusal?.code).toBe('CHECKSUM_MISMATCH');
  });
});

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('a publisher and a subscriber', () => {
  it('carry messages of every size in order, whole and once', async () => {
    const server = await start({ creditBytes: 6_000_000 });
    const client = connect(server);
    const streamId = await openStream(client);
    const sizes = [0, 1, 65_536, 65_537, 1_000_000, 3, 5_000_000, 200];
    const sent = createHash('sha256');
    const publishing = (async () => {
      const publisher = client.publisher({ tenantId: TENANT, streamId, producer: 'p', keptBytesMax: 2_000_000 });
      expect(await publisher.open()).toBe(0);
      for (const [index, size] of sizes.entries()) {
        const payload = new Uint8Array(size).fill(index + 1);
        sent.update(payload);
        expect(await publisher.publish(payload, new Uint8Array([index]))).toBe(index + 1);
      }
      await publisher.flush('completed');
      await publisher.close();
    })();
    const received = createHash('sha256');
    const subscriber = client.subscriber({ tenantId: TENANT, streamId, windowBytes: 128 * 1024 });
    let count = 0;
    for await (const delivery of subscriber.messages()) {
      expect(delivery.seq).toBe(count + 1);
      expect(delivery.payload.length).toBe(sizes[count]);
      expect(delivery.headers).toEqual(Buffer.from([count]));
      received.update(delivery.payload);
      subscriber.ack(delivery.seq);
      if (++count === sizes.length) break;
    }
    await publishing;
    expect(received.digest('hex')).toBe(sent.digest('hex'));
  });

  it('void what was handed out after a message that failed: it comes again, and a late ack is refused', async () => {
    const client = connect(await start());
    const streamId = await openStream(client);
    const publisher = client.publisher({ tenantId: TENANT, streamId, producer: 'p' });
    await publisher.open();
    for (let i = 1; i <= 200; i++) await publisher.publish(new Uint8Array(1_000).fill(i));
    const refused: number[] = [];
    const voided: string[] = [];
    const subscriber = client.subscriber({
      tenantId: TENANT,
      streamId,
      windowMessages: 16,
      onAckRefused: (seq) => void refused.push(seq),
      onVoided: ({ seq, reason }) => void voided.push(`${seq}: ${reason}`),
    });
    const seen: number[] = [];
    let failed: MessageFacts | null = null;
    for await (const delivery of subscriber.messages()) {
      expect(delivery.payload[0]).toBe(delivery.seq);
      seen.push(delivery.seq);
      if (delivery.seq === 50 && failed === null) {
        failed = delivery;
        subscriber.fail(delivery, 'no space');
      } else {
        if (failed !== null && refused.length === 0) subscriber.ack(failed);
        subscriber.ack(delivery);
      }
      if (delivery.seq === 200) break;
    }
    expect(seen).toEqual([...range(1, 50), ...range(50, 200)]);
    expect([voided, refused]).toEqual([['50: no space'], [50]]);
    await publisher.flush('completed');
    publisher.abandon();
  });

  it('stream a large message chunk by chunk through a window that is far smaller', async () => {
    const client = connect(await start({ creditBytes: 8_000_000 }));
    const streamId = await openStream(client);
    const publisher = client.publisher({ tenantId: TENANT, streamId, producer: 'p', withDigests: true });
    await publisher.open();
    const payload = new Uint8Array(4_000_000).map((_, i) => (i * 7) & 255);
    await publisher.publish(payload, new Uint8Array([9]));
    await publisher.publish(new Uint8Array([1, 2, 3]));
    const subscriber = client.subscriber({ tenantId: TENANT, streamId, windowBytes: 128 * 1024 });
    const hash = createHash('sha256');
    const sizes: number[] = [];
    for await (const message of subscriber.streams()) {
      for await (const chunk of message.chunks()) {
        sizes.push(chunk.length);
        if (message.seq === 1) hash.update(chunk);
      }
      expect(message.isWhole).toBe(true);
      subscriber.ack(message.facts);
      if (message.seq === 2) break;
    }
    expect(hash.digest('hex')).toBe(createHash('sha256').update(payload).digest('hex'));
    expect([sizes.length, Math.max(...sizes), sizes.at(-1)]).toEqual([63, 65_536, 3]);
    await publisher.flush('completed');
    publisher.abandon();
  });

  it('begin a streamed message again from its first chunk when it fails half-way', async () => {
    const client = connect(await start());
    const streamId = await openStream(client);
    const publisher = client.publisher({ tenantId: TENANT, streamId, producer: 'p' });
    await publisher.open();
    await publisher.publish(new Uint8Array(300_000).fill(5));
    const subscriber = client.subscriber({ tenantId: TENANT, streamId, windowBytes: 65_536 });
    const whole: number[] = [];
    let tries = 0;
    for await (const message of subscriber.streams()) {
      let bytes = 0;
      tries++;
      try {
        for await (const chunk of message.chunks()) {
          bytes += chunk.length;
          if (tries === 1 && bytes > 100_000) subscriber.fail(message.facts, 'half-way');
        }
        whole.push(bytes);
        subscriber.ack(message.facts);
        break;
      } catch (error) {
        expect(error).toBeInstanceOf(DeliveryVoided);
      }
    }
    expect([tries, whole]).toEqual([2, [300_000]]);
    publisher.abandon();
  });

  it('never offer more than the credit of the node', async () => {
    const server = await start({ creditBytes: 300_000 });
    const client = connect(server);
    const streamId = await openStream(client);
    const publisher = client.publisher({ tenantId: TENANT, streamId, producer: 'p' });
    await publisher.open();
    for (let i = 0; i < 40; i++) await publisher.publish(new Uint8Array(50_000));
    const subscriber = client.subscriber({ tenantId: TENANT, streamId });
    let count = 0;
    for await (const delivery of subscriber.messages()) {
      subscriber.ack(delivery.seq);
      if (++count === 40) break;
    }
    await publisher.flush('completed');
    publisher.abandon();
    expect(server.node.peakOutstandingBytes).toBeLessThanOrEqual(300_000);
  });

  it('go on over a restart of the node without a duplicate or a gap', async () => {
    const node = new LoopNode();
    let server = await startLoopServer({ node });
    const port = Number(server.address.split(':')[1]);
    const client = connect(server);
    const streamId = await openStream(client);
    const publisher = client.publisher({ tenantId: TENANT, streamId, producer: 'p' });
    await publisher.open();
    const subscriber = client.subscriber({ tenantId: TENANT, streamId });
    const seqs: number[] = [];
    const consuming = (async () => {
      for await (const delivery of subscriber.messages()) {
        expect(delivery.producerSeq).toBe(delivery.payload[0]);
        seqs.push(delivery.seq);
        subscriber.ack(delivery.seq);
        if (seqs.length === 20) return;
      }
    })();
    for (let i = 1; i <= 10; i++) await publisher.publish(new Uint8Array([i]));
    await publisher.flush('accepted');
    server.api.close();
    server.host.stop();
    node.restart();
    for (let i = 11; i <= 20; i++) await publisher.publish(new Uint8Array([i]));
    server = await start({ node, port });
    await publisher.flush('completed');
    await consuming;
    publisher.abandon();
    expect(seqs).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  it('learn that a newer session fenced them', async () => {
    const server = await start();
    const client = connect(server);
    const streamId = await openStream(client);
    const first = client.publisher({ tenantId: TENANT, streamId, producer: 'p' });
    await first.open();
    const ended = first.flush('completed');
    await ended;
    const second = client.publisher({ tenantId: TENANT, streamId, producer: 'p' });
    await second.open();
    await expect(untilRefused(first)).resolves.toMatchObject({ refusal: { code: 'FENCED' } });
    second.abandon();
  });

  it('are refused for a stream that nobody knows', async () => {
    const client = connect(await start());
    const publisher = client.publisher({ tenantId: TENANT, streamId: id<StreamId>(77), producer: 'p' });
    await expect(publisher.open()).rejects.toMatchObject({ refusal: { code: 'STREAM_UNKNOWN' } });
    const subscriber = client.subscriber({ tenantId: TENANT, streamId: id<StreamId>(77) });
    await expect(subscriber.messages().next()).rejects.toMatchObject({ refusal: { code: 'STREAM_UNKNOWN' } });
  });
});

describe('a watch', () => {
  it('tells events until it is left', async () => {
    const server = await start();
    const client = connect(server);
    const watch = client.watchEvents();
    const first = watch.next();
    await until(() => server.node.seen.includes('command'));
    await client.seedMesh({ meshName: 'north' });
    const { value } = await first;
    expect(value).toMatchObject({ sequence: 1, event: 'meshState' });
    await watch.return();
    await until(() => server.node.seen.includes('cancel'));
  });
});

/** Publishes until the session says why it cannot. */
async function untilRefused(publisher: { publish(payload: Uint8Array): Promise<number>; flush(): Promise<void> }): Promise<unknown> {
  for (;;) {
    try {
      await publisher.publish(new Uint8Array(1));
      await publisher.flush();
    } catch (error) {
      return error;
    }
  }
}

/** Turns the event loop until `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
