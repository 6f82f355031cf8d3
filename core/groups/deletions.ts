/**
 * Streams that are no more. A stream is deleted by an entry of its log; each member that applies it lets go of all that
 * it holds in the same transaction, and keeps a small tombstone, so that nothing brings the stream back. Its source
 * tells every member that may have missed the entry, with a signature, until each has said that it knows.
 *
 * Invariant: of a stream there is either a descriptor or a tombstone, never both. A tombstone that somebody has not
 * confirmed stays; of the others the newest `tombstonesMax` do.
 */
import type { Deadline, DeadlineOwner } from '../base/deadlines.js';
import { EMPTY_BYTES } from '../base/bytes.js';
import type { GroupId, NodeId, StreamId, TenantId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import { accept, refuse } from '../base/result.js';
import { nodeOfReplica } from '../base/replica.js';
import { type Micros, micros, streamSeq } from '../base/units.js';
import { membersOf } from '../raft/configuration.js';
import { type Infer, bytes, id, message, repeated, text } from '../wire/schema.js';
import type { DiscardedWork, GroupContext } from './context.js';
import { isDeletion } from './dsg/descriptor.js';
import type { Stream } from './dsg/stream.js';
import { notSource, unknownStream } from './publishing.js';

/** In the journal of each former member. */
export const TombstoneRow = message('TombstoneRow', {
  tenant: id<TenantId>(1),
  name: text(2),
  signature: bytes(3),
  /** At the source: those that have not said that they know. */
  unaware: repeated(id<NodeId>(4)),
});
type TombstoneRow = Infer<typeof TombstoneRow>;

export interface DeletionPorts {
  find(tenant: TenantId, id: StreamId): Stream | null;
  get(id: StreamId): Stream | null;
  publicKeyOf(node: NodeId): Uint8Array | null;
  /** Lets go of all that is here of the stream. */
  drop(stream: Stream, why: Reject): void;
  onDirty(stream: Stream): void;
}

export interface DeleteStream {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  /** Whatever is lost by it. */
  readonly isForced: boolean;
}

export class Deletions implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #ports: DeletionPorts;
  readonly #tombstones = new Map<StreamId, TombstoneRow>();
  /** Operators at the source who wait for the entry. */
  readonly #waiting = new Map<StreamId, number[]>();
  readonly #repeat: Deadline;
  /** Where telling goes on. */
  #next = 0;

  constructor(context: GroupContext, ports: DeletionPorts) {
    this.#context = context;
    this.#ports = ports;
    this.#repeat = context.deadlines.allocate(this, 'deletion-told');
  }

  /** Boot. False: a row does not decode. */
  restore(now: Micros): boolean {
    const { journal } = this.#context;
    for (const key of journal.keys(TOMBSTONE_PREFIX)) {
      const row = TombstoneRow.decode(journal.get(key) ?? EMPTY_BYTES);
      if (row === null) return false;
      this.#tombstones.set(key.slice(TOMBSTONE_PREFIX.length) as StreamId, row);
    }
    this.#arm(now);
    return true;
  }

  has(id: StreamId): boolean {
    return this.#tombstones.has(id);
  }

  tenantOf(id: StreamId): TenantId | null {
    return this.#tombstones.get(id)?.tenant ?? null;
  }

  /** Deleted streams that some member has not confirmed: they count as streams when others are opened. */
  get unconfirmedCount(): number {
    let count = 0;
    for (const { unaware } of this.#tombstones.values()) if (unaware.length > 0) count++;
    return count;
  }

  /** Why the tenant finds no stream of that id here: it was deleted, or there never was one. */
  absence(tenant: TenantId, id: StreamId): Reject {
    return this.#tombstones.get(id)?.tenant === tenant ? deleted(id) : unknownStream(id);
  }

  /**
   * Answers once the stream's log has it. STREAM_UNKNOWN, STREAM_DELETED, NOT_SOURCE; STREAM_NOT_SETTLED, with what
   * would be lost, unless it is forced. The wish survives a crash of the source.
   */
  delete(request: number, { tenant, stream: id, isForced }: DeleteStream): void {
    const stream = this.#ports.find(tenant, id);
    if (stream === null) return this.#refuse(request, this.absence(tenant, id));
    const { source } = stream;
    if (source === null) return this.#refuse(request, notSource(stream));
    if (!isForced && !stream.log.state.isDrained) return this.#refuse(request, notSettled(stream));
    const waiting = this.#waiting.get(id) ?? [];
    if (waiting.length >= WAITING_MAX) return this.#refuse(request, reject('TOO_MANY', id, 'its deletion is being waited for already', RETRY_US));
    this.#waiting.set(id, [...waiting, request]);
    source.staging.delete(isForced);
    source.publishers.endSessions(reject('STREAM_CLOSED', id, 'the stream is being deleted; open another one'));
    this.#ports.onDirty(stream);
  }

  /** The caller of `request` is gone. The deletion goes on. */
  cancel(request: number): void {
    for (const [id, requests] of this.#waiting) {
      const left = requests.filter((each) => each !== request);
      if (left.length > 0) this.#waiting.set(id, left);
      else this.#waiting.delete(id);
    }
  }

  /** The node stops. */
  endAll(why: Reject): void {
    for (const requests of this.#waiting.values()) for (const request of requests) this.#refuse(request, why);
    this.#waiting.clear();
  }

  /** By its log, or by its source's signature, the stream is no more. */
  onDeleted(now: Micros, stream: Stream, signature: Uint8Array): void {
    const id = stream.stream;
    const { tenant, name, source } = stream.descriptor;
    const isSource = source === this.#context.node;
    const discarded = discardedOf(stream);
    const lastSeq = streamSeq(stream.source?.staging.lastSeq ?? 0);
    const row = { tenant, name, signature, unaware: isSource ? othersOf(stream) : [] };
    this.#ports.drop(stream, deleted(id));
    this.#put(id, row);
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.deleted' } });
    if (discarded.messages > 0) this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.deleted-by-force' } });
    const requests = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    this.#context.afterDurable((at) => {
      this.#context.emit({ kind: 'stream-deleted', stream: id, name });
      const result = accept({ kind: 'deleted', stream: id, lastSeq, discarded } as const);
      for (const request of requests) this.#context.emit({ kind: 'reply', request, result });
      if (!isSource) this.#sendKnown(source, id);
      this.#tellAll();
      this.#arm(at);
    });
    this.#shrink();
    this.#arm(now);
  }

  /** A former member, most likely its source, says that the stream was deleted. Believed by the source's signature. */
  onTold(now: Micros, from: NodeId, group: GroupId, signature: Uint8Array): void {
    const id = group as string as StreamId;
    const stream = this.#ports.get(id);
    if (stream === null) {
      // Who never had it, or knows, confirms: it will not have it from now on.
      this.#context.afterDurable(() => this.#sendKnown(from, id));
      return;
    }
    const publicKey = this.#ports.publicKeyOf(stream.descriptor.source);
    if (publicKey === null || !isDeletion(this.#context.crypto, publicKey, id, signature)) {
      this.#context.emit({ kind: 'notice', notice: { kind: 'count', name: 'stream.deletions-not-verified', by: 1 } });
      return;
    }
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.deletion-learnt-late' } });
    this.onDeleted(now, stream, signature);
    if (from !== stream.descriptor.source) this.#context.afterDurable(() => this.#sendKnown(from, id));
  }

  onKnown(from: NodeId, group: GroupId): void {
    this.#forgetUnaware(group as string as StreamId, from);
  }

  /** Somebody speaks of a group that is not here. True: it was deleted, and is told so. */
  onStranger(from: NodeId, group: GroupId): boolean {
    const row = this.#tombstones.get(group as string as StreamId);
    if (row === undefined) return false;
    this.#tell(from, group as string as StreamId, row);
    return true;
  }

  /** A node is no member of the mesh any more: nobody waits for its word. */
  onDeparted(node: NodeId): void {
    for (const id of [...this.#tombstones.keys()]) this.#forgetUnaware(id, node);
  }

  onDeadline(now: Micros, _deadline: Deadline): void {
    this.#tellAll();
    this.#arm(now);
  }

  #forgetUnaware(id: StreamId, node: NodeId): void {
    const row = this.#tombstones.get(id);
    if (row === undefined || !row.unaware.includes(node)) return;
    this.#put(id, { ...row, unaware: row.unaware.filter((each) => each !== node) });
    this.#shrink();
  }

  /** Each time another part of them when they are many. */
  #tellAll(): void {
    const rows = [...this.#tombstones];
    let told = 0;
    for (let n = 0; n < rows.length && told < TOLD_AT_ONCE_MAX; n++) {
      const [id, row] = rows[this.#next++ % rows.length] as [StreamId, TombstoneRow];
      for (const node of row.unaware) this.#tell(node, id, row);
      told += row.unaware.length;
    }
  }

  #tell(node: NodeId, id: StreamId, { signature }: TombstoneRow): void {
    this.#context.sendControl(node, { kind: 'streamDeleted', group: id as string as GroupId, signature });
  }

  #sendKnown(node: NodeId, id: StreamId): void {
    this.#context.sendControl(node, { kind: 'deletionKnown', group: id as string as GroupId });
  }

  #arm(now: Micros): void {
    if (this.unconfirmedCount > 0) this.#repeat.armNoLater(micros(now + 4 * this.#context.config.repeatUs));
    else this.#repeat.disarm();
  }

  #put(id: StreamId, row: TombstoneRow): void {
    this.#tombstones.set(id, row);
    this.#context.journal.put(`${TOMBSTONE_PREFIX}${id}`, TombstoneRow.encode(row));
  }

  /** The oldest that everybody knows of go first. */
  #shrink(): void {
    let over = this.#tombstones.size - this.#context.config.tombstonesMax;
    for (const [id, { unaware }] of this.#tombstones) {
      if (over <= 0) return;
      if (unaware.length > 0) continue;
      this.#tombstones.delete(id);
      this.#context.journal.remove(`${TOMBSTONE_PREFIX}${id}`);
      over--;
    }
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}

