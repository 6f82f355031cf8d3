/**
 * The links to all neighbours: who is let in, which lane of several is kept, who is still alive.
 *
 * Rules for one identity: a later boot takes over from a linked one that no longer answers; any other second holder of
 * a linked identity is refused and reported, and the linked one stays. Whether the linked one lives is asked, not
 * guessed: its lanes get a heartbeat, and only an answer to that very heartbeat counts.
 * Rules for one lane: its dialler beats, its listener answers; a lane on which nothing was received for
 * `laneSilenceUs` is dead, whatever its socket says.
 * Rule for one link: it is provisional until both ends have applied the mesh's log up to both certificates.
 */
import { assert, present } from '../base/assert.js';
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import { type LogIndex, type Micros, NEVER, logIndex, micros } from '../base/units.js';
import { MSG_TYPES } from '../wire/header.js';
import { LinkHeartbeat, LinkHeartbeatAck } from '../wire/link-messages.js';
import type { LinkConfig } from './config.js';
import type { LinkFact } from './facts.js';
import type { Verified } from './handshake.js';
import { type LinkMembership, type PeerClaims, standingOf } from './identity.js';
import type { Lane, LaneTable } from './lane.js';
import { isLinkLocal } from './link-frame.js';
import { PeerLink } from './peer-link.js';
import type { LaneCode } from './refusal.js';

/** What the machine around it does for it. */
export interface PeerLinksHost {
  readonly config: LinkConfig;
  readonly self: NodeId;
  readonly deadlines: DeadlineHeap;
  readonly table: LaneTable;
  readonly emit: (fact: LinkFact) => void;
  /** Ends a lane from this side. */
  readonly close: (now: Micros, lane: Lane, code: LaneCode) => void;
  /** A held lane may go on: it is to be weighed again. */
  readonly proceed: (now: Micros, lane: Lane) => void;
}

export class PeerLinks implements DeadlineOwner {
  readonly #host: PeerLinksHost;
  readonly #links = new Map<NodeId, PeerLink>();
  #applied: LogIndex = logIndex(0);
  /** Where our own certificate begins. */
  #since: LogIndex = logIndex(0);

  constructor(host: PeerLinksHost) {
    this.#host = host;
  }

  get(peer: NodeId): PeerLink | undefined {
    return this.#links.get(peer);
  }

  /** A copy, in the order in which they came up. */
  all(): PeerLink[] {
    return [...this.#links.values()];
  }

  setMembership(now: Micros, membership: LinkMembership | null): void {
    this.#since = membership?.chain[0]?.logIndex ?? logIndex(0);
    this.onMcgApplied(now, membership?.mcgApplied ?? logIndex(0));
  }

  /** Tells those peers for which it makes a difference, and promotes links. */
  onMcgApplied(now: Micros, applied: LogIndex): void {
    this.#applied = applied;
    for (const link of this.#links.values()) {
      if (link.announcedApplied < link.peerSince && applied >= link.peerSince) this.#beat(now, link.active);
      this.#promote(link);
    }
  }

  /**
   * Whether a proven peer may come in on `lane`. `held`: its identity is linked by another process, which is now
   * asked whether it lives; `proceed` follows, or the lane is refused. Without `mayHold` a later boot takes over at
   * once: its listener has let it in already.
   */
  weigh(now: Micros, lane: Lane, claims: PeerClaims, mayHold: boolean): 'welcome' | 'held' | LaneCode {
    const link = this.#links.get(claims.nodeId);
    if (link === undefined) return 'welcome';
    switch (standingOf(link.claims, claims)) {
      case 'same':
        if (link.lanes.length >= this.#host.config.lanesPerLinkMax) this.#closeQuietest(now, link);
        return 'welcome';
      case 'stale':
        this.reportConflict(lane, claims, link.claims.bootCounter);
        return 'stale-boot';
      case 'newer':
        if (mayHold) return this.#hold(now, link, lane);
        this.closeLink(now, link, 'superseded');
        // A challenger that was held may have come in meanwhile.
        return this.weigh(now, lane, claims, mayHold);
      case 'clash':
        if (mayHold) return this.#hold(now, link, lane);
        this.reportConflict(lane, claims, link.claims.bootCounter);
        return 'identity-in-use';
    }
  }

  /** Makes a welcome lane part of the link to its peer. */
  admit(now: Micros, lane: Lane, verified: Verified, rttUs: number): void {
    const { claims } = verified;
    const existing = this.#links.get(claims.nodeId);
    const link = existing ?? this.#newLink(lane, claims, rttUs);
    this.#host.table.enter(lane, { kind: 'up', link });
    lane.openedAt = now;
    lane.nextBeatAt = lane.dialledByUs ? this.#nextBeat(now) : NEVER;
    this.#armLane(lane);
    // The listener's first heartbeat tells the dialler that it is admitted.
    if (!lane.dialledByUs) this.#beat(now, lane);
    if (existing !== undefined) {
      existing.addLane(lane);
      this.#startContest(now, existing);
      this.#host.emit({ kind: 'notice', notice: { kind: 'mark', name: 'link.second-lane' } });
      return;
    }
    const { nodeId: peer, replica, bootCounter, chain } = claims;
    const { isProvisional } = link;
    this.#host.emit({
      kind: 'link-up', peer, replica, bootCounter, isProvisional, dialledByUs: lane.dialledByUs, rttUs: link.rttUs, chain,
    });
  }

