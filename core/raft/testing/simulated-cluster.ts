/**
 * Replicas of one group on a simulated network with simulated disks, in virtual time: the event queue, the carrying
 * out of what groups wish, and the calling of the oracles after every step. Faults and load are simulation.ts's.
 */
import type { ReplicaId } from '../../base/replica.js';
import { Rng } from '../../base/rng.js';
import { type Micros, micros } from '../../base/units.js';
import type { RaftConfig, RaftOutput, RaftWrite } from '../api.js';
import { configurationOf } from '../configuration.js';
import type { RaftGroup } from '../raft-group.js';
import type { RaftMessage } from '../../wire/raft-messages.js';
import { freshDisk, replicasOf } from './in-memory-cluster.js';
import { Oracles, type Observed, Violation } from './oracles.js';
import { type NetworkFaults, SimulatedNetwork } from './simulated-network.js';
import { SimulatedReplica } from './simulated-replica.js';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/** A read that was asked: it must see everything acknowledged before. */
interface AskedRead {
  readonly atLeast: number;
}

export class SimulatedCluster {
  readonly rng: Rng;
  readonly replicas: SimulatedReplica[] = [];
  readonly network: SimulatedNetwork;
  readonly oracles: Oracles;
  readonly marks = new Map<string, number>();
  /** Index and term of proposals at their proposer, until they are applied there. */
  readonly proposed = new Map<string, number>();
  /** Acknowledged: index to term. */
  readonly acknowledged = new Map<number, number>();
  readonly #byId = new Map<ReplicaId, SimulatedReplica>();
  readonly #reads = new Map<string, AskedRead>();
  readonly #queue: Event[] = [];
  #orders = 0;
  now = 0;
  eventCount = 0;
  diskDelayMaxUs: number;
  answeredReads = 0;

