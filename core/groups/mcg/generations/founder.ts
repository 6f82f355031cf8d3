/**
 * A member's part in the founding of a generation: it tells what it holds, stops in the generation that is over, keeps
 * the founding durably, and enters when it hears that all founders have it.
 *
 * Invariants: it stops for good before it tells that all it holds is told; it enters only what it keeps durably, once,
 * and only a founding of the generation that it is in. Frames may be lost, doubled and late: each answer is to be
 * asked for again. Who misses the word to enter hears it from any neighbour's handshake (`onLineage`).
 */
import type { GenerationId, MeshId, NodeId } from '../../../base/ids.js';
import { type Micros, logIndex, term } from '../../../base/units.js';
import { encodeConfiguration, isVoter } from '../../../raft/configuration.js';
import { GenerationFounding, type GroupReport, REPORTED_STREAMS_MAX, type RecoverAsk, type RecoverReport, type StreamFate } from '../../../wire/generation-messages.js';
import type { GroupControl } from '../../../wire/group-messages.js';
import type { GroupContext } from '../../context.js';
import type { Stream } from '../../dsg/stream.js';
import type { ReplicatedGroup } from '../../replicated-group.js';
import { foundingOfGroup } from './founding.js';
import { type Lineage, newestOf } from './lineage.js';
import { fateOf } from './stream-fates.js';

export interface FounderPorts {
  /** The mesh control group, then the other mesh-wide groups of this node. */
  groups(): readonly ReplicatedGroup[];
  streams(): Iterable<Stream>;
  lineage(): Lineage;
  isMember(node: NodeId): boolean;
  /** All founders have it, this one durably. */
  enter(now: Micros, founding: GenerationFounding): void;
  onDirty(group: ReplicatedGroup): void;
}

/** The steps of a `RecoverAsk`. */
export const STEPS = { tell: 1, tellStreams: 2, stop: 3 } as const;

export class Founder {
  readonly #context: GroupContext;
  readonly #mesh: MeshId;
  readonly #ports: FounderPorts;
  /** A founding that waits for the word to enter; durable or about to be. */
  #kept: GenerationFounding | null;

  constructor(context: GroupContext, mesh: MeshId, ports: FounderPorts) {
    this.#context = context;
    this.#mesh = mesh;
    this.#ports = ports;
    const stored = context.journal.get(FOUNDING_KEY);
    this.#kept = stored === null ? null : GenerationFounding.decode(stored);
  }

  /** RecoverAsk, KeepFounding, EnterGeneration. */
  onControl(now: Micros, from: NodeId, message: FounderMessage): void {
    if (!this.#ports.isMember(from)) return this.#count('generations.stranger');
    if (message.kind === 'recoverAsk') {
      this.#context.sendControl(from, { kind: 'recoverReport', ...this.report(now, message) });
    } else if (message.kind === 'keepFounding') {
      const founding = GenerationFounding.decode(message.founding);
      const { session } = message;
      if (founding === null) return this.#count('generations.malformed');
      this.keep(founding, () => {
        this.#context.sendControl(from, { kind: 'foundingKept', session, generation: founding.record.id });
      });
    } else {
      this.#enter(now, message.generation);
    }
  }

  /** A neighbour is in a generation of that lineage: all founders of each founding in it had kept it. */
  onLineage(now: Micros, lineage: Lineage): void {
    const id = this.#kept?.record.id;
    if (id !== undefined && lineage.some((record) => record.id === id)) this.#enter(now, id);
  }

  /** What this node holds, and of `stop` its word that this is all. */
  report(now: Micros, { session, step, founders, streamsFrom }: RecoverAsk): RecoverReport {
    const groups = this.#ports.groups();
    const isLed = this.#isLed(groups[0]);
    if (step === STEPS.stop && !isLed) for (const group of groups) this.#seal(now, group);
    const { fates, count } = step === STEPS.tellStreams ? this.#fates(new Set(founders), streamsFrom) : NO_FATES;
    return {
      session,
      step,
      replica: this.#context.replica,
      isLed,
      groups: groups.map(reportOf),
      streams: fates,
      streamsFrom,
      streamCount: count,
    };
  }

  /** `then` once it is durable; never when it is not a founding that this node could enter. */
  keep(founding: GenerationFounding, then: (now: Micros) => void): void {
    const { node, replica } = this.#context;
    const isOurs = founding.founders.some((founder) => founder.node === node && founder.replica === replica);
    const isNext = founding.record.parent === newestOf(this.#ports.lineage());
    const isSealed = this.#ports.groups().every((group) => group.raft.sealReport !== null);
    if (!isOurs || !isNext || !isSealed || foundingOfGroup(founding, this.#mesh as never) === null) {
      return this.#count('generations.founding-refused');
    }
    if (this.#kept?.record.id !== founding.record.id) {
      this.#kept = founding;
      this.#context.journal.put(FOUNDING_KEY, GenerationFounding.encode(founding));
    }
    this.#context.afterDurable(then);
  }

  #enter(now: Micros, id: GenerationId): void {
    const founding = this.#kept;
    if (founding === null || founding.record.id !== id || founding.record.parent !== newestOf(this.#ports.lineage())) return;
    this.#kept = null;
    this.#ports.enter(now, founding);
  }

  /** A voter hears of a leader or is one. Learners do not count: nobody tells them that theirs has lost its office. */
  #isLed(control: ReplicatedGroup | undefined): boolean {
    if (control === undefined) return false;
    const { configuration, leader } = control.raft;
    return leader !== null && isVoter(configuration, this.#context.replicaId);
  }

  #seal(now: Micros, group: ReplicatedGroup): void {
    group.raft.seal(now, group.raft.generation.number);
    this.#ports.onDirty(group);
  }

  #fates(founders: ReadonlySet<NodeId>, from: number): { readonly fates: readonly StreamFate[]; readonly count: number } {
    const all: StreamFate[] = [];
    for (const stream of this.#ports.streams()) {
      const fate = fateOf(stream, (node) => founders.has(node));
      if (fate !== null) all.push(fate);
    }
    return { fates: all.slice(from, from + REPORTED_STREAMS_MAX), count: all.length };
  }

  #count(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}

function reportOf({ group, raft }: ReplicatedGroup): GroupReport {
  const sealed = raft.sealReport;
  const { configuration } = raft;
  return {
    group,
    configuration: configuration.voters.length === 0 ? NOTHING : encodeConfiguration(configuration),
    lastIndex: raft.lastIndex,
    lastTerm: raft.termAt(raft.lastIndex) ?? term(0),
    commit: raft.commitIndex,
    damagedThrough: sealed?.damagedThrough ?? logIndex(0),
    isSealed: sealed !== null,
  };
}

type FounderMessage = Extract<GroupControl, { kind: 'recoverAsk' | 'keepFounding' | 'enterGeneration' }>;

/** The founding that this node kept last, entered or not. */
export const FOUNDING_KEY = 'generation-founding';
const NO_FATES = { fates: [], count: 0 } as const;
const NOTHING = new Uint8Array(0);
