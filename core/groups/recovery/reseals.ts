/**
 * This node's part in what becomes of its streams when their members are gone for good. It asks the mesh's authority to
 * seal a group that has lost its majority, carries out the seal, reports what it holds, and enters the generation that
 * the mesh's log founds; each step is repeated until the log shows the next one, so that no single frame matters.
 *
 * A step is taken only on what this node's own copy of the mesh's log says; a copy that lags asks later.
 */
import type { Deadline } from '../../base/deadlines.js';
import { EMPTY_BYTES } from '../../base/bytes.js';
import type { GroupId, StreamId } from '../../base/ids.js';
import { type Micros, logIndex, micros, term } from '../../base/units.js';
import { encodeConfiguration } from '../../raft/configuration.js';
import type { SealReport } from '../../raft/api.js';
import type { SignedDescriptor } from '../../wire/group-messages.js';
import type { SealWish, SealedReport, SuccessionRow } from '../../wire/succession-messages.js';
import type { GroupContext } from '../context.js';
import type { Stream } from '../dsg/stream.js';
import type { LeaderView } from '../leader-view.js';
import type { MeshStanding } from './mesh-standing.js';
import { type RecoveryStep, type StreamLoss, lossOf } from './stream-loss.js';
import { type Successions, foundingOf } from './successions.js';

/** The streams of this node, as far as recovery needs them. */
export interface StreamShelf {
  all(): Iterable<Stream>;
  get(stream: StreamId): Stream | null;
  signedOf(stream: Stream): SignedDescriptor | null;
}

export interface ResealsOptions {
  readonly context: GroupContext;
  readonly successions: Successions;
  readonly standing: MeshStanding;
  readonly shelf: StreamShelf;
  /** Who leads the mesh control group. */
  readonly leader: () => LeaderView;
  /** This node leads it: the wish or report is for its own desk. */
  readonly tellHere: (message: ToAuthority) => void;
  readonly onDirty: (stream: Stream) => void;
}

export type ToAuthority = ({ readonly kind: 'sealWish' } & SealWish) | ({ readonly kind: 'sealedReport' } & SealedReport);

export class Reseals {
  readonly #options: ResealsOptions;
  readonly #retry: Deadline;
  /** Streams whose next step is this node's. */
  readonly #busy = new Set<Stream>();
  /** A group is sealed that names this node, which has never had it. */
  #isAbsent = false;
  /** What this node's operator was told last of each stream. */
  readonly #told = new Map<StreamId, RecoveryStep>();
  /** Streams whose operator accepts what is lost. */
  readonly #accepted = new Set<GroupId>();

  constructor(options: ResealsOptions) {
    this.#options = options;
    this.#retry = options.context.deadlines.allocate(this, 'reseal');
  }

