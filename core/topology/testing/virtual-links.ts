/**
 * A seeded small world for topology machines: links with latency between nodes that can crash, restart, lose their
 * disk or be cut off. A link that breaks loses what is on it. Knows nothing of what the machines decide.
 */
import { crc32c } from '../../base/crc32c.js';
import { DeadlineHeap } from '../../base/deadlines.js';
import { type NodeId, idBytes, idFromBytes } from '../../base/ids.js';
import { Rng } from '../../base/rng.js';
import { type MemberIndex, type Micros, memberIndex } from '../../base/units.js';
import { DEFAULT_TOPOLOGY_CONFIG, type TopologyConfig } from '../topology-config.js';
import { Topology, type TopologyFact } from '../topology.js';

export interface VirtualNode {
  readonly id: NodeId;
  readonly number: number;
  replica: number;
  bootCounter: number;
  heap: DeadlineHeap;
  topology: Topology;
  isUp: boolean;
  /** Payloads sent in all, and urgent or batched change facts. */
  sentCount: number;
  sentBytes: number;
  changedCount: number;
  counts: Map<string, number>;
}

interface Arrival {
  readonly at: number;
  readonly order: number;
  readonly from: number;
  readonly to: number;
  readonly link: VirtualLink;
  readonly life: number;
  readonly payload: Uint8Array;
}

interface VirtualLink {
  readonly a: number;
  readonly b: number;
  readonly latencyUs: number;
  isUp: boolean;
  /** Takes what is sent and loses it, as a full queue does. */
  isSwallowing: boolean;
  /** Counts the times that it came up: what was on it before is lost. */
  life: number;
}

export class VirtualLinks {
  readonly nodes: VirtualNode[] = [];
  readonly links: VirtualLink[] = [];
  readonly rng: Rng;
  readonly #config: TopologyConfig;
  readonly #touched = new Set<VirtualNode>();
  #arrivals: Arrival[] = [];
  #orders = 0;
  now = 1_000_000;

  constructor(seed: string, nodeCount: number, config: Partial<TopologyConfig> = {}) {
    this.rng = Rng.fromSeed(seed);
    this.#config = { ...DEFAULT_TOPOLOGY_CONFIG, ...config };
    for (let number = 0; number < nodeCount; number++) {
      const id = idFromBytes<NodeId>(this.rng.fork(`id ${number}`).fill(16));
      const node = {
        id, number, replica: 1, bootCounter: 0, isUp: false, sentCount: 0, sentBytes: 0, changedCount: 0,
        counts: new Map<string, number>(),
      } as VirtualNode;
      this.nodes.push(node);
      this.boot(number);
    }
  }

  node(number: number): VirtualNode {
    return this.nodes[number] as VirtualNode;
  }

  /** Starts a node that is down: the next boot of its replica. */
  boot(number: number): void {
    const node = this.node(number);
    node.bootCounter++;
    node.isUp = true;
    node.heap = new DeadlineHeap();
    node.topology = new Topology({
      config: this.#config,
      deadlines: node.heap,
      rng: this.rng.fork(`node ${number} boot ${node.replica}.${node.bootCounter}`),
      emit: (fact) => this.#onFact(node, fact),
      verifyLsa: (origin, chain, body, signature) => verify(origin, chain, body, signature),
    });
    this.identify(number);
  }

  identify(number: number): void {
    const node = this.node(number);
    this.#touched.add(node);
    const index = this.indexOf(number);
    const chain = Uint8Array.of(index & 255, index >>> 8, node.replica);
    node.topology.setIdentity(this.now as Micros, {
      nodeId: node.id,
      replica: node.replica,
      bootCounter: node.bootCounter,
      index,
      certificateChain: chain,
      sign: (bytes) => fakeSignature(node.id, bytes),
    });
  }

  indexOf(number: number): MemberIndex {
    return memberIndex(number + 1);
  }

  crash(number: number): void {
    this.node(number).isUp = false;
    for (const link of this.links) if (link.a === number || link.b === number) this.#takeDown(link);
  }

  /** A crash after which the disk is gone: the node comes back as its next replica. */
  wipe(number: number): void {
    this.crash(number);
    this.node(number).replica++;
    this.node(number).bootCounter = 0;
  }

  connect(a: number, b: number, latencyUs: number): void {
    const link = { a, b, latencyUs, isUp: false, isSwallowing: false, life: 0 };
    this.links.push(link);
    this.bringUp(link);
  }

  bringUp(link: VirtualLink): void {
    if (link.isUp || !this.node(link.a).isUp || !this.node(link.b).isUp) return;
    link.isUp = true;
    link.life++;
    const now = this.now as Micros;
    this.#touch(link);
    this.node(link.a).topology.onLinkUp(now, this.node(link.b).id, 2 * link.latencyUs);
    this.node(link.b).topology.onLinkUp(now, this.node(link.a).id, 2 * link.latencyUs);
  }

  heal(): void {
    for (const link of this.links) link.isSwallowing = false;
  }

  bringUpAll(): void {
    for (const link of this.links) this.bringUp(link);
  }

  cut(link: VirtualLink): void {
    this.#takeDown(link);
  }

  /** Cuts every link between the nodes below `border` and the rest. */
  partition(border: number): void {
    for (const link of this.links) if (link.a < border !== link.b < border) this.#takeDown(link);
  }