  /** First half of a lane's end: its link keeps its frames. Returns them when that was the link's last lane. */
  detach(lane: Lane): { readonly link: PeerLink; readonly undelivered: Uint8Array[] | null } {
    const link = this.#linkOf(lane);
    if (link.removeLane(lane)) return { link, undelivered: null };
    this.#links.delete(link.peer);
    link.takeover.disarm();
    return { link, undelivered: lane.queue.drain().filter((frame) => !isLinkLocal(frame)) };
  }

  /** Second half: the lane is closed. */
  onDetached(now: Micros, code: LaneCode, lost: { readonly link: PeerLink; readonly undelivered: Uint8Array[] | null }): void {
    const { link, undelivered } = lost;
    if (undelivered === null) {
      if (link.lanes.length > 1) this.#startContest(now, link);
      else this.#endContest(link);
      return;
    }
    const challengers = link.challengers.splice(0);
    link.takeoverSince = null;
    this.#host.emit({ kind: 'link-down', peer: link.peer, reason: code, undelivered });
    // The latest boot first, so that an older one among them meets it.
    challengers.sort((a, b) => bootOf(b) - bootOf(a) || a.id - b.id);
    for (const lane of challengers) if (!lane.isClosed) this.#host.proceed(now, lane);
  }

  /** A held lane has ended before it was decided on. */
  onHeldLaneGone(lane: Lane, peer: NodeId): void {
    const link = this.#links.get(peer);
    const at = link?.challengers.indexOf(lane) ?? -1;
    if (link === undefined || at < 0) return;
    link.challengers.splice(at, 1);
    if (link.challengers.length === 0) this.#endTakeover(link);
  }

  /** Closes every lane of the link. */
  closeLink(now: Micros, link: PeerLink, code: LaneCode): void {
    for (const lane of [...link.lanes]) this.#host.close(now, lane, code);
  }

  /** Asks the lane in use for a sign of life: dead when nothing at all comes within four round trips. */
  probe(now: Micros, peer: NodeId): void {
    const lane = this.#links.get(peer)?.active;
    if (lane === undefined || lane.probe !== null) return;
    const until = this.#answerBy(now, this.#linkOf(lane), this.#host.config.probeTimeoutMinUs);
    lane.probe = { since: now, until, wantsAnswer: false };
    this.#beat(now, lane);
    this.#armLane(lane);
  }

