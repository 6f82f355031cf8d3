import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace mesh. */
export namespace mesh {

    /** Namespace v1. */
    namespace v1 {

        /** JoinPolicy enum. */
        enum JoinPolicy {

            /** JOIN_POLICY_UNSPECIFIED value */
            JOIN_POLICY_UNSPECIFIED = 0,

            /** JOIN_POLICY_OPEN value */
            JOIN_POLICY_OPEN = 1,

            /** JOIN_POLICY_KEY_REQUIRED value */
            JOIN_POLICY_KEY_REQUIRED = 2,

            /** JOIN_POLICY_CLOSED value */
            JOIN_POLICY_CLOSED = 3
        }

        /**
         * Properties of a SeedMeshRequest.
         * @deprecated Use mesh.v1.SeedMeshRequest.$Properties instead.
         */
        interface ISeedMeshRequest extends mesh.v1.SeedMeshRequest.$Properties {
        }

        /** Represents a SeedMeshRequest. */
        class SeedMeshRequest {

            /**
             * Constructs a new SeedMeshRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.SeedMeshRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SeedMeshRequest meshName. */
            meshName: string;

            /** SeedMeshRequest description. */
            description: string;

            /** SeedMeshRequest joinPolicy. */
            joinPolicy: mesh.v1.JoinPolicy;

            /** SeedMeshRequest joinKey. */
            joinKey: string;

            /**
             * Encodes the specified SeedMeshRequest message. Does not implicitly {@link mesh.v1.SeedMeshRequest.verify|verify} messages.
             * @param message SeedMeshRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.SeedMeshRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SeedMeshRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.SeedMeshRequest & mesh.v1.SeedMeshRequest.$Shape} SeedMeshRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.SeedMeshRequest & mesh.v1.SeedMeshRequest.$Shape;
        }

        namespace SeedMeshRequest {

            /** Properties of a SeedMeshRequest. */
            interface $Properties {

                /** SeedMeshRequest meshName */
                meshName?: (string|null);

                /** SeedMeshRequest description */
                description?: (string|null);

                /** SeedMeshRequest joinPolicy */
                joinPolicy?: (mesh.v1.JoinPolicy|null);

                /** SeedMeshRequest joinKey */
                joinKey?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SeedMeshRequest. */
            type $Shape = mesh.v1.SeedMeshRequest.$Properties;
        }

        /**
         * Properties of a JoinMeshRequest.
         * @deprecated Use mesh.v1.JoinMeshRequest.$Properties instead.
         */
        interface IJoinMeshRequest extends mesh.v1.JoinMeshRequest.$Properties {
        }

        /** Represents a JoinMeshRequest. */
        class JoinMeshRequest {

            /**
             * Constructs a new JoinMeshRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.JoinMeshRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinMeshRequest urls. */
            urls: string[];

            /** JoinMeshRequest joinKey. */
            joinKey: string;

            /** JoinMeshRequest meshId. */
            meshId: string;

            /**
             * Encodes the specified JoinMeshRequest message. Does not implicitly {@link mesh.v1.JoinMeshRequest.verify|verify} messages.
             * @param message JoinMeshRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.JoinMeshRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinMeshRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.JoinMeshRequest & mesh.v1.JoinMeshRequest.$Shape} JoinMeshRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.JoinMeshRequest & mesh.v1.JoinMeshRequest.$Shape;
        }

        namespace JoinMeshRequest {

            /** Properties of a JoinMeshRequest. */
            interface $Properties {

                /** JoinMeshRequest urls */
                urls?: (string[]|null);

                /** JoinMeshRequest joinKey */
                joinKey?: (string|null);

                /** JoinMeshRequest meshId */
                meshId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinMeshRequest. */
            type $Shape = mesh.v1.JoinMeshRequest.$Properties;
        }

        /**
         * Properties of a StartMeshRequest.
         * @deprecated Use mesh.v1.StartMeshRequest.$Properties instead.
         */
        interface IStartMeshRequest extends mesh.v1.StartMeshRequest.$Properties {
        }

        /** Represents a StartMeshRequest. */
        class StartMeshRequest {

            /**
             * Constructs a new StartMeshRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StartMeshRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified StartMeshRequest message. Does not implicitly {@link mesh.v1.StartMeshRequest.verify|verify} messages.
             * @param message StartMeshRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StartMeshRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StartMeshRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StartMeshRequest & mesh.v1.StartMeshRequest.$Shape} StartMeshRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StartMeshRequest & mesh.v1.StartMeshRequest.$Shape;
        }

        namespace StartMeshRequest {

            /** Properties of a StartMeshRequest. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StartMeshRequest. */
            type $Shape = mesh.v1.StartMeshRequest.$Properties;
        }

        /**
         * Properties of a StopMeshRequest.
         * @deprecated Use mesh.v1.StopMeshRequest.$Properties instead.
         */
        interface IStopMeshRequest extends mesh.v1.StopMeshRequest.$Properties {
        }

        /** Represents a StopMeshRequest. */
        class StopMeshRequest {

            /**
             * Constructs a new StopMeshRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StopMeshRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified StopMeshRequest message. Does not implicitly {@link mesh.v1.StopMeshRequest.verify|verify} messages.
             * @param message StopMeshRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StopMeshRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StopMeshRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StopMeshRequest & mesh.v1.StopMeshRequest.$Shape} StopMeshRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StopMeshRequest & mesh.v1.StopMeshRequest.$Shape;
        }

        namespace StopMeshRequest {

            /** Properties of a StopMeshRequest. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StopMeshRequest. */
            type $Shape = mesh.v1.StopMeshRequest.$Properties;
        }

        /**
         * Properties of a GetMeshStatusRequest.
         * @deprecated Use mesh.v1.GetMeshStatusRequest.$Properties instead.
         */
        interface IGetMeshStatusRequest extends mesh.v1.GetMeshStatusRequest.$Properties {
        }

        /** Represents a GetMeshStatusRequest. */
        class GetMeshStatusRequest {

            /**
             * Constructs a new GetMeshStatusRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.GetMeshStatusRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetMeshStatusRequest tenantId. */
            tenantId: string;

            /**
             * Encodes the specified GetMeshStatusRequest message. Does not implicitly {@link mesh.v1.GetMeshStatusRequest.verify|verify} messages.
             * @param message GetMeshStatusRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.GetMeshStatusRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetMeshStatusRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.GetMeshStatusRequest & mesh.v1.GetMeshStatusRequest.$Shape} GetMeshStatusRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.GetMeshStatusRequest & mesh.v1.GetMeshStatusRequest.$Shape;
        }

        namespace GetMeshStatusRequest {

            /** Properties of a GetMeshStatusRequest. */
            interface $Properties {

                /** GetMeshStatusRequest tenantId */
                tenantId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetMeshStatusRequest. */
            type $Shape = mesh.v1.GetMeshStatusRequest.$Properties;
        }

        /**
         * Properties of a LeaveMeshRequest.
         * @deprecated Use mesh.v1.LeaveMeshRequest.$Properties instead.
         */
        interface ILeaveMeshRequest extends mesh.v1.LeaveMeshRequest.$Properties {
        }

        /** Represents a LeaveMeshRequest. */
        class LeaveMeshRequest {

            /**
             * Constructs a new LeaveMeshRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.LeaveMeshRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified LeaveMeshRequest message. Does not implicitly {@link mesh.v1.LeaveMeshRequest.verify|verify} messages.
             * @param message LeaveMeshRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.LeaveMeshRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LeaveMeshRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.LeaveMeshRequest & mesh.v1.LeaveMeshRequest.$Shape} LeaveMeshRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.LeaveMeshRequest & mesh.v1.LeaveMeshRequest.$Shape;
        }

        namespace LeaveMeshRequest {

            /** Properties of a LeaveMeshRequest. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LeaveMeshRequest. */
            type $Shape = mesh.v1.LeaveMeshRequest.$Properties;
        }

        /**
         * Properties of an EvictNodeRequest.
         * @deprecated Use mesh.v1.EvictNodeRequest.$Properties instead.
         */
        interface IEvictNodeRequest extends mesh.v1.EvictNodeRequest.$Properties {
        }

        /** Represents an EvictNodeRequest. */
        class EvictNodeRequest {

            /**
             * Constructs a new EvictNodeRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.EvictNodeRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** EvictNodeRequest nodeId. */
            nodeId: string;

            /**
             * Encodes the specified EvictNodeRequest message. Does not implicitly {@link mesh.v1.EvictNodeRequest.verify|verify} messages.
             * @param message EvictNodeRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.EvictNodeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EvictNodeRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.EvictNodeRequest & mesh.v1.EvictNodeRequest.$Shape} EvictNodeRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.EvictNodeRequest & mesh.v1.EvictNodeRequest.$Shape;
        }

        namespace EvictNodeRequest {

            /** Properties of an EvictNodeRequest. */
            interface $Properties {

                /** EvictNodeRequest nodeId */
                nodeId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EvictNodeRequest. */
            type $Shape = mesh.v1.EvictNodeRequest.$Properties;
        }

        /**
         * Properties of a RecoverMeshRequest.
         * @deprecated Use mesh.v1.RecoverMeshRequest.$Properties instead.
         */
        interface IRecoverMeshRequest extends mesh.v1.RecoverMeshRequest.$Properties {
        }

        /** Represents a RecoverMeshRequest. */
        class RecoverMeshRequest {

            /**
             * Constructs a new RecoverMeshRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.RecoverMeshRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RecoverMeshRequest execute. */
            execute: boolean;

            /** RecoverMeshRequest forgetIds. */
            forgetIds: string[];

            /** RecoverMeshRequest tenantId. */
            tenantId: string;

            /**
             * Encodes the specified RecoverMeshRequest message. Does not implicitly {@link mesh.v1.RecoverMeshRequest.verify|verify} messages.
             * @param message RecoverMeshRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.RecoverMeshRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecoverMeshRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.RecoverMeshRequest & mesh.v1.RecoverMeshRequest.$Shape} RecoverMeshRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.RecoverMeshRequest & mesh.v1.RecoverMeshRequest.$Shape;
        }

        namespace RecoverMeshRequest {

            /** Properties of a RecoverMeshRequest. */
            interface $Properties {

                /** RecoverMeshRequest execute */
                execute?: (boolean|null);

                /** RecoverMeshRequest forgetIds */
                forgetIds?: (string[]|null);

                /** RecoverMeshRequest tenantId */
                tenantId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecoverMeshRequest. */
            type $Shape = mesh.v1.RecoverMeshRequest.$Properties;
        }

        /**
         * Properties of a RecoverMeshResponse.
         * @deprecated Use mesh.v1.RecoverMeshResponse.$Properties instead.
         */
        interface IRecoverMeshResponse extends mesh.v1.RecoverMeshResponse.$Properties {
        }

        /** Represents a RecoverMeshResponse. */
        class RecoverMeshResponse {

            /**
             * Constructs a new RecoverMeshResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.RecoverMeshResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RecoverMeshResponse isDone. */
            isDone: boolean;

            /** RecoverMeshResponse generation. */
            generation: number;

            /** RecoverMeshResponse founders. */
            founders: mesh.v1.RecoveryMember.$Properties[];

            /** RecoverMeshResponse forgotten. */
            forgotten: mesh.v1.RecoveryMember.$Properties[];

            /** RecoverMeshResponse logEnd. */
            logEnd: number;

            /** RecoverMeshResponse committed. */
            committed: number;

            /** RecoverMeshResponse streams. */
            streams: mesh.v1.StreamLosses.$Properties[];

            /** RecoverMeshResponse otherStreamCount. */
            otherStreamCount: number;

            /**
             * Encodes the specified RecoverMeshResponse message. Does not implicitly {@link mesh.v1.RecoverMeshResponse.verify|verify} messages.
             * @param message RecoverMeshResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.RecoverMeshResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecoverMeshResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.RecoverMeshResponse & mesh.v1.RecoverMeshResponse.$Shape} RecoverMeshResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.RecoverMeshResponse & mesh.v1.RecoverMeshResponse.$Shape;
        }

        namespace RecoverMeshResponse {

            /** Properties of a RecoverMeshResponse. */
            interface $Properties {

                /** RecoverMeshResponse isDone */
                isDone?: (boolean|null);

                /** RecoverMeshResponse generation */
                generation?: (number|null);

                /** RecoverMeshResponse founders */
                founders?: (mesh.v1.RecoveryMember.$Properties[]|null);

                /** RecoverMeshResponse forgotten */
                forgotten?: (mesh.v1.RecoveryMember.$Properties[]|null);

                /** RecoverMeshResponse logEnd */
                logEnd?: (number|null);

                /** RecoverMeshResponse committed */
                committed?: (number|null);

                /** RecoverMeshResponse streams */
                streams?: (mesh.v1.StreamLosses.$Properties[]|null);

                /** RecoverMeshResponse otherStreamCount */
                otherStreamCount?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecoverMeshResponse. */
            type $Shape = mesh.v1.RecoverMeshResponse.$Properties;
        }

        /**
         * Properties of a RecoveryMember.
         * @deprecated Use mesh.v1.RecoveryMember.$Properties instead.
         */
        interface IRecoveryMember extends mesh.v1.RecoveryMember.$Properties {
        }

        /** Represents a RecoveryMember. */
        class RecoveryMember {

            /**
             * Constructs a new RecoveryMember.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.RecoveryMember.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RecoveryMember nodeId. */
            nodeId: string;

            /** RecoveryMember name. */
            name: string;

            /** RecoveryMember replica. */
            replica: number;

            /** RecoveryMember wasVoter. */
            wasVoter: boolean;

            /** RecoveryMember lastIndex. */
            lastIndex?: (number|null);

            /**
             * Encodes the specified RecoveryMember message. Does not implicitly {@link mesh.v1.RecoveryMember.verify|verify} messages.
             * @param message RecoveryMember message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.RecoveryMember.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecoveryMember message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.RecoveryMember & mesh.v1.RecoveryMember.$Shape} RecoveryMember
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.RecoveryMember & mesh.v1.RecoveryMember.$Shape;
        }

        namespace RecoveryMember {

            /** Properties of a RecoveryMember. */
            interface $Properties {

                /** RecoveryMember nodeId */
                nodeId?: (string|null);

                /** RecoveryMember name */
                name?: (string|null);

                /** RecoveryMember replica */
                replica?: (number|null);

                /** RecoveryMember wasVoter */
                wasVoter?: (boolean|null);

                /** RecoveryMember lastIndex */
                lastIndex?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecoveryMember. */
            type $Shape = mesh.v1.RecoveryMember.$Properties;
        }

        /**
         * Properties of a StreamLosses.
         * @deprecated Use mesh.v1.StreamLosses.$Properties instead.
         */
        interface IStreamLosses extends mesh.v1.StreamLosses.$Properties {
        }

        /** Represents a StreamLosses. */
        class StreamLosses {

            /**
             * Constructs a new StreamLosses.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamLosses.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamLosses streamId. */
            streamId: string;

            /** StreamLosses name. */
            name: string;

            /** StreamLosses sourceId. */
            sourceId: string;

            /** StreamLosses lostTargetIds. */
            lostTargetIds: string[];

            /** StreamLosses isOrphaned. */
            isOrphaned: boolean;

            /** StreamLosses isResealed. */
            isResealed: boolean;

            /** StreamLosses isSourceLost. */
            isSourceLost: boolean;

            /** StreamLosses needsConsent. */
            needsConsent: boolean;

            /**
             * Encodes the specified StreamLosses message. Does not implicitly {@link mesh.v1.StreamLosses.verify|verify} messages.
             * @param message StreamLosses message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamLosses.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamLosses message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamLosses & mesh.v1.StreamLosses.$Shape} StreamLosses
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamLosses & mesh.v1.StreamLosses.$Shape;
        }

        namespace StreamLosses {

            /** Properties of a StreamLosses. */
            interface $Properties {

                /** StreamLosses streamId */
                streamId?: (string|null);

                /** StreamLosses name */
                name?: (string|null);

                /** StreamLosses sourceId */
                sourceId?: (string|null);

                /** StreamLosses lostTargetIds */
                lostTargetIds?: (string[]|null);

                /** StreamLosses isOrphaned */
                isOrphaned?: (boolean|null);

                /** StreamLosses isResealed */
                isResealed?: (boolean|null);

                /** StreamLosses isSourceLost */
                isSourceLost?: (boolean|null);

                /** StreamLosses needsConsent */
                needsConsent?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamLosses. */
            type $Shape = mesh.v1.StreamLosses.$Properties;
        }

        /**
         * Properties of a SuccessStatus.
         * @deprecated Use mesh.v1.SuccessStatus.$Properties instead.
         */
        interface ISuccessStatus extends mesh.v1.SuccessStatus.$Properties {
        }

        /** Represents a SuccessStatus. */
        class SuccessStatus {

            /**
             * Constructs a new SuccessStatus.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.SuccessStatus.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SuccessStatus revision. */
            revision: number;

            /**
             * Encodes the specified SuccessStatus message. Does not implicitly {@link mesh.v1.SuccessStatus.verify|verify} messages.
             * @param message SuccessStatus message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.SuccessStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SuccessStatus message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.SuccessStatus & mesh.v1.SuccessStatus.$Shape} SuccessStatus
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.SuccessStatus & mesh.v1.SuccessStatus.$Shape;
        }

        namespace SuccessStatus {

            /** Properties of a SuccessStatus. */
            interface $Properties {

                /** SuccessStatus revision */
                revision?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SuccessStatus. */
            type $Shape = mesh.v1.SuccessStatus.$Properties;
        }

        /** MeshState enum. */
        enum MeshState {

            /** MESH_STATE_UNSPECIFIED value */
            MESH_STATE_UNSPECIFIED = 0,

            /** MESH_STATE_HEALTHY value */
            MESH_STATE_HEALTHY = 1,

            /** MESH_STATE_DEGRADED value */
            MESH_STATE_DEGRADED = 2,

            /** MESH_STATE_CRITICAL value */
            MESH_STATE_CRITICAL = 3
        }

        /** Liveness enum. */
        enum Liveness {

            /** LIVENESS_UNSPECIFIED value */
            LIVENESS_UNSPECIFIED = 0,

            /** LIVENESS_ALIVE value */
            LIVENESS_ALIVE = 1,

            /** LIVENESS_SUSPECT value */
            LIVENESS_SUSPECT = 2,

            /** LIVENESS_FAILED value */
            LIVENESS_FAILED = 3,

            /** LIVENESS_LEFT value */
            LIVENESS_LEFT = 4
        }

        /** MemberRole enum. */
        enum MemberRole {

            /** MEMBER_ROLE_UNSPECIFIED value */
            MEMBER_ROLE_UNSPECIFIED = 0,

            /** MEMBER_ROLE_LEADER value */
            MEMBER_ROLE_LEADER = 1,

            /** MEMBER_ROLE_VOTER value */
            MEMBER_ROLE_VOTER = 2,

            /** MEMBER_ROLE_LEARNER value */
            MEMBER_ROLE_LEARNER = 3
        }

        /** GroupKind enum. */
        enum GroupKind {

            /** GROUP_KIND_UNSPECIFIED value */
            GROUP_KIND_UNSPECIFIED = 0,

            /** GROUP_KIND_MCG value */
            GROUP_KIND_MCG = 1,

            /** GROUP_KIND_DSG value */
            GROUP_KIND_DSG = 2,

            /** GROUP_KIND_UPDATES value */
            GROUP_KIND_UPDATES = 3
        }

        /** GroupRole enum. */
        enum GroupRole {

            /** GROUP_ROLE_UNSPECIFIED value */
            GROUP_ROLE_UNSPECIFIED = 0,

            /** GROUP_ROLE_FOLLOWER value */
            GROUP_ROLE_FOLLOWER = 1,

            /** GROUP_ROLE_PRE_CANDIDATE value */
            GROUP_ROLE_PRE_CANDIDATE = 2,

            /** GROUP_ROLE_CANDIDATE value */
            GROUP_ROLE_CANDIDATE = 3,

            /** GROUP_ROLE_LEADER value */
            GROUP_ROLE_LEADER = 4,

            /** GROUP_ROLE_LEARNER value */
            GROUP_ROLE_LEARNER = 5
        }

        /** Standing enum. */
        enum Standing {

            /** STANDING_UNSPECIFIED value */
            STANDING_UNSPECIFIED = 0,

            /** STANDING_MEMBER value */
            STANDING_MEMBER = 1,

            /** STANDING_LEFT value */
            STANDING_LEFT = 2,

            /** STANDING_EVICTED value */
            STANDING_EVICTED = 3
        }

        /**
         * Properties of a MeshStatus.
         * @deprecated Use mesh.v1.MeshStatus.$Properties instead.
         */
        interface IMeshStatus extends mesh.v1.MeshStatus.$Properties {
        }

        /** Represents a MeshStatus. */
        class MeshStatus {

            /**
             * Constructs a new MeshStatus.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MeshStatus.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MeshStatus node. */
            node?: (mesh.v1.NodeInfo.$Properties|null);

            /** MeshStatus mesh. */
            mesh?: (mesh.v1.Mesh.$Properties|null);

            /** MeshStatus links. */
            links: mesh.v1.Link.$Properties[];

            /** MeshStatus groups. */
            groups: mesh.v1.Group.$Properties[];

            /** MeshStatus streams. */
            streams: mesh.v1.Stream.$Properties[];

            /** MeshStatus counters. */
            counters: { [k: string]: number };

            /** MeshStatus updates. */
            updates: mesh.v1.UpdateLog.$Properties[];

            /** MeshStatus tenants. */
            tenants: mesh.v1.Tenant.$Properties[];

            /**
             * Encodes the specified MeshStatus message. Does not implicitly {@link mesh.v1.MeshStatus.verify|verify} messages.
             * @param message MeshStatus message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MeshStatus.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MeshStatus message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MeshStatus & mesh.v1.MeshStatus.$Shape} MeshStatus
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MeshStatus & mesh.v1.MeshStatus.$Shape;
        }

        namespace MeshStatus {

            /** Properties of a MeshStatus. */
            interface $Properties {

                /** MeshStatus node */
                node?: (mesh.v1.NodeInfo.$Properties|null);

                /** MeshStatus mesh */
                mesh?: (mesh.v1.Mesh.$Properties|null);

                /** MeshStatus links */
                links?: (mesh.v1.Link.$Properties[]|null);

                /** MeshStatus groups */
                groups?: (mesh.v1.Group.$Properties[]|null);

                /** MeshStatus streams */
                streams?: (mesh.v1.Stream.$Properties[]|null);

                /** MeshStatus counters */
                counters?: ({ [k: string]: number }|null);

                /** MeshStatus updates */
                updates?: (mesh.v1.UpdateLog.$Properties[]|null);

                /** MeshStatus tenants */
                tenants?: (mesh.v1.Tenant.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MeshStatus. */
            type $Shape = mesh.v1.MeshStatus.$Properties;
        }

        /**
         * Properties of a Tenant.
         * @deprecated Use mesh.v1.Tenant.$Properties instead.
         */
        interface ITenant extends mesh.v1.Tenant.$Properties {
        }

        /** Represents a Tenant. */
        class Tenant {

            /**
             * Constructs a new Tenant.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Tenant.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Tenant id. */
            id: string;

            /** Tenant streams. */
            streams: number;

            /** Tenant subscribers. */
            subscribers: number;

            /** Tenant stagedBytes. */
            stagedBytes: number;

            /** Tenant waitingBytes. */
            waitingBytes: number;

            /** Tenant refused. */
            refused: number;

            /** Tenant delayed. */
            delayed: number;

            /** Tenant quota. */
            quota?: (mesh.v1.TenantQuota.$Properties|null);

            /**
             * Encodes the specified Tenant message. Does not implicitly {@link mesh.v1.Tenant.verify|verify} messages.
             * @param message Tenant message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Tenant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Tenant message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Tenant & mesh.v1.Tenant.$Shape} Tenant
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Tenant & mesh.v1.Tenant.$Shape;
        }

        namespace Tenant {

            /** Properties of a Tenant. */
            interface $Properties {

                /** Tenant id */
                id?: (string|null);

                /** Tenant streams */
                streams?: (number|null);

                /** Tenant subscribers */
                subscribers?: (number|null);

                /** Tenant stagedBytes */
                stagedBytes?: (number|null);

                /** Tenant waitingBytes */
                waitingBytes?: (number|null);

                /** Tenant refused */
                refused?: (number|null);

                /** Tenant delayed */
                delayed?: (number|null);

                /** Tenant quota */
                quota?: (mesh.v1.TenantQuota.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Tenant. */
            type $Shape = mesh.v1.Tenant.$Properties;
        }

        /**
         * Properties of a TenantQuota.
         * @deprecated Use mesh.v1.TenantQuota.$Properties instead.
         */
        interface ITenantQuota extends mesh.v1.TenantQuota.$Properties {
        }

        /** Represents a TenantQuota. */
        class TenantQuota {

