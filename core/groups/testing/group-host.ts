/**
 * What a node lends to its groups, for the tests of this folder: a real journal over a disk in memory whose flushes
 * the test lets happen, reads that it lets be answered, and everything that groups send, kept for it to look at.
 */
import { EMPTY_BYTES, concatBytes } from '../../base/bytes.js';
import { DeadlineHeap } from '../../base/deadlines.js';
import { Fifo } from '../../base/fifo.js';
import { type GroupId, type MeshId, type NodeId, idFromBytes } from '../../base/ids.js';
import { type ReplicaId, nodeOfReplica, replicaId } from '../../base/replica.js';
import type { Result } from '../../base/result.js';
import type { Reject } from '../../base/reject.js';
import { Rng } from '../../base/rng.js';
import { type JournalSeq, type LogIndex, type Micros, micros } from '../../base/units.js';
import { DEFAULT_JOURNAL_CONFIG, type JournalRead, type JournalTake } from '../../journal/api.js';
import { Journal } from '../../journal/journal.js';
import { FAKE_CRYPTO, seededEntropy } from '../../security/fake-crypto.js';
import type { GroupControl } from '../../wire/group-messages.js';
import { DEFAULT_GROUPS_CONFIG, type GroupsConfig } from '../config.js';
import type { GroupContext, GroupFact, StreamReply, UpdateReply } from '../context.js';
import type { ReplicatedGroup } from '../replicated-group.js';

type Then = (now: Micros) => void;

interface Batch {
  readonly take: JournalTake | null;
  readonly thens: readonly Then[];
}

interface Read {
  readonly chunks: readonly (Uint8Array | null)[];
  readonly done: (now: Micros, chunks: readonly (Uint8Array | null)[]) => void;
}

export interface GroupHostOptions {
  readonly config?: Partial<GroupsConfig>;
  readonly mesh?: MeshId;
  readonly replica?: number;
}

export class GroupHost {
  readonly name: string;
  readonly node: NodeId;
  readonly privateSeed: Uint8Array;
  readonly context: GroupContext;
  readonly journal: Journal;
  readonly deadlines = new DeadlineHeap();
  readonly facts: GroupFact[] = [];
  readonly controls: { readonly to: NodeId; readonly message: GroupControl }[] = [];
  readonly flows: { readonly to: NodeId; readonly flowClass: number; readonly payload: Uint8Array }[] = [];
  readonly frames: { readonly to: ReplicaId; readonly group: string; readonly message: Uint8Array }[] = [];
  /** Groups that have asked for a turn. */
  readonly dirty = new Set<ReplicatedGroup>();
  readonly #options: GroupHostOptions;
  readonly #disk: Map<JournalSeq, Uint8Array>;
  readonly #boot: number;
  readonly #inFlight = new Fifo<Batch>();
  readonly #reads = new Fifo<Read>();
  #thens: Then[] = [];
  /** Nodes that this one believes not to run. */
  readonly absent = new Set<NodeId>();
  now: Micros = micros(1);
  isFlowFull = false;
  /** The mesh is CRITICAL. */
  closedBecause: Reject | null = null;
  /** Reads find nothing from here on. */
  isDiskUnreadable = false;

  constructor(name: string, options: GroupHostOptions = {}, disk = new Map<JournalSeq, Uint8Array>(), boot = 1) {
    this.name = name;
    this.node = nodeNamed(name);
    this.#options = options;
    this.#disk = disk;
    this.#boot = boot;
    const recovered = [...disk].sort(([a], [b]) => a - b).map(([seq, bytes]) => ({ seq, bytes }));
    const recovery = Journal.recover({ config: DEFAULT_JOURNAL_CONFIG, recovered });
    if (!recovery.ok) throw new Error(`journal of ${name}: ${recovery.damage.kind}`);
    this.journal = recovery.journal;
    this.privateSeed = Rng.fromSeed(`key/${name}`).fill(32);
    const replica = options.replica ?? 1;
    this.context = {
      node: this.node,
      replica,
      replicaId: replicaId(this.node, replica),
      bootCounter: boot,
      privateSeed: this.privateSeed,
      config: { ...DEFAULT_GROUPS_CONFIG, ...options.config },
      crypto: FAKE_CRYPTO,
      entropy: seededEntropy(Rng.fromSeed(`entropy/${name}/${boot}`)),
      rng: Rng.fromSeed(`rng/${name}/${boot}`),
      deadlines: this.deadlines,
      journal: this.journal,
      emit: (fact) => void this.facts.push(fact),
      afterDurable: (then) => void this.#thens.push(then),
      fetch: (reads, done) => this.#reads.push({ chunks: reads.map((read) => this.#read(read)), done }),
      sendControl: (to, message) => void this.controls.push({ to, message }),
      sendFlow: (to, flowClass, payload) => {
        if (!this.isFlowFull) this.flows.push({ to, flowClass, payload });
        return !this.isFlowFull;
      },
      sendRaftFrame: (to, group, message) => void this.frames.push({ to, group, message }),
      isPresent: (of) => !this.absent.has(nodeOfReplica(of)),
      wallMs: (now) => 1_700_000_000_000 + Math.floor(now / 1000),
      closedBecause: () => this.closedBecause,
      meshId: () => options.mesh ?? MESH,
    };
  }

