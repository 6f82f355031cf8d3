/** What the world needs of a node: the kernel's interface, and what a life of a node begins with. */
import type { Entropy } from '../../core/base/crypto.js';
import type { NodeId } from '../../core/base/ids.js';
import type { Rng } from '../../core/base/rng.js';
import type { Micros } from '../../core/base/units.js';
import type { Outbox } from '../../core/node/effects.js';
import type { Input } from '../../core/node/inputs.js';
import type { Recovered } from './disk.js';

/** The core, or a toy that stands for it in the tests of the world. */
export interface SimulatedNode {
  step(now: Micros, input: Input, outbox: Outbox): void;
  nextDeadline(): Micros;
  checkInvariants(): void;
}

/** Who a node is, for all its lives. */
export interface Identity {
  readonly nodeId: NodeId;
  readonly name: string;
  readonly replica: number;
  readonly privateSeed: Uint8Array;
  readonly journalId: Uint8Array;
}

/** What one life of a node begins with. */
export interface Birth {
  readonly identity: Identity;
  readonly dialUrls: readonly string[];
  readonly advertisedUrls: readonly string[];
  readonly recovered: Recovered;
  readonly wallOffsetUs: number;
  readonly entropy: Entropy;
  readonly rng: Rng;
  /** What a stream may hold that is not settled everywhere; null as in production. */
  readonly streamBytesMax: number | null;
}

export type NodeFactory = (birth: Birth) => SimulatedNode;
