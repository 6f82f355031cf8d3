/**
 * What a stream's source adds to its membership: publishers, numbering and staging, uploads, and bringing what is
 * staged into the log.
 */
import { type Reject, reject } from '../../base/reject.js';
import { type Result, accept, refuse } from '../../base/result.js';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { crc32c } from '../../base/crc32c.js';
import { type Micros, micros, streamSeq } from '../../base/units.js';
import type { BatchRecord, ControlBody, StreamDescriptor } from '../../wire/group-messages.js';
import type { AdmissionSeat } from '../admission/admission.js';
import type { GroupContext, SessionWatermarks } from '../context.js';
import { ControlWaiters } from './control-waiters.js';
import { messageCost } from './cost.js';
import { type Offer, malformation } from './offer.js';
import { Proposer, type ProposerPorts } from './proposer.js';
import { FREE_ID_CHARS_MAX } from './free-ids.js';
import type { LeaderView } from '../leader-view.js';
import { type Level, type LevelSeqs, Publishers } from './publishers.js';
import { Staging } from './staging.js';
import type { StreamLog } from './stream-log.js';
import { StreamWindow } from './stream-window.js';
import { Uploads } from './uploads.js';

/** What became of an offer. `seq` is 0 for a chunk that is not its message's last. */
export interface Taken {
  readonly seq: number;
  readonly isRepeat: boolean;
}

/** What an operator may tell the stream. */
export type StreamChange = Exclude<ControlBody, { kind: 'raise' }>;

/** Where a producer stands. */
export interface ProducerPlace {
  readonly lastProducerSeq: number;
  readonly epoch: number;
}

export class StreamSource {
  readonly publishers: Publishers;
  readonly staging: Staging;
  /** Operators whose changes are not admitted yet. */
  readonly waiters: ControlWaiters;
  /** Where its publishers' offers are admitted. */
  readonly seat: AdmissionSeat;
  readonly #context: GroupContext;
  readonly #descriptor: StreamDescriptor;
  readonly #log: StreamLog;
  readonly #uploads: Uploads;
  readonly #proposer: Proposer;
  readonly #isIntact: boolean;
  #sentAccepted = 0;
  /** Offered and not durable; `#freshCost` of it has not even been waited for. */
  #undurableCost = 0;
  #freshCost = 0;
  #now: Micros = micros(0);
  readonly #window: StreamWindow;
  readonly #onNeedsTurn: () => void;

  constructor(context: GroupContext, descriptor: StreamDescriptor, log: StreamLog, seat: AdmissionSeat, ports: ProposerPorts) {
    this.#context = context;
    this.#descriptor = descriptor;
    this.#window = new StreamWindow(descriptor.bytesMax, context.config.chunkBytesMax + context.config.headersBytesMax);
    this.#log = log;
    this.#onNeedsTurn = ports.onNeedsTurn;
    this.seat = seat;
    this.publishers = new Publishers(context, descriptor.stream, (producer, request) => {
      this.#uploads.abandon(producer);
      seat.forget(request);
    });
    this.waiters = new ControlWaiters(context, descriptor.stream);
    const onDurable = (): void => {
      this.#dropAdmitted();
      ports.onNeedsTurn();
    };
    this.staging = new Staging(context, descriptor.stream, onDurable, (producer) => this.publishers.onMoved(producer));
    this.#uploads = new Uploads(context, descriptor.stream);
    this.#proposer = new Proposer(context, this.staging, ports, context.deadlines, descriptor.stream);
    this.#isIntact = this.staging.restore();
    this.#uploads.restore(this.staging.uploadOwners());
  }

  /** False: the journal's staging rows do not decode, so nothing may be numbered here. */
  get isIntact(): boolean {
    return this.#isIntact;
  }

  /** What is accepted, or arriving, and not settled everywhere (core/groups/dsg/cost.ts). */
  get outstandingBytes(): number {
    return this.#completeCost + this.#uploads.cost;
  }