  get publicKey(): Uint8Array {
    return FAKE_CRYPTO.publicKey(this.privateSeed);
  }

  /** Everything that is asked of the journal goes out as one batch. False when nothing was. */
  write(): boolean {
    if (!this.journal.isDirty && this.#thens.length === 0) return false;
    this.#inFlight.push({ take: this.journal.take(), thens: this.#thens });
    this.#thens = [];
    return true;
  }

  /** The oldest batch on its way becomes durable. False when there is none. */
  persist(): boolean {
    const batch = this.#inFlight.shift();
    if (batch === undefined) return false;
    for (const { seq, parts } of batch.take?.records ?? []) this.#disk.set(seq, concatBytes(parts).slice());
    for (const { from, to } of batch.take?.drops ?? []) {
      for (const seq of [...this.#disk.keys()]) if (seq >= from && seq <= to) this.#disk.delete(seq);
    }
    for (const then of batch.thens) then(this.now);
    return true;
  }

  /** The oldest read is answered. False when there is none. */
  answerRead(): boolean {
    const read = this.#reads.shift();
    read?.done(this.now, read.chunks);
    return read !== undefined;
  }

  /** Everything written becomes durable, reads are answered, and so on until nothing is asked for. */
  settleDisk(): void {
    for (let round = 0; round < 1000; round++) {
      const hasWritten = this.write();
      const hasPersisted = this.persist();
      if (!this.answerRead() && !hasWritten && !hasPersisted) return;
    }
    throw new Error('the disk does not come to rest');
  }

  /** The record that holds that entry of a group rots on the disk. */
  rot(group: GroupId, index: LogIndex): void {
    const [location] = this.journal.locate(group, index, index, 1);
    if (location === undefined) throw new Error('nothing is written there');
    const { seq, offset } = location.read;
    const bytes = (this.#disk.get(seq) ?? EMPTY_BYTES).slice();
    bytes[offset + 8] = (bytes[offset + 8] as number) ^ 1;
    this.#disk.set(seq, bytes);
  }

  /** Deadlines that are due go to their owners. */
  runDeadlines(): void {
    for (let due = this.deadlines.popDue(this.now); due !== null; due = this.deadlines.popDue(this.now)) {
      due.owner.onDeadline(this.now, due);
    }
  }

  /** The process dies with what is not durable, and begins again. */
  restart(): GroupHost {
    const host = new GroupHost(this.name, this.#options, new Map(this.#disk), this.#boot + 1);
    host.now = this.now;
    return host;
  }

  factsOf<K extends GroupFact['kind']>(kind: K): Extract<GroupFact, { kind: K }>[] {
    return this.facts.filter((fact): fact is Extract<GroupFact, { kind: K }> => fact.kind === kind);
  }

  /** The answer to a request, or null while there is none. */
  replyTo(request: number): Result<StreamReply | UpdateReply> | null {
    return this.factsOf('reply').find((fact) => fact.request === request)?.result ?? null;
  }

  marks(name: string): number {
    return this.factsOf('notice').filter(({ notice }) => (notice.kind === 'mark' || notice.kind === 'count') && notice.name === name).length;
  }

  #read({ seq, offset, length }: JournalRead): Uint8Array | null {
    return this.isDiskUnreadable ? null : (this.#disk.get(seq)?.slice(offset, offset + length) ?? null);
  }
}

export const nodeNamed = (name: string): NodeId => idFromBytes<NodeId>(Rng.fromSeed(`id/${name}`).fill(16));

export const MESH = idFromBytes<MeshId>(Rng.fromSeed('mesh').fill(16));
