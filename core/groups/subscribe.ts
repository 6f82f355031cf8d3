/** What a subscriber asks for. */
import type { StreamId, TenantId } from '../base/ids.js';

export type StreamSelector =
  | { readonly kind: 'id'; readonly stream: StreamId }
  | { readonly kind: 'name'; readonly name: string };

export interface Subscribe {
  readonly tenant: TenantId;
  readonly selector: StreamSelector;
  readonly resumeAfter: number | null;
  /** Begins after that checkpoint instead. */
  readonly fromCheckpoint?: string;
  readonly windowMessages: number;
  readonly windowBytes: number;
  /** Of the stream's dead letters that are to be replayed, with numbers of their own. */
  readonly isOfLetters?: boolean;
}
