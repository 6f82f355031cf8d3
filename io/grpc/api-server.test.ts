import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import {
  type ClientDuplexStream,
  type MethodDefinition,
  type ServiceError,
  Client,
  credentials,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, describe, expect, it } from 'vitest';
import { REJECT_CODES, type RejectCode, reject } from '../../core/base/reject.js';
import type { NodeId, StreamId, TenantId } from '../../core/base/ids.js';
import { MeshClient } from '../client/mesh-client.js';
import type { PublishWire } from '../client/publisher.js';
import type { SubscribeWire } from '../client/subscriber.js';
import { LoopNode, id } from '../testing/loop-node.js';
import { type LoopServer, type LoopServerOptions, NO_JOURNAL, startLoopServer } from '../testing/loop-server.js';
import { ApiServer } from './api-server.js';
import { v1 } from './messages.js';
import { readRefusal, toStatus } from './refusal.js';
import { MeshDataServiceDefinition, MeshServiceDefinition } from './service-definitions.js';

const TENANT = id<TenantId>(9);
const closers: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(options: LoopServerOptions = {}): Promise<LoopServer> {
  const server = await startLoopServer(options);
  closers.push(() => server.close());
  return server;
}

function rawClient(address: string): Client {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
  closers.push(() => client.close());
  return client;
}

function duplex<Q, A>(client: Client, method: MethodDefinition<Q, A>): ClientDuplexStream<Q, A> {
  const call = client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
  closers.push(() => {
    call.on('error', () => undefined);
    call.cancel();
  });
  return call;
}

function unary<Q, A>(client: Client, method: MethodDefinition<Q, A>, request: Q): Promise<A> {
  return new Promise((resolve, fail) => {
    client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, request, (error, answer) =>
      error === null ? resolve(answer as A) : fail(error),
    );
  });
}

async function openStream(server: LoopServer): Promise<string> {
  const client = new MeshClient(server.address);
  closers.push(() => client.close());
  const handle = await client.openStream({ tenantId: TENANT, name: 's', targetIds: [id<NodeId>(1)] });
  return handle.streamId;
}

const publishCall = (server: LoopServer): PublishWire =>
  duplex(rawClient(server.address), MeshServiceDefinition.publishClientDataStream) as unknown as PublishWire;
const subscribeCall = (server: LoopServer): SubscribeWire =>
  duplex(rawClient(server.address), MeshDataServiceDefinition.subscribeClientData) as unknown as SubscribeWire;
const opening = (streamId: string) => new v1.PublishRequest({ open: { tenantId: TENANT, streamId, producer: 'p' } });
const batchOf = (firstSeq: number, count: number, size: number) =>
  new v1.PublishRequest({
    batch: { entries: Array.from({ length: count }, (_, i) => ({ producerSeq: firstSeq + i, payload: new Uint8Array(size) })) },
  });
const failureOf = (call: { on(event: 'error', listener: (error: ServiceError) => void): unknown }): Promise<ServiceError> =>
  new Promise((resolve) => call.on('error', resolve));
const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Turns the event loop until `read` has not changed for a while. */
async function settled(read: () => number): Promise<number> {
  let last = read();
  for (let quiet = 0; quiet < 2000; quiet++) {
    await round();
    if (read() === last) continue;
    last = read();
    quiet = 0;
  }
  return last;
}

describe('the service definitions', () => {
  it('are those of the contract', () => {
    const contract = loadSync('mesh/v1/mesh.proto', { includeDirs: ['proto'] });
    const shapeOf = (method: MethodDefinition<never, never>) => ({
      path: method.path,
      requestStream: method.requestStream,
      responseStream: method.responseStream,
    });
    const declared = ['mesh.v1.MeshService', 'mesh.v1.MeshDataService'].flatMap((name) =>
      Object.values(contract[name] as unknown as Record<string, MethodDefinition<never, never>>).map(shapeOf),
    );
    const served = [...Object.values(MeshServiceDefinition), ...Object.values(MeshDataServiceDefinition)].map((method) =>
      shapeOf(method as unknown as MethodDefinition<never, never>),
    );
    const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
    expect(served.toSorted(byPath)).toEqual(declared.toSorted(byPath));
  });

  it('are generated from the contract as it stands', () => {
    const before = readFileSync('proto/gen/mesh-v1.js', 'utf8');
    const fresh = execFileSync(process.execPath, ['ci/generate-proto.js', '--print'], { encoding: 'utf8', maxBuffer: 2 ** 24 });
    expect(fresh === before).toBe(true);
  });
});

