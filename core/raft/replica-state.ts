/**
 * What a replica holds whatever its role: log, configurations, durability, the commit and apply frontiers, and what
 * waits to be taken. It decides nothing of elections or replication; the roles do, each in its own file.
 *
 * Invariant: snapshot <= applied <= handed out <= commit <= last, but that `applied` and `handed out` stand below a
 * snapshot that is being installed.
 */
import { assert } from '../base/assert.js';
import type { GroupId } from '../base/ids.js';
import type { ReplicaId } from '../base/replica.js';
import type { Rng } from '../base/rng.js';
import { type LogIndex, type Term, logIndex } from '../base/units.js';
import type { RaftMessage } from '../wire/raft-messages.js';
import type {
  Configuration,
  Envelope,
  FetchRange,
  Founding,
  LogPlace,
  RaftConfig,
  RaftEntry,
  RaftEvent,
  RaftSnapshot,
} from './api.js';
import { ByteWindow } from './byte-window.js';
import { decodeConfiguration, isVoter } from './configuration.js';
import { checkConfig } from './config-check.js';
import { ConfigurationHistory } from './configuration-history.js';
import { Durability } from './durability.js';
import type { ReplicaOptions } from './replica-options.js';
import { RaftLog, type RangeLimit } from './log.js';
import { isBehind } from './log-entry.js';
import { Outbox } from './outbox.js';
import { Repair } from './repair.js';

export class ReplicaState {
  readonly group: GroupId;
  readonly self: ReplicaId;
  readonly config: RaftConfig;
  readonly rng: Rng;
  readonly dataLeavesEarly: boolean;
  readonly log: RaftLog;
  readonly configurations: ConfigurationHistory;
  readonly durability: Durability;
  /** The newest snapshot: what a follower too far behind is sent. */
  snapshot: RaftSnapshot;
  leader: ReplicaId | null = null;
  /** Something happened that `take` may have to tell. */
  isTouched = false;
  /** What the next `take` gives away. */
  readonly outbox = new Outbox();
  readonly repair: Repair;
  isHalted = false;
  /** The host has something to propose, or waits for the group in another way. */
  hasWork = false;
  readonly isAlwaysLed: boolean;
  readonly isPresent: (replica: ReplicaId) => boolean;
  #commit: LogIndex;
  #handedOut: LogIndex;
  #applied: LogIndex;
  readonly #unapplied: ByteWindow;
  /** Durable, and not yet told to the state machine. */
  #toInstall: RaftSnapshot | null = null;
  #fetchWish: FetchRange | null = null;
  #isFetching = false;