/** What is lost if the stream goes now. At its source that includes what only the source has. */
function discardedOf({ source, log }: Stream): DiscardedWork {
  const { lastSeq, releasable, deadLetters } = log.state;
  return { messages: Math.max(source?.staging.lastSeq ?? 0, lastSeq) - releasable, deadLetters: deadLetters.count };
}

/** Everybody who may hold something of it. */
function othersOf(stream: Stream): NodeId[] {
  const { source, targets } = stream.descriptor;
  const members = membersOf(stream.group.raft.configuration).map(nodeOfReplica);
  const rows = stream.log.state.targets.rows.map(({ node }) => node);
  const others = new Set([...targets.map(({ node }) => node), ...rows, ...members]);
  others.delete(source);
  return [...others].sort((a, b) => (a < b ? -1 : 1));
}

function notSettled(stream: Stream): Reject {
  const { messages, deadLetters } = discardedOf(stream);
  const { state } = stream.log;
  const letters = deadLetters > 0 ? ` and ${deadLetters} dead letters` : '';
  const slowest = state.targets.slowest()?.node;
  const whom = slowest !== undefined && messages > 0 ? `; target ${slowest} is at ${state.settledOf(slowest)}` : '';
  const isClosing = stream.source?.staging.isClosing === true;
  const way = state.isOrphaned ? 'it is ORPHANED; attach a target' : isClosing ? 'wait' : 'close it and wait';
  return reject('STREAM_NOT_SETTLED', stream.stream, `it holds ${messages} messages that are not settled${letters}${whom}: ${way}, or force it`, RETRY_US);
}

const deleted = (id: StreamId): Reject => reject('STREAM_DELETED', id, 'the stream was deleted, and its id is not used again; open another one');

const TOMBSTONE_PREFIX = 'deleted/';
const WAITING_MAX = 64;
const TOLD_AT_ONCE_MAX = 256;
const RETRY_US = 1_000_000;
