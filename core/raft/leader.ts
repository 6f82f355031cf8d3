/**
 * A leadership: what one replica does in one term in which it leads. It counts its own log only as far as that is
 * durable, and commits by counting entries of its own term alone (Figure 8).
 *
 * Leaves out: elections (election.ts), the window to one peer (progress.ts), snapshot chunks (snapshot.ts).
 */
import { assert } from '../base/assert.js';
import { EMPTY_BYTES } from '../base/bytes.js';
import { type Reject, reject } from '../base/reject.js';
import type { ReplicaId } from '../base/replica.js';
import { type Result, accept, refuse } from '../base/result.js';
import { type LogIndex, type Micros, type Term, logIndex } from '../base/units.js';
import type { RaftAppendAck, RaftHeartbeatAck, RaftReadIndex, RaftSnapshotAck } from '../wire/raft-messages.js';
import type { Configuration, ConfigurationChange, RaftEntryKind } from './api.js';
import { ByteWindow } from './byte-window.js';
import {
  changedTogether,
  encodeConfiguration,
  isMember,
  isQuorum,
  membersOf,
  quorumValue,
  settled,
} from './configuration.js';
import { Progress } from './progress.js';
import { type ReadAsker, ReadQueue } from './read-index.js';
import type { ReplicaState } from './replica-state.js';
import { RelayRoutes, relayableThrough } from './relay.js';
import { RestOffer, isCalm } from './rest.js';
import { Sender } from './sender.js';

export class Leader {
  readonly #state: ReplicaState;
  readonly rest: RestOffer;
  readonly #peers = new Map<ReplicaId, Progress>();
  readonly #sender: Sender;
  readonly #routes: RelayRoutes;
  readonly #reads = new ReadQueue();
  readonly #uncommitted: ByteWindow;
  /** The no-op that opens the term. */
  readonly #firstIndex: LogIndex;
  #transfer: { readonly to: ReplicaId; readonly until: number; isTold: boolean } | null = null;
  #quorumCheckedAt: Micros;

