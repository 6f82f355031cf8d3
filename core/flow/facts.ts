/** What the flow machine tells the node. */
import type { NodeId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import type { Header } from '../wire/header.js';

/** Flow classes: each has windows and an order of its own between two nodes. An index of `trafficClasses`. */
export type FlowClass = number;

export type FlowFact =
  /** Route this to `peer` as one frame. It may be lost: the flow notices. */
  | {
      readonly kind: 'flow-send';
      readonly peer: NodeId;
      readonly header: Header;
      readonly payload: readonly Uint8Array[];
      readonly trafficClass: number;
    }
  /**
   * The next message of `peer` in that class. Its owner must call `onConsumed` with `payload.length` once, when its
   * memory is free again: until then it holds credit.
   */
  | {
      readonly kind: 'flow-message';
      readonly peer: NodeId;
      readonly peerReplica: number;
      readonly flowClass: FlowClass;
      readonly payload: Uint8Array;
    }
  /** The peer is in another boot: whatever it had not acknowledged is gone, its own messages start anew. */
  | { readonly kind: 'flow-peer-lost'; readonly peer: NodeId }
  /** A flow that had refused a message takes some again. */
  | { readonly kind: 'flow-writable'; readonly peer: NodeId; readonly flowClass: FlowClass }
  | { readonly kind: 'notice'; readonly notice: Notice };
