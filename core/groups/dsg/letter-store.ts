/**
 * The payloads of dead letters at one member: copied out of the log before that lets go of them, kept as blobs of the
 * journal until the letter leaves the list. A member that got the list by a snapshot asks the others for what it lacks.
 *
 * Invariant: the log keeps a message as long as its copy is not complete (`heldSeq`). One chunk is copied at a time, so that a copy costs no more memory than a block of the log.
 */
import { crc32c } from '../../base/crc32c.js';
import type { Deadline, DeadlineOwner } from '../../base/deadlines.js';
import type { GroupId, MessageId, NodeId } from '../../base/ids.js';
import { type Micros, micros } from '../../base/units.js';
import type { BlobLocation, EntryLocation } from '../../journal/api.js';
import { decodeBlob, decodeEntries } from '../../journal/entry-block.js';
import { type BatchRecord, type MessageBatch, StreamEntry } from '../../wire/group-messages.js';
import type { LetterChunk } from '../../wire/target-steps.js';
import type { GroupContext } from '../context.js';
import { countedId } from './delivery.js';
import type { AppliedEntry, StreamLog } from './stream-log.js';

/** What the log knows of a message that is copied. */
export interface KeptMessage {
  readonly messageId: MessageId;
  readonly producer: string;
  readonly producerSeq: number;
  readonly chunkCount: number;
  readonly payloadBytes: number;
}

export interface LetterStorePorts {
  readonly onNeedsTurn: () => void;
  /** The other members, the most likely to have everything first. */
  readonly peers: () => readonly NodeId[];
  readonly sendToPeer: (node: NodeId, chunk: LetterChunk) => void;
}

interface Copy {
  readonly target: NodeId;
  readonly seq: number;
  readonly owner: string;
  chunkSeq: number;
  payloadBytes: number;
  wanted: number;
  readonly onKept: ((message: KeptMessage) => void) | null;
}

export class LetterStore implements DeadlineOwner {
  readonly #context: GroupContext;
  readonly #group: GroupId;
  readonly #log: StreamLog;
  readonly #ports: LetterStorePorts;
  /** In the order in which they were asked for. */
  readonly #copies = new Map<string, Copy>();
  #isReading = false;
  readonly #again: Deadline;

  constructor(context: GroupContext, group: GroupId, log: StreamLog, ports: LetterStorePorts) {
    this.#context = context;
    this.#group = group;
    this.#log = log;
    this.#ports = ports;
    this.#again = context.deadlines.allocate(this, 'letter-copy', group);
  }

