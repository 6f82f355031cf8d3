/**
 * How this node comes to be in a mesh, stays there and goes: seeding, joining, coming back after a restart, stopping,
 * leaving, being evicted. Keeps the other machines told who we are and who the members are.
 */
import { present } from '../base/assert.js';
import { equalBytes } from '../base/crypto.js';
import type { Deadline } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import { type LogIndex, type Micros, logIndex, memberIndex, micros } from '../base/units.js';
import type { GroupFact } from '../groups/context.js';
import type { LinkFact } from '../link/facts.js';
import { decodeChain } from '../security/certificate.js';
import type { Command, MeshStatus, NodeStatus, Reply } from './commands.js';
import type { NodeConfig } from './config.js';
import { foundMesh, refusalOfSeed } from './founding.js';
import { Joining } from './joining.js';
import type { Machines } from './machines.js';
import { Member } from './member.js';
import { MEMBERSHIP_KEY, MembershipRow, REPLICA_KEY, ReplicaRow, STANDINGS } from './membership-row.js';
import { MeshHealth } from './mesh-health.js';
import { Newcomers } from './newcomers.js';
import { openUp, showGeneration } from './presence.js';
import type { NodeIdentity } from './options.js';
import { ENTERING, NOT_IN_MESH, STOPPED, alreadyIn, fallSilent, logOutsider, outsiderReject, outsiderStatus } from './outsider.js';
import { type Liveness, memberStatuses, meshStatusOf } from './status.js';

