/**
 * Several `Links` joined by virtual sockets in virtual time: what the tests of this folder run on. A socket keeps the
 * order of its messages, may go deaf in either direction (half-open), may hold back its drain, and can be cut.
 */
import { type NodeId, idFromBytes } from '../../base/ids.js';
import { concatBytes } from '../../base/bytes.js';
import { DeadlineHeap } from '../../base/deadlines.js';
import { Rng } from '../../base/rng.js';
import { type LaneId, type Ticket, laneId, logIndex, memberIndex, micros, ticket } from '../../base/units.js';
import type { MembershipCertificate } from '../../wire/link-messages.js';
import type { FrameView } from '../../wire/frame.js';
import { issueCertificate } from '../../security/certificate.js';
import { FAKE_CRYPTO, seededEntropy } from '../../security/fake-crypto.js';
import { generationTagOf, meshIdOf } from '../../security/mesh-key.js';
import { meshTrust } from '../../security/mesh-trust.js';
import { DEFAULT_LINK_CONFIG, type LinkConfig } from '../config.js';
import type { LinkEffect, LinkFact } from '../facts.js';
import type { LocalIdentity } from '../identity.js';
import { Links } from '../links.js';

/** A mesh with a founder that issues certificates. */
export class TestMesh {
  readonly rng: Rng;
  readonly seed: Uint8Array;
  readonly meshPublicKey: Uint8Array;
  readonly meshId;
  #issued = 0;

  constructor(name: string) {
    this.rng = Rng.fromSeed(`mesh ${name}`);
    this.seed = this.rng.fill(32);
    this.meshPublicKey = FAKE_CRYPTO.publicKey(this.seed);
    this.meshId = meshIdOf(FAKE_CRYPTO, this.meshPublicKey);
  }

  chainFor(identity: LocalIdentity, since = 1, generation = 1): MembershipCertificate[] {
    const claims = {
      meshId: this.meshId,
      nodeId: identity.nodeId,
      publicKey: identity.publicKey,
      replica: identity.replica,
      index: memberIndex(++this.#issued),
      generation,
      generationTag: generationTagOf(FAKE_CRYPTO, this.meshId, generation),
      logIndex: logIndex(since),
    };
    return [issueCertificate(FAKE_CRYPTO, { kind: 'mesh-key', meshPrivateSeed: this.seed }, claims)];
  }

  membershipOf(identity: LocalIdentity, at: { since?: number; applied?: number; generation?: number } = {}) {
    const { since = 1, applied = 100, generation = 1 } = at;
    return {
      meshId: this.meshId,
      meshPublicKey: this.meshPublicKey,
      generationTag: generationTagOf(FAKE_CRYPTO, this.meshId, generation),
      lineage: [],
      chain: this.chainFor(identity, since, generation),
      mcgApplied: logIndex(applied),
    };
  }
}

export function testIdentity(name: string, boot = 1, replica = 1): LocalIdentity {
  const privateSeed = Rng.fromSeed(`key ${name}`).fill(32);
  const nodeId = idFromBytes<NodeId>(Rng.fromSeed(`id ${name}`).fill(16));
  return { nodeId, replica, bootCounter: boot, privateSeed, publicKey: FAKE_CRYPTO.publicKey(privateSeed) };
}

type Kind<K extends LinkFact['kind']> = Extract<LinkFact, { kind: K }>;

/** One process with links. */
export class TestNode {
  readonly name: string;
  readonly identity: LocalIdentity;
  readonly deadlines = new DeadlineHeap();
  readonly links: Links;
  readonly facts: LinkFact[] = [];
  readonly frames: { readonly peer: NodeId; readonly frame: FrameView }[] = [];
  readonly effects: LinkEffect[] = [];
  isDown = false;

  constructor(name: string, identity: LocalIdentity, options: { config: LinkConfig; process: string; emit: (node: TestNode, effect: LinkEffect) => void; nextTicket: () => Ticket }) {
    this.name = name;
    this.identity = identity;
    const rng = Rng.fromSeed(options.process);
    this.links = new Links({
      config: options.config,
      identity,
      crypto: FAKE_CRYPTO,
      entropy: seededEntropy(rng.fork('entropy')),
      rng: rng.fork('links'),
      trust: meshTrust(FAKE_CRYPTO),
      deadlines: this.deadlines,
      nextTicket: options.nextTicket,
      emit: (fact) => {
        this.facts.push(fact);
        if (fact.kind !== 'effect') return;
        this.effects.push(fact.effect);
        options.emit(this, fact.effect);
      },
      onFrame: (_now, peer, frame) => this.frames.push({ peer, frame }),
    });
  }

  get id(): NodeId {
    return this.identity.nodeId;
  }

  of<K extends LinkFact['kind']>(kind: K): Kind<K>[] {
    return this.facts.filter((fact): fact is Kind<K> => fact.kind === kind);
  }

