/** Small shapes of streams for tests. */
import type { NodeId } from '../../base/ids.js';
import type { StreamShape } from '../dsg/stream-state.js';
import type { CompletionPolicy } from '../policy.js';

/** A stream to required targets, each in its first life. */
export const shapeOfNodes = (nodes: readonly NodeId[], policy: CompletionPolicy = { kind: 'all' }): StreamShape => ({
  targets: nodes.map((node) => ({ node, replica: 1, isOptional: false })),
  policy,
  isRetained: false,
  freeIds: { countMax: 4, bytesMax: 64 },
});
