/** What a log entry does to a stream's state, and what became of it. */
import type { NodeId } from '../../base/ids.js';
import type { StreamSeq } from '../../base/units.js';
import type { ControlEntry } from '../../wire/group-messages.js';
import type { TargetStep } from '../../wire/target-steps.js';

/** What one log entry does to the state: the entry without its payloads. */
export type StreamDelta =
  | {
      readonly kind: 'messages';
      readonly firstSeq: number;
      readonly chunkSeq: number;
      readonly chunkCount: number;
      readonly producer: string;
      /** One per whole message, or the one of the large message that the chunk belongs to. */
      readonly producerSeqs: readonly number[];
      readonly epoch: number;
      /** What publishers call them, one for each; absent when none is called anything. */
      readonly freeIds?: readonly string[];
      /** The control entry that it follows. */
      readonly controlNo: number;
    }
  | {
      readonly kind: 'settled';
      readonly marks: readonly { readonly target: NodeId; readonly seq: number }[];
      readonly timeMs: number;
    }
  /** `isSourceLost`: because the source is gone for good. */
  | { readonly kind: 'close'; readonly isSourceLost: boolean }
  | { readonly kind: 'deletion'; readonly isForced: boolean }
  | { readonly kind: 'targetStep'; readonly change: TargetStep }
  | ({ readonly kind: 'control' } & ControlEntry)
  | { readonly kind: 'departure'; readonly node: NodeId; readonly replica: number; readonly isForced: boolean }
  /** A later replica of a target takes its place. */
  | { readonly kind: 'replacement'; readonly node: NodeId; readonly replica: number }
  | { readonly kind: 'release'; readonly throughSeq: number; readonly timeMs: number };

/**
 * `conflict`: a number that was given out before came again with another content. The replica must stop. `malformed`:
 * no source writes such a batch; it changes nothing, at every replica alike.
 */
export type Admission =
  | { readonly kind: 'admitted'; readonly fromSeq: StreamSeq; readonly count: number; readonly isComplete: boolean }
  | { readonly kind: 'ignored'; readonly reason: 'repeat' | 'gap' | 'closed' | 'malformed' | 'fenced' }
  | { readonly kind: 'conflict' };