  constructor(seed: string, options: { voters: number; spares: number; config: RaftConfig; dataLeavesEarly: boolean; faults: NetworkFaults; diskDelayMaxUs: number }) {
    this.rng = Rng.fromSeed(seed);
    this.diskDelayMaxUs = options.diskDelayMaxUs;
    const ids = replicasOf(options.voters + options.spares);
    const first = configurationOf(ids.slice(0, options.voters));
    for (const id of ids) {
      const replica = new SimulatedReplica(id, freshDisk(first), options, this.rng.fork(id));
      this.replicas.push(replica);
      this.#byId.set(id, replica);
    }
    this.oracles = new Oracles(new Map(this.replicas.map((replica) => [replica.id, replica.disk])), options.dataLeavesEarly);
    const host = {
      schedule: (delayUs: number, action: () => void): void => this.schedule(delayUs, action),
      deliver: (to: ReplicaId, from: ReplicaId, message: RaftMessage): void =>
        this.input(this.#replica(to), (group, now) => group.onMessage(now, from, message)),
      tellPeerLost: (owner: ReplicaId, peer: ReplicaId): void =>
        this.input(this.#replica(owner), (group, now) => group.onPeerLost(now, peer)),
    };
    this.network = new SimulatedNetwork(host, this.rng.fork('network'), () => this.now, options.faults);
  }

  schedule(delayUs: number, action: () => void): void {
    const event: Event = { at: this.now + delayUs, order: this.#orders++, action };
    let slot = this.#queue.length;
    this.#queue.push(event);
    while (slot > 0) {
      const parent = (slot - 1) >>> 1;
      if (!isBefore(event, this.#queue[parent] as Event)) break;
      this.#queue[slot] = this.#queue[parent] as Event;
      slot = parent;
    }
    this.#queue[slot] = event;
  }

  /** Runs everything that is due within `durationUs`. */
  run(durationUs: number): void {
    const until = this.now + durationUs;
    for (;;) {
      const next = this.#queue[0];
      if (next === undefined || next.at > until) break;
      this.#pop();
      this.now = next.at;
      this.eventCount++;
      next.action();
    }
    this.now = until;
  }

  start(replica: SimulatedReplica): void {
    replica.start(micros(this.now));
    this.#wakeLater(replica);
    // A new boot: whatever flows to it carried is gone, and their senders are told.
    if (replica.boot > 1) for (const other of this.replicas) if (other !== replica) this.network.resetFlow(other.id, replica.id);
    this.#observe(replica);
  }

  crash(replica: SimulatedReplica): void {
    if (replica.running === null) return;
    if (replica.running.group.role === 'leader') this.mark('leader-crashed');
    if (replica.crash()) this.mark('lost-unsynced-write');
    for (const key of [...this.proposed.keys()]) if (key.startsWith(replica.id)) this.proposed.delete(key);
    for (const other of this.replicas) if (other !== replica) this.network.resetFlow(replica.id, other.id);
  }

  mark(name: string): void {
    this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
  }

  /** Gives one input to a replica that is up; a paused one takes it when it goes on. */
  input(replica: SimulatedReplica, feed: (group: RaftGroup, now: Micros) => void): void {
    const { running } = replica;
    if (running === null) return;
    if (this.now < replica.pausedUntil) {
      replica.inbox.push(() => this.input(replica, feed));
      return;
    }
    feed(running.group, micros(this.now));
    if (replica.running !== running) return;
    this.#observe(replica);
    this.#turnLater(replica);
    this.#wakeLater(replica);
  }

  pause(replica: SimulatedReplica, durationUs: number): void {
    replica.pausedUntil = this.now + durationUs;
    this.schedule(durationUs, () => {
      const waiting = replica.inbox;
      replica.inbox = [];
      // The worst order: deadlines first, then the messages that have waited.
      this.#wake(replica);
      for (const action of waiting) action();
    });
  }

  ask(replica: SimulatedReplica, context: number): void {
    const atLeast = Math.max(0, ...this.acknowledged.keys());
    this.input(replica, (group, now) => {
      const result = group.readIndex(now, context);
      if (result.ok) this.#reads.set(`${replica.id}/${replica.boot}/${context}`, { atLeast });
    });
  }

  #observe(replica: SimulatedReplica): void {
    if (replica.running !== null) this.oracles.afterStep(this.#observed(replica), replica.boot);
  }

  #observed(replica: SimulatedReplica): Observed {
    const { running, id, disk } = replica;
    if (running === null) throw new Error('a replica that is down is not observed');
    return { id, disk, group: running.group };
  }

  #turnLater(replica: SimulatedReplica): void {
    if (replica.hasTurn || replica.running?.group.isDirty !== true) return;
    replica.hasTurn = true;
    const { boot } = replica;
    this.schedule(this.rng.below(500), () => {
      if (replica.boot !== boot || replica.running === null) return;
      replica.hasTurn = false;
      if (this.now < replica.pausedUntil) replica.inbox.push(() => this.#turnLater(replica));
      else this.#turn(replica);
    });
  }

  #turn(replica: SimulatedReplica): void {
    const { running } = replica;
    if (running === null) return;
    const { group, machine } = running;
    const observed = this.#observed(replica);
    const output = group.take(micros(this.now));
    if (output.write !== null) this.#write(replica, output.write);
    for (const envelope of output.send) {
      this.oracles.onSend(observed, envelope.to, envelope.message);
      this.network.send(replica.id, envelope);
    }
    if (output.installed !== null) {
      machine.install(output.installed);
      this.oracles.onState(machine.index, machine.hash);
    }
    this.#apply(replica, output);
    if (output.fetch !== null) this.#fetch(replica, output.fetch);
    this.#takeReads(replica, output);
    for (const event of output.events) if (event.kind === 'notice' && event.notice.kind === 'mark') this.mark(event.notice.name);
    this.#observe(replica);
    this.#turnLater(replica);
    this.#wakeLater(replica);
  }

  #apply(replica: SimulatedReplica, output: RaftOutput): void {
    const { running } = replica;
    if (running === null || output.apply.length === 0) return;
    this.oracles.onApply(this.#observed(replica), output.apply);
    for (const entry of output.apply) {
      running.machine.apply(entry);
      this.oracles.onState(entry.index, running.machine.hash);
      const key = `${replica.id}/${entry.index}`;
      const proposedIn = this.proposed.get(key);
      if (proposedIn === undefined) continue;
      this.proposed.delete(key);
      if (proposedIn === entry.term) this.acknowledged.set(entry.index, entry.term);
    }
    running.group.onApplied(micros(this.now), running.machine.index);
  }

  #takeReads(replica: SimulatedReplica, output: RaftOutput): void {
    for (const read of output.reads) {
      const key = `${replica.id}/${replica.boot}/${read.context}`;
      const asked = this.#reads.get(key);
      if (asked === undefined) throw new Violation('a read is answered once, and only when asked');
      this.#reads.delete(key);
      this.answeredReads++;
      if (read.index < asked.atLeast) throw new Violation(`a read sees ${read.index} and misses ${asked.atLeast}`);
    }
    for (const context of output.lostReads) this.#reads.delete(`${replica.id}/${replica.boot}/${context}`);
  }

  #write(replica: SimulatedReplica, write: RaftWrite): void {
    this.oracles.onWrite(this.#observed(replica), write);
    const isSmall = write.entries.length === 0 && write.snapshot === null;
    const { boot } = replica;
    // Behind a refused write nothing is written until the group has been told.
    if (replica.isRefusing) return;
    if (replica.isDiskFull && !isSmall) {
      replica.isRefusing = true;
      this.mark('disk-full');
      this.schedule(300, () => {
        if (replica.boot !== boot) return;
        this.input(replica, (group, now) => {
          replica.isRefusing = false;
          group.onWriteRefused(now, write.id);
          if (!replica.isDiskFull) group.onSpaceFreed(now);
        });
      });
      return;
    }
    replica.pendingWrites.push(write);
    replica.diskReadyAt = Math.max(replica.diskReadyAt, this.now + this.rng.between(100, this.diskDelayMaxUs));
    this.schedule(replica.diskReadyAt - this.now, () => {
      if (replica.boot !== boot || replica.running === null || replica.pendingWrites[0] !== write) return;
      replica.disk.carryOut(write);
      replica.pendingWrites.shift();
      this.input(replica, (group, now) => group.onPersisted(now, write.id));
    });
  }

  #fetch(replica: SimulatedReplica, range: NonNullable<RaftOutput['fetch']>): void {
    const { boot } = replica;
    this.mark('fetched');
    this.schedule(this.rng.between(100, this.diskDelayMaxUs), () => {
      if (replica.boot !== boot) return;
      const isGone = range.from <= replica.disk.snapshot.index;
      const entries = isGone ? [] : replica.disk.read(range.from, range.through, range.bytesMax);
      this.input(replica, (group, now) => group.onFetched(now, entries));
    });
  }

  #wakeLater(replica: SimulatedReplica): void {
    const { running, boot } = replica;
    if (running === null) return;
    const at = running.heap.next();
    if (at === replica.wakeAt || at > this.now + FAR_US) return;
    replica.wakeAt = at;
    this.schedule(Math.max(0, at - this.now), () => {
      if (replica.boot === boot && this.now >= replica.pausedUntil) this.#wake(replica);
    });
  }

  #wake(replica: SimulatedReplica): void {
    const { running } = replica;
    if (running === null) return;
    replica.wakeAt = -1;
    for (let due = running.heap.popDue(micros(this.now)); due !== null; due = running.heap.popDue(micros(this.now))) {
      const deadline = due;
      this.input(replica, (_group, now) => deadline.owner.onDeadline(now, deadline));
    }
    this.#wakeLater(replica);
  }

  #replica(id: ReplicaId): SimulatedReplica {
    const replica = this.#byId.get(id);
    if (replica === undefined) throw new Error(`no replica ${id}`);
    return replica;
  }

  #pop(): void {
    const last = this.#queue.pop() as Event;
    const count = this.#queue.length;
    if (count === 0) return;
    let slot = 0;
    for (;;) {
      let child = slot * 2 + 1;
      if (child >= count) break;
      if (child + 1 < count && isBefore(this.#queue[child + 1] as Event, this.#queue[child] as Event)) child++;
      if (!isBefore(this.#queue[child] as Event, last)) break;
      this.#queue[slot] = this.#queue[child] as Event;
      slot = child;
    }
    this.#queue[slot] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

const FAR_US = 3_600_000_000;
