/**
 * Nodes with flows between each pair, on a virtual network, in virtual time. Each delivery is checked
 * against what was said, and every so many steps an end checks its invariants.
 */
import type { NodeId } from '../../base/ids.js';
import { Rng } from '../../base/rng.js';
import { type Micros, NEVER, micros } from '../../base/units.js';
import type { FlowConfig } from '../config.js';
import { FlowEndpoint, type Frame } from './flow-endpoint.js';
import { describeFrame } from './transcript.js';
import { EventQueue, VirtualLink } from './virtual-network.js';

export class FlowWorld {
  readonly rng: Rng;
  readonly ends: FlowEndpoint[] = [];
  readonly config: FlowConfig;
  now: Micros = START;
  /** Set it to have every frame written down (see `describeFrame`). */
  transcript: string[] | null = null;
  /** Frames that get lost besides those that the links lose. */
  losing: (from: FlowEndpoint, frame: Frame) => boolean = () => false;
  /** Frames sent by anyone, and steps taken. */
  frames = 0;
  steps = 0;
  readonly #queue = new EventQueue();
  readonly #links = new Map<string, VirtualLink>();
  readonly #turns = new Set<FlowEndpoint>();
  readonly #stepsPerCheck: number;

  readonly #turnWithinUs: number;

  constructor(options: {
    seed: string;
    config: FlowConfig;
    ends?: number;
    /** How long a turn may come after its step. */
    turnWithinUs?: number;
    stepsPerCheck?: number;
  }) {
    this.#turnWithinUs = options.turnWithinUs ?? 200;
    this.#stepsPerCheck = options.stepsPerCheck ?? 1;
    this.rng = Rng.fromSeed(options.seed);
    this.config = options.config;
    for (let i = 0; i < (options.ends ?? 2); i++) {
      const id = `0000000000000000000000000${String.fromCharCode(65 + i)}` as NodeId;
      const find = (wanted: NodeId) => this.end(wanted);
      this.ends.push(new FlowEndpoint({ id, replica: i + 1, config: options.config, find }));
    }
    for (const from of this.ends) {
      for (const to of this.ends) {
        const name = `${from.id}>${to.id}`;
        if (from !== to) this.#links.set(name, new VirtualLink(this.rng.fork(name), this.#queue));
      }
    }
  }

  end(id: NodeId): FlowEndpoint {
    const found = this.ends.find((end) => end.id === id);
    if (found === undefined) throw new Error(`no end ${id}`);
    return found;
  }

  link(from: FlowEndpoint, to: FlowEndpoint): VirtualLink {
    const found = this.#links.get(`${from.id}>${to.id}`);
    if (found === undefined) throw new Error('an end has no link to itself');
    return found;
  }

  /** The links of both directions between each two ends. */
  links(): VirtualLink[] {
    return [...this.#links.values()];
  }

  /** Has `run` happen in `delayUs`, as one step of `end`. */
  plan(end: FlowEndpoint, delayUs: number, run: () => void): void {
    this.#queue.add(micros(this.now + delayUs), () => this.step(end, run));
  }

  /** One input of `end`, then what it sends, then its checks; its turn comes soon. */
  step(end: FlowEndpoint, run: () => void): void {
    run();
    this.#afterStep(end);
    if (this.#turns.has(end)) return;
    this.#turns.add(end);
    this.#queue.add(micros(this.now + this.rng.between(0, this.#turnWithinUs)), () => {
      this.#turns.delete(end);
      end.turn(this.now);
      this.#afterStep(end);
    });
  }

  /** Lets time pass. Stops early, false, when `isDone` holds after a step. */
  run(durationUs: number, isDone: () => boolean = () => false): boolean {
    const until = this.now + durationUs;
    while (!isDone()) {
      const queued = this.#queue.nextAt() ?? NEVER;
      let due: FlowEndpoint | null = null;
      let at = queued;
      for (const end of this.ends) {
        if (end.deadlines.next() >= at) continue;
        at = end.deadlines.next();
        due = end;
      }
      if (at > until) {
        this.now = micros(until);
        return true;
      }
      this.now = micros(Math.max(this.now, at));
      if (due === null) {
        this.#queue.take()?.();
        continue;
      }
      const end = due;
      const deadline = end.deadlines.popDue(this.now);
      if (deadline !== null) this.step(end, () => deadline.owner.onDeadline(this.now, deadline));
    }
    return false;
  }

  /** Nothing is on the way and nobody waits for anything. */
  get isSilent(): boolean {
    return this.#queue.nextAt() === null && this.ends.every((end) => end.deadlines.next() === NEVER);
  }

  #afterStep(end: FlowEndpoint): void {
    if (this.steps++ % this.#stepsPerCheck === 0) end.flows.checkInvariants();
    this.#carry(end);
  }

  #carry(from: FlowEndpoint): void {
    if (from.outgoing.length === 0) return;
    const frames = from.outgoing;
    from.outgoing = [];
    for (const frame of frames) {
      this.frames++;
      this.transcript?.push(describeFrame(START, this.now, from, frame));
      if (this.losing(from, frame)) continue;
      const to = this.end(frame.to);
      this.link(from, to).carry(this.now, () => {
        this.step(to, () => to.receive(this.now, from.id, frame));
      });
    }
  }
}

const START = micros(1_000_000);
