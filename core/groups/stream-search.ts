/** Finding a stream of this node by what an application calls it. */
import type { TenantId } from '../base/ids.js';
import type { Stream } from './dsg/stream.js';

/** Of those that this node is a target of: an open one before a closed one, and of one source the newest. */
export function targetedByName(streams: Iterable<Stream>, tenant: TenantId, name: string): Stream | null {
  let found: Stream | null = null;
  for (const stream of streams) {
    const { descriptor } = stream;
    if (descriptor.tenant !== tenant || descriptor.name !== name || !stream.isTarget) continue;
    if (found === null || isPreferred(stream, found)) found = stream;
  }
  return found;
}

/** The open one that this node is the source of. */
export function ownByName(streams: Iterable<Stream>, tenant: TenantId, name: string): Stream | null {
  for (const stream of streams) {
    const { descriptor, source } = stream;
    if (source !== null && descriptor.tenant === tenant && descriptor.name === name && !source.staging.isClosing) return stream;
  }
  return null;
}

function isPreferred(stream: Stream, other: Stream): boolean {
  if (stream.log.state.isClosed !== other.log.state.isClosed) return other.log.state.isClosed;
  const { source, sourceReplica, counter } = stream.descriptor;
  if (source !== other.descriptor.source) return false;
  return (sourceReplica - other.descriptor.sourceReplica || counter - other.descriptor.counter) > 0;
}