describe('health and reflection', () => {
  it('say what is served', async () => {
    const server = await start();
    const client = rawClient(server.address);
    const bytes = { requestSerialize: (b: Buffer) => b, responseDeserialize: (b: Buffer) => b };
    const ask = (path: string, request: Buffer): Promise<Buffer> =>
      new Promise((resolve, fail) =>
        client.makeUnaryRequest(path, bytes.requestSerialize, bytes.responseDeserialize, request, (error, answer) =>
          error === null ? resolve(answer as Buffer) : fail(error),
        ),
      );
    const service = Buffer.from('mesh.v1.MeshService');
    const check = Buffer.concat([Buffer.from([10, service.length]), service]);
    // HealthCheckResponse { status: SERVING }
    expect([...(await ask('/grpc.health.v1.Health/Check', check))]).toEqual([8, 1]);
    const reflection = client.makeBidiStreamRequest(
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      bytes.requestSerialize,
      bytes.responseDeserialize,
    );
    const answer = new Promise<Buffer>((resolve) => reflection.on('data', resolve));
    // ServerReflectionRequest { list_services: "*" }
    reflection.write(Buffer.from([58, 1, 42]));
    const text = (await answer).toString('latin1');
    expect(text).toContain('mesh.v1.MeshService');
    expect(text).toContain('mesh.v1.MeshDataService');
    reflection.end();
  });
});

describe('refusals', () => {
  it('of every code come back as they were', () => {
    for (const code of Object.keys(REJECT_CODES) as RejectCode[]) {
      const { code: grpc, details, metadata } = toStatus(reject(code, 'größe %\ud800', 'why', 1_500_000));
      expect(status[grpc]).toBe(REJECT_CODES[code][1]);
      const error = Object.assign(new Error(details), { code: grpc, details, metadata });
      expect(readRefusal(error)).toEqual(reject(code, 'größe %\ufffd', 'why', 1_500_000));
    }
  });

  it('carry a retry hint exactly where the same call may succeed later', () => {
    for (const [code, [, , isRetryable]] of Object.entries(REJECT_CODES)) {
      expect(toStatus(reject(code as RejectCode, '', '')).metadata.get('retry-after-ms').length > 0).toBe(isRetryable);
    }
  });

  it('of what does not exist are UNIMPLEMENTED', async () => {
    const server = await start();
    const { requestSerialize, responseDeserialize } = MeshServiceDefinition.startMesh;
    const method = { path: '/mesh.v1.MeshService/AddLink', requestStream: false, responseStream: false } as const;
    const definition = { ...MeshServiceDefinition.startMesh, ...method, requestSerialize, responseDeserialize };
    const failure = await unary(rawClient(server.address), definition, new v1.StartMeshRequest()).catch((error: unknown) => error);
    expect((failure as ServiceError).code).toBe(status.UNIMPLEMENTED);
  });

  it('come until the node is attached', async () => {
    const api = new ApiServer();
    const port = await api.listen('127.0.0.1:0');
    closers.push(() => api.close());
    const client = rawClient(`127.0.0.1:${port}`);
    const failure = await unary(client, MeshServiceDefinition.getMeshStatus, new v1.GetMeshStatusRequest()).catch((error: unknown) => error);
    expect((failure as ServiceError).code).toBe(status.UNAVAILABLE);
    expect(readRefusal(failure as ServiceError)?.detail).toContain('starting');
  });

  it('end the sessions when the node drains', async () => {
    const server = await start();
    const streamId = await openStream(server);
    const publisher = publishCall(server);
    const subscriber = subscribeCall(server);
    const failures = [failureOf(publisher), failureOf(subscriber)];
    const opened = [publisher, subscriber].map((call) => new Promise((resolve) => call.once('data', resolve)));
    publisher.write(opening(streamId));
    subscriber.write(new v1.SubscribeRequest({ subscribe: { tenantId: TENANT, streamId } }));
    await Promise.all(opened);
    const draining = server.api.drain(1_000);
    for (const failure of await Promise.all(failures)) {
      expect(failure.code).toBe(status.UNAVAILABLE);
      expect(readRefusal(failure)?.detail).toContain('stopping');
    }
    await draining;
    await round();
    expect(server.node.seen.filter((kind) => kind === 'cancel')).toHaveLength(2);
  });
});

