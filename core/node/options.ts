/** What a node begins its life with. */
import type { Crypto, Entropy } from '../base/crypto.js';
import type { MessageId, NodeId, StreamId } from '../base/ids.js';
import type { Rng } from '../base/rng.js';
import type { JournalSeq, StreamSeq } from '../base/units.js';
import type { NodeConfig } from './config.js';

export interface NodeIdentity {
  readonly nodeId: NodeId;
  readonly name: string;
  /** From 1; higher after each loss of the disk. */
  readonly replica: number;
  /** Ed25519, 32 bytes. */
  readonly privateSeed: Uint8Array;
  /** 16 random bytes of this journal. */
  readonly journalId: Uint8Array;
}

export interface MeshNodeOptions {
  readonly config: NodeConfig;
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly rng: Rng;
  readonly identity: NodeIdentity;
  /** Addresses to hold links to. */
  readonly dialUrls: readonly string[];
  /** Where others can dial this node; empty behind NAT. */
  readonly advertisedUrls: readonly string[];
  readonly recovered: {
    readonly records: Iterable<{ readonly seq: JournalSeq; readonly bytes: Uint8Array }>;
    readonly offsets: Iterable<{
      readonly stream: StreamId;
      readonly node: NodeId;
      readonly seq: StreamSeq;
      readonly messageId: MessageId;
    }>;
  };
  readonly wallOffsetUs: number;
  /** Where this node stands, for the spread of voters; nowhere in particular when absent. */
  readonly site?: string;
}