            /**
             * Constructs a new TenantQuota.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.TenantQuota.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TenantQuota streams. */
            streams: number;

            /** TenantQuota stagedBytes. */
            stagedBytes: number;

            /** TenantQuota messagesPerSecond. */
            messagesPerSecond: number;

            /** TenantQuota bytesPerSecond. */
            bytesPerSecond: number;

            /** TenantQuota subscribers. */
            subscribers: number;

            /** TenantQuota weight. */
            weight: number;

            /**
             * Encodes the specified TenantQuota message. Does not implicitly {@link mesh.v1.TenantQuota.verify|verify} messages.
             * @param message TenantQuota message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.TenantQuota.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TenantQuota message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.TenantQuota & mesh.v1.TenantQuota.$Shape} TenantQuota
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.TenantQuota & mesh.v1.TenantQuota.$Shape;
        }

        namespace TenantQuota {

            /** Properties of a TenantQuota. */
            interface $Properties {

                /** TenantQuota streams */
                streams?: (number|null);

                /** TenantQuota stagedBytes */
                stagedBytes?: (number|null);

                /** TenantQuota messagesPerSecond */
                messagesPerSecond?: (number|null);

                /** TenantQuota bytesPerSecond */
                bytesPerSecond?: (number|null);

                /** TenantQuota subscribers */
                subscribers?: (number|null);

                /** TenantQuota weight */
                weight?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TenantQuota. */
            type $Shape = mesh.v1.TenantQuota.$Properties;
        }

        /**
         * Properties of a NodeInfo.
         * @deprecated Use mesh.v1.NodeInfo.$Properties instead.
         */
        interface INodeInfo extends mesh.v1.NodeInfo.$Properties {
        }

        /** Represents a NodeInfo. */
        class NodeInfo {

            /**
             * Constructs a new NodeInfo.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.NodeInfo.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** NodeInfo id. */
            id: string;

            /** NodeInfo name. */
            name: string;

            /** NodeInfo replica. */
            replica: number;

            /** NodeInfo bootCounter. */
            bootCounter: number;

            /**
             * Encodes the specified NodeInfo message. Does not implicitly {@link mesh.v1.NodeInfo.verify|verify} messages.
             * @param message NodeInfo message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.NodeInfo.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NodeInfo message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.NodeInfo & mesh.v1.NodeInfo.$Shape} NodeInfo
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.NodeInfo & mesh.v1.NodeInfo.$Shape;
        }

        namespace NodeInfo {

            /** Properties of a NodeInfo. */
            interface $Properties {

                /** NodeInfo id */
                id?: (string|null);

                /** NodeInfo name */
                name?: (string|null);

                /** NodeInfo replica */
                replica?: (number|null);

                /** NodeInfo bootCounter */
                bootCounter?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NodeInfo. */
            type $Shape = mesh.v1.NodeInfo.$Properties;
        }

        /**
         * Properties of a Mesh.
         * @deprecated Use mesh.v1.Mesh.$Properties instead.
         */
        interface IMesh extends mesh.v1.Mesh.$Properties {
        }

        /** Represents a Mesh. */
        class Mesh {

            /**
             * Constructs a new Mesh.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Mesh.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Mesh id. */
            id: string;

            /** Mesh name. */
            name: string;

            /** Mesh description. */
            description: string;

            /** Mesh joinPolicy. */
            joinPolicy: mesh.v1.JoinPolicy;

            /** Mesh isStopped. */
            isStopped: boolean;

            /** Mesh state. */
            state: mesh.v1.MeshState;

            /** Mesh generationTag. */
            generationTag: number;

            /** Mesh members. */
            members: mesh.v1.Member.$Properties[];

            /** Mesh standing. */
            standing: mesh.v1.Standing;

            /** Mesh generation. */
            generation: number;

            /**
             * Encodes the specified Mesh message. Does not implicitly {@link mesh.v1.Mesh.verify|verify} messages.
             * @param message Mesh message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Mesh.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Mesh message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Mesh & mesh.v1.Mesh.$Shape} Mesh
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Mesh & mesh.v1.Mesh.$Shape;
        }

        namespace Mesh {

            /** Properties of a Mesh. */
            interface $Properties {

                /** Mesh id */
                id?: (string|null);

                /** Mesh name */
                name?: (string|null);

                /** Mesh description */
                description?: (string|null);

                /** Mesh joinPolicy */
                joinPolicy?: (mesh.v1.JoinPolicy|null);

                /** Mesh isStopped */
                isStopped?: (boolean|null);

                /** Mesh state */
                state?: (mesh.v1.MeshState|null);

                /** Mesh generationTag */
                generationTag?: (number|null);

                /** Mesh members */
                members?: (mesh.v1.Member.$Properties[]|null);

                /** Mesh standing */
                standing?: (mesh.v1.Standing|null);

                /** Mesh generation */
                generation?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Mesh. */
            type $Shape = mesh.v1.Mesh.$Properties;
        }

        /**
         * Properties of a Member.
         * @deprecated Use mesh.v1.Member.$Properties instead.
         */
        interface IMember extends mesh.v1.Member.$Properties {
        }

        /** Represents a Member. */
        class Member {

            /**
             * Constructs a new Member.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Member.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Member id. */
            id: string;

            /** Member name. */
            name: string;

            /** Member index. */
            index: number;

            /** Member replica. */
            replica: number;

            /** Member liveness. */
            liveness: mesh.v1.Liveness;

            /** Member incarnation. */
            incarnation: number;

            /** Member role. */
            role: mesh.v1.MemberRole;

            /** Member route. */
            route: string[];

            /** Member rttUs. */
            rttUs?: (number|null);

            /**
             * Encodes the specified Member message. Does not implicitly {@link mesh.v1.Member.verify|verify} messages.
             * @param message Member message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Member.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Member message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Member & mesh.v1.Member.$Shape} Member
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Member & mesh.v1.Member.$Shape;
        }

        namespace Member {

            /** Properties of a Member. */
            interface $Properties {

                /** Member id */
                id?: (string|null);

                /** Member name */
                name?: (string|null);

                /** Member index */
                index?: (number|null);

                /** Member replica */
                replica?: (number|null);

                /** Member liveness */
                liveness?: (mesh.v1.Liveness|null);

                /** Member incarnation */
                incarnation?: (number|null);

                /** Member role */
                role?: (mesh.v1.MemberRole|null);

                /** Member route */
                route?: (string[]|null);

                /** Member rttUs */
                rttUs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Member. */
            type $Shape = mesh.v1.Member.$Properties;
        }

        /**
         * Properties of a Link.
         * @deprecated Use mesh.v1.Link.$Properties instead.
         */
        interface ILink extends mesh.v1.Link.$Properties {
        }

        /** Represents a Link. */
        class Link {

            /**
             * Constructs a new Link.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Link.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Link peerId. */
            peerId: string;

            /** Link isProvisional. */
            isProvisional: boolean;

            /** Link rttUs. */
            rttUs: number;

            /** Link laneCount. */
            laneCount: number;

            /** Link queuedBytes. */
            queuedBytes: number;

            /** Link dialledByUs. */
            dialledByUs: boolean;

            /**
             * Encodes the specified Link message. Does not implicitly {@link mesh.v1.Link.verify|verify} messages.
             * @param message Link message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Link.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Link message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Link & mesh.v1.Link.$Shape} Link
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Link & mesh.v1.Link.$Shape;
        }

        namespace Link {

            /** Properties of a Link. */
            interface $Properties {

                /** Link peerId */
                peerId?: (string|null);

                /** Link isProvisional */
                isProvisional?: (boolean|null);

                /** Link rttUs */
                rttUs?: (number|null);

                /** Link laneCount */
                laneCount?: (number|null);

                /** Link queuedBytes */
                queuedBytes?: (number|null);

                /** Link dialledByUs */
                dialledByUs?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Link. */
            type $Shape = mesh.v1.Link.$Properties;
        }

        /**
         * Properties of a Group.
         * @deprecated Use mesh.v1.Group.$Properties instead.
         */
        interface IGroup extends mesh.v1.Group.$Properties {
        }

        /** Represents a Group. */
        class Group {

            /**
             * Constructs a new Group.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Group.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Group id. */
            id: string;

            /** Group kind. */
            kind: mesh.v1.GroupKind;

            /** Group role. */
            role: mesh.v1.GroupRole;

            /** Group term. */
            term: number;

            /** Group leaderId. */
            leaderId: string;

            /** Group firstIndex. */
            firstIndex: number;

            /** Group lastIndex. */
            lastIndex: number;

            /** Group commitIndex. */
            commitIndex: number;

            /** Group appliedIndex. */
            appliedIndex: number;

            /**
             * Encodes the specified Group message. Does not implicitly {@link mesh.v1.Group.verify|verify} messages.
             * @param message Group message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Group.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Group message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Group & mesh.v1.Group.$Shape} Group
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Group & mesh.v1.Group.$Shape;
        }

        namespace Group {

            /** Properties of a Group. */
            interface $Properties {

                /** Group id */
                id?: (string|null);

                /** Group kind */
                kind?: (mesh.v1.GroupKind|null);

                /** Group role */
                role?: (mesh.v1.GroupRole|null);

                /** Group term */
                term?: (number|null);

                /** Group leaderId */
                leaderId?: (string|null);

                /** Group firstIndex */
                firstIndex?: (number|null);

                /** Group lastIndex */
                lastIndex?: (number|null);

                /** Group commitIndex */
                commitIndex?: (number|null);

                /** Group appliedIndex */
                appliedIndex?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Group. */
            type $Shape = mesh.v1.Group.$Properties;
        }

        /**
         * Properties of a Stream.
         * @deprecated Use mesh.v1.Stream.$Properties instead.
         */
        interface IStream extends mesh.v1.Stream.$Properties {
        }

        /** Represents a Stream. */
        class Stream {

            /**
             * Constructs a new Stream.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Stream.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Stream id. */
            id: string;

            /** Stream tenantId. */
            tenantId: string;

            /** Stream name. */
            name: string;

            /** Stream sourceId. */
            sourceId: string;

            /** Stream qos. */
            qos: mesh.v1.QosClass;

            /** Stream priority. */
            priority: number;

            /** Stream isClosed. */
            isClosed: boolean;

            /** Stream accepted. */
            accepted: number;

            /** Stream replicated. */
            replicated: number;

            /** Stream completed. */
            completed: number;

            /** Stream targets. */
            targets: mesh.v1.StreamTarget.$Properties[];

            /** Stream outstandingBytes. */
            outstandingBytes: number;

            /** Stream isOrphaned. */
            isOrphaned: boolean;

            /** Stream released. */
            released: number;

            /** Stream checkpoints. */
            checkpoints: mesh.v1.Checkpoint.$Properties[];

            /** Stream isSourceLost. */
            isSourceLost: boolean;

            /** Stream generation. */
            generation: number;

            /** Stream isSealed. */
            isSealed: boolean;

            /** Stream loss. */
            loss: mesh.v1.StreamLoss;

            /**
             * Encodes the specified Stream message. Does not implicitly {@link mesh.v1.Stream.verify|verify} messages.
             * @param message Stream message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Stream.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Stream message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Stream & mesh.v1.Stream.$Shape} Stream
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Stream & mesh.v1.Stream.$Shape;
        }

        namespace Stream {

            /** Properties of a Stream. */
            interface $Properties {

                /** Stream id */
                id?: (string|null);

                /** Stream tenantId */
                tenantId?: (string|null);

                /** Stream name */
                name?: (string|null);

                /** Stream sourceId */
                sourceId?: (string|null);

                /** Stream qos */
                qos?: (mesh.v1.QosClass|null);

                /** Stream priority */
                priority?: (number|null);

                /** Stream isClosed */
                isClosed?: (boolean|null);

                /** Stream accepted */
                accepted?: (number|null);

                /** Stream replicated */
                replicated?: (number|null);

                /** Stream completed */
                completed?: (number|null);

                /** Stream targets */
                targets?: (mesh.v1.StreamTarget.$Properties[]|null);

                /** Stream outstandingBytes */
                outstandingBytes?: (number|null);

                /** Stream isOrphaned */
                isOrphaned?: (boolean|null);

                /** Stream released */
                released?: (number|null);

                /** Stream checkpoints */
                checkpoints?: (mesh.v1.Checkpoint.$Properties[]|null);

                /** Stream isSourceLost */
                isSourceLost?: (boolean|null);

                /** Stream generation */
                generation?: (number|null);

                /** Stream isSealed */
                isSealed?: (boolean|null);

                /** Stream loss */
                loss?: (mesh.v1.StreamLoss|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Stream. */
            type $Shape = mesh.v1.Stream.$Properties;
        }

        /**
         * Properties of a Checkpoint.
         * @deprecated Use mesh.v1.Checkpoint.$Properties instead.
         */
        interface ICheckpoint extends mesh.v1.Checkpoint.$Properties {
        }

        /** Represents a Checkpoint. */
        class Checkpoint {

            /**
             * Constructs a new Checkpoint.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Checkpoint.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Checkpoint name. */
            name: string;

            /** Checkpoint seq. */
            seq: number;

            /** Checkpoint setById. */
            setById: string;

            /** Checkpoint setAtMs. */
            setAtMs: number;

            /**
             * Encodes the specified Checkpoint message. Does not implicitly {@link mesh.v1.Checkpoint.verify|verify} messages.
             * @param message Checkpoint message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Checkpoint.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Checkpoint message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Checkpoint & mesh.v1.Checkpoint.$Shape} Checkpoint
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Checkpoint & mesh.v1.Checkpoint.$Shape;
        }

        namespace Checkpoint {

            /** Properties of a Checkpoint. */
            interface $Properties {

                /** Checkpoint name */
                name?: (string|null);

                /** Checkpoint seq */
                seq?: (number|null);

                /** Checkpoint setById */
                setById?: (string|null);

                /** Checkpoint setAtMs */
                setAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Checkpoint. */
            type $Shape = mesh.v1.Checkpoint.$Properties;
        }

        /** StreamLoss enum. */
        enum StreamLoss {

            /** STREAM_LOSS_UNSPECIFIED value */
            STREAM_LOSS_UNSPECIFIED = 0,

            /** STREAM_LOSS_WHOLE value */
            STREAM_LOSS_WHOLE = 1,

            /** STREAM_LOSS_RESEAL value */
            STREAM_LOSS_RESEAL = 2,

            /** STREAM_LOSS_CONSENT value */
            STREAM_LOSS_CONSENT = 3,

            /** STREAM_LOSS_GONE value */
            STREAM_LOSS_GONE = 4
        }

        /**
         * Properties of a StreamTarget.
         * @deprecated Use mesh.v1.StreamTarget.$Properties instead.
         */
        interface IStreamTarget extends mesh.v1.StreamTarget.$Properties {
        }

        /** Represents a StreamTarget. */
        class StreamTarget {

            /**
             * Constructs a new StreamTarget.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamTarget.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamTarget nodeId. */
            nodeId: string;

            /** StreamTarget settled. */
            settled: number;

            /** StreamTarget isSubscribed. */
            isSubscribed?: (boolean|null);

            /** StreamTarget status. */
            status: mesh.v1.TargetStatus;

            /** StreamTarget isOptional. */
            isOptional: boolean;

            /** StreamTarget start. */
            start: number;

            /** StreamTarget isPaused. */
            isPaused: boolean;

            /** StreamTarget messagesPerSecond. */
            messagesPerSecond: number;

            /** StreamTarget bytesPerSecond. */
            bytesPerSecond: number;

            /**
             * Encodes the specified StreamTarget message. Does not implicitly {@link mesh.v1.StreamTarget.verify|verify} messages.
             * @param message StreamTarget message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamTarget.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamTarget message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamTarget & mesh.v1.StreamTarget.$Shape} StreamTarget
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamTarget & mesh.v1.StreamTarget.$Shape;
        }

        namespace StreamTarget {

            /** Properties of a StreamTarget. */
            interface $Properties {

                /** StreamTarget nodeId */
                nodeId?: (string|null);

                /** StreamTarget settled */
                settled?: (number|null);

                /** StreamTarget isSubscribed */
                isSubscribed?: (boolean|null);

                /** StreamTarget status */
                status?: (mesh.v1.TargetStatus|null);

                /** StreamTarget isOptional */
                isOptional?: (boolean|null);

                /** StreamTarget start */
                start?: (number|null);

                /** StreamTarget isPaused */
                isPaused?: (boolean|null);

                /** StreamTarget messagesPerSecond */
                messagesPerSecond?: (number|null);

                /** StreamTarget bytesPerSecond */
                bytesPerSecond?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamTarget. */
            type $Shape = mesh.v1.StreamTarget.$Properties;
        }

        /** TargetStatus enum. */
        enum TargetStatus {

            /** TARGET_STATUS_UNSPECIFIED value */
            TARGET_STATUS_UNSPECIFIED = 0,

            /** TARGET_STATUS_ATTACHED value */
            TARGET_STATUS_ATTACHED = 1,

            /** TARGET_STATUS_DETACHED value */
            TARGET_STATUS_DETACHED = 2,

            /** TARGET_STATUS_LAPSED value */
            TARGET_STATUS_LAPSED = 3
        }

        /** MeshEventKind enum. */
        enum MeshEventKind {

            /** MESH_EVENT_KIND_UNSPECIFIED value */
            MESH_EVENT_KIND_UNSPECIFIED = 0,

            /** MESH_EVENT_KIND_MEMBER_JOINED value */
            MESH_EVENT_KIND_MEMBER_JOINED = 1,

            /** MESH_EVENT_KIND_MEMBER_LIVENESS value */
            MESH_EVENT_KIND_MEMBER_LIVENESS = 2,

            /** MESH_EVENT_KIND_LINK_UP value */
            MESH_EVENT_KIND_LINK_UP = 3,

            /** MESH_EVENT_KIND_LINK_DOWN value */
            MESH_EVENT_KIND_LINK_DOWN = 4,

            /** MESH_EVENT_KIND_TOPOLOGY_CHANGED value */
            MESH_EVENT_KIND_TOPOLOGY_CHANGED = 5,

            /** MESH_EVENT_KIND_LEADER_CHANGED value */
            MESH_EVENT_KIND_LEADER_CHANGED = 6,

            /** MESH_EVENT_KIND_STREAM_OPENED value */
            MESH_EVENT_KIND_STREAM_OPENED = 7,

            /** MESH_EVENT_KIND_STREAM_CLOSED value */
            MESH_EVENT_KIND_STREAM_CLOSED = 8,

            /** MESH_EVENT_KIND_MESH_STATE value */
            MESH_EVENT_KIND_MESH_STATE = 9,

            /** MESH_EVENT_KIND_DELIVERY_BLOCKED value */
            MESH_EVENT_KIND_DELIVERY_BLOCKED = 30,

            /** MESH_EVENT_KIND_DEAD_LETTERED value */
            MESH_EVENT_KIND_DEAD_LETTERED = 31,

            /** MESH_EVENT_KIND_STREAM_DELETED value */
            MESH_EVENT_KIND_STREAM_DELETED = 60,

            /** MESH_EVENT_KIND_STREAM_WATERMARKS value */
            MESH_EVENT_KIND_STREAM_WATERMARKS = 61,

            /** MESH_EVENT_KIND_MEMBER_DEPARTED value */
            MESH_EVENT_KIND_MEMBER_DEPARTED = 20,

            /** MESH_EVENT_KIND_CONFIGURATION_CHANGED value */
            MESH_EVENT_KIND_CONFIGURATION_CHANGED = 42,

            /** MESH_EVENT_KIND_GENERATION_FOUNDED value */
            MESH_EVENT_KIND_GENERATION_FOUNDED = 50,

            /** MESH_EVENT_KIND_STREAM_RECOVERY value */
            MESH_EVENT_KIND_STREAM_RECOVERY = 70
        }

        /**
         * Properties of an EventFilter.
         * @deprecated Use mesh.v1.EventFilter.$Properties instead.
         */
        interface IEventFilter extends mesh.v1.EventFilter.$Properties {
        }

        /** Represents an EventFilter. */
        class EventFilter {

            /**
             * Constructs a new EventFilter.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.EventFilter.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** EventFilter kinds. */
            kinds: mesh.v1.MeshEventKind[];

            /** EventFilter afterSequence. */
            afterSequence: number;

            /** EventFilter tenantId. */
            tenantId: string;

            /**
             * Encodes the specified EventFilter message. Does not implicitly {@link mesh.v1.EventFilter.verify|verify} messages.
             * @param message EventFilter message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.EventFilter.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an EventFilter message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.EventFilter & mesh.v1.EventFilter.$Shape} EventFilter
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.EventFilter & mesh.v1.EventFilter.$Shape;
        }

        namespace EventFilter {

            /** Properties of an EventFilter. */
            interface $Properties {

                /** EventFilter kinds */
                kinds?: (mesh.v1.MeshEventKind[]|null);

                /** EventFilter afterSequence */
                afterSequence?: (number|null);

                /** EventFilter tenantId */
                tenantId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an EventFilter. */
            type $Shape = mesh.v1.EventFilter.$Properties;
        }

        /**
         * Properties of a MeshEvent.
         * @deprecated Use mesh.v1.MeshEvent.$Properties instead.
         */
        interface IMeshEvent extends mesh.v1.MeshEvent.$Properties {
        }

        /** Represents a MeshEvent. */
        class MeshEvent {

            /**
             * Constructs a new MeshEvent.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MeshEvent.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MeshEvent sequence. */
            sequence: number;

            /** MeshEvent memberJoined. */
            memberJoined?: (mesh.v1.MemberJoined.$Properties|null);

            /** MeshEvent memberLiveness. */
            memberLiveness?: (mesh.v1.MemberLiveness.$Properties|null);

            /** MeshEvent linkUp. */
            linkUp?: (mesh.v1.LinkUp.$Properties|null);

            /** MeshEvent linkDown. */
            linkDown?: (mesh.v1.LinkDown.$Properties|null);

            /** MeshEvent topologyChanged. */
            topologyChanged?: (mesh.v1.TopologyChanged.$Properties|null);

            /** MeshEvent leaderChanged. */
            leaderChanged?: (mesh.v1.LeaderChanged.$Properties|null);

            /** MeshEvent streamOpened. */
            streamOpened?: (mesh.v1.StreamOpened.$Properties|null);

            /** MeshEvent streamClosed. */
            streamClosed?: (mesh.v1.StreamClosed.$Properties|null);

            /** MeshEvent meshState. */
            meshState?: (mesh.v1.MeshStateChanged.$Properties|null);

            /** MeshEvent deliveryBlocked. */
            deliveryBlocked?: (mesh.v1.MessageFailed.$Properties|null);

            /** MeshEvent deadLettered. */
            deadLettered?: (mesh.v1.MessageFailed.$Properties|null);

            /** MeshEvent streamDeleted. */
            streamDeleted?: (mesh.v1.StreamDeleted.$Properties|null);

            /** MeshEvent streamWatermarks. */
            streamWatermarks?: (mesh.v1.StreamWatermarks.$Properties|null);

            /** MeshEvent memberDeparted. */
            memberDeparted?: (mesh.v1.MemberDeparted.$Properties|null);

            /** MeshEvent configurationChanged. */
            configurationChanged?: (mesh.v1.ConfigurationChanged.$Properties|null);

            /** MeshEvent generationFounded. */
            generationFounded?: (mesh.v1.GenerationFounded.$Properties|null);

            /** MeshEvent streamRecovery. */
            streamRecovery?: (mesh.v1.StreamRecovery.$Properties|null);

            /** MeshEvent event. */
            event?: ("memberJoined"|"memberLiveness"|"linkUp"|"linkDown"|"topologyChanged"|"leaderChanged"|"streamOpened"|"streamClosed"|"meshState"|"deliveryBlocked"|"deadLettered"|"streamDeleted"|"streamWatermarks"|"memberDeparted"|"configurationChanged"|"generationFounded"|"streamRecovery");

            /**
             * Encodes the specified MeshEvent message. Does not implicitly {@link mesh.v1.MeshEvent.verify|verify} messages.
             * @param message MeshEvent message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MeshEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MeshEvent message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MeshEvent & mesh.v1.MeshEvent.$Shape} MeshEvent
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MeshEvent & mesh.v1.MeshEvent.$Shape;
        }

        namespace MeshEvent {

            /** Properties of a MeshEvent. */
            interface $Properties {

                /** MeshEvent sequence */
                sequence?: (number|null);

                /** MeshEvent memberJoined */
                memberJoined?: (mesh.v1.MemberJoined.$Properties|null);

                /** MeshEvent memberLiveness */
                memberLiveness?: (mesh.v1.MemberLiveness.$Properties|null);

                /** MeshEvent linkUp */
                linkUp?: (mesh.v1.LinkUp.$Properties|null);

                /** MeshEvent linkDown */
                linkDown?: (mesh.v1.LinkDown.$Properties|null);

                /** MeshEvent topologyChanged */
                topologyChanged?: (mesh.v1.TopologyChanged.$Properties|null);

                /** MeshEvent leaderChanged */
                leaderChanged?: (mesh.v1.LeaderChanged.$Properties|null);

