/**
 * The few numbers and probabilities from which a plan is drawn, and how a scenario states them: as ranges. Every
 * option of a run is drawn from its range by the seed.
 */
import type { JoinPolicy } from '../../core/node/commands.js';
import { Draws, type Seed } from '../base/draw.js';
import type { FaultKind } from './plan.js';

/** An inclusive range of integers. */
export type Range = readonly [low: number, high: number];

export type FaultName = FaultKind['kind'];


/** Those under which nodes can join at all. */
export const JOIN_POLICIES: readonly JoinPolicy[] = ['open', 'key-required'];

/** What a scenario lets the seed choose from. */
export interface OptionRanges {
  readonly nodes: Range;
  /** Of a thousand nodes, how many cannot be dialled. */
  readonly natPerMille: Range;
  readonly streams: Range;
  readonly targetsPerStream: Range;
  /** So many nodes, the first ones, have streams of their own. */
  readonly sources: Range;
  /** In the whole run, shared out between the streams. */
  readonly messages: Range;
  readonly payloadBytes: Range;
  /** Of a thousand messages, how many are larger than a chunk. */
  readonly largePerMille: Range;
  /** From time 0 to the healing. */
  readonly durationUs: Range;
  readonly faults: Range;
  /** The kinds that may strike; in a swarm's seed some of them are switched off. */
  readonly faultKinds: readonly FaultName[];
  readonly faultForUs: Range;
  /** Of a thousand faults that strike one node, how many look for one that leads a group. */
  readonly leadersPerMille: number;
  /** Of a thousand seeds, how many see no fault at all. */
  readonly calmPerMille: number;
  /** Of a thousand targets of streams, how many have an operator who pauses and throttles them. */
  readonly pacedPerMille: number;
  /** What a stream may hold that is not settled everywhere; absent: as in production. */
  readonly streamBytesMax?: number;
  /** Of a million messages, how many a handler cannot take; above 0 streams choose what becomes of those. */
  readonly poisonPerMillion: number;
  readonly latencyUs: Range;
  readonly jitterPerMille: Range;
  readonly bytesPerSecond: Range;
  readonly lossPerMillion: Range;
  readonly flushUs: Range;
  readonly wallSkewUs: Range;
  readonly handlerUs: Range;
  /** Of a thousand streams, how many complete with fewer than all of their targets. */
  readonly quorumPolicyPerMille: Range;
  /** How often somebody else opens the producer of a session. */
  readonly rivals: Range;
  readonly joinPolicies: readonly JoinPolicy[];
  /** Nodes beside the others that have no part in any stream, and leave, are evicted and come back. */
  readonly guests: Range;
  readonly tripsPerGuest: Range;
  readonly livenessUs: number;
  /** Streams whose targets are changed and that are deleted in the end; absent: none. */
  readonly transients?: Range;
  /** Whether all guests are lost for good at one moment (1); absent: no. */
  readonly losses?: Range;
  /** Mesh and database updates in the whole run; absent: none. */
  readonly updates?: Range;
  /** Calls that read or change the mesh's configuration; absent: none. */
  readonly configCalls?: Range;
}

/** One draw from each range. */
export interface Options {
  readonly nodes: number;
  readonly natPerMille: number;
  readonly streams: number;
  readonly targetsPerStream: Range;
  readonly sources: number;
  readonly messages: number;
  readonly payloadBytes: Range;
  readonly largePerMille: number;
  readonly durationUs: number;
  readonly faults: number;
  readonly faultKinds: readonly FaultName[];
  readonly faultForUs: Range;
  readonly leadersPerMille: number;
  readonly poisonPerMillion: number;
  readonly pacedPerMille: number;
  readonly latencyUs: Range;
  readonly jitterPerMille: number;
  readonly bytesPerSecond: Range;
  readonly lossPerMillion: number;
  readonly flushUs: Range;
  readonly wallSkewUs: Range;
  readonly handlerUs: Range;
  readonly quorumPolicyPerMille: number;
  readonly rivals: number;
  readonly joinPolicy: JoinPolicy;
  readonly guests: number;
  readonly tripsPerGuest: Range;
  readonly livenessUs: number;
  readonly transients: number;
  readonly updates: number;
  readonly losses: number;
  readonly configCalls: number;
}

/** Settles every option. Each one has draws of its own, so a new option moves no other. */
export function drawOptions(seed: Seed, ranges: OptionRanges): Options {
  let entity = 0;
  const next = (): Draws => new Draws(seed, 'options', entity++);
  const within = (range: Range): number => next().between(range[0], range[1]);
  const isCalm = next().chance(ranges.calmPerMille);
  const kindDraws = next();
  // One kind is kept in any case; each other one is off in a quarter of the seeds.
  const kept = ranges.faultKinds.length === 0 ? 0 : kindDraws.below(ranges.faultKinds.length);
  const faultKinds = ranges.faultKinds.filter((_, i) => i === kept || !kindDraws.chance(250));
  return {
    nodes: within(ranges.nodes),
    natPerMille: within(ranges.natPerMille),
    streams: within(ranges.streams),
    targetsPerStream: ranges.targetsPerStream,
    messages: within(ranges.messages),
    payloadBytes: ranges.payloadBytes,
    largePerMille: within(ranges.largePerMille),
    durationUs: within(ranges.durationUs),
    faults: isCalm ? 0 : within(ranges.faults),
    faultKinds,
    faultForUs: ranges.faultForUs,
    leadersPerMille: ranges.leadersPerMille,
    poisonPerMillion: ranges.poisonPerMillion,
    pacedPerMille: ranges.pacedPerMille,
    latencyUs: ranges.latencyUs,
    jitterPerMille: within(ranges.jitterPerMille),
    bytesPerSecond: ranges.bytesPerSecond,
    lossPerMillion: within(ranges.lossPerMillion),
    flushUs: ranges.flushUs,
    wallSkewUs: ranges.wallSkewUs,
    handlerUs: ranges.handlerUs,
    quorumPolicyPerMille: within(ranges.quorumPolicyPerMille),
    joinPolicy: next().pick(ranges.joinPolicies),
    guests: within(ranges.guests),
    tripsPerGuest: ranges.tripsPerGuest,
    livenessUs: ranges.livenessUs,
    rivals: within(ranges.rivals),
    transients: ranges.transients === undefined ? 0 : within(ranges.transients),
    updates: ranges.updates === undefined ? 0 : within(ranges.updates),
    losses: ranges.losses === undefined ? 0 : within(ranges.losses),
    sources: within(ranges.sources),
    configCalls: ranges.configCalls === undefined ? 0 : within(ranges.configCalls),
  };
}
