/**
 * The mesh control group's replica in the generation that it is in. Its leader writes the founding into the log before
 * anything else, because all that follows stands on it: who is a member, and so who votes, is asked, and may come in.
 */
import { type LogIndex, type Micros, logIndex } from '../../../base/units.js';
import type { GenerationFounding } from '../../../wire/generation-messages.js';
import { MeshEntry } from '../../../wire/group-messages.js';
import type { GroupContext } from '../../context.js';
import type { ReplicatedGroup } from '../../replicated-group.js';
import type { MeshState } from '../mesh-state.js';
import { foundingOfGroup } from './founding.js';

/** What a generation is called in certificates and in Raft's messages (its number), and in frames (its tag). */
export interface MeshGeneration {
  readonly generation: number;
  readonly generationTag: number;
}

export interface GenerationSeatOptions {
  readonly context: GroupContext;
  readonly state: MeshState;
  readonly group: () => ReplicatedGroup;
  readonly applied: () => LogIndex;
}

export class GenerationSeat {
  readonly #options: GenerationSeatOptions;
  #standing: MeshGeneration;
  #founding: GenerationFounding | null;
  #proposedAt: LogIndex = logIndex(0);
  /** What the journal held is restored: what comes from here on is news. */
  #isOpen = false;

  /** `founding`: of the generation that this node is in; null in the first one, and at who was no founder. */
  constructor(options: GenerationSeatOptions, { generation, generationTag }: MeshGeneration, founding: GenerationFounding | null) {
    this.#options = options;
    this.#standing = { generation, generationTag };
    this.#founding = founding;
  }

  get standing(): MeshGeneration {
    return this.#standing;
  }

  /** The log does not say yet who is a member in this generation. */
  get isAwaited(): boolean {
    return this.#founding !== null && !this.#options.state.isOf(this.#founding.record.id);
  }

  /** The group is there: when a crash came between entering and its being written, it enters now. */
  open(now: Micros): void {
    this.#isOpen = true;
    this.#force(now);
  }

  /** The generation before is sealed here, and all founders keep this one's founding. */
  enter(now: Micros, founding: GenerationFounding, standing: MeshGeneration): void {
    this.#standing = standing;
    this.#founding = founding;
    this.#proposedAt = logIndex(0);
    this.#force(now);
    this.#options.group().raft.campaign(now);
  }

  /** Another leadership, or none. */
  reset(): void {
    this.#proposedAt = logIndex(0);
  }

  /** Only at the leader, while it is awaited. */
  propose(now: Micros): void {
    const { group, applied } = this.#options;
    if (this.#founding === null || this.#proposedAt > applied()) return;
    const result = group().propose(now, MeshEntry.encode({ kind: 'generation', ...this.#founding }));
    if (result.ok) this.#proposedAt = result.value;
  }

  /** The state has come to another generation, by an entry or by a leader's snapshot. */
  tell(): void {
    const id = this.#options.state.generations.at(-1)?.id;
    if (this.#isOpen && id !== undefined) this.#options.context.emit({ kind: 'generation-founded', id });
  }

  /** Repeats are harmless; a replica that is further already takes part in what came later. */
  #force(now: Micros): void {
    const { raft, group } = this.#options.group();
    const found = this.#founding === null ? null : foundingOfGroup(this.#founding, group);
    if (found === null || raft.generation.number > this.#standing.generation) return;
    const entered = raft.force(now, this.#standing.generation, found);
    if (!entered.ok) this.#options.context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'mcg.generation-refused' } });
  }
}