                /** MeshEvent streamOpened */
                streamOpened?: (mesh.v1.StreamOpened.$Properties|null);

                /** MeshEvent streamClosed */
                streamClosed?: (mesh.v1.StreamClosed.$Properties|null);

                /** MeshEvent meshState */
                meshState?: (mesh.v1.MeshStateChanged.$Properties|null);

                /** MeshEvent deliveryBlocked */
                deliveryBlocked?: (mesh.v1.MessageFailed.$Properties|null);

                /** MeshEvent deadLettered */
                deadLettered?: (mesh.v1.MessageFailed.$Properties|null);

                /** MeshEvent streamDeleted */
                streamDeleted?: (mesh.v1.StreamDeleted.$Properties|null);

                /** MeshEvent streamWatermarks */
                streamWatermarks?: (mesh.v1.StreamWatermarks.$Properties|null);

                /** MeshEvent memberDeparted */
                memberDeparted?: (mesh.v1.MemberDeparted.$Properties|null);

                /** MeshEvent configurationChanged */
                configurationChanged?: (mesh.v1.ConfigurationChanged.$Properties|null);

                /** MeshEvent generationFounded */
                generationFounded?: (mesh.v1.GenerationFounded.$Properties|null);

                /** MeshEvent streamRecovery */
                streamRecovery?: (mesh.v1.StreamRecovery.$Properties|null);

                /** MeshEvent event */
                event?: ("memberJoined"|"memberLiveness"|"linkUp"|"linkDown"|"topologyChanged"|"leaderChanged"|"streamOpened"|"streamClosed"|"meshState"|"deliveryBlocked"|"deadLettered"|"streamDeleted"|"streamWatermarks"|"memberDeparted"|"configurationChanged"|"generationFounded"|"streamRecovery");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a MeshEvent. */
            type $Shape = {
              sequence?: number|null;
              memberJoined?: mesh.v1.MemberJoined.$Shape|null;
              memberLiveness?: mesh.v1.MemberLiveness.$Shape|null;
              linkUp?: mesh.v1.LinkUp.$Shape|null;
              linkDown?: mesh.v1.LinkDown.$Shape|null;
              topologyChanged?: mesh.v1.TopologyChanged.$Shape|null;
              leaderChanged?: mesh.v1.LeaderChanged.$Shape|null;
              streamOpened?: mesh.v1.StreamOpened.$Shape|null;
              streamClosed?: mesh.v1.StreamClosed.$Shape|null;
              meshState?: mesh.v1.MeshStateChanged.$Shape|null;
              deliveryBlocked?: mesh.v1.MessageFailed.$Shape|null;
              deadLettered?: mesh.v1.MessageFailed.$Shape|null;
              streamDeleted?: mesh.v1.StreamDeleted.$Shape|null;
              streamWatermarks?: mesh.v1.StreamWatermarks.$Shape|null;
              memberDeparted?: mesh.v1.MemberDeparted.$Shape|null;
              configurationChanged?: mesh.v1.ConfigurationChanged.$Shape|null;
              generationFounded?: mesh.v1.GenerationFounded.$Shape|null;
              streamRecovery?: mesh.v1.StreamRecovery.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ event?: undefined; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "memberJoined"; memberJoined: mesh.v1.MemberJoined.$Shape; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "memberLiveness"; memberJoined?: null; memberLiveness: mesh.v1.MemberLiveness.$Shape; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "linkUp"; memberJoined?: null; memberLiveness?: null; linkUp: mesh.v1.LinkUp.$Shape; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "linkDown"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown: mesh.v1.LinkDown.$Shape; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "topologyChanged"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged: mesh.v1.TopologyChanged.$Shape; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "leaderChanged"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged: mesh.v1.LeaderChanged.$Shape; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "streamOpened"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened: mesh.v1.StreamOpened.$Shape; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "streamClosed"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed: mesh.v1.StreamClosed.$Shape; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "meshState"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState: mesh.v1.MeshStateChanged.$Shape; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "deliveryBlocked"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked: mesh.v1.MessageFailed.$Shape; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "deadLettered"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered: mesh.v1.MessageFailed.$Shape; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "streamDeleted"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted: mesh.v1.StreamDeleted.$Shape; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "streamWatermarks"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks: mesh.v1.StreamWatermarks.$Shape; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "memberDeparted"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted: mesh.v1.MemberDeparted.$Shape; configurationChanged?: null; generationFounded?: null; streamRecovery?: null }|{ event?: "configurationChanged"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged: mesh.v1.ConfigurationChanged.$Shape; generationFounded?: null; streamRecovery?: null }|{ event?: "generationFounded"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded: mesh.v1.GenerationFounded.$Shape; streamRecovery?: null }|{ event?: "streamRecovery"; memberJoined?: null; memberLiveness?: null; linkUp?: null; linkDown?: null; topologyChanged?: null; leaderChanged?: null; streamOpened?: null; streamClosed?: null; meshState?: null; deliveryBlocked?: null; deadLettered?: null; streamDeleted?: null; streamWatermarks?: null; memberDeparted?: null; configurationChanged?: null; generationFounded?: null; streamRecovery: mesh.v1.StreamRecovery.$Shape })
            );
        }

        /**
         * Properties of a GenerationFounded.
         * @deprecated Use mesh.v1.GenerationFounded.$Properties instead.
         */
        interface IGenerationFounded extends mesh.v1.GenerationFounded.$Properties {
        }

        /** Represents a GenerationFounded. */
        class GenerationFounded {

            /**
             * Constructs a new GenerationFounded.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.GenerationFounded.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GenerationFounded generation. */
            generation: number;

            /**
             * Encodes the specified GenerationFounded message. Does not implicitly {@link mesh.v1.GenerationFounded.verify|verify} messages.
             * @param message GenerationFounded message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.GenerationFounded.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GenerationFounded message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.GenerationFounded & mesh.v1.GenerationFounded.$Shape} GenerationFounded
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.GenerationFounded & mesh.v1.GenerationFounded.$Shape;
        }

        namespace GenerationFounded {

            /** Properties of a GenerationFounded. */
            interface $Properties {

                /** GenerationFounded generation */
                generation?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GenerationFounded. */
            type $Shape = mesh.v1.GenerationFounded.$Properties;
        }

        /**
         * Properties of a StreamRecovery.
         * @deprecated Use mesh.v1.StreamRecovery.$Properties instead.
         */
        interface IStreamRecovery extends mesh.v1.StreamRecovery.$Properties {
        }

        /** Represents a StreamRecovery. */
        class StreamRecovery {

            /**
             * Constructs a new StreamRecovery.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamRecovery.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamRecovery streamId. */
            streamId: string;

            /** StreamRecovery step. */
            step: mesh.v1.StreamRecoveryStep;

            /** StreamRecovery generation. */
            generation: number;

            /**
             * Encodes the specified StreamRecovery message. Does not implicitly {@link mesh.v1.StreamRecovery.verify|verify} messages.
             * @param message StreamRecovery message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamRecovery.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamRecovery message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamRecovery & mesh.v1.StreamRecovery.$Shape} StreamRecovery
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamRecovery & mesh.v1.StreamRecovery.$Shape;
        }

        namespace StreamRecovery {

            /** Properties of a StreamRecovery. */
            interface $Properties {

                /** StreamRecovery streamId */
                streamId?: (string|null);

                /** StreamRecovery step */
                step?: (mesh.v1.StreamRecoveryStep|null);

                /** StreamRecovery generation */
                generation?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamRecovery. */
            type $Shape = mesh.v1.StreamRecovery.$Properties;
        }

        /** StreamRecoveryStep enum. */
        enum StreamRecoveryStep {

            /** STREAM_RECOVERY_STEP_UNSPECIFIED value */
            STREAM_RECOVERY_STEP_UNSPECIFIED = 0,

            /** STREAM_RECOVERY_STEP_CONSENT_NEEDED value */
            STREAM_RECOVERY_STEP_CONSENT_NEEDED = 1,

            /** STREAM_RECOVERY_STEP_SEALED value */
            STREAM_RECOVERY_STEP_SEALED = 2,

            /** STREAM_RECOVERY_STEP_FOUNDED value */
            STREAM_RECOVERY_STEP_FOUNDED = 3,

            /** STREAM_RECOVERY_STEP_TARGET_REPLACED value */
            STREAM_RECOVERY_STEP_TARGET_REPLACED = 4,

            /** STREAM_RECOVERY_STEP_SOURCE_LOST value */
            STREAM_RECOVERY_STEP_SOURCE_LOST = 5
        }

        /**
         * Properties of a MemberJoined.
         * @deprecated Use mesh.v1.MemberJoined.$Properties instead.
         */
        interface IMemberJoined extends mesh.v1.MemberJoined.$Properties {
        }

        /** Represents a MemberJoined. */
        class MemberJoined {

            /**
             * Constructs a new MemberJoined.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MemberJoined.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MemberJoined nodeId. */
            nodeId: string;

            /** MemberJoined name. */
            name: string;

            /**
             * Encodes the specified MemberJoined message. Does not implicitly {@link mesh.v1.MemberJoined.verify|verify} messages.
             * @param message MemberJoined message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MemberJoined.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MemberJoined message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MemberJoined & mesh.v1.MemberJoined.$Shape} MemberJoined
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MemberJoined & mesh.v1.MemberJoined.$Shape;
        }

        namespace MemberJoined {

            /** Properties of a MemberJoined. */
            interface $Properties {

                /** MemberJoined nodeId */
                nodeId?: (string|null);

                /** MemberJoined name */
                name?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MemberJoined. */
            type $Shape = mesh.v1.MemberJoined.$Properties;
        }

        /**
         * Properties of a MemberDeparted.
         * @deprecated Use mesh.v1.MemberDeparted.$Properties instead.
         */
        interface IMemberDeparted extends mesh.v1.MemberDeparted.$Properties {
        }

        /** Represents a MemberDeparted. */
        class MemberDeparted {

            /**
             * Constructs a new MemberDeparted.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MemberDeparted.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MemberDeparted nodeId. */
            nodeId: string;

            /** MemberDeparted name. */
            name: string;

            /** MemberDeparted isEvicted. */
            isEvicted: boolean;

            /**
             * Encodes the specified MemberDeparted message. Does not implicitly {@link mesh.v1.MemberDeparted.verify|verify} messages.
             * @param message MemberDeparted message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MemberDeparted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MemberDeparted message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MemberDeparted & mesh.v1.MemberDeparted.$Shape} MemberDeparted
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MemberDeparted & mesh.v1.MemberDeparted.$Shape;
        }

        namespace MemberDeparted {

            /** Properties of a MemberDeparted. */
            interface $Properties {

                /** MemberDeparted nodeId */
                nodeId?: (string|null);

                /** MemberDeparted name */
                name?: (string|null);

                /** MemberDeparted isEvicted */
                isEvicted?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MemberDeparted. */
            type $Shape = mesh.v1.MemberDeparted.$Properties;
        }

        /**
         * Properties of a ConfigurationChanged.
         * @deprecated Use mesh.v1.ConfigurationChanged.$Properties instead.
         */
        interface IConfigurationChanged extends mesh.v1.ConfigurationChanged.$Properties {
        }

        /** Represents a ConfigurationChanged. */
        class ConfigurationChanged {

            /**
             * Constructs a new ConfigurationChanged.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ConfigurationChanged.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ConfigurationChanged key. */
            key: string;

            /** ConfigurationChanged revision. */
            revision: number;

            /** ConfigurationChanged isRemoval. */
            isRemoval: boolean;

            /**
             * Encodes the specified ConfigurationChanged message. Does not implicitly {@link mesh.v1.ConfigurationChanged.verify|verify} messages.
             * @param message ConfigurationChanged message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ConfigurationChanged.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ConfigurationChanged message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ConfigurationChanged & mesh.v1.ConfigurationChanged.$Shape} ConfigurationChanged
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ConfigurationChanged & mesh.v1.ConfigurationChanged.$Shape;
        }

        namespace ConfigurationChanged {

            /** Properties of a ConfigurationChanged. */
            interface $Properties {

                /** ConfigurationChanged key */
                key?: (string|null);

                /** ConfigurationChanged revision */
                revision?: (number|null);

                /** ConfigurationChanged isRemoval */
                isRemoval?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ConfigurationChanged. */
            type $Shape = mesh.v1.ConfigurationChanged.$Properties;
        }

        /**
         * Properties of a MemberLiveness.
         * @deprecated Use mesh.v1.MemberLiveness.$Properties instead.
         */
        interface IMemberLiveness extends mesh.v1.MemberLiveness.$Properties {
        }

        /** Represents a MemberLiveness. */
        class MemberLiveness {

            /**
             * Constructs a new MemberLiveness.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MemberLiveness.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MemberLiveness nodeId. */
            nodeId: string;

            /** MemberLiveness liveness. */
            liveness: mesh.v1.Liveness;

            /**
             * Encodes the specified MemberLiveness message. Does not implicitly {@link mesh.v1.MemberLiveness.verify|verify} messages.
             * @param message MemberLiveness message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MemberLiveness.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MemberLiveness message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MemberLiveness & mesh.v1.MemberLiveness.$Shape} MemberLiveness
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MemberLiveness & mesh.v1.MemberLiveness.$Shape;
        }

        namespace MemberLiveness {

            /** Properties of a MemberLiveness. */
            interface $Properties {

                /** MemberLiveness nodeId */
                nodeId?: (string|null);

                /** MemberLiveness liveness */
                liveness?: (mesh.v1.Liveness|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MemberLiveness. */
            type $Shape = mesh.v1.MemberLiveness.$Properties;
        }

        /**
         * Properties of a LinkUp.
         * @deprecated Use mesh.v1.LinkUp.$Properties instead.
         */
        interface ILinkUp extends mesh.v1.LinkUp.$Properties {
        }

        /** Represents a LinkUp. */
        class LinkUp {

            /**
             * Constructs a new LinkUp.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.LinkUp.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LinkUp nodeId. */
            nodeId: string;

            /**
             * Encodes the specified LinkUp message. Does not implicitly {@link mesh.v1.LinkUp.verify|verify} messages.
             * @param message LinkUp message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.LinkUp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LinkUp message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.LinkUp & mesh.v1.LinkUp.$Shape} LinkUp
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.LinkUp & mesh.v1.LinkUp.$Shape;
        }

        namespace LinkUp {

            /** Properties of a LinkUp. */
            interface $Properties {

                /** LinkUp nodeId */
                nodeId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LinkUp. */
            type $Shape = mesh.v1.LinkUp.$Properties;
        }

        /**
         * Properties of a LinkDown.
         * @deprecated Use mesh.v1.LinkDown.$Properties instead.
         */
        interface ILinkDown extends mesh.v1.LinkDown.$Properties {
        }

        /** Represents a LinkDown. */
        class LinkDown {

            /**
             * Constructs a new LinkDown.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.LinkDown.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LinkDown nodeId. */
            nodeId: string;

            /** LinkDown reason. */
            reason: string;

            /**
             * Encodes the specified LinkDown message. Does not implicitly {@link mesh.v1.LinkDown.verify|verify} messages.
             * @param message LinkDown message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.LinkDown.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LinkDown message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.LinkDown & mesh.v1.LinkDown.$Shape} LinkDown
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.LinkDown & mesh.v1.LinkDown.$Shape;
        }

        namespace LinkDown {

            /** Properties of a LinkDown. */
            interface $Properties {

                /** LinkDown nodeId */
                nodeId?: (string|null);

                /** LinkDown reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LinkDown. */
            type $Shape = mesh.v1.LinkDown.$Properties;
        }

        /**
         * Properties of a TopologyChanged.
         * @deprecated Use mesh.v1.TopologyChanged.$Properties instead.
         */
        interface ITopologyChanged extends mesh.v1.TopologyChanged.$Properties {
        }

        /** Represents a TopologyChanged. */
        class TopologyChanged {

            /**
             * Constructs a new TopologyChanged.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.TopologyChanged.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TopologyChanged reachable. */
            reachable: number;

            /**
             * Encodes the specified TopologyChanged message. Does not implicitly {@link mesh.v1.TopologyChanged.verify|verify} messages.
             * @param message TopologyChanged message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.TopologyChanged.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TopologyChanged message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.TopologyChanged & mesh.v1.TopologyChanged.$Shape} TopologyChanged
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.TopologyChanged & mesh.v1.TopologyChanged.$Shape;
        }

        namespace TopologyChanged {

            /** Properties of a TopologyChanged. */
            interface $Properties {

                /** TopologyChanged reachable */
                reachable?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TopologyChanged. */
            type $Shape = mesh.v1.TopologyChanged.$Properties;
        }

        /**
         * Properties of a LeaderChanged.
         * @deprecated Use mesh.v1.LeaderChanged.$Properties instead.
         */
        interface ILeaderChanged extends mesh.v1.LeaderChanged.$Properties {
        }

        /** Represents a LeaderChanged. */
        class LeaderChanged {

            /**
             * Constructs a new LeaderChanged.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.LeaderChanged.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LeaderChanged groupId. */
            groupId: string;

            /** LeaderChanged leaderId. */
            leaderId: string;

            /** LeaderChanged term. */
            term: number;

            /**
             * Encodes the specified LeaderChanged message. Does not implicitly {@link mesh.v1.LeaderChanged.verify|verify} messages.
             * @param message LeaderChanged message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.LeaderChanged.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LeaderChanged message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.LeaderChanged & mesh.v1.LeaderChanged.$Shape} LeaderChanged
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.LeaderChanged & mesh.v1.LeaderChanged.$Shape;
        }

        namespace LeaderChanged {

            /** Properties of a LeaderChanged. */
            interface $Properties {

                /** LeaderChanged groupId */
                groupId?: (string|null);

                /** LeaderChanged leaderId */
                leaderId?: (string|null);

                /** LeaderChanged term */
                term?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LeaderChanged. */
            type $Shape = mesh.v1.LeaderChanged.$Properties;
        }

        /**
         * Properties of a StreamOpened.
         * @deprecated Use mesh.v1.StreamOpened.$Properties instead.
         */
        interface IStreamOpened extends mesh.v1.StreamOpened.$Properties {
        }

        /** Represents a StreamOpened. */
        class StreamOpened {

            /**
             * Constructs a new StreamOpened.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamOpened.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamOpened streamId. */
            streamId: string;

            /** StreamOpened name. */
            name: string;

            /**
             * Encodes the specified StreamOpened message. Does not implicitly {@link mesh.v1.StreamOpened.verify|verify} messages.
             * @param message StreamOpened message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamOpened.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamOpened message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamOpened & mesh.v1.StreamOpened.$Shape} StreamOpened
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamOpened & mesh.v1.StreamOpened.$Shape;
        }

        namespace StreamOpened {

            /** Properties of a StreamOpened. */
            interface $Properties {

                /** StreamOpened streamId */
                streamId?: (string|null);

                /** StreamOpened name */
                name?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamOpened. */
            type $Shape = mesh.v1.StreamOpened.$Properties;
        }

        /**
         * Properties of a StreamClosed.
         * @deprecated Use mesh.v1.StreamClosed.$Properties instead.
         */
        interface IStreamClosed extends mesh.v1.StreamClosed.$Properties {
        }

        /** Represents a StreamClosed. */
        class StreamClosed {

            /**
             * Constructs a new StreamClosed.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamClosed.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamClosed streamId. */
            streamId: string;

            /**
             * Encodes the specified StreamClosed message. Does not implicitly {@link mesh.v1.StreamClosed.verify|verify} messages.
             * @param message StreamClosed message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamClosed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamClosed message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamClosed & mesh.v1.StreamClosed.$Shape} StreamClosed
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamClosed & mesh.v1.StreamClosed.$Shape;
        }

        namespace StreamClosed {

            /** Properties of a StreamClosed. */
            interface $Properties {

                /** StreamClosed streamId */
                streamId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamClosed. */
            type $Shape = mesh.v1.StreamClosed.$Properties;
        }

        /**
         * Properties of a StreamWatermarks.
         * @deprecated Use mesh.v1.StreamWatermarks.$Properties instead.
         */
        interface IStreamWatermarks extends mesh.v1.StreamWatermarks.$Properties {
        }

        /** Represents a StreamWatermarks. */
        class StreamWatermarks {

            /**
             * Constructs a new StreamWatermarks.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamWatermarks.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamWatermarks streamId. */
            streamId: string;

            /** StreamWatermarks accepted. */
            accepted: number;

            /** StreamWatermarks replicated. */
            replicated: number;

            /** StreamWatermarks settled. */
            settled: mesh.v1.TargetSettled.$Properties[];

            /** StreamWatermarks completed. */
            completed: number;

            /**
             * Encodes the specified StreamWatermarks message. Does not implicitly {@link mesh.v1.StreamWatermarks.verify|verify} messages.
             * @param message StreamWatermarks message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamWatermarks.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamWatermarks message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamWatermarks & mesh.v1.StreamWatermarks.$Shape} StreamWatermarks
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamWatermarks & mesh.v1.StreamWatermarks.$Shape;
        }

        namespace StreamWatermarks {

            /** Properties of a StreamWatermarks. */
            interface $Properties {

                /** StreamWatermarks streamId */
                streamId?: (string|null);

                /** StreamWatermarks accepted */
                accepted?: (number|null);

                /** StreamWatermarks replicated */
                replicated?: (number|null);

                /** StreamWatermarks settled */
                settled?: (mesh.v1.TargetSettled.$Properties[]|null);

                /** StreamWatermarks completed */
                completed?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamWatermarks. */
            type $Shape = mesh.v1.StreamWatermarks.$Properties;
        }

        /**
         * Properties of a TargetSettled.
         * @deprecated Use mesh.v1.TargetSettled.$Properties instead.
         */
        interface ITargetSettled extends mesh.v1.TargetSettled.$Properties {
        }

        /** Represents a TargetSettled. */
        class TargetSettled {

            /**
             * Constructs a new TargetSettled.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.TargetSettled.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** TargetSettled nodeId. */
            nodeId: string;

            /** TargetSettled seq. */
            seq: number;

            /**
             * Encodes the specified TargetSettled message. Does not implicitly {@link mesh.v1.TargetSettled.verify|verify} messages.
             * @param message TargetSettled message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.TargetSettled.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a TargetSettled message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.TargetSettled & mesh.v1.TargetSettled.$Shape} TargetSettled
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.TargetSettled & mesh.v1.TargetSettled.$Shape;
        }

        namespace TargetSettled {

            /** Properties of a TargetSettled. */
            interface $Properties {

                /** TargetSettled nodeId */
                nodeId?: (string|null);

                /** TargetSettled seq */
                seq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a TargetSettled. */
            type $Shape = mesh.v1.TargetSettled.$Properties;
        }

        /**
         * Properties of a StreamDeleted.
         * @deprecated Use mesh.v1.StreamDeleted.$Properties instead.
         */
        interface IStreamDeleted extends mesh.v1.StreamDeleted.$Properties {
        }

        /** Represents a StreamDeleted. */
        class StreamDeleted {

            /**
             * Constructs a new StreamDeleted.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamDeleted.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamDeleted streamId. */
            streamId: string;

            /** StreamDeleted name. */
            name: string;

            /**
             * Encodes the specified StreamDeleted message. Does not implicitly {@link mesh.v1.StreamDeleted.verify|verify} messages.
             * @param message StreamDeleted message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamDeleted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamDeleted message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamDeleted & mesh.v1.StreamDeleted.$Shape} StreamDeleted
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamDeleted & mesh.v1.StreamDeleted.$Shape;
        }

        namespace StreamDeleted {

            /** Properties of a StreamDeleted. */
            interface $Properties {

                /** StreamDeleted streamId */
                streamId?: (string|null);

                /** StreamDeleted name */
                name?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamDeleted. */
            type $Shape = mesh.v1.StreamDeleted.$Properties;
        }

        /**
         * Properties of a MeshStateChanged.
         * @deprecated Use mesh.v1.MeshStateChanged.$Properties instead.
         */
        interface IMeshStateChanged extends mesh.v1.MeshStateChanged.$Properties {
        }

        /** Represents a MeshStateChanged. */
        class MeshStateChanged {

            /**
             * Constructs a new MeshStateChanged.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MeshStateChanged.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MeshStateChanged state. */
            state: mesh.v1.MeshState;

            /**
             * Encodes the specified MeshStateChanged message. Does not implicitly {@link mesh.v1.MeshStateChanged.verify|verify} messages.
             * @param message MeshStateChanged message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MeshStateChanged.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MeshStateChanged message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MeshStateChanged & mesh.v1.MeshStateChanged.$Shape} MeshStateChanged
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MeshStateChanged & mesh.v1.MeshStateChanged.$Shape;
        }

        namespace MeshStateChanged {

            /** Properties of a MeshStateChanged. */
            interface $Properties {

                /** MeshStateChanged state */
                state?: (mesh.v1.MeshState|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MeshStateChanged. */
            type $Shape = mesh.v1.MeshStateChanged.$Properties;
        }

