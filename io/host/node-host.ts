/**
 * Runs one node of the core in this process: queues inputs, steps the core with all that are ready, then with one
 * `turn`, carries out the effects and arms one timer.
 *
 * Invariant: effects leave in the order in which the core pushed them; inputs enter in the order in which the world
 * reported them. A drain runs in the check phase of the event loop, after the sockets of this round have been read,
 * so a busy node batches a whole round and an idle one adds no delay. A drain takes what was ready when it began and
 * no more, at most `drainInputsMax`, and looks at the core's deadlines first: no flood of inputs starves a heartbeat.
 */
import type { Command } from '../../core/node/commands.js';
import type { Effect, JournalBatch } from '../../core/node/effects.js';
import type { Input, RequestId } from '../../core/node/inputs.js';
import { type Ticket, NEVER } from '../../core/base/units.js';
import { Fifo } from '../../core/base/fifo.js';
import { type Reject, reject } from '../../core/base/reject.js';
import { unreachable } from '../../core/base/assert.js';
import type { BufferCollector } from './buffer-collector.js';
import type { Clock } from './clock.js';
import type { Caller, HostObserver, JournalPort, LanePort, SteppedNode } from './ports.js';

/** Readings of the host itself. */
export interface HostStats {
  readonly queuedInputs: number;
  readonly openRequests: number;
  readonly inputs: number;
  readonly turns: number;
  /** Longest time that one drain held the event loop since the last reading, in microseconds. */
  readonly longestDrainUs: number;
}

export interface NodeHostOptions {
  readonly node: SteppedNode;
  readonly clock: Clock;
  readonly lanes: LanePort;
  readonly journal: JournalPort;
  readonly observer: HostObserver;
  /** Looks after each drain at what it has left behind. */
  readonly collector?: BufferCollector | null;
}

export class NodeHost {
  readonly #node: SteppedNode;
  readonly #clock: Clock;
  readonly #lanes: LanePort;
  readonly #journal: JournalPort;
  readonly #observer: HostObserver;
  readonly #collector: BufferCollector | null;
  readonly #ready = new Fifo<Input>();
  readonly #callers = new Map<RequestId, Caller>();
  /** Bounded by what one drain can cause. */
  readonly #outbox = new Fifo<Effect>();
  readonly #drain = (): void => this.#runDrain();
  readonly #onTimer = (): void => this.#runTimer();
  #nextRequest = 1;
  #isDrainScheduled = false;
  #isStopped = false;
  #wallClock: NodeJS.Timeout | null = null;
  #timer: NodeJS.Timeout | null = null;
  #timerAt: number = NEVER;
  #inputs = 0;
  #turns = 0;
  #longestDrainUs = 0;

  constructor(options: NodeHostOptions) {
    this.#node = options.node;
    this.#clock = options.clock;
    this.#lanes = options.lanes;
    this.#journal = options.journal;
    this.#observer = options.observer;
    this.#collector = options.collector ?? null;
    this.#lanes.attach((input) => this.submit(input));
  }

  /** Begins: the core sees the time and arms its first deadlines. The wall clock is told again and again. */
  start(): void {
    this.#tellWallClock();
    this.#wallClock = setInterval(() => this.#tellWallClock(), WALL_CLOCK_MS);
    this.#wallClock.unref();
  }

  /** Nothing enters the core any more and no timer fires. Calls that are open stay unanswered. */
  stop(): void {
    this.#isStopped = true;
    this.#ready.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#wallClock !== null) clearInterval(this.#wallClock);
    this.#wallClock = null;
  }

