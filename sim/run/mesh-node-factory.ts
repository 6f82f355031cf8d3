/** Real nodes for the simulated world: the core as it is, with the simulator's cheap cryptography. */
import { MeshNode } from '../../core/node/mesh-node.js';
import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../../core/node/config.js';
import { FAKE_CRYPTO } from '../../core/security/fake-crypto.js';
import type { NodeFactory } from '../world/simulated-node.js';

/** Production's configuration, with the digests that only oracles need. */
const SIMULATED_CONFIG: NodeConfig = {
  ...DEFAULT_NODE_CONFIG,
  groups: { ...DEFAULT_NODE_CONFIG.groups, withDigests: true },
};

function withStreamsOf(streamBytesMax: number): NodeConfig {
  const { groups } = SIMULATED_CONFIG;
  const publisherWindowBytes = Math.min(groups.publisherWindowBytes, streamBytesMax);
  return { ...SIMULATED_CONFIG, groups: { ...groups, streamBytesMax, messageBytesMax: streamBytesMax, publisherWindowBytes } };
}

export const makeMeshNode: NodeFactory = ({
  identity,
  dialUrls,
  advertisedUrls,
  recovered,
  wallOffsetUs,
  entropy,
  rng,
  streamBytesMax,
}) =>
  new MeshNode({
    config: streamBytesMax === null ? SIMULATED_CONFIG : withStreamsOf(streamBytesMax),
    crypto: FAKE_CRYPTO,
    entropy,
    rng,
    identity,
    dialUrls: [...dialUrls],
    advertisedUrls: [...advertisedUrls],
    recovered,
    wallOffsetUs,
  });
