/**
 * All flows between this node and one peer: whose boots they belong to, when an ack leaves, when the peer is asked.
 *
 * A flow lives between two boots and both are in every frame. Nothing is sent before the peer's boot is known: an end
 * that has something to send and does not know it, or has no credit, sends a *probe*, an ack that asks for one which
 * tells every flow. A frame meant for another boot of this end is not used, but answered the same way, so that its
 * sender learns of the new one. Hence no message can be taken by two boots of its receiver.
 *
 * Acks, credit, probes and answers share one frame for each peer and turn (`takeAck`).
 */
import { assert } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import { type Micros, NEVER, micros } from '../base/units.js';
import { FlowAck, type FlowProgress } from '../wire/flow-messages.js';
import { EMPTY_HEADER, type Header, MSG_TYPES } from '../wire/header.js';
import { AckSchedule } from './ack-schedule.js';
import { type BootId, UNKNOWN_BOOT, compareBoot } from './boot.js';
import type { FlowConfig } from './config.js';
import type { FlowFact } from './facts.js';
import { FlowReceiver } from './receiver.js';
import { RttEstimator } from './rtt.js';
import { FlowSender, type SendPort } from './sender.js';

export interface PeerFlowsOptions {
  readonly config: FlowConfig;
  readonly deadlines: DeadlineHeap;
  readonly emit: (fact: FlowFact) => void;
  readonly peer: NodeId;
  /** Of this end, for this peer. */
  readonly boot: BootId;
  /** There is something for `takeAck` to look at in the coming turn. */
  readonly onAckPending: (flows: PeerFlows) => void;
}

export class PeerFlows implements SendPort, DeadlineOwner {
  readonly peer: NodeId;
  readonly boot: BootId;
  readonly rtt: RttEstimator;
  readonly #config: FlowConfig;
  readonly #deadlines: DeadlineHeap;
  readonly #emit: (fact: FlowFact) => void;
  readonly #onAckPending: (flows: PeerFlows) => void;

  readonly #senders: (FlowSender | null)[];
  readonly #receivers: (FlowReceiver | null)[];
  readonly #retransmits: Deadline[];
  readonly #probe: Deadline;
  readonly #ack: Deadline;

  #peerBoot: BootId = UNKNOWN_BOOT;
  #isReachable = true;

  readonly #schedule: AckSchedule;
  #probesInVain = 0;
  /** Kept by `Flows`: whether this is on its list for the coming turn. */
  isListed = false;

  constructor(options: PeerFlowsOptions) {
    this.peer = options.peer;
    this.boot = options.boot;
    this.#config = options.config;
    this.#deadlines = options.deadlines;
    this.#emit = options.emit;
    this.#onAckPending = options.onAckPending;
    this.rtt = new RttEstimator(options.config);
    const classCount = options.config.trafficClasses.length;
    this.#senders = new Array<FlowSender | null>(classCount).fill(null);
    this.#receivers = new Array<FlowReceiver | null>(classCount).fill(null);
    this.#schedule = new AckSchedule(classCount);
    this.#retransmits = [];
    for (let i = 0; i < classCount; i++) {
      this.#retransmits.push(this.#deadlines.allocate(this, 'flow-retransmit', this.peer));
    }
    this.#probe = this.#deadlines.allocate(this, 'flow-probe', this.peer);
    this.#ack = this.#deadlines.allocate(this, 'flow-ack', this.peer);
  }

  get isOpen(): boolean {
    return this.#isReachable && this.#peerBoot !== UNKNOWN_BOOT;
  }

