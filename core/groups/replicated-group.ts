/**
 * One replicated group at this node: a Raft replica, its place in the journal, its carriers, and the state machine
 * that it drives. The same for the mesh control group and for every stream's group.
 *
 * What Raft wants written goes into the turn's journal batch; its writes are answered when that batch is durable.
 * Appends and snapshot chunks travel the flow of the group's class and wait here, in order, while the flow is full.
 */
import { assert, present } from '../base/assert.js';
import type { GroupId, NodeId } from '../base/ids.js';
import { type ReplicaId, nodeOfReplica, numberOfReplica } from '../base/replica.js';
import type { Result } from '../base/result.js';
import { type LogIndex, type Micros, type Term, logIndex } from '../base/units.js';
import type { RestoredGroup } from '../journal/api.js';
import type {
  Configuration,
  ConfigurationChange,
  ConfirmedRead,
  Envelope,
  FetchRange,
  RaftEntry,
  RaftEvent,
  RaftOutput,
  RaftWrite,
} from '../raft/api.js';
import { membersOf } from '../raft/configuration.js';
import { RaftGroup } from '../raft/raft-group.js';
import { FlowPayload } from '../wire/group-messages.js';
import { RaftMessage } from '../wire/raft-messages.js';
import type { GroupContext } from './context.js';
import { contiguousEntries } from './contiguous-entries.js';
import { type LeaderView, isSameView, leaderViewOf } from './leader-view.js';
import { notifyApplied, notifyConfiguration, notifyRestored } from './raft-notices.js';
import {
  ConfigurationRow,
  configurationKey,
  configurationPrefix,
  encodeSnapshotRow,
  forgetRaft,
  putDamage,
  putRaftRows,
  restoreRaft,
  snapshotKey,
} from './raft-rows.js';

/** What a group replicates. Everything comes in log order, once per life of the object. */
export interface GroupMachine {
  /** A committed entry. `data` is null for Raft's own entries. */
  apply(now: Micros, index: LogIndex, data: Uint8Array | null): void;
  /** `state` at `index` replaces everything; empty at index 0. False: malformed. */
  restore(now: Micros, index: LogIndex, state: Uint8Array): boolean;
  /** The state as bytes, for digests. */
  digestState(): Uint8Array;
  /** Leader or term changed, as a place to propose: 'local' only once all earlier entries are applied. */
  onLeader(now: Micros, leader: LeaderView): void;
  /** At the turn, before the group's wishes are taken: propose. */
  beforeTake(now: Micros): void;
  /** At the turn, afterwards: deliver, answer, compact. */
  afterTake(now: Micros): void;
  /** The flow to `node` was reset. */
  onPeerLost(now: Micros, node: NodeId): void;
  /** What became of the machine's `readIndex` questions; what was committed by then may not all be applied yet. */
  onReads?(reads: readonly ConfirmedRead[], lost: readonly number[]): void;
  /** Whether this node waits for the group: to propose, to be told, to be led. Such a group does not rest. */
  hasWork(): boolean;
}

export interface ReplicatedGroupOptions {
  readonly group: GroupId;
  readonly generation: number;
  /** The flow that appends travel, a traffic class. */
  readonly flowClass: number;
  readonly initialConfiguration: Configuration;
  readonly machine: GroupMachine;
  readonly restored: RestoredGroup | null;
  readonly isAlwaysLed: boolean;
  /** See `ReplicaOptions`. */
  readonly dataLeavesEarly?: boolean;
  /** The group has something to do at the next turn. */
  readonly onDirty: () => void;
}

export class ReplicatedGroup {
  readonly group: GroupId;
  readonly raft: RaftGroup;
  readonly #context: GroupContext;
  readonly #options: ReplicatedGroupOptions;
  /** Envelopes that wait for their flow, per node. Bounded by Raft's in-flight limits. */
  readonly #waiting = new Map<NodeId, Envelope[]>();
  /** The keys of configuration entries that the journal holds. */
  readonly #configurationKeys: Set<string>;
  #leaderView: LeaderView = { kind: 'none' };
  #viewTerm: Term = 0 as Term;
  #isClosed = false;