  /** What `producer` may offer: nothing while the mesh is CRITICAL. */
  creditBytesOf(producer: string): number {
    if (this.#context.closedBecause('streams') !== null) return 0;
    const { publisherWindowBytes } = this.#context.config;
    return Math.max(0, Math.min(publisherWindowBytes - this.#undurableCost, this.#roomFor(producer)) - this.seat.waitingBytes);
  }

  /** What was taken and is on its way to the disk. */
  get undurableBytes(): number {
    return this.#undurableCost;
  }

  /** OUTBOX_FULL when there is no room for so much more to wait; `promisedBytes` as for `offer`. */
  refusalOfWaiting(producer: string, bytes: number, promisedBytes: number): Reject | null {
    return this.seat.waitingBytes + bytes > this.#roomFor(producer) + promisedBytes ? this.#full() : null;
  }

  /**
   * Ends what else is open of the producer and gives its place, to be told once everything up to it is durable: a place
   * that a crash takes back would let its application go on behind messages that are gone. Without an epoch the
   * producer is opened anew: its epoch is raised, and whoever goes on under an older one is FENCED.
   */
  prepareAttach(producer: string, epoch: number | null): Result<ProducerPlace> {
    const why = this.#refusal(producer) ?? (epoch === null ? this.#tooManyControls() : this.#notOfEpoch(producer, epoch));
    if (why !== null) return refuse(why);
    this.#uploads.abandon(producer);
    this.publishers.fence(producer);
    if (epoch === null) this.#raise(producer);
    return accept(this.placeOf(producer));
  }

  /** Stages what the stream is told beside messages; `request` is answered when it is admitted. */
  control(request: number, body: StreamChange): Reject | null {
    const why = body.kind === 'expire' ? this.#refusal(body.producer) : this.#closed();
    const full = why ?? this.#tooManyControls();
    if (full !== null) return full;
    if (body.kind === 'expire') {
      this.#uploads.abandon(body.producer);
      this.publishers.endProducer(body.producer, expired(body.producer));
      this.staging.producers.expire(body.producer);
    }
    this.waiters.wait(request, this.staging.stageControl(body, body.kind === 'expire' ? body.producer : ''));
    return null;
  }

  /** Nobody waits any more for the answer to a publish or a change. */
  forget(request: number): void {
    this.publishers.forgetWaiter(request);
    this.waiters.forget(request);
  }

  placeOf(producer: string): ProducerPlace {
    return { lastProducerSeq: this.staging.producers.lastOf(producer), epoch: this.staging.producers.epochOf(producer) };
  }

  /**
   * Takes an offer under `epoch`. A repeat is taken and changes nothing; DUPLICATE when it is too old to say what it
   * got. FENCED: the producer was opened since. OUTBOX_FULL names the target that holds the stream up; `promisedBytes`
   * is what the publisher was told that it may offer beyond.
   */
  offer(now: Micros, producer: string, epoch: number, offered: Offer, promisedBytes = 0): Result<Taken> {
    this.#now = now;
    const why = this.#refusal(producer) ?? this.#notOfEpoch(producer, epoch) ?? malformation(this.#context.config, offered);
    if (why !== null) return refuse(why);
    const known = offered.freeId === undefined ? null : this.#known(offered.freeId);
    if (known !== null) return known;
    if (offered.producerSeq <= this.staging.producers.lastOf(producer)) return this.#repeat(producer, offered.producerSeq);
    const cost = messageCost(offered);
    if (cost > this.#roomFor(producer) + promisedBytes) return refuse(this.#full());
    const record: BatchRecord = {
      producerSeq: offered.producerSeq,
      checksum: crc32c(offered.payload),
      headers: offered.headers,
      digest: offered.digest ?? EMPTY_BYTES,
      freeId: offered.freeId ?? '',
      payload: offered.payload,
    };
    this.#undurableCost += cost;
    this.#freshCost += cost;
    if (offered.chunkCount === 1) {
      this.#uploads.abandon(producer);
      return accept({ seq: this.staging.stage(now, producer, record), isRepeat: false });
    }
    const added = this.#uploads.add(now, producer, record, offered.chunkSeq, offered.chunkCount);
    if (!added.ok) return added;
    if (added.value === null) return accept({ seq: 0, isRepeat: false });
    const { baseMessageId, blobs } = added.value;
    const { seq, upload } = this.staging.stageUpload(producer, offered.producerSeq, baseMessageId, blobs);
    this.#uploads.recordNumber(seq, producer, added.value, upload);
    return accept({ seq, isRepeat: false });
  }

  /** Something is staged that the stream has not admitted. */
  get hasWork(): boolean {
    return this.staging.firstNo < this.staging.endNo;
  }

  /** Something here waits for the end of CRITICAL, or may: what is staged, or a publisher without credit. */
  get waitsForMesh(): boolean {
    return this.hasWork || this.publishers.sessionCount > 0;
  }

  /** Something waits for the flow to the leader. */
  get isBehind(): boolean {
    return this.#proposer.isBehind;
  }

  levels(): LevelSeqs {
    const { state } = this.#log;
    return { accepted: this.staging.durableSeq, replicated: state.lastSeq, completed: state.completed };
  }

  isAt(level: Level, seq: number): boolean {
    return seq <= this.levels()[level];
  }

  onLeader(leader: LeaderView): void {
    this.#proposer.onLeader(leader);
  }

  onPeerLost(node: Parameters<Proposer['onPeerLost']>[0]): void {
    this.#proposer.onPeerLost(node);
  }

  /** The log has admitted up to here. */
  onAdmitted(now: Micros, producer: string | null): void {
    this.#dropAdmitted();
    if (producer !== null) this.publishers.onMoved(producer);
    this.#proposer.onProgress(now);
    // There is room in the window again, or nothing left before the close.
    if (this.#proposer.isBehind || this.staging.isClosing) this.#onNeedsTurn();
  }

  beforeTake(now: Micros): void {
    this.#now = now;
    this.staging.producers.nowMs = this.#context.wallMs(now);
    this.staging.onTurn();
    this.#awaitDurability();
    this.#proposer.pump(now);
  }

  /** Tells publishers and oracles what has moved. */
  afterTake(): void {
    this.seat.onStaged(this.outstandingBytes);
    if (this.#window.note(this.#descriptor.bytesMax - this.#completeCost)) this.#context.emit({ kind: 'notice', notice: WINDOW_CLOSED });
    this.publishers.onCompleted(this.#log);
    const levels = this.levels();
    if (levels.accepted > this.#sentAccepted) {
      this.#sentAccepted = levels.accepted;
      const { stream } = this.#descriptor;
      this.#context.emit({ kind: 'notice', notice: { kind: 'stream-accepted', stream, seq: streamSeq(levels.accepted) } });
    }
    this.publishers.update(levels, (producer, completed) => this.#watermarksOf(producer, completed));
  }

  checkInvariants(): void {
    this.staging.checkInvariants();
  }

  #dropAdmitted(): void {
    const { next, controlNo } = this.#log.state;
    this.staging.onAdmitted(next.seq, next.chunkSeq, controlNo);
    this.waiters.onAdmitted(controlNo);
  }

  #raise(producer: string): void {
    const epoch = this.staging.producers.raise(producer);
    this.staging.stageControl({ kind: 'raise', producer, epoch }, producer);
    if (epoch > 1) this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.producer-fenced' } });
  }

  #tooManyControls(): Reject | null {
    const { controlsMax, repeatUs } = this.#context.config;
    if (this.staging.controlCount < controlsMax) return null;
    return reject('OVERLOADED', 'stream', `${controlsMax} openings and changes wait for the stream's group`, repeatUs);
  }

  #notOfEpoch(producer: string, epoch: number): Reject | null {
    const current = this.staging.producers.epochOf(producer);
    if (epoch === current) return null;
    if (epoch < current) return reject('FENCED', producer, `it was opened since, in epoch ${current}; do not retry with epoch ${epoch}`);
    return reject('INVALID_ARGUMENT', 'epoch', `${producer} is in epoch ${current}; open it to get a newer one`);
  }

  get #completeCost(): number {
    return this.staging.stagedCost + this.#log.unsettledCost;
  }

  #roomFor(producer: string): number {
    return this.#descriptor.bytesMax - this.#completeCost - this.#uploads.costFor(producer);
  }

  #awaitDurability(): void {
    if (this.#freshCost === 0) return;
    const cost = this.#freshCost;
    this.#freshCost = 0;
    this.#context.afterDurable(() => {
      this.#undurableCost -= cost;
      this.seat.onDurable(cost);
      this.#onNeedsTurn();
    });
  }

