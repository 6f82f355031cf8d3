/**
 * A seeded small world for membership machines: nodes joined by links with latency, messages that travel the shortest
 * path that routing believes in, heartbeats that speak for neighbours. Routing learns of a dead node or link late, as
 * it does in a mesh; until then what goes that way is lost.
 */
import { Deadline, DeadlineHeap } from '../../base/deadlines.js';
import { type NodeId, idFromBytes } from '../../base/ids.js';
import { Rng } from '../../base/rng.js';
import { MILLISECOND_US, type Micros, NEVER, SECOND_US, memberIndex } from '../../base/units.js';
import { SwimMessage } from '../../wire/swim-messages.js';
import { DEFAULT_SWIM_CONFIG, type SwimConfig } from '../swim-config.js';
import { Swim, type SwimFact } from '../swim.js';

export interface OverlayNode {
  readonly id: NodeId;
  readonly number: number;
  heap: DeadlineHeap;
  swim: Swim;
  bootCounter: number;
  isUp: boolean;
  isFrozen: boolean;
  /** What came while it was frozen. */
  backlog: (() => void)[];
  sentCount: number;
}

interface OverlayLink {
  readonly a: number;
  readonly b: number;
  readonly latencyUs: number;
  isCut: boolean;
  /** What routing holds of it. */
  isBelieved: boolean;
}

/** A member-liveness fact: who told it, when, of whom. */
export interface LivenessStory {
  readonly at: number;
  readonly by: number;
  readonly of: number;
  readonly liveness: string;
}

export interface OverlayOptions {
  readonly jitterUs?: number;
  readonly lossPermille?: number;
  /** How long a silent death stays unseen by routing; lanes time out after 3 s. */
  readonly detectionUs?: number;
  readonly config?: Partial<SwimConfig>;
}

export class VirtualOverlay {
  readonly nodes: OverlayNode[] = [];
  readonly links: OverlayLink[] = [];
  readonly stories: LivenessStory[] = [];
  readonly facts: { readonly by: number; readonly fact: SwimFact }[] = [];
  readonly rng: Rng;
  readonly #options: Required<OverlayOptions>;
  readonly #world = new DeadlineHeap();
  #nextHops: number[][] = [];
  #costs: number[][] = [];
  now = 0;

  constructor(seed: string, nodeCount: number, options: OverlayOptions = {}) {
    this.rng = Rng.fromSeed(seed);
    this.#options = { jitterUs: 0, lossPermille: 0, detectionUs: 3 * SECOND_US, config: {}, ...options };
    for (let number = 0; number < nodeCount; number++) {
      const id = idFromBytes<NodeId>(this.rng.fork(`id ${number}`).fill(16));
      this.nodes.push({ id, number, bootCounter: 0, isUp: false, isFrozen: false, sentCount: 0, backlog: [] } as never);
    }
  }

  node(number: number): OverlayNode {
    return this.nodes[number] as OverlayNode;
  }

  link(a: number, b: number, latencyUs: number): void {
    this.links.push({ a, b, latencyUs, isCut: false, isBelieved: true });
  }

  star(latencyUs: number): this {
    for (let leaf = 1; leaf < this.nodes.length; leaf++) this.link(0, leaf, latencyUs);
    return this;
  }

  chain(latencyUs: number): this {
    for (let number = 1; number < this.nodes.length; number++) this.link(number - 1, number, latencyUs);
    return this;
  }

  /** A random tree with chords, as NATs leave it. */
  random(chordCount: number, latencyUsMax: number): this {
    const rng = this.rng.fork('graph');
    for (let number = 1; number < this.nodes.length; number++) {
      this.link(rng.below(number), number, rng.between(1 * MILLISECOND_US, latencyUsMax));
    }
    for (let chord = 0; chord < chordCount; chord++) {
      const a = rng.below(this.nodes.length);
      const b = rng.below(this.nodes.length);
      if (a !== b) this.link(a, b, rng.between(1 * MILLISECOND_US, latencyUsMax));
    }
    return this;
  }

  /** Boots all nodes as members of one another; heartbeats begin. */
  startAll(): this {
    this.#route();
    for (const node of this.nodes) this.boot(node.number);
    this.#every(SECOND_US, () => this.#heartbeats());
    return this;
  }

