/**
 * This node as a member of a mesh: its replicated groups, who is in the mesh, and which of the groups has something to
 * do at the next turn.
 */
import { EMPTY_BYTES } from '../base/bytes.js';
import type { Crypto } from '../base/crypto.js';
import type { GroupId, MeshId, NodeId, StreamId } from '../base/ids.js';
import type { Reject } from '../base/reject.js';
import type { ReplicaId } from '../base/replica.js';
import { nodeOfReplica, numberOfReplica, replicaId } from '../base/replica.js';
import { type LogIndex, type MemberIndex, type Micros, logIndex, memberIndex } from '../base/units.js';
import type { GroupContext } from '../groups/context.js';
import type { DepartedMember } from '../groups/departed-member.js';
import type { Stream } from '../groups/dsg/stream.js';
import { MeshControl } from '../groups/mcg/mesh-control.js';
import type { ReplicatedGroup } from '../groups/replicated-group.js';
import { DatabaseGroup } from '../groups/updates/database-group.js';
import { Updates } from '../groups/updates/updates.js';
import { Reseals } from '../groups/recovery/reseals.js';
import { Streams } from '../groups/streams.js';
import type { RestoredGroup } from '../journal/api.js';
import { FlowPayload, FoundMesh, GroupControl, RaftBundle } from '../wire/group-messages.js';
import type { MembershipCertificate } from '../wire/link-messages.js';
import { DatabaseGroupRow } from '../wire/update-messages.js';
import { GenerationDesk } from './generation-desk.js';
import type { MembershipRow } from './membership-row.js';
import { VerifiedMembers } from './verified-members.js';
import type { Owner } from './viewer.js';

export interface MemberOptions {
  readonly context: GroupContext;
  readonly row: MembershipRow;
  readonly chain: readonly MembershipCertificate[];
  readonly restored: ReadonlyMap<GroupId, RestoredGroup>;
  readonly isAlive: (node: NodeId) => boolean;
  /** Since when a member has been failed, or gone on purpose; null when it is not. */
  readonly failedSince: (node: NodeId) => Micros | null;
  readonly isReachable: (node: NodeId) => boolean;
  /** This node is in another generation of the mesh from here on. */
  readonly onGeneration: (now: Micros, row: MembershipRow) => void;
}

export class Member {
  readonly control: MeshControl;
  readonly streams: Streams;
  readonly updates: Updates;
  readonly generations: GenerationDesk;
  readonly #restored: ReadonlyMap<GroupId, RestoredGroup>;
  #database: DatabaseGroup | null = null;
  /** What becomes of streams that lose members for good. */
  readonly reseals: Reseals;
  readonly mesh: MeshId;
  readonly #context: GroupContext;
  readonly #crypto: Crypto;
  readonly #row: MembershipRow;
  readonly #verified: VerifiedMembers;
  readonly #dirty = new Set<ReplicatedGroup>();
  #mcgApplied: LogIndex = logIndex(0);