        /**
         * Properties of a MessageFailed.
         * @deprecated Use mesh.v1.MessageFailed.$Properties instead.
         */
        interface IMessageFailed extends mesh.v1.MessageFailed.$Properties {
        }

        /** Represents a MessageFailed. */
        class MessageFailed {

            /**
             * Constructs a new MessageFailed.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MessageFailed.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MessageFailed streamId. */
            streamId: string;

            /** MessageFailed seq. */
            seq: number;

            /** MessageFailed failures. */
            failures: number;

            /** MessageFailed reason. */
            reason: string;

            /**
             * Encodes the specified MessageFailed message. Does not implicitly {@link mesh.v1.MessageFailed.verify|verify} messages.
             * @param message MessageFailed message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MessageFailed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MessageFailed message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MessageFailed & mesh.v1.MessageFailed.$Shape} MessageFailed
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MessageFailed & mesh.v1.MessageFailed.$Shape;
        }

        namespace MessageFailed {

            /** Properties of a MessageFailed. */
            interface $Properties {

                /** MessageFailed streamId */
                streamId?: (string|null);

                /** MessageFailed seq */
                seq?: (number|null);

                /** MessageFailed failures */
                failures?: (number|null);

                /** MessageFailed reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MessageFailed. */
            type $Shape = mesh.v1.MessageFailed.$Properties;
        }

        /** QosClass enum. */
        enum QosClass {

            /** QOS_CLASS_UNSPECIFIED value */
            QOS_CLASS_UNSPECIFIED = 0,

            /** QOS_CLASS_PRIORITY value */
            QOS_CLASS_PRIORITY = 1,

            /** QOS_CLASS_BULK value */
            QOS_CLASS_BULK = 2
        }

        /**
         * Properties of a CompletionPolicy.
         * @deprecated Use mesh.v1.CompletionPolicy.$Properties instead.
         */
        interface ICompletionPolicy extends mesh.v1.CompletionPolicy.$Properties {
        }

        /** Represents a CompletionPolicy. */
        class CompletionPolicy {

            /**
             * Constructs a new CompletionPolicy.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.CompletionPolicy.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CompletionPolicy quorum. */
            quorum: number;

            /** CompletionPolicy requiredTargetIds. */
            requiredTargetIds: string[];

            /**
             * Encodes the specified CompletionPolicy message. Does not implicitly {@link mesh.v1.CompletionPolicy.verify|verify} messages.
             * @param message CompletionPolicy message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.CompletionPolicy.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CompletionPolicy message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.CompletionPolicy & mesh.v1.CompletionPolicy.$Shape} CompletionPolicy
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.CompletionPolicy & mesh.v1.CompletionPolicy.$Shape;
        }

        namespace CompletionPolicy {

            /** Properties of a CompletionPolicy. */
            interface $Properties {

                /** CompletionPolicy quorum */
                quorum?: (number|null);

                /** CompletionPolicy requiredTargetIds */
                requiredTargetIds?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CompletionPolicy. */
            type $Shape = mesh.v1.CompletionPolicy.$Properties;
        }

        /** FailureAction enum. */
        enum FailureAction {

            /** FAILURE_ACTION_UNSPECIFIED value */
            FAILURE_ACTION_UNSPECIFIED = 0,

            /** FAILURE_ACTION_BLOCK value */
            FAILURE_ACTION_BLOCK = 1,

            /** FAILURE_ACTION_DEAD_LETTER value */
            FAILURE_ACTION_DEAD_LETTER = 2
        }

        /**
         * Properties of a FailurePolicy.
         * @deprecated Use mesh.v1.FailurePolicy.$Properties instead.
         */
        interface IFailurePolicy extends mesh.v1.FailurePolicy.$Properties {
        }

        /** Represents a FailurePolicy. */
        class FailurePolicy {

            /**
             * Constructs a new FailurePolicy.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.FailurePolicy.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** FailurePolicy action. */
            action: mesh.v1.FailureAction;

            /** FailurePolicy failuresMax. */
            failuresMax: number;

            /** FailurePolicy retryFirstMs. */
            retryFirstMs: number;

            /** FailurePolicy retryMaxMs. */
            retryMaxMs: number;

            /** FailurePolicy handlerLimitMs. */
            handlerLimitMs: number;

            /**
             * Encodes the specified FailurePolicy message. Does not implicitly {@link mesh.v1.FailurePolicy.verify|verify} messages.
             * @param message FailurePolicy message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.FailurePolicy.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a FailurePolicy message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.FailurePolicy & mesh.v1.FailurePolicy.$Shape} FailurePolicy
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.FailurePolicy & mesh.v1.FailurePolicy.$Shape;
        }

        namespace FailurePolicy {

            /** Properties of a FailurePolicy. */
            interface $Properties {

                /** FailurePolicy action */
                action?: (mesh.v1.FailureAction|null);

                /** FailurePolicy failuresMax */
                failuresMax?: (number|null);

                /** FailurePolicy retryFirstMs */
                retryFirstMs?: (number|null);

                /** FailurePolicy retryMaxMs */
                retryMaxMs?: (number|null);

                /** FailurePolicy handlerLimitMs */
                handlerLimitMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a FailurePolicy. */
            type $Shape = mesh.v1.FailurePolicy.$Properties;
        }

        /**
         * Properties of an OpenClientDataStreamRequest.
         * @deprecated Use mesh.v1.OpenClientDataStreamRequest.$Properties instead.
         */
        interface IOpenClientDataStreamRequest extends mesh.v1.OpenClientDataStreamRequest.$Properties {
        }

        /** Represents an OpenClientDataStreamRequest. */
        class OpenClientDataStreamRequest {

            /**
             * Constructs a new OpenClientDataStreamRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.OpenClientDataStreamRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** OpenClientDataStreamRequest tenantId. */
            tenantId: string;

            /** OpenClientDataStreamRequest name. */
            name: string;

            /** OpenClientDataStreamRequest targetIds. */
            targetIds: string[];

            /** OpenClientDataStreamRequest qos. */
            qos: mesh.v1.QosClass;

            /** OpenClientDataStreamRequest priority. */
            priority: number;

            /** OpenClientDataStreamRequest policy. */
            policy?: (mesh.v1.CompletionPolicy.$Properties|null);

            /** OpenClientDataStreamRequest producer. */
            producer: string;

            /** OpenClientDataStreamRequest failure. */
            failure?: (mesh.v1.FailurePolicy.$Properties|null);

            /** OpenClientDataStreamRequest optionalTargetIds. */
            optionalTargetIds: string[];

            /** OpenClientDataStreamRequest retainMs. */
            retainMs: number;

            /** OpenClientDataStreamRequest retainBytes. */
            retainBytes: number;

            /**
             * Encodes the specified OpenClientDataStreamRequest message. Does not implicitly {@link mesh.v1.OpenClientDataStreamRequest.verify|verify} messages.
             * @param message OpenClientDataStreamRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.OpenClientDataStreamRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an OpenClientDataStreamRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.OpenClientDataStreamRequest & mesh.v1.OpenClientDataStreamRequest.$Shape} OpenClientDataStreamRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.OpenClientDataStreamRequest & mesh.v1.OpenClientDataStreamRequest.$Shape;
        }

        namespace OpenClientDataStreamRequest {

            /** Properties of an OpenClientDataStreamRequest. */
            interface $Properties {

                /** OpenClientDataStreamRequest tenantId */
                tenantId?: (string|null);

                /** OpenClientDataStreamRequest name */
                name?: (string|null);

                /** OpenClientDataStreamRequest targetIds */
                targetIds?: (string[]|null);

                /** OpenClientDataStreamRequest qos */
                qos?: (mesh.v1.QosClass|null);

                /** OpenClientDataStreamRequest priority */
                priority?: (number|null);

                /** OpenClientDataStreamRequest policy */
                policy?: (mesh.v1.CompletionPolicy.$Properties|null);

                /** OpenClientDataStreamRequest producer */
                producer?: (string|null);

                /** OpenClientDataStreamRequest failure */
                failure?: (mesh.v1.FailurePolicy.$Properties|null);

                /** OpenClientDataStreamRequest optionalTargetIds */
                optionalTargetIds?: (string[]|null);

                /** OpenClientDataStreamRequest retainMs */
                retainMs?: (number|null);

                /** OpenClientDataStreamRequest retainBytes */
                retainBytes?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an OpenClientDataStreamRequest. */
            type $Shape = mesh.v1.OpenClientDataStreamRequest.$Properties;
        }

        /**
         * Properties of a StreamHandle.
         * @deprecated Use mesh.v1.StreamHandle.$Properties instead.
         */
        interface IStreamHandle extends mesh.v1.StreamHandle.$Properties {
        }

        /** Represents a StreamHandle. */
        class StreamHandle {

            /**
             * Constructs a new StreamHandle.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamHandle.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamHandle streamId. */
            streamId: string;

            /** StreamHandle name. */
            name: string;

            /** StreamHandle targetIds. */
            targetIds: string[];

            /** StreamHandle lastSeq. */
            lastSeq: number;

            /** StreamHandle lastProducerSeq. */
            lastProducerSeq: number;

            /** StreamHandle producerEpoch. */
            producerEpoch: number;

            /**
             * Encodes the specified StreamHandle message. Does not implicitly {@link mesh.v1.StreamHandle.verify|verify} messages.
             * @param message StreamHandle message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamHandle.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamHandle message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamHandle & mesh.v1.StreamHandle.$Shape} StreamHandle
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamHandle & mesh.v1.StreamHandle.$Shape;
        }

        namespace StreamHandle {

            /** Properties of a StreamHandle. */
            interface $Properties {

                /** StreamHandle streamId */
                streamId?: (string|null);

                /** StreamHandle name */
                name?: (string|null);

                /** StreamHandle targetIds */
                targetIds?: (string[]|null);

                /** StreamHandle lastSeq */
                lastSeq?: (number|null);

                /** StreamHandle lastProducerSeq */
                lastProducerSeq?: (number|null);

                /** StreamHandle producerEpoch */
                producerEpoch?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamHandle. */
            type $Shape = mesh.v1.StreamHandle.$Properties;
        }

        /**
         * Properties of a ListClientDataStreamsRequest.
         * @deprecated Use mesh.v1.ListClientDataStreamsRequest.$Properties instead.
         */
        interface IListClientDataStreamsRequest extends mesh.v1.ListClientDataStreamsRequest.$Properties {
        }

        /** Represents a ListClientDataStreamsRequest. */
        class ListClientDataStreamsRequest {

            /**
             * Constructs a new ListClientDataStreamsRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ListClientDataStreamsRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListClientDataStreamsRequest tenantId. */
            tenantId: string;

            /** ListClientDataStreamsRequest streamId. */
            streamId: string;

            /**
             * Encodes the specified ListClientDataStreamsRequest message. Does not implicitly {@link mesh.v1.ListClientDataStreamsRequest.verify|verify} messages.
             * @param message ListClientDataStreamsRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ListClientDataStreamsRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListClientDataStreamsRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ListClientDataStreamsRequest & mesh.v1.ListClientDataStreamsRequest.$Shape} ListClientDataStreamsRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ListClientDataStreamsRequest & mesh.v1.ListClientDataStreamsRequest.$Shape;
        }

        namespace ListClientDataStreamsRequest {

            /** Properties of a ListClientDataStreamsRequest. */
            interface $Properties {

                /** ListClientDataStreamsRequest tenantId */
                tenantId?: (string|null);

                /** ListClientDataStreamsRequest streamId */
                streamId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListClientDataStreamsRequest. */
            type $Shape = mesh.v1.ListClientDataStreamsRequest.$Properties;
        }

        /**
         * Properties of a ListClientDataStreamsResponse.
         * @deprecated Use mesh.v1.ListClientDataStreamsResponse.$Properties instead.
         */
        interface IListClientDataStreamsResponse extends mesh.v1.ListClientDataStreamsResponse.$Properties {
        }

        /** Represents a ListClientDataStreamsResponse. */
        class ListClientDataStreamsResponse {

            /**
             * Constructs a new ListClientDataStreamsResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ListClientDataStreamsResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListClientDataStreamsResponse streams. */
            streams: mesh.v1.Stream.$Properties[];

            /**
             * Encodes the specified ListClientDataStreamsResponse message. Does not implicitly {@link mesh.v1.ListClientDataStreamsResponse.verify|verify} messages.
             * @param message ListClientDataStreamsResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ListClientDataStreamsResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListClientDataStreamsResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ListClientDataStreamsResponse & mesh.v1.ListClientDataStreamsResponse.$Shape} ListClientDataStreamsResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ListClientDataStreamsResponse & mesh.v1.ListClientDataStreamsResponse.$Shape;
        }

        namespace ListClientDataStreamsResponse {

            /** Properties of a ListClientDataStreamsResponse. */
            interface $Properties {

                /** ListClientDataStreamsResponse streams */
                streams?: (mesh.v1.Stream.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListClientDataStreamsResponse. */
            type $Shape = mesh.v1.ListClientDataStreamsResponse.$Properties;
        }

        /** TargetAction enum. */
        enum TargetAction {

            /** TARGET_ACTION_UNSPECIFIED value */
            TARGET_ACTION_UNSPECIFIED = 0,

            /** TARGET_ACTION_ATTACH value */
            TARGET_ACTION_ATTACH = 1,

            /** TARGET_ACTION_DETACH value */
            TARGET_ACTION_DETACH = 2,

            /** TARGET_ACTION_REMOVE value */
            TARGET_ACTION_REMOVE = 3,

            /** TARGET_ACTION_MAKE_REQUIRED value */
            TARGET_ACTION_MAKE_REQUIRED = 4,

            /** TARGET_ACTION_MAKE_OPTIONAL value */
            TARGET_ACTION_MAKE_OPTIONAL = 5
        }

        /**
         * Properties of a ChangeStreamTargetRequest.
         * @deprecated Use mesh.v1.ChangeStreamTargetRequest.$Properties instead.
         */
        interface IChangeStreamTargetRequest extends mesh.v1.ChangeStreamTargetRequest.$Properties {
        }

        /** Represents a ChangeStreamTargetRequest. */
        class ChangeStreamTargetRequest {

            /**
             * Constructs a new ChangeStreamTargetRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ChangeStreamTargetRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ChangeStreamTargetRequest tenantId. */
            tenantId: string;

            /** ChangeStreamTargetRequest streamId. */
            streamId: string;

            /** ChangeStreamTargetRequest targetId. */
            targetId: string;

            /** ChangeStreamTargetRequest action. */
            action: mesh.v1.TargetAction;

            /** ChangeStreamTargetRequest start. */
            start: mesh.v1.TargetStart;

            /** ChangeStreamTargetRequest afterSeq. */
            afterSeq: number;

            /** ChangeStreamTargetRequest isOptional. */
            isOptional: boolean;

            /** ChangeStreamTargetRequest afterCheckpoint. */
            afterCheckpoint: string;

            /**
             * Encodes the specified ChangeStreamTargetRequest message. Does not implicitly {@link mesh.v1.ChangeStreamTargetRequest.verify|verify} messages.
             * @param message ChangeStreamTargetRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ChangeStreamTargetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ChangeStreamTargetRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ChangeStreamTargetRequest & mesh.v1.ChangeStreamTargetRequest.$Shape} ChangeStreamTargetRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ChangeStreamTargetRequest & mesh.v1.ChangeStreamTargetRequest.$Shape;
        }

        namespace ChangeStreamTargetRequest {

            /** Properties of a ChangeStreamTargetRequest. */
            interface $Properties {

                /** ChangeStreamTargetRequest tenantId */
                tenantId?: (string|null);

                /** ChangeStreamTargetRequest streamId */
                streamId?: (string|null);

                /** ChangeStreamTargetRequest targetId */
                targetId?: (string|null);

                /** ChangeStreamTargetRequest action */
                action?: (mesh.v1.TargetAction|null);

                /** ChangeStreamTargetRequest start */
                start?: (mesh.v1.TargetStart|null);

                /** ChangeStreamTargetRequest afterSeq */
                afterSeq?: (number|null);

                /** ChangeStreamTargetRequest isOptional */
                isOptional?: (boolean|null);

                /** ChangeStreamTargetRequest afterCheckpoint */
                afterCheckpoint?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ChangeStreamTargetRequest. */
            type $Shape = mesh.v1.ChangeStreamTargetRequest.$Properties;
        }

        /** TargetStart enum. */
        enum TargetStart {

            /** TARGET_START_UNSPECIFIED value */
            TARGET_START_UNSPECIFIED = 0,

            /** TARGET_START_NOW value */
            TARGET_START_NOW = 1,

            /** TARGET_START_AFTER value */
            TARGET_START_AFTER = 2,

            /** TARGET_START_EARLIEST value */
            TARGET_START_EARLIEST = 3,

            /** TARGET_START_CHECKPOINT value */
            TARGET_START_CHECKPOINT = 10
        }

        /**
         * Properties of an ExpireProducerRequest.
         * @deprecated Use mesh.v1.ExpireProducerRequest.$Properties instead.
         */
        interface IExpireProducerRequest extends mesh.v1.ExpireProducerRequest.$Properties {
        }

        /** Represents an ExpireProducerRequest. */
        class ExpireProducerRequest {

            /**
             * Constructs a new ExpireProducerRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ExpireProducerRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ExpireProducerRequest tenantId. */
            tenantId: string;

            /** ExpireProducerRequest streamId. */
            streamId: string;

            /** ExpireProducerRequest producer. */
            producer: string;

            /**
             * Encodes the specified ExpireProducerRequest message. Does not implicitly {@link mesh.v1.ExpireProducerRequest.verify|verify} messages.
             * @param message ExpireProducerRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ExpireProducerRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ExpireProducerRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ExpireProducerRequest & mesh.v1.ExpireProducerRequest.$Shape} ExpireProducerRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ExpireProducerRequest & mesh.v1.ExpireProducerRequest.$Shape;
        }

        namespace ExpireProducerRequest {

            /** Properties of an ExpireProducerRequest. */
            interface $Properties {

                /** ExpireProducerRequest tenantId */
                tenantId?: (string|null);

                /** ExpireProducerRequest streamId */
                streamId?: (string|null);

                /** ExpireProducerRequest producer */
                producer?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an ExpireProducerRequest. */
            type $Shape = mesh.v1.ExpireProducerRequest.$Properties;
        }

        /**
         * Properties of a RecoverStreamRequest.
         * @deprecated Use mesh.v1.RecoverStreamRequest.$Properties instead.
         */
        interface IRecoverStreamRequest extends mesh.v1.RecoverStreamRequest.$Properties {
        }

        /** Represents a RecoverStreamRequest. */
        class RecoverStreamRequest {

            /**
             * Constructs a new RecoverStreamRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.RecoverStreamRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RecoverStreamRequest tenantId. */
            tenantId: string;

            /** RecoverStreamRequest streamId. */
            streamId: string;

            /** RecoverStreamRequest acceptLoss. */
            acceptLoss: boolean;

            /**
             * Encodes the specified RecoverStreamRequest message. Does not implicitly {@link mesh.v1.RecoverStreamRequest.verify|verify} messages.
             * @param message RecoverStreamRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.RecoverStreamRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecoverStreamRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.RecoverStreamRequest & mesh.v1.RecoverStreamRequest.$Shape} RecoverStreamRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.RecoverStreamRequest & mesh.v1.RecoverStreamRequest.$Shape;
        }

        namespace RecoverStreamRequest {

            /** Properties of a RecoverStreamRequest. */
            interface $Properties {

                /** RecoverStreamRequest tenantId */
                tenantId?: (string|null);

                /** RecoverStreamRequest streamId */
                streamId?: (string|null);

                /** RecoverStreamRequest acceptLoss */
                acceptLoss?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecoverStreamRequest. */
            type $Shape = mesh.v1.RecoverStreamRequest.$Properties;
        }

        /**
         * Properties of a RecoverStreamResponse.
         * @deprecated Use mesh.v1.RecoverStreamResponse.$Properties instead.
         */
        interface IRecoverStreamResponse extends mesh.v1.RecoverStreamResponse.$Properties {
        }

        /** Represents a RecoverStreamResponse. */
        class RecoverStreamResponse {

            /**
             * Constructs a new RecoverStreamResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.RecoverStreamResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RecoverStreamResponse streamId. */
            streamId: string;

            /** RecoverStreamResponse loss. */
            loss: mesh.v1.StreamLoss;

            /** RecoverStreamResponse lost. */
            lost: mesh.v1.StreamMember.$Properties[];

            /** RecoverStreamResponse left. */
            left: mesh.v1.StreamMember.$Properties[];

            /** RecoverStreamResponse isSourceLost. */
            isSourceLost: boolean;

            /** RecoverStreamResponse generation. */
            generation: number;

            /** RecoverStreamResponse isSealed. */
            isSealed: boolean;

            /** RecoverStreamResponse lastSeq. */
            lastSeq: number;

            /** RecoverStreamResponse settled. */
            settled: mesh.v1.StreamPlace.$Properties[];

            /** RecoverStreamResponse isAccepted. */
            isAccepted: boolean;

            /**
             * Encodes the specified RecoverStreamResponse message. Does not implicitly {@link mesh.v1.RecoverStreamResponse.verify|verify} messages.
             * @param message RecoverStreamResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.RecoverStreamResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RecoverStreamResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.RecoverStreamResponse & mesh.v1.RecoverStreamResponse.$Shape} RecoverStreamResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.RecoverStreamResponse & mesh.v1.RecoverStreamResponse.$Shape;
        }

        namespace RecoverStreamResponse {

            /** Properties of a RecoverStreamResponse. */
            interface $Properties {

                /** RecoverStreamResponse streamId */
                streamId?: (string|null);

                /** RecoverStreamResponse loss */
                loss?: (mesh.v1.StreamLoss|null);

                /** RecoverStreamResponse lost */
                lost?: (mesh.v1.StreamMember.$Properties[]|null);

                /** RecoverStreamResponse left */
                left?: (mesh.v1.StreamMember.$Properties[]|null);

                /** RecoverStreamResponse isSourceLost */
                isSourceLost?: (boolean|null);

                /** RecoverStreamResponse generation */
                generation?: (number|null);

                /** RecoverStreamResponse isSealed */
                isSealed?: (boolean|null);

                /** RecoverStreamResponse lastSeq */
                lastSeq?: (number|null);

                /** RecoverStreamResponse settled */
                settled?: (mesh.v1.StreamPlace.$Properties[]|null);

                /** RecoverStreamResponse isAccepted */
                isAccepted?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RecoverStreamResponse. */
            type $Shape = mesh.v1.RecoverStreamResponse.$Properties;
        }

        /**
         * Properties of a StreamMember.
         * @deprecated Use mesh.v1.StreamMember.$Properties instead.
         */
        interface IStreamMember extends mesh.v1.StreamMember.$Properties {
        }

        /** Represents a StreamMember. */
        class StreamMember {

            /**
             * Constructs a new StreamMember.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamMember.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamMember nodeId. */
            nodeId: string;

            /** StreamMember replica. */
            replica: number;

            /**
             * Encodes the specified StreamMember message. Does not implicitly {@link mesh.v1.StreamMember.verify|verify} messages.
             * @param message StreamMember message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamMember.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamMember message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamMember & mesh.v1.StreamMember.$Shape} StreamMember
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamMember & mesh.v1.StreamMember.$Shape;
        }

        namespace StreamMember {

            /** Properties of a StreamMember. */
            interface $Properties {

                /** StreamMember nodeId */
                nodeId?: (string|null);

                /** StreamMember replica */
                replica?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamMember. */
            type $Shape = mesh.v1.StreamMember.$Properties;
        }

        /**
         * Properties of a StreamPlace.
         * @deprecated Use mesh.v1.StreamPlace.$Properties instead.
         */
        interface IStreamPlace extends mesh.v1.StreamPlace.$Properties {
        }

        /** Represents a StreamPlace. */
        class StreamPlace {

            /**
             * Constructs a new StreamPlace.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.StreamPlace.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** StreamPlace nodeId. */
            nodeId: string;

            /** StreamPlace seq. */
            seq: number;

            /**
             * Encodes the specified StreamPlace message. Does not implicitly {@link mesh.v1.StreamPlace.verify|verify} messages.
             * @param message StreamPlace message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.StreamPlace.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a StreamPlace message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.StreamPlace & mesh.v1.StreamPlace.$Shape} StreamPlace
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.StreamPlace & mesh.v1.StreamPlace.$Shape;
        }

        namespace StreamPlace {

            /** Properties of a StreamPlace. */
            interface $Properties {

                /** StreamPlace nodeId */
                nodeId?: (string|null);

                /** StreamPlace seq */
                seq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a StreamPlace. */
            type $Shape = mesh.v1.StreamPlace.$Properties;
        }

        /**
         * Properties of an OpenProducerRequest.
         * @deprecated Use mesh.v1.OpenProducerRequest.$Properties instead.
         */
        interface IOpenProducerRequest extends mesh.v1.OpenProducerRequest.$Properties {
        }

