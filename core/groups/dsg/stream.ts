/**
 * One stream at one of its members: the state machine of the stream's group, and the duties that this node has in it
 * as source, as target and as leader.
 */
import { EMPTY_BYTES } from '../../base/bytes.js';
import type { GroupId, NodeId, StreamId } from '../../base/ids.js';
import type { Reject } from '../../base/reject.js';
import { replicaId } from '../../base/replica.js';
import type { LogIndex, Micros } from '../../base/units.js';
import { FlowPayload, StreamEntry, type StreamDescriptor } from '../../wire/group-messages.js';
import type { TargetStep } from '../../wire/target-steps.js';
import type { AdmissionSeat } from '../admission/admission.js';
import type { GroupContext } from '../context.js';
import type { DepartedMember } from '../departed-member.js';
import { StreamSuccession } from '../recovery/stream-succession.js';
import { type GroupMachine, ReplicatedGroup } from '../replicated-group.js';
import { flowClassOf, initialConfiguration, shapeOf } from './descriptor.js';
import { type BatchPlace, LogTail, placeOf } from './log-tail.js';
import type { LeaderView } from '../leader-view.js';
import { count, mark } from '../notices.js';
import { Closing } from './closing.js';
import { HandOver } from './hand-over.js';
import { OwnPart } from './own-part.js';
import { SettledCollector } from './settlement.js';
import { Steward } from './steward.js';
import { StreamLetters } from './stream-letters.js';
import { StreamSource } from './source.js';
import type { StreamOptions } from './stream-options.js';
import { StreamLog, deltaOf } from './stream-log.js';
import { StreamNews } from './stream-news.js';
import { StreamSessions } from './stream-sessions.js';
import { forgetStream } from './stream-rows.js';
import { StreamTarget } from './target.js';

export class Stream implements GroupMachine {
  /** This node. */
  readonly self: NodeId;
  readonly descriptor: StreamDescriptor;
  readonly log: StreamLog;
  readonly group: ReplicatedGroup;
  /** At the source only. */
  readonly source: StreamSource | null;
  readonly letters: StreamLetters;
  /** What this node's applications have open here. */
  readonly sessions: StreamSessions;
  readonly succession: StreamSuccession;
  readonly #context: GroupContext;
  readonly #onDirty: () => void;
  /** At a target only. */
  readonly #target: StreamTarget | null;
  readonly #collector = new SettledCollector();
  readonly #steward: Steward;
  readonly #part: OwnPart;
  readonly #news: StreamNews;
  readonly #handOver: HandOver;
  readonly #closing: Closing;
  readonly #onDeleted: StreamOptions['onDeleted'];
  #deletionSignature: Uint8Array = EMPTY_BYTES;
  #leader: LeaderView = { kind: 'none' };
  readonly #tail = new LogTail();

