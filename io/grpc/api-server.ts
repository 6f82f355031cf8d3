/**
 * The gRPC server of a node: mesh.v1, health and reflection. It may listen before the node runs; until `attach`, calls
 * are refused as UNAVAILABLE and health says NOT_SERVING.
 *
 * Memory: a call that streams in is paused by its session, and what grpc-js buffers then (16 messages) is bounded by
 * the receive limit. Leaves out: TLS and authentication of applications.
 */
import {
  type ServerUnaryCall,
  type sendUnaryData,
  Server,
  ServerCredentials,
  logVerbosity,
  setLogVerbosity,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { fileURLToPath } from 'node:url';
import { AssertionFailed } from '../../core/base/assert.js';
import { type Reject, reject } from '../../core/base/reject.js';
import { type Result, accept } from '../../core/base/result.js';
import type { Command, Reply } from '../../core/node/commands.js';
import type { Viewer } from '../../core/node/viewer.js';
import type { NodeHost } from '../host/node-host.js';
import {
  type CommandOf,
  changeLetterCommand,
  changeTargetCommand,
  closeCommand,
  deleteCommand,
  evictCommand,
  recoverCommand,
  expireProducerCommand,
  joinCommand,
  listLettersCommand,
  listStreamsCommand,
  openCommand,
  openProducerCommand,
  paceCommand,
  publishCommand,
  recoverStreamCommand,
  removeCheckpointCommand,
  setCheckpointCommand,
  seedCommand,
  showLetterCommand,
  statusViewer,
} from './commands.js';
import { PUBLISH_LEVELS } from './enums.js';
import { v1 } from './messages.js';
import { type PublishCall, PublishSession } from './publish-session.js';
import { recoveryAnswer } from './recovery-answer.js';
import { toStatus } from './refusal.js';
import { MeshDataServiceDefinition, MeshServiceDefinition } from './service-definitions.js';
import { letterAnswer, lossAnswer, statusAnswer, streamAnswer } from './status-answer.js';
import { type SubscribeCall, SubscribeSession } from './subscribe-session.js';
import {
  broadcastResult,
  configurationAnswer,
  databaseUpdateCommand,
  forgetConsumerCommand,
  getConfigurationCommand,
  meshUpdateCommand,
  nodeUpdateCommand,
} from './update-commands.js';
import { type UpdateCall, UpdateSession } from './update-session.js';
import { type WatchCall, WatchSession } from './watch-session.js';

/** A call that lasts: it is told why it ends when the node drains. */
interface Session {
  refuse(refusal: Reject): void;
}

export class ApiServer {
  readonly #server = new Server({
    'grpc.max_receive_message_length': RECEIVED_BYTES_MAX,
    'grpc.max_send_message_length': -1,
    // A second process on the port must fail, not share it.
    'grpc.so_reuseport': 0,
  });
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING', ...servicesAs('NOT_SERVING') });
  readonly #sessions = new Set<Session>();
  #host: NodeHost | null = null;
  #isDraining = false;
  #unanswered = 0;
  #onIdle: (() => void) | null = null;

  constructor() {
    // It writes lines of its own to standard error, for errors that are reported here anyway.
    setLogVerbosity(logVerbosity.NONE);
    this.#server.addService(MeshServiceDefinition, {
      seedMesh: this.#unary(seedCommand, toMeshStatus),
      joinMesh: this.#unary(joinCommand, toMeshStatus),
      startMesh: this.#unary(() => accept({ kind: 'start-mesh' }), toMeshStatus),
      stopMesh: this.#unary(() => accept({ kind: 'stop-mesh' }), toMeshStatus),
      leaveMesh: this.#unary(() => accept({ kind: 'leave-mesh' }), toSuccess),
      evictNode: this.#evictNode.bind(this),
      recoverMesh: this.#recover.bind(this),
      getMeshStatus: this.#getStatus.bind(this),
      sendMeshUpdate: this.#unary(meshUpdateCommand, broadcastResult),
      sendNodeUpdate: this.#unary(nodeUpdateCommand, broadcastResult),
      sendInternalDbUpdate: this.#unary(databaseUpdateCommand, broadcastResult),
      getMeshConfiguration: this.#unary(getConfigurationCommand, configurationAnswer),
      forgetUpdateConsumer: this.#unary(forgetConsumerCommand, () => new v1.ForgetUpdateConsumerResponse()),
      openClientDataStream: this.#openStream.bind(this),
      listClientDataStreams: this.#unary(listStreamsCommand, toStreams),
      changeStreamTarget: this.#changing(changeTargetCommand),
      setCheckpoint: this.#unary(setCheckpointCommand, (reply) => new v1.SetCheckpointResponse({ seq: expect(reply, 'checkpoint').seq })),
      removeCheckpoint: this.#unary(removeCheckpointCommand, () => new v1.RemoveCheckpointResponse()),
      expireProducer: this.#changing(expireProducerCommand),
      recoverStream: this.#unary(recoverStreamCommand, (reply) => lossAnswer(expect(reply, 'stream-loss'))),
      openProducer: this.#unary(openProducerCommand, toProducer),
      closeClientDataStream: this.#unary(closeCommand, toClosed),
      deleteClientDataStream: this.#unary(deleteCommand, toDeleted),
      publishClientData: this.#unary(publishCommand, toPublishResult),
      publishClientDataStream: (call: PublishCall) => this.#session(call, (host) => new PublishSession(call, host)),
      watchMeshEvents: (call: WatchCall) => this.#session(call, (host) => new WatchSession(call, host)),
    });
    this.#server.addService(MeshDataServiceDefinition, {
      subscribeMeshUpdates: (call: UpdateCall) => this.#session(call, (host) => new UpdateSession(call, host, 'mesh')),
      subscribeNodeUpdates: (call: UpdateCall) => this.#session(call, (host) => new UpdateSession(call, host, 'node')),
      subscribeInternalDbUpdates: (call: UpdateCall) => this.#session(call, (host) => new UpdateSession(call, host, 'database')),
      subscribeClientData: (call: SubscribeCall) => this.#session(call, (host) => new SubscribeSession(call, host)),
      listDeadLetters: this.#unary(listLettersCommand, toLetters),
      showDeadLetter: this.#unary(showLetterCommand, toLetter),
      paceTarget: this.#unary(paceCommand, (reply) => new v1.PaceTargetResponse({ streamIds: [...expect(reply, 'paced').streams] })),
      replayDeadLetter: this.#unary(changeLetterCommand('replay-dead-letter'), () => new v1.ReplayDeadLetterResponse()),
      discardDeadLetter: this.#unary(changeLetterCommand('discard-dead-letter'), () => new v1.DiscardDeadLetterResponse()),
    });
    this.#health.addToServer(this.#server);
    new ReflectionService(loadContract()).addToServer(this.#server);
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Binds the port (0: any free one) and gives the one bound. Rejects when it cannot be bound. */
  listen(address: string): Promise<number> {
    return new Promise((resolve, fail) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) resolve(port);
        else fail(error);
      });
    });
  }

  /** From here on calls reach the node. */
  attach(host: NodeHost): void {
    this.#host = host;
    this.#setHealth('SERVING');
  }

  /** Refuses new calls, ends the lasting ones, and waits for the answers that are due, at most `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    this.#setHealth('NOT_SERVING');
    for (const session of this.#sessions) session.refuse(STOPPING);
    if (this.#unanswered > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        this.#onIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => this.#server.forceShutdown(), SHUTDOWN_MS);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Drops everything at once. */
  close(): void {
    this.#server.forceShutdown();
  }

  #setHealth(state: 'SERVING' | 'NOT_SERVING'): void {
    for (const [service, value] of Object.entries({ '': state, ...servicesAs(state) })) {
      this.#health.setStatus(service, value);
    }
  }

  /** The node, or why no call is taken now. */
  #running(): Result<NodeHost> {
    if (this.#isDraining) return { ok: false, reject: STOPPING };
    if (this.#host === null) return { ok: false, reject: STARTING };
    return accept(this.#host);
  }

  #session(call: PublishCall | SubscribeCall | WatchCall | UpdateCall, open: (host: NodeHost) => Session): void {
    const host = this.#running();
    if (!host.ok) {
      call.emit('error', toStatus(host.reject));
      return;
    }
    const session = open(host.value);
    this.#sessions.add(session);
    call.on('close', () => this.#sessions.delete(session));
    call.on('cancelled', () => this.#sessions.delete(session));
  }

  #unary<Q, A>(parse: (request: Q) => Result<Command>, answer: (reply: Reply) => A) {
    return (call: ServerUnaryCall<Q, A>, callback: sendUnaryData<A>): void =>
      this.#ask(call, callback, parse(call.request), (reply) => callback(null, answer(reply)));
  }

  /** A change of a stream, answered with how it is then. */
  #changing<Q>(parse: (request: Q) => Result<CommandOf<'change-target'> | CommandOf<'expire-producer'>>) {
    return (call: ServerUnaryCall<Q, v1.Stream>, callback: sendUnaryData<v1.Stream>): void => {
      const command = parse(call.request);
      this.#ask(call, callback, command, () => {
        if (!command.ok) return;
        const { tenant, stream } = command.value;
        this.#ask(call, callback, accept({ kind: 'list-streams', tenant, stream }), (found) =>
          callback(null, new v1.Stream(streamOf(found))),
        );
      });
    };
  }

  /** One command, one reply. A caller that goes away first cancels it. */
  #ask<Q, A>(
    call: ServerUnaryCall<Q, A>,
    callback: sendUnaryData<A>,
    command: Result<Command>,
    onReply: (reply: Reply) => void,
  ): void {
    const host = this.#running();
    if (!host.ok) return callback(toStatus(host.reject));
    if (!command.ok) return callback(toStatus(command.reject));
    const refusal = NEW_WORK.has(command.value.kind) ? host.value.refusalOfNewWork : null;
    if (refusal !== null) return callback(toStatus(refusal));
    this.#unanswered++;
    let isAnswered = false;
    const settle = (): void => {
      if (isAnswered) return;
      isAnswered = true;
      this.#unanswered--;
      if (this.#unanswered === 0) this.#onIdle?.();
    };
    const request = host.value.request(command.value, {
      onReply: (result) => {
        settle();
        if (result.ok) onReply(result.value);
        else callback(toStatus(result.reject));
      },
    });
    call.on('cancelled', () => {
      host.value.cancel(request);
      settle();
    });
  }

  #getStatus(call: ServerUnaryCall<v1.GetMeshStatusRequest, v1.MeshStatus>, callback: sendUnaryData<v1.MeshStatus>): void {
    const viewer = statusViewer(call.request);
    if (!viewer.ok) return callback(toStatus(viewer.reject));
    this.#ask(call, callback, accept({ kind: 'get-status' }), (reply) => callback(null, toMeshStatus(reply, viewer.value)));
  }

  /** Evicts; then tells what the mesh looks like without the node. */
  #evictNode(call: ServerUnaryCall<v1.EvictNodeRequest, v1.MeshStatus>, callback: sendUnaryData<v1.MeshStatus>): void {
    this.#ask(call, callback, evictCommand(call.request), () =>
      this.#ask(call, callback, accept({ kind: 'get-status' }), (reply) => callback(null, toMeshStatus(reply))),
    );
  }

  #recover(call: ServerUnaryCall<v1.RecoverMeshRequest, v1.RecoverMeshResponse>, callback: sendUnaryData<v1.RecoverMeshResponse>): void {
    const { tenantId } = call.request;
    this.#ask(call, callback, recoverCommand(call.request), (reply) => callback(null, recoveryAnswer(expect(reply, 'recovery').plan, tenantId)));
  }

  /** Opens; then, when a producer is named, asks where it stands. */
  #openStream(
    call: ServerUnaryCall<v1.OpenClientDataStreamRequest, v1.StreamHandle>,
    callback: sendUnaryData<v1.StreamHandle>,
  ): void {
    const command = openCommand(call.request);
    this.#ask(call, callback, command, (reply) => {
      const opened = expect(reply, 'stream');
      const handle = new v1.StreamHandle({
        streamId: opened.stream,
        name: opened.name,
        targetIds: [...opened.targets],
        lastSeq: opened.lastSeq,
      });
      const producer = call.request.producer;
      if (producer === '' || !command.ok) return callback(null, handle);
      const tenant = command.value.tenant;
      this.#ask(call, callback, accept({ kind: 'get-producer', tenant, stream: opened.stream, producer }), (found) => {
        const place = expect(found, 'producer');
        handle.lastProducerSeq = place.lastProducerSeq;
        handle.producerEpoch = place.epoch;
        callback(null, handle);
      });
    });
  }
}

