/**
 * The replicated state of the mesh control group: what the mesh is and who its members are. Indexes are given in the
 * order of the log and never again.
 *
 * Invariant: the indexes of members and of the departed are distinct and below `nextIndex`; one row per node; a node's
 * replica only ever grows, so a replica that went is never a member again.
 */
import { assert } from '../../base/assert.js';
import { equalBytes } from '../../base/crypto.js';
import type { GenerationId, GroupId, NodeId } from '../../base/ids.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import type { LogIndex } from '../../base/units.js';
import { Successions } from '../recovery/successions.js';
import { isOut, type MeshStanding } from '../recovery/mesh-standing.js';
import { DepartedRow, type MeshEntry, type MemberRow, MeshSnapshot } from '../../wire/group-messages.js';
import { GENERATIONS_MAX, type GenerationFounding, type GenerationRow } from '../../wire/generation-messages.js';
import type { DatabaseGroupRow } from '../../wire/update-messages.js';
import type { DepartWish, ViewedMesh } from '../../wire/wish-messages.js';
import { UpdateState } from '../updates/update-state.js';

/** What an entry did. `stale`: it was proposed against a state that has moved on; its proposer tries again. */
export type MeshOutcome =
  | { readonly kind: 'founded' }
  | { readonly kind: 'admitted'; readonly member: MemberRow }
  | { readonly kind: 'departed'; readonly departed: DepartedRow }
  | { readonly kind: 'viewed' }
  /** A generation begins, without these. */
  | { readonly kind: 'generation'; readonly id: GenerationId; readonly departed: readonly DepartedRow[] }
  /** A group's generation is over, or its next one begins. */
  | { readonly kind: 'succession' }
  | { readonly kind: 'stale' };

/** From best to worst. */
export const MESH_STATES = ['healthy', 'degraded', 'critical'] as const;
export type MeshStateName = (typeof MESH_STATES)[number];

/** What a leader of the mesh sees: its state, and whom it cannot reach. */
export interface MeshSight {
  readonly state: MeshStateName;
  readonly unreachable: readonly NodeId[];
}

/** The entries that this state decides; those of updates go to `updates`. */
export type MembershipEntry = Exclude<MeshEntry, { kind: 'updates' | 'applied' | 'database' }>;
type Founded = Omit<MeshSnapshot, 'members' | 'nextIndex' | 'departed' | 'view' | 'updates' | 'database' | 'generations' | 'successions'>;

export class MeshState implements MeshStanding {
  /** System updates, which ride this group's log. */
  readonly updates = new UpdateState();
  /** Groups that lost their majority for good. */
  readonly successions = new Successions();
  /** The group of database updates; null before it is founded. */
  #database: DatabaseGroupRow | null = null;
  #founded: Founded | null = null;
  #nextIndex = 1;
  readonly #members = new Map<NodeId, MemberRow>();
  #view: MeshSight | null = null;
  readonly #departed = new Map<NodeId, DepartedRow>();
  #generations: readonly GenerationRow[] = [];

  /** Name, policy and keys of the mesh; null before its founding entry. */
  get founded(): Founded | null {
    return this.#founded;
  }

  get database(): DatabaseGroupRow | null {
    return this.#database;
  }