  constructor(now: Micros, context: GroupContext, options: ReplicatedGroupOptions) {
    this.#context = context;
    this.#options = options;
    this.group = options.group;
    this.#configurationKeys = new Set(context.journal.keys(configurationPrefix(options.group)));
    const restored = restoreRaft(context.journal, options.group, options.initialConfiguration, options.restored);
    putDamage(context.journal, options.group, restored.damagedThrough);
    this.raft = new RaftGroup(now, {
      group: options.group,
      generation: options.generation,
      self: context.replicaId,
      config: context.config.raft,
      rng: context.rng.fork(`raft/${options.group}`),
      deadlines: context.deadlines,
      restored,
      isAlwaysLed: options.isAlwaysLed,
      isPresent: (replica) => context.isPresent(replica),
      dataLeavesEarly: options.dataLeavesEarly ?? false,
    });
    const { index, state } = restored.snapshot;
    assert(options.machine.restore(now, index, state), 'a snapshot of our own journal decodes');
    notifyRestored(this.#context, this.group, this.raft.generation, restored.snapshot);
  }

  /** Where proposals go: this replica, another node, or nowhere for now. */
  get leader(): LeaderView {
    return this.#leaderView;
  }

  onMessage(now: Micros, from: ReplicaId, bytes: Uint8Array): void {
    const message = RaftMessage.decode(bytes);
    if (message === null) {
      this.#count('raft.malformed-messages');
      return;
    }
    this.raft.onMessage(now, from, message);
    this.#options.onDirty();
  }

  /** A refused proposal asks for no turn: proposed again in each of them it would keep the node busy for ever. */
  propose(now: Micros, data: Uint8Array): Result<LogIndex> {
    const result = this.raft.propose(now, data);
    if (result.ok) this.#options.onDirty();
    return result;
  }

  proposeConfiguration(now: Micros, change: ConfigurationChange | readonly ConfigurationChange[]): Result<LogIndex> {
    const result = this.raft.proposeConfiguration(now, change);
    if (result.ok) this.#options.onDirty();
    return result;
  }

  /** See `RaftGroup.seal`. What waits for a flow belongs to the generation that ends. */
  seal(now: Micros, generation: number): Result<null> {
    this.#waiting.clear();
    return this.raft.seal(now, generation);
  }

  /** The flow to `node` was reset: nothing of what was on it, or waits for it, will arrive. */
  onPeerLost(now: Micros, node: NodeId): void {
    this.#waiting.delete(node);
    const peers = this.#replicasOf(node);
    if (peers.length === 0) return;
    for (const peer of peers) this.raft.onPeerLost(now, peer);
    this.#options.machine.onPeerLost(now, node);
    this.#options.onDirty();
  }

  /** `node` is believed gone, or there again: a group that rests may have to wake. */
  onPresence(now: Micros, node: NodeId): void {
    for (const peer of this.#replicasOf(node)) this.raft.onPresence(now, peer);
    if (this.raft.isDirty) this.#options.onDirty();
  }

  /** Whether something waits for the flow to `node`. */
  isWaitingFor(node: NodeId): boolean {
    return this.#waiting.has(node);
  }

  /** At the turn. `mayWrite` is false while as many journal batches are in flight as may be. */
  turn(now: Micros, mayWrite: boolean): void {
    if (this.#isClosed) return;
    this.#updateLeader(now);
    this.#options.machine.beforeTake(now);
    this.raft.setWork(now, this.#options.machine.hasWork());
    this.#resumeWaiting();
    for (let round = 0; mayWrite && this.raft.isDirty && round < TAKE_ROUNDS_MAX; round++) {
      this.#carryOut(now, this.raft.take(now));
      this.#updateLeader(now);
    }
    this.#options.machine.afterTake(now);
    // What was applied may have ended the group.
    if (this.#isClosed) return;
    this.raft.setWork(now, this.#options.machine.hasWork());
    if (this.raft.isDirty) this.#options.onDirty();
  }

  compact(now: Micros, through: LogIndex, state: Uint8Array): void {
    this.raft.compact(now, through, state);
    this.#options.onDirty();
  }

  /** Drops the replica and all that the journal holds of it. */
  destroy(): void {
    this.close();
    forgetRaft(this.#context.journal, this.group);
    this.#context.journal.removeGroup(this.group);
  }

  close(): void {
    this.#isClosed = true;
    this.raft.close();
  }

  checkInvariants(): void {
    this.raft.checkInvariants();
    assert(this.raft.appliedIndex <= this.raft.commitIndex, 'only what is committed is applied');
  }

  #carryOut(now: Micros, output: RaftOutput): void {
    for (const event of output.events) this.#onEvent(now, event);
    if (output.write !== null) this.#write(output.write);
    for (const envelope of output.send) this.#send(envelope);
    if (output.installed !== null) {
      const { index, state } = output.installed;
      const isRestored = this.#options.machine.restore(now, index, state);
      if (!isRestored) this.#halt('snapshot-malformed', `index ${index}`);
    }
    this.#apply(now, output.apply);
    if (output.reads.length > 0 || output.lostReads.length > 0) this.#options.machine.onReads?.(output.reads, output.lostReads);
    if (output.fetch !== null) this.#fetch(output.fetch);
  }

  #apply(now: Micros, entries: readonly RaftEntry[]): void {
    if (entries.length === 0) return;
    for (const entry of entries) {
      this.#options.machine.apply(now, entry.index, entry.kind === 'data' ? entry.bytes : null);
      if (this.#context.config.withDigests) notifyApplied(this.#context, this.raft, this.group, entry, this.#options.machine.digestState());
    }
    this.raft.onApplied(now, present(entries.at(-1), 'entries were applied').index);
  }

  #onEvent(now: Micros, event: RaftEvent): void {
    switch (event.kind) {
      case 'role':
        this.#onRole(event);
        return;
      case 'notice':
        this.#context.emit({ kind: 'notice', notice: event.notice });
        return;
      case 'halted':
        this.#halt(event.code, `index ${event.index}`);
        return;
      case 'recovered':
        putDamage(this.#context.journal, this.group, logIndex(0));
        this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'raft.log-repaired' } });
        this.#options.onDirty();
        return;
      case 'configuration':
        notifyConfiguration(this.#context, this.group, this.raft.generation, event);
        this.#options.onDirty();
        return;
      case 'truncated':
      case 'sealed':
      case 'newer-generation':
        this.#options.onDirty();
        return;
    }
  }

  #onRole(event: Extract<RaftEvent, { kind: 'role' }>): void {
    const { group } = this;
    const leader = event.leader === null ? null : nodeOfReplica(event.leader);
    this.#context.emit({ kind: 'leader-changed', group, leader, term: event.term });
  }

  #updateLeader(now: Micros): void {
    const view = leaderViewOf(this.raft, this.#context.replicaId);
    if (isSameView(view, this.#leaderView) && this.#viewTerm === this.raft.term) return;
    this.#leaderView = view;
    this.#viewTerm = this.raft.term;
    this.#options.machine.onLeader(now, view);
  }

  #write(write: RaftWrite): void {
    const { journal } = this.#context;
    const { group } = this;
    putRaftRows(journal, group, write);
    if (write.snapshot !== null) {
      const { snapshot, keptThrough } = write.snapshot;
      journal.put(snapshotKey(group), encodeSnapshotRow(snapshot));
      journal.compact(group, snapshot.index, keptThrough);
      this.#forgetConfigurations((index) => index <= snapshot.index || index > keptThrough);
    }
    const first = write.entries[0];
    if (first !== undefined) {
      this.#forgetConfigurations((index) => index >= first.index);
      journal.append(group, write.entries);
      for (const entry of write.entries) {
        if (entry.kind !== 'configuration') continue;
        const key = configurationKey(group, entry.index);
        this.#configurationKeys.add(key);
        journal.put(key, ConfigurationRow.encode({ term: entry.term, configuration: entry.bytes }));
      }
    }
    this.#context.afterDurable((at) => {
      if (this.#isClosed) return;
      this.raft.onPersisted(at, write.id);
      this.#options.onDirty();
    });
  }

  #forgetConfigurations(isVoid: (index: number) => boolean): void {
    const { journal } = this.#context;
    const prefix = configurationPrefix(this.group);
    for (const key of this.#configurationKeys) {
      if (!isVoid(Number(key.slice(prefix.length)))) continue;
      journal.remove(key);
      this.#configurationKeys.delete(key);
    }
  }

  #send(envelope: Envelope): void {
    if (envelope.carrier === 'frame') {
      this.#context.sendRaftFrame(envelope.to, this.group, RaftMessage.encode(envelope.message));
      return;
    }
    const node = nodeOfReplica(envelope.to);
    const waiting = this.#waiting.get(node);
    if (waiting !== undefined) waiting.push(envelope);
    else if (!this.#sendOnFlow(node, envelope)) this.#waiting.set(node, [envelope]);
  }

  #sendOnFlow(node: NodeId, envelope: Envelope): boolean {
    const payload = FlowPayload.encode({
      kind: 'raft',
      group: this.group,
      fromReplica: this.#context.replica,
      toReplica: numberOfReplica(envelope.to),
      message: RaftMessage.encode(envelope.message),
    });
    return this.#context.sendFlow(node, this.#options.flowClass, payload);
  }

  #resumeWaiting(): void {
    for (const [node, envelopes] of this.#waiting) {
      let sent = 0;
      while (sent < envelopes.length && this.#sendOnFlow(node, envelopes[sent] as Envelope)) sent++;
      if (sent === envelopes.length) this.#waiting.delete(node);
      else envelopes.splice(0, sent);
    }
  }

  #fetch(range: FetchRange): void {
    const locations = this.#context.journal.locate(this.group, range.from, range.through, range.bytesMax);
    if (locations.length === 0) {
      this.#retryFetch(range);
      return;
    }
    this.#context.fetch(
      locations.map(({ read }) => read),
      (now, chunks) => {
        if (this.#isClosed) return;
        this.raft.onFetched(now, contiguousEntries(range.from, locations, chunks));
        this.#options.onDirty();
      },
    );
  }

  /** Entries that are not written yet cannot be located; they are when the batch that is being built is durable. */
  #retryFetch(range: FetchRange): void {
    this.#context.afterDurable((now) => {
      if (this.#isClosed) return;
      if (this.#context.journal.locate(this.group, range.from, range.through, range.bytesMax).length > 0) this.#fetch(range);
      else this.raft.onFetched(now, null);
      this.#options.onDirty();
    });
  }

  #replicasOf(node: NodeId): ReplicaId[] {
    return membersOf(this.raft.configuration).filter((peer) => nodeOfReplica(peer) === node);
  }

  #halt(code: string, detail: string): void {
    this.#context.emit({ kind: 'halt', code, detail: `group ${this.group}: ${detail}` });
  }

  #count(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}

/** One turn asks Raft this often at most for what the last answer made possible. */
const TAKE_ROUNDS_MAX = 8;
