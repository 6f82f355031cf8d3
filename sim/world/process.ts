/**
 * One life of one node: the host loop of production over virtual time. Inputs gather while the process is busy; then it
 * gives all of them to the core, one `turn` after, and carries out the effects in order. One deadline is armed.
 */
import { unreachable } from '../../core/base/assert.js';
import { Fifo } from '../../core/base/fifo.js';
import type { Notice } from '../../core/base/notice.js';
import { type LaneId, type Micros, NEVER, type Ticket, laneId, micros } from '../../core/base/units.js';
import type { Command } from '../../core/node/commands.js';
import type { Effect } from '../../core/node/effects.js';
import type { Input, RequestId } from '../../core/node/inputs.js';
import type { Happening, Timeline } from '../time/timeline.js';
import type { Disk } from './disk.js';
import type { LaneEnd, LaneOwner } from './lane.js';
import type { Network } from './network.js';
import type { SimulatedNode } from './simulated-node.js';
import type { Trace } from './trace.js';

/** The effects that answer an application's call. */
export type SessionEffect = Extract<Effect, { readonly request: RequestId }>;

/** An application's side of one call. */
export interface Session {
  onEffect(effect: SessionEffect): void;
  /** The node died; nothing more comes. */
  onDisconnected(): void;
}

/** What a process reports to the world around it. */
export interface ProcessObserver {
  onNotice(node: number, notice: Notice): void;
  onHalt(node: number, code: string, detail: string): void;
  onThrown(node: number, error: unknown): void;
}

export interface ProcessOptions {
  readonly node: number;
  readonly core: SimulatedNode;
  /** What the node's monotonic clock shows at time 0 of the world. */
  readonly clockStartUs: number;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly network: Network;
  readonly disk: Disk;
  readonly observer: ProcessObserver;
  /** The core's own invariants are checked after every so many runs. */
  readonly runsPerCheck: number;
}