  onHeartbeat(now: Micros, lane: Lane, payload: Uint8Array): boolean {
    const heartbeat = LinkHeartbeat.decode(payload);
    if (heartbeat === null) return false;
    const link = this.#linkOf(lane);
    const answer = LinkHeartbeatAck.encode({ echo: heartbeat.echo, mcgApplied: this.#applied });
    this.#host.table.say(lane, MSG_TYPES.HEARTBEAT_ACK, answer);
    link.announcedApplied = this.#applied;
    this.#onPeerApplied(link, heartbeat.mcgApplied);
    const isTold = !lane.dialledByUs && heartbeat.rttUs > 0 && heartbeat.rttUs <= RTT_MAX_US;
    if (isTold && link.onRttTold(heartbeat.rttUs)) this.#emitRtt(link);
    return true;
  }

  onHeartbeatAck(now: Micros, lane: Lane, payload: Uint8Array): boolean {
    const answer = LinkHeartbeatAck.decode(payload);
    if (answer === null) return false;
    const link = this.#linkOf(lane);
    const sampleUs = now - answer.echo;
    // An echo of what was never said proves nothing.
    if (sampleUs < 0 || sampleUs > RTT_MAX_US) return true;
    if (lane.probe !== null && answer.echo >= lane.probe.since) lane.probe = null;
    this.#onPeerApplied(link, answer.mcgApplied);
    if (link.onRttSample(sampleUs)) this.#emitRtt(link);
    if (link.takeoverSince !== null && answer.echo >= link.takeoverSince) this.#refuseChallengers(now, link);
    const isProven = link.contestSince !== null && lane === link.best && answer.echo >= link.contestSince;
    if (isProven) this.#settleContest(now, link);
    return true;
  }

  /** The lane's deadline has come: silence, a failed probe, or time for a heartbeat. */
  onLaneDue(now: Micros, lane: Lane): void {
    const { probe } = lane;
    if (probe !== null && !probe.wantsAnswer && lane.receivedAt > probe.since) lane.probe = null;
    const isSilent = now - lane.receivedAt >= this.#host.config.laneSilenceUs;
    if (isSilent || (lane.probe !== null && now >= lane.probe.until)) {
      this.#host.emit({ kind: 'notice', notice: { kind: 'mark', name: 'link.lane-silent' } });
      this.#host.close(now, lane, 'silent');
      return;
    }
    if (now >= lane.nextBeatAt) {
      lane.nextBeatAt = this.#nextBeat(now);
      this.#beat(now, lane);
    }
    this.#armLane(lane);
  }

  /** A takeover probe has run out: the linked holder did not answer. */
  onDeadline(now: Micros, deadline: Deadline): void {
    const link = this.#links.get(deadline.entity as NodeId);
    if (link === undefined || link.takeover !== deadline) return;
    this.#host.emit({ kind: 'notice', notice: { kind: 'mark', name: 'link.taken-over' } });
    this.closeLink(now, link, 'superseded');
  }

  /** A second holder of an identity was refused. `heldBootCounter` is the one that stays. */
  reportConflict(lane: Lane, refused: { readonly nodeId: NodeId; readonly bootCounter: number }, heldBootCounter: number): void {
    this.#host.emit({
      kind: 'identity-conflict',
      peer: refused.nodeId,
      isOurs: refused.nodeId === this.#host.self,
      heldBootCounter,
      refusedBootCounter: refused.bootCounter,
      remote: lane.remote,
    });
  }

  checkInvariants(): void {
    for (const [peer, link] of this.#links) {
      assert(link.peer === peer && peer !== this.#host.self, 'links stand under their peers');
      assert(link.isProvisional === this.#isProvisional(link), 'a link is provisional by the log alone');
      link.checkInvariants();
    }
  }

  #newLink(lane: Lane, claims: PeerClaims, rttUs: number): PeerLink {
    const { config, deadlines, self, table } = this.#host;
    const takeover = deadlines.allocate(this, 'link.takeover', claims.nodeId);
    const parts = { table, takeover, laneSilenceUs: config.laneSilenceUs };
    const link = new PeerLink(self, { claims, lane, rttUs }, parts);
    link.isProvisional = this.#isProvisional(link);
    this.#links.set(link.peer, link);
    return link;
  }

  #hold(now: Micros, link: PeerLink, lane: Lane): 'held' | LaneCode {
    if (link.challengers.length >= CHALLENGERS_MAX) return 'overloaded';
    link.challengers.push(lane);
    if (link.takeoverSince !== null) return 'held';
    link.takeoverSince = now;
    link.takeover.arm(this.#answerBy(now, link, this.#host.config.takeoverProbeUs));
    for (const each of link.lanes) this.#beat(now, each);
    return 'held';
  }

  #refuseChallengers(now: Micros, link: PeerLink): void {
    const challengers = link.challengers.splice(0);
    this.#endTakeover(link);
    for (const lane of challengers) {
      if (lane.state.kind !== 'held') continue;
      this.reportConflict(lane, lane.state.verified.claims, link.claims.bootCounter);
      this.#host.close(now, lane, 'identity-in-use');
    }
  }

