/**
 * How this node comes to be in a mesh and stays there: seeding, joining, coming back after a restart, stopping. Keeps
 * the other machines told who we are and who the members are.
 */
import { present } from '../base/assert.js';
import { EMPTY_BYTES } from '../base/bytes.js';
import { equalBytes } from '../base/crypto.js';
import type { Deadline } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import { reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import { type Micros, logIndex, memberIndex, micros } from '../base/units.js';
import type { GroupFact } from '../groups/context.js';
import { POLICY_CLOSED } from '../groups/mcg/mesh-control.js';
import type { LinkFact } from '../link/facts.js';
import { decodeChain, encodeChain } from '../security/certificate.js';
import type { JoinGrant, MembershipCertificate } from '../wire/link-messages.js';
import type { Command, MeshStatus, NodeStatus, Reply } from './commands.js';
import type { NodeConfig } from './config.js';
import { foundMesh, refusalOfSeed } from './founding.js';
import type { Machines } from './machines.js';
import { Member } from './member.js';
import { MEMBERSHIP_KEY, MembershipRow } from './membership-row.js';
import { Newcomers } from './newcomers.js';
import type { NodeIdentity } from './options.js';
import { type Liveness, joinPolicyOf, memberStatuses, meshStateOf } from './status.js';

export interface LifecycleOptions {
  readonly config: NodeConfig;
  readonly identity: NodeIdentity;
  readonly dialUrls: readonly string[];
  readonly advertisedUrls: readonly string[];
  readonly machines: Machines;
  readonly livenessOf: (node: NodeId) => Liveness;
  readonly reply: (request: number, result: Result<Reply>) => void;
  readonly status: () => NodeStatus;
}

/** A join that runs: the addresses are tried in turn until one answers with the mesh's word. */
interface Joining {
  readonly request: number;
  readonly command: Extract<Command, { kind: 'join-mesh' }>;
  at: number;
}

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #machines: Machines;
  readonly #settle: Deadline;
  #member: Member | null = null;
  #row: MembershipRow | null = null;
  #joining: Joining | null = null;
  /** A seed or join whose membership is durable and that waits until our own log knows it. */
  #settling: number | null = null;
  readonly #newcomers: Newcomers;
  readonly #known = new Set<NodeId>();
  #state: MeshStatus['state'] | null = null;
  #isStateStale = true;

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#machines = options.machines;
    this.#newcomers = new Newcomers(options.machines.links);
    this.#settle = options.machines.deadlines.allocate(this, 'settle-patience');
  }

  get member(): Member | null {
    return this.#member;
  }

  get isStopped(): boolean {
    return this.#row?.isStopped ?? false;
  }

  /** Boot is durable: goes back into the mesh that the journal remembers. */
  begin(now: Micros): void {
    const stored = this.#machines.context.journal.get(MEMBERSHIP_KEY);
    if (stored === null) return;
    const row = MembershipRow.decode(stored);
    if (row === null) {
      const detail = 'the membership in the journal does not decode; repair the data directory';
      this.#machines.context.emit({ kind: 'halt', code: 'membership-malformed', detail });
      return;
    }
    this.#enter(now, row);
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
    }
  }

  onLinkFact(now: Micros, fact: Extract<LinkFact, { kind: 'join-requested' | 'join-answered' }>): void {
    if (fact.kind === 'join-answered') return this.#onJoinAnswered(now, fact.result);
    this.#newcomers.onRequested(now, fact, this.isStopped ? null : this.#member);
  }

  onGroupFact(now: Micros, fact: Extract<GroupFact, { kind: 'members-changed' | 'admit-answered' }>): void {
    if (fact.kind === 'members-changed') return this.#onMembersChanged(now);
    if (this.#member !== null && this.#row !== null) this.#newcomers.onAnswered(now, fact, this.#member, this.#row);
  }

  onTurn(now: Micros): void {
    const member = this.#member;
    if (member === null) return;
    member.found(now);
    if (!this.#isStateStale) return;
    this.#isStateStale = false;
    const state = this.#meshState(member);
    if (state === this.#state) return;
    this.#state = state;
    this.#machines.events.add({ kind: 'mesh-state', state });
  }

  /** Liveness, routes, leadership or members have changed: so may the state of the mesh. */
  noteChange(): void {
    this.#isStateStale = true;
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
    if (member === null || row === null) return null;
    const { identity, livenessOf } = this.#options;
    const { routes } = this.#machines;
    const founded = member.control.state.founded;
    return {
      id: row.mesh,
      name: founded?.name ?? '',
      description: founded?.description ?? '',
      joinPolicy: joinPolicyOf(founded?.joinPolicy ?? POLICY_CLOSED),
      isStopped: row.isStopped,
      state: this.#meshState(member),
      generationTag: row.generationTag,
      members: memberStatuses(member, identity.nodeId, routes, livenessOf),
    };
  }

  // Entering ---------------------------------------------------------------------------------------------------------

  #seed(now: Micros, request: number, command: Extract<Command, { kind: 'seed-mesh' }>): void {
    const why = this.#refusalToEnter() ?? refusalOfSeed(command);
    if (why !== null) return this.#options.reply(request, refuse(why));
    const { identity, advertisedUrls } = this.#options;
    this.#enterNew(request, foundMesh(this.#machines.context, identity, command, advertisedUrls));
  }

  #join(now: Micros, request: number, command: Extract<Command, { kind: 'join-mesh' }>): void {
    const why = this.#refusalToEnter();
    if (why !== null) return this.#options.reply(request, refuse(why));
    if (command.urls.length === 0) {
      return this.#options.reply(request, refuse(reject('INVALID_ARGUMENT', 'urls', 'name the address of a member')));
    }
    this.#joining = { request, command, at: 0 };
    this.#dial(now, this.#joining);
  }

  #dial(now: Micros, joining: Joining): void {
    const { identity, advertisedUrls } = this.#options;
    const { links } = this.#machines;
    const url = present(joining.command.urls[joining.at], 'an address is left to try');
    links.dialForJoin(now, url, {
      joinKey: joining.command.joinKey,
      meshId: joining.command.meshId,
      request: { name: identity.name, journalId: identity.journalId, urls: advertisedUrls },
    });
  }

  #onJoinAnswered(now: Micros, result: Result<JoinGrant>): void {
    const joining = this.#joining;
    if (joining === null) return;
    if (!result.ok) {
      const mayOtherAnswer = OTHER_MEMBER_MAY_ANSWER.has(result.reject.code);
      if (mayOtherAnswer && joining.at + 1 < joining.command.urls.length) {
        joining.at++;
        return this.#dial(now, joining);
      }
      this.#joining = null;
      return this.#options.reply(joining.request, refuse(result.reject));
    }
    this.#joining = null;
    const grant = result.value;
    this.#enterNew(joining.request, {
      mesh: grant.meshId,
      meshPublicKey: grant.meshPublicKey,
      generation: grant.generation,
      generationTag: grant.generationTag,
      chain: encodeChain(grant.chain),
      dialUrls: [present(joining.command.urls[joining.at], 'one address has answered')],
      isFounder: false,
      founding: EMPTY_BYTES,
      isStopped: false,
    });
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
      this.#enter(at, row);
    });
  }

  #enter(now: Micros, row: MembershipRow): void {
    const { context, restored } = this.#machines;
    const { livenessOf } = this.#options;
    const chain = present(decodeChain(row.chain), 'our own certificate chain decodes');
    this.#row = row;
    this.#member = new Member(now, {
      context,
      row,
      chain,
      restored,
      isAlive: (node) => livenessOf(node).liveness === 'alive',
    });
    if (!row.isStopped) this.#open(now, row, chain);
    context.emit({ kind: 'notice', notice: { kind: 'mesh-joined', mesh: row.mesh } });
  }

  /** Opens up to the other members. */
  #open(now: Micros, row: MembershipRow, chain: readonly MembershipCertificate[]): void {
    const { links, topology, swim, overlay, bootCounter, context } = this.#machines;
    const { identity, dialUrls } = this.#options;
    const { index } = present(chain[0], 'a membership has a certificate');
    const { mesh: meshId, meshPublicKey, generationTag } = row;
    overlay.setSelf({ index, generationTag });
    topology.setIdentity(now, {
      nodeId: identity.nodeId,
      replica: identity.replica,
      bootCounter,
      index,
      certificateChain: row.chain,
      sign: (bytes) => context.crypto.sign(identity.privateSeed, bytes),
    });
    const mcgApplied = this.#member?.control.applied ?? logIndex(0);
    links.setDialTargets(now, [...new Set([...dialUrls, ...row.dialUrls])]);
    links.setMembership(now, { meshId, meshPublicKey, generationTag, chain, mcgApplied });
    links.start(now);
    swim.start(now);
    this.#onMembersChanged(now);
  }

  #start(now: Micros, request: number): void {
    const row = this.#row;
    if (row === null) {
      const why = reject('NOT_IN_MESH', 'node', 'this node is in no mesh; seed one or join one');
      return this.#options.reply(request, refuse(why));
    }
    if (row.isStopped) {
      this.#remember({ ...row, isStopped: false });
      this.#open(now, { ...row, isStopped: false }, present(decodeChain(row.chain), 'our own certificate chain decodes'));
    }
    this.#replyStatusWhenDurable(request);
  }

  #stop(now: Micros, request: number): void {
    const row = this.#row;
    const { links, context } = this.#machines;
    if (row === null) {
      const why = reject('NOT_IN_MESH', 'node', 'this node is in no mesh');
      return this.#options.reply(request, refuse(why));
    }
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
    const { founded } = state;
    if (founded !== null) {
      links.setJoinOffer({
        meshName: founded.name,
        policy: joinPolicyOf(founded.joinPolicy),
        salt: founded.joinSalt,
        verifier: founded.joinVerifier,
      });
    }
    const self = state.members.get(identity.nodeId);
    const isMember = self !== undefined && self.replica === identity.replica && equalBytes(self.journalId, identity.journalId);
    if (isMember) this.#replySettled();
  }

  #replySettled(): void {
    const request = this.#settling;
    if (request === null) return;
    this.#settling = null;
    this.#settle.disarm();
    this.#options.reply(request, accept({ kind: 'status', status: this.#options.status() }));
  }

  #meshState(member: Member): MeshStatus['state'] {
    const { identity, livenessOf } = this.#options;
    const { routes } = this.#machines;
    const isReachable = (node: NodeId): boolean => routes.isReachable(node) && livenessOf(node).liveness !== 'failed';
    return meshStateOf(member, identity.nodeId, isReachable);
  }

  #refusalToEnter() {
    if (this.#row !== null) {
      return reject('ALREADY_IN_MESH', this.#row.mesh, 'this node is in a mesh; use another data directory for another mesh');
    }
    if (this.#joining !== null || this.#settling !== null) {
      return reject('ALREADY_IN_MESH', 'node', 'a seed or join of this node is under way; wait for its answer');
    }
    return null;
  }
}

type LifecycleCommand = Extract<Command, { kind: 'seed-mesh' | 'join-mesh' | 'start-mesh' | 'stop-mesh' }>;

/** Refusals that speak of the member that was asked, or of the way there, and not for the mesh. */
const OTHER_MEMBER_MAY_ANSWER: ReadonlySet<string> = new Set(['UNREACHABLE', 'TIMED_OUT', 'NOT_IN_MESH', 'NO_QUORUM', 'OVERLOADED']);
