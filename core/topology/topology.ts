/**
 * The topology machine: advertises this node's links, floods everybody's advertisements over links, and keeps the
 * link-state database equal on all nodes that can reach one another.
 *
 * Decides what is advertised, when, and to whom it is passed on. Invariants: of each origin only the newest
 * advertisement is held and flooded; nothing unverified is held; a node's own advertisement is never taken from
 * somebody else. News travels at the turn that follows it, from link to link, never by gossip or by routes.
 * Source: OSPF (RFC 2328 §13 flooding, §13.4 own LSAs heard again); digest anti-entropy as in Demers et al. 1987.
 * Leaves out: areas, and per-link acknowledgement: a link is ordered and reliable while it lives, a link that comes up
 * compares databases, and a random neighbour is compared with every `antiEntropyUs`.
 * Differs: no LS age in the signed part (age is a claim of whoever passes the LSA on), no sequence wrap.
 */
import { assert } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import type { Rng } from '../base/rng.js';
import type { MemberIndex, Micros } from '../base/units.js';
import { type LsaDigestEntry, type LsaSummary, TopologyMessage } from '../wire/lsa-messages.js';
import type { Infer } from '../wire/schema.js';
import { Adjacencies } from './adjacencies.js';
import { FloodQueue } from './flood-queue.js';
import { Lsdb } from './lsdb.js';
import { type LsdbNode, type LsdbView, compareVersions } from './lsa.js';
import { type ReceivedLsa, type VerifyLsa, batchLsas, parseLsa, verifyReceived } from './lsa-exchange.js';
import { NeighbourChecks } from './neighbour-checks.js';
import { OwnLsa, type TopologyIdentity } from './own-lsa.js';
import { type TopologyConfig, assertTopologyConfig } from './topology-config.js';

export type TopologyFact =
  /** A link-local LSA frame for a linked neighbour. */
  | { readonly kind: 'topology-send'; readonly peer: NodeId; readonly payload: Uint8Array }
  /**
   * Routes must be computed anew before they are used next. At most once per turn for all that was heard, and at once,
   * with `isUrgent`, for each link of this node that went down.
   */
  | { readonly kind: 'topology-changed'; readonly isUrgent: boolean }
  | { readonly kind: 'notice'; readonly notice: Notice };

export interface TopologyOptions {
  readonly config: TopologyConfig;
  readonly deadlines: DeadlineHeap;
  readonly rng: Rng;
  readonly emit: (fact: TopologyFact) => void;
  /**
   * Called once per advertisement that would be new; about 124 µs in production, so the chain's part is cached by the
   * node.
   */
  readonly verifyLsa: VerifyLsa;
}

export class Topology implements DeadlineOwner, LsdbView {
  readonly #config: TopologyConfig;
  readonly #rng: Rng;
  readonly #emit: (fact: TopologyFact) => void;
  readonly #verifyLsa: VerifyLsa;
  readonly #lsdb = new Lsdb();
  readonly #adjacencies: Adjacencies;
  readonly #flood = new FloodQueue();
  readonly #own: OwnLsa;
  readonly #checks: NeighbourChecks;
  readonly #originateDeadline: Deadline;
  readonly #refreshDeadline: Deadline;
  readonly #expireDeadline: Deadline;
  #rttRenewAt: Micros = 0 as Micros;
  #isAdvertisementDue = false;
  #isChanged = false;
  /** This node as routing sees it, with live links. */
  #selfNode: LsdbNode | null = null;

  constructor({ config, deadlines, rng, emit, verifyLsa }: TopologyOptions) {
    assertTopologyConfig(config);
    this.#config = config;
    this.#rng = rng;
    this.#emit = emit;
    this.#verifyLsa = verifyLsa;
    this.#adjacencies = new Adjacencies(config);
    this.#own = new OwnLsa(config);
    const peers = () => this.#adjacencies.peers();
    const ask = (peer: NodeId) => this.#sendSummary(peer);
    this.#checks = new NeighbourChecks({ config, deadlines, rng: rng.fork('checks'), peers, ask });
    this.#originateDeadline = deadlines.allocate(this, 'originate');
    this.#refreshDeadline = deadlines.allocate(this, 'refresh');
    this.#expireDeadline = deadlines.allocate(this, 'expire');
  }

