/**
 * The replicated state of the mesh control group: what the mesh is and who its members are. Indexes are given in the
 * order of the log and never again.
 *
 * Invariant: member indexes are distinct and below `nextIndex`; one row per node; a node's row only ever moves to a
 * higher replica.
 */
import { assert } from '../../base/assert.js';
import { equalBytes } from '../../base/crypto.js';
import type { NodeId } from '../../base/ids.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import { type MeshEntry, type MemberRow, MeshSnapshot } from '../../wire/group-messages.js';
import { UpdateState } from '../updates/update-state.js';

/** What an entry did. `stale`: it was proposed against a state that has moved on; its proposer tries again. */
export type MeshOutcome =
  | { readonly kind: 'founded' }
  | { readonly kind: 'admitted'; readonly member: MemberRow }
  | { readonly kind: 'stale' };

/** The entries that this state decides; those of updates go to `updates`. */
export type MembershipEntry = Exclude<MeshEntry, { kind: 'updates' | 'applied' }>;
type Founded = Omit<MeshSnapshot, 'members' | 'nextIndex' | 'updates'>;

export class MeshState {
  /** System updates, which ride this group's log. */
  readonly updates = new UpdateState();
  #founded: Founded | null = null;
  #nextIndex = 1;
  readonly #members = new Map<NodeId, MemberRow>();

  /** Name, policy and keys of the mesh; null before its founding entry. */
  get founded(): Founded | null {
    return this.#founded;
  }

  get nextIndex(): number {
    return this.#nextIndex;
  }

  get members(): ReadonlyMap<NodeId, MemberRow> {
    return this.#members;
  }

  replicaOf(node: NodeId): ReplicaId | null {
    const row = this.#members.get(node);
    return row === undefined ? null : replicaId(node, row.replica);
  }

  apply(entry: MembershipEntry): MeshOutcome {
    if (entry.kind === 'found') {
      if (this.#founded !== null) return { kind: 'stale' };
      const { founder, kind: _kind, ...founded } = entry;
      this.#founded = founded;
      this.#admit(founder);
      return { kind: 'founded' };
    }
    const { kind: _kind, ...member } = entry;
    if (member.index !== this.#nextIndex || !this.#mayTakeOver(member)) return { kind: 'stale' };
    this.#admit(member);
    return { kind: 'admitted', member };
  }

  snapshot(): Uint8Array {
    if (this.#founded === null) return new Uint8Array(0);
    const members = [...this.#members.values()];
    return MeshSnapshot.encode({ ...this.#founded, nextIndex: this.#nextIndex, members, updates: this.updates.snapshot() });
  }

  /** An empty snapshot is the state before the founding. False when malformed. */
  restore(bytes: Uint8Array): boolean {
    this.#members.clear();
    this.#founded = null;
    this.#nextIndex = 1;
    if (bytes.length === 0) return true;
    const snapshot = MeshSnapshot.decode(bytes);
    if (snapshot === null) return false;
    const { members, nextIndex, updates: _updates, ...founded } = snapshot;
    this.#founded = founded;
    this.#nextIndex = nextIndex;
    for (const member of members) this.#members.set(member.node, member);
    return true;
  }

  checkInvariants(): void {
    const indexes = new Set<number>();
    for (const [node, row] of this.#members) {
      assert(row.node === node, 'a member row is under its node');
      assert(row.index >= 1 && row.index < this.#nextIndex, 'a member index has been given out');
      assert(!indexes.has(row.index), 'member indexes are distinct');
      indexes.add(row.index);
    }
  }

  #admit(member: MemberRow): void {
    this.#members.set(member.node, member);
    this.#nextIndex = member.index + 1;
  }

  /** A node that is known comes back only with its own key and as a later replica. */
  #mayTakeOver(member: MemberRow): boolean {
    const known = this.#members.get(member.node);
    if (known === undefined) return true;
    return equalBytes(known.publicKey, member.publicKey) && member.replica > known.replica;
  }
}
