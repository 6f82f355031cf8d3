/**
 * The node: the one place that knows every machine. Inputs come in, facts go from machine to machine through one
 * bounded queue, effects leave in order. Nothing else goes in or out.
 *
 * A host gives all inputs that are ready and then one `turn`, at which everything that batches is sent and written.
 * Until the boot counter of this start is durable, inputs wait: nothing leaves under an identity that a crash could
 * give out again.
 */
import { AssertionFailed, assert, present } from '../base/assert.js';
import type { Crypto, Entropy } from '../base/crypto.js';
import { type Deadline, DeadlineHeap } from '../base/deadlines.js';
import { Fifo } from '../base/fifo.js';
import type { GroupId, MeshId, MessageId, NodeId, StreamId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import { type Reject, reject } from '../base/reject.js';
import { type ReplicaId, replicaId } from '../base/replica.js';
import { type Result, accept, refuse } from '../base/result.js';
import type { Rng } from '../base/rng.js';
import { type JournalSeq, type Micros, type StreamSeq, type Ticket, micros, ticket } from '../base/units.js';
import { Flows } from '../flow/flows.js';
import type { FlowFact } from '../flow/facts.js';
import { Swim, type SwimFact } from '../gossip/swim.js';
import type { GroupContext, GroupFact } from '../groups/context.js';
import type { JournalDamage, RestoredGroup } from '../journal/api.js';
import { Journal } from '../journal/journal.js';
import type { LinkFact } from '../link/facts.js';
import { Links } from '../link/links.js';
import { Routes } from '../router/routes.js';
import { meshTrust } from '../security/mesh-trust.js';
import { Topology, type TopologyFact } from '../topology/topology.js';
import { TRAFFIC_CLASSES } from '../wire/frame.js';
import { GroupControl } from '../wire/group-messages.js';
import { type Header, MSG_TYPES } from '../wire/header.js';
import { SwimMessage } from '../wire/swim-messages.js';
import type { Command, NodeStatus, Reply } from './commands.js';
import { type NodeConfig, checkNodeConfig } from './config.js';
import { Durability } from './durability.js';
import type { Effect, Outbox } from './effects.js';
import { EventFeed } from './events.js';
import { Fetches } from './fetches.js';
import type { Input } from './inputs.js';
import { Lifecycle } from './lifecycle.js';
import { Member } from './member.js';
import { BOOT_KEY, BootRow } from './membership-row.js';
import { Overlay } from './overlay.js';
import { RaftBundles } from './raft-bundles.js';
import { type Liveness, groupStatuses, linkStatuses, streamStatuses } from './status.js';

export interface NodeIdentity {
  readonly nodeId: NodeId;
  readonly name: string;
  /** From 1; higher after each loss of the disk. */
  readonly replica: number;
  /** Ed25519, 32 bytes. */
  readonly privateSeed: Uint8Array;
  /** 16 random bytes of this journal. */
  readonly journalId: Uint8Array;
}

export interface MeshNodeOptions {
  readonly config: NodeConfig;
  readonly crypto: Crypto;
  readonly entropy: Entropy;
  readonly rng: Rng;
  readonly identity: NodeIdentity;
  /** Addresses to hold links to. */
  readonly dialUrls: readonly string[];
  /** Where others can dial this node; empty behind NAT. */
  readonly advertisedUrls: readonly string[];
  readonly recovered: {
    readonly records: Iterable<{ readonly seq: JournalSeq; readonly bytes: Uint8Array }>;
    readonly offsets: Iterable<{
      readonly stream: StreamId;
      readonly node: NodeId;
      readonly seq: StreamSeq;
      readonly messageId: MessageId;
    }>;
  };
  readonly wallOffsetUs: number;
}

/** The journal handed over at boot cannot be read. Nothing was changed; the host names the repair. */
export class JournalUnreadable extends Error {
  override readonly name = 'JournalUnreadable';
  readonly damage: JournalDamage;
  constructor(damage: JournalDamage) {
    super(`journal unreadable: ${damage.kind}`);
    this.damage = damage;
  }
}

type Fact =
  | { readonly from: 'link'; readonly fact: LinkFact }
  | { readonly from: 'flow'; readonly fact: FlowFact }
  | { readonly from: 'swim'; readonly fact: SwimFact }
  | { readonly from: 'topology'; readonly fact: TopologyFact }
  | { readonly from: 'groups'; readonly fact: GroupFact };

export class MeshNode {
  readonly #options: MeshNodeOptions;
  readonly #deadlines = new DeadlineHeap();
  readonly #facts = new Fifo<Fact>();
  readonly #journal: Journal;
  readonly #durability: Durability;
  readonly #fetches: Fetches;
  readonly #links: Links;
  readonly #flows: Flows;
  readonly #swim: Swim;
  readonly #topology: Topology;
  readonly #routes: Routes;
  readonly #overlay: Overlay;
  readonly #bundles: RaftBundles;
  readonly #events: EventFeed;
  readonly #lifecycle: Lifecycle;
  readonly #context: GroupContext;
  readonly #replica: ReplicaId;
  readonly #bootCounter: number;
  readonly #restored: ReadonlyMap<GroupId, RestoredGroup>;
  readonly #liveness = new Map<NodeId, Liveness>();
  readonly #firstHops = new Map<NodeId, NodeId | null>();
  readonly #counters = new Map<string, number>();
  readonly #again: Deadline;
  readonly #fullRetry: Deadline;
  /** Inputs that came before the boot counter was durable. */
  #early: Input[] | null = [];
  #outbox: Outbox = NO_OUTBOX;
  #now: Micros = micros(0);
  #wallOffsetUs: number;
  #lastTicket = 0;
  #routesChanged = false;
  #isHalted = false;

  /** JournalUnreadable when the recovered records cannot be replayed. */
  constructor(options: MeshNodeOptions) {
    checkNodeConfig(options.config);
    const { config, crypto, entropy, rng, identity } = options;
    this.#options = options;
    this.#wallOffsetUs = options.wallOffsetUs;
    const recovery = Journal.recover({ config: config.journal, recovered: options.recovered.records });
    if (!recovery.ok) throw new JournalUnreadable(recovery.damage);
    this.#journal = recovery.journal;
    this.#restored = new Map(this.#journal.restoredGroups().map((group) => [group.group, group]));
    this.#bootCounter = (BootRow.decode(this.#journal.get(BOOT_KEY) ?? new Uint8Array(0))?.bootCounter ?? 0) + 1;
    this.#journal.put(BOOT_KEY, BootRow.encode({ bootCounter: this.#bootCounter }));
    this.#replica = replicaId(identity.nodeId, identity.replica);
    const nextTicket = (): Ticket => ticket(++this.#lastTicket);
    const deadlines = this.#deadlines;
    this.#durability = new Durability(this.#journal, nextTicket);
    this.#fetches = new Fetches(nextTicket);
    this.#events = new EventFeed(config.eventsKeptMax, (effect) => this.#push(effect));
    this.#bundles = new RaftBundles(identity.replica);
    const { nodeId, replica, privateSeed } = identity;
    this.#links = new Links({
      config: config.link,
      identity: { nodeId, replica, bootCounter: this.#bootCounter, privateSeed, publicKey: crypto.publicKey(privateSeed) },
      crypto,
      entropy,
      rng: rng.fork('links'),
      trust: meshTrust(crypto),
      deadlines,
      nextTicket,
      emit: (fact) => this.#facts.push({ from: 'link', fact }),
      onFrame: (now, peer, frame) => this.#overlay.onFrame(now, peer, frame),
    });
    this.#flows = new Flows({
      config: config.flow,
      deadlines,
      emit: (fact) => this.#facts.push({ from: 'flow', fact }),
      boot: { replica, bootCounter: this.#bootCounter },
    });
    this.#swim = new Swim({
      config: config.swim,
      deadlines,
      rng: rng.fork('swim'),
      self: nodeId,
      boot: { replica, bootCounter: this.#bootCounter },
      paths: {
        nextHop: (node) => this.#routes.nextHop(node, TRAFFIC_CLASSES.CONTROL),
        areLinked: (a, b) => this.#topology.get(a)?.adjacencies.some(({ peer }) => peer === b) ?? false,
      },
      emit: (fact) => this.#facts.push({ from: 'swim', fact }),
    });
    this.#topology = new Topology({
      config: config.topology,
      deadlines,
      rng: rng.fork('topology'),
      emit: (fact) => this.#facts.push({ from: 'topology', fact }),
      verifyLsa: (origin, chain, signed, signature) =>
        this.#member?.verifyLsa(origin, chain, signed, signature) ?? null,
    });
    this.#routes = new Routes(this.#topology.lsdb(), config.routes);
    this.#overlay = new Overlay({
      links: this.#links,
      topology: this.#topology,
      routes: this.#routes,
      ttl: config.ttl,
      onDelivered: (now, from, header, payload) => this.#onDelivered(now, from, header, payload),
      notify: (notice) => this.#notify(notice),
    });
    this.#context = this.#makeContext();
    this.#again = deadlines.allocate(this, 'again');
    this.#fullRetry = deadlines.allocate(this, 'journal-full-retry');
    this.#lifecycle = new Lifecycle({
      config,
      identity,
      bootCounter: this.#bootCounter,
      dialUrls: options.dialUrls,
      advertisedUrls: options.advertisedUrls,
      context: this.#context,
      restored: this.#restored,
      links: this.#links,
      topology: this.#topology,
      swim: this.#swim,
      overlay: this.#overlay,
      routes: this.#routes,
      events: this.#events,
      livenessOf: (node) => this.#livenessOf(node),
      reply: (request, result) => this.#push({ kind: 'reply', request, result }),
      status: () => this.#status(),
    });
  }

  /** One fact from the host. `now` never decreases. Effects are pushed to `outbox` in the order of their carrying out. */
  step(now: Micros, input: Input, outbox: Outbox): void {
    assert(now >= this.#now, 'time does not go back');
    this.#now = now;
    this.#outbox = outbox;
    if (this.#isHalted) return;
    if (this.#early !== null && mustWaitForBoot(input)) {
      if (this.#early.length < EARLY_INPUTS_MAX) this.#early.push(input);
      return;
    }
    this.#onInput(now, input);
    this.#drainFacts(now);
  }

  /** When the host must give a `wake` and a `turn` at the latest; NEVER when only inputs can bring anything about. */
  nextDeadline(): Micros {
    return this.#deadlines.next();
  }

  /** The identity under which this start speaks. */
  get replica(): ReplicaId {
    return this.#replica;
  }

  checkInvariants(): void {
    this.#links.checkInvariants();
    this.#flows.checkInvariants();
    this.#swim.checkInvariants();
    this.#topology.checkInvariants();
    this.#journal.checkInvariants();
    this.#member?.checkInvariants();
    assert(this.#facts.length === 0, 'every fact is acted upon within the step that brought it');
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    if (deadline === this.#fullRetry) this.#durability.retry((effect) => this.#push(effect));
    // `again` needs nothing but the turn that it brings.
    void now;
  }

  get #member(): Member | null {
    return this.#lifecycle?.member ?? null;
  }

  // Inputs -----------------------------------------------------------------------------------------------------------

  #onInput(now: Micros, input: Input): void {
    switch (input.kind) {
      case 'wake':
        return;
      case 'turn':
        return this.#onTurn(now);
      case 'wall-offset':
        this.#wallOffsetUs = input.offsetUs;
        return;
      case 'lane-opened':
        return this.#links.onLaneOpened(now, input.lane, input.dial, input.remote);
      case 'lane-closed':
        return this.#links.onLaneClosed(now, input.lane, input.reason);
      case 'lane-drained':
        return this.#links.onLaneDrained(now, input.lane, input.bufferedBytes);
      case 'received':
        return this.#links.onReceived(now, input.lane, input.bytes);
      case 'dial-failed':
        return this.#links.onDialFailed(now, input.ticket, input.code);
      case 'persisted':
        return this.#onPersisted(now, input.ticket);
      case 'persist-failed':
        return this.#onPersistFailed(now, input.ticket, input.code);
      case 'fetched':
        return this.#fetches.onFetched(now, input.ticket, input.chunks);
      case 'command':
        return this.#onCommand(now, input.request, input.command);
      case 'cancel':
        this.#events.cancel(input.request);
        this.#member?.streams.cancel(input.request);
        return;
      case 'publish':
        if (this.#durability.isFull) this.#member?.streams.refuseSession(input.request, this.#fullReject());
        else this.#member?.streams.publish(now, input.request, input.messages);
        return;
      case 'processed':
        this.#member?.streams.processed(input.request, input.attempt, input.seq);
        return;
      case 'window':
        this.#member?.streams.window(input.request, input.messages, input.bytes);
    }
  }

  #onPersisted(now: Micros, of: Ticket): void {
    this.#durability.onPersisted(now, of);
    if (this.#early === null) return;
    const early = this.#early;
    this.#early = null;
    this.#lifecycle.begin(now);
    this.#journal.releaseRestored();
    this.#drainFacts(now);
    for (const input of early) {
      this.#onInput(now, input);
      this.#drainFacts(now);
    }
  }

  #onPersistFailed(now: Micros, of: Ticket, code: 'full' | 'failed'): void {
    if (code === 'failed') return this.#halt('journal-failed', 'a write to the journal failed; check the disk and start again');
    this.#mark('journal.full');
    this.#durability.onRefused(of);
    this.#fullRetry.arm(micros(now + this.#options.config.fullRetryUs));
  }

  #onCommand(now: Micros, request: number, command: Command): void {
    switch (command.kind) {
      case 'get-status':
        return this.#reply(request, accept({ kind: 'status', status: this.#status() }));
      case 'watch-events':
        return this.#onWatch(request, command);
      case 'seed-mesh':
      case 'join-mesh':
      case 'start-mesh':
      case 'stop-mesh':
        return this.#lifecycle.onCommand(now, request, command);
      case 'shut-down':
        this.#lifecycle.withdraw(now);
        this.#durability.after(() => {
          this.#links.stop(this.#now);
          this.#reply(request, accept({ kind: 'shut-down' }));
        });
        return;
      default:
        return this.#onStreamCommand(now, request, command);
    }
  }

  #onWatch(request: number, command: Extract<Command, { kind: 'watch-events' }>): void {
    if (this.#events.watcherCount >= this.#options.config.watchersMax) {
      return this.#reply(request, refuse(reject('TOO_MANY', 'watch-events', 'too many watchers; end some of them')));
    }
    this.#reply(request, accept({ kind: 'watching', sequence: this.#events.sequence }));
    this.#events.watch(request, command.kinds, command.afterSequence);
  }

  #onStreamCommand(now: Micros, request: number, command: StreamCommand): void {
    const member = this.#member;
    if (member === null) {
      return this.#reply(request, refuse(reject('NOT_IN_MESH', 'node', 'this node is in no mesh; seed one or join one')));
    }
    if (this.#lifecycle.isStopped) {
      return this.#reply(request, refuse(reject('MESH_STOPPED', 'node', 'its part in the mesh was stopped; start it')));
    }
    const isNewWork = command.kind === 'open-stream' || command.kind === 'publish-one';
    if (isNewWork && this.#durability.isFull) return this.#reply(request, refuse(this.#fullReject()));
    const { streams } = member;
    switch (command.kind) {
      case 'open-stream':
        return streams.open(now, request, command);
      case 'close-stream':
        return streams.close(request, command.tenant, command.stream);
      case 'get-producer':
        return streams.producer(request, command.tenant, command.stream, command.producer);
      case 'attach-publisher':
        return streams.attachPublisher(request, command.tenant, command.stream, command.producer);
      case 'publish-one':
        return streams.publishOne(now, request, command, command);
      case 'subscribe':
        return streams.subscribe(now, request, command);
    }
  }

  // The turn ---------------------------------------------------------------------------------------------------------

  #onTurn(now: Micros): void {
    this.#runDeadlines(now);
    if (this.#early === null) this.#turnMachines(now);
    this.#durability.flush((effect) => this.#push(effect), now);
    this.#drainFacts(now);
    this.#links.flush(now);
    this.#drainFacts(now);
  }

  #turnMachines(now: Micros): void {
    this.#topology.onTurn(now);
    this.#drainFacts(now);
    this.#followRoutes(now);
    this.#lifecycle.onTurn(now);
    this.#drainFacts(now);
    const member = this.#member;
    if (member !== null) {
      const isLeft = member.turn(now, () => this.#durability.mayWrite);
      this.#drainFacts(now);
      const applied = member.takeMcgApplied();
      if (applied !== null) this.#links.onMcgApplied(now, applied);
      if ((isLeft || member.hasWork) && this.#durability.mayWrite) this.#again.arm(now);
    }
    this.#flows.onTurn(now);
    this.#bundles.flush((to, payload) => this.#overlay.sendTyped(now, to, MSG_TYPES.RAFT, payload, TRAFFIC_CLASSES.CONTROL));
    this.#drainFacts(now);
  }

  #runDeadlines(now: Micros): void {
    for (let count = 0; count < DEADLINES_PER_TURN_MAX; count++) {
      const deadline = this.#deadlines.popDue(now);
      if (deadline === null) return;
      deadline.owner.onDeadline(now, deadline);
      this.#member?.onDeadlineOf(deadline.entity);
      this.#drainFacts(now);
    }
  }

  /** Routes have changed: flows learn which of their paths moved, once per turn. */
  #followRoutes(now: Micros): void {
    if (!this.#routesChanged) return;
    this.#routesChanged = false;
    this.#lifecycle.noteChange();
    const member = this.#member;
    if (member === null) return;
    for (const node of member.control.state.members.keys()) {
      if (node === this.#options.identity.nodeId) continue;
      const before = this.#firstHops.get(node) ?? null;
      const after = this.#routes.nextHop(node, TRAFFIC_CLASSES.BULK);
      if (before === after) continue;
      this.#firstHops.set(node, after);
      if (after === null) this.#flows.onUnreachable(now, node);
      else if (before === null) this.#flows.onReachable(now, node);
      else this.#flows.onPathChanged(now, node);
    }
    this.#events.add({ kind: 'topology-changed', reachable: this.#routes.reachableCount() });
  }

  // Facts ------------------------------------------------------------------------------------------------------------

  #drainFacts(now: Micros): void {
    for (let count = 0; ; count++) {
      const next = this.#facts.shift();
      if (next === undefined) return;
      if (count > FACTS_PER_STEP_MAX) throw new AssertionFailed('facts do not come to an end within one step');
      switch (next.from) {
        case 'link':
          this.#onLinkFact(now, next.fact);
          break;
        case 'flow':
          this.#onFlowFact(now, next.fact);
          break;
        case 'swim':
          this.#onSwimFact(now, next.fact);
          break;
        case 'topology':
          this.#onTopologyFact(now, next.fact);
          break;
        case 'groups':
          this.#onGroupFact(now, next.fact);
      }
    }
  }

  #onLinkFact(now: Micros, fact: LinkFact): void {
    switch (fact.kind) {
      case 'effect':
        return this.#push(fact.effect);
      case 'link-up':
        this.#topology.onLinkUp(now, fact.peer, fact.rttUs);
        this.#swim.onLinkEvidence(now, fact.peer);
        this.#events.add({ kind: 'link-up', node: fact.peer });
        return;
      case 'link-promoted':
        return;
      case 'link-down':
        this.#topology.onLinkDown(now, fact.peer);
        this.#swim.onLinkLost(now, fact.peer);
        this.#routes.invalidate();
        this.#routesChanged = true;
        this.#overlay.reroute(now, fact.undelivered);
        this.#events.add({ kind: 'link-down', node: fact.peer, reason: fact.reason });
        return;
      case 'link-rtt':
        this.#topology.onLinkRtt(now, fact.peer, fact.rttUs);
        this.#swim.onLinkEvidence(now, fact.peer);
        return;
      case 'link-writable':
        return;
      case 'lsa':
        return this.#topology.onPayload(now, fact.peer, fact.payload);
      case 'join-requested':
      case 'join-answered':
        return this.#lifecycle.onLinkFact(now, fact);
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
        this.#overlay.send(now, fact.peer, fact.header, fact.payload, fact.trafficClass);
        return;
      case 'flow-message':
        this.#member?.onFlowMessage(now, fact.peer, fact.payload);
        // What groups keep of it is bounded by their own windows.
        this.#flows.onConsumed(now, fact.peer, fact.flowClass, fact.payload.length);
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
        this.#overlay.sendTyped(now, fact.to, MSG_TYPES.SWIM, SwimMessage.encode(fact.message), TRAFFIC_CLASSES.CONTROL);
        return;
      case 'member-liveness':
        this.#liveness.set(fact.node, { liveness: fact.liveness, incarnation: fact.incarnation });
        this.#lifecycle.noteChange();
        this.#events.add({ kind: 'member-liveness', node: fact.node, liveness: fact.liveness });
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
        if (!this.#links.sendLinkLocal(now, fact.peer, MSG_TYPES.LSA, fact.payload, TRAFFIC_CLASSES.CONTROL)) {
          this.#topology.onSendRefused(now, fact.peer);
        }
        return;
      case 'topology-changed':
        this.#routes.invalidate();
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
      case 'deliver':
      case 'watermarks':
        return this.#push(fact);
      case 'ended':
        this.#member?.streams.forgetRequest(fact.request);
        return this.#push(fact);
      case 'offset':
        return this.#durability.writeLedger({ ...fact, kind: 'stream-offset' });
      case 'leader-changed':
        this.#lifecycle.noteChange();
        return this.#events.add(fact);
      case 'stream-opened':
      case 'stream-closed':
        return this.#events.add(fact);
      case 'members-changed':
      case 'admit-answered':
        return this.#lifecycle.onGroupFact(now, fact);
      case 'halt':
        return this.#halt(fact.code, fact.detail);
    }
  }

  /** A frame for this node. */
  #onDelivered(now: Micros, from: NodeId, header: Header, payload: Uint8Array): void {
    switch (header.msgType) {
      case MSG_TYPES.FLOW_DATA:
      case MSG_TYPES.FLOW_ACK:
        return this.#flows.onFrame(now, from, header, payload);
      case MSG_TYPES.RAFT:
        this.#member?.onRaftBundle(now, from, payload);
        return;
      case MSG_TYPES.GROUP:
        this.#member?.onControl(now, from, payload);
        return;
      case MSG_TYPES.SWIM: {
        const message = SwimMessage.decode(payload);
        if (message === null) this.#notify({ kind: 'count', name: 'swim.malformed', by: 1 });
        else this.#swim.onMessage(now, from, message);
        return;
      }
      default:
        this.#notify({ kind: 'count', name: 'overlay.unknown-type', by: 1 });
    }
  }

  // ------------------------------------------------------------------------------------------------------------------

  #makeContext(): GroupContext {
    const { config, crypto, entropy, rng, identity } = this.#options;
    return {
      node: identity.nodeId,
      replica: identity.replica,
      replicaId: this.#replica,
      privateSeed: identity.privateSeed,
      config: config.groups,
      crypto,
      entropy,
      rng: rng.fork('groups'),
      deadlines: this.#deadlines,
      journal: this.#journal,
      emit: (fact) => this.#facts.push({ from: 'groups', fact }),
      afterDurable: (then) => this.#durability.after(then),
      fetch: (reads, then) => this.#push(this.#fetches.ask(reads, then)),
      sendControl: (to, message) =>
        this.#overlay.sendTyped(this.#now, to, MSG_TYPES.GROUP, GroupControl.encode(message), TRAFFIC_CLASSES.CONTROL),
      sendFlow: (to, flowClass, payload) => this.#flows.send(this.#now, to, flowClass, [payload]),
      sendRaftFrame: (to, group, message) => this.#bundles.add(to, group as GroupId, message),
      wallMs: (now) => Math.floor((now + this.#wallOffsetUs) / 1000),
      meshId: () => present<MeshId>(this.#member?.mesh, 'groups exist within a mesh'),
    };
  }

  #livenessOf(node: NodeId): Liveness {
    if (node === this.#options.identity.nodeId) return { liveness: 'alive', incarnation: this.#swim.incarnation };
    return this.#liveness.get(node) ?? { liveness: 'alive', incarnation: 0 };
  }

  #status(): NodeStatus {
    const { identity } = this.#options;
    const member = this.#member;
    return {
      node: { id: identity.nodeId, name: identity.name, replica: identity.replica, bootCounter: this.#bootCounter },
      mesh: this.#lifecycle.meshStatus(),
      links: linkStatuses(this.#links),
      groups: member === null ? [] : groupStatuses(member),
      streams: member === null ? [] : streamStatuses(member),
      counters: Object.fromEntries([...this.#counters].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  #fullReject(): Reject {
    const { fullRetryUs } = this.#options.config;
    return reject('OVERLOADED', 'disk', 'the disk is full; free space, then publish again', fullRetryUs);
  }

  #reply(request: number, result: Result<Reply>): void {
    this.#push({ kind: 'reply', request, result });
  }

  #notify(notice: Notice): void {
    if (notice.kind === 'count') this.#counters.set(notice.name, (this.#counters.get(notice.name) ?? 0) + notice.by);
    this.#push({ kind: 'notice', notice });
  }

  #mark(name: string): void {
    this.#notify({ kind: 'mark', name });
  }

  #halt(code: string, detail: string): void {
    this.#isHalted = true;
    this.#push({ kind: 'halt', code, detail });
  }

  #push(effect: Effect): void {
    this.#outbox.push(effect);
  }
}

type StreamCommand = Extract<
  Command,
  {
    kind: 'open-stream' | 'close-stream' | 'get-producer' | 'attach-publisher' | 'publish-one' | 'subscribe';
  }
>;

function mustWaitForBoot(input: Input): boolean {
  return input.kind !== 'turn' && input.kind !== 'wake' && input.kind !== 'persisted' && input.kind !== 'persist-failed';
}

const NO_OUTBOX: Outbox = {
  push: () => {
    throw new AssertionFailed('effects are pushed within a step');
  },
};
const EARLY_INPUTS_MAX = 10_000;
const DEADLINES_PER_TURN_MAX = 10_000;
const FACTS_PER_STEP_MAX = 1_000_000;