  #endTakeover(link: PeerLink): void {
    link.takeoverSince = null;
    link.takeover.disarm();
  }

  /** Several lanes are up: the best one has to answer a heartbeat from now. */
  #startContest(now: Micros, link: PeerLink): void {
    for (const lane of link.lanes) if (lane.probe?.wantsAnswer === true) lane.probe = null;
    link.contestSince = now;
    const { best } = link;
    best.probe = { since: now, until: this.#answerBy(now, link, this.#host.config.contestTimeoutUs), wantsAnswer: true };
    this.#beat(now, best);
    this.#armLane(best);
  }

  #endContest(link: PeerLink): void {
    link.contestSince = null;
    if (link.best.probe?.wantsAnswer === true) link.best.probe = null;
  }

  #settleContest(now: Micros, link: PeerLink): void {
    // Closing the lane in use hands its traffic to the best one.
    const { best } = link;
    for (const lane of link.lanes.filter((other) => other !== best)) this.#host.close(now, lane, 'duplicate-lane');
  }

  #closeQuietest(now: Micros, link: PeerLink): void {
    let quietest = link.best;
    for (const lane of link.lanes) if (lane.receivedAt < quietest.receivedAt) quietest = lane;
    this.#host.close(now, quietest, 'duplicate-lane');
  }

  #beat(now: Micros, lane: Lane): void {
    const link = this.#linkOf(lane);
    const payload = LinkHeartbeat.encode({ echo: now, rttUs: link.rttUs, mcgApplied: this.#applied });
    this.#host.table.say(lane, MSG_TYPES.HEARTBEAT, payload);
    link.announcedApplied = this.#applied;
  }

  /** When an answer has to be here: four round trips, at least `leastUs`, and never later than silence would tell. */
  #answerBy(now: Micros, link: PeerLink, leastUs: number): Micros {
    const waitUs = Math.max(leastUs, PROBE_ROUND_TRIPS * link.rttUs);
    return micros(now + Math.min(waitUs, this.#host.config.laneSilenceUs));
  }

  /** All lanes of a node beat at the same instants, so that an idle node wakes once for all. */
  #nextBeat(now: Micros): Micros {
    const intervalUs = this.#host.config.heartbeatIntervalUs;
    return micros((Math.floor(now / intervalUs) + 1) * intervalUs);
  }

  #armLane(lane: Lane): void {
    const silentAt = lane.receivedAt + this.#host.config.laneSilenceUs;
    lane.deadline.arm(micros(Math.min(silentAt, lane.nextBeatAt, lane.probe?.until ?? NEVER)));
  }

  #onPeerApplied(link: PeerLink, applied: LogIndex): void {
    if (applied <= link.peerApplied) return;
    link.peerApplied = applied;
    this.#promote(link);
  }

  #promote(link: PeerLink): void {
    if (link.isProvisional === this.#isProvisional(link)) return;
    link.isProvisional = !link.isProvisional;
    if (!link.isProvisional) this.#host.emit({ kind: 'link-promoted', peer: link.peer });
  }

  #isProvisional(link: PeerLink): boolean {
    return this.#applied < link.peerSince || link.peerApplied < this.#since;
  }

  #emitRtt(link: PeerLink): void {
    this.#host.emit({ kind: 'link-rtt', peer: link.peer, rttUs: link.rttUs });
  }

  #linkOf(lane: Lane): PeerLink {
    const peer = present(lane.link, 'a lane that is up has a link').peer;
    return present(this.#links.get(peer), 'the link of a lane is in the table');
  }
}

function bootOf(lane: Lane): number {
  return lane.state.kind === 'held' ? lane.state.verified.claims.bootCounter : 0;
}

const CHALLENGERS_MAX = 2;
const PROBE_ROUND_TRIPS = 4;
const RTT_MAX_US = 60_000_000;