describe('a node whose disk is short of space', () => {
  it('takes no new work and says when to ask again, and all else goes on', async () => {
    const journal = { ...NO_JOURNAL, isSpaceShort: false };
    const server = await start({ journal });
    const streamId = await openStream(server);
    const session = publishCall(server);
    const opened = new Promise((resolve) => session.once('data', resolve));
    session.write(opening(streamId));
    await opened;
    journal.isSpaceShort = true;
    const client = rawClient(server.address);
    const open = new v1.OpenClientDataStreamRequest({ tenantId: TENANT, name: 't', targetIds: [id<NodeId>(1)] });
    const chunk = new v1.Chunk({ tenantId: TENANT, streamId, producer: 'q', producerSeq: 1 });
    const refused = failureOf(session);
    session.write(batchOf(1, 1, 10));
    const failures = [
      unary(client, MeshServiceDefinition.openClientDataStream, open).catch((error: unknown) => error),
      unary(client, MeshServiceDefinition.publishClientData, chunk).catch((error: unknown) => error),
      refused,
    ];
    for (const failure of (await Promise.all(failures)) as ServiceError[]) {
      expect(failure.code).toBe(status.RESOURCE_EXHAUSTED);
      expect(readRefusal(failure)).toMatchObject({ code: 'OVERLOADED', subject: 'disk', retryAfterUs: 1_000_000 });
    }
    await unary(client, MeshServiceDefinition.getMeshStatus, new v1.GetMeshStatusRequest());
    const subscription = subscribeCall(server);
    const subscribed = new Promise<v1.SubscribeResponse>((resolve) => subscription.once('data', resolve));
    subscription.write(new v1.SubscribeRequest({ subscribe: { tenantId: TENANT, streamId } }));
    expect((await subscribed).subscribed?.streamId).toBe(streamId);
    journal.isSpaceShort = false;
    await unary(client, MeshServiceDefinition.publishClientData, chunk);
  });
});

describe('a publish session', () => {
  it('holds a client that ignores its credit back, in bounded memory', async () => {
    const server = await start({ creditBytes: 1_000_000 });
    const streamId = await openStream(server);
    const call = publishCall(server);
    call.write(opening(streamId));
    let taken = 0;
    const batches = 400;
    for (let i = 0; i < batches; i++) call.write(batchOf(1 + i * 4, 4, 60_000), () => taken++);
    call.on('data', () => undefined);
    const takenAtRest = await settled(() => taken);
    expect(server.node.peakOutstandingBytes).toBeLessThanOrEqual(1_000_000);
    // What left the client: the credit, one batch in the session, 16 in grpc-js, and the windows of the transport.
    expect(takenAtRest * 240_000).toBeLessThan(1_000_000 + 20 * 240_000);
  });

  it('ends well after a half-close, once everything has come to its level', async () => {
    const server = await start();
    const streamId = await openStream(server);
    const call = publishCall(server);
    const marks: number[] = [];
    call.on('data', (response: v1.PublishResponse) => marks.push(response.watermarks?.replicated ?? 0));
    const ended = new Promise<number>((resolve) => call.on('status', ({ code }) => resolve(code)));
    call.write(opening(streamId));
    call.write(batchOf(1, 3, 10));
    call.end();
    expect(await ended).toBe(status.OK);
    expect(marks.at(-1)).toBe(3);
    await settled(() => server.node.seen.length);
    expect(server.node.seen).toContain('cancel');
  });

  it('is refused without an opening, with a second one, and with a batch that is too large', async () => {
    const server = await start();
    const streamId = await openStream(server);
    const subjectOf = async (...requests: v1.PublishRequest[]) => {
      const call = publishCall(server);
      call.on('data', () => undefined);
      const failure = failureOf(call);
      for (const request of requests) call.write(request);
      return readRefusal(await failure)?.subject;
    };
    expect(await subjectOf(batchOf(1, 1, 1))).toBe('open');
    expect(await subjectOf(opening(streamId), opening(streamId))).toBe('batch');
    expect(await subjectOf(opening(streamId), batchOf(1, 5, 60_000))).toBe('batch');
    expect(await subjectOf(opening(streamId), batchOf(0, 1, 1))).toBe('producer_seq');
    expect(await subjectOf(opening(streamId), batchOf(2 ** 53, 1, 1))).toBe('producer_seq');
    expect(await subjectOf(new v1.PublishRequest({ open: { tenantId: 'x', streamId, producer: 'p' } }))).toBe('open.tenant_id');
  });

  it('ends in the core when the client goes away', async () => {
    const server = await start();
    const streamId = await openStream(server);
    const call = publishCall(server);
    const opened = new Promise((resolve) => call.once('data', resolve));
    call.on('error', () => undefined);
    call.write(opening(streamId));
    await opened;
    call.cancel();
    while (!server.node.seen.includes('cancel')) await round();
    expect(server.node.streams[0]?.publisher).toBeNull();
  });
});

