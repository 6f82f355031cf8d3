import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MethodDefinition, type ServiceError, Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EMPTY_BYTES, utf8Encode } from '../../core/base/bytes.js';
import { type NodeId, type StreamId, type TenantId, idFromBytes } from '../../core/base/ids.js';
import { EmbeddedNode } from '../embedded/embedded-node.js';
import { v1 } from './messages.js';
import { readRefusal } from './refusal.js';
import { MeshDataServiceDefinition, MeshServiceDefinition } from './service-definitions.js';

const OWNER = idFromBytes<TenantId>(new Uint8Array(16).fill(1));
const OTHER = idFromBytes<TenantId>(new Uint8Array(16).fill(2));
const GHOST = idFromBytes<StreamId>(new Uint8Array(16).fill(3));
const NAME = 'books-of-the-owner';
const PRODUCER = 'clerk-of-the-owner';
const POISON = 'poison-of-the-owner';

const SERVICES = { ...MeshServiceDefinition, ...MeshDataServiceDefinition };
type MethodName = keyof typeof SERVICES;

/** Who calls, what of, and through which node. */
interface Seat {
  readonly client: Client;
  readonly tenantId: string;
  readonly streamId: string;
  readonly targetId: string;
}

/** Everything that the caller heard, as one tree of plain values: answers, or the refusal. */
type Probe = (seat: Seat) => Promise<unknown>;

/**
 * Each method of the services, called by a tenant about a stream. A new method must be listed here: with a probe that
 * names the stream wherever a request can name one.
 */
const PROBES: Record<MethodName, Probe> = {
  getMeshStatus: ({ client, tenantId }) => ask(client, SERVICES.getMeshStatus, { tenantId }),
  watchMeshEvents: ({ client, tenantId }) => listen(client, SERVICES.watchMeshEvents, [{ tenantId }], 1),
  sendMeshUpdate: ({ client }) => ask(client, SERVICES.sendMeshUpdate, { payload: utf8Encode('u') }),
  sendNodeUpdate: ({ client }) => ask(client, SERVICES.sendNodeUpdate, { payload: utf8Encode('u') }),
  sendInternalDbUpdate: ({ client }) => ask(client, SERVICES.sendInternalDbUpdate, { payload: utf8Encode('u') }),
  getMeshConfiguration: ({ client }) => ask(client, SERVICES.getMeshConfiguration, {}),
  forgetUpdateConsumer: ({ client }) => ask(client, SERVICES.forgetUpdateConsumer, { feed: v1.UpdateFeed.UPDATE_FEED_MESH, consumer: 'nobody' }),
  openClientDataStream: ({ client, targetId }) =>
    ask(client, SERVICES.openClientDataStream, { tenantId: idFromBytes(new Uint8Array(16).fill(9)), name: NAME, targetIds: [targetId], producer: PRODUCER }),
  closeClientDataStream: ({ client, tenantId, streamId }) => ask(client, SERVICES.closeClientDataStream, { tenantId, streamId }),
  deleteClientDataStream: ({ client, tenantId, streamId }) => ask(client, SERVICES.deleteClientDataStream, { tenantId, streamId, isForced: true }),
  listClientDataStreams: ({ client, tenantId, streamId }) =>
    Promise.all([ask(client, SERVICES.listClientDataStreams, { tenantId }), ask(client, SERVICES.listClientDataStreams, { tenantId, streamId })]),
  changeStreamTarget: ({ client, tenantId, streamId, targetId }) =>
    ask(client, SERVICES.changeStreamTarget, { tenantId, streamId, targetId, action: v1.TargetAction.TARGET_ACTION_DETACH }),
  setCheckpoint: ({ client, tenantId, streamId }) => ask(client, SERVICES.setCheckpoint, { tenantId, streamId, name: NAME }),
  removeCheckpoint: ({ client, tenantId, streamId }) => ask(client, SERVICES.removeCheckpoint, { tenantId, streamId, name: NAME }),
  expireProducer: ({ client, tenantId, streamId }) => ask(client, SERVICES.expireProducer, { tenantId, streamId, producer: PRODUCER }),
  recoverStream: ({ client, tenantId, streamId }) => ask(client, SERVICES.recoverStream, { tenantId, streamId, acceptLoss: true }),
  openProducer: ({ client, tenantId, streamId }) => ask(client, SERVICES.openProducer, { tenantId, streamId, producer: PRODUCER }),
  publishClientData: ({ client, tenantId, streamId }) =>
    ask(client, SERVICES.publishClientData, { tenantId, streamId, producer: PRODUCER, producerSeq: 1, payload: utf8Encode('x') }),
  publishClientDataStream: ({ client, tenantId, streamId }) =>
    listen(client, SERVICES.publishClientDataStream, [{ open: { tenantId, streamId, producer: PRODUCER } }], Infinity),
  subscribeMeshUpdates: ({ client }) => listen(client, SERVICES.subscribeMeshUpdates, [{ subscribe: { fromStart: true } }], 1),
  subscribeNodeUpdates: ({ client }) => listen(client, SERVICES.subscribeNodeUpdates, [{ subscribe: { fromStart: true } }], 1),
  subscribeInternalDbUpdates: ({ client }) => listen(client, SERVICES.subscribeInternalDbUpdates, [{ subscribe: { fromStart: true } }], 1),
  // A subscriber of what is not there waits, by name and by id; it ends its call when nothing can come any more.
  subscribeClientData: async ({ client, tenantId, streamId }) => {
    const heard = [{ streamName: NAME }, { streamId }].map((selector) => {
      const request = new v1.SubscribeRequest({ subscribe: { tenantId, ...selector } });
      return listen(client, SERVICES.subscribeClientData, [request], Infinity, true);
    });
    return Promise.all(heard);
  },
  listDeadLetters: ({ client, tenantId, streamId }) =>
    Promise.all([ask(client, SERVICES.listDeadLetters, { tenantId }), ask(client, SERVICES.listDeadLetters, { tenantId, streamId })]),
  showDeadLetter: ({ client, ...of }) => ask(client, SERVICES.showDeadLetter, { letter: letterOf(of) }),
  replayDeadLetter: ({ client, ...of }) => ask(client, SERVICES.replayDeadLetter, { letter: letterOf(of) }),
  discardDeadLetter: ({ client, ...of }) => ask(client, SERVICES.discardDeadLetter, { letter: letterOf(of) }),
  paceTarget: ({ client, tenantId, streamId, targetId }) =>
    Promise.all([
      ask(client, SERVICES.paceTarget, { tenantId, targetId, isPaused: true }),
      ask(client, SERVICES.paceTarget, { tenantId, targetId, streamId, isPaused: true }),
    ]),
  seedMesh: ({ client }) => ask(client, SERVICES.seedMesh, { meshName: 'another' }),
  joinMesh: ({ client }) => ask(client, SERVICES.joinMesh, { urls: ['ws://127.0.0.1:1'] }),
  stopMesh: ({ client }) => ask(client, SERVICES.stopMesh, {}),
  startMesh: ({ client }) => ask(client, SERVICES.startMesh, {}),
  // Of a node that is no member: the answer is the status.
  evictNode: ({ client }) => ask(client, SERVICES.evictNode, { nodeId: idFromBytes(new Uint8Array(16).fill(8)) }),
  recoverMesh: ({ client, tenantId }) => ask(client, SERVICES.recoverMesh, { tenantId }),
  leaveMesh: () => Promise.resolve('changes membership alone; its answer is a revision'),
};