  /** False when the group is founded already. */
  foundDatabase(row: DatabaseGroupRow): boolean {
    if (this.#database !== null || this.#founded === null) return false;
    this.#database = row;
    return true;
  }

  get nextIndex(): number {
    return this.#nextIndex;
  }

  get members(): ReadonlyMap<NodeId, MemberRow> {
    return this.#members;
  }

  /** The newest replica of each node that left or was evicted, whether or not the node came back. */
  get departed(): ReadonlyMap<NodeId, DepartedRow> {
    return this.#departed;
  }

  /** What the leader has written last; null before it has written anything. */
  get view(): MeshSight | null {
    return this.#view;
  }

  /** The foundings that led to the mesh's generation, from the oldest; none in the first. */
  get generations(): readonly GenerationRow[] {
    return this.#generations;
  }

  /** Whether the log has come to that generation. */
  isOf(id: GenerationId): boolean {
    return this.#generations.some((row) => row.id === id);
  }

  replicaOf(node: NodeId): ReplicaId | null {
    const row = this.#members.get(node);
    return row === undefined ? null : replicaId(node, row.replica);
  }

  replicaNumberOf(node: NodeId): number | null {
    return this.#members.get(node)?.replica ?? null;
  }

  /**
   * The replica number of a member, or the one that it had last, or would have first. Never that of a life to come: a
   * wish that is late would end it.
   */
  presentReplica(node: NodeId): number {
    return this.#members.get(node)?.replica ?? this.#departed.get(node)?.replica ?? 1;
  }

  /** How that replica, or a later one of its node, went; null for members, and for who was never heard of. */
  departureOf(node: NodeId, replica: number): DepartedRow | null {
    const row = this.#departed.get(node);
    return row !== undefined && row.replica >= replica ? row : null;
  }

  /** Replicas of `node` up to this number are out of the mesh: they went, or a later one took their place. */
  isLossAccepted(group: GroupId): boolean {
    return this.successions.get(group)?.seal.isLossAccepted ?? false;
  }

  outThrough(node: NodeId): number {
    const member = this.#members.get(node);
    return Math.max(this.#departed.get(node)?.replica ?? 0, member === undefined ? 0 : member.replica - 1);
  }

  apply(index: LogIndex, entry: MembershipEntry): MeshOutcome {
    switch (entry.kind) {
      case 'found': {
        if (this.#founded !== null) return { kind: 'stale' };
        const { founder, kind: _kind, ...founded } = entry;
        this.#founded = founded;
        this.#admit(founder);
        return { kind: 'founded' };
      }
      case 'admit': {
        const { kind: _kind, ...member } = entry;
        if (member.index !== this.#nextIndex || !this.#mayTakeOver(member)) return { kind: 'stale' };
        this.#admit(member);
        return { kind: 'admitted', member };
      }
      case 'depart':
        return this.#depart(index, entry);
      case 'viewed':
        this.#view = sightOf(entry);
        return { kind: 'viewed' };
      case 'generation':
        return this.#begin(index, entry);
      case 'seal':
        return this.successions.seal(entry) ? { kind: 'succession' } : { kind: 'stale' };
      case 'succeed':
        return this.successions.found(entry) ? { kind: 'succession' } : { kind: 'stale' };
    }
  }

  snapshot(): Uint8Array {
    if (this.#founded === null) return new Uint8Array(0);
    const members = [...this.#members.values()];
    const departed = [...this.#departed.values()];
    const view = viewedOf(this.#view);
    const database = this.#database === null ? [] : [this.#database];
    const groups = { updates: this.updates.snapshot(), database, successions: this.successions.snapshot() };
    const generations = this.#generations;
    return MeshSnapshot.encode({ ...this.#founded, nextIndex: this.#nextIndex, members, departed, view, generations, ...groups });
  }

  /** An empty snapshot is the state before the founding. False when malformed. */
  restore(bytes: Uint8Array): boolean {
    this.#members.clear();
    this.#departed.clear();
    this.#database = null;
    this.successions.restore([]);
    this.#founded = null;
    this.#view = null;
    this.#generations = [];
    this.#nextIndex = 1;
    if (bytes.length === 0) return true;
    const snapshot = MeshSnapshot.decode(bytes);
    if (snapshot === null) return false;
    const { members, nextIndex, departed, view, updates: _updates, database, generations, successions, ...founded } = snapshot;
    this.#generations = generations;
    this.#database = database[0] ?? null;
    this.#founded = founded;
    this.#nextIndex = nextIndex;
    this.#view = sightOf(view);
    for (const member of members) this.#members.set(member.node, member);
    for (const row of departed) this.#departed.set(row.node, row);
    this.successions.restore(successions);
    return true;
  }

  checkInvariants(): void {
    this.successions.checkInvariants();
    const indexes = new Set<number>();
    for (const [node, row] of this.#members) {
      assert(row.node === node, 'a member row is under its node');
      assert(row.index >= 1 && row.index < this.#nextIndex, 'a member index has been given out');
      assert(!indexes.has(row.index), 'member indexes are distinct');
      assert(row.replica > (this.#departed.get(node)?.replica ?? 0), 'a replica that went is no member');
      indexes.add(row.index);
    }
    for (const row of this.#departed.values()) {
      assert(!indexes.has(row.index), 'an index is never given to another member');
      indexes.add(row.index);
    }
  }

  #admit(member: MemberRow): void {
    this.#members.set(member.node, member);
    this.#nextIndex = member.index + 1;
    this.successions.forget((replica) => isOut(this, replica));
  }

  #depart(index: LogIndex, { node, replica, isEvicted }: DepartWish): MeshOutcome {
    const member = this.#members.get(node);
    if (member === undefined || member.replica !== replica) return { kind: 'stale' };
    return { kind: 'departed', departed: this.#dismiss(index, member, { isEvicted, isForced: false }) };
  }

  #dismiss(
    index: LogIndex,
    { node, name, publicKey, replica, index: memberIndex }: MemberRow,
    how: { readonly isEvicted: boolean; readonly isForced: boolean },
  ): DepartedRow {
    const departed: DepartedRow = { node, name, publicKey, replica, index: memberIndex, ...how, logIndex: index };
    this.#members.delete(node);
    this.#departed.set(node, departed);
    this.successions.forget((other) => isOut(this, other));
    return departed;
  }

  /** Whoever did not found the generation is out of it. */
  #begin(index: LogIndex, { record, ancestors, founders }: GenerationFounding): MeshOutcome {
    if (this.isOf(record.id) || ancestors.length >= GENERATIONS_MAX) return { kind: 'stale' };
    const founding = new Map(founders.map(({ node, replica }) => [node, replica]));
    const lost = [...this.#members.values()].filter(({ node, replica }) => founding.get(node) !== replica);
    const departed = lost.map((member) => this.#dismiss(index, member, { isEvicted: true, isForced: true }));
    this.#generations = [...ancestors, record];
    this.#view = null;
    return { kind: 'generation', id: record.id, departed };
  }

  /** A node that is or was known comes only with its own key and as a later replica. */
  #mayTakeOver(member: MemberRow): boolean {
    const known = this.#members.get(member.node) ?? this.#departed.get(member.node);
    if (known === undefined) return true;
    return equalBytes(known.publicKey, member.publicKey) && member.replica > known.replica;
  }
}

/** As an entry. */
export function viewedOf(sight: MeshSight | null): ViewedMesh {
  return sight === null ? { state: 0, unreachable: [] } : { state: MESH_STATES.indexOf(sight.state) + 1, unreachable: sight.unreachable };
}

/** A state that this version does not know is none. */
function sightOf({ state, unreachable }: ViewedMesh): MeshSight | null {
  const name = MESH_STATES[state - 1];
  return name === undefined ? null : { state: name, unreachable };
}