/** Whoever changes the membership of the node names no tenant, and sees no streams. */
function toMeshStatus(reply: Reply, viewer: Viewer = { kind: 'caller', tenant: null }): v1.MeshStatus {
  return statusAnswer(expect(reply, 'status').status, viewer);
}

function toSuccess(reply: Reply): v1.SuccessStatus {
  return new v1.SuccessStatus({ revision: expect(reply, 'decided').revision });
}

function streamOf(reply: Reply): v1.Stream.$Properties {
  const stream = expect(reply, 'streams').streams[0];
  if (stream === undefined) throw new AssertionFailed('a stream that was changed is listed');
  return streamAnswer(stream);
}

function toStreams(reply: Reply): v1.ListClientDataStreamsResponse {
  return new v1.ListClientDataStreamsResponse({ streams: expect(reply, 'streams').streams.map(streamAnswer) });
}

function toProducer(reply: Reply): v1.ProducerHandle {
  const { lastProducerSeq, epoch } = expect(reply, 'producer');
  return new v1.ProducerHandle({ lastProducerSeq, epoch });
}

function toClosed(reply: Reply): v1.CloseClientDataStreamResponse {
  return new v1.CloseClientDataStreamResponse({ lastSeq: expect(reply, 'closed').lastSeq });
}

function toDeleted(reply: Reply): v1.DeleteClientDataStreamResponse {
  const { lastSeq, discarded } = expect(reply, 'deleted');
  const { messages: discardedMessages, deadLetters: discardedDeadLetters } = discarded;
  return new v1.DeleteClientDataStreamResponse({ lastSeq, discardedMessages, discardedDeadLetters });
}