let directory = '';
let source: EmbeddedNode;
let target: EmbeddedNode;
let streamId = '';
let targetId = '';
const clients: Client[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-isolation-'));
  const settings = (name: string) => ({ name, dataDir: join(directory, name), grpc: '127.0.0.1:0' });
  const onClientData = (): void => {
    throw new Error(POISON);
  };
  const handlers = { onClientData: [{ tenant: OWNER, streamName: NAME, onClientData }] };
  target = await EmbeddedNode.start({ settings: { ...settings('b'), listen: '127.0.0.1:0' }, handlers });
  await target.ask({ kind: 'seed-mesh', meshName: 'm', description: '', joinPolicy: 'open', joinKey: '' }, 'status');
  const url = `ws://${target.bound.listen}`;
  source = await EmbeddedNode.start({ settings: { ...settings('a'), dial: [url] } });
  const { status } = await source.ask({ kind: 'join-mesh', urls: [url], joinKey: '', meshId: null }, 'status');
  targetId = status.mesh?.members.find(({ name }) => name === 'b')?.id ?? '';
  const failure = { action: 1, failuresMax: 1, retryFirstUs: 0, retryMaxUs: 0, handlerLimitUs: 0 };
  const opening = { tenant: OWNER, name: NAME, targets: [targetId as NodeId], qos: 'bulk', priority: 0, policy: { kind: 'all' }, failure } as const;
  const opened = await source.ask({ kind: 'open-stream', ...opening }, 'stream');
  streamId = opened.stream;
  const message = { producer: PRODUCER, producerSeq: 1, chunkSeq: 0, chunkCount: 1, payload: utf8Encode(POISON), headers: EMPTY_BYTES };
  await source.ask({ kind: 'publish-one', tenant: OWNER, stream: opened.stream, level: 'completed', ...message }, 'published');
});

afterAll(async () => {
  for (const client of clients) client.close();
  await source.stop();
  await target.stop();
  rmSync(directory, { recursive: true });
});