describe('a subscription', () => {
  it('delivers no more to a client that reads nothing than it may hold, however large its window', async () => {
    const server = await start({ creditBytes: 2 ** 30 });
    const streamId = await openStream(server);
    fill(server.node, streamId, 1000, 60_000);
    const session = connect(`http://${server.address}`);
    closers.push(() => session.destroy());
    const call = subscribeBare(session, { tenantId: TENANT, streamId, windowMessages: 1_000_000, windowBytes: 2 ** 30 });
    const stream = server.node.streams[0];
    const delivered = await settled(() => stream?.subscriber?.next ?? 0);
    expect(delivered).toBeGreaterThan(0);
    expect(delivered * 60_000).toBeLessThan(1_200_000);
    let received = 0;
    call.on('data', (part: Buffer) => (received += part.length));
    call.resume();
    while (received < 60_000_000) await round();
    expect(stream?.subscriber?.next).toBe(1000);
  });

  it('holds headers back like payload: no more messages leave than the session may hold', async () => {
    const server = await start({ creditBytes: 2 ** 30 });
    const streamId = await openStream(server);
    fill(server.node, streamId, 6000, 0, 2000);
    const session = connect(`http://${server.address}`);
    closers.push(() => session.destroy());
    const call = subscribeBare(session, { tenantId: TENANT, streamId, windowMessages: 1_000_000, windowBytes: 2 ** 30 });
    const stream = server.node.streams[0];
    const delivered = await settled(() => stream?.subscriber?.next ?? 0);
    expect(delivered).toBeGreaterThan(0);
    expect(delivered).toBeLessThan(2500);
    call.on('data', () => undefined);
    call.resume();
    while (stream?.subscriber?.next !== 6000) await round();
  });

  it('keeps batches within their bound', async () => {
    const server = await start({ creditBytes: 2 ** 30 });
    const streamId = await openStream(server);
    fill(server.node, streamId, 50, 30_000);
    const call = subscribeCall(server);
    let received = 0;
    call.on('data', ({ batch }: v1.SubscribeResponse) => {
      const items = batch?.items ?? [];
      expect(items.reduce((sum, item) => sum + (item.payload?.length ?? 0), 0)).toBeLessThanOrEqual(256 * 1024);
      received += items.length;
    });
    call.write(new v1.SubscribeRequest({ subscribe: { tenantId: TENANT, streamId, windowBytes: 2 ** 24 } }));
    while (received < 50) await round();
  });

  it('is refused when its window could not hold a chunk, and for acks before it', async () => {
    const server = await start();
    const subjectOf = async (request: v1.SubscribeRequest) => {
      const call = subscribeCall(server);
      const failure = failureOf(call);
      call.write(request);
      return readRefusal(await failure)?.subject;
    };
    const streamId = id<StreamId>(1);
    expect(await subjectOf(new v1.SubscribeRequest({ subscribe: { tenantId: TENANT, streamId, windowBytes: 1000 } }))).toBe('subscribe.window_bytes');
    expect(await subjectOf(new v1.SubscribeRequest({ ack: { attempt: 1, seq: 1 } }))).toBe('subscribe');
    expect(await subjectOf(new v1.SubscribeRequest({ subscribe: { tenantId: TENANT, streamId: 'x' } }))).toBe('subscribe.stream_id');
  });
});

/** Subscribes over bare HTTP/2, paused: a client of grpc-js reads on and on, paused or not. */
function subscribeBare(session: ClientHttp2Session, subscribe: v1.Subscribe.$Properties): ClientHttp2Stream {
  const call = session.request({
    ':method': 'POST',
    ':path': '/mesh.v1.MeshDataService/SubscribeClientData',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  call.pause();
  const request = v1.SubscribeRequest.encode({ subscribe }).finish();
  call.write(Buffer.from([0, 0, 0, 0, request.length, ...request]));
  return call;
}

/** Puts messages into the log of the loop node, as if published before. */
function fill(node: LoopNode, streamId: string, count: number, size: number, headersSize = 0): void {
  const outbox = { push: () => undefined };
  for (let i = 1; i <= count; i++) {
    const chunk = { producerSeq: i, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(size), headers: new Uint8Array(headersSize) };
    const command = { kind: 'publish-one', tenant: TENANT, stream: streamId as StreamId, producer: 'p', ...chunk, level: 'accepted' } as const;
    node.step(0 as never, { kind: 'command', request: -i, command }, outbox);
  }
}
