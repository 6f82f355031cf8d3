/** What a leader sends to one peer, given its progress: appends in the window, probes, snapshot chunks, heartbeats. */
import { assert } from '../base/assert.js';
import type { ReplicaId } from '../base/replica.js';
import { type LogIndex, type Micros, logIndex } from '../base/units.js';
import { REST_OFFERS, type RaftLogEntry } from '../wire/raft-messages.js';
import { configurationToWire } from './configuration.js';
import type { Progress, WindowLimits } from './progress.js';
import type { ReadAsker } from './read-index.js';
import { toWireEntry } from './log-entry.js';
import { RelayOrders } from './relay.js';
import type { ReplicaState } from './replica-state.js';
import type { OfferedRest } from './rest.js';
import { SnapshotTransfer, type TransferLimits } from './snapshot.js';

/** Entries in message form. */
interface Slice {
  readonly from: LogIndex;
  readonly entries: readonly RaftLogEntry[];
  readonly bytes: number;
}

export class Sender {
  readonly #state: ReplicaState;
  readonly #window: WindowLimits;
  readonly #transferLimits: TransferLimits;
  readonly #orders = new RelayOrders();
  #seq = 0;
  /** What was sent last: peers that keep up all get the same. */
  #newest: (Slice & { readonly through: LogIndex; readonly bytesMax: number }) | null = null;