function seat(node: EmbeddedNode, tenantId: string, of: string): Seat {
  const client = new Client(node.bound.grpc, credentials.createInsecure());
  clients.push(client);
  return { client, tenantId, streamId: of, targetId };
}

const both = (): (readonly [string, EmbeddedNode])[] => [['source', source], ['target', target]];
const secretsIn = (heard: string): string[] => {
  const payload = Buffer.from(POISON).toString('base64');
  return [streamId, OWNER, NAME, PRODUCER, POISON, payload].filter((secret) => heard.includes(secret));
};

describe('a call of one tenant', () => {
  it('has a probe here, whatever the method', () => {
    expect(Object.keys(PROBES).toSorted()).toEqual(Object.keys(SERVICES).toSorted());
  });

  it('hears of its own streams by status, list, events and dead letters', async () => {
    const own = seat(target, OWNER, streamId);
    const watched = JSON.stringify(await listen(own.client, SERVICES.watchMeshEvents, [{ tenantId: OWNER }], 20, false, 'deadLettered'));
    for (const heard of [watched, ...(await Promise.all([PROBES.getMeshStatus(own), PROBES.listClientDataStreams(own), PROBES.listDeadLetters(own)])).map((tree) => JSON.stringify(tree))]) {
      expect(secretsIn(heard)).toContain(streamId);
    }
  });

  it.each(Object.keys(PROBES) as MethodName[])('%s: hears nothing of a stream of another, and the same as of one that is not there', async (method) => {
    for (const [where, node] of both()) {
      // What the caller itself sends comes back in refusals: the stream that it names, and the name it opens.
      const ghost = JSON.stringify(await PROBES[method](seat(node, OTHER, GHOST)));
      expect([where, method === 'openClientDataStream' ? [] : secretsIn(ghost)]).toEqual([where, []]);
      const heard = JSON.stringify(await PROBES[method](seat(node, OTHER, streamId)));
      const alike = heard.replaceAll(streamId, GHOST);
      expect([where, secretsIn(alike).filter((secret) => secret !== NAME || method !== 'openClientDataStream')]).toEqual([where, []]);
      if (ghost.includes(GHOST)) expect([where, alike]).toEqual([where, ghost]);
      else expect([where, heard.includes(streamId)]).toEqual([where, false]);
    }
  });

  it('hears nothing of what happens to the streams of another while it watches', async () => {
    const { client } = seat(source, OTHER, streamId);
    const watched = listen(client, SERVICES.watchMeshEvents, [{ tenantId: OTHER }], Infinity, false, 'linkDown');
    const nobody = listen(client, SERVICES.watchMeshEvents, [{}], Infinity, false, 'linkDown');
    await source.ask({ kind: 'close-stream', tenant: OWNER, stream: streamId as StreamId }, 'closed');
    await expect.poll(async () => JSON.stringify(await PROBES.getMeshStatus(seat(source, OWNER, streamId)))).toContain('"isClosed":true');
    await source.ask({ kind: 'stop-mesh' }, 'status');
    for (const heard of await Promise.all([watched, nobody])) expect(secretsIn(JSON.stringify(heard))).toEqual([]);
  });
});

const letterOf = ({ tenantId, streamId: of, targetId: at }: Omit<Seat, 'client'>) => ({ tenantId, streamId: of, targetId: at, seq: 1 });

function ask<Q, A>(client: Client, method: MethodDefinition<Q, A>, request: object): Promise<unknown> {
  return new Promise((resolve) => {
    client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, request as Q, (error, answer) =>
      resolve(error === null ? plain(answer) : refused(error)),
    );
  });
}

/** A call that lasts: until it has heard `count` answers, or one that has `lastField`, or is refused; or, half closed at once, until it ends. */
function listen<Q, A>(
  client: Client,
  method: MethodDefinition<Q, A>,
  requests: readonly object[],
  count: number,
  isHalfClosed = false,
  lastField = '',
): Promise<unknown> {
  const { path, requestSerialize, responseDeserialize } = method;
  return new Promise((resolve) => {
    const heard: unknown[] = [];
    const duplex = method.requestStream ? client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize) : null;
    const call = duplex ?? client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, requests[0] as Q);
    call.on('data', (answer: A) => {
      const tree = plain(answer);
      heard.push(tree);
      if (heard.length < count && (lastField === '' || !(lastField in (tree as object)))) return;
      resolve(heard);
      call.cancel();
    });
    call.on('end', () => resolve(heard));
    call.on('error', (error: ServiceError) => resolve(heard.length > 0 ? heard : refused(error)));
    for (const request of requests) duplex?.write(request as Q);
    if (isHalfClosed) duplex?.end();
  });
}

const plain = (answer: unknown): unknown => JSON.parse(JSON.stringify(answer));
const refused = (error: ServiceError): unknown => ({ refused: readRefusal(error) ?? error.details });
