/** Where a group's proposals go, as this replica knows it. */
import type { NodeId } from '../base/ids.js';

/** `local` and `remote` only once that leader is known to take proposals; else `none`. */
export type LeaderView =
  | { readonly kind: 'none' }
  | { readonly kind: 'local' }
  | { readonly kind: 'remote'; readonly node: NodeId };