        /** Represents an OpenProducerRequest. */
        class OpenProducerRequest {

            /**
             * Constructs a new OpenProducerRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.OpenProducerRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** OpenProducerRequest tenantId. */
            tenantId: string;

            /** OpenProducerRequest streamId. */
            streamId: string;

            /** OpenProducerRequest producer. */
            producer: string;

            /**
             * Encodes the specified OpenProducerRequest message. Does not implicitly {@link mesh.v1.OpenProducerRequest.verify|verify} messages.
             * @param message OpenProducerRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.OpenProducerRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an OpenProducerRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.OpenProducerRequest & mesh.v1.OpenProducerRequest.$Shape} OpenProducerRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.OpenProducerRequest & mesh.v1.OpenProducerRequest.$Shape;
        }

        namespace OpenProducerRequest {

            /** Properties of an OpenProducerRequest. */
            interface $Properties {

                /** OpenProducerRequest tenantId */
                tenantId?: (string|null);

                /** OpenProducerRequest streamId */
                streamId?: (string|null);

                /** OpenProducerRequest producer */
                producer?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an OpenProducerRequest. */
            type $Shape = mesh.v1.OpenProducerRequest.$Properties;
        }

        /**
         * Properties of a ProducerHandle.
         * @deprecated Use mesh.v1.ProducerHandle.$Properties instead.
         */
        interface IProducerHandle extends mesh.v1.ProducerHandle.$Properties {
        }

        /** Represents a ProducerHandle. */
        class ProducerHandle {

            /**
             * Constructs a new ProducerHandle.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ProducerHandle.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ProducerHandle epoch. */
            epoch: number;

            /** ProducerHandle lastProducerSeq. */
            lastProducerSeq: number;

            /**
             * Encodes the specified ProducerHandle message. Does not implicitly {@link mesh.v1.ProducerHandle.verify|verify} messages.
             * @param message ProducerHandle message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ProducerHandle.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ProducerHandle message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ProducerHandle & mesh.v1.ProducerHandle.$Shape} ProducerHandle
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ProducerHandle & mesh.v1.ProducerHandle.$Shape;
        }

        namespace ProducerHandle {

            /** Properties of a ProducerHandle. */
            interface $Properties {

                /** ProducerHandle epoch */
                epoch?: (number|null);

                /** ProducerHandle lastProducerSeq */
                lastProducerSeq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ProducerHandle. */
            type $Shape = mesh.v1.ProducerHandle.$Properties;
        }

        /**
         * Properties of a CloseClientDataStreamRequest.
         * @deprecated Use mesh.v1.CloseClientDataStreamRequest.$Properties instead.
         */
        interface ICloseClientDataStreamRequest extends mesh.v1.CloseClientDataStreamRequest.$Properties {
        }

        /** Represents a CloseClientDataStreamRequest. */
        class CloseClientDataStreamRequest {

            /**
             * Constructs a new CloseClientDataStreamRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.CloseClientDataStreamRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CloseClientDataStreamRequest tenantId. */
            tenantId: string;

            /** CloseClientDataStreamRequest streamId. */
            streamId: string;

            /**
             * Encodes the specified CloseClientDataStreamRequest message. Does not implicitly {@link mesh.v1.CloseClientDataStreamRequest.verify|verify} messages.
             * @param message CloseClientDataStreamRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.CloseClientDataStreamRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CloseClientDataStreamRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.CloseClientDataStreamRequest & mesh.v1.CloseClientDataStreamRequest.$Shape} CloseClientDataStreamRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.CloseClientDataStreamRequest & mesh.v1.CloseClientDataStreamRequest.$Shape;
        }

        namespace CloseClientDataStreamRequest {

            /** Properties of a CloseClientDataStreamRequest. */
            interface $Properties {

                /** CloseClientDataStreamRequest tenantId */
                tenantId?: (string|null);

                /** CloseClientDataStreamRequest streamId */
                streamId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CloseClientDataStreamRequest. */
            type $Shape = mesh.v1.CloseClientDataStreamRequest.$Properties;
        }

        /**
         * Properties of a CloseClientDataStreamResponse.
         * @deprecated Use mesh.v1.CloseClientDataStreamResponse.$Properties instead.
         */
        interface ICloseClientDataStreamResponse extends mesh.v1.CloseClientDataStreamResponse.$Properties {
        }

        /** Represents a CloseClientDataStreamResponse. */
        class CloseClientDataStreamResponse {

            /**
             * Constructs a new CloseClientDataStreamResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.CloseClientDataStreamResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CloseClientDataStreamResponse lastSeq. */
            lastSeq: number;

            /**
             * Encodes the specified CloseClientDataStreamResponse message. Does not implicitly {@link mesh.v1.CloseClientDataStreamResponse.verify|verify} messages.
             * @param message CloseClientDataStreamResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.CloseClientDataStreamResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CloseClientDataStreamResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.CloseClientDataStreamResponse & mesh.v1.CloseClientDataStreamResponse.$Shape} CloseClientDataStreamResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.CloseClientDataStreamResponse & mesh.v1.CloseClientDataStreamResponse.$Shape;
        }

        namespace CloseClientDataStreamResponse {

            /** Properties of a CloseClientDataStreamResponse. */
            interface $Properties {

                /** CloseClientDataStreamResponse lastSeq */
                lastSeq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CloseClientDataStreamResponse. */
            type $Shape = mesh.v1.CloseClientDataStreamResponse.$Properties;
        }

        /**
         * Properties of a SetCheckpointRequest.
         * @deprecated Use mesh.v1.SetCheckpointRequest.$Properties instead.
         */
        interface ISetCheckpointRequest extends mesh.v1.SetCheckpointRequest.$Properties {
        }

        /** Represents a SetCheckpointRequest. */
        class SetCheckpointRequest {

            /**
             * Constructs a new SetCheckpointRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.SetCheckpointRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SetCheckpointRequest tenantId. */
            tenantId: string;

            /** SetCheckpointRequest streamId. */
            streamId: string;

            /** SetCheckpointRequest name. */
            name: string;

            /** SetCheckpointRequest seq. */
            seq?: (number|null);

            /**
             * Encodes the specified SetCheckpointRequest message. Does not implicitly {@link mesh.v1.SetCheckpointRequest.verify|verify} messages.
             * @param message SetCheckpointRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.SetCheckpointRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SetCheckpointRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.SetCheckpointRequest & mesh.v1.SetCheckpointRequest.$Shape} SetCheckpointRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.SetCheckpointRequest & mesh.v1.SetCheckpointRequest.$Shape;
        }

        namespace SetCheckpointRequest {

            /** Properties of a SetCheckpointRequest. */
            interface $Properties {

                /** SetCheckpointRequest tenantId */
                tenantId?: (string|null);

                /** SetCheckpointRequest streamId */
                streamId?: (string|null);

                /** SetCheckpointRequest name */
                name?: (string|null);

                /** SetCheckpointRequest seq */
                seq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SetCheckpointRequest. */
            type $Shape = mesh.v1.SetCheckpointRequest.$Properties;
        }

        /**
         * Properties of a SetCheckpointResponse.
         * @deprecated Use mesh.v1.SetCheckpointResponse.$Properties instead.
         */
        interface ISetCheckpointResponse extends mesh.v1.SetCheckpointResponse.$Properties {
        }

        /** Represents a SetCheckpointResponse. */
        class SetCheckpointResponse {

            /**
             * Constructs a new SetCheckpointResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.SetCheckpointResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SetCheckpointResponse seq. */
            seq: number;

            /**
             * Encodes the specified SetCheckpointResponse message. Does not implicitly {@link mesh.v1.SetCheckpointResponse.verify|verify} messages.
             * @param message SetCheckpointResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.SetCheckpointResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SetCheckpointResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.SetCheckpointResponse & mesh.v1.SetCheckpointResponse.$Shape} SetCheckpointResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.SetCheckpointResponse & mesh.v1.SetCheckpointResponse.$Shape;
        }

        namespace SetCheckpointResponse {

            /** Properties of a SetCheckpointResponse. */
            interface $Properties {

                /** SetCheckpointResponse seq */
                seq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SetCheckpointResponse. */
            type $Shape = mesh.v1.SetCheckpointResponse.$Properties;
        }

        /**
         * Properties of a RemoveCheckpointRequest.
         * @deprecated Use mesh.v1.RemoveCheckpointRequest.$Properties instead.
         */
        interface IRemoveCheckpointRequest extends mesh.v1.RemoveCheckpointRequest.$Properties {
        }

        /** Represents a RemoveCheckpointRequest. */
        class RemoveCheckpointRequest {

            /**
             * Constructs a new RemoveCheckpointRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.RemoveCheckpointRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RemoveCheckpointRequest tenantId. */
            tenantId: string;

            /** RemoveCheckpointRequest streamId. */
            streamId: string;

            /** RemoveCheckpointRequest name. */
            name: string;

            /**
             * Encodes the specified RemoveCheckpointRequest message. Does not implicitly {@link mesh.v1.RemoveCheckpointRequest.verify|verify} messages.
             * @param message RemoveCheckpointRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.RemoveCheckpointRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RemoveCheckpointRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.RemoveCheckpointRequest & mesh.v1.RemoveCheckpointRequest.$Shape} RemoveCheckpointRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.RemoveCheckpointRequest & mesh.v1.RemoveCheckpointRequest.$Shape;
        }

        namespace RemoveCheckpointRequest {

            /** Properties of a RemoveCheckpointRequest. */
            interface $Properties {

                /** RemoveCheckpointRequest tenantId */
                tenantId?: (string|null);

                /** RemoveCheckpointRequest streamId */
                streamId?: (string|null);

                /** RemoveCheckpointRequest name */
                name?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RemoveCheckpointRequest. */
            type $Shape = mesh.v1.RemoveCheckpointRequest.$Properties;
        }

        /**
         * Properties of a RemoveCheckpointResponse.
         * @deprecated Use mesh.v1.RemoveCheckpointResponse.$Properties instead.
         */
        interface IRemoveCheckpointResponse extends mesh.v1.RemoveCheckpointResponse.$Properties {
        }

        /** Represents a RemoveCheckpointResponse. */
        class RemoveCheckpointResponse {

            /**
             * Constructs a new RemoveCheckpointResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.RemoveCheckpointResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified RemoveCheckpointResponse message. Does not implicitly {@link mesh.v1.RemoveCheckpointResponse.verify|verify} messages.
             * @param message RemoveCheckpointResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.RemoveCheckpointResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RemoveCheckpointResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.RemoveCheckpointResponse & mesh.v1.RemoveCheckpointResponse.$Shape} RemoveCheckpointResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.RemoveCheckpointResponse & mesh.v1.RemoveCheckpointResponse.$Shape;
        }

        namespace RemoveCheckpointResponse {

            /** Properties of a RemoveCheckpointResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RemoveCheckpointResponse. */
            type $Shape = mesh.v1.RemoveCheckpointResponse.$Properties;
        }

        /**
         * Properties of a DeleteClientDataStreamRequest.
         * @deprecated Use mesh.v1.DeleteClientDataStreamRequest.$Properties instead.
         */
        interface IDeleteClientDataStreamRequest extends mesh.v1.DeleteClientDataStreamRequest.$Properties {
        }

        /** Represents a DeleteClientDataStreamRequest. */
        class DeleteClientDataStreamRequest {

            /**
             * Constructs a new DeleteClientDataStreamRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.DeleteClientDataStreamRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeleteClientDataStreamRequest tenantId. */
            tenantId: string;

            /** DeleteClientDataStreamRequest streamId. */
            streamId: string;

            /** DeleteClientDataStreamRequest isForced. */
            isForced: boolean;

            /**
             * Encodes the specified DeleteClientDataStreamRequest message. Does not implicitly {@link mesh.v1.DeleteClientDataStreamRequest.verify|verify} messages.
             * @param message DeleteClientDataStreamRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.DeleteClientDataStreamRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeleteClientDataStreamRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.DeleteClientDataStreamRequest & mesh.v1.DeleteClientDataStreamRequest.$Shape} DeleteClientDataStreamRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.DeleteClientDataStreamRequest & mesh.v1.DeleteClientDataStreamRequest.$Shape;
        }

        namespace DeleteClientDataStreamRequest {

            /** Properties of a DeleteClientDataStreamRequest. */
            interface $Properties {

                /** DeleteClientDataStreamRequest tenantId */
                tenantId?: (string|null);

                /** DeleteClientDataStreamRequest streamId */
                streamId?: (string|null);

                /** DeleteClientDataStreamRequest isForced */
                isForced?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeleteClientDataStreamRequest. */
            type $Shape = mesh.v1.DeleteClientDataStreamRequest.$Properties;
        }

        /**
         * Properties of a DeleteClientDataStreamResponse.
         * @deprecated Use mesh.v1.DeleteClientDataStreamResponse.$Properties instead.
         */
        interface IDeleteClientDataStreamResponse extends mesh.v1.DeleteClientDataStreamResponse.$Properties {
        }

        /** Represents a DeleteClientDataStreamResponse. */
        class DeleteClientDataStreamResponse {

            /**
             * Constructs a new DeleteClientDataStreamResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.DeleteClientDataStreamResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeleteClientDataStreamResponse lastSeq. */
            lastSeq: number;

            /** DeleteClientDataStreamResponse discardedMessages. */
            discardedMessages: number;

            /** DeleteClientDataStreamResponse discardedDeadLetters. */
            discardedDeadLetters: number;

            /**
             * Encodes the specified DeleteClientDataStreamResponse message. Does not implicitly {@link mesh.v1.DeleteClientDataStreamResponse.verify|verify} messages.
             * @param message DeleteClientDataStreamResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.DeleteClientDataStreamResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeleteClientDataStreamResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.DeleteClientDataStreamResponse & mesh.v1.DeleteClientDataStreamResponse.$Shape} DeleteClientDataStreamResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.DeleteClientDataStreamResponse & mesh.v1.DeleteClientDataStreamResponse.$Shape;
        }

        namespace DeleteClientDataStreamResponse {

            /** Properties of a DeleteClientDataStreamResponse. */
            interface $Properties {

                /** DeleteClientDataStreamResponse lastSeq */
                lastSeq?: (number|null);

                /** DeleteClientDataStreamResponse discardedMessages */
                discardedMessages?: (number|null);

                /** DeleteClientDataStreamResponse discardedDeadLetters */
                discardedDeadLetters?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeleteClientDataStreamResponse. */
            type $Shape = mesh.v1.DeleteClientDataStreamResponse.$Properties;
        }

        /** PublishLevel enum. */
        enum PublishLevel {

            /** PUBLISH_LEVEL_UNSPECIFIED value */
            PUBLISH_LEVEL_UNSPECIFIED = 0,

            /** PUBLISH_LEVEL_ACCEPTED value */
            PUBLISH_LEVEL_ACCEPTED = 1,

            /** PUBLISH_LEVEL_REPLICATED value */
            PUBLISH_LEVEL_REPLICATED = 2,

            /** PUBLISH_LEVEL_COMPLETED value */
            PUBLISH_LEVEL_COMPLETED = 3
        }

        /**
         * Properties of a Chunk.
         * @deprecated Use mesh.v1.Chunk.$Properties instead.
         */
        interface IChunk extends mesh.v1.Chunk.$Properties {
        }

        /** Represents a Chunk. */
        class Chunk {

            /**
             * Constructs a new Chunk.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Chunk.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Chunk tenantId. */
            tenantId: string;

            /** Chunk streamId. */
            streamId: string;

            /** Chunk producer. */
            producer: string;

            /** Chunk producerSeq. */
            producerSeq: number;

            /** Chunk chunkSeq. */
            chunkSeq: number;

            /** Chunk chunkCount. */
            chunkCount: number;

            /** Chunk payload. */
            payload: Uint8Array;

            /** Chunk headers. */
            headers: Uint8Array;

            /** Chunk checksum. */
            checksum?: (number|null);

            /** Chunk level. */
            level: mesh.v1.PublishLevel;

            /** Chunk blake3. */
            blake3: Uint8Array;

            /** Chunk epoch. */
            epoch: number;

            /** Chunk messageId. */
            messageId: string;

            /**
             * Encodes the specified Chunk message. Does not implicitly {@link mesh.v1.Chunk.verify|verify} messages.
             * @param message Chunk message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Chunk.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Chunk message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Chunk & mesh.v1.Chunk.$Shape} Chunk
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Chunk & mesh.v1.Chunk.$Shape;
        }

        namespace Chunk {

            /** Properties of a Chunk. */
            interface $Properties {

                /** Chunk tenantId */
                tenantId?: (string|null);

                /** Chunk streamId */
                streamId?: (string|null);

                /** Chunk producer */
                producer?: (string|null);

                /** Chunk producerSeq */
                producerSeq?: (number|null);

                /** Chunk chunkSeq */
                chunkSeq?: (number|null);

                /** Chunk chunkCount */
                chunkCount?: (number|null);

                /** Chunk payload */
                payload?: (Uint8Array|null);

                /** Chunk headers */
                headers?: (Uint8Array|null);

                /** Chunk checksum */
                checksum?: (number|null);

                /** Chunk level */
                level?: (mesh.v1.PublishLevel|null);

                /** Chunk blake3 */
                blake3?: (Uint8Array|null);

                /** Chunk epoch */
                epoch?: (number|null);

                /** Chunk messageId */
                messageId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Chunk. */
            type $Shape = mesh.v1.Chunk.$Properties;
        }

        /**
         * Properties of a PublishResult.
         * @deprecated Use mesh.v1.PublishResult.$Properties instead.
         */
        interface IPublishResult extends mesh.v1.PublishResult.$Properties {
        }

        /** Represents a PublishResult. */
        class PublishResult {

            /**
             * Constructs a new PublishResult.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PublishResult.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishResult streamId. */
            streamId: string;

            /** PublishResult seq. */
            seq: number;

            /** PublishResult level. */
            level: mesh.v1.PublishLevel;

            /** PublishResult isRepeat. */
            isRepeat: boolean;

            /**
             * Encodes the specified PublishResult message. Does not implicitly {@link mesh.v1.PublishResult.verify|verify} messages.
             * @param message PublishResult message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PublishResult.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishResult message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PublishResult & mesh.v1.PublishResult.$Shape} PublishResult
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PublishResult & mesh.v1.PublishResult.$Shape;
        }

        namespace PublishResult {

            /** Properties of a PublishResult. */
            interface $Properties {

                /** PublishResult streamId */
                streamId?: (string|null);

                /** PublishResult seq */
                seq?: (number|null);

                /** PublishResult level */
                level?: (mesh.v1.PublishLevel|null);

                /** PublishResult isRepeat */
                isRepeat?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishResult. */
            type $Shape = mesh.v1.PublishResult.$Properties;
        }

        /**
         * Properties of a PublishRequest.
         * @deprecated Use mesh.v1.PublishRequest.$Properties instead.
         */
        interface IPublishRequest extends mesh.v1.PublishRequest.$Properties {
        }

        /** Represents a PublishRequest. */
        class PublishRequest {

            /**
             * Constructs a new PublishRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PublishRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishRequest open. */
            open?: (mesh.v1.PublishOpen.$Properties|null);

            /** PublishRequest batch. */
            batch?: (mesh.v1.PublishBatch.$Properties|null);

            /** PublishRequest request. */
            request?: ("open"|"batch");

            /**
             * Encodes the specified PublishRequest message. Does not implicitly {@link mesh.v1.PublishRequest.verify|verify} messages.
             * @param message PublishRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PublishRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PublishRequest & mesh.v1.PublishRequest.$Shape} PublishRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PublishRequest & mesh.v1.PublishRequest.$Shape;
        }

        namespace PublishRequest {

            /** Properties of a PublishRequest. */
            interface $Properties {

                /** PublishRequest open */
                open?: (mesh.v1.PublishOpen.$Properties|null);

                /** PublishRequest batch */
                batch?: (mesh.v1.PublishBatch.$Properties|null);

                /** PublishRequest request */
                request?: ("open"|"batch");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a PublishRequest. */
            type $Shape = {
              open?: mesh.v1.PublishOpen.$Shape|null;
              batch?: mesh.v1.PublishBatch.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ request?: undefined; open?: null; batch?: null }|{ request?: "open"; open: mesh.v1.PublishOpen.$Shape; batch?: null }|{ request?: "batch"; open?: null; batch: mesh.v1.PublishBatch.$Shape })
            );
        }

        /**
         * Properties of a PublishOpen.
         * @deprecated Use mesh.v1.PublishOpen.$Properties instead.
         */
        interface IPublishOpen extends mesh.v1.PublishOpen.$Properties {
        }

        /** Represents a PublishOpen. */
        class PublishOpen {

            /**
             * Constructs a new PublishOpen.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PublishOpen.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishOpen tenantId. */
            tenantId: string;

            /** PublishOpen streamId. */
            streamId: string;

            /** PublishOpen producer. */
            producer: string;

            /** PublishOpen level. */
            level: mesh.v1.PublishLevel;

            /** PublishOpen epoch. */
            epoch?: (number|null);

            /**
             * Encodes the specified PublishOpen message. Does not implicitly {@link mesh.v1.PublishOpen.verify|verify} messages.
             * @param message PublishOpen message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PublishOpen.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishOpen message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PublishOpen & mesh.v1.PublishOpen.$Shape} PublishOpen
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PublishOpen & mesh.v1.PublishOpen.$Shape;
        }

        namespace PublishOpen {

            /** Properties of a PublishOpen. */
            interface $Properties {

                /** PublishOpen tenantId */
                tenantId?: (string|null);

                /** PublishOpen streamId */
                streamId?: (string|null);

                /** PublishOpen producer */
                producer?: (string|null);

                /** PublishOpen level */
                level?: (mesh.v1.PublishLevel|null);

                /** PublishOpen epoch */
                epoch?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishOpen. */
            type $Shape = mesh.v1.PublishOpen.$Properties;
        }

        /**
         * Properties of a PublishBatch.
         * @deprecated Use mesh.v1.PublishBatch.$Properties instead.
         */
        interface IPublishBatch extends mesh.v1.PublishBatch.$Properties {
        }

        /** Represents a PublishBatch. */
        class PublishBatch {

            /**
             * Constructs a new PublishBatch.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PublishBatch.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishBatch entries. */
            entries: mesh.v1.PublishEntry.$Properties[];

            /**
             * Encodes the specified PublishBatch message. Does not implicitly {@link mesh.v1.PublishBatch.verify|verify} messages.
             * @param message PublishBatch message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PublishBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishBatch message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PublishBatch & mesh.v1.PublishBatch.$Shape} PublishBatch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PublishBatch & mesh.v1.PublishBatch.$Shape;
        }

        namespace PublishBatch {

            /** Properties of a PublishBatch. */
            interface $Properties {

                /** PublishBatch entries */
                entries?: (mesh.v1.PublishEntry.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishBatch. */
            type $Shape = mesh.v1.PublishBatch.$Properties;
        }

        /**
         * Properties of a PublishEntry.
         * @deprecated Use mesh.v1.PublishEntry.$Properties instead.
         */
        interface IPublishEntry extends mesh.v1.PublishEntry.$Properties {
        }

        /** Represents a PublishEntry. */
        class PublishEntry {

            /**
             * Constructs a new PublishEntry.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PublishEntry.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishEntry producerSeq. */
            producerSeq: number;

            /** PublishEntry chunkSeq. */
            chunkSeq: number;

            /** PublishEntry chunkCount. */
            chunkCount: number;

            /** PublishEntry payload. */
            payload: Uint8Array;

            /** PublishEntry headers. */
            headers: Uint8Array;

            /** PublishEntry checksum. */
            checksum?: (number|null);

            /** PublishEntry blake3. */
            blake3: Uint8Array;

            /**
             * Encodes the specified PublishEntry message. Does not implicitly {@link mesh.v1.PublishEntry.verify|verify} messages.
             * @param message PublishEntry message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PublishEntry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishEntry message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PublishEntry & mesh.v1.PublishEntry.$Shape} PublishEntry
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PublishEntry & mesh.v1.PublishEntry.$Shape;
        }

        namespace PublishEntry {

            /** Properties of a PublishEntry. */
            interface $Properties {

                /** PublishEntry producerSeq */
                producerSeq?: (number|null);

                /** PublishEntry chunkSeq */
                chunkSeq?: (number|null);

                /** PublishEntry chunkCount */
                chunkCount?: (number|null);

                /** PublishEntry payload */
                payload?: (Uint8Array|null);

                /** PublishEntry headers */
                headers?: (Uint8Array|null);

                /** PublishEntry checksum */
                checksum?: (number|null);

                /** PublishEntry blake3 */
                blake3?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishEntry. */
            type $Shape = mesh.v1.PublishEntry.$Properties;
        }

        /**
         * Properties of a PublishResponse.
         * @deprecated Use mesh.v1.PublishResponse.$Properties instead.
         */
        interface IPublishResponse extends mesh.v1.PublishResponse.$Properties {
        }