function toPublishResult(reply: Reply): v1.PublishResult {
  const { stream, seq, level, isRepeat } = expect(reply, 'published');
  return new v1.PublishResult({ streamId: stream, seq, level: PUBLISH_LEVELS[level], isRepeat });
}

function toLetters(reply: Reply): v1.ListDeadLettersResponse {
  return new v1.ListDeadLettersResponse({ letters: expect(reply, 'dead-letters').letters.map(letterAnswer) });
}

function toLetter(reply: Reply): v1.ShowDeadLetterResponse {
  const { letter, payload, checksum, headers } = expect(reply, 'dead-letter');
  return new v1.ShowDeadLetterResponse({ letter: letterAnswer(letter), payload, checksum, headers });
}

function expect<Kind extends Reply['kind']>(reply: Reply, kind: Kind): Extract<Reply, { kind: Kind }> {
  if (reply.kind !== kind) throw new AssertionFailed('a command gets the kind of reply that it asks for');
  return reply as Extract<Reply, { kind: Kind }>;
}

/** The contract stands in proto/ beside io/, in the sources and in dist/ alike. */
function loadContract(): ReturnType<typeof loadSync> {
  const includeDirs = [fileURLToPath(new URL('../../proto', import.meta.url))];
  return loadSync('mesh/v1/mesh.proto', { includeDirs, longs: String, enums: String, defaults: true, oneofs: true });
}

type Serving = 'SERVING' | 'NOT_SERVING';
const servicesAs = (state: Serving): Record<string, Serving> => ({
  'mesh.v1.MeshService': state,
  'mesh.v1.MeshDataService': state,
});

const NEW_WORK: ReadonlySet<Command['kind']> = new Set(['open-stream', 'publish-one', 'send-update']);
const STARTING = reject('UNREACHABLE', 'node', 'the node is starting: its journal is being read', 500_000);
const STOPPING = reject('UNREACHABLE', 'node', 'the node is stopping', 1_000_000);
/** A batch of 256 KiB and the small fields of its entries; a unary chunk is far below. */
const RECEIVED_BYTES_MAX = 1024 * 1024;
const SHUTDOWN_MS = 1_000;
