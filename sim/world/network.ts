/**
 * The network between the simulated nodes: dialling, lanes and their pipes. A loss is a delay, because over a WebSocket
 * a lost packet is a late one; what cannot get through waits until it can, or until the sender's operating system gives
 * the lane up. A process that dies closes its sockets; a machine that goes dark tells nobody.
 */
import { assert, present } from '../../core/base/assert.js';
import { concatBytes } from '../../core/base/bytes.js';
import type { Ticket } from '../../core/base/units.js';
import { Draws, type Seed } from '../base/draw.js';
import type { Happening, Timeline } from '../time/timeline.js';
import { LaneEnd, type LaneOwner, type Packet, Pipe } from './lane.js';
import type { Paths } from './paths.js';

interface Machine {
  /** The process that runs now. */
  process: LaneOwner | null;
  isDark: boolean;
  isRefusing: boolean;
  readonly ends: Set<LaneEnd>;
  drainsOwed: LaneEnd[];
}

/** The arrival of the oldest packet of a pipe; void once the pipe has stalled. */
class Arrival implements Happening {
  readonly label = 'arrival';
  readonly #network: Network;
  readonly #pipe: Pipe;

  constructor(network: Network, pipe: Pipe) {
    this.#network = network;
    this.#pipe = pipe;
  }

  happen(): void {
    this.#network.onArrival(this.#pipe, this);
  }
}

export class Network {
  readonly #timeline: Timeline;
  readonly #paths: Paths;
  readonly #machines: Machine[];
  readonly #nodeOfUrl = new Map<string, number>();
  readonly #resumeDraws: Draws;
  readonly #closeDraws: Draws;
  readonly #stalled = new Set<Pipe>();