        /** Represents a PublishResponse. */
        class PublishResponse {

            /**
             * Constructs a new PublishResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PublishResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishResponse opened. */
            opened?: (mesh.v1.PublishOpened.$Properties|null);

            /** PublishResponse watermarks. */
            watermarks?: (mesh.v1.PublishWatermarks.$Properties|null);

            /** PublishResponse response. */
            response?: ("opened"|"watermarks");

            /**
             * Encodes the specified PublishResponse message. Does not implicitly {@link mesh.v1.PublishResponse.verify|verify} messages.
             * @param message PublishResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PublishResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PublishResponse & mesh.v1.PublishResponse.$Shape} PublishResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PublishResponse & mesh.v1.PublishResponse.$Shape;
        }

        namespace PublishResponse {

            /** Properties of a PublishResponse. */
            interface $Properties {

                /** PublishResponse opened */
                opened?: (mesh.v1.PublishOpened.$Properties|null);

                /** PublishResponse watermarks */
                watermarks?: (mesh.v1.PublishWatermarks.$Properties|null);

                /** PublishResponse response */
                response?: ("opened"|"watermarks");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a PublishResponse. */
            type $Shape = {
              opened?: mesh.v1.PublishOpened.$Shape|null;
              watermarks?: mesh.v1.PublishWatermarks.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ response?: undefined; opened?: null; watermarks?: null }|{ response?: "opened"; opened: mesh.v1.PublishOpened.$Shape; watermarks?: null }|{ response?: "watermarks"; opened?: null; watermarks: mesh.v1.PublishWatermarks.$Shape })
            );
        }

        /**
         * Properties of a PublishOpened.
         * @deprecated Use mesh.v1.PublishOpened.$Properties instead.
         */
        interface IPublishOpened extends mesh.v1.PublishOpened.$Properties {
        }

        /** Represents a PublishOpened. */
        class PublishOpened {

            /**
             * Constructs a new PublishOpened.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PublishOpened.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishOpened streamId. */
            streamId: string;

            /** PublishOpened lastProducerSeq. */
            lastProducerSeq: number;

            /** PublishOpened creditLimitBytes. */
            creditLimitBytes: number;

            /** PublishOpened epoch. */
            epoch: number;

            /**
             * Encodes the specified PublishOpened message. Does not implicitly {@link mesh.v1.PublishOpened.verify|verify} messages.
             * @param message PublishOpened message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PublishOpened.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishOpened message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PublishOpened & mesh.v1.PublishOpened.$Shape} PublishOpened
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PublishOpened & mesh.v1.PublishOpened.$Shape;
        }

        namespace PublishOpened {

            /** Properties of a PublishOpened. */
            interface $Properties {

                /** PublishOpened streamId */
                streamId?: (string|null);

                /** PublishOpened lastProducerSeq */
                lastProducerSeq?: (number|null);

                /** PublishOpened creditLimitBytes */
                creditLimitBytes?: (number|null);

                /** PublishOpened epoch */
                epoch?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishOpened. */
            type $Shape = mesh.v1.PublishOpened.$Properties;
        }

        /**
         * Properties of a PublishWatermarks.
         * @deprecated Use mesh.v1.PublishWatermarks.$Properties instead.
         */
        interface IPublishWatermarks extends mesh.v1.PublishWatermarks.$Properties {
        }

        /** Represents a PublishWatermarks. */
        class PublishWatermarks {

            /**
             * Constructs a new PublishWatermarks.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PublishWatermarks.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishWatermarks accepted. */
            accepted: number;

            /** PublishWatermarks replicated. */
            replicated: number;

            /** PublishWatermarks completed. */
            completed: number;

            /** PublishWatermarks creditLimitBytes. */
            creditLimitBytes: number;

            /**
             * Encodes the specified PublishWatermarks message. Does not implicitly {@link mesh.v1.PublishWatermarks.verify|verify} messages.
             * @param message PublishWatermarks message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PublishWatermarks.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishWatermarks message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PublishWatermarks & mesh.v1.PublishWatermarks.$Shape} PublishWatermarks
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PublishWatermarks & mesh.v1.PublishWatermarks.$Shape;
        }

        namespace PublishWatermarks {

            /** Properties of a PublishWatermarks. */
            interface $Properties {

                /** PublishWatermarks accepted */
                accepted?: (number|null);

                /** PublishWatermarks replicated */
                replicated?: (number|null);

                /** PublishWatermarks completed */
                completed?: (number|null);

                /** PublishWatermarks creditLimitBytes */
                creditLimitBytes?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishWatermarks. */
            type $Shape = mesh.v1.PublishWatermarks.$Properties;
        }

        /**
         * Properties of a SubscribeRequest.
         * @deprecated Use mesh.v1.SubscribeRequest.$Properties instead.
         */
        interface ISubscribeRequest extends mesh.v1.SubscribeRequest.$Properties {
        }

        /** Represents a SubscribeRequest. */
        class SubscribeRequest {

            /**
             * Constructs a new SubscribeRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.SubscribeRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubscribeRequest subscribe. */
            subscribe?: (mesh.v1.Subscribe.$Properties|null);

            /** SubscribeRequest ack. */
            ack?: (mesh.v1.Ack.$Properties|null);

            /** SubscribeRequest window. */
            window?: (mesh.v1.WindowUpdate.$Properties|null);

            /** SubscribeRequest nack. */
            nack?: (mesh.v1.Nack.$Properties|null);

            /** SubscribeRequest request. */
            request?: ("subscribe"|"ack"|"window"|"nack");

            /**
             * Encodes the specified SubscribeRequest message. Does not implicitly {@link mesh.v1.SubscribeRequest.verify|verify} messages.
             * @param message SubscribeRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.SubscribeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscribeRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.SubscribeRequest & mesh.v1.SubscribeRequest.$Shape} SubscribeRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.SubscribeRequest & mesh.v1.SubscribeRequest.$Shape;
        }

        namespace SubscribeRequest {

            /** Properties of a SubscribeRequest. */
            interface $Properties {

                /** SubscribeRequest subscribe */
                subscribe?: (mesh.v1.Subscribe.$Properties|null);

                /** SubscribeRequest ack */
                ack?: (mesh.v1.Ack.$Properties|null);

                /** SubscribeRequest window */
                window?: (mesh.v1.WindowUpdate.$Properties|null);

                /** SubscribeRequest nack */
                nack?: (mesh.v1.Nack.$Properties|null);

                /** SubscribeRequest request */
                request?: ("subscribe"|"ack"|"window"|"nack");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a SubscribeRequest. */
            type $Shape = {
              subscribe?: mesh.v1.Subscribe.$Shape|null;
              ack?: mesh.v1.Ack.$Shape|null;
              window?: mesh.v1.WindowUpdate.$Shape|null;
              nack?: mesh.v1.Nack.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ request?: undefined; subscribe?: null; ack?: null; window?: null; nack?: null }|{ request?: "subscribe"; subscribe: mesh.v1.Subscribe.$Shape; ack?: null; window?: null; nack?: null }|{ request?: "ack"; subscribe?: null; ack: mesh.v1.Ack.$Shape; window?: null; nack?: null }|{ request?: "window"; subscribe?: null; ack?: null; window: mesh.v1.WindowUpdate.$Shape; nack?: null }|{ request?: "nack"; subscribe?: null; ack?: null; window?: null; nack: mesh.v1.Nack.$Shape })
            );
        }

        /**
         * Properties of a Subscribe.
         * @deprecated Use mesh.v1.Subscribe.$Properties instead.
         */
        interface ISubscribe extends mesh.v1.Subscribe.$Properties {
        }

        /** Represents a Subscribe. */
        class Subscribe {

            /**
             * Constructs a new Subscribe.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Subscribe.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Subscribe tenantId. */
            tenantId: string;

            /** Subscribe streamId. */
            streamId?: (string|null);

            /** Subscribe streamName. */
            streamName?: (string|null);

            /** Subscribe resumeAfter. */
            resumeAfter?: (number|null);

            /** Subscribe windowMessages. */
            windowMessages: number;

            /** Subscribe windowBytes. */
            windowBytes: number;

            /** Subscribe deadLetters. */
            deadLetters: boolean;

            /** Subscribe fromCheckpoint. */
            fromCheckpoint: string;

            /** Subscribe selector. */
            selector?: ("streamId"|"streamName");

            /**
             * Encodes the specified Subscribe message. Does not implicitly {@link mesh.v1.Subscribe.verify|verify} messages.
             * @param message Subscribe message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Subscribe.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Subscribe message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Subscribe & mesh.v1.Subscribe.$Shape} Subscribe
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Subscribe & mesh.v1.Subscribe.$Shape;
        }

        namespace Subscribe {

            /** Properties of a Subscribe. */
            interface $Properties {

                /** Subscribe tenantId */
                tenantId?: (string|null);

                /** Subscribe streamId */
                streamId?: (string|null);

                /** Subscribe streamName */
                streamName?: (string|null);

                /** Subscribe resumeAfter */
                resumeAfter?: (number|null);

                /** Subscribe windowMessages */
                windowMessages?: (number|null);

                /** Subscribe windowBytes */
                windowBytes?: (number|null);

                /** Subscribe deadLetters */
                deadLetters?: (boolean|null);

                /** Subscribe fromCheckpoint */
                fromCheckpoint?: (string|null);

                /** Subscribe selector */
                selector?: ("streamId"|"streamName");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Subscribe. */
            type $Shape = {
              tenantId?: string|null;
              streamId?: string|null;
              streamName?: string|null;
              resumeAfter?: number|null;
              windowMessages?: number|null;
              windowBytes?: number|null;
              deadLetters?: boolean|null;
              fromCheckpoint?: string|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ selector?: undefined; streamId?: null; streamName?: null }|{ selector?: "streamId"; streamId: string; streamName?: null }|{ selector?: "streamName"; streamId?: null; streamName: string })
            );
        }

        /**
         * Properties of an Ack.
         * @deprecated Use mesh.v1.Ack.$Properties instead.
         */
        interface IAck extends mesh.v1.Ack.$Properties {
        }

        /** Represents an Ack. */
        class Ack {

            /**
             * Constructs a new Ack.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Ack.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ack attempt. */
            attempt: number;

            /** Ack seq. */
            seq: number;

            /**
             * Encodes the specified Ack message. Does not implicitly {@link mesh.v1.Ack.verify|verify} messages.
             * @param message Ack message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Ack message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Ack & mesh.v1.Ack.$Shape} Ack
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Ack & mesh.v1.Ack.$Shape;
        }

        namespace Ack {

            /** Properties of an Ack. */
            interface $Properties {

                /** Ack attempt */
                attempt?: (number|null);

                /** Ack seq */
                seq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Ack. */
            type $Shape = mesh.v1.Ack.$Properties;
        }

        /**
         * Properties of a Nack.
         * @deprecated Use mesh.v1.Nack.$Properties instead.
         */
        interface INack extends mesh.v1.Nack.$Properties {
        }

        /** Represents a Nack. */
        class Nack {

            /**
             * Constructs a new Nack.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Nack.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Nack attempt. */
            attempt: number;

            /** Nack seq. */
            seq: number;

            /** Nack reason. */
            reason: string;

            /**
             * Encodes the specified Nack message. Does not implicitly {@link mesh.v1.Nack.verify|verify} messages.
             * @param message Nack message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Nack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Nack message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Nack & mesh.v1.Nack.$Shape} Nack
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Nack & mesh.v1.Nack.$Shape;
        }

        namespace Nack {

            /** Properties of a Nack. */
            interface $Properties {

                /** Nack attempt */
                attempt?: (number|null);

                /** Nack seq */
                seq?: (number|null);

                /** Nack reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Nack. */
            type $Shape = mesh.v1.Nack.$Properties;
        }

        /**
         * Properties of a WindowUpdate.
         * @deprecated Use mesh.v1.WindowUpdate.$Properties instead.
         */
        interface IWindowUpdate extends mesh.v1.WindowUpdate.$Properties {
        }

        /** Represents a WindowUpdate. */
        class WindowUpdate {

            /**
             * Constructs a new WindowUpdate.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.WindowUpdate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** WindowUpdate messages. */
            messages: number;

            /** WindowUpdate bytes. */
            bytes: number;

            /**
             * Encodes the specified WindowUpdate message. Does not implicitly {@link mesh.v1.WindowUpdate.verify|verify} messages.
             * @param message WindowUpdate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.WindowUpdate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a WindowUpdate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.WindowUpdate & mesh.v1.WindowUpdate.$Shape} WindowUpdate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.WindowUpdate & mesh.v1.WindowUpdate.$Shape;
        }

        namespace WindowUpdate {

            /** Properties of a WindowUpdate. */
            interface $Properties {

                /** WindowUpdate messages */
                messages?: (number|null);

                /** WindowUpdate bytes */
                bytes?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a WindowUpdate. */
            type $Shape = mesh.v1.WindowUpdate.$Properties;
        }

        /**
         * Properties of a SubscribeResponse.
         * @deprecated Use mesh.v1.SubscribeResponse.$Properties instead.
         */
        interface ISubscribeResponse extends mesh.v1.SubscribeResponse.$Properties {
        }

        /** Represents a SubscribeResponse. */
        class SubscribeResponse {

            /**
             * Constructs a new SubscribeResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.SubscribeResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SubscribeResponse subscribed. */
            subscribed?: (mesh.v1.Subscribed.$Properties|null);

            /** SubscribeResponse batch. */
            batch?: (mesh.v1.DeliveryBatch.$Properties|null);

            /** SubscribeResponse voided. */
            voided?: (mesh.v1.AttemptVoided.$Properties|null);

            /** SubscribeResponse ackRefused. */
            ackRefused?: (mesh.v1.AckRefused.$Properties|null);

            /** SubscribeResponse response. */
            response?: ("subscribed"|"batch"|"voided"|"ackRefused");

            /**
             * Encodes the specified SubscribeResponse message. Does not implicitly {@link mesh.v1.SubscribeResponse.verify|verify} messages.
             * @param message SubscribeResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.SubscribeResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SubscribeResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.SubscribeResponse & mesh.v1.SubscribeResponse.$Shape} SubscribeResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.SubscribeResponse & mesh.v1.SubscribeResponse.$Shape;
        }

        namespace SubscribeResponse {

            /** Properties of a SubscribeResponse. */
            interface $Properties {

                /** SubscribeResponse subscribed */
                subscribed?: (mesh.v1.Subscribed.$Properties|null);

                /** SubscribeResponse batch */
                batch?: (mesh.v1.DeliveryBatch.$Properties|null);

                /** SubscribeResponse voided */
                voided?: (mesh.v1.AttemptVoided.$Properties|null);

                /** SubscribeResponse ackRefused */
                ackRefused?: (mesh.v1.AckRefused.$Properties|null);

                /** SubscribeResponse response */
                response?: ("subscribed"|"batch"|"voided"|"ackRefused");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a SubscribeResponse. */
            type $Shape = {
              subscribed?: mesh.v1.Subscribed.$Shape|null;
              batch?: mesh.v1.DeliveryBatch.$Shape|null;
              voided?: mesh.v1.AttemptVoided.$Shape|null;
              ackRefused?: mesh.v1.AckRefused.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ response?: undefined; subscribed?: null; batch?: null; voided?: null; ackRefused?: null }|{ response?: "subscribed"; subscribed: mesh.v1.Subscribed.$Shape; batch?: null; voided?: null; ackRefused?: null }|{ response?: "batch"; subscribed?: null; batch: mesh.v1.DeliveryBatch.$Shape; voided?: null; ackRefused?: null }|{ response?: "voided"; subscribed?: null; batch?: null; voided: mesh.v1.AttemptVoided.$Shape; ackRefused?: null }|{ response?: "ackRefused"; subscribed?: null; batch?: null; voided?: null; ackRefused: mesh.v1.AckRefused.$Shape })
            );
        }

        /**
         * Properties of a Subscribed.
         * @deprecated Use mesh.v1.Subscribed.$Properties instead.
         */
        interface ISubscribed extends mesh.v1.Subscribed.$Properties {
        }

        /** Represents a Subscribed. */
        class Subscribed {

            /**
             * Constructs a new Subscribed.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.Subscribed.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Subscribed streamId. */
            streamId: string;

            /** Subscribed sourceId. */
            sourceId: string;

            /** Subscribed resumeAfter. */
            resumeAfter: number;

            /** Subscribed attempt. */
            attempt: number;

            /**
             * Encodes the specified Subscribed message. Does not implicitly {@link mesh.v1.Subscribed.verify|verify} messages.
             * @param message Subscribed message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.Subscribed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Subscribed message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.Subscribed & mesh.v1.Subscribed.$Shape} Subscribed
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.Subscribed & mesh.v1.Subscribed.$Shape;
        }

        namespace Subscribed {

            /** Properties of a Subscribed. */
            interface $Properties {

                /** Subscribed streamId */
                streamId?: (string|null);

                /** Subscribed sourceId */
                sourceId?: (string|null);

                /** Subscribed resumeAfter */
                resumeAfter?: (number|null);

                /** Subscribed attempt */
                attempt?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Subscribed. */
            type $Shape = mesh.v1.Subscribed.$Properties;
        }

        /**
         * Properties of an AttemptVoided.
         * @deprecated Use mesh.v1.AttemptVoided.$Properties instead.
         */
        interface IAttemptVoided extends mesh.v1.AttemptVoided.$Properties {
        }

        /** Represents an AttemptVoided. */
        class AttemptVoided {

            /**
             * Constructs a new AttemptVoided.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.AttemptVoided.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AttemptVoided attempt. */
            attempt: number;

            /** AttemptVoided nextAttempt. */
            nextAttempt: number;

            /** AttemptVoided seq. */
            seq: number;

            /** AttemptVoided failures. */
            failures: number;

            /** AttemptVoided reason. */
            reason: string;

            /** AttemptVoided retryAfterMs. */
            retryAfterMs: number;

            /**
             * Encodes the specified AttemptVoided message. Does not implicitly {@link mesh.v1.AttemptVoided.verify|verify} messages.
             * @param message AttemptVoided message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.AttemptVoided.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AttemptVoided message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.AttemptVoided & mesh.v1.AttemptVoided.$Shape} AttemptVoided
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.AttemptVoided & mesh.v1.AttemptVoided.$Shape;
        }

        namespace AttemptVoided {

            /** Properties of an AttemptVoided. */
            interface $Properties {

                /** AttemptVoided attempt */
                attempt?: (number|null);

                /** AttemptVoided nextAttempt */
                nextAttempt?: (number|null);

                /** AttemptVoided seq */
                seq?: (number|null);

                /** AttemptVoided failures */
                failures?: (number|null);

                /** AttemptVoided reason */
                reason?: (string|null);

                /** AttemptVoided retryAfterMs */
                retryAfterMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AttemptVoided. */
            type $Shape = mesh.v1.AttemptVoided.$Properties;
        }

        /**
         * Properties of an AckRefused.
         * @deprecated Use mesh.v1.AckRefused.$Properties instead.
         */
        interface IAckRefused extends mesh.v1.AckRefused.$Properties {
        }

        /** Represents an AckRefused. */
        class AckRefused {

            /**
             * Constructs a new AckRefused.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.AckRefused.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** AckRefused attempt. */
            attempt: number;

            /** AckRefused seq. */
            seq: number;

            /** AckRefused code. */
            code: string;

            /** AckRefused detail. */
            detail: string;

            /**
             * Encodes the specified AckRefused message. Does not implicitly {@link mesh.v1.AckRefused.verify|verify} messages.
             * @param message AckRefused message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.AckRefused.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an AckRefused message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.AckRefused & mesh.v1.AckRefused.$Shape} AckRefused
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.AckRefused & mesh.v1.AckRefused.$Shape;
        }

        namespace AckRefused {

            /** Properties of an AckRefused. */
            interface $Properties {

                /** AckRefused attempt */
                attempt?: (number|null);

                /** AckRefused seq */
                seq?: (number|null);

                /** AckRefused code */
                code?: (string|null);

                /** AckRefused detail */
                detail?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an AckRefused. */
            type $Shape = mesh.v1.AckRefused.$Properties;
        }

        /**
         * Properties of a DeliveryBatch.
         * @deprecated Use mesh.v1.DeliveryBatch.$Properties instead.
         */
        interface IDeliveryBatch extends mesh.v1.DeliveryBatch.$Properties {
        }

        /** Represents a DeliveryBatch. */
        class DeliveryBatch {

            /**
             * Constructs a new DeliveryBatch.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.DeliveryBatch.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeliveryBatch attempt. */
            attempt: number;

            /** DeliveryBatch items. */
            items: mesh.v1.ClientData.$Properties[];

            /**
             * Encodes the specified DeliveryBatch message. Does not implicitly {@link mesh.v1.DeliveryBatch.verify|verify} messages.
             * @param message DeliveryBatch message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.DeliveryBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeliveryBatch message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.DeliveryBatch & mesh.v1.DeliveryBatch.$Shape} DeliveryBatch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.DeliveryBatch & mesh.v1.DeliveryBatch.$Shape;
        }

        namespace DeliveryBatch {

            /** Properties of a DeliveryBatch. */
            interface $Properties {

                /** DeliveryBatch attempt */
                attempt?: (number|null);

                /** DeliveryBatch items */
                items?: (mesh.v1.ClientData.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeliveryBatch. */
            type $Shape = mesh.v1.DeliveryBatch.$Properties;
        }

        /**
         * Properties of a ClientData.
         * @deprecated Use mesh.v1.ClientData.$Properties instead.
         */
        interface IClientData extends mesh.v1.ClientData.$Properties {
        }

        /** Represents a ClientData. */
        class ClientData {

            /**
             * Constructs a new ClientData.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ClientData.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ClientData seq. */
            seq: number;

            /** ClientData chunkSeq. */
            chunkSeq: number;

            /** ClientData chunkCount. */
            chunkCount: number;

            /** ClientData messageId. */
            messageId: string;

            /** ClientData producer. */
            producer: string;

            /** ClientData producerSeq. */
            producerSeq: number;

            /** ClientData payload. */
            payload: Uint8Array;

            /** ClientData checksum. */
            checksum: number;

            /** ClientData headers. */
            headers: Uint8Array;

            /** ClientData isDead. */
            isDead: boolean;

            /** ClientData letterSeq. */
            letterSeq: number;

            /** ClientData blake3. */
            blake3: Uint8Array;

            /**
             * Encodes the specified ClientData message. Does not implicitly {@link mesh.v1.ClientData.verify|verify} messages.
             * @param message ClientData message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ClientData.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ClientData message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ClientData & mesh.v1.ClientData.$Shape} ClientData
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ClientData & mesh.v1.ClientData.$Shape;
        }

        namespace ClientData {

            /** Properties of a ClientData. */
            interface $Properties {

                /** ClientData seq */
                seq?: (number|null);

                /** ClientData chunkSeq */
                chunkSeq?: (number|null);

                /** ClientData chunkCount */
                chunkCount?: (number|null);

                /** ClientData messageId */
                messageId?: (string|null);

                /** ClientData producer */
                producer?: (string|null);

                /** ClientData producerSeq */
                producerSeq?: (number|null);

                /** ClientData payload */
                payload?: (Uint8Array|null);

                /** ClientData checksum */
                checksum?: (number|null);

                /** ClientData headers */
                headers?: (Uint8Array|null);

                /** ClientData isDead */
                isDead?: (boolean|null);

                /** ClientData letterSeq */
                letterSeq?: (number|null);

                /** ClientData blake3 */
                blake3?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ClientData. */
            type $Shape = mesh.v1.ClientData.$Properties;
        }

        /**
         * Properties of a DeadLetter.
         * @deprecated Use mesh.v1.DeadLetter.$Properties instead.
         */
        interface IDeadLetter extends mesh.v1.DeadLetter.$Properties {
        }

        /** Represents a DeadLetter. */
        class DeadLetter {

            /**
             * Constructs a new DeadLetter.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.DeadLetter.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeadLetter streamId. */
            streamId: string;

            /** DeadLetter streamName. */
            streamName: string;

            /** DeadLetter targetId. */
            targetId: string;

            /** DeadLetter seq. */
            seq: number;

            /** DeadLetter messageId. */
            messageId: string;

            /** DeadLetter producer. */
            producer: string;

            /** DeadLetter producerSeq. */
            producerSeq: number;

            /** DeadLetter chunkCount. */
            chunkCount: number;

            /** DeadLetter payloadBytes. */
            payloadBytes: number;

            /** DeadLetter failures. */
            failures: number;

            /** DeadLetter reason. */
            reason: string;

            /** DeadLetter diedAtMs. */
            diedAtMs: number;

            /** DeadLetter replay. */
            replay: number;