  /** Queues an input. */
  submit(input: Input): void {
    if (this.#isStopped) return;
    this.#ready.push(input);
    this.#schedule();
  }

  /** Starts a call; its answers go to `caller`. */
  request(command: Command, caller: Caller): RequestId {
    const request = this.#nextRequest++;
    this.#callers.set(request, caller);
    this.submit({ kind: 'command', request, command });
    return request;
  }

  /** The caller is gone: it hears nothing more, and the core ends what it held for it. Harmless when it was over. */
  cancel(request: RequestId): void {
    if (!this.#callers.delete(request)) return;
    this.submit({ kind: 'cancel', request });
  }

  /**
   * Why streams are not opened and messages not taken at the moment; null when they are. Asked before the core is: on a
   * disk that is full it could write nothing at all, while on one that is nearly full it still writes the votes, acks
   * and releases by which space comes back.
   */
  get refusalOfNewWork(): Reject | null {
    return this.#journal.isSpaceShort === true ? DISK_SHORT : null;
  }

  /** Whether `request` still has a caller, and so may still send inputs. */
  isOpen(request: RequestId): boolean {
    return this.#callers.has(request);
  }

  takeStats(): HostStats {
    const longestDrainUs = this.#longestDrainUs;
    this.#longestDrainUs = 0;
    return {
      queuedInputs: this.#ready.length,
      openRequests: this.#callers.size,
      inputs: this.#inputs,
      turns: this.#turns,
      longestDrainUs,
    };
  }

  #tellWallClock(): void {
    this.submit({ kind: 'wall-offset', offsetUs: this.#clock.wallOffsetUs() });
  }

  #schedule(): void {
    if (this.#isDrainScheduled) return;
    this.#isDrainScheduled = true;
    setImmediate(this.#drain);
  }

  #runTimer(): void {
    this.#timer = null;
    this.#timerAt = NEVER;
    this.#schedule();
  }

  #runDrain(): void {
    this.#isDrainScheduled = false;
    if (this.#isStopped) return;
    const begunAt = this.#clock.now();
    if (this.#node.nextDeadline() <= begunAt) this.#node.step(begunAt, WAKE, this.#outbox);
    let budget = Math.min(this.#ready.length, DRAIN_INPUTS_MAX);
    this.#inputs += budget;
    for (; budget > 0; budget--) {
      const input = this.#ready.shift();
      if (input === undefined) break;
      this.#node.step(this.#clock.now(), input, this.#outbox);
    }
    this.#node.step(this.#clock.now(), TURN, this.#outbox);
    this.#turns++;
    this.#carryOut();
    if (this.#isStopped) return;
    this.#collector?.look();
    if (this.#ready.length > 0) this.#schedule();
    this.#armTimer();
    const heldUs = this.#clock.now() - begunAt;
    if (heldUs > this.#longestDrainUs) this.#longestDrainUs = heldUs;
  }

  #carryOut(): void {
    for (let effect = this.#outbox.shift(); effect !== undefined; effect = this.#outbox.shift()) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'transmit':
        return this.#lanes.transmit(effect.lane, effect.parts);
      case 'dial':
        return this.#lanes.dial(effect.ticket, effect.url);
      case 'close-lane':
        return this.#lanes.closeLane(effect.lane, effect.reason);
      case 'persist':
        return this.#persist(effect.ticket, effect.batch);
      case 'fetch':
        return this.#journal.read(effect.reads, (chunks) =>
          this.submit({ kind: 'fetched', ticket: effect.ticket, chunks }),
        );
      case 'reply':
        return this.#reply(effect);
      case 'deliver':
        return this.#callers.get(effect.request)?.onDeliver?.(effect.attempt, effect.chunks);
      case 'attempt-voided':
        return this.#callers.get(effect.request)?.onVoided?.(effect);
      case 'ack-refused':
        return this.#callers.get(effect.request)?.onAckRefused?.(effect.attempt, effect.seq, effect.why);
      case 'deliver-updates':
        return this.#callers.get(effect.request)?.onUpdates?.(effect.attempt, effect.updates);
      case 'watermarks':
        return this.#callers.get(effect.request)?.onWatermarks?.(effect.watermarks);
      case 'event':
        return this.#callers.get(effect.request)?.onEvent?.(effect.event);
      case 'ended':
        return this.#end(effect);
      case 'notice':
        return this.#observer.onNotice(effect.notice);
      case 'replica-renewed':
        return this.#observer.onReplicaRenewed?.(effect.replica);
      case 'halt':
        this.stop();
        return this.#observer.onHalt(effect.code, effect.detail);
      default:
        return unreachable(effect);
    }
  }

  #persist(ticket: Ticket, batch: JournalBatch): void {
    this.#journal.append(batch, (outcome) => {
      if (outcome === 'durable') this.submit({ kind: 'persisted', ticket });
      else this.submit({ kind: 'persist-failed', ticket, code: outcome });
    });
  }

  #reply(effect: Extract<Effect, { kind: 'reply' }>): void {
    const caller = this.#callers.get(effect.request);
    if (caller === undefined) return;
    const staysOpen = effect.result.ok && LASTING_REPLIES.has(effect.result.value.kind);
    if (!staysOpen) this.#callers.delete(effect.request);
    caller.onReply(effect.result);
  }

  #end(effect: Extract<Effect, { kind: 'ended' }>): void {
    const caller = this.#callers.get(effect.request);
    if (caller === undefined) return;
    this.#callers.delete(effect.request);
    caller.onEnded?.(effect.result);
  }

  /** One timer for the earliest deadline. It is moved only when that comes earlier: a late wake is harmless. */
  #armTimer(): void {
    const at = this.#node.nextDeadline();
    if (at === NEVER || (this.#timer !== null && this.#timerAt <= at)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const delayMs = Math.ceil((at - this.#clock.now()) / 1000);
    if (delayMs <= 0) return this.#schedule();
    this.#timerAt = at;
    this.#timer = setTimeout(this.#onTimer, Math.min(delayMs, TIMER_MS_MAX));
  }
}

/** Replies after which a call goes on: the core ends it, or its caller cancels. */
const LASTING_REPLIES: ReadonlySet<string> = new Set(['publisher', 'subscription', 'update-subscription', 'watching']);
const DISK_SHORT = reject('OVERLOADED', 'disk', 'space for the journal is short; free some, then try again', 1_000_000);
const WAKE: Input = { kind: 'wake' };
const TURN: Input = { kind: 'turn' };
const DRAIN_INPUTS_MAX = 4096;
const WALL_CLOCK_MS = 10_000;
/** setTimeout's own limit is 2^31 - 1. */
const TIMER_MS_MAX = 60_000;