export class NodeProcess implements LaneOwner, Happening {
  readonly label = 'run';
  readonly node: number;
  readonly #options: ProcessOptions;
  readonly #inbox = new Fifo<Input>();
  readonly #effects: Effect[] = [];
  readonly #outbox = { push: (effect: Effect): void => void this.#effects.push(effect) };
  readonly #lanes = new Map<LaneId, LaneEnd>();
  readonly #sessions = new Map<RequestId, Session>();
  #laneIds = 0;
  #requestIds = 0;
  #isAlive = true;
  #isPaused = false;
  #isRunScheduled = false;
  #busyUntilUs = 0;
  #armedUs: number = NEVER;
  #runCount = 0;
  /** Stretches the time that everything takes; 1 in health. */
  slowFactor = 1;
  /** Its clock gains so many millionths since then, and had gained so much by then. */
  #drift = { perMillion: 0, sinceUs: 0, gainedUs: 0 };

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.node = options.node;
    // The first turn lets the core act on what it has recovered, and arms its first deadline.
    this.#scheduleRun();
  }

  /** Runs so far. Whoever was told something in run n knows that all inputs before it were seen. */
  get runCount(): number {
    return this.#runCount;
  }

  /** Lets the core check itself. */
  checkInvariants(): void {
    const { core, observer, node } = this.#options;
    try {
      core.checkInvariants();
    } catch (error) {
      // Expected: AssertionFailed, which is what this is for.
      observer.onThrown(node, error);
    }
  }

  /** An application calls: the answers come to `session`. */
  open(session: Session, command: Command): RequestId {
    const request = ++this.#requestIds;
    this.#sessions.set(request, session);
    this.tell({ kind: 'command', request, command });
    return request;
  }

  /** The application hangs up. */
  cancel(request: RequestId): void {
    if (this.#sessions.delete(request)) this.tell({ kind: 'cancel', request });
  }

  /** One more input for the core; lost when the process is dead. */
  tell(input: Input): void {
    if (!this.#isAlive) return;
    this.#inbox.push(input);
    this.#scheduleRun();
  }

  setPaused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    if (!isPaused && this.#isAlive) this.#scheduleRun();
  }

  /** From here on its clock gains so many millionths; it never goes back. */
  setDrift(perMillion: number): void {
    const { nowUs } = this.#options.timeline;
    this.#drift = { perMillion, sinceUs: nowUs, gainedUs: this.#gainedUs(nowUs) };
    this.#arm();
  }

  /** Ends this life: no input is given any more, and the applications lose their calls. */
  kill(): void {
    this.#isAlive = false;
    this.#inbox.clear();
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) session.onDisconnected();
  }

  /** The process runs: everything that is ready, then one turn. */
  happen(nowUs: number): void {
    this.#isRunScheduled = false;
    if (!this.#isAlive || this.#isPaused) return;
    const inputs = this.#inbox.length;
    this.#runCount++;
    if (!this.#stepAll(nowUs)) return;
    this.#busyUntilUs = nowUs + (TURN_US + inputs * INPUT_US) * this.slowFactor;
    // A core that halts, or an application that kills, ends the loop through #isAlive.
    for (const effect of this.#effects) if (this.#isAlive) this.#carryOut(effect);
    this.#effects.length = 0;
    if (this.#isAlive) this.#arm();
  }

  allocateLane(): LaneId {
    return laneId(++this.#laneIds);
  }

  onLaneOpened(lane: LaneEnd, remote: string): void {
    this.#lanes.set(lane.id, lane);
    this.tell({ kind: 'lane-opened', lane: lane.id, dial: lane.dial, remote });
  }

  onReceived(lane: LaneEnd, bytes: Uint8Array): void {
    this.tell({ kind: 'received', lane: lane.id, bytes });
  }

  onLaneClosed(lane: LaneEnd, reason: string): void {
    this.#lanes.delete(lane.id);
    this.tell({ kind: 'lane-closed', lane: lane.id, reason });
  }

  onDialFailed(ticket: Ticket, code: string): void {
    this.tell({ kind: 'dial-failed', ticket, code });
  }

  onLaneDrained(lane: LaneEnd, bufferedBytes: number): void {
    this.tell({ kind: 'lane-drained', lane: lane.id, bufferedBytes });
  }

  /** Gives the core its inputs. False when it threw: that is a finding, and the end of this life. */
  #stepAll(nowUs: number): boolean {
    const { core, trace, node, observer, runsPerCheck } = this.#options;
    const now = this.#localTime(nowUs);
    try {
      for (let input = this.#inbox.shift(); input !== undefined; input = this.#inbox.shift()) {
        trace.onInput(nowUs, node, input);
        core.step(now, input, this.#outbox);
      }
      trace.onInput(nowUs, node, TURN);
      core.step(now, TURN, this.#outbox);
      if (this.#runCount % runsPerCheck === 0) core.checkInvariants();
      return true;
    } catch (error) {
      // Expected: AssertionFailed. Anything else that the core throws is as much of a defect.
      this.#effects.length = 0;
      observer.onThrown(node, error);
      return false;
    }
  }

  #carryOut(effect: Effect): void {
    const { network, disk, observer, node, trace, timeline } = this.#options;
    if (trace.isFull) trace.onEffect(timeline.nowUs, node, effect);
    switch (effect.kind) {
      case 'transmit': {
        const lane = this.#lanes.get(effect.lane);
        if (lane !== undefined) network.transmit(lane, effect.parts);
        return;
      }
      case 'dial':
        network.dial(this, effect.ticket, effect.url);
        return;
      case 'close-lane': {
        const lane = this.#lanes.get(effect.lane);
        this.#lanes.delete(effect.lane);
        if (lane !== undefined) network.close(lane, effect.reason);
        return;
      }
      case 'persist':
        disk.persist(effect.ticket, effect.batch, (input) => this.tell(input));
        return;
      case 'fetch':
        disk.fetch(effect.ticket, effect.reads, (input) => this.tell(input));
        return;
      case 'reply':
      case 'deliver':
      case 'deliver-updates':
      case 'watermarks':
      case 'attempt-voided':
      case 'ack-refused':
      case 'event':
      case 'ended':
        this.#answer(effect);
        return;
      case 'notice':
        observer.onNotice(node, effect.notice);
        return;
      case 'replica-renewed':
        // What is beside the journal is lost only with the machine, in simulations.
        return;
      case 'halt':
        observer.onHalt(node, effect.code, effect.detail);
        return;
      default:
        unreachable(effect);
    }
  }

  #answer(effect: SessionEffect): void {
    const session = this.#sessions.get(effect.request);
    if (effect.kind === 'ended') this.#sessions.delete(effect.request);
    session?.onEffect(effect);
  }

  #scheduleRun(): void {
    if (this.#isRunScheduled || this.#isPaused) return;
    this.#isRunScheduled = true;
    const { timeline } = this.#options;
    timeline.schedule(Math.max(timeline.nowUs, this.#busyUntilUs), this);
  }

  #arm(): void {
    const { timeline, core } = this.#options;
    const next = core.nextDeadline();
    if (next === NEVER) return;
    const atUs = Math.max(this.#worldTime(next), timeline.nowUs + 1);
    if (atUs >= this.#armedUs) return;
    this.#armedUs = atUs;
    timeline.schedule(atUs, { label: 'wake', happen: () => this.#onWake(atUs) });
  }

  #onWake(atUs: number): void {
    if (this.#armedUs !== atUs || !this.#isAlive) return;
    this.#armedUs = NEVER;
    // The core may have moved its deadline since: then this wake was for nothing, and costs it nothing.
    if (this.#options.core.nextDeadline() <= this.#localTime(atUs)) this.tell(WAKE);
    else this.#arm();
  }

  #localTime(nowUs: number): Micros {
    return micros(nowUs + this.#options.clockStartUs + this.#gainedUs(nowUs));
  }

  /** When the clock of this life shows `localUs`, or a moment before. */
  #worldTime(localUs: number): number {
    const { perMillion, sinceUs, gainedUs } = this.#drift;
    const nominalUs = localUs - this.#options.clockStartUs - gainedUs;
    if (perMillion === 0) return nominalUs;
    return sinceUs + Math.floor(((nominalUs - sinceUs) * 1_000_000) / (1_000_000 + perMillion));
  }

  #gainedUs(nowUs: number): number {
    const { perMillion, sinceUs, gainedUs } = this.#drift;
    return gainedUs + Math.floor(((nowUs - sinceUs) * perMillion) / 1_000_000);
  }
}

const TURN: Input = { kind: 'turn' };
const WAKE: Input = { kind: 'wake' };
/** What a turn, and each input of it, takes of the processor: the budget of a message is some 30 µs. */
const TURN_US = 20;
const INPUT_US = 5;