            /**
             * Encodes the specified DeadLetter message. Does not implicitly {@link mesh.v1.DeadLetter.verify|verify} messages.
             * @param message DeadLetter message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.DeadLetter.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeadLetter message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.DeadLetter & mesh.v1.DeadLetter.$Shape} DeadLetter
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.DeadLetter & mesh.v1.DeadLetter.$Shape;
        }

        namespace DeadLetter {

            /** Properties of a DeadLetter. */
            interface $Properties {

                /** DeadLetter streamId */
                streamId?: (string|null);

                /** DeadLetter streamName */
                streamName?: (string|null);

                /** DeadLetter targetId */
                targetId?: (string|null);

                /** DeadLetter seq */
                seq?: (number|null);

                /** DeadLetter messageId */
                messageId?: (string|null);

                /** DeadLetter producer */
                producer?: (string|null);

                /** DeadLetter producerSeq */
                producerSeq?: (number|null);

                /** DeadLetter chunkCount */
                chunkCount?: (number|null);

                /** DeadLetter payloadBytes */
                payloadBytes?: (number|null);

                /** DeadLetter failures */
                failures?: (number|null);

                /** DeadLetter reason */
                reason?: (string|null);

                /** DeadLetter diedAtMs */
                diedAtMs?: (number|null);

                /** DeadLetter replay */
                replay?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeadLetter. */
            type $Shape = mesh.v1.DeadLetter.$Properties;
        }

        /**
         * Properties of a ListDeadLettersRequest.
         * @deprecated Use mesh.v1.ListDeadLettersRequest.$Properties instead.
         */
        interface IListDeadLettersRequest extends mesh.v1.ListDeadLettersRequest.$Properties {
        }

        /** Represents a ListDeadLettersRequest. */
        class ListDeadLettersRequest {

            /**
             * Constructs a new ListDeadLettersRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ListDeadLettersRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListDeadLettersRequest tenantId. */
            tenantId: string;

            /** ListDeadLettersRequest streamId. */
            streamId: string;

            /**
             * Encodes the specified ListDeadLettersRequest message. Does not implicitly {@link mesh.v1.ListDeadLettersRequest.verify|verify} messages.
             * @param message ListDeadLettersRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ListDeadLettersRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListDeadLettersRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ListDeadLettersRequest & mesh.v1.ListDeadLettersRequest.$Shape} ListDeadLettersRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ListDeadLettersRequest & mesh.v1.ListDeadLettersRequest.$Shape;
        }

        namespace ListDeadLettersRequest {

            /** Properties of a ListDeadLettersRequest. */
            interface $Properties {

                /** ListDeadLettersRequest tenantId */
                tenantId?: (string|null);

                /** ListDeadLettersRequest streamId */
                streamId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListDeadLettersRequest. */
            type $Shape = mesh.v1.ListDeadLettersRequest.$Properties;
        }

        /**
         * Properties of a ListDeadLettersResponse.
         * @deprecated Use mesh.v1.ListDeadLettersResponse.$Properties instead.
         */
        interface IListDeadLettersResponse extends mesh.v1.ListDeadLettersResponse.$Properties {
        }

        /** Represents a ListDeadLettersResponse. */
        class ListDeadLettersResponse {

            /**
             * Constructs a new ListDeadLettersResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ListDeadLettersResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ListDeadLettersResponse letters. */
            letters: mesh.v1.DeadLetter.$Properties[];

            /**
             * Encodes the specified ListDeadLettersResponse message. Does not implicitly {@link mesh.v1.ListDeadLettersResponse.verify|verify} messages.
             * @param message ListDeadLettersResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ListDeadLettersResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ListDeadLettersResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ListDeadLettersResponse & mesh.v1.ListDeadLettersResponse.$Shape} ListDeadLettersResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ListDeadLettersResponse & mesh.v1.ListDeadLettersResponse.$Shape;
        }

        namespace ListDeadLettersResponse {

            /** Properties of a ListDeadLettersResponse. */
            interface $Properties {

                /** ListDeadLettersResponse letters */
                letters?: (mesh.v1.DeadLetter.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ListDeadLettersResponse. */
            type $Shape = mesh.v1.ListDeadLettersResponse.$Properties;
        }

        /**
         * Properties of a DeadLetterSelector.
         * @deprecated Use mesh.v1.DeadLetterSelector.$Properties instead.
         */
        interface IDeadLetterSelector extends mesh.v1.DeadLetterSelector.$Properties {
        }

        /** Represents a DeadLetterSelector. */
        class DeadLetterSelector {

            /**
             * Constructs a new DeadLetterSelector.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.DeadLetterSelector.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeadLetterSelector tenantId. */
            tenantId: string;

            /** DeadLetterSelector streamId. */
            streamId: string;

            /** DeadLetterSelector targetId. */
            targetId: string;

            /** DeadLetterSelector seq. */
            seq: number;

            /**
             * Encodes the specified DeadLetterSelector message. Does not implicitly {@link mesh.v1.DeadLetterSelector.verify|verify} messages.
             * @param message DeadLetterSelector message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.DeadLetterSelector.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeadLetterSelector message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.DeadLetterSelector & mesh.v1.DeadLetterSelector.$Shape} DeadLetterSelector
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.DeadLetterSelector & mesh.v1.DeadLetterSelector.$Shape;
        }

        namespace DeadLetterSelector {

            /** Properties of a DeadLetterSelector. */
            interface $Properties {

                /** DeadLetterSelector tenantId */
                tenantId?: (string|null);

                /** DeadLetterSelector streamId */
                streamId?: (string|null);

                /** DeadLetterSelector targetId */
                targetId?: (string|null);

                /** DeadLetterSelector seq */
                seq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeadLetterSelector. */
            type $Shape = mesh.v1.DeadLetterSelector.$Properties;
        }

        /**
         * Properties of a ShowDeadLetterRequest.
         * @deprecated Use mesh.v1.ShowDeadLetterRequest.$Properties instead.
         */
        interface IShowDeadLetterRequest extends mesh.v1.ShowDeadLetterRequest.$Properties {
        }

        /** Represents a ShowDeadLetterRequest. */
        class ShowDeadLetterRequest {

            /**
             * Constructs a new ShowDeadLetterRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ShowDeadLetterRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ShowDeadLetterRequest letter. */
            letter?: (mesh.v1.DeadLetterSelector.$Properties|null);

            /** ShowDeadLetterRequest chunkSeq. */
            chunkSeq: number;

            /**
             * Encodes the specified ShowDeadLetterRequest message. Does not implicitly {@link mesh.v1.ShowDeadLetterRequest.verify|verify} messages.
             * @param message ShowDeadLetterRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ShowDeadLetterRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ShowDeadLetterRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ShowDeadLetterRequest & mesh.v1.ShowDeadLetterRequest.$Shape} ShowDeadLetterRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ShowDeadLetterRequest & mesh.v1.ShowDeadLetterRequest.$Shape;
        }

        namespace ShowDeadLetterRequest {

            /** Properties of a ShowDeadLetterRequest. */
            interface $Properties {

                /** ShowDeadLetterRequest letter */
                letter?: (mesh.v1.DeadLetterSelector.$Properties|null);

                /** ShowDeadLetterRequest chunkSeq */
                chunkSeq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ShowDeadLetterRequest. */
            type $Shape = mesh.v1.ShowDeadLetterRequest.$Properties;
        }

        /**
         * Properties of a ShowDeadLetterResponse.
         * @deprecated Use mesh.v1.ShowDeadLetterResponse.$Properties instead.
         */
        interface IShowDeadLetterResponse extends mesh.v1.ShowDeadLetterResponse.$Properties {
        }

        /** Represents a ShowDeadLetterResponse. */
        class ShowDeadLetterResponse {

            /**
             * Constructs a new ShowDeadLetterResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ShowDeadLetterResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ShowDeadLetterResponse letter. */
            letter?: (mesh.v1.DeadLetter.$Properties|null);

            /** ShowDeadLetterResponse payload. */
            payload: Uint8Array;

            /** ShowDeadLetterResponse checksum. */
            checksum: number;

            /** ShowDeadLetterResponse headers. */
            headers: Uint8Array;

            /**
             * Encodes the specified ShowDeadLetterResponse message. Does not implicitly {@link mesh.v1.ShowDeadLetterResponse.verify|verify} messages.
             * @param message ShowDeadLetterResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ShowDeadLetterResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ShowDeadLetterResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ShowDeadLetterResponse & mesh.v1.ShowDeadLetterResponse.$Shape} ShowDeadLetterResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ShowDeadLetterResponse & mesh.v1.ShowDeadLetterResponse.$Shape;
        }

        namespace ShowDeadLetterResponse {

            /** Properties of a ShowDeadLetterResponse. */
            interface $Properties {

                /** ShowDeadLetterResponse letter */
                letter?: (mesh.v1.DeadLetter.$Properties|null);

                /** ShowDeadLetterResponse payload */
                payload?: (Uint8Array|null);

                /** ShowDeadLetterResponse checksum */
                checksum?: (number|null);

                /** ShowDeadLetterResponse headers */
                headers?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ShowDeadLetterResponse. */
            type $Shape = mesh.v1.ShowDeadLetterResponse.$Properties;
        }

        /**
         * Properties of a PaceTargetRequest.
         * @deprecated Use mesh.v1.PaceTargetRequest.$Properties instead.
         */
        interface IPaceTargetRequest extends mesh.v1.PaceTargetRequest.$Properties {
        }

        /** Represents a PaceTargetRequest. */
        class PaceTargetRequest {

            /**
             * Constructs a new PaceTargetRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PaceTargetRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PaceTargetRequest tenantId. */
            tenantId: string;

            /** PaceTargetRequest targetId. */
            targetId: string;

            /** PaceTargetRequest streamId. */
            streamId: string;

            /** PaceTargetRequest priority. */
            priority?: (number|null);

            /** PaceTargetRequest isPaused. */
            isPaused?: (boolean|null);

            /** PaceTargetRequest messagesPerSecond. */
            messagesPerSecond?: (number|null);

            /** PaceTargetRequest bytesPerSecond. */
            bytesPerSecond?: (number|null);

            /**
             * Encodes the specified PaceTargetRequest message. Does not implicitly {@link mesh.v1.PaceTargetRequest.verify|verify} messages.
             * @param message PaceTargetRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PaceTargetRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PaceTargetRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PaceTargetRequest & mesh.v1.PaceTargetRequest.$Shape} PaceTargetRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PaceTargetRequest & mesh.v1.PaceTargetRequest.$Shape;
        }

        namespace PaceTargetRequest {

            /** Properties of a PaceTargetRequest. */
            interface $Properties {

                /** PaceTargetRequest tenantId */
                tenantId?: (string|null);

                /** PaceTargetRequest targetId */
                targetId?: (string|null);

                /** PaceTargetRequest streamId */
                streamId?: (string|null);

                /** PaceTargetRequest priority */
                priority?: (number|null);

                /** PaceTargetRequest isPaused */
                isPaused?: (boolean|null);

                /** PaceTargetRequest messagesPerSecond */
                messagesPerSecond?: (number|null);

                /** PaceTargetRequest bytesPerSecond */
                bytesPerSecond?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PaceTargetRequest. */
            type $Shape = mesh.v1.PaceTargetRequest.$Properties;
        }

        /**
         * Properties of a PaceTargetResponse.
         * @deprecated Use mesh.v1.PaceTargetResponse.$Properties instead.
         */
        interface IPaceTargetResponse extends mesh.v1.PaceTargetResponse.$Properties {
        }

        /** Represents a PaceTargetResponse. */
        class PaceTargetResponse {

            /**
             * Constructs a new PaceTargetResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.PaceTargetResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PaceTargetResponse streamIds. */
            streamIds: string[];

            /**
             * Encodes the specified PaceTargetResponse message. Does not implicitly {@link mesh.v1.PaceTargetResponse.verify|verify} messages.
             * @param message PaceTargetResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.PaceTargetResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PaceTargetResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.PaceTargetResponse & mesh.v1.PaceTargetResponse.$Shape} PaceTargetResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.PaceTargetResponse & mesh.v1.PaceTargetResponse.$Shape;
        }

        namespace PaceTargetResponse {

            /** Properties of a PaceTargetResponse. */
            interface $Properties {

                /** PaceTargetResponse streamIds */
                streamIds?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PaceTargetResponse. */
            type $Shape = mesh.v1.PaceTargetResponse.$Properties;
        }

        /**
         * Properties of a ReplayDeadLetterRequest.
         * @deprecated Use mesh.v1.ReplayDeadLetterRequest.$Properties instead.
         */
        interface IReplayDeadLetterRequest extends mesh.v1.ReplayDeadLetterRequest.$Properties {
        }

        /** Represents a ReplayDeadLetterRequest. */
        class ReplayDeadLetterRequest {

            /**
             * Constructs a new ReplayDeadLetterRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ReplayDeadLetterRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ReplayDeadLetterRequest letter. */
            letter?: (mesh.v1.DeadLetterSelector.$Properties|null);

            /**
             * Encodes the specified ReplayDeadLetterRequest message. Does not implicitly {@link mesh.v1.ReplayDeadLetterRequest.verify|verify} messages.
             * @param message ReplayDeadLetterRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ReplayDeadLetterRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReplayDeadLetterRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ReplayDeadLetterRequest & mesh.v1.ReplayDeadLetterRequest.$Shape} ReplayDeadLetterRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ReplayDeadLetterRequest & mesh.v1.ReplayDeadLetterRequest.$Shape;
        }

        namespace ReplayDeadLetterRequest {

            /** Properties of a ReplayDeadLetterRequest. */
            interface $Properties {

                /** ReplayDeadLetterRequest letter */
                letter?: (mesh.v1.DeadLetterSelector.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReplayDeadLetterRequest. */
            type $Shape = mesh.v1.ReplayDeadLetterRequest.$Properties;
        }

        /**
         * Properties of a ReplayDeadLetterResponse.
         * @deprecated Use mesh.v1.ReplayDeadLetterResponse.$Properties instead.
         */
        interface IReplayDeadLetterResponse extends mesh.v1.ReplayDeadLetterResponse.$Properties {
        }

        /** Represents a ReplayDeadLetterResponse. */
        class ReplayDeadLetterResponse {

            /**
             * Constructs a new ReplayDeadLetterResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ReplayDeadLetterResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified ReplayDeadLetterResponse message. Does not implicitly {@link mesh.v1.ReplayDeadLetterResponse.verify|verify} messages.
             * @param message ReplayDeadLetterResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ReplayDeadLetterResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ReplayDeadLetterResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ReplayDeadLetterResponse & mesh.v1.ReplayDeadLetterResponse.$Shape} ReplayDeadLetterResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ReplayDeadLetterResponse & mesh.v1.ReplayDeadLetterResponse.$Shape;
        }

        namespace ReplayDeadLetterResponse {

            /** Properties of a ReplayDeadLetterResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ReplayDeadLetterResponse. */
            type $Shape = mesh.v1.ReplayDeadLetterResponse.$Properties;
        }

        /**
         * Properties of a DiscardDeadLetterRequest.
         * @deprecated Use mesh.v1.DiscardDeadLetterRequest.$Properties instead.
         */
        interface IDiscardDeadLetterRequest extends mesh.v1.DiscardDeadLetterRequest.$Properties {
        }

        /** Represents a DiscardDeadLetterRequest. */
        class DiscardDeadLetterRequest {

            /**
             * Constructs a new DiscardDeadLetterRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.DiscardDeadLetterRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DiscardDeadLetterRequest letter. */
            letter?: (mesh.v1.DeadLetterSelector.$Properties|null);

            /**
             * Encodes the specified DiscardDeadLetterRequest message. Does not implicitly {@link mesh.v1.DiscardDeadLetterRequest.verify|verify} messages.
             * @param message DiscardDeadLetterRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.DiscardDeadLetterRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DiscardDeadLetterRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.DiscardDeadLetterRequest & mesh.v1.DiscardDeadLetterRequest.$Shape} DiscardDeadLetterRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.DiscardDeadLetterRequest & mesh.v1.DiscardDeadLetterRequest.$Shape;
        }

        namespace DiscardDeadLetterRequest {

            /** Properties of a DiscardDeadLetterRequest. */
            interface $Properties {

                /** DiscardDeadLetterRequest letter */
                letter?: (mesh.v1.DeadLetterSelector.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DiscardDeadLetterRequest. */
            type $Shape = mesh.v1.DiscardDeadLetterRequest.$Properties;
        }

        /**
         * Properties of a DiscardDeadLetterResponse.
         * @deprecated Use mesh.v1.DiscardDeadLetterResponse.$Properties instead.
         */
        interface IDiscardDeadLetterResponse extends mesh.v1.DiscardDeadLetterResponse.$Properties {
        }

        /** Represents a DiscardDeadLetterResponse. */
        class DiscardDeadLetterResponse {

            /**
             * Constructs a new DiscardDeadLetterResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.DiscardDeadLetterResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified DiscardDeadLetterResponse message. Does not implicitly {@link mesh.v1.DiscardDeadLetterResponse.verify|verify} messages.
             * @param message DiscardDeadLetterResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.DiscardDeadLetterResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DiscardDeadLetterResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.DiscardDeadLetterResponse & mesh.v1.DiscardDeadLetterResponse.$Shape} DiscardDeadLetterResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.DiscardDeadLetterResponse & mesh.v1.DiscardDeadLetterResponse.$Shape;
        }

        namespace DiscardDeadLetterResponse {

            /** Properties of a DiscardDeadLetterResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DiscardDeadLetterResponse. */
            type $Shape = mesh.v1.DiscardDeadLetterResponse.$Properties;
        }

        /** UpdateFeed enum. */
        enum UpdateFeed {

            /** UPDATE_FEED_UNSPECIFIED value */
            UPDATE_FEED_UNSPECIFIED = 0,

            /** UPDATE_FEED_MESH value */
            UPDATE_FEED_MESH = 1,

            /** UPDATE_FEED_NODE value */
            UPDATE_FEED_NODE = 2,

            /** UPDATE_FEED_DATABASE value */
            UPDATE_FEED_DATABASE = 3
        }

        /** UpdateLevel enum. */
        enum UpdateLevel {

            /** UPDATE_LEVEL_UNSPECIFIED value */
            UPDATE_LEVEL_UNSPECIFIED = 0,

            /** UPDATE_LEVEL_COMMITTED value */
            UPDATE_LEVEL_COMMITTED = 1,

            /** UPDATE_LEVEL_APPLIED value */
            UPDATE_LEVEL_APPLIED = 2
        }

        /**
         * Properties of an UpdateHeader.
         * @deprecated Use mesh.v1.UpdateHeader.$Properties instead.
         */
        interface IUpdateHeader extends mesh.v1.UpdateHeader.$Properties {
        }

        /** Represents an UpdateHeader. */
        class UpdateHeader {

            /**
             * Constructs a new UpdateHeader.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateHeader.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateHeader updateId. */
            updateId: string;

            /** UpdateHeader sender. */
            sender: string;

            /** UpdateHeader senderSeq. */
            senderSeq: number;

            /** UpdateHeader topic. */
            topic: string;

            /** UpdateHeader seq. */
            seq: number;

            /** UpdateHeader originId. */
            originId: string;

            /**
             * Encodes the specified UpdateHeader message. Does not implicitly {@link mesh.v1.UpdateHeader.verify|verify} messages.
             * @param message UpdateHeader message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateHeader.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateHeader message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateHeader & mesh.v1.UpdateHeader.$Shape} UpdateHeader
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateHeader & mesh.v1.UpdateHeader.$Shape;
        }

        namespace UpdateHeader {

            /** Properties of an UpdateHeader. */
            interface $Properties {

                /** UpdateHeader updateId */
                updateId?: (string|null);

                /** UpdateHeader sender */
                sender?: (string|null);

                /** UpdateHeader senderSeq */
                senderSeq?: (number|null);

                /** UpdateHeader topic */
                topic?: (string|null);

                /** UpdateHeader seq */
                seq?: (number|null);

                /** UpdateHeader originId */
                originId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateHeader. */
            type $Shape = mesh.v1.UpdateHeader.$Properties;
        }

        /**
         * Properties of a ConfigChange.
         * @deprecated Use mesh.v1.ConfigChange.$Properties instead.
         */
        interface IConfigChange extends mesh.v1.ConfigChange.$Properties {
        }

        /** Represents a ConfigChange. */
        class ConfigChange {

            /**
             * Constructs a new ConfigChange.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ConfigChange.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ConfigChange key. */
            key: string;

            /** ConfigChange value. */
            value: string;

            /** ConfigChange isRemoval. */
            isRemoval: boolean;

            /** ConfigChange ifRevision. */
            ifRevision?: (number|null);

            /** ConfigChange revision. */
            revision: number;

            /**
             * Encodes the specified ConfigChange message. Does not implicitly {@link mesh.v1.ConfigChange.verify|verify} messages.
             * @param message ConfigChange message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ConfigChange.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ConfigChange message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ConfigChange & mesh.v1.ConfigChange.$Shape} ConfigChange
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ConfigChange & mesh.v1.ConfigChange.$Shape;
        }

        namespace ConfigChange {

            /** Properties of a ConfigChange. */
            interface $Properties {

                /** ConfigChange key */
                key?: (string|null);

                /** ConfigChange value */
                value?: (string|null);

                /** ConfigChange isRemoval */
                isRemoval?: (boolean|null);

                /** ConfigChange ifRevision */
                ifRevision?: (number|null);

                /** ConfigChange revision */
                revision?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ConfigChange. */
            type $Shape = mesh.v1.ConfigChange.$Properties;
        }

        /**
         * Properties of a RowChange.
         * @deprecated Use mesh.v1.RowChange.$Properties instead.
         */
        interface IRowChange extends mesh.v1.RowChange.$Properties {
        }

        /** Represents a RowChange. */
        class RowChange {

            /**
             * Constructs a new RowChange.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.RowChange.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** RowChange table. */
            table: string;

            /** RowChange key. */
            key: Uint8Array;

            /** RowChange value. */
            value: Uint8Array;

            /** RowChange isRemoval. */
            isRemoval: boolean;

            /**
             * Encodes the specified RowChange message. Does not implicitly {@link mesh.v1.RowChange.verify|verify} messages.
             * @param message RowChange message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.RowChange.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a RowChange message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.RowChange & mesh.v1.RowChange.$Shape} RowChange
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.RowChange & mesh.v1.RowChange.$Shape;
        }

        namespace RowChange {

            /** Properties of a RowChange. */
            interface $Properties {

                /** RowChange table */
                table?: (string|null);

                /** RowChange key */
                key?: (Uint8Array|null);

                /** RowChange value */
                value?: (Uint8Array|null);

                /** RowChange isRemoval */
                isRemoval?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a RowChange. */
            type $Shape = mesh.v1.RowChange.$Properties;
        }

        /**
         * Properties of a MeshUpdate.
         * @deprecated Use mesh.v1.MeshUpdate.$Properties instead.
         */
        interface IMeshUpdate extends mesh.v1.MeshUpdate.$Properties {
        }

        /** Represents a MeshUpdate. */
        class MeshUpdate {

            /**
             * Constructs a new MeshUpdate.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MeshUpdate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MeshUpdate header. */
            header?: (mesh.v1.UpdateHeader.$Properties|null);

            /** MeshUpdate config. */
            config: mesh.v1.ConfigChange.$Properties[];

            /** MeshUpdate payload. */
            payload: Uint8Array;

            /** MeshUpdate level. */
            level: mesh.v1.UpdateLevel;

            /**
             * Encodes the specified MeshUpdate message. Does not implicitly {@link mesh.v1.MeshUpdate.verify|verify} messages.
             * @param message MeshUpdate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MeshUpdate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MeshUpdate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MeshUpdate & mesh.v1.MeshUpdate.$Shape} MeshUpdate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MeshUpdate & mesh.v1.MeshUpdate.$Shape;
        }

        namespace MeshUpdate {

            /** Properties of a MeshUpdate. */
            interface $Properties {

                /** MeshUpdate header */
                header?: (mesh.v1.UpdateHeader.$Properties|null);

                /** MeshUpdate config */
                config?: (mesh.v1.ConfigChange.$Properties[]|null);

                /** MeshUpdate payload */
                payload?: (Uint8Array|null);

                /** MeshUpdate level */
                level?: (mesh.v1.UpdateLevel|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MeshUpdate. */
            type $Shape = mesh.v1.MeshUpdate.$Properties;
        }

        /**
         * Properties of a NodeUpdate.
         * @deprecated Use mesh.v1.NodeUpdate.$Properties instead.
         */
        interface INodeUpdate extends mesh.v1.NodeUpdate.$Properties {
        }

        /** Represents a NodeUpdate. */
        class NodeUpdate {

            /**
             * Constructs a new NodeUpdate.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.NodeUpdate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** NodeUpdate header. */
            header?: (mesh.v1.UpdateHeader.$Properties|null);

            /** NodeUpdate payload. */
            payload: Uint8Array;

            /** NodeUpdate level. */
            level: mesh.v1.UpdateLevel;

