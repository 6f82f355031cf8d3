/**
 * Tunables of the membership gossip, and why the defaults are what they are.
 *
 * Design point: 50 nodes, paths of several hops with RTTs up to 200 ms, no false failure, a crash told within about
 * 10 s.
 * - Probe timeout 500 ms is 2.5 such RTTs, so that a healthy direct probe never needs helpers. The other half of the
 *   1 s interval is one RTT to a helper plus one RTT from it to the target (400 ms). A helper's nack leaves after 250
 *   ms (one RTT and slack) and is back 450 ms after it was asked for.
 * - A path through a relay that died silently is dead until its neighbours' lanes time out (3 s) and the flood is
 *   round (< 0.5 s): everybody behind it looks dead for so long. Suspicion starts at the earliest 1 s into that, and
 *   its minimum is 4 intervals (4 s up to 10 nodes, 6.8 s at 50): the path is back, and the suspect has refuted, well
 *   before.
 * - Detection at 50 nodes: some node's probe meets the dead one after 1 s on average, its round takes 1 s, the second
 *   and third accuser follow within a second or two and bring the suspicion down to its minimum of 6.8 s: about 9 to
 *   11 s in all (plus the 2 s for which a neighbour's last frame counts as evidence, where only neighbours would
 *   probe).
 *
 * Measured in virtual overlays of 50 nodes, about 85 links and RTTs up to 150–200 ms: one node blackholed is known to
 * each other after 7.8 s at least, 8.7 s in the median, 11.2 s at most (12 runs); 8 runs of 120 s with 1 % of frames
 * lost per hop had no false failure. A node that is cut off from everybody has no confirmers and fails the others only
 * after six times the minimum.
 *
 * These are the LAN column of memberlist's constants. The WAN column (5 s, 3 s, multiplier 6) detects after a minute.
 */
import { assert } from '../base/assert.js';
import { MILLISECOND_US, SECOND_US } from '../base/units.js';

export interface SwimConfig {
  /** One member is probed per interval, stretched by (local health + 1). */
  readonly probeIntervalUs: number;
  /** A direct ping may take that long before helpers are asked. */
  readonly probeTimeoutUs: number;
  /** A helper that has not heard from the target says so after that long. */
  readonly nackTimeoutUs: number;
  readonly indirectChecks: number;
  /** Suspicion lasts at least mult · max(1, log10 N) intervals … */
  readonly suspicionMult: number;
  /** … and at most that many times its minimum, when nobody confirms it. */
  readonly suspicionMaxMult: number;
  /** A broadcast is sent at most mult · ⌈log10(N + 1)⌉ times. */
  readonly retransmitMult: number;
  readonly gossipIntervalUs: number;
  readonly gossipFanout: number;
  /** How long a failed member still gets gossip, so that it can refute. */
  readonly gossipToFailedUs: number;
  /** Whole views are exchanged that often, less often above 32 members. */
  readonly pushPullIntervalUs: number;
  /** Until the first answer of this boot, a view is asked for that often. */
  readonly firstSyncIntervalUs: number;
  /** Local health goes from 0 to this minus one. */
  readonly healthLevels: number;
  /** A frame over a link from a member counts as its answer for that long. */
  readonly linkEvidenceUs: number;
  /** A failed member without a route is still pinged that often. */
  readonly blindRetryUs: number;
  /** A member that had a route and has had none for that long is suspect, without a probe. */
  readonly unroutedUs: number;
  /** A wake-up that late means that this node stood still: it judges nobody for it. */
  readonly stallUs: number;
  /** How often one suspicion may be prolonged because this node stood still. */
  readonly stallExtensionsMax: number;
  readonly piggybackBytesMax: number;
  /** Pings made on behalf of others at one time. */
  readonly relaysMax: number;
  /** Members in one part of a push-pull. */
  readonly pushPullPartMax: number;
  /** Incarnations heard of nodes that are not members yet. */
  readonly strangersMax: number;
  /** User events: kept for reading and push-pull, remembered for dedupe, waiting to be sent, and their size. */
  readonly eventsKept: number;
  readonly eventsRemembered: number;
  readonly eventsQueued: number;
  readonly eventBytesMax: number;
}

export const DEFAULT_SWIM_CONFIG: SwimConfig = {
  probeIntervalUs: SECOND_US,
  probeTimeoutUs: 500 * MILLISECOND_US,
  nackTimeoutUs: 250 * MILLISECOND_US,
  indirectChecks: 3,
  suspicionMult: 4,
  suspicionMaxMult: 6,
  retransmitMult: 4,
  gossipIntervalUs: 200 * MILLISECOND_US,
  gossipFanout: 3,
  gossipToFailedUs: 30 * SECOND_US,
  pushPullIntervalUs: 30 * SECOND_US,
  firstSyncIntervalUs: SECOND_US,
  healthLevels: 8,
  linkEvidenceUs: 2 * SECOND_US,
  blindRetryUs: 5 * SECOND_US,
  unroutedUs: SECOND_US,
  stallUs: 500 * MILLISECOND_US,
  stallExtensionsMax: 3,
  piggybackBytesMax: 1200,
  relaysMax: 64,
  pushPullPartMax: 128,
  strangersMax: 256,
  eventsKept: 256,
  eventsRemembered: 1024,
  eventsQueued: 64,
  eventBytesMax: 512,
};

/** Throws when the tunables contradict one another. */
export function assertSwimConfig(config: SwimConfig): void {
  assert(config.probeTimeoutUs * 2 <= config.probeIntervalUs, 'helpers have as long as the direct ping had');
  assert(config.nackTimeoutUs < config.probeIntervalUs - config.probeTimeoutUs, 'a nack arrives before the verdict');
  assert(config.suspicionMult >= 2 && config.suspicionMaxMult >= 1, 'a suspicion can be confirmed');
  assert(config.gossipIntervalUs <= config.probeIntervalUs, 'gossip is faster than probing');
  assert(config.gossipFanout >= 1 && config.indirectChecks >= 0, 'gossip reaches somebody');
  const suspicionUsMin = config.suspicionMult * config.probeIntervalUs;
  assert(config.linkEvidenceUs < suspicionUsMin, 'evidence is newer than a suspicion lasts');
  assert(config.unroutedUs >= config.probeIntervalUs, 'routing may be between two paths for a probe interval');
  assert(config.healthLevels >= 1, 'local health has a level');
  assert(config.piggybackBytesMax >= 2 * CLAIM_BYTES + config.eventBytesMax, 'a claim and an event fit a message');
  assert(config.pushPullPartMax >= 1 && config.pushPullPartMax <= 512, 'a part of a push-pull fits its message');
  assert(config.eventsKept <= config.eventsRemembered, 'what is kept is remembered');
}

/** An encoded claim, at most. */
export const CLAIM_BYTES = 52;