  /** Whether every message was acknowledged. */
  get isIdle(): boolean {
    for (const sender of this.#senders) if (sender !== null && !sender.isIdle) return false;
    return true;
  }

  queuedBytes(flowClass: number): number {
    return this.#senders[flowClass]?.queuedBytes ?? 0;
  }

  /** Numbers for diagnosis and for checkers. */
  view() {
    return {
      boot: this.boot,
      peerBoot: this.#peerBoot,
      isReachable: this.#isReachable,
      srttUs: this.rtt.srttUs,
      senders: this.#senders.map((sender) => sender?.view() ?? null),
      receivers: this.#receivers.map((receiver) => receiver?.view() ?? null),
    };
  }

  send(now: Micros, flowClass: number, message: readonly Uint8Array[]): boolean {
    const sender = this.#sender(flowClass);
    const isTaken = sender.send(now, message);
    if (sender.isStalled) this.#askSoon(now);
    return isTaken;
  }

  /** A frame of `msgType` FLOW_DATA or FLOW_ACK. */
  onFrame(now: Micros, header: Header, payload: Uint8Array): void {
    const known = this.#peerBoot;
    if (this.#acceptBoots(now, header)) {
      if (header.msgType === MSG_TYPES.FLOW_DATA) this.#onData(now, header, payload);
      else this.#onAck(now, payload);
    }
    // The frame that shows a new boot may bring its credit too.
    if (this.#peerBoot !== known && this.#hasStalled()) this.#askNow();
  }

  onConsumed(now: Micros, flowClass: number, bytes: number): void {
    const receiver = this.#receivers[flowClass] ?? null;
    const excess = receiver === null ? bytes : receiver.onConsumed(bytes);
    if (excess > 0) this.#count('flow.consumed-unknown', excess);
    if (receiver !== null && receiver.isCreditDue) this.#announceBy(flowClass, now);
  }

  onPathChanged(now: Micros): void {
    this.#isReachable = true;
    this.rtt.reset();
    this.#probesInVain = 0;
    for (const sender of this.#senders) sender?.onPathChanged(now);
    // An ack or an announcement of credit may have died with the path.
    this.#announceAll(now);
    if (this.#hasStalled()) this.#askNow();
  }

  onUnreachable(): void {
    this.#isReachable = false;
    this.#ack.disarm();
    this.#probe.disarm();
    for (const sender of this.#senders) sender?.onUnreachable();
  }

  onReachable(now: Micros): void {
    if (!this.#isReachable) {
      this.onPathChanged(now);
    } else if (this.#hasStalled()) {
      // A peer that was never reachable before: its flows have asked in vain.
      this.#probesInVain = 0;
      this.#askNow();
    }
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline === this.#ack) return this.#list();
    if (deadline === this.#probe) return this.#onProbeDue();
    this.#senders[this.#retransmits.indexOf(deadline)]?.onRetransmitDue(now);
  }

  /**
   * At a turn: emits the one ack frame that is due. True when something is left that a later turn must look at; the
   * deadline for it is armed.
   */
  takeAck(now: Micros): boolean {
    if (!this.#isReachable) return false;
    if (!this.#schedule.isDue(now)) {
      if (this.#schedule.dueAt === NEVER) return false;
      this.#ack.armNoLater(this.#schedule.dueAt);
      return true;
    }
    const flows: FlowProgress[] = [];
    const isProbe = this.#schedule.take((flowClass) => {
      flows.push(this.#receiver(flowClass).announce(flowClass));
    });
    if (isProbe) this.#probe.arm(micros(now + this.#probeIntervalUs()));
    this.#emitFrame(MSG_TYPES.FLOW_ACK, 0, 0, [FlowAck.encode({ isProbe, flows })], this.#config.ackTrafficClass);
    return false;
  }

  /** Ends every timer: the peer is being forgotten. */
  close(): void {
    for (const sender of this.#senders) sender?.onUnreachable();
    this.#ack.disarm();
    this.#probe.disarm();
  }

  transmit(flowClass: number, seq: number, message: readonly Uint8Array[]): void {
    const trafficClass = this.#config.trafficClasses[flowClass] as number;
    this.#emitFrame(MSG_TYPES.FLOW_DATA, flowClass, seq, message, trafficClass);
  }

  onRetransmit(reason: 'timeout' | 'gap' | 'path', count: number): void {
    this.#count(`flow.retransmitted-${reason}`, count);
  }

  onWritable(flowClass: number): void {
    this.#emit({ kind: 'flow-writable', peer: this.peer, flowClass });
  }

  checkInvariants(): void {
    for (const sender of this.#senders) sender?.checkInvariants();
    for (const receiver of this.#receivers) receiver?.checkInvariants();
    this.#schedule.checkInvariants();
    const isWaiting = this.#schedule.isProbe || this.#schedule.dueAt !== NEVER;
    assert(!this.#isReachable || !isWaiting || this.isListed, 'an ack is not forgotten');
    const isAsking = this.#schedule.isProbe || this.#probe.isArmed;
    assert(!this.#isReachable || !this.#hasStalled() || isAsking, 'a stalled flow asks its peer');
    assert(this.#isReachable || !this.#probe.isArmed, 'nobody is asked who cannot be reached');
    if (this.#peerBoot !== UNKNOWN_BOOT) return;
    for (const sender of this.#senders) {
      assert(sender === null || sender.view().sentCost === 0, 'nothing is sent to an unknown boot');
    }
  }

  /** Whether the frame belongs to the flows between the two present boots; learns and tells boots on the way. */
  #acceptBoots(now: Micros, header: Header): boolean {
    if (header.sourceReplica === 0 || header.sourceBoot === 0) return this.#drop('no-boot');
    const age = compareBoot(header.sourceReplica, header.sourceBoot, this.#peerBoot);
    if (age < 0) return this.#drop('old-boot');
    if (age > 0) this.#onPeerBoot(now, { replica: header.sourceReplica, counter: header.sourceBoot });
    const aim = compareBoot(header.targetReplica, header.targetBoot, this.boot);
    if (aim === 0) return true;
    // A boot of this node that has not been: not answered, for this end is the one that is wrong.
    if (aim > 0) return this.#drop('future-target');
    this.#announceAll(now);
    // An end that has yet to learn this boot asks with an ack; that is no fault.
    return header.targetReplica === 0 && header.msgType === MSG_TYPES.FLOW_ACK ? false : this.#drop('old-target');
  }

  #onPeerBoot(now: Micros, boot: BootId): void {
    const isFirst = this.#peerBoot === UNKNOWN_BOOT;
    this.#peerBoot = boot;
    this.#probesInVain = 0;
    if (!isFirst) {
      for (const receiver of this.#receivers) receiver?.reset();
      for (const sender of this.#senders) sender?.reset();
      this.#probe.disarm();
      this.#schedule.unask();
      this.#emit({ kind: 'flow-peer-lost', peer: this.peer });
      for (const sender of this.#senders) sender?.tellWritable();
    }
    // Credit is what opens a flow, so tell it to the new boot before it asks.
    this.#announceAll(now);
  }

  #onData(now: Micros, header: Header, payload: Uint8Array): void {
    const flowClass = header.flowClass;
    if (flowClass >= this.#receivers.length) return void this.#drop('unknown-class');
    if (header.seq === 0) return void this.#drop('malformed');
    if (payload.length > this.#config.messageBytesMax) return void this.#drop('oversize');
    const receiver = this.#receiver(flowClass);
    const arrival = receiver.onData(header.seq, payload);
    if (arrival === 'in-order' && !receiver.isAckDue) {
      this.#announceBy(flowClass, micros(now + this.#config.ackDelayUs));
      return;
    }
    if (arrival !== 'in-order' && arrival !== 'early') this.#drop(arrival);
    this.#announceBy(flowClass, now);
  }

  #onAck(now: Micros, payload: Uint8Array): void {
    const ack = FlowAck.decode(payload);
    if (ack === null) return void this.#drop('malformed');
    if (ack.isProbe) this.#announceAll(now);
    for (const progress of ack.flows) {
      if (progress.flowClass >= this.#senders.length) {
        this.#drop('unknown-class');
        continue;
      }
      const sender = this.#sender(progress.flowClass);
      const wasStalled = sender.isStalled;
      if (!sender.onProgress(now, progress)) this.#drop('malformed');
      else if (sender.isStalled) this.#askSoon(now);
      else if (wasStalled) this.#probesInVain = 0;
    }
  }

  /** Puts the flow's news into an ack that leaves in the first turn at or after `at`. */
  #announceBy(flowClass: number, at: Micros): void {
    this.#schedule.tellBy(flowClass, at);
    this.#list();
  }

  #announceAll(now: Micros): void {
    this.#schedule.tellAll(now);
    this.#list();
  }

  /** A flow waits for credit: ask at once if none was ever granted, else if none comes within a timeout. */
  #askSoon(now: Micros): void {
    if (!this.#isReachable || this.#schedule.isProbe || this.#probe.isArmed) return;
    if (this.#peerBoot === UNKNOWN_BOOT || this.#hasUngranted()) this.#askNow();
    else this.#probe.arm(micros(now + this.#probeIntervalUs()));
  }

  #askNow(): void {
    this.#schedule.ask();
    this.#list();
  }

  #onProbeDue(): void {
    if (!this.#hasStalled()) {
      this.#probesInVain = 0;
      return;
    }
    this.#probesInVain++;
    this.#askNow();
  }

  #probeIntervalUs(): number {
    return Math.min(this.rtt.backedOffUs(this.#probesInVain), this.#config.probeIntervalMaxUs);
  }

  #hasStalled(): boolean {
    for (const sender of this.#senders) if (sender !== null && sender.isStalled) return true;
    return false;
  }

  #hasUngranted(): boolean {
    for (const sender of this.#senders) if (sender !== null && sender.isStalled && !sender.hasCredit) return true;
    return false;
  }

  #list(): void {
    if (!this.isListed) this.#onAckPending(this);
  }

  #sender(flowClass: number): FlowSender {
    const known = this.#senders[flowClass];
    if (known !== null && known !== undefined) return known;
    const retransmit = this.#retransmits[flowClass];
    assert(retransmit !== undefined, 'a flow class is configured');
    const sender = new FlowSender({ config: this.#config, flowClass, port: this, retransmit });
    this.#senders[flowClass] = sender;
    return sender;
  }

  #receiver(flowClass: number): FlowReceiver {
    const known = this.#receivers[flowClass];
    if (known !== null && known !== undefined) return known;
    const receiver = new FlowReceiver({
      config: this.#config,
      deliver: (payload) =>
        this.#emit({
          kind: 'flow-message',
          peer: this.peer,
          peerReplica: this.#peerBoot.replica,
          flowClass,
          payload,
        }),
    });
    this.#receivers[flowClass] = receiver;
    return receiver;
  }

  #emitFrame(
    msgType: number,
    flowClass: number,
    seq: number,
    payload: readonly Uint8Array[],
    trafficClass: number,
  ): void {
    const header: Header = {
      ...EMPTY_HEADER,
      msgType,
      seq,
      flowClass,
      sourceReplica: this.boot.replica,
      sourceBoot: this.boot.counter,
      targetReplica: this.#peerBoot.replica,
      targetBoot: this.#peerBoot.counter,
    };
    this.#emit({ kind: 'flow-send', peer: this.peer, header, payload, trafficClass });
  }

  #drop(reason: string): false {
    this.#count(`flow.dropped-${reason}`, 1);
    return false;
  }

  #count(name: string, by: number): void {
    this.#emit({ kind: 'notice', notice: { kind: 'count', name, by } });
  }
}
