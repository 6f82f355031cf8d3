/**
 * Which machine a fact concerns: the joints between links, flows, membership, topology and groups. Nothing is decided
 * here but who hears of what.
 */
import type { NodeId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import { accept } from '../base/result.js';
import type { Micros } from '../base/units.js';
import type { FlowFact } from '../flow/facts.js';
import type { SwimFact } from '../gossip/swim.js';
import type { GroupFact } from '../groups/context.js';
import { lineageOf } from '../groups/mcg/generations/founding.js';
import type { LinkFact } from '../link/facts.js';
import type { TopologyFact } from '../topology/topology.js';
import { TRAFFIC_CLASSES } from '../wire/frame.js';
import { type Header, MSG_TYPES } from '../wire/header.js';
import { SwimMessage } from '../wire/swim-messages.js';
import type { Effect } from './effects.js';
import type { Lifecycle } from './lifecycle.js';
import type { Fact, Machines } from './machines.js';
import type { Member } from './member.js';
import type { Liveness } from './status.js';

export interface FactRouterOptions {
  readonly self: NodeId;
  readonly machines: Machines;
  readonly lifecycle: Lifecycle;
  readonly push: (effect: Effect) => void;
  readonly notify: (notice: Notice) => void;
  readonly halt: (code: string, detail: string) => void;
}

export class FactRouter {
  readonly #self: NodeId;
  readonly #machines: Machines;
  readonly #lifecycle: Lifecycle;
  readonly #push: (effect: Effect) => void;
  readonly #notify: (notice: Notice) => void;
  readonly #halt: (code: string, detail: string) => void;
  readonly #firstHops = new Map<NodeId, NodeId | null>();
  #routesChanged = false;

  constructor({ self, machines, lifecycle, push, notify, halt }: FactRouterOptions) {
    this.#self = self;
    this.#machines = machines;
    this.#lifecycle = lifecycle;
    this.#push = push;
    this.#notify = notify;
    this.#halt = halt;
  }

  livenessOf(node: NodeId): Liveness {
    if (node === this.#self) return { liveness: 'alive', incarnation: this.#machines.swim.incarnation };
    const view = this.#machines.swim.viewOf(node);
    return view === null ? UNHEARD : { liveness: view.liveness, incarnation: view.incarnation };
  }

  /** Since when a member has been failed, or gone on purpose; null when it is not. */
  failedSince(node: NodeId): Micros | null {
    const view = this.#machines.swim.viewOf(node);
    return view?.liveness === 'failed' || view?.liveness === 'left' ? view.since : null;
  }

  /** A node that is no member any more: when it comes back it is a new one. */
  forget(node: NodeId): void {
    this.#firstHops.delete(node);
  }

  onFact(now: Micros, { from, fact }: Fact): void {
    switch (from) {
      case 'link':
        return this.#onLinkFact(now, fact);
      case 'flow':
        return this.#onFlowFact(now, fact);
      case 'swim':
        return this.#onSwimFact(now, fact);
      case 'topology':
        return this.#onTopologyFact(now, fact);
      case 'groups':
        return this.#onGroupFact(now, fact);
    }
  }

  /** Routes have changed: flows learn which of their paths moved, once per turn. */
  followRoutes(now: Micros): void {
    if (!this.#routesChanged) return;
    this.#routesChanged = false;
    this.#lifecycle.noteChange();
    const member = this.#member;
    if (member === null) return;
    for (const node of member.control.state.members.keys()) {
      if (node === this.#self) continue;
      const before = this.#firstHops.get(node) ?? null;
      const after = this.#machines.routes.nextHop(node, TRAFFIC_CLASSES.BULK);
      if (before === after) continue;
      this.#firstHops.set(node, after);
      if (after === null) this.#machines.flows.onUnreachable(now, node);
      else if (before === null) this.#machines.flows.onReachable(now, node);
      else this.#machines.flows.onPathChanged(now, node);
    }
    this.#machines.events.add({ kind: 'topology-changed', reachable: this.#machines.routes.reachableCount() });
  }

  /** A frame for this node. */
  onDelivered(now: Micros, from: NodeId, header: Header, payload: Uint8Array): void {
    const departed = this.#member?.departedIndexOf(from) ?? null;
    if (departed !== null && (this.#machines.topology.indexOf(from) ?? departed) <= departed) return this.#notify({ kind: 'count', name: 'overlay.from-departed', by: 1 });
    switch (header.msgType) {
      case MSG_TYPES.FLOW_DATA:
      case MSG_TYPES.FLOW_ACK:
        return this.#machines.flows.onFrame(now, from, header, payload);
      case MSG_TYPES.RAFT:
        this.#member?.onRaftBundle(now, from, payload);
        return;
      case MSG_TYPES.GROUP:
        this.#member?.onControl(now, from, payload);
        return;
      case MSG_TYPES.SWIM: {
        const message = SwimMessage.decode(payload);
        if (message === null) this.#notify({ kind: 'count', name: 'swim.malformed', by: 1 });
        else this.#machines.swim.onMessage(now, from, message);
        return;
      }
      default:
        this.#notify({ kind: 'count', name: 'overlay.unknown-type', by: 1 });
    }
  }

  get #member(): Member | null {
    return this.#lifecycle.member;
  }

  #onLinkFact(now: Micros, fact: LinkFact): void {
    switch (fact.kind) {
      case 'effect':
        return this.#push(fact.effect);
      case 'link-up':
        this.#machines.topology.onLinkUp(now, fact.peer, fact.rttUs);
        this.#machines.swim.onLinkEvidence(now, fact.peer);
        this.#machines.events.add({ kind: 'link-up', node: fact.peer });
        return;
      case 'link-promoted':
        return;
      case 'link-down':
        this.#machines.topology.onLinkDown(now, fact.peer);
        this.#machines.swim.onLinkLost(now, fact.peer);
        this.#machines.routes.invalidate();
        this.#routesChanged = true;
        this.#machines.overlay.reroute(now, fact.undelivered);
        this.#machines.events.add({ kind: 'link-down', node: fact.peer, reason: fact.reason });
        return;
      case 'link-rtt':
        this.#machines.topology.onLinkRtt(now, fact.peer, fact.rttUs);
        this.#machines.swim.onLinkEvidence(now, fact.peer);
        return;
      case 'link-writable':
        return;
      case 'lsa':
        return this.#machines.topology.onPayload(now, fact.peer, fact.payload);
      case 'join-requested':
      case 'join-answered':
      case 'told-evicted':
        return this.#lifecycle.onLinkFact(now, fact);
      case 'other-generation':
        this.#notify({ kind: 'count', name: 'generations.neighbour', by: 1 });
        this.#member?.generations.onLineage(now, lineageOf(fact.lineage));
        return;
      case 'identity-conflict':
        this.#notify({
          kind: 'log',
          level: 'warn',
          event: 'identity-conflict',
          fields: { node: fact.peer, isOurs: fact.isOurs, remote: fact.remote },
        });
        return;
      case 'notice':
        return this.#notify(fact.notice);
    }
  }

  #onFlowFact(now: Micros, fact: FlowFact): void {
    switch (fact.kind) {
      case 'flow-send':
        this.#machines.overlay.send(now, fact.peer, fact.header, fact.payload, fact.trafficClass);
        return;
      case 'flow-message':
        this.#member?.onFlowMessage(now, fact.peer, fact.payload);
        // What groups keep of it is bounded by their own windows.
        this.#machines.flows.onConsumed(now, fact.peer, fact.flowClass, fact.payload.length);
        return;
      case 'flow-peer-lost':
        this.#mark('flow.peer-lost');
        this.#member?.onPeerLost(now, fact.peer);
        return;
      case 'flow-writable':
        this.#member?.onFlowWritable(fact.peer);
        return;
      case 'notice':
        return this.#notify(fact.notice);
    }
  }

  #onSwimFact(now: Micros, fact: SwimFact): void {
    switch (fact.kind) {
      case 'swim-send':
        this.#machines.overlay.sendTyped(now, fact.to, MSG_TYPES.SWIM, SwimMessage.encode(fact.message), TRAFFIC_CLASSES.CONTROL);
        return;
      case 'member-liveness':
        this.#lifecycle.noteChange();
        this.#member?.onPresence(now, fact.node);
        this.#machines.events.add({ kind: 'member-liveness', node: fact.node, liveness: fact.liveness });
        return;
      case 'user-event':
        return;
      case 'notice':
        return this.#notify(fact.notice);
    }
  }

  #onTopologyFact(now: Micros, fact: TopologyFact): void {
    switch (fact.kind) {
      case 'topology-send':
        if (!this.#machines.links.sendLinkLocal(now, fact.peer, MSG_TYPES.LSA, fact.payload, TRAFFIC_CLASSES.CONTROL)) {
          this.#machines.topology.onSendRefused(now, fact.peer);
        }
        return;
      case 'topology-changed':
        this.#machines.routes.invalidate();
        this.#routesChanged = true;
        return;
      case 'notice':
        return this.#notify(fact.notice);
    }
  }

  #onGroupFact(now: Micros, fact: GroupFact): void {
    switch (fact.kind) {
      case 'notice':
        return this.#notify(fact.notice);
      case 'reply':
        if (!fact.result.ok) this.#member?.streams.forgetRequest(fact.request);
        return this.#push(fact);
      case 'deliver':
      case 'deliver-updates':
      case 'watermarks':
      case 'attempt-voided':
      case 'ack-refused':
        return this.#push(fact);
      case 'ended':
        this.#member?.streams.forgetRequest(fact.request);
        return this.#push(fact);
      case 'offset':
        return this.#machines.durability.writeLedger({ ...fact, kind: 'stream-offset' });
      case 'offset-removed':
        return this.#machines.durability.writeLedger({ ...fact, kind: 'stream-offset-removed' });
      case 'table-writes':
        for (const write of fact.writes) this.#machines.durability.writeLedger({ ...write, kind: 'table-row' });
        return;
      case 'leader-changed':
        this.#lifecycle.noteChange();
        return this.#machines.events.add(fact);
      case 'stream-opened':
      case 'stream-closed':
      case 'stream-deleted':
      case 'stream-recovery':
      case 'delivery-blocked':
      case 'dead-lettered':
      case 'configuration-changed':
        return this.#machines.events.add(fact);
      case 'sight-changed':
        return this.#lifecycle.noteChange();
      case 'wish-answered': {
        const { request, result } = fact;
        return this.#push({ kind: 'reply', request, result: result.ok ? accept({ kind: 'decided', revision: result.value }) : result });
      }
      case 'generation-founded': {
        const generations = this.#member?.generations;
        if (generations === undefined) return;
        if (generations.onFounded(fact.id)) this.#machines.events.add({ kind: 'generation-founded', generation: generations.number });
        return;
      }
      case 'recovery-answered': {
        const { request, result } = fact;
        return this.#push({ kind: 'reply', request, result: result.ok ? accept({ kind: 'recovery', plan: result.value }) : result });
      }
      case 'members-changed':
        this.#member?.onMembers(now);
        this.#member?.onMembersChanged(now);
        return this.#lifecycle.onGroupFact(now, fact);
      case 'member-departed':
      case 'admit-answered':
        return this.#lifecycle.onGroupFact(now, fact);
      case 'halt':
        return this.#halt(fact.code, fact.detail);
    }
  }

  #mark(name: string): void {
    this.#notify({ kind: 'mark', name });
  }
}

/** Of a member of whom nothing was heard yet, and of whoever is none. */
const UNHEARD: Liveness = { liveness: 'alive', incarnation: 0 };
