/**
 * Readings of the core for logs, metrics, marks and oracles. Nothing in the protocol depends on one, and the core
 * formats no text for people.
 */
import type { MeshId, NodeId, StreamId } from './ids.js';
import type { ReplicaId } from './replica.js';
import type { LogIndex, StreamSeq, Term } from './units.js';

export type Notice =
  /** A counter moved: frames dropped by reason, retransmissions, refusals. */
  | { readonly kind: 'count'; readonly name: string; readonly by: number }
  /** A rare thing happened (`raft.snapshot-installed`, `flow.path-switched`, …): what a swarm must have reached. */
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly event: string; readonly fields: Readonly<Record<string, string | number | boolean>> }
  /** Raft facts for the oracles. `group` is a GroupId, `generation` that of the group. */
  | { readonly kind: 'raft-leader'; readonly group: string; readonly generation: number; readonly term: Term; readonly node: NodeId }
  | {
      readonly kind: 'raft-configuration';
      readonly group: string;
      readonly generation: number;
      readonly index: LogIndex;
      readonly voters: readonly ReplicaId[];
      readonly outgoing: readonly ReplicaId[] | null;
    }
  | { readonly kind: 'raft-committed'; readonly group: string; readonly generation: number; readonly index: LogIndex; readonly term: Term; readonly digest: number }
  | { readonly kind: 'raft-applied'; readonly group: string; readonly generation: number; readonly index: LogIndex; readonly stateDigest: number }
  /** A sealed replica tells what it holds: the end of its log. */
  | { readonly kind: 'group-reported'; readonly group: string; readonly generation: number; readonly index: LogIndex; readonly term: Term }
  /** The mesh's log founds a generation. */
  | {
      readonly kind: 'group-founded';
      readonly group: string;
      readonly generation: number;
      readonly baseIndex: LogIndex;
      readonly baseTerm: Term;
      readonly voters: readonly ReplicaId[];
    }
  /** Stream facts for the oracles. */
  | { readonly kind: 'stream-accepted'; readonly stream: StreamId; readonly seq: StreamSeq }
  | { readonly kind: 'stream-completed'; readonly stream: StreamId; readonly seq: StreamSeq }
  | { readonly kind: 'mesh-joined'; readonly mesh: MeshId };