  /** A connected random graph: a random tree and some chords. */
  connectRandomly(chordCount: number): void {
    const rng = this.rng.fork('graph');
    for (let number = 1; number < this.nodes.length; number++) {
      this.connect(rng.below(number), number, rng.between(500, 40_000));
    }
    for (let chord = 0; chord < chordCount; chord++) {
      const a = rng.below(this.nodes.length);
      const b = rng.below(this.nodes.length);
      const exists = this.links.some((link) => (link.a === a && link.b === b) || (link.a === b && link.b === a));
      if (a !== b && !exists) this.connect(a, b, rng.between(500, 40_000));
    }
  }

  /** Runs everything that happens in the next `spanUs`. */
  run(spanUs: number): void {
    const end = this.now + spanUs;
    this.#turnAll();
    for (;;) {
      const at = this.#nextAt();
      if (at > end) break;
      this.now = Math.max(this.now, at);
      this.#wakeAll();
      this.#deliverDue();
      this.#turnAll();
    }
    this.now = end;
  }

  /** Whether all nodes that are up hold the same databases. */
  areEqual(numbers: readonly number[] = this.nodes.map((node) => node.number)): boolean {
    const texts = numbers.filter((n) => this.node(n).isUp).map((n) => JSON.stringify(this.node(n).topology.summary()));
    return texts.every((text) => text === texts[0]);
  }

  count(number: number, name: string): number {
    return this.node(number).counts.get(name) ?? 0;
  }

  /** A reading of the RTT of the link to a neighbour. */
  readRtt(number: number, peer: number, rttUs: number): void {
    this.#touched.add(this.node(number));
    this.node(number).topology.onLinkRtt(this.now as Micros, this.node(peer).id, rttUs);
  }

  /** Hands a payload to a node as if a neighbour had sent it. */
  inject(to: number, from: number, payload: Uint8Array): void {
    this.#touched.add(this.node(to));
    this.node(to).topology.onPayload(this.now as Micros, this.node(from).id, payload);
  }

  #takeDown(link: VirtualLink): void {
    if (!link.isUp) return;
    link.isUp = false;
    this.#touch(link);
    const now = this.now as Micros;
    const [a, b] = [this.node(link.a), this.node(link.b)];
    if (a.isUp) a.topology.onLinkDown(now, b.id);
    if (b.isUp) b.topology.onLinkDown(now, a.id);
  }

  #touch(link: VirtualLink): void {
    this.#touched.add(this.node(link.a));
    this.#touched.add(this.node(link.b));
  }

  #onFact(node: VirtualNode, fact: TopologyFact): void {
    if (fact.kind === 'topology-changed') {
      node.changedCount++;
      return;
    }
    if (fact.kind === 'notice') {
      if (fact.notice.kind === 'count') node.counts.set(fact.notice.name, (node.counts.get(fact.notice.name) ?? 0) + 1);
      return;
    }
    node.sentCount++;
    node.sentBytes += fact.payload.length;
    const link = this.links.find(
      ({ a, b, isUp }) =>
        isUp &&
        ((a === node.number && this.node(b).id === fact.peer) || (b === node.number && this.node(a).id === fact.peer)),
    );
    if (link === undefined || link.isSwallowing) return;
    const to = link.a === node.number ? link.b : link.a;
    const at = this.now + link.latencyUs;
    const { life } = link;
    this.#arrivals.push({ at, order: this.#orders++, from: node.number, to, link, life, payload: fact.payload });
  }

  #nextAt(): number {
    let at = Number.MAX_SAFE_INTEGER;
    for (const arrival of this.#arrivals) at = Math.min(at, arrival.at);
    for (const node of this.nodes) if (node.isUp) at = Math.min(at, node.heap.next());
    return at;
  }

  #deliverDue(): void {
    const due = this.#arrivals.filter((arrival) => arrival.at <= this.now);
    if (due.length === 0) return;
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.at > this.now);
    due.sort((x, y) => x.at - y.at || x.order - y.order);
    for (const { link, life, to, from, payload } of due) {
      if (!link.isUp || link.life !== life) continue;
      this.inject(to, from, payload);
    }
  }

  #wakeAll(): void {
    for (const node of this.nodes) {
      if (!node.isUp) continue;
      for (let due = node.heap.popDue(this.now as Micros); due !== null; due = node.heap.popDue(this.now as Micros)) {
        due.owner.onDeadline(this.now as Micros, due);
        this.#touched.add(node);
      }
    }
  }

  /** Gives a turn to the nodes to which something happened. */
  #turnAll(): void {
    const nodes = [...this.#touched].sort((a, b) => a.number - b.number);
    this.#touched.clear();
    for (const node of nodes) {
      if (!node.isUp) continue;
      node.topology.onTurn(this.now as Micros);
      node.topology.checkInvariants();
    }
  }
}

/** Stands for Ed25519: any changed byte and any other origin fails. */
export function fakeSignature(origin: NodeId, body: Uint8Array): Uint8Array {
  const signature = new Uint8Array(4);
  new DataView(signature.buffer).setUint32(0, crc32c(body, 0, body.length, crc32c(idBytes(origin))));
  return signature;
}

function verify(origin: NodeId, chain: Uint8Array, body: Uint8Array, signature: Uint8Array) {
  if (chain.length !== 3 || fakeSignature(origin, body).join() !== signature.join()) return null;
  return { index: memberIndex((chain[0] as number) + ((chain[1] as number) << 8)), replica: chain[2] as number };
}