export interface LifecycleOptions {
  readonly config: NodeConfig;
  readonly identity: NodeIdentity;
  readonly dialUrls: readonly string[];
  readonly advertisedUrls: readonly string[];
  readonly site?: string;
  readonly machines: Machines;
  readonly livenessOf: (node: NodeId) => Liveness;
  readonly failedSince: (node: NodeId) => Micros | null;
  /** A member is gone, or all of them: what is remembered of it goes too. */
  readonly forget: (node: NodeId) => void;
  readonly reply: (request: number, result: Result<Reply>) => void;
  readonly status: () => NodeStatus;
}

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #machines: Machines;
  readonly #settle: Deadline;
  #member: Member | null = null;
  #row: MembershipRow | null = null;
  readonly #joining: Joining;
  /** A seed or join whose membership is durable and that waits until our own log knows it. */
  #settling: number | null = null;
  readonly #newcomers: Newcomers;
  readonly #known = new Set<NodeId>();
  readonly #health: MeshHealth;
  #isStateStale = true;

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#machines = options.machines;
    this.#newcomers = new Newcomers(options.machines.links);
    const { name, journalId } = options.identity;
    this.#joining = new Joining(options.machines.links, { name, journalId, urls: options.advertisedUrls, site: options.site ?? '' });
    const { deadlines } = options.machines;
    this.#settle = deadlines.allocate(this, 'settle-patience');
    this.#health = new MeshHealth({
      self: options.identity.nodeId,
      holdUs: options.config.stateHoldUs,
      deadlines,
      isReachable: (node) => this.#isReachable(node),
      onDue: () => this.noteChange(),
    });
  }

  get member(): Member | null {
    return this.#member;
  }

  get isStopped(): boolean {
    return this.#row?.isStopped ?? false;
  }

  /** Boot is durable: goes back into the mesh that the journal remembers. */
  begin(now: Micros): void {
    this.#machines.own.announce(this.#options.identity.replica);
    const stored = this.#machines.context.journal.get(MEMBERSHIP_KEY);
    if (stored === null) return;
    const row = MembershipRow.decode(stored);
    if (row === null) {
      const detail = 'the membership in the journal does not decode; repair the data directory';
      return this.#machines.context.emit({ kind: 'halt', code: 'membership-malformed', detail });
    }
    if (row.standing === STANDINGS.member) return this.#enter(now, row, this.#machines.restored);
    this.#row = row;
    logOutsider(this.#machines.context, row);
  }

  /** Why this node is no member, whether it was one or not; null for members. */
  get refusalOfOutsider(): Reject | null {
    if (this.#member !== null) return null;
    return this.#row === null || this.#row.standing === STANDINGS.member ? NOT_IN_MESH : outsiderReject(this.#row);
  }

  onCommand(now: Micros, request: number, command: LifecycleCommand): void {
    switch (command.kind) {
      case 'seed-mesh':
        return this.#seed(now, request, command);
      case 'join-mesh':
        return this.#join(now, request, command);
      case 'start-mesh':
        return this.#start(now, request);
      case 'stop-mesh':
        return this.#stop(now, request);
      case 'leave-mesh':
      case 'evict-node':
        return this.#askToGo(now, request, command);
      case 'recover-mesh':
        return this.#recover(now, request, command);
    }
  }

  onLinkFact(now: Micros, fact: Extract<LinkFact, { kind: 'join-requested' | 'join-answered' | 'told-evicted' }>): void {
    if (fact.kind === 'join-answered') return this.#onJoinAnswered(now, fact.result);
    if (fact.kind === 'told-evicted') return this.#depart(now, { isEvicted: true, at: logIndex(0) });
    this.#newcomers.onRequested(now, fact, this.isStopped ? null : this.#member);
  }

  onGroupFact(now: Micros, fact: Extract<GroupFact, { kind: 'members-changed' | 'member-departed' | 'admit-answered' }>): void {
    if (fact.kind === 'members-changed') return this.#onMembersChanged(now);
    if (fact.kind === 'member-departed') return this.#onMemberDeparted(now, fact);
    if (this.#member !== null && this.#row !== null) this.#newcomers.onAnswered(now, fact, this.#member, this.#row);
  }

  onTurn(now: Micros): void {
    const member = this.#member;
    if (member === null) return;
    member.found(now);
    if (!this.#isStateStale) return;
    this.#isStateStale = false;
    const state = this.#health.evaluate(now, member);
    if (state === null) return;
    this.#machines.events.add({ kind: 'mesh-state', state });
    member.streams.onMeshState();
  }

  /** Liveness, routes, leadership or members have changed: so may the state of the mesh. */
  noteChange(): void {
    this.#isStateStale = true;
  }

  /** Why new work has to wait while the mesh is CRITICAL; null when it need not. */
  get criticalRefusal(): Reject | null {
    return this.#member === null ? null : this.#health.refusal(this.#member, this.#options.config.joinSettleUs);
  }

  onDeadline(_now: Micros, _deadline: Deadline): void {
    this.#replySettled();
  }

  /** Tells the mesh that this node goes on purpose; its applications are told too. */
  withdraw(now: Micros): void {
    const { topology, swim } = this.#machines;
    const why = reject('MESH_STOPPED', 'node', 'the node is stopping; go on after its start');
    this.#member?.streams.endSessions(why);
    this.#member?.updates.endSessions(why);
    swim.leave(now);
    topology.withdraw(now);
  }

  meshStatus(): MeshStatus | null {
    const member = this.#member;
    const row = this.#row;
    if (row === null) return null;
    if (member === null) return outsiderStatus(row);
    return meshStatusOf(row, member, this.#health.state, memberStatuses(member, this.#options.identity.nodeId, this.#machines.routes, this.#options.livenessOf));
  }

  // Entering ---------------------------------------------------------------------------------------------------------

  #seed(now: Micros, request: number, command: Extract<Command, { kind: 'seed-mesh' }>): void {
    const why = this.#refusalToEnter() ?? refusalOfSeed(command);
    if (why !== null) return this.#options.reply(request, refuse(why));
    const { identity, advertisedUrls: urls, site = '' } = this.#options;
    this.#enterNew(request, foundMesh(this.#machines.context, identity, command, { urls, site }));
  }

  #join(_now: Micros, request: number, command: Extract<Command, { kind: 'join-mesh' }>): void {
    const why = this.#refusalToEnter();
    if (why !== null) return this.#options.reply(request, refuse(why));
    if (command.urls.length === 0) {
      return this.#options.reply(request, refuse(reject('INVALID_ARGUMENT', 'urls', 'name the address of a member')));
    }
    // A replica that went is no member again: the number that takes its place is on the disk first.
    this.#machines.context.afterDurable((at) => {
      if (!this.#joining.isRunning) this.#joining.start(at, request, command);
    });
  }

  #onJoinAnswered(now: Micros, result: Parameters<Joining['onAnswered']>[1]): void {
    const answered = this.#joining.onAnswered(now, result);
    if (answered === null) return;
    const { request, outcome } = answered;
    return outcome.ok ? this.#enterNew(request, outcome.value) : this.#options.reply(request, outcome);
  }

  // Being a member ---------------------------------------------------------------------------------------------------

  /** Membership is made durable first; only then do we act under it. */
  #enterNew(request: number, row: MembershipRow): void {
    const { context } = this.#machines;
    const { config } = this.#options;
    context.journal.put(MEMBERSHIP_KEY, MembershipRow.encode(row));
    this.#settling = request;
    context.afterDurable((at) => {
      this.#settle.arm(micros(at + config.joinSettleUs));
      // What this boot found on the disk is of earlier memberships: a new one begins with nothing.
      this.#enter(at, row, new Map());
    });
  }

  #enter(now: Micros, row: MembershipRow, restored: Machines['restored']): void {
    const { context } = this.#machines;
    const { livenessOf, failedSince } = this.#options;
    const chain = present(decodeChain(row.chain), 'our own certificate chain decodes');
    this.#row = row;
    this.#member = new Member(now, {
      context,
      row,
      chain,
      restored,
      isAlive: (node) => livenessOf(node).liveness === 'alive',
      failedSince,
      isReachable: (node) => this.#isReachable(node),
      onGeneration: (at, entered) => this.#onGeneration(at, entered),
    });
    if (!row.isStopped) this.#open(now, row);
    context.emit({ kind: 'notice', notice: { kind: 'mesh-joined', mesh: row.mesh } });
  }

  /** Opens up to the other members. */
  #open(now: Micros, row: MembershipRow): void {
    const mcgApplied = this.#member?.control.applied ?? logIndex(0);
    openUp(now, this.#machines, this.#options, { row, mcgApplied });
    this.#onMembersChanged(now);
  }

  #start(now: Micros, request: number): void {
    const row = this.#row;
    if (row === null || this.#member === null) return this.#options.reply(request, refuse(this.refusalOfOutsider ?? NOT_IN_MESH));
    if (row.isStopped) {
      this.#remember({ ...row, isStopped: false });
      this.#open(now, { ...row, isStopped: false });
    }
    this.#replyStatusWhenDurable(request);
  }

  #stop(now: Micros, request: number): void {
    const row = this.#row;
    const { links, context } = this.#machines;
    if (row === null || this.#member === null) return this.#options.reply(request, refuse(this.refusalOfOutsider ?? NOT_IN_MESH));
    if (!row.isStopped) {
      this.withdraw(now);
      this.#remember({ ...row, isStopped: true });
      // The links go last: what the others have to hear of our leaving is still on its way to them.
      context.afterDurable((at) => {
        if (this.isStopped) links.stop(at);
      });
    }
    this.#replyStatusWhenDurable(request);
  }

  #remember(row: MembershipRow): void {
    this.#row = row;
    this.#machines.context.journal.put(MEMBERSHIP_KEY, MembershipRow.encode(row));
  }

  #replyStatusWhenDurable(request: number): void {
    const { reply, status } = this.#options;
    this.#machines.context.afterDurable(() => reply(request, accept({ kind: 'status', status: status() })));
  }

  #onMembersChanged(now: Micros): void {
    const member = this.#member;
    if (member === null) return;
    this.#isStateStale = true;
    const { swim, links, events } = this.#machines;
    const { identity } = this.#options;
    const { state } = member.control;
    swim.setMembers(
      now,
      [...state.members.values()].map(({ node, index }) => ({ id: node, index: memberIndex(index) })),
    );
    for (const { node, name } of state.members.values()) {
      if (this.#known.has(node)) continue;
      this.#known.add(node);
      events.add({ kind: 'member-joined', node, name });
    }
    for (const node of [...state.members.keys(), ...state.departed.keys()]) {
      const outThrough = state.outThrough(node);
      if (outThrough > 0 && node !== identity.nodeId) links.refuseReplica(now, node, outThrough);
    }
    this.#newcomers.setOffer(member);
    const self = state.members.get(identity.nodeId);
    const isMember = self !== undefined && self.replica === this.#machines.own.number && equalBytes(self.journalId, identity.journalId);
    if (isMember) this.#replySettled();
  }

  #replySettled(): void {
    const request = this.#settling;
    if (request === null) return;
    this.#settling = null;
    this.#settle.disarm();
    this.#options.reply(request, accept({ kind: 'status', status: this.#options.status() }));
  }

  // Going ------------------------------------------------------------------------------------------------------------

  #askToGo(now: Micros, request: number, command: Extract<Command, { kind: 'leave-mesh' | 'evict-node' }>): void {
    const member = this.#member;
    const { own } = this.#machines;
    if (member === null || this.isStopped) return this.#options.reply(request, refuse(this.refusalOfOutsider ?? STOPPED));
    const isEvicted = command.kind === 'evict-node';
    const node = isEvicted ? command.node : own.node;
    member.control.ask(now, request, { kind: 'depart', node, replica: member.control.state.presentReplica(node), isEvicted });
  }

  #onMemberDeparted(now: Micros, fact: Extract<GroupFact, { kind: 'member-departed' }>): void {
    const { node, name, replica, isEvicted } = fact;
    const { own, topology, flows, events } = this.#machines;
    if (node === own.node) {
      // An earlier replica of ours: we are here as a later one.
      if (replica >= own.number) this.#depart(now, fact);
      return;
    }
    this.#known.delete(node);
    topology.forget(node);
    flows.forget(node);
    this.#options.forget(node);
    events.add({ kind: 'member-departed', node, name, isEvicted });
    this.#member?.onMemberDeparted(now, fact);
  }

  /**
   * This node's membership is over. It falls silent, keeps what its streams hold, and gives itself the next replica
   * number, under which alone it may ask to come back.
   */
  #depart(now: Micros, { isEvicted, at }: { readonly isEvicted: boolean; readonly at: LogIndex }): void {
    const member = this.#member;
    if (member === null || this.#row === null) return;
    const { context, events, own } = this.#machines;
    const isLeaving = member.control.isLeaving;
    const row = { ...this.#row, isStopped: false, standing: isEvicted && !isLeaving ? STANDINGS.evicted : STANDINGS.left };
    const meshName = member.control.state.founded?.name ?? row.meshName;
    const nodes = [...member.control.state.members.keys()];
    this.#member = null;
    member.close(outsiderReject(row), at);
    this.#remember({ ...row, meshName });
    const replica = own.number + 1;
    context.journal.put(REPLICA_KEY, ReplicaRow.encode({ replica }));
    fallSilent(now, this.#machines, nodes);
    for (const node of nodes) this.#options.forget(node);
    this.#known.clear();
    this.#health.reset();
    context.afterDurable(() => own.renew(replica));
    events.add({ kind: 'member-departed', node: own.node, name: this.#options.identity.name, isEvicted: row.standing === STANDINGS.evicted });
    logOutsider(this.#machines.context, row);
  }

  // Generations ------------------------------------------------------------------------------------------------------

  #recover(now: Micros, request: number, command: Extract<Command, { kind: 'recover-mesh' }>): void {
    const member = this.#member;
    if (member === null || this.isStopped) return this.#options.reply(request, refuse(this.refusalOfOutsider ?? STOPPED));
    member.generations.recover(now, request, command);
  }

  /** Nothing leaves under the new generation before the disk knows of it. */
  #onGeneration(_now: Micros, row: MembershipRow): void {
    this.#remember(row);
    this.#machines.context.afterDurable((at) => {
      const member = this.#member;
      if (member !== null && this.#row === row) showGeneration(at, this.#machines, { row, mcgApplied: member.control.applied });
    });
  }

  #isReachable(node: NodeId): boolean {
    return this.#machines.routes.isReachable(node) && isPresent(this.#options.livenessOf(node));
  }

  #refusalToEnter(): Reject | null {
    if (this.#row !== null && this.#row.standing === STANDINGS.member) return alreadyIn(this.#row);
    return this.#joining.isRunning || this.#settling !== null ? ENTERING : null;
  }
}

const isPresent = ({ liveness }: Liveness): boolean => liveness !== 'failed' && liveness !== 'left';

type LifecycleKind = 'seed-mesh' | 'join-mesh' | 'start-mesh' | 'stop-mesh' | 'leave-mesh' | 'evict-node' | 'recover-mesh';
type LifecycleCommand = Extract<Command, { kind: LifecycleKind }>;