  constructor(now: Micros, state: ReplicaState) {
    this.#state = state;
    this.#sender = new Sender(state);
    this.#routes = new RelayRoutes(state, this.#peers);
    this.rest = new RestOffer(state, this.#peers);
    this.#quorumCheckedAt = now;
    this.#uncommitted = new ByteWindow(state.log.lastIndex);
    this.#syncPeers(now);
    this.#firstIndex = this.#append('noop', EMPTY_BYTES);
    this.heartbeat(now);
  }

  /** Until the no-op is committed this leader knows neither its commit index nor whether a change is pending. */
  get hasCommittedInTerm(): boolean {
    return this.#state.commit >= this.#firstIndex;
  }

  /** Its own removal (or demotion) is committed: leadership ends. */
  get isRemoved(): boolean {
    return !this.#state.isVoter && this.#state.configurations.newestIndex <= this.#state.commit;
  }

  matchOf(peer: ReplicaId): LogIndex | null {
    return this.#peers.get(peer)?.match ?? null;
  }

  propose(now: Micros, data: Uint8Array, fence: Term | null): Result<LogIndex> {
    const { config, term, isApplyFull, durability } = this.#state;
    if (fence !== null && fence !== term) return refuse(FENCED);
    if (this.#isTransferring(now)) return refuse(this.#moving());
    if (data.length > config.entryBytesMax) return refuse(TOO_LARGE);
    const bytes = this.#uncommitted.bytes;
    const isFull = bytes > 0 && bytes + data.length > config.uncommittedBytesMax;
    if (isFull || isApplyFull || durability.isSpaceShort) {
      const why = 'too much waits to be committed, applied or written';
      return refuse(reject('OVERLOADED', 'data', why, config.heartbeatIntervalUs));
    }
    return accept(this.#append('data', data));
  }

  proposeConfiguration(now: Micros, changes: readonly ConfigurationChange[]): Result<LogIndex> {
    const { config, configuration, configurations, commit } = this.#state;
    const wait = (subject: string, why: string): Result<LogIndex> =>
      refuse(reject('CONFIG_PENDING', subject, why, config.heartbeatIntervalUs));
    if (this.#isTransferring(now)) return refuse(this.#moving());
    if (!this.hasCommittedInTerm) return wait('group', "the term's first entry is not committed yet");
    const isPending = configurations.newestIndex > commit || configuration.outgoing !== null;
    if (isPending) return wait('group', 'another change is not committed yet');
    const next = changedTogether(configuration, changes, config.membersMax);
    if (!next.ok) return next;
    const lagging = changes.find(({ kind, replica }) => kind === 'promote' && !this.#hasCaughtUp(now, replica));
    if (lagging !== undefined) return wait(lagging.replica, 'the learner has not caught up yet');
    if (next.value.outgoing !== null) this.#state.mark('raft.joint-entered');
    return accept(this.#appendConfiguration(now, next.value));
  }

  /**
   * Leaves a joint configuration once it is committed, whoever led when it was entered; nothing refuses this (rules 24,
   * 31). Not before the term's own first commit: until then this leader does not know what is pending (rule 26).
   */
  finishJoint(now: Micros): void {
    const { configuration, configurations, commit, log, term } = this.#state;
    if (configuration.outgoing === null || !this.hasCommittedInTerm || configurations.newestIndex > commit) return;
    if (log.termAt(configurations.newestIndex) !== term) this.#state.mark('raft.joint-inherited');
    this.#appendConfiguration(now, settled(configuration));
    this.#state.mark('raft.joint-left');
  }

  transfer(now: Micros, to: ReplicaId): Result<null> {
    const { configuration, self, config } = this.#state;
    if (to === self) return accept(null);
    if (!configuration.voters.includes(to)) return refuse(reject('NODE_UNKNOWN', to, 'only a voter can lead'));
    if (this.#isTransferring(now)) {
      return refuse(reject('CONFIG_PENDING', to, 'a transfer is under way', config.electionTimeoutMinUs));
    }
    this.#transfer = { to, until: now + config.electionTimeoutMinUs, isTold: false };
    this.#state.isTouched = true;
    return accept(null);
  }

  /** Asks for the commit index, for whoever `asker` is; false when too many ask. */
  read(asker: ReadAsker): boolean {
    if (this.#reads.length >= this.#state.config.pendingReadsMax) return false;
    if (this.hasCommittedInTerm) this.#reads.add(asker, this.#state.commit);
    else this.#reads.addEarly(asker);
    this.#state.isTouched = true;
    return true;
  }

  onReadIndex(from: ReplicaId, message: RaftReadIndex): void {
    const { session, serial } = message;
    if (!this.#peers.has(from)) return this.#state.count('raft.not-a-member');
    if (!this.read({ kind: 'peer', replica: from, session, serial })) this.#state.count('raft.reads-overloaded');
  }

  onAppendAck(now: Micros, from: ReplicaId, ack: RaftAppendAck): void {
    const peer = this.#hearMatch(now, from, ack);
    if (peer === null) return;
    const rose = peer.onAck(now, { seq: ack.isRejected ? 0 : ack.seq, match: logIndex(ack.match) });
    if (ack.isRejected) {
      const hint = { index: logIndex(ack.hintIndex), term: ack.hintTerm as Term };
      const fit = this.#state.log.lastAtMost(hint) + 1;
      peer.onRejected(now, ack.seq, Math.max(1, Math.min(fit, peer.next - 1)));
    }
    if (rose) this.#advanceCommit();
  }

  onHeartbeatAck(now: Micros, from: ReplicaId, ack: RaftHeartbeatAck): void {
    const peer = this.#hearMatch(now, from, ack);
    if (peer === null) return;
    if (ack.round <= this.#reads.round && ack.round > peer.ackedRound) {
      peer.ackedRound = ack.round;
      this.#confirmReads();
    }
    this.rest.onTaken(peer, ack.restsIn);
    if (peer.onAck(now, { seq: ack.seq, match: logIndex(ack.match) })) this.#advanceCommit();
  }

  onSnapshotAck(now: Micros, from: ReplicaId, ack: RaftSnapshotAck): void {
    const peer = this.#hear(now, from, { seq: ack.seq, match: 0 });
    const transfer = peer?.transfer ?? null;
    if (transfer !== null && transfer.snapshot.index === ack.index) transfer.onAck(now, ack, this.#sender.newestSeq);
  }

  onPeerLost(now: Micros, peer: ReplicaId): void {
    this.#peers.get(peer)?.onLost(now, this.#sender.newestSeq);
    this.#state.isTouched = true;
  }

  /** More of this replica's own log is durable. */
  onDurable(): void {
    this.#advanceCommit();
  }

  /** Tells everybody who leads, how far they may commit, and which reads wait for an answer. */
  heartbeat(now: Micros): void {
    const { config } = this.#state;
    if (this.#transfer !== null && this.#isTransferring(now)) this.#transfer.isTold = false;
    this.reviewRest(now);
    this.rest.offer(now);
    for (const [id, peer] of this.#peers) {
      if (this.rest.isTakenBy(peer)) continue;
      if (peer.isStalled(now, config.stallProbeUs) && peer.isAlive(now, config.electionTimeoutMaxUs)) {
        this.#routes.onStalled(now, id, peer, this.#sender.newestSeq);
        this.#sender.sendStallProbe(now, id, peer);
      }
      this.#sendBeat(id, peer);
    }
  }

  /** Whether a quorum was heard since the last time this was asked. */
  checkQuorum(now: Micros): boolean {
    const { configuration, self } = this.#state;
    const since = this.#quorumCheckedAt;
    this.#quorumCheckedAt = now;
    return isQuorum(configuration, (voter) => {
      const peer = this.#peers.get(voter);
      if (voter === self || peer === undefined) return voter === self;
      return this.rest.isTakenBy(peer) || (peer.heardAt !== null && peer.heardAt >= since);
    });
  }

  /** Sends what may be sent: appends, snapshot chunks, new rounds of reads, the word to take over. */
  flush(now: Micros): void {
    this.reviewRest(now);
    if (this.#reads.closeRound()) {
      for (const [id, peer] of this.#peers) this.#sendBeat(id, peer);
      this.#confirmReads();
    }
    this.#routes.review(now, this.#sender.newestSeq);
    for (const [id, peer] of this.#peers) {
      const through = peer.relay === null ? logIndex(0) : relayableThrough(this.#state, this.#peers.get(peer.relay));
      this.#sender.flush(now, id, peer, this.rest.epoch, through);
    }
    this.#sender.flushOrders();
    this.#flushTransfer(now);
  }

  /** Takes the offer of rest back when there is something to do. */
  reviewRest(now: Micros): void {
    const isQuiet = isCalm(this.#state) && this.hasCommittedInTerm && this.#reads.length === 0;
    this.rest.review(now, isQuiet && !this.#isTransferring(now));
  }

  /** The time of a rest says nothing about who can be heard. */
  onWoken(now: Micros): void {
    this.#quorumCheckedAt = now;
  }

  /** The best successor of a leader that leaves: the voter with the longest log; null when there is none. */
  bestSuccessor(): ReplicaId | null {
    let best: ReplicaId | null = null;
    let bestMatch = -1;
    for (const voter of this.#state.configuration.voters) {
      const match = this.#peers.get(voter)?.match ?? -1;
      if (match > bestMatch) [best, bestMatch] = [voter, match];
    }
    return best;
  }

  /** Leadership is over: reads of this host are lost; those of peers are asked again by them. */
  abandon(): void {
    for (const asker of this.#reads.takeAll()) {
      if (asker.kind === 'self') this.#state.loseRead(asker.context);
    }
  }

  #sendBeat(id: ReplicaId, peer: Progress): void {
    this.#sender.sendHeartbeat(id, peer, this.#reads.round, this.rest.saidTo(id, peer));
  }

  /** Peers come and go with the configuration in force. */
  #syncPeers(now: Micros): void {
    const { configuration, self, log } = this.#state;
    for (const id of membersOf(configuration)) {
      if (id !== self && !this.#peers.has(id)) this.#peers.set(id, new Progress(now, logIndex(log.lastIndex + 1)));
    }
    for (const id of this.#peers.keys()) if (!isMember(configuration, id)) this.#peers.delete(id);
  }

  #appendConfiguration(now: Micros, configuration: Configuration): LogIndex {
    const index = this.#append('configuration', encodeConfiguration(configuration));
    this.#syncPeers(now);
    return index;
  }

  #append(kind: RaftEntryKind, bytes: Uint8Array): LogIndex {
    const state = this.#state;
    const index = logIndex(state.log.lastIndex + 1);
    state.append({ index, term: state.term, kind, bytes }, kind === 'configuration' || state.dataLeavesEarly);
    this.#uncommitted.push(kind === 'data' ? bytes.length : 0);
    return index;
  }

  /** The peer that this answer is of; null when it is none of ours or claims what cannot be. */
  #hear(now: Micros, from: ReplicaId, ack: { readonly seq: number; readonly match: number }): Progress | null {
    const peer = this.#peers.get(from);
    const isPossible = ack.match <= this.#state.log.lastIndex && ack.seq <= this.#sender.newestSeq;
    if (peer === undefined) this.#state.count('raft.not-a-member');
    else if (!isPossible) this.#state.count('raft.malformed');
    else {
      peer.heardAt = now;
      this.#state.isTouched = true;
      return peer;
    }
    return null;
  }

  /** `#hear` for answers that say how far the peer's log matches. */
  #hearMatch(now: Micros, from: ReplicaId, ack: RaftAppendAck | RaftHeartbeatAck): Progress | null {
    const peer = this.#hear(now, from, ack);
    if (peer === null || (!peer.isRecovering && !ack.isRecovering)) return peer;
    // A disk may be damaged again before it is repaired: then a rejection shows a gap below what was vouched for.
    const hasLostMore = 'isRejected' in ack && ack.isRejected && ack.hintIndex < peer.match;
    if (peer.isRecovering && ack.isRecovering && !hasLostMore) return peer;
    if (!ack.isRecovering) {
      // What it has vouched for until now counts from here on.
      peer.isRecovering = false;
      this.#advanceCommit();
      return peer;
    }
    // The one case in which a match falls: the peer's disk has lost what it had vouched for.
    const anew = new Progress(now, logIndex(this.#state.log.lastIndex + 1));
    anew.heardAt = now;
    anew.isRecovering = true;
    this.#peers.set(from, anew);
    return anew;
  }

  #advanceCommit(): void {
    const state = this.#state;
    const { self, log, configuration } = state;
    const reached = quorumValue(configuration, (voter) =>
      voter === self ? log.durableIndex : (this.#peers.get(voter)?.countedMatch ?? 0),
    );
    // Only an entry of this term commits by counting; with it, all before it (thesis §3.6.2).
    if (reached <= state.commit || log.termAt(logIndex(reached)) !== state.term) return;
    const isFirst = !this.hasCommittedInTerm;
    state.advanceCommit(logIndex(reached));
    this.#uncommitted.release(logIndex(reached));
    if (isFirst) {
      assert(this.hasCommittedInTerm, 'the first commit of a term is its no-op or later');
      this.#reads.admitEarly(state.commit);
    }
  }

  #confirmReads(): void {
    const { self, configuration } = this.#state;
    const round = quorumValue(configuration, (voter) =>
      voter === self ? this.#reads.round : (this.#peers.get(voter)?.ackedRound ?? 0),
    );
    for (const { asker, index } of this.#reads.takeConfirmed(round)) {
      if (asker.kind === 'self') this.#state.answerRead(asker.context, index);
      else this.#sender.sendReadAnswer(asker, index);
    }
  }

  #hasCaughtUp(now: Micros, learner: ReplicaId): boolean {
    const { log, config } = this.#state;
    const peer = this.#peers.get(learner);
    if (peer === undefined || peer.phase !== 'replicate' || peer.isRecovering) return false;
    const isThere = peer.isAlive(now, config.electionTimeoutMinUs) || (this.rest.isTakenBy(peer) && this.#state.isPresent(learner));
    return isThere && peer.match + config.promotionLagMax >= log.lastIndex;
  }

  #moving(): Reject {
    const why = 'leadership is being transferred';
    return reject('NOT_LEADER', 'group', why, this.#state.config.heartbeatIntervalUs);
  }

  #isTransferring(now: Micros): boolean {
    if (this.#transfer !== null && now >= this.#transfer.until) this.#transfer = null;
    return this.#transfer !== null;
  }

  #flushTransfer(now: Micros): void {
    if (!this.#isTransferring(now) || this.#transfer === null || this.#transfer.isTold) return;
    if (this.#peers.get(this.#transfer.to)?.match !== this.#state.log.lastIndex) return;
    this.#transfer.isTold = true;
    this.#sender.sendTimeoutNow(this.#transfer.to);
  }

  checkInvariants(): void {
    const { log, commit } = this.#state;
    assert(log.termAt(log.lastIndex) !== null && this.#firstIndex <= log.lastIndex, 'a leader never truncates');
    for (const peer of this.#peers.values()) peer.checkInvariants(log.lastIndex);
    assert(this.#reads.length <= this.#state.config.pendingReadsMax, 'reads are bounded');
    assert(commit <= log.lastIndex, 'commit at most last');
  }
}

const FENCED = reject('FENCED', 'fence', 'the term has changed: find out what became of the proposal');
const TOO_LARGE = reject('PAYLOAD_TOO_LARGE', 'data', 'one entry holds no more than entryBytesMax');