  constructor(now: Micros, options: MemberOptions) {
    const { context, row, chain, restored } = options;
    this.#context = context;
    this.#crypto = context.crypto;
    this.#verified = new VerifiedMembers(context.crypto, row);
    this.#row = row;
    this.mesh = row.mesh;
    this.#restored = restored;
    const known = DatabaseGroupRow.decode(context.journal.get(DATABASE_GROUP_KEY) ?? EMPTY_BYTES);
    const database = known === null || context.journal.get(DATABASE_GROUP_KEY) === null ? null : known;
    this.generations = new GenerationDesk({
      context,
      row,
      control: () => this.control,
      database: () => this.#database,
      streams: () => this.streams.all(),
      isReachable: options.isReachable,
      onDirty: (group) => this.#dirty.add(group),
      onEntered: options.onGeneration,
    });
    this.control = new MeshControl(now, context, {
      mesh: row.mesh,
      generation: row.generation,
      generationTag: row.generationTag,
      founding: this.generations.founding,
      chain,
      restored: restored.get(row.mesh as string as GroupId) ?? null,
      founder: row.isFounder ? context.replicaId : null,
      isAlive: options.isAlive,
      failedSince: options.failedSince,
      onDatabaseGroup: (at, found) => this.#openDatabase(at, found),
      onDirty: () => this.#dirty.add(this.control.group),
    });
    this.#dirty.add(this.control.group);
    if (database !== null) this.#openDatabase(now, database);
    this.updates = new Updates(context, () => (this.#database === null ? [this.control.updates] : [this.control.updates, this.#database.updates]));
    const { raft } = this.control.group;
    if (row.isFounder && raft.lastIndex === 0) raft.campaign(now);
    this.streams = new Streams(now, {
      context,
      generation: FIRST_STREAM_GENERATION,
      restored,
      members: {
        replicaNumberOf: (node) => this.control.state.replicaNumberOf(node),
        outThrough: (node) => this.control.state.outThrough(node),
        isLossAccepted: (group) => this.control.state.isLossAccepted(group),
        publicKeyOf: (node) => this.#publicKeyOf(node),
      },
      onDirty: (stream) => this.#dirty.add(stream.group),
    });
    const { state } = this.control;
    this.reseals = new Reseals({
      context,
      successions: state.successions,
      standing: state,
      shelf: this.streams,
      leader: () => this.control.leader,
      tellHere: (message) => this.control.onLostMajority(context.node, message),
      onDirty: (stream) => this.#dirty.add(stream.group),
    });
    this.onMembersChanged(now);
    for (const { node, replica, isEvicted, isForced, logIndex: at } of this.control.state.departed.values()) {
      this.onMemberDeparted(now, { node, replica, isEvicted, isForced, at });
    }
  }

  /** The group of database updates; null before this node's log knows of it. */
  get database(): DatabaseGroup | null {
    return this.#database;
  }

  /** Whose stream, or group, that is. */
  ownerOf(streamOrGroup: string): Owner {
    if (streamOrGroup === this.mesh || streamOrGroup === this.#database?.group.group) return 'mesh';
    return this.streams.tenantOf(streamOrGroup as StreamId) ?? 'unknown';
  }

  /** Members have come or gone, or the mesh control group has other voters. */
  onMembers(now: Micros): void {
    this.#database?.onMembers(now);
  }

  get hasWork(): boolean {
    return this.#dirty.size > 0;
  }

  /** The founder proposes the founding entry once it leads its own group; after that the log has it. */
  found(now: Micros): void {
    const { control } = this;
    if (this.#row.founding.length === 0 || control.state.founded !== null || control.leader.kind !== 'local') return;
    const entry = FoundMesh.decode(this.#row.founding);
    if (entry !== null && control.group.raft.lastIndex <= control.applied) control.found(now, entry);
  }

  /** One turn of every group that has something to do, and of those which that wakes; `hasWork` when some are left. */
  turn(now: Micros, mayWrite: () => boolean): void {
    for (let round = 0; ; round++) {
      this.streams.admission.drain(now);
      if (this.#dirty.size === 0 || round === ROUNDS_MAX) break;
      const groups = [...this.#dirty];
      this.#dirty.clear();
      for (const group of groups) group.turn(now, mayWrite());
      if (!mayWrite()) break;
    }
  }

  /** How far the mesh's log is applied, when that has moved since the last call; else null. */
  takeMcgApplied(): LogIndex | null {
    if (this.control.applied === this.#mcgApplied) return null;
    this.#mcgApplied = this.control.applied;
    return this.#mcgApplied;
  }

  /** A deadline of that entity was due. Those of Raft replicas and streams carry the id of their group. */
  onDeadlineOf(entity: string): void {
    if (entity === this.mesh) this.#dirty.add(this.control.group);
    if (this.#database !== null && entity === this.#database.group.group) this.#dirty.add(this.#database.group);
    const stream = this.streams.get(entity as StreamId);
    if (stream !== null) this.#dirty.add(stream.group);
  }

  onRaftBundle(now: Micros, from: NodeId, payload: Uint8Array): void {
    const bundle = RaftBundle.decode(payload);
    if (bundle === null) return this.#count('groups.malformed-bundles');
    for (const item of bundle.items) {
      if (item.toReplica !== this.#context.replica) this.#count('groups.other-replica');
      else this.#onRaft(now, replicaId(from, item.fromReplica), from, item.group, item.message);
    }
  }

  onFlowMessage(now: Micros, from: NodeId, payload: Uint8Array): void {
    const message = FlowPayload.decode(payload);
    if (message === null) return this.#count('groups.malformed-flow-messages');
    if (message.kind === 'updates') {
      this.updates.onForwarded(from, message);
    } else if (message.kind === 'propose') {
      const stream = this.streams.get(message.group as string as StreamId);
      if (stream === null) return this.#count('groups.unknown-group');
      stream.onPropose(now, from, message.entry);
      this.#dirty.add(stream.group);
    } else if (message.kind === 'letterChunk') {
      const stream = this.streams.get(message.group as string as StreamId);
      if (stream !== null && stream.isMember(from)) stream.letters.store.onChunk(now, message);
    } else if (message.toReplica !== this.#context.replica) {
      this.#count('groups.other-replica');
    } else {
      this.#onRaft(now, replicaId(from, message.fromReplica), from, message.group, message.message);
    }
  }

  onControl(now: Micros, from: NodeId, payload: Uint8Array): void {
    const message = GroupControl.decode(payload);
    if (message === null) return this.#count('groups.malformed-control');
    switch (message.kind) {
      case 'invite':
        this.streams.onInvite(now, message);
        this.reseals.onMeshChanged(now);
        return;
      case 'unknownGroup':
        this.streams.onUnknownGroup(from, message.group);
        return;
      case 'settledReport':
        this.streams.get(message.group as string as StreamId)?.onSettledReport(from, message.replica, message.seq);
        return;
      case 'joinedGroup':
        this.streams.get(message.group as string as StreamId)?.onMemberJoined(now);
        return;
      case 'targetAsk':
        this.streams.get(message.group as string as StreamId)?.onTargetAsk(now, from, message.change);
        return;
      case 'streamDeleted':
        this.streams.deletions.onTold(now, from, message.group, message.signature);
        return;
      case 'deletionKnown':
        this.streams.deletions.onKnown(from, message.group);
        return;
      case 'letterWant':
        this.streams.get(message.group as string as StreamId)?.onLetterWant(from, message);
        return;
      case 'updatesRefused':
      case 'appliedReport':
        this.updates.onControl(from, message);
        return;
      case 'recoverAsk':
      case 'recoverReport':
      case 'keepFounding':
      case 'foundingKept':
      case 'enterGeneration':
        this.generations.onControl(now, from, message);
        return;
      case 'admitForward':
      case 'admitAnswer':
      case 'wishForward':
      case 'wishRefused':
      case 'sealWish':
      case 'sealedReport':
        this.control.onControl(now, from, message);
        return;
      case 'readmit':
        this.streams.onReadmission(now, from, message);
        this.reseals.onMeshChanged(now);
    }
  }

  onPeerLost(now: Micros, node: NodeId): void {
    this.control.group.onPeerLost(now, node);
    this.#database?.group.onPeerLost(now, node);
    for (const stream of this.streams.all()) stream.group.onPeerLost(now, node);
  }

  /** A flow takes messages again: whoever waits for it goes on. */
  onFlowWritable(node: NodeId): void {
    if (this.control.group.isWaitingFor(node)) this.#dirty.add(this.control.group);
    if (this.#database?.group.isWaitingFor(node) === true) this.#dirty.add(this.#database.group);
    for (const { group } of this.streams.admission.turns.next([...this.streams.all()].filter((each) => each.group.isWaitingFor(node) || each.source?.isBehind === true))) this.#dirty.add(group);
  }

  /** Membership believes that `node` is gone, or there again. */
  onPresence(now: Micros, node: NodeId): void {
    this.control.group.onPresence(now, node);
    this.#database?.group.onPresence(now, node);
    for (const stream of this.streams.all()) stream.group.onPresence(now, node);
  }

  /** Whether that replica is the one under which its node runs, as far as the mesh's log says; a stranger may be. */
  isCurrent(replica: ReplicaId): boolean {
    const row = this.control.state.members.get(nodeOfReplica(replica));
    return row === undefined || row.replica === numberOfReplica(replica);
  }

  /** Checks an advertisement's signature under its origin's certificate; chains that were seen are not checked again. */
  verifyLsa(
    origin: NodeId,
    chainBytes: Uint8Array,
    signedBytes: Uint8Array,
    signature: Uint8Array,
  ): { readonly index: MemberIndex; readonly replica: number } | null {
    const member = this.#verified.of(origin, chainBytes);
    if (member === null || member.replica <= this.control.state.outThrough(origin)) return null;
    if (!this.#crypto.verify(member.publicKey, signedBytes, signature)) return null;
    return { index: member.index, replica: member.replica };
  }

  /** The streams that name that replica are told; after a restart again, so they take repeats. */
  onMemberDeparted(now: Micros, departed: DepartedMember): void {
    if (!this.control.state.members.has(departed.node)) this.streams.deletions.onDeparted(departed.node);
    for (const stream of this.streams.all()) {
      const { source, sourceReplica, targets } = stream.descriptor;
      const named = [{ node: source, replica: sourceReplica }, ...targets];
      const isNamed = named.some(({ node, replica }) => node === departed.node && replica <= departed.replica);
      if (isNamed) stream.onMemberDeparted(now, departed);
    }
  }

  /** The mesh's log has moved. */
  onMembersChanged(now: Micros): void {
    this.streams.onMeshChanged();
    this.reseals.onMeshChanged(now);
  }

  /**
   * Under which index `node` was a member, that is none any more; null for members and strangers. What it still sends is
   * not heard; under a later index it has come back, though this log may not say so yet: maybe it alone has the rest.
   */
  departedIndexOf(node: NodeId): MemberIndex | null {
    const row = this.control.state.members.has(node) ? undefined : this.control.state.departed.get(node);
    return row === undefined ? null : memberIndex(row.index);
  }

  /** This node's membership is over: its sessions end, its groups fall silent. What streams hold stays on the disk. */
  close(why: Reject, departedAt: LogIndex): void {
    this.streams.endSessions(why);
    this.updates.endSessions(why);
    this.generations.close();
    this.reseals.close();
    for (const stream of this.streams.all()) stream.group.close();
    this.control.close(departedAt);
    this.control.group.destroy();
    if (this.#database !== null) {
      this.#database.close();
      this.#database.group.destroy();
      this.#context.journal.remove(DATABASE_GROUP_KEY);
    }
    this.#dirty.clear();
  }

  checkInvariants(): void {
    this.control.checkInvariants();
    this.#database?.checkInvariants();
    this.streams.checkInvariants();
  }

  #onRaft(now: Micros, from: ReplicaId, node: NodeId, group: GroupId, message: Uint8Array): void {
    if ((group as string) === this.mesh) {
      this.control.group.onMessage(now, from, message);
      return;
    }
    if (this.#database !== null && group === this.#database.group.group) {
      this.#database.group.onMessage(now, from, message);
      return;
    }
    const stream: Stream | null = this.streams.get(group as string as StreamId);
    if (stream === null && !this.streams.deletions.onStranger(node, group)) this.#context.sendControl(node, { kind: 'unknownGroup', group });
    stream?.group.onMessage(now, from, message);
  }

  #openDatabase(now: Micros, row: DatabaseGroupRow): void {
    if (this.#database !== null) return;
    const members = () => this.control.state.members;
    this.#context.journal.put(DATABASE_GROUP_KEY, DatabaseGroupRow.encode(row));
    const database: DatabaseGroup = new DatabaseGroup(now, this.#context, {
      group: row.group,
      generation: this.generations.number,
      founder: replicaId(row.founder, row.replica),
      restored: this.#restored.get(row.group) ?? null,
      members: () => [...members().values()].map(({ node, replica }) => replicaId(node, replica)),
      memberNodes: () => [...members().keys()],
      voters: () => this.control.group.raft.configuration.voters,
      onDirty: () => this.#dirty.add(database.group),
    });
    this.#database = database;
    this.generations.bring(now, database.group);
    this.#dirty.add(database.group);
  }

  #publicKeyOf(node: NodeId): Uint8Array | null {
    const { members, departed } = this.control.state;
    return (members.get(node) ?? departed.get(node) ?? this.#verified.get(node))?.publicKey ?? null;
  }

  #count(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}

/** Streams count generations of their own: they outlive those of the mesh. */
const FIRST_STREAM_GENERATION = 1;
/** Which group is that of database updates: known before the mesh's own log is applied again. */
const DATABASE_GROUP_KEY = 'updates-group';
/** What one group's turn makes possible for another is done within the same turn, this often. */
const ROUNDS_MAX = 4;