  /**
   * Who this node is in the mesh; null outside of one, which forgets everything but the links. A new boot or replica
   * begins at seq 1; a new certificate of the same boot goes on.
   */
  setIdentity(now: Micros, identity: TopologyIdentity | null): void {
    if (this.#own.identity?.nodeId !== identity?.nodeId) {
      this.#lsdb.clear();
      this.#flood.clear();
    }
    this.#own.setIdentity(identity);
    this.#refreshSelf();
    this.#isChanged = true;
    if (identity === null) {
      this.#isAdvertisementDue = false;
      this.#originateDeadline.disarm();
      this.#refreshDeadline.disarm();
      this.#expireDeadline.disarm();
      this.#checks.clear();
      return;
    }
    assert(identity.index >= 1 && identity.index <= this.#config.memberIndexMax, 'a member index is in range');
    this.#lsdb.remove(identity.nodeId);
    const usurped = this.#lsdb.nodeOfIndex(identity.index);
    if (usurped !== null) this.#lsdb.remove(usurped);
    this.#isAdvertisementDue = true;
    this.#originate(now);
    for (const peer of this.#adjacencies.peers()) this.#checks.askNow(now, peer);
  }

  /** A link is up, provisional or full. `rttUs` of 0 means "not measured yet". */
  onLinkUp(now: Micros, peer: NodeId, rttUs: number): void {
    if (!this.#adjacencies.has(peer) && this.#adjacencies.size >= this.#config.adjacenciesMax) {
      this.#count('topology.too-many-links');
      return;
    }
    this.#adjacencies.up(peer, rttUs);
    this.#flood.addPeer(peer);
    this.#onLinksChanged();
    if (this.self !== null) this.#checks.greet(now, this.self, peer);
  }

  onLinkDown(_now: Micros, peer: NodeId): void {
    if (!this.#adjacencies.down(peer)) return;
    this.#flood.removePeer(peer);
    this.#checks.drop(peer);
    this.#onLinksChanged();
    this.#isChanged = false;
    this.#emit({ kind: 'topology-changed', isUrgent: true });
  }

  /** A smoothed reading. Re-advertised only when it leaves the band, and no more often than `rttRenewUsMin`. */
  onLinkRtt(now: Micros, peer: NodeId, rttUs: number): void {
    if (!this.#adjacencies.read(peer, rttUs) || this.#own.identity === null) return;
    if (now >= this.#rttRenewAt) this.#renewRtts(now);
    else this.#originateDeadline.armNoLater(this.#rttRenewAt);
  }

  /** The payload of a link-local LSA frame. Never throws, whatever the bytes. */
  onPayload(now: Micros, from: NodeId, bytes: Uint8Array): void {
    if (this.#own.identity === null) return this.#count('topology.outside-mesh');
    const message = TopologyMessage.decode(bytes);
    if (message === null) return this.#count('topology.malformed');
    switch (message.kind) {
      case 'batch':
        for (const lsa of message.lsas) this.#onLsa(now, from, parseLsa(lsa, this.#config));
        return;
      case 'summary':
        if (!this.#lsdb.isEqualTo(message)) this.#sendDigest(from, false);
        return;
      case 'digest':
        this.#onDigest(from, message.isReply, message.entries);
    }
  }

  /** A `topology-send` did not fit the neighbour's queue: databases are compared a little later. */
  onSendRefused(now: Micros, peer: NodeId): void {
    this.#count('topology.send-refused');
    if (this.#adjacencies.has(peer) && this.self !== null) this.#checks.askSoon(now, peer);
  }

  /** Sends what is due: this node's own advertisement, then the flood. Then says, once, if routes have changed. */
  onTurn(now: Micros): void {
    this.#originate(now);
    this.#sendFlood(now);
    if (!this.#isChanged) return;
    this.#isChanged = false;
    this.#emit({ kind: 'topology-changed', isUrgent: false });
  }

  /** Tells the mesh, at once, that this node goes on purpose. Links stay until their owner closes them. */
  withdraw(now: Micros): void {
    if (this.#own.identity === null || this.#own.isWithdrawn) return;
    this.#own.withdraw();
    this.#refreshSelf();
    this.#advertise(now);
    this.#sendFlood(now);
  }

  /** Forgets an origin that the mesh has evicted. `verifyLsa` keeps it out from then on. */
  forget(node: NodeId): void {
    if (node === this.#own.identity?.nodeId || this.#lsdb.get(node) === undefined) return;
    this.#lsdb.remove(node);
    this.#isChanged = true;
  }

  onDeadline(now: Micros, deadline: Deadline): void {
    switch (deadline) {
      case this.#originateDeadline:
        if (now >= this.#rttRenewAt) this.#renewRtts(now);
        return;
      case this.#refreshDeadline:
        this.#isAdvertisementDue = true;
        return;
      case this.#expireDeadline:
        return this.#expire(now);
      default:
        assert(false, 'a deadline of the topology is known');
    }
  }

  /** The database as routing reads it: a live view, not a copy. */
  lsdb(): LsdbView {
    return this;
  }

  nodeOfIndex(index: MemberIndex): NodeId | null {
    return index === this.#selfNode?.index ? this.#selfNode.node : this.#lsdb.nodeOfIndex(index);
  }

  indexOf(node: NodeId): MemberIndex | null {
    return this.get(node)?.index ?? null;
  }

  /** What equal databases have in common; for tests, oracles and status. */
  summary(): Infer<typeof LsaSummary> {
    return this.#lsdb.summary();
  }

  get self(): NodeId | null {
    return this.#own.identity?.nodeId ?? null;
  }

  get(node: NodeId): LsdbNode | undefined {
    return node === this.#selfNode?.node ? this.#selfNode : this.#lsdb.get(node);
  }

  *nodes(): IterableIterator<LsdbNode> {
    if (this.#selfNode !== null) yield this.#selfNode;
    for (const entry of this.#lsdb.entries()) if (entry.node !== this.#selfNode?.node) yield entry;
  }

  checkInvariants(): void {
    this.#lsdb.checkInvariants();
    this.#adjacencies.checkInvariants();
    assert(this.#lsdb.size <= this.#config.originsMax, 'the database is bounded');
    const { identity, version } = this.#own;
    assert((identity === null) === (this.#selfNode === null), 'routing sees this node exactly within a mesh');
    assert(identity !== null || this.#lsdb.size === 0, 'outside a mesh nothing is held');
    for (const peer of this.#flood.peers()) assert(this.#adjacencies.has(peer), 'the flood goes over links');
    this.#checks.checkInvariants(identity !== null);
    if (identity === null || version === null) return;
    const own = this.#lsdb.get(identity.nodeId);
    assert(own !== undefined && compareVersions(own, version) === 0, 'the own advertisement is the newest own one');
    assert(own.index === identity.index, 'the own advertisement carries the own index');
    assert(this.#refreshDeadline.isArmed || this.#isAdvertisementDue, 'the own advertisement is renewed in time');
    assert(this.#lsdb.size <= 1 || this.#expireDeadline.isArmed, 'what is held ages');
  }

  #onLsa(now: Micros, from: NodeId, lsa: ReceivedLsa | null): void {
    if (lsa === null) return this.#count('topology.lsa-malformed');
    if (lsa.ageUs >= this.#config.maxAgeUs) return this.#count('topology.lsa-aged');
    const origin = lsa.body.origin;
    if (origin === this.#own.identity?.nodeId) return this.#onOwnLsa(from, lsa);
    const held = this.#lsdb.get(origin);
    const order = held === undefined ? 1 : compareVersions(lsa.body, held);
    if (order === 0) return this.#flood.settle(from, origin);
    if (order < 0) {
      this.#flood.queueFor(from, origin);
      return this.#count('topology.lsa-stale');
    }
    if (held === undefined && this.#lsdb.size >= this.#config.originsMax) {
      return this.#count('topology.too-many-origins');
    }
    const verified = verifyReceived(lsa, this.#verifyLsa, this.#config);
    if (verified === null) return this.#count('topology.lsa-unverified');
    if (this.#lsdb.isIndexTaken(verified.index, origin) || verified.index === this.#own.identity?.index) {
      return this.#count('topology.index-conflict');
    }
    this.#install(now, lsa, verified.index);
    this.#flood.queueForAll(origin, from);
  }

  /** An advertisement under this node's own name has come back. */
  #onOwnLsa(from: NodeId, lsa: ReceivedLsa): void {
    const own = this.#own.version;
    if (own === null) return;
    const order = compareVersions(lsa.body, own);
    if (order === 0) return;
    if (order < 0) return this.#flood.queueFor(from, lsa.body.origin);
    if (verifyReceived(lsa, this.#verifyLsa, this.#config) === null) return this.#count('topology.lsa-unverified');
    if (lsa.body.replica === own.replica && lsa.body.bootCounter === own.bootCounter) {
      // Our own signature above our own counter, within one boot: go above it, or nobody would take our news.
      this.#own.jumpAbove(lsa.body.seq);
      this.#isAdvertisementDue = true;
      return this.#count('topology.own-seq-jumped');
    }
    // A later life of this node speaks elsewhere: its disk was rolled back or copied. The door of links refuses the
    // second holder; here nothing can be done that the later life would not win.
    this.#count('topology.own-boot-newer');
  }

  #install(now: Micros, lsa: ReceivedLsa, index: MemberIndex): void {
    const { body } = lsa;
    const issuedAt = (now - lsa.ageUs) as Micros;
    this.#lsdb.install({
      node: body.origin,
      index,
      isWithdrawn: body.isWithdrawn,
      adjacencies: body.adjacencies,
      relayCapacityKbps: body.relayCapacityKbps,
      replica: body.replica,
      bootCounter: body.bootCounter,
      seq: body.seq,
      // Copied: a view would keep the whole WebSocket message alive as long as the entry.
      body: lsa.bodyBytes.slice(),
      signature: lsa.signature.slice(),
      certificateChain: lsa.certificateChain.slice(),
      issuedAt,
    });
    this.#expireDeadline.armNoLater((issuedAt + this.#config.maxAgeUs) as Micros);
    this.#isChanged = true;
  }

  #onDigest(from: NodeId, isReply: boolean, entries: readonly LsaDigestEntry[]): void {
    const { newerHere, isBehind } = this.#lsdb.compare(entries);
    for (const origin of newerHere) this.#flood.queueFor(from, origin);
    if (isBehind && !isReply) this.#sendDigest(from, true);
  }

  #onLinksChanged(): void {
    this.#adjacencies.renew();
    this.#refreshSelf();
    this.#isChanged = true;
    this.#isAdvertisementDue = this.#own.identity !== null;
  }

  #refreshSelf(): void {
    const { identity, isWithdrawn } = this.#own;
    this.#selfNode =
      identity === null
        ? null
        : { node: identity.nodeId, index: identity.index, isWithdrawn, adjacencies: this.#adjacencies.list() };
  }

  #renewRtts(now: Micros): void {
    if (!this.#adjacencies.renew()) return;
    this.#rttRenewAt = (now + this.#config.rttRenewUsMin) as Micros;
    this.#onLinksChanged();
  }

  #originate(now: Micros): void {
    if (!this.#isAdvertisementDue) return;
    const at = this.#own.nextAt(now);
    if (at > now) this.#originateDeadline.armNoLater(at);
    else this.#advertise(now);
  }

  #advertise(now: Micros): void {
    this.#isAdvertisementDue = false;
    const entry = this.#own.make(now, this.#adjacencies.list());
    this.#lsdb.install(entry);
    this.#flood.queueForAll(entry.node, null);
    const early = this.#rng.below(Math.floor(this.#config.refreshUs / 10));
    this.#refreshDeadline.arm((now + this.#config.refreshUs - early) as Micros);
  }

  #sendFlood(now: Micros): void {
    for (const [peer, origins] of this.#flood.take()) {
      const entries = origins.flatMap((origin) => this.#lsdb.get(origin) ?? []);
      for (const batch of batchLsas(now, entries, this.#config.payloadBytesMax)) this.#send(peer, batch);
    }
  }

  #sendSummary(peer: NodeId): void {
    this.#send(peer, { kind: 'summary', ...this.#lsdb.summary() });
  }

  #sendDigest(peer: NodeId, isReply: boolean): void {
    this.#send(peer, { kind: 'digest', isReply, entries: this.#lsdb.digest() });
  }

  #send(peer: NodeId, message: TopologyMessage): void {
    this.#emit({ kind: 'topology-send', peer, payload: TopologyMessage.encode(message) });
  }

  /** Forgets what its origin has not renewed. Runs at most once a second. */
  #expire(now: Micros): void {
    let next: Micros | null = null;
    for (const entry of [...this.#lsdb.entries()]) {
      if (entry.node === this.#own.identity?.nodeId) continue;
      const at = (entry.issuedAt + this.#config.maxAgeUs) as Micros;
      if (at <= now) {
        this.#lsdb.remove(entry.node);
        this.#isChanged = true;
        this.#count('topology.aged-out');
      } else if (next === null || at < next) next = at;
    }
    if (next !== null) this.#expireDeadline.arm(Math.max(next, now + 1_000_000) as Micros);
  }

  #count(name: string): void {
    this.#emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}
