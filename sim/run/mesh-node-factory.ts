/** Real nodes for the simulated world: the core as it is, with the simulator's cheap cryptography. */
import { MeshNode } from '../../core/node/mesh-node.js';
import { DEFAULT_NODE_CONFIG } from '../../core/node/config.js';
import { FAKE_CRYPTO } from '../../core/security/fake-crypto.js';
import type { NodeFactory } from '../world/simulated-node.js';

export const makeMeshNode: NodeFactory = ({
  identity,
  dialUrls,
  advertisedUrls,
  recovered,
  wallOffsetUs,
  entropy,
  rng,
}) =>
  new MeshNode({
    config: DEFAULT_NODE_CONFIG,
    crypto: FAKE_CRYPTO,
    entropy,
    rng,
    identity,
    dialUrls: [...dialUrls],
    advertisedUrls: [...advertisedUrls],
    recovered,
    wallOffsetUs,
  });
