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
import { ENTRY_KINDS, type RaftLogEntry, type RaftMessage } from '../wire/raft-messages.js';
import type {
  Configuration,
  ConfirmedRead,
  Envelope,
  FetchRange,
  RaftConfig,
  RaftEntry,
  RaftEntryKind,
  RaftEvent,
  RaftSnapshot,
  RestoredRaft,
} from './api.js';
import { ByteWindow } from './byte-window.js';
import { decodeConfiguration, isVoter } from './configuration.js';
import { ConfigurationHistory } from './configuration-history.js';
import { Durability } from './durability.js';
import { RaftLog, type RangeLimit } from './log.js';

export interface ReplicaOptions {
  readonly group: GroupId;
  readonly generation: number;
  readonly self: ReplicaId;
  readonly config: RaftConfig;
  readonly rng: Rng;
  readonly restored: RestoredRaft;
}

export class ReplicaState {
  readonly group: GroupId;
  readonly generation: number;
  readonly self: ReplicaId;
  readonly config: RaftConfig;
  readonly rng: Rng;
  readonly log: RaftLog;
  readonly configurations: ConfigurationHistory;
  readonly durability: Durability;
  /** The newest snapshot: what a follower too far behind is sent. */
  snapshot: RaftSnapshot;
  leader: ReplicaId | null = null;
  /** Something happened that `take` may have to tell. */
  isTouched = false;
  /** Until a lost part of the log has come back (rule 37); 0 when nothing is missing. */
  damagedThrough: LogIndex;
  isHalted = false;
  #commit: LogIndex;
  #handedOut: LogIndex;
  #applied: LogIndex;
  readonly #unapplied: ByteWindow;
  /** Durable, and not yet told to the state machine. */
  #toInstall: RaftSnapshot | null = null;
  #outgoing: Envelope[] = [];
  #events: RaftEvent[] = [];
  #reads: ConfirmedRead[] = [];
  #lostReads: number[] = [];
  #fetchWish: FetchRange | null = null;
  #isFetching = false;

  constructor(options: ReplicaOptions) {
    const { restored, config } = options;
    checkConfig(config);
    this.group = options.group;
    this.generation = options.generation;
    this.self = options.self;
    this.config = config;
    this.rng = options.rng;
    this.snapshot = restored.snapshot;
    this.log = new RaftLog(restored, config.tailBytesMax);
    this.durability = new Durability(this.log, restored.hardState, config.writesInFlightMax);
    assert(this.log.lastTerm <= restored.hardState.term, 'no entry is newer than the term');
    this.configurations = new ConfigurationHistory(restored.snapshot.configuration);
    for (const entry of restored.configurations) this.#adopt(entry);
    this.damagedThrough = restored.damagedThrough > this.log.lastIndex ? restored.damagedThrough : logIndex(0);
    this.#commit = restored.snapshot.index;
    this.#handedOut = restored.snapshot.index;
    this.#applied = restored.snapshot.index;
    this.#unapplied = new ByteWindow(restored.snapshot.index);
  }