  /** `urls[i]` is where node i listens. */
  constructor(timeline: Timeline, seed: Seed, paths: Paths, urls: readonly string[]) {
    this.#timeline = timeline;
    this.#paths = paths;
    this.#resumeDraws = new Draws(seed, 'resume', 0);
    this.#closeDraws = new Draws(seed, 'close', 0);
    this.#machines = urls.map(() => ({
      process: null,
      isDark: false,
      isRefusing: false,
      ends: new Set(),
      drainsOwed: [],
    }));
    for (const [node, url] of urls.entries()) this.#nodeOfUrl.set(url, node);
  }

  /** A process listens from now on. Packets to a former life of this machine are answered by a reset. */
  processStarted(process: LaneOwner): void {
    const machine = this.#machine(process.node);
    assert(machine.process === null, 'a node runs once');
    machine.process = process;
    machine.isDark = false;
    this.resume();
  }

  /** The process is gone. With `isDark` its machine says nothing to anyone, otherwise it closes the sockets. */
  processDied(node: number, isDark: boolean): void {
    const machine = this.#machine(node);
    machine.process = null;
    machine.isDark = isDark;
    machine.drainsOwed = [];
    for (const end of machine.ends) {
      const wasConnecting = end.state === 'connecting';
      end.state = 'closed';
      if (end.out === null || wasConnecting) continue;
      end.out.voidUndeparted(this.#timeline.nowUs);
      if (!isDark) this.#send(end.out, { kind: 'closed', reason: 'reset by peer' }, 0);
    }
    machine.ends.clear();
  }

  /** Opens a lane to whoever listens at `url`: `onLaneOpened` or `onDialFailed` follows. */
  dial(owner: LaneOwner, ticket: Ticket, url: string): void {
    const to = this.#nodeOfUrl.get(url);
    const end = new LaneEnd(owner, owner.allocateLane(), ticket);
    this.#machine(owner.node).ends.add(end);
    if (to === undefined) {
      this.#failDial(end, 'ENOTFOUND', RESOLVE_US);
      return;
    }
    this.#failDial(end, 'ETIMEDOUT', CONNECT_TIMEOUT_US);
    if (!this.#paths.isDialable(owner.node, to)) return;
    // The handshakes of TCP and WebSocket take a round trip each; the last half is the packet `accepted`.
    const handshakeUs = 3 * this.#paths.latencyUs(owner.node, to);
    this.#at(handshakeUs, 'dial', () => this.#onDialled(end, to));
  }

  /** Hands the parts to the socket, as one message. Copied: both sides may change their bytes afterwards. */
  transmit(end: LaneEnd, parts: readonly Uint8Array[]): void {
    if (end.state !== 'open') return;
    const bytes = parts.length === 1 ? (parts[0] as Uint8Array).slice() : concatBytes(parts);
    this.#send(present(end.out, 'an open lane has a way out'), { kind: 'message', bytes }, bytes.length);
    end.drains.onTransmit(bytes.length);
    this.#oweDrain(end);
  }

  /** Closes a lane from this side; the peer learns it when everything before has arrived, or what had left at least. */
  close(end: LaneEnd, reason: string): void {
    const wasOpen = end.state === 'open';
    end.state = 'closed';
    this.#machine(end.owner.node).ends.delete(end);
    if (!wasOpen || end.out === null) return;
    const isAbrupt = this.#closeDraws.chance(500);
    if (isAbrupt) end.out.voidUndeparted(this.#timeline.nowUs);
    this.#send(end.out, { kind: 'closed', reason: isAbrupt ? 'reset by peer' : reason }, 0);
  }

  /** Tries again what is stalled: called whenever a block has gone. */
  resume(): void {
    const nowUs = this.#timeline.nowUs;
    for (const pipe of [...this.#stalled]) {
      if (!this.#carries(pipe)) continue;
      this.#stalled.delete(pipe);
      // The sender repeats at doubling intervals, so it notices at the latest after as long again.
      const outageUs = nowUs - pipe.stalledSinceUs;
      pipe.stalledSinceUs = -1;
      pipe.lastArrivalUs = nowUs + 1 + this.#resumeDraws.below(Math.min(outageUs, REPEAT_MAX_US) + 1);
      const arrival = new Arrival(this, pipe);
      pipe.arrival = arrival;
      for (const _ of pipe.packets) {
        pipe.lastArrivalUs += 1;
        this.#timeline.schedule(pipe.lastArrivalUs, arrival);
      }
    }
  }

  setRefusing(node: number, isRefusing: boolean): void {
    this.#machine(node).isRefusing = isRefusing;
  }

  /** All lanes of `node` that are open now silently carry nothing any more. */
  expireLanes(node: number): void {
    for (const end of this.#machine(node).ends) {
      if (end.state !== 'open' || end.out === null) continue;
      end.out.isBlackHole = true;
      const back = end.out.to.out;
      if (back !== null) back.isBlackHole = true;
    }
  }

  /** Open lanes of a node. */
  laneCount(node: number): number {
    let count = 0;
    for (const end of this.#machine(node).ends) if (end.state === 'open') count++;
    return count;
  }

  /** The oldest packet of `pipe` arrives, unless `arrival` was planned before a stall. */
  onArrival(pipe: Pipe, arrival: Arrival): void {
    if (pipe.arrival !== arrival) return;
    if (!this.#carries(pipe)) {
      this.#stall(pipe);
      return;
    }
    const packet = present(pipe.shift(), 'each arrival has its packet');
    if (pipe.from.isDrainOwed) this.#oweDrain(pipe.from);
    if (!packet.isVoid) this.#deliver(pipe, packet);
  }

  #deliver(pipe: Pipe, packet: Packet): void {
    const { to } = pipe;
    const content = packet.content;
    if (content.kind === 'closed') {
      this.#closeByPeer(to, content.reason);
    } else if (content.kind === 'accepted' && to.state === 'connecting') {
      to.state = 'open';
      to.owner.onLaneOpened(to, `n${pipe.from.owner.node}`);
    } else if (content.kind === 'message' && to.state === 'open') {
      to.owner.onReceived(to, content.bytes);
    } else if (to.state === 'closed' && pipe.from.state === 'open') {
      // Nobody is at home there any more: the operating system answers with a reset.
      const { from } = pipe;
      if (this.#canPass(to.owner.node, from.owner.node)) {
        const delayUs = this.#paths.latencyUs(to.owner.node, from.owner.node);
        this.#at(delayUs, 'arrival', () => this.#closeByPeer(from, 'reset by peer'));
      } else this.#giveUpLater(pipe);
    }
  }

  #onDialled(end: LaneEnd, to: number): void {
    const from = end.owner.node;
    if (end.state !== 'connecting' || !this.#canPass(from, to) || !this.#canPass(to, from)) return;
    const machine = this.#machine(to);
    if (machine.process === null || machine.isRefusing) {
      this.#failDial(end, 'ECONNREFUSED', this.#paths.latencyUs(to, from));
      return;
    }
    const accepted = new LaneEnd(machine.process, machine.process.allocateLane(), null);
    end.out = this.#pipe(end, accepted);
    accepted.out = this.#pipe(accepted, end);
    accepted.state = 'open';
    machine.ends.add(accepted);
    machine.process.onLaneOpened(accepted, `n${from}`);
    this.#send(accepted.out, { kind: 'accepted' }, 0);
  }

  #failDial(end: LaneEnd, code: string, delayUs: number): void {
    this.#at(delayUs, 'dial', () => {
      if (end.state !== 'connecting') return;
      end.state = 'closed';
      this.#machine(end.owner.node).ends.delete(end);
      end.owner.onDialFailed(present(end.dial, 'a dialled lane has a ticket'), code);
    });
  }

  #pipe(from: LaneEnd, to: LaneEnd): Pipe {
    const pipe = new Pipe(from, to);
    pipe.arrival = new Arrival(this, pipe);
    return pipe;
  }

  #send(pipe: Pipe, content: Packet['content'], bytes: number): void {
    const nowUs = this.#timeline.nowUs;
    const from = pipe.from.owner.node;
    const to = pipe.to.owner.node;
    const departUs = this.#paths.occupy(from, to, bytes, nowUs);
    pipe.push({ content, departUs, isVoid: false });
    if (pipe.stalledSinceUs >= 0) return;
    if (!this.#carries(pipe)) {
      this.#stall(pipe);
      return;
    }
    pipe.lastArrivalUs = Math.max(pipe.lastArrivalUs, departUs + this.#paths.latencyUs(from, to));
    this.#timeline.schedule(pipe.lastArrivalUs, present(pipe.arrival, 'a pipe in use has its arrival'));
  }

  #stall(pipe: Pipe): void {
    if (pipe.stalledSinceUs >= 0) return;
    pipe.stalledSinceUs = this.#timeline.nowUs;
    this.#stalled.add(pipe);
    pipe.arrival = new Arrival(this, pipe);
    this.#giveUpLater(pipe);
  }

  /** The sender's operating system closes a lane on which nothing was acknowledged for too long. */
  #giveUpLater(pipe: Pipe): void {
    const sinceUs = pipe.stalledSinceUs;
    this.#at(USER_TIMEOUT_US, 'lane-timeout', () => {
      if (pipe.stalledSinceUs !== sinceUs) return;
      this.#stalled.delete(pipe);
      this.#closeByPeer(pipe.from, 'timed out');
    });
  }

  #closeByPeer(end: LaneEnd, reason: string): void {
    if (end.state === 'closed') return;
    const wasOpen = end.state === 'open';
    end.state = 'closed';
    this.#machine(end.owner.node).ends.delete(end);
    if (wasOpen) end.owner.onLaneClosed(end, reason);
    else end.owner.onDialFailed(present(end.dial, 'a lane that never opened was dialled'), 'ECONNRESET');
  }

  /** One report for all lanes of a process whose buffers have fallen, a little later. */
  #oweDrain(end: LaneEnd): void {
    if (!end.drains.mayBeDue) return;
    const machine = this.#machine(end.owner.node);
    end.isDrainOwed = false;
    machine.drainsOwed.push(end);
    if (machine.drainsOwed.length > 1) return;
    const { process } = machine;
    this.#at(DRAIN_US, 'arrival', () => {
      if (machine.process !== process) return;
      const owed = machine.drainsOwed;
      machine.drainsOwed = [];
      for (const lane of new Set(owed)) {
        if (lane.state !== 'open') continue;
        const { bufferedBytes } = lane;
        lane.isDrainOwed = bufferedBytes > 0;
        if (lane.drains.takeDue(bufferedBytes)) lane.owner.onLaneDrained(lane, bufferedBytes);
      }
    });
  }

  #carries(pipe: Pipe): boolean {
    return !pipe.isBlackHole && this.#canPass(pipe.from.owner.node, pipe.to.owner.node);
  }

  #canPass(from: number, to: number): boolean {
    // What a machine had sent before it went dark is on its way; only the receiver's power matters.
    return !this.#paths.isBlocked(from, to) && !this.#machine(to).isDark;
  }

  #at(delayUs: number, label: Happening['label'], happen: () => void): void {
    this.#timeline.schedule(this.#timeline.nowUs + delayUs, { label, happen });
  }

  #machine(node: number): Machine {
    return present(this.#machines[node], 'every node has its machine');
  }
}

const RESOLVE_US = 5_000;
const CONNECT_TIMEOUT_US = 3_000_000;
const USER_TIMEOUT_US = 20_000_000;
const REPEAT_MAX_US = 2_000_000;
/** How soon a process learns that its send buffer has fallen. */
const DRAIN_US = 1_000;