  #watermarksOf(producer: string, completed: number): SessionWatermarks {
    return {
      accepted: this.staging.producers.durableLastOf(producer),
      replicated: this.#log.state.producers.get(producer)?.last ?? 0,
      completed,
      creditBytes: this.creditBytesOf(producer),
    };
  }

  /** As `offer`, of a message that counts nothing: its publisher recognises it by an id of its own. */
  offerFree(now: Micros, producer: string, epoch: number, offered: Omit<Offer, 'producerSeq'> & { readonly freeId: string }): Result<Taken> {
    const { freeIdsMax } = this.#descriptor;
    const { freeId, chunkCount } = offered;
    const isGood = freeId.length >= 1 && freeId.length <= FREE_ID_CHARS_MAX && chunkCount === 1;
    if (!isGood) return refuse(reject('INVALID_ARGUMENT', 'messageId', `it has 1 to ${FREE_ID_CHARS_MAX} characters, and its message one chunk`));
    if (freeIdsMax === 0) return refuse(reject('INVALID_ARGUMENT', 'messageId', 'the stream recognises no message ids; count its messages'));
    return this.offer(now, producer, epoch, { ...offered, producerSeq: this.staging.producers.lastOf(producer) + 1 });
  }

  /** What became of a message of that id, while it is recognised; a refusal as long as nobody here can know. */
  #known(freeId: string): Result<Taken> | null {
    const { state } = this.#log;
    const seq = this.staging.seqOfFreeId(freeId) ?? state.freeIds.seqOf(freeId);
    if (seq !== null) return accept({ isRepeat: true, seq });
    if (this.staging.firstUnadmittedSeq <= state.next.seq) return null;
    const detail = 'after its start the source has not heard yet what the stream holds; try again';
    return refuse(reject('NO_QUORUM', this.#descriptor.stream, detail, this.#context.config.repeatUs));
  }

  #repeat(producer: string, producerSeq: number): Result<Taken> {
    const { producers } = this.staging;
    const seq = producers.resultOf(producer, producerSeq);
    if (seq !== null) return accept({ seq, isRepeat: true });
    const last = producers.lastOf(producer);
    if (producers.wasPassedOver(producer, producerSeq)) {
      const detail = `it was never taken and ${producer} is at ${last} by now; publish the message again under a later number`;
      return refuse(reject('PRODUCER_GAP', `producerSeq ${producerSeq}`, detail));
    }
    return refuse(
      reject('DUPLICATE', `producerSeq ${producerSeq}`, `it was published before; ${producer} is at ${last}, go on from there`),
    );
  }

  #refusal(producer: string): Reject | null {
    const closed = this.#closed();
    if (closed !== null) return closed;
    if (producer === '' || producer.length > PRODUCER_NAME_CHARS_MAX) {
      return reject('INVALID_ARGUMENT', 'producer', `a producer's name has 1 to ${PRODUCER_NAME_CHARS_MAX} characters`);
    }
    const { producers } = this.staging;
    if (producers.isExpired(producer)) {
      return expired(producer);
    }
    return producers.has(producer) ? null : this.#noRoom();
  }

  /** A new producer comes: those that were idle for long make room for it. */
  #noRoom(): Reject | null {
    const { producers } = this.staging;
    const { producersMax, expiredProducersMax, producerIdleMs } = this.#context.config;
    const isFull = producers.count >= producersMax;
    producers.nowMs = this.#context.wallMs(this.#now);
    if (isFull || producers.count % LOOK_EVERY_PRODUCERS === LOOK_EVERY_PRODUCERS - 1) this.#expireIdle(producerIdleMs);
    if (producers.count < producersMax && producers.expiredCount < expiredProducersMax) return null;
    return reject('TOO_MANY', 'producer', `the stream has ${producers.count} producers, and ${producers.expiredCount} that have expired; use one that it has`);
  }

  #expireIdle(idleMs: number): void {
    for (const producer of this.staging.producers.idle(idleMs, EXPIRED_AT_ONCE_MAX)) {
      if (this.publishers.hasSession(producer) || this.#tooManyControls() !== null) continue;
      this.#uploads.abandon(producer);
      this.staging.producers.expire(producer);
      this.staging.stageControl({ kind: 'expire', producer }, producer);
      this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.producer-expired' } });
    }
  }

  #closed(): Reject | null {
    const { stream } = this.#descriptor;
    if (this.staging.isClosing || this.#log.state.isClosed) {
      return reject('STREAM_CLOSED', stream, 'the stream was closed; open another one');
    }
    return this.#isIntact ? null : reject('JOURNAL_FAILED', stream, 'its staging cannot be read; repair the data directory');
  }

  #full(): Reject {
    const { state } = this.#log;
    const slowest = state.targets.slowest()?.node ?? this.#descriptor.source;
    const { isPaused } = state.paceOf(slowest);
    const detail = `the stream holds ${this.outstandingBytes} unsettled bytes of at most ${this.#descriptor.bytesMax}; target ${slowest} ${isPaused ? 'is paused' : 'is the slowest'}, at ${state.settledOf(slowest)}`;
    return reject('OUTBOX_FULL', `target ${slowest}`, detail, this.#context.config.repeatUs);
  }
}

const expired = (producer: string): Reject =>
  reject('PRODUCER_EXPIRED', producer, 'what it published is forgotten; go on under another name');

const WINDOW_CLOSED = { kind: 'mark', name: 'stream.window-closed' } as const;
const PRODUCER_NAME_CHARS_MAX = 128;
/** Idle ones are looked for when there is no room, and now and then. */
const LOOK_EVERY_PRODUCERS = 256;
const EXPIRED_AT_ONCE_MAX = 64;
