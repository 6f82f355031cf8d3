/**
 * A client of one mesh node for programs in this language: every method of mesh.v1 as a promise, and the two streaming
 * forms as sessions that survive a restart of the node.
 */
import {
  type CallOptions,
  type ClientReadableStream,
  type MethodDefinition,
  Client,
  Metadata,
  credentials,
} from '@grpc/grpc-js';
import { v1 } from '../grpc/messages.js';
import { MeshDataServiceDefinition, MeshServiceDefinition } from '../grpc/service-definitions.js';
import { CallFailed, isServiceError } from './call-failed.js';
import { type PublishWire, type PublisherOptions, Publisher } from './publisher.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import { UpdateSubscriber, type UpdateSubscriberOptions, type UpdateWire } from './update-subscriber.js';
import { type SubscribeWire, Subscriber } from './subscriber.js';
import type { SubscriberOptions } from './subscriber-options.js';

export interface MeshClientOptions {
  /** Deadline of calls that answer once. */
  readonly timeoutMs?: number;
}

export class MeshClient {
  readonly address: string;
  readonly #client: Client;
  readonly #timeoutMs: number;
  readonly #onClose: (() => void)[] = [];

  /** `address` is HOST:PORT of the node's gRPC listener. Nothing is dialled before the first call. */
  constructor(address: string, options: MeshClientOptions = {}) {
    this.address = address;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#client = new Client(address, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.min_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1_000,
      // Each client has a socket of its own: a publisher's bytes never wait behind another's.
      'grpc.use_local_subchannel_pool': 1,
    });
  }

  seedMesh(request: v1.SeedMeshRequest.$Properties): Promise<v1.MeshStatus> {
    return this.#unary(MeshServiceDefinition.seedMesh, new v1.SeedMeshRequest(request));
  }

  joinMesh(request: v1.JoinMeshRequest.$Properties): Promise<v1.MeshStatus> {
    return this.#unary(MeshServiceDefinition.joinMesh, new v1.JoinMeshRequest(request));
  }

  startMesh(): Promise<v1.MeshStatus> {
    return this.#unary(MeshServiceDefinition.startMesh, new v1.StartMeshRequest());
  }

  stopMesh(): Promise<v1.MeshStatus> {
    return this.#unary(MeshServiceDefinition.stopMesh, new v1.StopMeshRequest());
  }

  leaveMesh(): Promise<v1.SuccessStatus> {
    return this.#unary(MeshServiceDefinition.leaveMesh, new v1.LeaveMeshRequest());
  }

  evictNode(request: v1.EvictNodeRequest.$Properties): Promise<v1.MeshStatus> {
    return this.#unary(MeshServiceDefinition.evictNode, new v1.EvictNodeRequest(request));
  }

  recoverMesh(request: v1.RecoverMeshRequest.$Properties): Promise<v1.RecoverMeshResponse> {
    return this.#unary(MeshServiceDefinition.recoverMesh, new v1.RecoverMeshRequest(request));
  }

  /** With a tenant its streams and their groups are told as well. */
  getMeshStatus(request: v1.GetMeshStatusRequest.$Properties = {}): Promise<v1.MeshStatus> {
    return this.#unary(MeshServiceDefinition.getMeshStatus, new v1.GetMeshStatusRequest(request));
  }

  sendMeshUpdate(request: v1.MeshUpdate.$Properties): Promise<v1.BroadcastResult> {
    return this.#unary(MeshServiceDefinition.sendMeshUpdate, new v1.MeshUpdate(request));
  }

  sendNodeUpdate(request: v1.NodeUpdate.$Properties): Promise<v1.BroadcastResult> {
    return this.#unary(MeshServiceDefinition.sendNodeUpdate, new v1.NodeUpdate(request));
  }

  sendInternalDbUpdate(request: v1.DBUpdate.$Properties): Promise<v1.BroadcastResult> {
    return this.#unary(MeshServiceDefinition.sendInternalDbUpdate, new v1.DBUpdate(request));
  }

  getMeshConfiguration(request: v1.GetMeshConfigurationRequest.$Properties = {}): Promise<v1.MeshConfiguration> {
    return this.#unary(MeshServiceDefinition.getMeshConfiguration, new v1.GetMeshConfigurationRequest(request));
  }

  forgetUpdateConsumer(request: v1.ForgetUpdateConsumerRequest.$Properties): Promise<v1.ForgetUpdateConsumerResponse> {
    return this.#unary(MeshServiceDefinition.forgetUpdateConsumer, new v1.ForgetUpdateConsumerRequest(request));
  }

  /** A subscription to a feed of updates (see `UpdateSubscriber`). */
  updateSubscriber(feed: UpdateFeed, options: UpdateSubscriberOptions = {}): UpdateSubscriber {
    const subscriber = new UpdateSubscriber(options, () => this.#updates(feed));
    this.#onClose.push(() => subscriber.abandon());
    return subscriber;
  }

  openStream(request: v1.OpenClientDataStreamRequest.$Properties): Promise<v1.StreamHandle> {
    return this.#unary(MeshServiceDefinition.openClientDataStream, new v1.OpenClientDataStreamRequest(request));
  }

  /** The tenant's streams at this node. */
  listStreams(request: v1.ListClientDataStreamsRequest.$Properties): Promise<v1.ListClientDataStreamsResponse> {
    return this.#unary(MeshServiceDefinition.listClientDataStreams, new v1.ListClientDataStreamsRequest(request));
  }

  /** Gives the stream as it is when it has admitted the change. */
  changeTarget(request: v1.ChangeStreamTargetRequest.$Properties): Promise<v1.Stream> {
    return this.#unary(MeshServiceDefinition.changeStreamTarget, new v1.ChangeStreamTargetRequest(request));
  }

  expireProducer(request: v1.ExpireProducerRequest.$Properties): Promise<v1.Stream> {
    return this.#unary(MeshServiceDefinition.expireProducer, new v1.ExpireProducerRequest(request));
  }

  /** What a stream has lost for good with its members; with `acceptLoss` it goes on without. */
  recoverStream(request: v1.RecoverStreamRequest.$Properties): Promise<v1.RecoverStreamResponse> {
    return this.#unary(MeshServiceDefinition.recoverStream, new v1.RecoverStreamRequest(request));
  }

  /** Raises the producer's epoch: what publishes under an older one is FENCED from here on. */
  openProducer(request: v1.OpenProducerRequest.$Properties): Promise<v1.ProducerHandle> {
    return this.#unary(MeshServiceDefinition.openProducer, new v1.OpenProducerRequest(request));
  }

  closeStream(request: v1.CloseClientDataStreamRequest.$Properties): Promise<v1.CloseClientDataStreamResponse> {
    return this.#unary(MeshServiceDefinition.closeClientDataStream, new v1.CloseClientDataStreamRequest(request));
  }

  /** Names a place in a stream, or moves the name there. */
  setCheckpoint(request: v1.SetCheckpointRequest.$Properties): Promise<v1.SetCheckpointResponse> {
    return this.#unary(MeshServiceDefinition.setCheckpoint, new v1.SetCheckpointRequest(request));
  }

  removeCheckpoint(request: v1.RemoveCheckpointRequest.$Properties): Promise<v1.RemoveCheckpointResponse> {
    return this.#unary(MeshServiceDefinition.removeCheckpoint, new v1.RemoveCheckpointRequest(request));
  }

  /** Nobody keeps anything of it. Refused while somebody waits for something of it, unless that may be lost. */
  deleteStream(request: v1.DeleteClientDataStreamRequest.$Properties): Promise<v1.DeleteClientDataStreamResponse> {
    return this.#unary(MeshServiceDefinition.deleteClientDataStream, new v1.DeleteClientDataStreamRequest(request));
  }

  /** One message, or one chunk. For more than a few a second take `publisher`. */
  publishOne(request: v1.Chunk.$Properties): Promise<v1.PublishResult> {
    return this.#unary(MeshServiceDefinition.publishClientData, new v1.Chunk(request));
  }

  /** Messages that targets gave up on, in the streams that the node is a member of. */
  listDeadLetters(request: v1.ListDeadLettersRequest.$Properties): Promise<v1.ListDeadLettersResponse> {
    return this.#unary(MeshDataServiceDefinition.listDeadLetters, new v1.ListDeadLettersRequest(request));
  }

  /** One chunk of a dead letter. */
  showDeadLetter(request: v1.ShowDeadLetterRequest.$Properties): Promise<v1.ShowDeadLetterResponse> {
    return this.#unary(MeshDataServiceDefinition.showDeadLetter, new v1.ShowDeadLetterRequest(request));
  }

  /** To be delivered once more, to the subscriber of dead letters at its target. */
  replayDeadLetter(request: v1.ReplayDeadLetterRequest.$Properties): Promise<v1.ReplayDeadLetterResponse> {
    return this.#unary(MeshDataServiceDefinition.replayDeadLetter, new v1.ReplayDeadLetterRequest(request));
  }

  /** Pauses, resumes or throttles deliveries at a target. */
  paceTarget(request: v1.PaceTargetRequest.$Properties): Promise<v1.PaceTargetResponse> {
    return this.#unary(MeshDataServiceDefinition.paceTarget, new v1.PaceTargetRequest(request));
  }

  discardDeadLetter(request: v1.DiscardDeadLetterRequest.$Properties): Promise<v1.DiscardDeadLetterResponse> {
    return this.#unary(MeshDataServiceDefinition.discardDeadLetter, new v1.DiscardDeadLetterRequest(request));
  }

  /** Events until the caller leaves the loop. Throws `CallFailed` when the node ends the watch. */
  async *watchEvents(filter: v1.EventFilter.$Properties = {}): AsyncGenerator<v1.MeshEvent, void, undefined> {
    const { path, requestSerialize, responseDeserialize } = MeshServiceDefinition.watchMeshEvents;
    const call: ClientReadableStream<v1.MeshEvent> = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      new v1.EventFilter(filter),
    );
    try {
      for await (const event of call) yield event as v1.MeshEvent;
    } catch (error) {
      throw isServiceError(error) ? new CallFailed(error) : error;
    } finally {
      call.cancel();
    }
  }

  /** A publisher session (see `Publisher`). */
  publisher(options: PublisherOptions): Publisher {
    const publisher = new Publisher(options, () => this.#duplex(MeshServiceDefinition.publishClientDataStream));
    this.#onClose.push(() => publisher.abandon());
    return publisher;
  }

  /** A subscription (see `Subscriber`). */
  subscriber(options: SubscriberOptions): Subscriber {
    const subscriber = new Subscriber(options, () => this.#duplex(MeshDataServiceDefinition.subscribeClientData));
    this.#onClose.push(() => subscriber.abandon());
    return subscriber;
  }

  /** Ends the sessions that were made here, as they are, and closes the socket. */
  close(): void {
    for (const end of this.#onClose.splice(0)) end();
    this.#client.close();
  }

  #updates(feed: UpdateFeed): UpdateWire {
    const { subscribeMeshUpdates, subscribeNodeUpdates, subscribeInternalDbUpdates } = MeshDataServiceDefinition;
    const byFeed = { mesh: subscribeMeshUpdates, node: subscribeNodeUpdates, database: subscribeInternalDbUpdates };
    const { path, requestSerialize, responseDeserialize } = byFeed[feed];
    return this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize) as unknown as UpdateWire;
  }

  #duplex(method: (typeof MeshServiceDefinition)['publishClientDataStream']): PublishWire;
  #duplex(method: (typeof MeshDataServiceDefinition)['subscribeClientData']): SubscribeWire;
  #duplex<Q, A>(method: MethodDefinition<Q, A>): unknown {
    return this.#client.makeBidiStreamRequest(method.path, method.requestSerialize, method.responseDeserialize);
  }

  #unary<Q, A>(method: MethodDefinition<Q, A>, request: Q): Promise<A> {
    const options: CallOptions = { deadline: Date.now() + this.#timeoutMs };
    return new Promise((resolve, fail) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        new Metadata(),
        options,
        (error, answer) => {
          if (error !== null) fail(new CallFailed(error));
          else if (answer !== undefined) resolve(answer);
        },
      );
    });
  }
}

const DEFAULT_TIMEOUT_MS = 30_000;