  get term(): Term {
    return this.durability.hardState.term;
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

  get isRecovering(): boolean {
    return this.damagedThrough > 0;
  }

  /** Committed entries wait in such amount that no new ones are taken in. */
  get isApplyFull(): boolean {
    return this.#unapplied.bytes >= this.config.unappliedBytesMax;
  }

  /** Leaves with the next `take`. */
  send(to: ReplicaId, message: RaftMessage): void {
    this.#outgoing.push({ to, carrier: carrierOf(message), message });
    this.isTouched = true;
  }

  /** Leaves once everything changed so far is durable. */
  hold(to: ReplicaId, message: RaftMessage): void {
    const envelope: Envelope = { to, carrier: 'frame', message };
    if (!this.durability.hold(envelope)) this.#outgoing.push(envelope);
    this.isTouched = true;
  }

  /** Messages that were held and may leave. */
  release(envelopes: readonly Envelope[]): void {
    for (const envelope of envelopes) this.#outgoing.push(envelope);
  }

  emit(event: RaftEvent): void {
    this.#events.push(event);
    this.isTouched = true;
  }

  count(name: string): void {
    this.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }

  mark(name: string): void {
    this.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }

  answerRead(context: number, index: LogIndex): void {
    this.#reads.push({ context, index });
    this.isTouched = true;
  }

  loseRead(context: number): void {
    this.#lostReads.push(context);
    this.isTouched = true;
  }

  halt(code: 'conflict-below-commit' | 'log-unreadable', index: LogIndex): void {
    if (this.isHalted) return;
    this.isHalted = true;
    this.emit({ kind: 'halted', code, index });
  }

  /** Appends one entry; a configuration takes effect at once. The bytes of a configuration entry are sound. */
  append(entry: RaftEntry): void {
    this.log.append(entry);
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
      this.configurations.resetTo(snapshot.index, snapshot.configuration);
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

  takeOutgoing(): readonly Envelope[] {
    if (this.#outgoing.length === 0) return NONE;
    const outgoing = this.#outgoing;
    this.#outgoing = [];
    return outgoing;
  }

  takeReads(): { readonly reads: readonly ConfirmedRead[]; readonly lostReads: readonly number[] } {
    if (this.#reads.length === 0 && this.#lostReads.length === 0) return NO_READS;
    const taken = { reads: this.#reads, lostReads: this.#lostReads };
    this.#reads = [];
    this.#lostReads = [];
    return taken;
  }

  takeEvents(): readonly RaftEvent[] {
    if (this.#events.length === 0) return NONE;
    const events = this.#events;
    this.#events = [];
    return events;
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

  #adopt(entry: RaftEntry): void {
    const configuration = decodeConfiguration(entry.bytes);
    assert(configuration !== null, 'a configuration entry was checked before it came in');
    this.configurations.append(entry.index, configuration);
    this.#tellConfiguration();
  }

  #tellConfiguration(): void {
    this.emit({ kind: 'configuration', index: this.configurations.newestIndex, configuration: this.configuration });
  }
}

export const toWireEntry = (entry: RaftEntry): RaftLogEntry => ({
  term: entry.term,
  kind: ENTRY_KINDS[entry.kind],
  bytes: entry.bytes,
});

export const fromWireEntry = (entry: RaftLogEntry, index: number): RaftEntry => ({
  index: logIndex(index),
  term: entry.term as Term,
  kind: KIND_NAMES[entry.kind] as RaftEntryKind,
  bytes: entry.bytes,
});

const carrierOf = (message: RaftMessage): 'flow' | 'frame' =>
  message.kind === 'append' || message.kind === 'snapshotChunk' ? 'flow' : 'frame';

function checkConfig(config: RaftConfig): void {
  assert(config.heartbeatIntervalUs > 0, 'a heartbeat interval is positive');
  assert(config.electionTimeoutMinUs >= 3 * config.heartbeatIntervalUs, 'an election outlasts three heartbeats');
  assert(config.electionTimeoutMaxUs > config.electionTimeoutMinUs, 'election timeouts are spread');
  assert(config.stallProbeUs >= config.electionTimeoutMinUs, 'a stall is longer than an election timeout');
  assert(config.writesInFlightMax >= 1, 'one write can be in flight');
  assert(config.snapshotChunkBytesMax > 0 && config.snapshotChunksInflightMax >= 1, 'snapshots make progress');
  assert(config.inflightAppendsMax >= 1 && config.appendEntriesMax >= 1, 'replication makes progress');
  assert(config.inflightBytesMax >= config.appendBytesMax, 'an append fits into the window');
}

const KIND_NAMES: readonly RaftEntryKind[] = ['noop', 'data', 'configuration'];
const APPLY_ENTRIES_MAX = 65_536;
const NONE: readonly never[] = [];
const NO_READS = { reads: NONE, lostReads: NONE };