  constructor(state: ReplicaState) {
    this.#state = state;
    const { config } = state;
    this.#window = { appendsMax: config.inflightAppendsMax, bytesMax: config.inflightBytesMax };
    this.#transferLimits = {
      chunkBytesMax: config.snapshotChunkBytesMax,
      chunksInflightMax: config.snapshotChunksInflightMax,
      stallUs: config.stallProbeUs,
    };
  }

  /** The number of the last append or chunk sent, to whomever. */
  get newestSeq(): number {
    return this.#seq;
  }

  /**
   * Everything that this peer lacks and that may be on its way to it; of one that is served over a relay, up to
   * `relayableThrough`. Its orders leave with `flushOrders`.
   */
  flush(now: Micros, to: ReplicaId, peer: Progress, epoch: number, relayableThrough: LogIndex): void {
    const { log, commit } = this.#state;
    if (peer.phase !== 'snapshot' && peer.next <= log.snapshotIndex && !this.#beginSnapshot(now, peer)) return;
    if (peer.phase === 'snapshot') {
      this.#supersede(now, peer);
      if (peer.isAlive(now, this.#state.config.electionTimeoutMaxUs)) this.#flushChunks(now, to, peer);
      return;
    }
    if (peer.phase === 'probe') {
      if (peer.hasRoom(this.#window)) this.#sendProbe(now, to, peer);
      return;
    }
    if (peer.relay !== null) return this.#order(now, to, peer, relayableThrough);
    while (peer.next <= log.sendableIndex && peer.hasRoom(this.#window)) {
      const slice = this.#slice(peer.next, log.sendableIndex, this.#state.config.appendBytesMax);
      if (slice === null) break;
      this.#sendAppend(now, to, peer, slice);
    }
    // A new commit is told at once, but costs no answer: the next heartbeat repeats it should the frame be lost.
    if (Math.min(commit, peer.match) > peer.toldCommit) {
      this.#sendCommit(to, peer, { round: 0, isSilent: true, epoch, offer: REST_OFFERS.none });
    }
  }

  flushOrders(): void {
    const { generation, term } = this.#state;
    for (const { relay, order } of this.#orders.take()) this.#state.send(relay, { ...order, kind: 'relayOrder', generation, term });
  }

  sendHeartbeat(to: ReplicaId, peer: Progress, round: number, rest: OfferedRest): void {
    this.#sendCommit(to, peer, { round, isSilent: false, ...rest });
  }

  /** An empty append at what is verified, behind everything that is in flight. */
  sendStallProbe(now: Micros, to: ReplicaId, peer: Progress): void {
    const prev = peer.phase === 'probe' ? logIndex(peer.next - 1) : peer.match;
    if (peer.phase === 'snapshot' || prev < this.#state.log.snapshotIndex) return;
    const seq = ++this.#seq;
    peer.onStallProbe(now, seq);
    this.#state.mark('raft.stall-probed');
    this.#sendEntries(to, seq, prev, NO_ENTRIES);
  }

  sendReadAnswer(asker: ReadAsker & { readonly kind: 'peer' }, index: LogIndex): void {
    const { generation, term } = this.#state;
    const { session, serial } = asker;
    this.#state.send(asker.replica, { kind: 'readIndexAnswer', generation, term, session, serial, index });
  }

  sendTimeoutNow(to: ReplicaId): void {
    const { generation, term } = this.#state;
    this.#state.send(to, { kind: 'timeoutNow', generation, term });
  }

  /** A probe at an unverified place carries little: it will often not fit. */
  #sendProbe(now: Micros, to: ReplicaId, peer: Progress): void {
    const { log, config } = this.#state;
    const isVerified = peer.next - 1 <= peer.match;
    const bytesMax = isVerified ? config.appendBytesMax : PROBE_BYTES_MAX;
    const slice = peer.next <= log.sendableIndex ? this.#slice(peer.next, log.sendableIndex, bytesMax) : null;
    const isWorth = slice !== null && (isVerified || slice.bytes <= PROBE_BYTES_MAX);
    this.#sendAppend(now, to, peer, isWorth ? slice : { from: peer.next, entries: NO_ENTRIES, bytes: 0 });
  }

  #sendCommit(
    to: ReplicaId,
    peer: Progress,
    said: OfferedRest & { readonly round: number; readonly isSilent: boolean },
  ): void {
    const { generation, term, commit } = this.#state;
    const told = Math.min(commit, peer.match);
    if (told > peer.toldCommit) peer.toldCommit = told;
    this.#state.send(to, { kind: 'heartbeat', generation, term, commit: told, ...said });
  }

  #sendAppend(now: Micros, to: ReplicaId, peer: Progress, slice: Slice): void {
    const prev = logIndex(slice.from - 1);
    const last = prev + slice.entries.length;
    const seq = ++this.#seq;
    peer.onSent(now, { seq, bytes: slice.bytes, prev, last });
    const told = Math.min(this.#state.commit, last);
    if (told > peer.toldCommit) peer.toldCommit = told;
    this.#sendEntries(to, seq, prev, slice.entries);
  }

  #sendEntries(to: ReplicaId, seq: number, prev: LogIndex, entries: readonly RaftLogEntry[]): void {
    const { generation, term, commit, log } = this.#state;
    assert(prev + entries.length <= log.sendableIndex || entries.length === 0, 'a leader sends only what may leave');
    const prevTerm = log.termAt(prev);
    assert(prevTerm !== null, 'an append builds on what is held');
    this.#state.send(to, { kind: 'append', generation, term, seq, prevIndex: prev, prevTerm, commit, entries });
  }

  /** Committed entries, for a relay to send. The learner is told the commit with them. */
  #order(now: Micros, to: ReplicaId, peer: Progress, through: LogIndex): void {
    const { generation, term, config } = this.#state;
    while (peer.next <= through && peer.hasRoom(this.#window)) {
      const slice = this.#slice(peer.next, through, config.appendBytesMax);
      if (slice === null) return;
      const prev = logIndex(slice.from - 1);
      const last = logIndex(prev + slice.entries.length);
      const seq = ++this.#seq;
      peer.onSent(now, { seq, bytes: slice.bytes, prev, last });
      peer.toldCommit = Math.max(peer.toldCommit, last);
      this.#orders.add(peer.relay as ReplicaId, { generation, term, prevIndex: prev, through: last }, to, seq);
    }
  }

  /** Entries from `from` up to `through`; null when they have to be fetched first. */
  #slice(from: LogIndex, through: LogIndex, bytesMax: number): Slice | null {
    const { config } = this.#state;
    const newest = this.#newest;
    const isSame = newest?.from === from && newest.through === through && newest.bytesMax === bytesMax;
    if (isSame) return newest;
    const held = this.#state.read(from, through, { bytesMax, entriesMax: config.appendEntriesMax });
    if (held === null) return null;
    let bytes = 0;
    for (const entry of held) bytes += entry.bytes.length;
    this.#newest = { from, through, bytesMax, entries: held.map(toWireEntry), bytes };
    return this.#newest;
  }

  /** False while the peer is not heard of: it would wait for it in vain. */
  #beginSnapshot(now: Micros, peer: Progress): boolean {
    if (!peer.isAlive(now, this.#state.config.electionTimeoutMaxUs)) return false;
    peer.startSnapshot(new SnapshotTransfer(now, this.#state.snapshot, this.#transferLimits));
    this.#state.mark('raft.snapshot-sent');
    return true;
  }

  /** The log after an older snapshot is gone with the newer one: unless it is half-way there, it is worth nothing. */
  #supersede(now: Micros, peer: Progress): void {
    const { transfer } = peer;
    if (transfer === null || transfer.snapshot === this.#state.snapshot || !transfer.isSupersedable) return;
    if (this.#beginSnapshot(now, peer)) this.#state.mark('raft.snapshot-superseded');
  }

  #flushChunks(now: Micros, to: ReplicaId, peer: Progress): void {
    const transfer = peer.transfer;
    assert(transfer !== null, 'a transfer belongs to its phase');
    const { snapshot, checksum } = transfer;
    const { generation, term } = this.#state;
    for (;;) {
      const part = transfer.nextPart(now, this.#seq + 1);
      if (part === null) return;
      this.#state.send(to, {
        kind: 'snapshotChunk',
        generation,
        term,
        seq: ++this.#seq,
        index: snapshot.index,
        snapshotTerm: snapshot.term,
        configuration: configurationToWire(snapshot.configuration),
        total: snapshot.state.length,
        offset: part.offset,
        checksum,
        bytes: snapshot.state.subarray(part.offset, part.end),
      });
    }
  }
}

/** 4 KiB: the no-op of a new term travels with the first probe and saves a round trip. */
const PROBE_BYTES_MAX = 4096;
const NO_ENTRIES: readonly RaftLogEntry[] = [];
