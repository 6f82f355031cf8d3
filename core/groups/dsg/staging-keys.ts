/** Where a source keeps its stream's staging in the journal. */
import type { StreamId } from '../../base/ids.js';

export const numberingKey = (stream: StreamId): string => `numbering/${stream}`;
export const producerPrefix = (stream: StreamId): string => `producer/${stream}/`;
export const producerKey = (stream: StreamId, producer: string): string => `${producerPrefix(stream)}${producer}`;
export const stagedPrefix = (stream: StreamId): string => `staged/${stream}/`;
export const stagedKey = (stream: StreamId, no: number): string => `${stagedPrefix(stream)}${no}`;
/** The owner of the blobs of whole-message batches. */
export const stagedOwner = (stream: StreamId): string => `staged/${stream}`;
export const uploadPrefix = (stream: StreamId): string => `upload/${stream}/`;
export const uploadKey = (stream: StreamId, seq: number): string => `${uploadPrefix(stream)}${seq}`;
/** Owners of upload blobs begin with this. */
export const uploadOwnerPrefix = (stream: StreamId): string => `upload/${stream}/`;