  constructor(options: ReplicaOptions) {
    const { restored, config } = options;
    checkConfig(config);
    this.group = options.group;
    this.self = options.self;
    this.config = config;
    this.rng = options.rng;
    this.isAlwaysLed = options.isAlwaysLed ?? false;
    this.isPresent = options.isPresent ?? ALWAYS;
    this.dataLeavesEarly = options.dataLeavesEarly ?? false;
    this.snapshot = restored.snapshot;
    this.log = new RaftLog(restored, config.tailBytesMax);
    const generation = restored.generation ?? { number: options.generation, isSealed: false, founding: null };
    this.durability = new Durability(this.log, { ...restored, generation }, config.writesInFlightMax);
    assert(this.log.lastTerm <= restored.hardState.term, 'no entry is newer than the term');
    this.configurations = new ConfigurationHistory(this.#configurationOf(restored.snapshot));
    for (const entry of restored.configurations) this.#adopt(entry);
    this.repair = new Repair(restored.damagedThrough > this.log.lastIndex ? restored.damagedThrough : logIndex(0));
    if (this.isRecovering) this.mark('raft.log-damaged');
    this.#commit = restored.snapshot.index;
    this.#handedOut = restored.snapshot.index;
    this.#applied = restored.snapshot.index;
    this.#unapplied = new ByteWindow(restored.snapshot.index);
  }

  get term(): Term {
    return this.durability.hardState.term;
  }

  /** The number of the generation that this replica takes part in. */
  get generation(): number {
    return this.durability.generation.number;
  }

  get founding(): Founding | null {
    return this.durability.generation.founding;
  }

  get isSealed(): boolean {
    return this.durability.generation.isSealed;
  }

  /** Whether the disk knows the term and the generation: before that nothing is vouched for in them. */
  get isTermDurable(): boolean {
    const { durableHardState, durableGeneration } = this.durability;
    return durableHardState.term === this.term && durableGeneration.number === this.generation;
  }

  get vote(): ReplicaId | null {
    return this.durability.hardState.vote;
  }

  get commit(): LogIndex {
    return this.#commit;
  }

  get applied(): LogIndex {
    return this.#applied;
  }

  get configuration(): Configuration {
    return this.configurations.newest;
  }

  get isVoter(): boolean {
    return isVoter(this.configuration, this.self);
  }

  /**
   * Whether this replica may lead: a voter, or one whose removal stands in its log without being known as committed.
   * Such a one may hold the longest log, and nobody else could win; it does not count itself (thesis §4.2.2).
   */
  get isEligible(): boolean {
    if (this.isVoter) return true;
    return this.configurations.newestIndex > this.#commit && isVoter(this.configurations.at(this.#commit), this.self);
  }

  get last(): LogPlace {
    return { index: this.log.lastIndex, term: this.log.lastTerm };
  }

  get isRecovering(): boolean {
    return this.repair.isUnderWay;
  }

  /** Committed entries wait in such amount that no new ones are taken in. */
  get isApplyFull(): boolean {
    return this.#unapplied.bytes >= this.config.unappliedBytesMax;
  }

  /** Leaves with the next `take`. */
  send(to: ReplicaId, message: RaftMessage): void {
    this.outbox.send({ to, carrier: carrierOf(message), message });
    this.isTouched = true;
  }

  /** Leaves once everything changed so far is durable. */
  hold(to: ReplicaId, message: RaftMessage): void {
    const envelope: Envelope = { to, carrier: 'frame', message };
    if (!this.durability.hold(envelope)) this.outbox.send(envelope);
    this.isTouched = true;
  }

  emit(event: RaftEvent): void {
    this.outbox.events.push(event);
    this.isTouched = true;
  }

  count(name: string): void {
    this.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }

  mark(name: string): void {
    this.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }

  answerRead(context: number, index: LogIndex): void {
    this.outbox.reads.push({ context, index });
    this.isTouched = true;
  }

  loseRead(context: number): void {
    this.outbox.lostReads.push(context);
    this.isTouched = true;
  }

  halt(code: 'conflict-below-commit' | 'log-unreadable', index: LogIndex): void {
    if (this.isHalted) return;
    this.isHalted = true;
    this.emit({ kind: 'halted', code, index });
  }

  /**
   * Appends one entry; a configuration takes effect at once. The bytes of a configuration entry are sound.
   * `leavesEarly`: this leader may send it before it is durable here.
   */
  append(entry: RaftEntry, leavesEarly: boolean): void {
    this.log.append(entry, leavesEarly);
    this.isTouched = true;
    if (entry.kind === 'configuration') this.#adopt(entry);
  }

  /** Removes entries that conflict with the leader's; the configuration before them comes back. */
  truncateFrom(index: LogIndex): void {
    assert(index > this.#commit, 'a committed entry is never truncated');
    this.log.truncateFrom(index);
    this.durability.onTruncated(index);
    this.emit({ kind: 'truncated', from: index });
    this.mark('raft.truncated');
    if (this.configurations.truncateFrom(index)) this.#tellConfiguration();
  }

  /** Everything up to `index`, which is in the log, is committed. */
  advanceCommit(index: LogIndex): void {
    if (index <= this.#commit) return;
    assert(index <= this.log.lastIndex, 'only what is in the log is committed');
    this.#commit = index;
    this.isTouched = true;
  }

  /** Ends this generation here; nothing that waits to leave does. */
  seal(): void {
    this.durability.setGeneration({ ...this.durability.generation, isSealed: true });
    this.#silence();
    this.mark('raft.sealed');
  }

  /** Begins another generation with the log as it is. */
  found(generation: number, founding: Founding): void {
    assert(!isBehind(founding.base, this.last), 'nobody holds more than the base');
    this.durability.setGeneration({ number: generation, isSealed: false, founding });
    this.configurations.resetTo(this.log.snapshotIndex, founding.configuration);
    this.#silence();
    this.#tellConfiguration();
    this.mark('raft.generation-founded');
  }

  /** Takes over a leader's snapshot above the commit: all of it, or all of it plus the suffix that fits. */
  install(snapshot: RaftSnapshot): void {
    assert(snapshot.index > this.#commit, 'a snapshot installs above the commit only');
    if (this.log.termAt(snapshot.index) === snapshot.term) {
      this.log.compactThrough(snapshot.index);
      this.configurations.compactThrough(snapshot.index);
    } else {
      const agreed = this.#commit;
      this.log.resetTo(snapshot, agreed);
      this.durability.onTruncated(logIndex(agreed + 1));
      this.configurations.resetTo(snapshot.index, this.#configurationOf(snapshot));
      this.emit({ kind: 'truncated', from: logIndex(agreed + 1) });
      this.#tellConfiguration();
    }
    this.#commit = snapshot.index;
    this.snapshot = snapshot;
    this.durability.stageSnapshot(snapshot);
    this.mark('raft.snapshot-received');
    this.isTouched = true;
  }

  /** A staged snapshot is durable. One that the state machine made itself is no news to it. */
  onSnapshotDurable(snapshot: RaftSnapshot): void {
    if (snapshot.index <= this.#handedOut) return;
    this.#toInstall = snapshot;
    this.mark('raft.snapshot-installed');
  }

  /** More of the log is verified, or durable. */
  tellRecovered(): void {
    const index = this.repair.takeRepaired(this.log.durableIndex);
    if (index !== null) this.emit({ kind: 'recovered', index });
  }

  /** The state machine's own snapshot after `through`. */
  compact(through: LogIndex, state: Uint8Array): void {
    assert(through <= this.#applied, 'only what is applied can be compacted');
    if (through <= this.log.snapshotIndex) return;
    const term = this.log.termAt(through);
    assert(term !== null, 'what is compacted is in the log');
    this.snapshot = { index: through, term, configuration: this.configurations.at(through), state };
    this.log.compactThrough(through);
    this.configurations.compactThrough(through);
    this.durability.stageSnapshot(this.snapshot);
    this.isTouched = true;
  }

  onApplied(index: LogIndex): void {
    assert(index <= this.#handedOut, 'only what was handed out can be applied');
    if (index > this.#applied) this.#applied = index;
    this.#unapplied.release(index);
    this.isTouched = true;
  }

  /** `RaftLog.range`, asking for a fetch when memory no longer holds the entries. */
  read(from: LogIndex, through: LogIndex, limit: RangeLimit): RaftEntry[] | null {
    const entries = this.log.range(from, through, limit);
    if (entries === null && !this.#isFetching) {
      const last = Math.min(through, this.log.lastFetchable);
      this.#fetchWish = { from, through: logIndex(last), bytesMax: this.config.fetchBytesMax };
      this.#isFetching = true;
      this.isTouched = true;
    }
    return entries;
  }

  onFetched(entries: readonly RaftEntry[] | null): void {
    this.#isFetching = false;
    this.isTouched = true;
    if (entries === null) this.halt('log-unreadable', this.log.snapshotIndex);
    else if (!this.log.keepFetched(entries)) this.count('raft.fetched-too-late');
  }

  takeInstall(): RaftSnapshot | null {
    const snapshot = this.#toInstall;
    if (snapshot === null) return null;
    this.#toInstall = null;
    this.#handedOut = snapshot.index;
    this.#applied = snapshot.index;
    this.#unapplied.release(snapshot.index);
    return snapshot;
  }

  /** The next committed and durable entries for the state machine, within the bounds. */
  takeApply(): readonly RaftEntry[] {
    const through = Math.min(this.#commit, this.log.durableIndex);
    if (this.#handedOut >= through || this.#handedOut < this.log.snapshotIndex || this.isApplyFull) return NONE;
    const limit = { bytesMax: this.config.applyBytesMax, entriesMax: APPLY_ENTRIES_MAX };
    const entries = this.read(logIndex(this.#handedOut + 1), logIndex(through), limit);
    if (entries === null) return NONE;
    for (const entry of entries) this.#unapplied.push(entry.bytes.length);
    this.#handedOut = logIndex(this.#handedOut + entries.length);
    if (this.#handedOut < through) this.isTouched = true;
    return entries;
  }

  takeFetch(): FetchRange | null {
    const wish = this.#fetchWish;
    this.#fetchWish = null;
    return wish;
  }

  checkInvariants(): void {
    this.log.checkInvariants();
    this.durability.checkInvariants();
    assert(this.#applied <= this.#handedOut, 'applied at most handed out');
    assert(this.#handedOut <= this.#commit, 'handed out at most commit');
    assert(this.#commit <= this.log.lastIndex, 'commit at most last');
    assert(this.log.snapshotIndex <= this.#commit, 'snapshot at most commit');
    assert(this.log.lastTerm <= this.term, 'no entry is newer than the term');
    assert(this.snapshot.index === this.log.snapshotIndex, 'the snapshot is the base of the log');
  }

  /** A founding stands above all that was written before it. */
  #configurationOf(snapshot: RaftSnapshot): Configuration {
    const { founding } = this;
    return founding !== null && snapshot.term <= founding.base.term ? founding.configuration : snapshot.configuration;
  }

  #silence(): void {
    this.outbox.silence();
    this.durability.dropHeld();
    this.isTouched = true;
  }

  #adopt(entry: RaftEntry): void {
    if (this.founding !== null && entry.term <= this.founding.base.term) return;
    const configuration = decodeConfiguration(entry.bytes);
    assert(configuration !== null, 'a configuration entry was checked before it came in');
    this.configurations.append(entry.index, configuration);
    this.#tellConfiguration();
  }

  #tellConfiguration(): void {
    this.emit({ kind: 'configuration', index: this.configurations.newestIndex, configuration: this.configuration });
  }
}

const carrierOf = (message: RaftMessage): 'flow' | 'frame' =>
  FLOW_KINDS.has(message.kind) ? 'flow' : 'frame';

const FLOW_KINDS: ReadonlySet<RaftMessage['kind']> = new Set<RaftMessage['kind']>(['append', 'snapshotChunk', 'relayOrder', 'relayed']);

const ALWAYS = (): boolean => true;
const APPLY_ENTRIES_MAX = 65_536;
const NONE: readonly never[] = [];