  constructor(now: Micros, context: GroupContext, options: StreamOptions) {
    const { descriptor } = options;
    this.descriptor = descriptor;
    this.self = context.node;
    this.#context = context;
    this.#onDirty = options.onDirty;
    this.#onDeleted = options.onDeleted;
    this.#handOver = new HandOver({
      config: context.config,
      deadlines: context.deadlines,
      stream: descriptor.stream,
      source: replicaId(descriptor.source, descriptor.sourceReplica),
      raft: () => this.group.raft,
      onHandedOver: () => mark(this.#context, 'stream.leader-handed-to-source'),
    });
    this.log = new StreamLog(shapeOf(descriptor), context.config.producerResultsMax, Math.max(1, Math.floor((descriptor.retainMs || context.config.lapseAfterMs) / 32)));
    this.#closing = new Closing(context, descriptor.stream, this.log.state, {
      append: (at, entry) => this.#append(at, entry) !== null,
      sendToLeader: (node, entry) => this.#sendToLeader(node, entry),
      onNeedsTurn: options.onDirty,
    });
    this.#steward = new Steward(context, descriptor, this.log, {
      group: () => this.group,
      append: (at, entry) => this.#append(at, entry),
      onNeedsTurn: options.onDirty,
      isSourceLost: () => this.succession.isSourceLost,
      isLossAccepted: () => options.mesh.isLossAccepted(this.groupId),
    });
    // Every member but the source is a target, was one, or will be one when it has applied the entry that attaches it.
    const isTarget = descriptor.source !== context.node;
    this.letters = new StreamLetters(context, descriptor, this.log, {
      onNeedsTurn: options.onDirty,
      append: (at, entry) => this.#append(at, entry),
      isTarget,
    });
    this.#target = isTarget ? new StreamTarget(now, context, descriptor, this.log, {
      store: this.letters.store,
      desk: this.letters.desk,
      onNeedsTurn: options.onDirty,
    }) : null;
    this.succession = new StreamSuccession({
      context,
      descriptor,
      log: this.log,
      mesh: options.mesh,
      append: (at, entry) => this.#append(at, entry) !== null,
      onReplaced: (node) => this.#collector.forget(node),
      adopt: (seq) => this.#target?.adopt(seq),
      onCaughtUp: options.onAttached,
    });
    this.source = this.succession.source === context.replicaId ? this.#makeSource(options.seat()) : null;
    const parts = { target: this.#target, letters: this.letters, source: this.source };
    this.sessions = new StreamSessions(context, descriptor.stream, this.log.state, parts);
    this.#part = new OwnPart(context, descriptor, this.log.state, this.sessions, options);
    this.#news = new StreamNews(context, descriptor.stream);
    this.group = new ReplicatedGroup(now, context, {
      group: this.groupId,
      generation: options.generation,
      flowClass: flowClassOf(descriptor),
      initialConfiguration: initialConfiguration(descriptor),
      machine: this,
      isAlwaysLed: false,
      restored: options.restored,
      onDirty: options.onDirty,
    });
    if (options.isNew && this.source !== null) this.group.raft.campaign(now);
  }

  get stream(): StreamId {
    return this.descriptor.stream;
  }

  get groupId(): GroupId {
    return this.descriptor.stream as string as GroupId;
  }

  /** By what it has applied. */
  get isTarget(): boolean {
    return this.#target !== null && this.log.state.targets.attached(this.#context.node) !== null;
  }

  /** It was invited, and has not applied yet that it is a target. */
  get isJoining(): boolean {
    return this.#target !== null && this.#part.isJoining;
  }

  // As state machine of the group ------------------------------------------------------------------------------------

  apply(now: Micros, index: LogIndex, data: Uint8Array | null): void {
    const entry = data === null ? null : StreamEntry.decode(data);
    if (data !== null && entry === null) return this.#halt('entry-malformed', `index ${index}`);
    const { applied, admission, lettersLeft } = this.log.apply(index, entry);
    this.#handOver.onMoved(now);
    if (admission?.kind === 'conflict') return this.#halt('seq-conflict', `index ${index}`);
    if (admission?.kind === 'ignored') mark(this.#context, `stream.entry-ignored-${admission.reason}`);
    if (applied.isAdmitted && entry?.kind === 'messages') {
      this.#target?.onApplied(applied, entry);
      this.source?.onAdmitted(now, entry.producer);
    }
    if (entry?.kind === 'targetStep') this.letters.onApplied(entry.change, lettersLeft);
    if (entry?.kind === 'control') this.source?.onAdmitted(now, null);
    if (entry?.kind !== 'messages') this.#part.follow(now);
    if (entry?.kind === 'close') this.succession.onClosed(this.group.raft.generation.number);
    if (entry?.kind === 'replacement') this.succession.onReplacement(this.group.raft.generation.number);
    if (entry?.kind === 'deletion') this.#deletionSignature = entry.signature;
    const isCollecting = this.#leader.kind === 'local' && entry?.kind === 'settled';
    if (isCollecting && this.#collector.hasNews(this.log.state, index)) this.#onDirty();
  }

  restore(now: Micros, index: LogIndex, state: Uint8Array): boolean {
    if (!this.log.restore(index, state)) return false;
    this.letters.onRestored();
    this.#part.follow(now);
    this.source?.publishers.restart(this.log);
    if (index > 0) this.source?.onAdmitted(now, null);
    return true;
  }

  digestState(): Uint8Array {
    return this.log.state.snapshot();
  }

  onLeader(now: Micros, leader: LeaderView): void {
    this.#leader = leader;
    this.#collector.reset();
    this.#steward.onLeader();
    this.#closing.onLeader();
    this.succession.onChanged();
    this.#target?.onLeader(now, leader);
    this.letters.onLeader(leader);
    if (leader.kind === 'local') this.#tail.reset(this.log.state.next, this.log.state.controlNo);
    this.source?.onLeader(leader);
    this.#handOver.onLeading(now, leader.kind === 'local' && this.source === null);
    this.#onDirty();
  }

  beforeTake(now: Micros): void {
    this.source?.beforeTake(now);
    if (this.isTarget) this.#target?.beforeTake(now, this.groupId, this.#leader, (seq) => this.#collector.collect(this.#context.node, seq));
    if (this.#leader.kind === 'local') {
      this.#steward.onTurn(now);
      this.#collector.onTurn(this.log.state, this.log.applied, this.#context.wallMs(now), (entry) => this.#append(now, entry));
    }
    this.letters.beforeTake(now);
    if (this.source !== null) this.#closing.onTurn(now, this.source.staging, this.#leader);
    this.succession.beforeTake(now, this.#leader);
  }

  afterTake(now: Micros): void {
    this.succession.afterTake(now);
    this.#target?.afterTake(now);
    this.letters.afterTake();
    this.source?.afterTake();
    this.#news.tell(this.log.state);
    if (this.log.state.isDeleted) return this.#onDeleted(now, this.#deletionSignature);
    const { compactEntriesMin, compactBytesMin } = this.#context.config;
    const compaction = this.log.compact(compactEntriesMin, compactBytesMin, this.letters.store.heldSeq);
    if (compaction !== null) this.group.compact(now, compaction.through, compaction.state);
  }

  onPeerLost(_now: Micros, node: NodeId): void {
    this.source?.onPeerLost(node);
  }

  hasWork(): boolean {
    const isEndWanted = this.source !== null && this.#closing.isWanted(this.source.staging);
    return this.source?.hasWork === true || this.#target?.hasWork === true || this.#steward.hasWork || isEndWanted;
  }

  // From other members -----------------------------------------------------------------------------------------------

  /** The source asks this node, as it believes the leader, to append. */
  onPropose(now: Micros, from: NodeId, bytes: Uint8Array): void {
    if (from !== this.descriptor.source || this.#leader.kind !== 'local') {
      count(this.#context, 'stream.proposals-refused');
      return;
    }
    const entry = StreamEntry.decode(bytes);
    const delta = entry === null ? null : deltaOf(entry);
    if (delta?.kind === 'close' || delta?.kind === 'deletion') this.#append(now, bytes);
    else if (delta?.kind === 'messages' || delta?.kind === 'control') this.#appendBatch(now, bytes, placeOf(delta));
    else count(this.#context, 'stream.proposals-malformed');
  }

  /** An invited target has the group: the source's first election need not wait for its timer. */
  onMemberJoined(now: Micros): void {
    if (this.source !== null && this.group.raft.leader === null) this.group.raft.campaign(now);
    this.#onDirty();
  }

  /** The mesh's log has let a replica go that the descriptor names. May be repeated. */
  onMemberDeparted(_now: Micros, { node, replica, isEvicted, isForced }: DepartedMember): void {
    const fields = { stream: this.stream, node, replica, isEvicted, isForced };
    this.#context.emit({ kind: 'notice', notice: { kind: 'log', level: 'warn', event: 'stream.member-departed', fields } });
    this.#steward.onDeparted(node, replica, isForced);
    this.#onDirty();
  }

  /** The mesh's log has moved: who belongs to the group may have left it, or come back with another disk. */
  onMeshChanged(): void {
    this.succession.onChanged();
    this.#steward.onMeshChanged();
    if (this.#leader.kind === 'local') this.#onDirty();
  }

  /** A report of another life of the target's disk is void. */
  onSettledReport(from: NodeId, replica: number, seq: number): void {
    const isTarget = this.log.state.targets.attached(from)?.replica === replica;
    if (this.#leader.kind === 'local' && isTarget) this.#collector.collect(from, seq);
    this.#onDirty();
  }

  /** A member wants a change of the dead letters. */
  onTargetAsk(now: Micros, from: NodeId, change: TargetStep): void {
    if (this.#leader.kind === 'local' && this.isMember(from)) this.letters.desk.onAsk(from, change, (entry) => this.#append(now, entry));
  }

  onLetterWant(from: NodeId, { target, seq, chunkSeq }: { readonly target: NodeId; readonly seq: number; readonly chunkSeq: number }): void {
    if (this.isMember(from)) this.letters.store.onWant(from, target, seq, chunkSeq);
  }

  isMember(node: NodeId): boolean {
    return node === this.descriptor.source || this.log.state.targets.get(node) !== null;
  }

  /** Lets go of all that this member holds of the stream; its applications are told why. */
  destroy(why: Reject): void {
    this.sessions.end(why);
    this.letters.store.close();
    this.group.destroy();
    forgetStream(this.#context.journal, this.stream);
    this.#context.emit({ kind: 'offset-removed', stream: this.stream, node: this.#context.node });
    this.#context.deadlines.disarmAll(this.stream);
  }

  checkInvariants(): void {
    this.log.checkInvariants();
    this.group.checkInvariants();
    this.source?.checkInvariants();
    this.#target?.checkInvariants();
  }

  #makeSource(seat: AdmissionSeat): StreamSource {
    return new StreamSource(this.#context, this.descriptor, this.log, seat, {
      propose: (now, batch, entry) => this.#appendBatch(now, entry, batch),
      sendToLeader: (node, entry) => this.#sendToLeader(node, entry),
      onNeedsTurn: this.#onDirty,
      onUnreadable: ({ firstSeq }) => this.#halt('staging-unreadable', `seq ${firstSeq}: repair the data directory`),
    });
  }

  #appendBatch(now: Micros, bytes: Uint8Array, batch: BatchPlace): boolean {
    if (!this.#tail.isNext(batch)) {
      count(this.#context, 'stream.proposals-out-of-order');
      return false;
    }
    if (this.#append(now, bytes) === null) return false;
    this.#tail.onAppended(batch);
    return true;
  }

  #append(now: Micros, entry: Uint8Array): LogIndex | null {
    const result = this.group.propose(now, entry);
    return result.ok ? result.value : null;
  }

  #sendToLeader(node: NodeId, entry: Uint8Array): boolean {
    return this.#context.sendFlow(node, flowClassOf(this.descriptor), FlowPayload.encode({ kind: 'propose', group: this.groupId, entry }));
  }

  #halt(code: string, detail: string): void {
    this.#context.emit({ kind: 'halt', code, detail: `stream ${this.stream}, ${detail}` });
  }
}
