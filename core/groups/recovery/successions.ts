/**
 * What the mesh's log has decided about groups that lost their majority: which generation is sealed, and how the next
 * one begins. A part of the replicated state of the mesh control group.
 *
 * Invariant: the generations of a group are sealed one after the other, each is founded once, and only after the one
 * before it was sealed. So whoever reads the log knows of at most one generation that may be alive.
 */
import { assert } from '../../base/assert.js';
import type { GroupId } from '../../base/ids.js';
import { type ReplicaId, compareReplicas, nodeOfReplica, numberOfReplica, replicaId } from '../../base/replica.js';
import type { Founding } from '../../raft/api.js';
import { configurationOf } from '../../raft/configuration.js';
import type { GroupContext } from '../context.js';
import type { GroupFounding, GroupSeal, Seat, SuccessionRow } from '../../wire/succession-messages.js';

export class Successions {
  readonly #rows = new Map<GroupId, SuccessionRow>();

  get size(): number {
    return this.#rows.size;
  }

  get(group: GroupId): SuccessionRow | null {
    return this.#rows.get(group) ?? null;
  }

  /** Those that are sealed and not founded. */
  *pending(): IterableIterator<SuccessionRow> {
    for (const row of this.#rows.values()) if (row.founding === null) yield row;
  }

  /**
   * False: another generation of the group is the one to seal, or it is sealed already. What is sealed may be sealed
   * once more with the operator's consent to the loss, or with members that its asker did not know.
   */
  seal(entry: GroupSeal): boolean {
    const row = this.#rows.get(entry.group);
    const isNext = row === undefined || row.founding?.generation === entry.generation;
    const isAmendment = row?.founding === null && row.seal.generation === entry.generation && adds(entry, row.seal);
    if (!isNext && !isAmendment) return false;
    this.#rows.set(entry.group, { seal: entry, founding: null });
    return true;
  }

  /** False: it does not follow what is sealed, or has been founded already. */
  found(entry: GroupFounding): boolean {
    const row = this.#rows.get(entry.group);
    if (row === undefined || row.founding !== null || entry.generation !== row.seal.generation + 1) return false;
    this.#rows.set(entry.group, { ...row, founding: entry });
    return true;
  }

  /** Forgets groups of whose last generation nobody is left. */
  forget(isOut: (replica: ReplicaId) => boolean): void {
    for (const [group, { seal, founding }] of this.#rows) {
      const seats = founding === null ? seal.members : [...founding.voters, ...founding.learners];
      if (seats.every((seat) => isOut(replicaOfSeat(seat)))) this.#rows.delete(group);
    }
  }

  snapshot(): readonly SuccessionRow[] {
    return [...this.#rows.values()];
  }

  restore(rows: readonly SuccessionRow[]): void {
    this.#rows.clear();
    for (const row of rows) this.#rows.set(row.seal.group, row);
  }

  checkInvariants(): void {
    for (const [group, { seal, founding }] of this.#rows) {
      assert(seal.group === group, 'a succession is under its group');
      if (founding === null) continue;
      assert(founding.group === group && founding.generation === seal.generation + 1, 'a founding follows its seal');
      assert(founding.voters.length > 0, 'somebody votes in a founding');
    }
  }
}

function adds(entry: GroupSeal, to: GroupSeal): boolean {
  const known = new Set(to.members.map(replicaOfSeat));
  const isWhole = entry.members.filter((seat) => known.has(replicaOfSeat(seat))).length === known.size;
  const isMore = entry.members.length > known.size || (entry.isLossAccepted && !to.isLossAccepted);
  return isWhole && isMore && (entry.isLossAccepted || !to.isLossAccepted);
}

export const replicaOfSeat = ({ node, replica }: Seat): ReplicaId => replicaId(node, replica);
export const seatOf = (replica: ReplicaId): Seat => ({ node: nodeOfReplica(replica), replica: numberOfReplica(replica) });

/** For oracles. */
export function notifyFounded(context: GroupContext, { group, generation, baseIndex, baseTerm, voters }: GroupFounding): void {
  if (!context.config.withDigests) return;
  const notice = { kind: 'group-founded', group, generation, baseIndex, baseTerm, voters: voters.map(replicaOfSeat) } as const;
  context.emit({ kind: 'notice', notice });
}

/** As Raft takes it. */
export function foundingOf({ voters, learners, baseIndex, baseTerm }: GroupFounding): Founding {
  return {
    configuration: configurationOf(voters.map(replicaOfSeat), learners.map(replicaOfSeat)),
    base: { index: baseIndex, term: baseTerm },
  };
}

export const seatsOf = (replicas: Iterable<ReplicaId>): Seat[] => [...replicas].sort(compareReplicas).map(seatOf);
