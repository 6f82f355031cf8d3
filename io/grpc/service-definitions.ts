/**
 * The two services of mesh.v1 as grpc-js wants them: one row a method, for the server and the client alike. A test
 * holds the rows equal to the .proto.
 */
import type { MethodDefinition } from '@grpc/grpc-js';
import { v1 } from './messages.js';

export const MeshServiceDefinition = {
  seedMesh: method('MeshService/SeedMesh', v1.SeedMeshRequest, v1.MeshStatus),
  joinMesh: method('MeshService/JoinMesh', v1.JoinMeshRequest, v1.MeshStatus),
  startMesh: method('MeshService/StartMesh', v1.StartMeshRequest, v1.MeshStatus),
  stopMesh: method('MeshService/StopMesh', v1.StopMeshRequest, v1.MeshStatus),
  leaveMesh: method('MeshService/LeaveMesh', v1.LeaveMeshRequest, v1.SuccessStatus),
  evictNode: method('MeshService/EvictNode', v1.EvictNodeRequest, v1.MeshStatus),
  recoverMesh: method('MeshService/RecoverMesh', v1.RecoverMeshRequest, v1.RecoverMeshResponse),
  getMeshStatus: method('MeshService/GetMeshStatus', v1.GetMeshStatusRequest, v1.MeshStatus),
  watchMeshEvents: method('MeshService/WatchMeshEvents', v1.EventFilter, v1.MeshEvent, 'answers'),
  sendMeshUpdate: method('MeshService/SendMeshUpdate', v1.MeshUpdate, v1.BroadcastResult),
  sendNodeUpdate: method('MeshService/SendNodeUpdate', v1.NodeUpdate, v1.BroadcastResult),
  sendInternalDbUpdate: method('MeshService/SendInternalDBUpdate', v1.DBUpdate, v1.BroadcastResult),
  getMeshConfiguration: method('MeshService/GetMeshConfiguration', v1.GetMeshConfigurationRequest, v1.MeshConfiguration),
  forgetUpdateConsumer: method(
    'MeshService/ForgetUpdateConsumer',
    v1.ForgetUpdateConsumerRequest,
    v1.ForgetUpdateConsumerResponse,
  ),
  openClientDataStream: method('MeshService/OpenClientDataStream', v1.OpenClientDataStreamRequest, v1.StreamHandle),
  listClientDataStreams: method(
    'MeshService/ListClientDataStreams',
    v1.ListClientDataStreamsRequest,
    v1.ListClientDataStreamsResponse,
  ),
  changeStreamTarget: method('MeshService/ChangeStreamTarget', v1.ChangeStreamTargetRequest, v1.Stream),
  setCheckpoint: method('MeshService/SetCheckpoint', v1.SetCheckpointRequest, v1.SetCheckpointResponse),
  removeCheckpoint: method('MeshService/RemoveCheckpoint', v1.RemoveCheckpointRequest, v1.RemoveCheckpointResponse),
  recoverStream: method('MeshService/RecoverStream', v1.RecoverStreamRequest, v1.RecoverStreamResponse),
  expireProducer: method('MeshService/ExpireProducer', v1.ExpireProducerRequest, v1.Stream),
  openProducer: method('MeshService/OpenProducer', v1.OpenProducerRequest, v1.ProducerHandle),
  closeClientDataStream: method(
    'MeshService/CloseClientDataStream',
    v1.CloseClientDataStreamRequest,
    v1.CloseClientDataStreamResponse,
  ),
  deleteClientDataStream: method(
    'MeshService/DeleteClientDataStream',
    v1.DeleteClientDataStreamRequest,
    v1.DeleteClientDataStreamResponse,
  ),
  publishClientData: method('MeshService/PublishClientData', v1.Chunk, v1.PublishResult),
  publishClientDataStream: method(
    'MeshService/PublishClientDataStream',
    v1.PublishRequest,
    v1.PublishResponse,
    'both',
  ),
} as const;

export const MeshDataServiceDefinition = {
  subscribeMeshUpdates: method(
    'MeshDataService/SubscribeMeshUpdates',
    v1.UpdateSubscribeRequest,
    v1.UpdateSubscribeResponse,
    'both',
  ),
  subscribeNodeUpdates: method(
    'MeshDataService/SubscribeNodeUpdates',
    v1.UpdateSubscribeRequest,
    v1.UpdateSubscribeResponse,
    'both',
  ),
  subscribeInternalDbUpdates: method(
    'MeshDataService/SubscribeInternalDBUpdates',
    v1.UpdateSubscribeRequest,
    v1.UpdateSubscribeResponse,
    'both',
  ),
  subscribeClientData: method(
    'MeshDataService/SubscribeClientData',
    v1.SubscribeRequest,
    v1.SubscribeResponse,
    'both',
  ),
  listDeadLetters: method('MeshDataService/ListDeadLetters', v1.ListDeadLettersRequest, v1.ListDeadLettersResponse),
  showDeadLetter: method('MeshDataService/ShowDeadLetter', v1.ShowDeadLetterRequest, v1.ShowDeadLetterResponse),
  paceTarget: method('MeshDataService/PaceTarget', v1.PaceTargetRequest, v1.PaceTargetResponse),
  replayDeadLetter: method('MeshDataService/ReplayDeadLetter', v1.ReplayDeadLetterRequest, v1.ReplayDeadLetterResponse),
  discardDeadLetter: method(
    'MeshDataService/DiscardDeadLetter',
    v1.DiscardDeadLetterRequest,
    v1.DiscardDeadLetterResponse,
  ),
} as const;

interface Codec<T> {
  encode(message: NoInfer<T>): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

function method<Q, A>(
  name: string,
  request: Codec<Q>,
  response: Codec<A>,
  streams: 'none' | 'answers' | 'both' = 'none',
): MethodDefinition<Q, A> {
  return {
    path: `/mesh.v1.${name}`,
    requestStream: streams === 'both',
    responseStream: streams !== 'none',
    // protobufjs encodes into a Buffer in Node, which grpc-js needs.
    requestSerialize: (message) => request.encode(message).finish() as Buffer,
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => response.encode(message).finish() as Buffer,
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}