            /**
             * Encodes the specified NodeUpdate message. Does not implicitly {@link mesh.v1.NodeUpdate.verify|verify} messages.
             * @param message NodeUpdate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.NodeUpdate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a NodeUpdate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.NodeUpdate & mesh.v1.NodeUpdate.$Shape} NodeUpdate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.NodeUpdate & mesh.v1.NodeUpdate.$Shape;
        }

        namespace NodeUpdate {

            /** Properties of a NodeUpdate. */
            interface $Properties {

                /** NodeUpdate header */
                header?: (mesh.v1.UpdateHeader.$Properties|null);

                /** NodeUpdate payload */
                payload?: (Uint8Array|null);

                /** NodeUpdate level */
                level?: (mesh.v1.UpdateLevel|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a NodeUpdate. */
            type $Shape = mesh.v1.NodeUpdate.$Properties;
        }

        /**
         * Properties of a DBUpdate.
         * @deprecated Use mesh.v1.DBUpdate.$Properties instead.
         */
        interface IDBUpdate extends mesh.v1.DBUpdate.$Properties {
        }

        /** Represents a DBUpdate. */
        class DBUpdate {

            /**
             * Constructs a new DBUpdate.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.DBUpdate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DBUpdate header. */
            header?: (mesh.v1.UpdateHeader.$Properties|null);

            /** DBUpdate rows. */
            rows: mesh.v1.RowChange.$Properties[];

            /** DBUpdate payload. */
            payload: Uint8Array;

            /** DBUpdate level. */
            level: mesh.v1.UpdateLevel;

            /**
             * Encodes the specified DBUpdate message. Does not implicitly {@link mesh.v1.DBUpdate.verify|verify} messages.
             * @param message DBUpdate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.DBUpdate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DBUpdate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.DBUpdate & mesh.v1.DBUpdate.$Shape} DBUpdate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.DBUpdate & mesh.v1.DBUpdate.$Shape;
        }

        namespace DBUpdate {

            /** Properties of a DBUpdate. */
            interface $Properties {

                /** DBUpdate header */
                header?: (mesh.v1.UpdateHeader.$Properties|null);

                /** DBUpdate rows */
                rows?: (mesh.v1.RowChange.$Properties[]|null);

                /** DBUpdate payload */
                payload?: (Uint8Array|null);

                /** DBUpdate level */
                level?: (mesh.v1.UpdateLevel|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DBUpdate. */
            type $Shape = mesh.v1.DBUpdate.$Properties;
        }

        /**
         * Properties of a BroadcastResult.
         * @deprecated Use mesh.v1.BroadcastResult.$Properties instead.
         */
        interface IBroadcastResult extends mesh.v1.BroadcastResult.$Properties {
        }

        /** Represents a BroadcastResult. */
        class BroadcastResult {

            /**
             * Constructs a new BroadcastResult.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.BroadcastResult.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BroadcastResult updateId. */
            updateId: string;

            /** BroadcastResult seq. */
            seq: number;

            /** BroadcastResult level. */
            level: mesh.v1.UpdateLevel;

            /** BroadcastResult isRepeat. */
            isRepeat: boolean;

            /** BroadcastResult nodesApplied. */
            nodesApplied: number;

            /** BroadcastResult nodesTotal. */
            nodesTotal: number;

            /**
             * Encodes the specified BroadcastResult message. Does not implicitly {@link mesh.v1.BroadcastResult.verify|verify} messages.
             * @param message BroadcastResult message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.BroadcastResult.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BroadcastResult message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.BroadcastResult & mesh.v1.BroadcastResult.$Shape} BroadcastResult
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.BroadcastResult & mesh.v1.BroadcastResult.$Shape;
        }

        namespace BroadcastResult {

            /** Properties of a BroadcastResult. */
            interface $Properties {

                /** BroadcastResult updateId */
                updateId?: (string|null);

                /** BroadcastResult seq */
                seq?: (number|null);

                /** BroadcastResult level */
                level?: (mesh.v1.UpdateLevel|null);

                /** BroadcastResult isRepeat */
                isRepeat?: (boolean|null);

                /** BroadcastResult nodesApplied */
                nodesApplied?: (number|null);

                /** BroadcastResult nodesTotal */
                nodesTotal?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BroadcastResult. */
            type $Shape = mesh.v1.BroadcastResult.$Properties;
        }

        /**
         * Properties of an UpdateSubscribeRequest.
         * @deprecated Use mesh.v1.UpdateSubscribeRequest.$Properties instead.
         */
        interface IUpdateSubscribeRequest extends mesh.v1.UpdateSubscribeRequest.$Properties {
        }

        /** Represents an UpdateSubscribeRequest. */
        class UpdateSubscribeRequest {

            /**
             * Constructs a new UpdateSubscribeRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateSubscribeRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateSubscribeRequest subscribe. */
            subscribe?: (mesh.v1.UpdateSubscribe.$Properties|null);

            /** UpdateSubscribeRequest ack. */
            ack?: (mesh.v1.Ack.$Properties|null);

            /** UpdateSubscribeRequest window. */
            window?: (mesh.v1.WindowUpdate.$Properties|null);

            /** UpdateSubscribeRequest request. */
            request?: ("subscribe"|"ack"|"window");

            /**
             * Encodes the specified UpdateSubscribeRequest message. Does not implicitly {@link mesh.v1.UpdateSubscribeRequest.verify|verify} messages.
             * @param message UpdateSubscribeRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateSubscribeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateSubscribeRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateSubscribeRequest & mesh.v1.UpdateSubscribeRequest.$Shape} UpdateSubscribeRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateSubscribeRequest & mesh.v1.UpdateSubscribeRequest.$Shape;
        }

        namespace UpdateSubscribeRequest {

            /** Properties of an UpdateSubscribeRequest. */
            interface $Properties {

                /** UpdateSubscribeRequest subscribe */
                subscribe?: (mesh.v1.UpdateSubscribe.$Properties|null);

                /** UpdateSubscribeRequest ack */
                ack?: (mesh.v1.Ack.$Properties|null);

                /** UpdateSubscribeRequest window */
                window?: (mesh.v1.WindowUpdate.$Properties|null);

                /** UpdateSubscribeRequest request */
                request?: ("subscribe"|"ack"|"window");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an UpdateSubscribeRequest. */
            type $Shape = {
              subscribe?: mesh.v1.UpdateSubscribe.$Shape|null;
              ack?: mesh.v1.Ack.$Shape|null;
              window?: mesh.v1.WindowUpdate.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ request?: undefined; subscribe?: null; ack?: null; window?: null }|{ request?: "subscribe"; subscribe: mesh.v1.UpdateSubscribe.$Shape; ack?: null; window?: null }|{ request?: "ack"; subscribe?: null; ack: mesh.v1.Ack.$Shape; window?: null }|{ request?: "window"; subscribe?: null; ack?: null; window: mesh.v1.WindowUpdate.$Shape })
            );
        }

        /**
         * Properties of an UpdateSubscribe.
         * @deprecated Use mesh.v1.UpdateSubscribe.$Properties instead.
         */
        interface IUpdateSubscribe extends mesh.v1.UpdateSubscribe.$Properties {
        }

        /** Represents an UpdateSubscribe. */
        class UpdateSubscribe {

            /**
             * Constructs a new UpdateSubscribe.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateSubscribe.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateSubscribe consumer. */
            consumer: string;

            /** UpdateSubscribe resumeAfter. */
            resumeAfter?: (number|null);

            /** UpdateSubscribe windowMessages. */
            windowMessages: number;

            /** UpdateSubscribe windowBytes. */
            windowBytes: number;

            /** UpdateSubscribe fromStart. */
            fromStart: boolean;

            /**
             * Encodes the specified UpdateSubscribe message. Does not implicitly {@link mesh.v1.UpdateSubscribe.verify|verify} messages.
             * @param message UpdateSubscribe message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateSubscribe.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateSubscribe message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateSubscribe & mesh.v1.UpdateSubscribe.$Shape} UpdateSubscribe
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateSubscribe & mesh.v1.UpdateSubscribe.$Shape;
        }

        namespace UpdateSubscribe {

            /** Properties of an UpdateSubscribe. */
            interface $Properties {

                /** UpdateSubscribe consumer */
                consumer?: (string|null);

                /** UpdateSubscribe resumeAfter */
                resumeAfter?: (number|null);

                /** UpdateSubscribe windowMessages */
                windowMessages?: (number|null);

                /** UpdateSubscribe windowBytes */
                windowBytes?: (number|null);

                /** UpdateSubscribe fromStart */
                fromStart?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateSubscribe. */
            type $Shape = mesh.v1.UpdateSubscribe.$Properties;
        }

        /**
         * Properties of an UpdateSubscribeResponse.
         * @deprecated Use mesh.v1.UpdateSubscribeResponse.$Properties instead.
         */
        interface IUpdateSubscribeResponse extends mesh.v1.UpdateSubscribeResponse.$Properties {
        }

        /** Represents an UpdateSubscribeResponse. */
        class UpdateSubscribeResponse {

            /**
             * Constructs a new UpdateSubscribeResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateSubscribeResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateSubscribeResponse subscribed. */
            subscribed?: (mesh.v1.UpdateSubscribed.$Properties|null);

            /** UpdateSubscribeResponse batch. */
            batch?: (mesh.v1.UpdateBatch.$Properties|null);

            /** UpdateSubscribeResponse response. */
            response?: ("subscribed"|"batch");

            /**
             * Encodes the specified UpdateSubscribeResponse message. Does not implicitly {@link mesh.v1.UpdateSubscribeResponse.verify|verify} messages.
             * @param message UpdateSubscribeResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateSubscribeResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateSubscribeResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateSubscribeResponse & mesh.v1.UpdateSubscribeResponse.$Shape} UpdateSubscribeResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateSubscribeResponse & mesh.v1.UpdateSubscribeResponse.$Shape;
        }

        namespace UpdateSubscribeResponse {

            /** Properties of an UpdateSubscribeResponse. */
            interface $Properties {

                /** UpdateSubscribeResponse subscribed */
                subscribed?: (mesh.v1.UpdateSubscribed.$Properties|null);

                /** UpdateSubscribeResponse batch */
                batch?: (mesh.v1.UpdateBatch.$Properties|null);

                /** UpdateSubscribeResponse response */
                response?: ("subscribed"|"batch");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an UpdateSubscribeResponse. */
            type $Shape = {
              subscribed?: mesh.v1.UpdateSubscribed.$Shape|null;
              batch?: mesh.v1.UpdateBatch.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ response?: undefined; subscribed?: null; batch?: null }|{ response?: "subscribed"; subscribed: mesh.v1.UpdateSubscribed.$Shape; batch?: null }|{ response?: "batch"; subscribed?: null; batch: mesh.v1.UpdateBatch.$Shape })
            );
        }

        /**
         * Properties of an UpdateSubscribed.
         * @deprecated Use mesh.v1.UpdateSubscribed.$Properties instead.
         */
        interface IUpdateSubscribed extends mesh.v1.UpdateSubscribed.$Properties {
        }

        /** Represents an UpdateSubscribed. */
        class UpdateSubscribed {

            /**
             * Constructs a new UpdateSubscribed.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateSubscribed.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateSubscribed resumeAfter. */
            resumeAfter: number;

            /** UpdateSubscribed attempt. */
            attempt: number;

            /**
             * Encodes the specified UpdateSubscribed message. Does not implicitly {@link mesh.v1.UpdateSubscribed.verify|verify} messages.
             * @param message UpdateSubscribed message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateSubscribed.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateSubscribed message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateSubscribed & mesh.v1.UpdateSubscribed.$Shape} UpdateSubscribed
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateSubscribed & mesh.v1.UpdateSubscribed.$Shape;
        }

        namespace UpdateSubscribed {

            /** Properties of an UpdateSubscribed. */
            interface $Properties {

                /** UpdateSubscribed resumeAfter */
                resumeAfter?: (number|null);

                /** UpdateSubscribed attempt */
                attempt?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateSubscribed. */
            type $Shape = mesh.v1.UpdateSubscribed.$Properties;
        }

        /**
         * Properties of an UpdateBatch.
         * @deprecated Use mesh.v1.UpdateBatch.$Properties instead.
         */
        interface IUpdateBatch extends mesh.v1.UpdateBatch.$Properties {
        }

        /** Represents an UpdateBatch. */
        class UpdateBatch {

            /**
             * Constructs a new UpdateBatch.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateBatch.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateBatch attempt. */
            attempt: number;

            /** UpdateBatch mesh. */
            mesh: mesh.v1.MeshUpdate.$Properties[];

            /** UpdateBatch nodes. */
            nodes: mesh.v1.NodeUpdate.$Properties[];

            /** UpdateBatch database. */
            database: mesh.v1.DBUpdate.$Properties[];

            /**
             * Encodes the specified UpdateBatch message. Does not implicitly {@link mesh.v1.UpdateBatch.verify|verify} messages.
             * @param message UpdateBatch message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateBatch message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateBatch & mesh.v1.UpdateBatch.$Shape} UpdateBatch
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateBatch & mesh.v1.UpdateBatch.$Shape;
        }

        namespace UpdateBatch {

            /** Properties of an UpdateBatch. */
            interface $Properties {

                /** UpdateBatch attempt */
                attempt?: (number|null);

                /** UpdateBatch mesh */
                mesh?: (mesh.v1.MeshUpdate.$Properties[]|null);

                /** UpdateBatch nodes */
                nodes?: (mesh.v1.NodeUpdate.$Properties[]|null);

                /** UpdateBatch database */
                database?: (mesh.v1.DBUpdate.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateBatch. */
            type $Shape = mesh.v1.UpdateBatch.$Properties;
        }

        /**
         * Properties of a GetMeshConfigurationRequest.
         * @deprecated Use mesh.v1.GetMeshConfigurationRequest.$Properties instead.
         */
        interface IGetMeshConfigurationRequest extends mesh.v1.GetMeshConfigurationRequest.$Properties {
        }

        /** Represents a GetMeshConfigurationRequest. */
        class GetMeshConfigurationRequest {

            /**
             * Constructs a new GetMeshConfigurationRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.GetMeshConfigurationRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** GetMeshConfigurationRequest key. */
            key: string;

            /** GetMeshConfigurationRequest isPrefix. */
            isPrefix: boolean;

            /** GetMeshConfigurationRequest isLocal. */
            isLocal: boolean;

            /**
             * Encodes the specified GetMeshConfigurationRequest message. Does not implicitly {@link mesh.v1.GetMeshConfigurationRequest.verify|verify} messages.
             * @param message GetMeshConfigurationRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.GetMeshConfigurationRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a GetMeshConfigurationRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.GetMeshConfigurationRequest & mesh.v1.GetMeshConfigurationRequest.$Shape} GetMeshConfigurationRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.GetMeshConfigurationRequest & mesh.v1.GetMeshConfigurationRequest.$Shape;
        }

        namespace GetMeshConfigurationRequest {

            /** Properties of a GetMeshConfigurationRequest. */
            interface $Properties {

                /** GetMeshConfigurationRequest key */
                key?: (string|null);

                /** GetMeshConfigurationRequest isPrefix */
                isPrefix?: (boolean|null);

                /** GetMeshConfigurationRequest isLocal */
                isLocal?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a GetMeshConfigurationRequest. */
            type $Shape = mesh.v1.GetMeshConfigurationRequest.$Properties;
        }

        /**
         * Properties of a MeshConfiguration.
         * @deprecated Use mesh.v1.MeshConfiguration.$Properties instead.
         */
        interface IMeshConfiguration extends mesh.v1.MeshConfiguration.$Properties {
        }

        /** Represents a MeshConfiguration. */
        class MeshConfiguration {

            /**
             * Constructs a new MeshConfiguration.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.MeshConfiguration.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** MeshConfiguration seq. */
            seq: number;

            /** MeshConfiguration rows. */
            rows: mesh.v1.ConfigChange.$Properties[];

            /**
             * Encodes the specified MeshConfiguration message. Does not implicitly {@link mesh.v1.MeshConfiguration.verify|verify} messages.
             * @param message MeshConfiguration message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.MeshConfiguration.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a MeshConfiguration message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.MeshConfiguration & mesh.v1.MeshConfiguration.$Shape} MeshConfiguration
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.MeshConfiguration & mesh.v1.MeshConfiguration.$Shape;
        }

        namespace MeshConfiguration {

            /** Properties of a MeshConfiguration. */
            interface $Properties {

                /** MeshConfiguration seq */
                seq?: (number|null);

                /** MeshConfiguration rows */
                rows?: (mesh.v1.ConfigChange.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a MeshConfiguration. */
            type $Shape = mesh.v1.MeshConfiguration.$Properties;
        }

        /**
         * Properties of a ForgetUpdateConsumerRequest.
         * @deprecated Use mesh.v1.ForgetUpdateConsumerRequest.$Properties instead.
         */
        interface IForgetUpdateConsumerRequest extends mesh.v1.ForgetUpdateConsumerRequest.$Properties {
        }

        /** Represents a ForgetUpdateConsumerRequest. */
        class ForgetUpdateConsumerRequest {

            /**
             * Constructs a new ForgetUpdateConsumerRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ForgetUpdateConsumerRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ForgetUpdateConsumerRequest feed. */
            feed: mesh.v1.UpdateFeed;

            /** ForgetUpdateConsumerRequest consumer. */
            consumer: string;

            /**
             * Encodes the specified ForgetUpdateConsumerRequest message. Does not implicitly {@link mesh.v1.ForgetUpdateConsumerRequest.verify|verify} messages.
             * @param message ForgetUpdateConsumerRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ForgetUpdateConsumerRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ForgetUpdateConsumerRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ForgetUpdateConsumerRequest & mesh.v1.ForgetUpdateConsumerRequest.$Shape} ForgetUpdateConsumerRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ForgetUpdateConsumerRequest & mesh.v1.ForgetUpdateConsumerRequest.$Shape;
        }

        namespace ForgetUpdateConsumerRequest {

            /** Properties of a ForgetUpdateConsumerRequest. */
            interface $Properties {

                /** ForgetUpdateConsumerRequest feed */
                feed?: (mesh.v1.UpdateFeed|null);

                /** ForgetUpdateConsumerRequest consumer */
                consumer?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ForgetUpdateConsumerRequest. */
            type $Shape = mesh.v1.ForgetUpdateConsumerRequest.$Properties;
        }

        /**
         * Properties of a ForgetUpdateConsumerResponse.
         * @deprecated Use mesh.v1.ForgetUpdateConsumerResponse.$Properties instead.
         */
        interface IForgetUpdateConsumerResponse extends mesh.v1.ForgetUpdateConsumerResponse.$Properties {
        }

        /** Represents a ForgetUpdateConsumerResponse. */
        class ForgetUpdateConsumerResponse {

            /**
             * Constructs a new ForgetUpdateConsumerResponse.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.ForgetUpdateConsumerResponse.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified ForgetUpdateConsumerResponse message. Does not implicitly {@link mesh.v1.ForgetUpdateConsumerResponse.verify|verify} messages.
             * @param message ForgetUpdateConsumerResponse message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.ForgetUpdateConsumerResponse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a ForgetUpdateConsumerResponse message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.ForgetUpdateConsumerResponse & mesh.v1.ForgetUpdateConsumerResponse.$Shape} ForgetUpdateConsumerResponse
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.ForgetUpdateConsumerResponse & mesh.v1.ForgetUpdateConsumerResponse.$Shape;
        }

        namespace ForgetUpdateConsumerResponse {

            /** Properties of a ForgetUpdateConsumerResponse. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a ForgetUpdateConsumerResponse. */
            type $Shape = mesh.v1.ForgetUpdateConsumerResponse.$Properties;
        }

        /** UpdateLogKind enum. */
        enum UpdateLogKind {

            /** UPDATE_LOG_KIND_UNSPECIFIED value */
            UPDATE_LOG_KIND_UNSPECIFIED = 0,

            /** UPDATE_LOG_KIND_SYSTEM value */
            UPDATE_LOG_KIND_SYSTEM = 1,

            /** UPDATE_LOG_KIND_DATABASE value */
            UPDATE_LOG_KIND_DATABASE = 2
        }

        /**
         * Properties of an UpdateLog.
         * @deprecated Use mesh.v1.UpdateLog.$Properties instead.
         */
        interface IUpdateLog extends mesh.v1.UpdateLog.$Properties {
        }

        /** Represents an UpdateLog. */
        class UpdateLog {

            /**
             * Constructs a new UpdateLog.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateLog.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateLog log. */
            log: mesh.v1.UpdateLogKind;

            /** UpdateLog lastSeq. */
            lastSeq: number;

            /** UpdateLog baseSeq. */
            baseSeq: number;

            /** UpdateLog appliedSeq. */
            appliedSeq: number;

            /** UpdateLog nodesApplied. */
            nodesApplied: number;

            /** UpdateLog members. */
            members: mesh.v1.UpdateMember.$Properties[];

            /** UpdateLog consumers. */
            consumers: mesh.v1.UpdateConsumer.$Properties[];

            /**
             * Encodes the specified UpdateLog message. Does not implicitly {@link mesh.v1.UpdateLog.verify|verify} messages.
             * @param message UpdateLog message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateLog.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateLog message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateLog & mesh.v1.UpdateLog.$Shape} UpdateLog
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateLog & mesh.v1.UpdateLog.$Shape;
        }

        namespace UpdateLog {

            /** Properties of an UpdateLog. */
            interface $Properties {

                /** UpdateLog log */
                log?: (mesh.v1.UpdateLogKind|null);

                /** UpdateLog lastSeq */
                lastSeq?: (number|null);

                /** UpdateLog baseSeq */
                baseSeq?: (number|null);

                /** UpdateLog appliedSeq */
                appliedSeq?: (number|null);

                /** UpdateLog nodesApplied */
                nodesApplied?: (number|null);

                /** UpdateLog members */
                members?: (mesh.v1.UpdateMember.$Properties[]|null);

                /** UpdateLog consumers */
                consumers?: (mesh.v1.UpdateConsumer.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateLog. */
            type $Shape = mesh.v1.UpdateLog.$Properties;
        }

        /**
         * Properties of an UpdateMember.
         * @deprecated Use mesh.v1.UpdateMember.$Properties instead.
         */
        interface IUpdateMember extends mesh.v1.UpdateMember.$Properties {
        }

        /** Represents an UpdateMember. */
        class UpdateMember {

            /**
             * Constructs a new UpdateMember.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateMember.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateMember nodeId. */
            nodeId: string;

            /** UpdateMember appliedSeq. */
            appliedSeq: number;

            /**
             * Encodes the specified UpdateMember message. Does not implicitly {@link mesh.v1.UpdateMember.verify|verify} messages.
             * @param message UpdateMember message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateMember.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateMember message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateMember & mesh.v1.UpdateMember.$Shape} UpdateMember
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateMember & mesh.v1.UpdateMember.$Shape;
        }

        namespace UpdateMember {

            /** Properties of an UpdateMember. */
            interface $Properties {

                /** UpdateMember nodeId */
                nodeId?: (string|null);

                /** UpdateMember appliedSeq */
                appliedSeq?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateMember. */
            type $Shape = mesh.v1.UpdateMember.$Properties;
        }

        /**
         * Properties of an UpdateConsumer.
         * @deprecated Use mesh.v1.UpdateConsumer.$Properties instead.
         */
        interface IUpdateConsumer extends mesh.v1.UpdateConsumer.$Properties {
        }

        /** Represents an UpdateConsumer. */
        class UpdateConsumer {

            /**
             * Constructs a new UpdateConsumer.
             * @param [properties] Properties to set
             */
            constructor(properties?: mesh.v1.UpdateConsumer.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** UpdateConsumer feed. */
            feed: mesh.v1.UpdateFeed;

            /** UpdateConsumer name. */
            name: string;

            /** UpdateConsumer seq. */
            seq: number;

            /** UpdateConsumer isSubscribed. */
            isSubscribed: boolean;

            /**
             * Encodes the specified UpdateConsumer message. Does not implicitly {@link mesh.v1.UpdateConsumer.verify|verify} messages.
             * @param message UpdateConsumer message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: mesh.v1.UpdateConsumer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an UpdateConsumer message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {mesh.v1.UpdateConsumer & mesh.v1.UpdateConsumer.$Shape} UpdateConsumer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): mesh.v1.UpdateConsumer & mesh.v1.UpdateConsumer.$Shape;
        }

        namespace UpdateConsumer {

            /** Properties of an UpdateConsumer. */
            interface $Properties {

                /** UpdateConsumer feed */
                feed?: (mesh.v1.UpdateFeed|null);

                /** UpdateConsumer name */
                name?: (string|null);

                /** UpdateConsumer seq */
                seq?: (number|null);

                /** UpdateConsumer isSubscribed */
                isSubscribed?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an UpdateConsumer. */
            type $Shape = mesh.v1.UpdateConsumer.$Properties;
        }
    }
}
