/**
 * Every machine of a node, built and joined: who emits where, which callbacks tie links, routes and membership
 * together. Facts go into one queue, which the node drains.
 */
import { DeadlineHeap } from '../base/deadlines.js';
import { Fifo } from '../base/fifo.js';
import type { GroupId, MeshId, NodeId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import { type ReplicaId, nodeOfReplica } from '../base/replica.js';
import { type Micros, type Ticket, ticket } from '../base/units.js';
import { present } from '../base/assert.js';
import type { Reject } from '../base/reject.js';
import type { FlowFact } from '../flow/facts.js';
import { Flows } from '../flow/flows.js';
import { Swim, type SwimFact } from '../gossip/swim.js';
import type { GroupContext, GroupFact } from '../groups/context.js';
import { policyOf } from '../groups/updates/config-rules.js';
import { Journal } from '../journal/journal.js';
import type { JournalDamage, RestoredGroup } from '../journal/api.js';
import type { LinkFact } from '../link/facts.js';
import { Links } from '../link/links.js';
import { Routes } from '../router/routes.js';
import { meshTrust } from '../security/mesh-trust.js';
import { Topology, type TopologyFact } from '../topology/topology.js';
import { TRAFFIC_CLASSES } from '../wire/frame.js';
import { GroupControl } from '../wire/group-messages.js';
import { type Header, MSG_TYPES } from '../wire/header.js';
import { Durability } from './durability.js';
import type { Effect } from './effects.js';
import { EventFeed } from './events.js';
import { Fetches } from './fetches.js';
import type { Member } from './member.js';
import { BOOT_KEY, BootRow, REPLICA_KEY, ReplicaRow } from './membership-row.js';
import type { MeshNodeOptions } from './options.js';
import { Overlay } from './overlay.js';
import { OwnReplica } from './own-replica.js';
import { RaftBundles } from './raft-bundles.js';
import { streamWatermarks } from './status.js';
import { WatermarkWatch } from './watermark-watch.js';

/** The journal handed over at boot cannot be read. Nothing was changed; the host names the repair. */
export class JournalUnreadable extends Error {
  override readonly name = 'JournalUnreadable';
  readonly damage: JournalDamage;
  constructor(damage: JournalDamage) {
    super(`journal unreadable: ${damage.kind}`);
    this.damage = damage;
  }
}

export type Fact =
  | { readonly from: 'link'; readonly fact: LinkFact }
  | { readonly from: 'flow'; readonly fact: FlowFact }
  | { readonly from: 'swim'; readonly fact: SwimFact }
  | { readonly from: 'topology'; readonly fact: TopologyFact }
  | { readonly from: 'groups'; readonly fact: GroupFact };

/** What the machines reach back for in the node. */
export interface NodePorts {
  push(effect: Effect): void;
  notify(notice: Notice): void;
  now(): Micros;
  wallOffsetUs(): number;
  /** Null outside of a mesh. */
  member(): Member | null;
  /** Why what has to wait in CRITICAL is refused now; null in any other state. */
  criticalRefusal(): Reject | null;
  onDelivered(now: Micros, from: NodeId, header: Header, payload: Uint8Array): void;
}

export interface Machines {
  readonly facts: Fifo<Fact>;
  readonly deadlines: DeadlineHeap;
  /** Which replica this process is. */
  readonly own: OwnReplica;
  readonly bootCounter: number;
  readonly journal: Journal;
  readonly restored: ReadonlyMap<GroupId, RestoredGroup>;
  readonly durability: Durability;
  readonly fetches: Fetches;
  readonly links: Links;
  readonly flows: Flows;
  readonly swim: Swim;
  readonly topology: Topology;
  readonly routes: Routes;
  readonly overlay: Overlay;
  readonly bundles: RaftBundles;
  readonly events: EventFeed;
  readonly watermarks: WatermarkWatch;
  readonly context: GroupContext;
}

/** Recovers the journal and builds everything on it. JournalUnreadable when it cannot be replayed. */
export function buildMachines(options: MeshNodeOptions, ports: NodePorts): Machines {
  const { config, crypto, entropy, rng, identity } = options;
  const facts = new Fifo<Fact>();
  const deadlines = new DeadlineHeap();
  const journal = recoverJournal(options);
  const bootCounter = (BootRow.decode(journal.get(BOOT_KEY) ?? new Uint8Array(0))?.bootCounter ?? 0) + 1;
  journal.put(BOOT_KEY, BootRow.encode({ bootCounter }));
  let lastTicket = 0;
  const nextTicket = (): Ticket => ticket(++lastTicket);
  const { nodeId, privateSeed } = identity;
  const renewed = ReplicaRow.decode(journal.get(REPLICA_KEY) ?? new Uint8Array(0))?.replica ?? 0;
  const own = new OwnReplica(nodeId, Math.max(identity.replica, renewed), bootCounter, (replica) => ports.push({ kind: 'replica-renewed', replica }));
  const replicaOfBoot = {
    bootCounter,
    get replica(): number {
      return own.number;
    },
  };
  const links: Links = new Links({
    config: config.link,
    identity: {
      nodeId,
      bootCounter,
      privateSeed,
      publicKey: crypto.publicKey(privateSeed),
      get replica(): number {
        return own.number;
      },
    },
    crypto,
    entropy,
    rng: rng.fork('links'),
    trust: meshTrust(crypto),
    deadlines,
    nextTicket,
    emit: (fact) => facts.push({ from: 'link', fact }),
    onFrame: (now, peer, frame) => overlay.onFrame(now, peer, frame),
  });
  const flows = new Flows({
    config: config.flow,
    deadlines,
    emit: (fact) => facts.push({ from: 'flow', fact }),
    boot: replicaOfBoot,
  });
  const topology = new Topology({
    config: config.topology,
    deadlines,
    rng: rng.fork('topology'),
    emit: (fact) => facts.push({ from: 'topology', fact }),
    verifyLsa: (origin, chain, signed, signature) => ports.member()?.verifyLsa(origin, chain, signed, signature) ?? null,
  });
  const routes = new Routes(topology.lsdb(), config.routes);
  const swim = new Swim({
    config: config.swim,
    deadlines,
    rng: rng.fork('swim'),
    self: nodeId,
    boot: replicaOfBoot,
    paths: {
      nextHop: (node) => routes.nextHop(node, TRAFFIC_CLASSES.CONTROL),
      areLinked: (a, b) => topology.get(a)?.adjacencies.some(({ peer }) => peer === b) ?? false,
    },
    emit: (fact) => facts.push({ from: 'swim', fact }),
  });
  const overlay: Overlay = new Overlay({
    links,
    topology,
    routes,
    ttl: config.ttl,
    onDelivered: (now, from, header, payload) => ports.onDelivered(now, from, header, payload),
    notify: (notice) => ports.notify(notice),
  });
  const events = new EventFeed(config.eventsKeptMax, {
    push: (effect) => ports.push(effect),
    ownerOf: (streamOrGroup) => ports.member()?.ownerOf(streamOrGroup) ?? 'unknown',
  });
  const parts = {
    facts,
    deadlines,
    own,
    bootCounter,
    journal,
    restored: new Map(journal.restoredGroups().map((group) => [group.group, group])),
    durability: new Durability(journal, nextTicket, config.flushLingerUs),
    fetches: new Fetches(nextTicket),
    links,
    flows,
    swim,
    topology,
    routes,
    overlay,
    bundles: new RaftBundles(own),
    events,
    watermarks: new WatermarkWatch({ deadlines, everyUs: config.watermarksEveryUs, events, read: () => streamWatermarks(ports.member()) }),
  };
  return { ...parts, context: groupContext(options, ports, parts) };
}

function recoverJournal({ config, recovered }: MeshNodeOptions): Journal {
  const recovery = Journal.recover({ config: config.journal, recovered: recovered.records });
  if (!recovery.ok) throw new JournalUnreadable(recovery.damage);
  return recovery.journal;
}

/** What the groups of this node are lent. */
function groupContext(
  { config, crypto, entropy, rng, identity }: MeshNodeOptions,
  ports: NodePorts,
  machines: Omit<Machines, 'context'>,
): GroupContext {
  const { deadlines, journal, facts, durability, fetches, overlay, flows, bundles, swim, own } = machines;
  return {
    node: identity.nodeId,
    get replica(): number {
      return own.number;
    },
    get replicaId(): ReplicaId {
      return own.id;
    },
    bootCounter: own.bootCounter,
    privateSeed: identity.privateSeed,
    config: config.groups,
    crypto,
    entropy,
    rng: rng.fork('groups'),
    deadlines,
    journal,
    emit: (fact) => facts.push({ from: 'groups', fact }),
    afterDurable: (then) => durability.after(then),
    fetch: (reads, then) => ports.push(fetches.ask(reads, then)),
    sendControl: (to, message) =>
      overlay.sendTyped(ports.now(), to, MSG_TYPES.GROUP, GroupControl.encode(message), TRAFFIC_CLASSES.CONTROL),
    sendFlow: (to, flowClass, payload) => flows.send(ports.now(), to, flowClass, [payload]),
    sendRaftFrame: (to, group, message) => bundles.add(to, group as GroupId, message),
    isPresent: (replica) => {
      const liveness = swim.livenessOf(nodeOfReplica(replica));
      return (liveness === null || liveness === 'alive') && ports.member()?.isCurrent(replica) !== false;
    },
    closedBecause: (what) => {
      const why = ports.criticalRefusal();
      const member = ports.member();
      if (why === null || member === null || what === 'mesh') return why;
      return policyOf(member.control.state.updates.configuration, 'criticalStreams') === 'continue' ? null : why;
    },
    wallMs: (now) => Math.floor((now + ports.wallOffsetUs()) / 1000),
    meshId: () => present<MeshId>(ports.member()?.mesh, 'groups exist within a mesh'),
  };
}