  /** How often the counter of that name has moved. */
  counted(name: string): number {
    let total = 0;
    for (const { notice } of this.of('notice')) if (notice.kind === 'count' && notice.name === name) total += notice.by;
    return total;
  }

  marked(name: string): boolean {
    return this.of('notice').some(({ notice }) => notice.kind === 'mark' && notice.name === name);
  }

  /** Codes with which lanes ended here. */
  get endings(): string[] {
    const codes: string[] = [];
    for (const { notice } of this.of('notice')) {
      if (notice.kind === 'log' && notice.event === 'link.lane-ended') codes.push(String(notice.fields['code']));
    }
    return codes;
  }

  linkedTo(peer: TestNode): boolean {
    return this.links.link(peer.id) !== null;
  }
}

/** One socket; side 0 dialled. */
export class TestSocket {
  readonly ends: readonly [SocketEnd, SocketEnd];
  isOpen = true;
  /** Messages of that side vanish, its closing too: the other side notices nothing. */
  readonly isDeaf: [boolean, boolean] = [false, false];
  /** The transmitted bytes of that side stay in its socket. */
  readonly isStuck: [boolean, boolean] = [false, false];
  /** Changes a message of that side on its way; null drops it. */
  tamper: ((side: 0 | 1, bytes: Uint8Array) => Uint8Array | null) | null = null;
  readonly sent: { readonly side: 0 | 1; readonly bytes: Uint8Array }[] = [];