  /** The mesh's log has changed, or a stream has come to this node. O(streams). */
  onMeshChanged(now: Micros): void {
    this.#busy.clear();
    this.#reportAbsent();
    for (const stream of this.#options.shelf.all()) if (this.#step(now, stream)) this.#busy.add(stream);
    this.#rearm(now);
  }

  onDeadline(now: Micros, _deadline: Deadline): void {
    this.#reportAbsent();
    for (const stream of [...this.#busy]) {
      const isHere = this.#options.shelf.get(stream.stream) === stream;
      if (!isHere || !this.#step(now, stream)) this.#busy.delete(stream);
    }
    this.#rearm(now);
  }

  /** What this node finds to be lost of the stream. */
  lossOf(stream: Stream): StreamLoss {
    return lossOf(stream, this.#options.standing);
  }

  /** An operator of this node accepts that what only the lost members of the stream held is gone. */
  acceptLoss(now: Micros, stream: Stream): void {
    this.#accepted.add(stream.groupId);
    if (this.#step(now, stream)) this.#busy.add(stream);
    this.#rearm(now);
  }

  close(): void {
    this.#retry.disarm();
    this.#busy.clear();
  }

  #rearm(now: Micros): void {
    const { repeatUs } = this.#options.context.config;
    if (this.#busy.size === 0 && !this.#isAbsent) this.#retry.disarm();
    else this.#retry.arm(micros(now + Math.floor(repeatUs / REPEATS_IN_REPEAT)));
  }

  /** True: more of it is this node's to do. */
  #step(now: Micros, stream: Stream): boolean {
    const { number, isSealed } = stream.group.raft.generation;
    const row = this.#options.successions.get(stream.groupId);
    if (row !== null && row.founding !== null && number < row.founding.generation) return this.#enter(now, stream, row);
    if (row !== null && row.founding === null && number === row.seal.generation) {
      const needsConsent = !row.seal.isLossAccepted && this.#accepted.has(stream.groupId);
      if (needsConsent) this.#ask(stream);
      return this.#report(now, stream);
    }
    const { verdict } = this.lossOf(stream);
    if (verdict === 'consent' && !this.#accepted.has(stream.groupId)) this.#tellOperator(stream, 'consent-needed');
    const isAsking = !isSealed && (verdict === 'reseal' || (verdict === 'consent' && this.#accepted.has(stream.groupId)));
    if (isAsking) this.#ask(stream);
    return isAsking;
  }

  /** A member that never heard of its group has nothing to tell, and says so: else it would be waited for for ever. */
  #reportAbsent(): void {
    const { context, successions, shelf } = this.#options;
    this.#isAbsent = false;
    for (const { seal } of successions.pending()) {
      const isNamed = seal.members.some(({ node, replica }) => node === context.node && replica === context.replica);
      if (!isNamed || shelf.get(seal.group as string as StreamId) !== null) continue;
      this.#isAbsent = true;
      const { group, generation } = seal;
      this.#tell({ ...NOTHING_HELD, kind: 'sealedReport', group, generation, replica: context.replica });
    }
  }

  #ask(stream: Stream): void {
    const { raft } = stream.group;
    const signed = this.#options.shelf.signedOf(stream);
    if (signed === null) return;
    this.#tell({
      kind: 'sealWish',
      group: stream.groupId,
      generation: raft.generation.number,
      configuration: encodeConfiguration(raft.configuration),
      ...signed,
      isLossAccepted: this.#accepted.has(stream.groupId),
    });
  }

  #report(now: Micros, stream: Stream): boolean {
    const report = this.#sealed(now, stream);
    if (report === null) return true;
    this.#tellOperator(stream, 'sealed');
    const { state } = stream.log;
    const { generation, configuration, last, commit, damagedThrough } = report;
    const { context } = this.#options;
    if (context.config.withDigests) context.emit({ kind: 'notice', notice: { kind: 'group-reported', group: stream.groupId, generation, ...last } });
    this.#tell({
      kind: 'sealedReport',
      group: stream.groupId,
      generation,
      configuration: encodeConfiguration(configuration),
      lastIndex: last.index,
      lastTerm: last.term,
      commit,
      damagedThrough,
      offsets: stream.descriptor.targets.map(({ node }) => ({ node, seq: state.settledOf(node) })),
      replica: context.replica,
    });
    return true;
  }

  /** Seals the replica; what it holds once that is durable, else null. */
  #sealed(now: Micros, stream: Stream): SealReport | null {
    const { group } = stream;
    const { number, isSealed } = group.raft.generation;
    if (!isSealed && group.seal(now, number).ok) this.#options.onDirty(stream);
    return group.raft.sealReport;
  }

  #enter(now: Micros, stream: Stream, { seal, founding: entry }: SuccessionRow): boolean {
    if (entry === null) return false;
    const { raft } = stream.group;
    const isBlank = raft.term === 0 && raft.lastIndex === 0;
    if (!isBlank && raft.generation.number !== seal.generation) {
      this.#count('stream.generation-missed');
      return false;
    }
    if (!isBlank && this.#sealed(now, stream) === null) return true;
    const founding = foundingOf(entry);
    const entered = raft.force(now, entry.generation, founding);
    if (!entered.ok) {
      this.#count('stream.generation-refused');
      return false;
    }
    this.#accepted.delete(stream.groupId);
    this.#tellOperator(stream, 'founded');
    const isVoter = founding.configuration.voters.includes(this.#options.context.replicaId);
    this.#mark(isVoter ? 'stream.resealed' : 'stream.generation-learned');
    // Nobody leads it yet: one of those whose log is the longest begins.
    if (isVoter) raft.campaign(now);
    this.#options.onDirty(stream);
    return false;
  }

  #tell(message: ToAuthority): void {
    const leader = this.#options.leader();
    if (leader.kind === 'local') this.#options.tellHere(message);
    else if (leader.kind === 'remote') this.#options.context.sendControl(leader.node, message);
  }

  /** Once for each step. */
  #tellOperator({ stream, group }: Stream, step: RecoveryStep): void {
    if (this.#told.get(stream) === step) return;
    this.#told.set(stream, step);
    if (step === 'sealed') this.#mark('stream.generation-sealed');
    const { number: generation } = group.raft.generation;
    const { context } = this.#options;
    context.emit({ kind: 'notice', notice: { kind: 'log', level: 'warn', event: `stream.${step}`, fields: { stream, generation } } });
    context.emit({ kind: 'stream-recovery', stream, step, generation });
  }

  #mark(name: string): void {
    this.#options.context.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }

  #count(name: string): void {
    this.#options.context.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}

const NOTHING_HELD = {
  configuration: EMPTY_BYTES,
  lastIndex: logIndex(0),
  lastTerm: term(0),
  commit: logIndex(0),
  damagedThrough: logIndex(0),
  offsets: [],
} as const;
/** Steps are looked at that often within the time after which single frames are repeated: each is a few flushes away. */
const REPEATS_IN_REPEAT = 4;
