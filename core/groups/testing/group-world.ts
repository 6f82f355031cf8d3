/**
 * Hosts of groups that reach each other at once: turns, flushes, messages and deadlines, in a fixed order, over virtual
 * time. No links and no routes: what a group sends arrives, unless the test has cut the pair. Then single frames are
 * lost, and what is on a flow waits; when a host begins again, that is lost too, and the others are told.
 */
import type { NodeId } from '../../base/ids.js';
import { nodeOfReplica, numberOfReplica, replicaId } from '../../base/replica.js';
import { micros } from '../../base/units.js';
import { FlowPayload, type GroupControl } from '../../wire/group-messages.js';
import type { LetterChunk } from '../../wire/target-steps.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import type { GroupHost } from './group-host.js';

/** What lives on a host: it gets what is not of one group alone. */
export interface Inhabitant {
  readonly host: GroupHost;
  groupOf(group: string): ReplicatedGroup | null;
  onControl(from: NodeId, message: GroupControl): void;
  onProposal(from: NodeId, group: string, entry: Uint8Array): void;
  /** A copy of a dead letter; of streams only. */
  onLetterChunk?(from: NodeId, chunk: LetterChunk): void;
  /** A message of a group that is not here. */
  onUnknownGroup(from: NodeId, group: string): void;
  /** The flows to and from `node` begin anew. */
  onFlowsReset(node: NodeId): void;
  /** Before each turn. */
  onTurn(): void;
}

export class GroupWorld {
  readonly #inhabitants = new Map<NodeId, Inhabitant>();
  readonly #cut = new Set<string>();
  /** What is on flows that are cut. */
  #waiting: { readonly from: GroupHost; readonly to: NodeId; readonly payload: Uint8Array }[] = [];
  now = 1;

  /** Adds a host, or puts its next boot in its place. */
  settle(inhabitant: Inhabitant): void {
    const { host } = inhabitant;
    host.now = micros(this.now);
    const isBack = this.#inhabitants.has(host.node) || this.#waiting.some(({ to }) => to === host.node);
    this.#inhabitants.set(host.node, inhabitant);
    if (!isBack) return;
    this.#waiting = this.#waiting.filter(({ from, to }) => from.node !== host.node && to !== host.node);
    for (const other of this.#inhabitants.values()) if (other !== inhabitant) other.onFlowsReset(host.node);
  }

  remove(host: GroupHost): void {
    this.#inhabitants.delete(host.node);
  }

  /** Nothing passes between the two from here on, or again. */
  cut(a: GroupHost, b: GroupHost, isCut = true): void {
    for (const pair of [`${a.node}>${b.node}`, `${b.node}>${a.node}`]) {
      if (isCut) this.#cut.add(pair);
      else this.#cut.delete(pair);
    }
  }

  /** Until `condition` holds; false when it does not within `limitUs`. */
  runUntil(condition: () => boolean, limitUs = 10_000_000): boolean {
    const end = this.now + limitUs;
    for (;;) {
      for (let round = 0; this.#turnAll(); round++) {
        if (condition()) return true;
        if (round > 10_000) throw new Error('the groups do not come to rest');
      }
      if (condition()) return true;
      let next = Number.MAX_SAFE_INTEGER;
      for (const { host } of this.#inhabitants.values()) next = Math.min(next, host.deadlines.next());
      if (next > end) return false;
      this.now = Math.max(this.now + 1, next);
    }
  }

  runFor(durationUs: number): void {
    const end = this.now + durationUs;
    this.runUntil(() => this.now > end, durationUs);
    this.now = Math.max(this.now, end);
  }

  /** One turn, flush and delivery everywhere. False when nothing happened. */
  #turnAll(): boolean {
    let hasMoved = false;
    for (const inhabitant of this.#inhabitants.values()) {
      const { host } = inhabitant;
      host.now = micros(Math.max(host.now, this.now));
      const isDue = host.deadlines.next() <= host.now;
      if (isDue) this.#runDeadlines(inhabitant);
      inhabitant.onTurn();
      const groups = [...host.dirty];
      host.dirty.clear();
      for (const group of groups) group.turn(host.now, true);
      const hasWritten = host.write();
      const hasPersisted = host.persist();
      const hasRead = host.answerRead();
      if (isDue || groups.length > 0 || hasWritten || hasPersisted || hasRead) hasMoved = true;
    }
    for (const inhabitant of [...this.#inhabitants.values()]) if (this.#deliver(inhabitant)) hasMoved = true;
    return hasMoved;
  }

  #runDeadlines(inhabitant: Inhabitant): void {
    const { host } = inhabitant;
    for (let due = host.deadlines.popDue(host.now); due !== null; due = host.deadlines.popDue(host.now)) {
      due.owner.onDeadline(host.now, due);
      const group = inhabitant.groupOf(due.entity);
      if (group !== null) host.dirty.add(group);
    }
  }

  #deliver({ host }: Inhabitant): boolean {
    const controls = host.controls.splice(0);
    const flows = host.flows.splice(0);
    const frames = host.frames.splice(0);
    for (const { to, message } of controls) this.#at(host, to)?.onControl(host.node, message);
    for (const { to, payload } of flows) this.#waiting.push({ from: host, to, payload });
    const isArriving = this.#deliverFlows();
    for (const { to, group, message } of frames) {
      const target = this.#at(host, nodeOfReplica(to));
      if (target === undefined || target.host.context.replica !== numberOfReplica(to)) continue;
      const known = target.groupOf(group);
      if (known === null) target.onUnknownGroup(host.node, group);
      else known.onMessage(target.host.now, host.context.replicaId, message);
    }
    return isArriving || controls.length + frames.length > 0;
  }

  #deliverFlows(): boolean {
    const waiting = this.#waiting;
    this.#waiting = [];
    let hasArrived = false;
    for (const sent of waiting) {
      const target = this.#at(sent.from, sent.to);
      if (target === undefined) this.#waiting.push(sent);
      else {
        hasArrived = true;
        onFlow(sent.from, target, sent.payload);
      }
    }
    return hasArrived;
  }

  #at(from: GroupHost, to: NodeId): Inhabitant | undefined {
    const target = this.#inhabitants.get(to);
    if (target === undefined || this.#cut.has(`${from.node}>${to}`)) return undefined;
    target.host.now = micros(Math.max(target.host.now, this.now));
    return target;
  }
}

function onFlow(from: GroupHost, target: Inhabitant, payload: Uint8Array): void {
  const message = FlowPayload.decode(payload);
  if (message === null) throw new Error('what a group sends decodes');
  if (message.kind === 'propose') target.onProposal(from.node, message.group, message.entry);
  else if (message.kind === 'letterChunk') target.onLetterChunk?.(from.node, message);
  else if (message.kind === 'raft') target.groupOf(message.group)?.onMessage(target.host.now, replicaId(from.node, message.fromReplica), message.message);
}