  constructor(dialler: SocketEnd, listener: SocketEnd) {
    this.ends = [dialler, listener];
  }
}

interface SocketEnd {
  readonly node: TestNode;
  readonly lane: LaneId;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class LinkWorld {
  now = micros(1_000_000);
  latencyUs = 5_000;
  /** Of lanes that open from here on; called once both ends know their lane. */
  onSocket: ((socket: TestSocket) => void) | null = null;
  readonly sockets: TestSocket[] = [];
  readonly nodes: TestNode[] = [];
  readonly #listeners = new Map<string, TestNode>();
  #events: Event[] = [];
  #order = 0;
  #lanes = 0;
  #tickets = 0;

  /** Starts a process. Nodes that may be dialled listen at `url`; a later one takes the address over. */
  start(name: string, options: { boot?: number; replica?: number; identity?: string; config?: Partial<LinkConfig>; url?: string; process?: string } = {}): TestNode {
    const { boot = 1, replica = 1, identity = name, url = name } = options;
    const config = { ...DEFAULT_LINK_CONFIG, ...options.config };
    const process = options.process ?? `${name} ${replica} ${boot} ${this.nodes.length}`;
    const node = new TestNode(name, testIdentity(identity, boot, replica), {
      config,
      process,
      emit: (from, effect) => this.#onEffect(from, effect),
      nextTicket: () => ticket(++this.#tickets),
    });
    this.nodes.push(node);
    this.#listeners.set(url, node);
    return node;
  }

  /** `node` answers at `url` too. */
  listen(url: string, node: TestNode): void {
    this.#listeners.set(url, node);
  }

  /** Nobody answers at `url` any more. */
  unlisten(url: string): void {
    this.#listeners.delete(url);
  }

  /** The process is gone without a word; `isSilent` keeps even its sockets' ends from being noticed. */
  kill(node: TestNode, isSilent = false): void {
    node.isDown = true;
    for (const socket of this.sockets) {
      if (!socket.isOpen || !socket.ends.some((end) => end.node === node)) continue;
      if (isSilent) socket.isDeaf[0] = socket.isDeaf[1] = true;
      else this.cut(socket);
    }
  }

  /** Both ends notice. */
  cut(socket: TestSocket): void {
    if (!socket.isOpen) return;
    socket.isOpen = false;
    for (const { node, lane } of socket.ends) {
      this.#at(this.latencyUs, () => this.step(node, () => node.links.onLaneClosed(this.now, lane, 'reset')));
    }
  }

  openSockets(a: TestNode, b: TestNode): TestSocket[] {
    return this.sockets.filter(({ isOpen, ends }) => isOpen && ends.some((e) => e.node === a) && ends.some((e) => e.node === b));
  }

  /** A bare socket into `node`, with nobody behind it. */
  rawSocket(node: TestNode): LaneId {
    const lane = laneId(++this.#lanes);
    this.step(node, () => node.links.onLaneOpened(this.now, lane, null, 'raw'));
    return lane;
  }

  /** Gives `node` an input and then its turn. */
  step(node: TestNode, input: () => void): void {
    if (node.isDown) return;
    input();
    node.links.flush(this.now);
    node.links.checkInvariants();
  }

  /** Runs everything that happens in the next `forUs`. */
  run(forUs: number): void {
    const end = this.now + forUs;
    for (;;) {
      const event = this.#events[0];
      let due: TestNode | null = null;
      for (const node of this.nodes) {
        if (!node.isDown && (due === null || node.deadlines.next() < due.deadlines.next())) due = node;
      }
      const wakeAt = due?.deadlines.next() ?? Number.MAX_SAFE_INTEGER;
      const next = Math.min(event?.at ?? Number.MAX_SAFE_INTEGER, wakeAt);
      if (next > end) break;
      this.now = micros(Math.max(this.now, next));
      if (event !== undefined && event.at <= wakeAt) {
        this.#events.shift();
        event.run();
      } else if (due !== null) this.#wake(due);
    }
    this.now = micros(end);
  }

  #wake(node: TestNode): void {
    this.step(node, () => {
      for (let due = node.deadlines.popDue(this.now); due !== null; due = node.deadlines.popDue(this.now)) {
        due.owner.onDeadline(this.now, due);
      }
    });
  }

  #at(delayUs: number, run: () => void): void {
    const event = { at: this.now + delayUs, order: this.#order++, run };
    const place = this.#events.findIndex((other) => other.at > event.at);
    this.#events.splice(place < 0 ? this.#events.length : place, 0, event);
  }

  #onEffect(node: TestNode, effect: LinkEffect): void {
    switch (effect.kind) {
      case 'dial':
        this.#at(this.latencyUs, () => this.#connect(node, effect.ticket, effect.url));
        break;
      case 'transmit':
        this.#transmit(node, effect.lane, effect.parts);
        break;
      case 'close-lane':
        this.#closeLane(node, effect.lane);
        break;
    }
  }

  #connect(node: TestNode, dial: Ticket, url: string): void {
    if (node.isDown) return;
    const listener = this.#listeners.get(url);
    if (listener === undefined || listener.isDown) {
      this.step(node, () => node.links.onDialFailed(this.now, dial, 'ECONNREFUSED'));
      return;
    }
    // Hosts number their lanes as they like: here the two ends see opposite orders.
    this.#lanes++;
    const socket = new TestSocket(
      { node, lane: laneId(this.#lanes) },
      { node: listener, lane: laneId(LANES_MAX - this.#lanes) },
    );
    this.sockets.push(socket);
    this.onSocket?.(socket);
    // Ahead of anything that the listener says at once.
    this.#at(this.latencyUs, () => {
      this.step(node, () => node.links.onLaneOpened(this.now, socket.ends[0].lane, dial, url));
    });
    this.step(listener, () => listener.links.onLaneOpened(this.now, socket.ends[1].lane, null, `from ${node.name}`));
  }

  #transmit(node: TestNode, lane: LaneId, parts: readonly Uint8Array[]): void {
    const found = this.#end(node, lane);
    if (found === null) return;
    const { socket, side } = found;
    let bytes: Uint8Array | null = concatBytes(parts).slice();
    if (socket.isStuck[side]) return;
    this.#at(this.latencyUs, () => this.step(node, () => node.links.onLaneDrained(this.now, lane, 0)));
    if (socket.isDeaf[side]) return;
    socket.sent.push({ side, bytes });
    if (socket.tamper !== null) bytes = socket.tamper(side, bytes);
    if (bytes === null) return;
    const message = bytes;
    const to = socket.ends[side === 0 ? 1 : 0];
    this.#at(this.latencyUs, () => {
      if (socket.isDeaf[side]) return;
      this.step(to.node, () => to.node.links.onReceived(this.now, to.lane, message));
    });
  }

  #closeLane(node: TestNode, lane: LaneId): void {
    const found = this.#end(node, lane);
    if (found === null) return;
    const { socket, side } = found;
    socket.isOpen = false;
    if (socket.isDeaf[side]) return;
    const to = socket.ends[side === 0 ? 1 : 0];
    this.#at(this.latencyUs, () => this.step(to.node, () => to.node.links.onLaneClosed(this.now, to.lane, 'closed')));
  }

  #end(node: TestNode, lane: LaneId): { socket: TestSocket; side: 0 | 1 } | null {
    for (const socket of this.sockets) {
      if (socket.ends[0].node === node && socket.ends[0].lane === lane) return { socket, side: 0 };
      if (socket.ends[1].node === node && socket.ends[1].lane === lane) return { socket, side: 1 };
    }
    return null;
  }
}

/** Makes the node a member and points it at addresses. */
export function enroll(
  world: LinkWorld,
  mesh: TestMesh,
  node: TestNode,
  how: { dial?: readonly string[]; since?: number; applied?: number; generation?: number } = {},
): void {
  world.step(node, () => {
    node.links.setMembership(world.now, mesh.membershipOf(node.identity, how));
    node.links.setDialTargets(world.now, how.dial ?? []);
  });
}

const LANES_MAX = 1_000_000_000;