  boot(number: number): void {
    const node = this.node(number);
    node.bootCounter++;
    node.isUp = true;
    node.heap = new DeadlineHeap();
    const now = this.now as Micros;
    node.swim = new Swim({
      config: { ...DEFAULT_SWIM_CONFIG, ...this.#options.config },
      deadlines: node.heap,
      rng: this.rng.fork(`node ${number} boot ${node.bootCounter}`),
      emit: (fact) => this.#onFact(node, fact),
      self: node.id,
      boot: { replica: 1, bootCounter: node.bootCounter },
      paths: {
        nextHop: (to) => this.#hopOf(number, this.numberOf(to)),
        areLinked: (a, b) => this.#linkBetween(this.numberOf(a), this.numberOf(b))?.isBelieved === true,
      },
    });
    node.swim.setMembers(now, this.nodes.map(({ id, number: of }) => ({ id, index: memberIndex(of + 1) })));
    node.swim.start(now);
    this.#believeLater(200 * MILLISECOND_US);
  }

  /** Stops without a word. Neighbours' lanes find out after `detectionUs`. */
  crash(number: number): void {
    this.node(number).isUp = false;
    this.#believeLater(this.#options.detectionUs);
  }

  freeze(number: number): void {
    this.node(number).isFrozen = true;
  }

  thaw(number: number): void {
    const node = this.node(number);
    node.isFrozen = false;
    this.#wake(node);
    for (const take of node.backlog.splice(0)) take();
  }

  /** Cuts every link between the nodes below `border` and the rest, in both directions. */
  partition(border: number): void {
    for (const link of this.links) if (link.a < border !== link.b < border) link.isCut = true;
    this.#believeLater(this.#options.detectionUs);
  }

  healLinks(): void {
    for (const link of this.links) link.isCut = false;
    this.#believeLater(500 * MILLISECOND_US);
  }

  run(spanUs: number): void {
    const end = this.now + spanUs;
    for (;;) {
      let at = this.#world.next() as number;
      for (const node of this.nodes) if (node.isUp && !node.isFrozen) at = Math.min(at, node.heap.next());
      if (at > end) break;
      this.now = Math.max(this.now, at);
      for (let due = this.#pop(this.#world); due !== null; due = this.#pop(this.#world)) {
        due.owner.onDeadline(this.now as Micros, due);
      }
      for (const node of this.nodes) if (node.isUp && !node.isFrozen) this.#wake(node);
    }
    this.now = end;
    for (const node of this.nodes) if (node.isUp) node.swim.checkInvariants();
  }

  /** How `by` holds `of`. */
  liveness(by: number, of: number): string | null {
    return this.node(by).swim.livenessOf(this.node(of).id);
  }

  /** Whether every node that is up and in `among` holds every other one of them alive. */
  areAllAlive(among: readonly number[] = this.nodes.map(({ number }) => number)): boolean {
    const up = among.filter((number) => this.node(number).isUp);
    return up.every((by) => up.every((of) => by === of || this.liveness(by, of) === 'alive'));
  }

  storiesOf(liveness: string, since = 0): LivenessStory[] {
    return this.stories.filter((story) => story.liveness === liveness && story.at >= since);
  }

  /** The longest round trip between any two nodes, without jitter. */
  rttUsMax(): number {
    return 2 * Math.max(...this.#costs.flat().filter((cost) => cost !== NEVER));
  }

  numberOf(id: NodeId): number {
    return this.nodes.findIndex((node) => node.id === id);
  }

  /** Hands a message to a node. */
  deliver(to: number, from: NodeId, message: SwimMessage): void {
    const node = this.node(to);
    if (!node.isUp) return;
    const take = () => node.swim.onMessage(this.now as Micros, from, message);
    if (node.isFrozen) node.backlog.push(take);
    else take();
  }

  #onFact(node: OverlayNode, fact: SwimFact): void {
    this.facts.push({ by: node.number, fact });
    if (fact.kind === 'member-liveness') {
      this.stories.push({ at: this.now, by: node.number, of: this.numberOf(fact.node), liveness: fact.liveness });
    }
    if (fact.kind !== 'swim-send') return;
    node.sentCount++;
    // Every 16th message goes through the codec.
    const message = node.sentCount % 16 === 0 ? SwimMessage.decode(SwimMessage.encode(fact.message)) : fact.message;
    if (message !== null) this.#carry(node.number, this.numberOf(fact.to), message);
  }

  /** Along the believed path; lost where that is dead, and at random. */
  #carry(from: number, to: number, message: SwimMessage): void {
    let delayUs = 0;
    for (let at = from; at !== to; ) {
      const next = this.#nextHops[at]?.[to] ?? -1;
      const link = next < 0 ? undefined : this.#linkBetween(at, next);
      if (link === undefined || link.isCut || this.rng.chance(this.#options.lossPermille)) return;
      if (!this.node(next).isUp || (this.node(next).isFrozen && next !== to)) return;
      delayUs += link.latencyUs + this.rng.below(this.#options.jitterUs + 1);
      at = next;
    }
    this.#after(delayUs, () => this.deliver(to, this.node(from).id, message));
  }

  #heartbeats(): void {
    for (const { a, b, isCut, latencyUs } of this.links) {
      if (isCut || !this.#works(a) || !this.#works(b)) continue;
      this.#after(latencyUs, () => this.#evidence(a, b));
      this.#after(latencyUs, () => this.#evidence(b, a));
    }
  }

  #evidence(at: number, of: number): void {
    if (this.#works(at)) this.node(at).swim.onLinkEvidence(this.now as Micros, this.node(of).id);
  }

  #works(number: number): boolean {
    return this.node(number).isUp && !this.node(number).isFrozen;
  }

  /** Routing and the links' owners learn what is so by then. */
  #believeLater(delayUs: number): void {
    this.#after(delayUs, () => {
      for (const link of this.links) {
        const { a, b } = link;
        const isAlive = !link.isCut && this.node(a).isUp && this.node(b).isUp;
        if (link.isBelieved && !isAlive) {
          if (this.#works(a)) this.node(a).swim.onLinkLost(this.now as Micros, this.node(b).id);
          if (this.#works(b)) this.node(b).swim.onLinkLost(this.now as Micros, this.node(a).id);
        }
        link.isBelieved = isAlive;
      }
      this.#route();
    });
  }

  /** All pairs' first hops by latency, over believed links (Floyd and Warshall). */
  #route(): void {
    const count = this.nodes.length;
    const costs = Array.from({ length: count }, () => new Array<number>(count).fill(NEVER));
    this.#costs = costs;
    this.#nextHops = Array.from({ length: count }, () => new Array<number>(count).fill(-1));
    const set = (from: number, to: number, cost: number, hop: number) => {
      (costs[from] as number[])[to] = cost;
      (this.#nextHops[from] as number[])[to] = hop;
    };
    const cost = (from: number, to: number) => costs[from]?.[to] ?? NEVER;
    for (const { a, b, latencyUs, isBelieved } of this.links) {
      if (!isBelieved || latencyUs >= cost(a, b)) continue;
      set(a, b, latencyUs, b);
      set(b, a, latencyUs, a);
    }
    for (let via = 0; via < count; via++) {
      for (let from = 0; from < count; from++) {
        const first = cost(from, via);
        if (first === NEVER || from === via) continue;
        for (let to = 0; to < count; to++) {
          const sum = first + cost(via, to);
          if (from !== to && sum < cost(from, to)) set(from, to, sum, this.#nextHops[from]?.[via] ?? -1);
        }
      }
    }
  }

  #hopOf(from: number, to: number): NodeId | null {
    const hop = this.#nextHops[from]?.[to] ?? -1;
    return hop < 0 ? null : this.node(hop).id;
  }

  #linkBetween(a: number, b: number): OverlayLink | undefined {
    return this.links.find((link) => (link.a === a && link.b === b) || (link.a === b && link.b === a));
  }

  #wake(node: OverlayNode): void {
    for (let due = this.#pop(node.heap); due !== null; due = this.#pop(node.heap)) {
      due.owner.onDeadline(this.now as Micros, due);
    }
  }

  #pop(heap: DeadlineHeap): Deadline | null {
    return heap.popDue(this.now as Micros);
  }

  #after(delayUs: number, act: () => void): void {
    this.#world.allocate({ onDeadline: act }, 'event').arm((this.now + delayUs) as Micros);
  }

  #every(intervalUs: number, act: () => void): void {
    this.#after(intervalUs, () => {
      act();
      this.#every(intervalUs, act);
    });
  }
}