  /** The first message that the log has to keep for a copy. */
  get heldSeq(): number {
    let held = Number.MAX_SAFE_INTEGER;
    for (const { seq } of this.#copies.values()) held = Math.min(held, seq);
    return held;
  }

  /** Copies a message, if that is not done or under way. `onKept` is called when all of it is in the journal's batch. */
  keep(target: NodeId, seq: number, onKept: ((message: KeptMessage) => void) | null): void {
    const owner = this.#ownerOf(target, seq);
    const known = this.#copies.get(owner);
    if (known !== undefined && (known.onKept !== null || onKept === null)) return;
    this.#copies.set(owner, { target, seq, owner, chunkSeq: 0, payloadBytes: 0, wanted: 0, onKept });
    this.#ports.onNeedsTurn();
  }

  /** The letter has left the list. */
  drop(target: NodeId, seq: number): void {
    const owner = this.#ownerOf(target, seq);
    this.#copies.delete(owner);
    for (const no of this.#context.journal.blobs(owner)) this.#context.journal.dropBlob(owner, no);
  }

  /** The stream is gone: nothing more is copied. */
  close(): void {
    this.#copies.clear();
  }

  /**
   * The list came whole, from a snapshot: what is lacking is copied. `isJump`: the log went on without this member, so
   * that copies of letters which are not in the list any more are of no use, and nobody could complete them. A copy
   * that somebody waits for is of a message which is not in the list yet.
   */
  follow(isJump: boolean): void {
    const owners = new Set<string>();
    for (const { target, seq, chunkCount } of this.#log.state.deadLetters.all()) {
      const owner = this.#ownerOf(target, seq);
      owners.add(owner);
      if (this.#context.journal.blobs(owner).length < chunkCount) this.keep(target, seq, null);
    }
    if (!isJump) return;
    for (const { owner, onKept } of this.#copies.values()) {
      if (onKept !== null) owners.add(owner);
      else if (!owners.has(owner)) this.#copies.delete(owner);
    }
    for (const owner of this.#context.journal.blobOwners(this.#prefix)) {
      if (owners.has(owner)) continue;
      for (const no of this.#context.journal.blobs(owner)) this.#context.journal.dropBlob(owner, no);
    }
  }

  /** Where a chunk of a letter lies; null while it is not here. */
  locate(target: NodeId, seq: number, chunkSeq: number): BlobLocation | null {
    return this.#context.journal.locateBlob(this.#ownerOf(target, seq), chunkSeq);
  }

  /** At the turn: goes on with a copy, first with what is in the log here; what others have may be long in coming. */
  onTurn(now: Micros): void {
    if (this.#isReading || this.#again.isArmed) return;
    let lacking: Copy | null = null;
    for (const copy of this.#copies.values()) {
      const entry = this.#log.find(copy.seq, copy.chunkSeq);
      if (entry !== null) return this.#read(now, copy, entry);
      lacking ??= copy;
    }
    if (lacking !== null) this.#askPeer(now, lacking);
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#ports.onNeedsTurn();
  }

  /** Another member lacks a chunk: it gets it, if that is here. */
  onWant(from: NodeId, target: NodeId, seq: number, chunkSeq: number): void {
    const location = this.locate(target, seq, chunkSeq);
    if (location === null) return;
    this.#context.fetch([location.read], (_now, [chunk]) => {
      const entry = decodeBlob(location, chunk ?? null);
      if (entry !== null) this.#ports.sendToPeer(from, { group: this.#group, target, seq, chunkSeq, entry });
    });
  }

  /** A chunk that was asked for, or anything else: it is checked like what a stranger sends. */
  onChunk(now: Micros, { target, seq, chunkSeq, entry }: LetterChunk): void {
    const copy = this.#copies.get(this.#ownerOf(target, seq));
    const batch = StreamEntry.decode(entry);
    const record = batch?.kind === 'messages' && batch.records.length === 1 ? batch.records[0] : undefined;
    if (copy === undefined || copy.chunkSeq !== chunkSeq || batch?.kind !== 'messages' || record === undefined) return;
    const isIt = batch.firstSeq === seq && batch.chunkSeq === chunkSeq && crc32c(record.payload) === record.checksum;
    if (!isIt || batch.chunkCount !== this.#log.state.deadLetters.get(target, seq)?.chunkCount) return;
    this.#again.disarm();
    this.#stage(now, copy, batch, record);
  }

  #read(now: Micros, copy: Copy, entry: AppliedEntry): void {
    const [location] = this.#context.journal.locate(this.#group, entry.index, entry.index, 1);
    if (location === undefined) return this.#context.afterDurable(() => this.#ports.onNeedsTurn());
    this.#isReading = true;
    this.#context.fetch([location.read], (at, [chunk]) => {
      this.#isReading = false;
      this.#ports.onNeedsTurn();
      if (this.#copies.get(copy.owner) !== copy) return;
      const batch = batchAt(location, chunk ?? null, entry);
      const record = batch?.records[batch.chunkCount === 1 ? copy.seq - batch.firstSeq : 0];
      if (batch === null || record === undefined) {
        // Raft's own repair puts a damaged block back.
        this.#again.arm(micros(at + this.#context.config.repeatUs));
        return;
      }
      const baseMessageId = countedId(batch.baseMessageId, copy.seq - batch.firstSeq);
      this.#stage(at, copy, { ...batch, firstSeq: copy.seq, baseMessageId, records: [record] }, record);
    });
  }

  #stage(_now: Micros, copy: Copy, batch: MessageBatch, record: BatchRecord): void {
    const { journal } = this.#context;
    if (!journal.blobs(copy.owner).includes(copy.chunkSeq)) {
      journal.stageBlob(copy.owner, copy.chunkSeq, StreamEntry.encode({ ...batch, kind: 'messages' }));
    }
    copy.chunkSeq++;
    copy.payloadBytes += record.payload.length;
    this.#ports.onNeedsTurn();
    if (copy.chunkSeq < batch.chunkCount) return;
    this.#copies.delete(copy.owner);
    const { baseMessageId: messageId, producer, chunkCount } = batch;
    copy.onKept?.({ messageId, producer, producerSeq: record.producerSeq, chunkCount, payloadBytes: copy.payloadBytes });
  }

  /** One member after the other, as long as it takes: a majority has had the message when it died. */
  #askPeer(now: Micros, copy: Copy): void {
    const peers = this.#ports.peers();
    const peer = peers[copy.wanted++ % Math.max(1, peers.length)];
    const { target, seq, chunkSeq } = copy;
    if (peer !== undefined) this.#context.sendControl(peer, { kind: 'letterWant', group: this.#group, target, seq, chunkSeq });
    this.#again.arm(micros(now + this.#context.config.repeatUs));
  }

  get #prefix(): string {
    return letterOwnerPrefix(this.#group);
  }

  #ownerOf(target: NodeId, seq: number): string {
    return `${this.#prefix}${target}/${seq}`;
  }
}

/** The owners of copies of a stream's dead letters begin with this. */
export const letterOwnerPrefix = (group: GroupId): string => `dead/${group}/`;

/** The batch of `entry` out of the block that holds it; null when it cannot be read. */
function batchAt(location: EntryLocation, chunk: Uint8Array | null, { index }: AppliedEntry): MessageBatch | null {
  const found = decodeEntries(location, chunk)?.find((each) => each.index === index);
  const entry = found === undefined ? null : StreamEntry.decode(found.bytes);
  return entry?.kind === 'messages' ? entry : null;
}
