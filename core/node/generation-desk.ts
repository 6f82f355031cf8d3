/**
 * This member's part in the generations of its mesh: the recovery that its operator runs, the foundings that others ask
 * it to keep and enter, and what neighbours of other generations show (core/groups/mcg/generations).
 *
 * Invariant: the row that `onEntered` gets and the seal before it are in the journal before anything leaves under the
 * new generation; a crash in between is made good at the next start, because the founding is kept beside the row.
 */
import type { GenerationId, NodeId } from '../base/ids.js';
import type { Micros } from '../base/units.js';
import type { GroupContext } from '../groups/context.js';
import type { Stream } from '../groups/dsg/stream.js';
import { FOUNDING_KEY, Founder } from '../groups/mcg/generations/founder.js';
import { foundingOfGroup, generationNumber, lineageOf, lineageTagOf } from '../groups/mcg/generations/founding.js';
import { type Lineage, newestOf } from '../groups/mcg/generations/lineage.js';
import { Recovery, type RecoveryOrder } from '../groups/mcg/generations/recovery.js';
import type { MeshControl } from '../groups/mcg/mesh-control.js';
import type { ReplicatedGroup } from '../groups/replicated-group.js';
import type { DatabaseGroup } from '../groups/updates/database-group.js';
import { GenerationFounding, type GenerationRow } from '../wire/generation-messages.js';
import type { GroupControl } from '../wire/group-messages.js';
import type { MembershipRow } from './membership-row.js';

export interface GenerationDeskOptions {
  readonly context: GroupContext;
  readonly row: MembershipRow;
  readonly control: () => MeshControl;
  readonly database: () => DatabaseGroup | null;
  readonly streams: () => Iterable<Stream>;
  readonly isReachable: (node: NodeId) => boolean;
  readonly onDirty: (group: ReplicatedGroup) => void;
  /** From here on this node is a member of another generation. */
  readonly onEntered: (now: Micros, row: MembershipRow) => void;
}

export class GenerationDesk {
  readonly #options: GenerationDeskOptions;
  readonly #founder: Founder;
  readonly #recovery: Recovery;
  #row: MembershipRow;
  #told: GenerationId | null = null;
  /** Of the generation that this node is in; null in the first one, and at who was no founder. */
  #founding: GenerationFounding | null;

  constructor(options: GenerationDeskOptions) {
    const { context, row } = options;
    this.#options = options;
    this.#row = row;
    this.#founding = storedFounding(context, row);
    this.#founder = new Founder(context, row.mesh, {
      groups: () => this.#groups(),
      streams: options.streams,
      lineage: () => lineageOf(this.#row.lineage),
      isMember: (node) => options.control().state.members.has(node),
      enter: (now, founding) => this.#enter(now, founding),
      onDirty: options.onDirty,
    });
    this.#recovery = new Recovery(context, row.mesh, {
      founder: this.#founder,
      members: () => options.control().state.members,
      isReachable: options.isReachable,
      lineage: () => this.#row.lineage,
      onAnswered: (request, result) => context.emit({ kind: 'recovery-answered', request, result }),
    });
  }

  get founding(): GenerationFounding | null {
    return this.#founding;
  }

  /** The number of the mesh's generation, as Raft's messages name it. */
  get number(): number {
    return this.#row.generation;
  }

  get lineage(): readonly GenerationRow[] {
    return this.#row.lineage;
  }

  recover(now: Micros, request: number, order: RecoveryOrder): void {
    this.#recovery.start(now, request, order);
  }

  onControl(now: Micros, from: NodeId, message: GenerationControl): void {
    if (message.kind === 'recoverReport') this.#recovery.onReport(now, from, message);
    else if (message.kind === 'foundingKept') this.#recovery.onKept(now, from, message.session, message.generation);
    else this.#founder.onControl(now, from, message);
  }

  /** A neighbour of another generation has shown its lineage. */
  onLineage(now: Micros, lineage: Lineage): void {
    this.#founder.onLineage(now, lineage);
  }

  /** The mesh's log has begun that generation. False when that was told already. */
  onFounded(id: GenerationId): boolean {
    this.#recovery.onFounded(id);
    if (this.#told === id) return false;
    this.#told = id;
    return true;
  }

  /** A group that is open only now may have to enter the generation that the others are in. */
  bring(now: Micros, { group, raft }: ReplicatedGroup): void {
    const founding = this.#founding === null ? null : foundingOfGroup(this.#founding, group);
    if (founding === null || raft.generation.number > this.number) return;
    const entered = raft.force(now, this.number, founding);
    if (entered.ok) raft.campaign(now);
    else this.#count('generations.group-refused');
  }

  close(): void {
    this.#recovery.close();
  }

  #groups(): readonly ReplicatedGroup[] {
    const database = this.#options.database();
    const control = this.#options.control().group;
    return database === null ? [control] : [control, database.group];
  }

  #enter(now: Micros, founding: GenerationFounding): void {
    const { context, control, onEntered, onDirty } = this.#options;
    const lineage = [...founding.ancestors, founding.record];
    const generation = generationNumber(lineage.length);
    const generationTag = lineageTagOf(context.crypto, this.#row.mesh, founding.record.id, generation);
    this.#row = { ...this.#row, lineage, generation, generationTag };
    this.#founding = founding;
    onEntered(now, this.#row);
    control().enterGeneration(now, founding, { generation, generationTag });
    const database = this.#options.database();
    if (database === null) return;
    this.bring(now, database.group);
    onDirty(database.group);
  }

  #count(name: string): void {
    this.#options.context.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}

export type GenerationControl = Extract<
  GroupControl,
  { kind: 'recoverAsk' | 'recoverReport' | 'keepFounding' | 'foundingKept' | 'enterGeneration' }
>;

/** What the journal keeps may be of a generation that was never entered. */
function storedFounding({ journal }: GroupContext, { lineage }: MembershipRow): GenerationFounding | null {
  const stored = journal.get(FOUNDING_KEY);
  const founding = stored === null ? null : GenerationFounding.decode(stored);
  return founding?.record.id === newestOf(lineageOf(lineage)) ? founding : null;
}
