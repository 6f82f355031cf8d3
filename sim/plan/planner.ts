/** From a scenario's ranges and a seed to the complete plan. */
import type { Seed } from '../base/draw.js';
import { planConfigCalls } from './config.js';
import { planFaults } from './faults.js';
import { planGuests, planTrips } from './guests.js';
import { planLoss } from './losses.js';
import type { Options } from './options.js';
import type { NodePlan, Plan } from './plan.js';
import { planNodes, planPaths } from './topology.js';
import { planPublishers, planPublishes, planRegulators, planRivals, planStreams, planSubscribers } from './workload.js';
import { planTransients } from './transients.js';
import { planUpdates } from './updates.js';

/** A plan of drawn topology, workload and faults. */
export function drawPlan(scenario: string, seedNumber: number, seed: Seed, options: Options): Plan {
  const mesh: NodePlan[] = planNodes(seed, options);
  const nodes = [...mesh, ...planGuests(seed, mesh, options)];
  const streams = planStreams(seed, options);
  const publishers = planPublishers(seed, streams);
  const subscribers = planSubscribers(seed, streams, options);
  return {
    scenario,
    seedNumber,
    seed,
    joinPolicy: options.joinPolicy,
    nodes,
    paths: planPaths(seed, nodes, options),
    streams,
    publishers,
    subscribers,
    rivals: planRivals(seed, publishers, options, PUBLISH_FROM_US, options.durationUs),
    regulators: planRegulators(seed, subscribers, options),
    transients: planTransients(seed, options),
    publishes: planPublishes(seed, publishers, options, PUBLISH_FROM_US, options.durationUs),
    updates: planUpdates(seed, options, PUBLISH_FROM_US, options.durationUs),
    configCalls: planConfigCalls(seed, options, PUBLISH_FROM_US, options.durationUs),
    faults: planFaults(seed, options, { nodes, streams: streams.length, sources: new Set(streams.map(({ source }) => source)), subscribers }, FAULTS_FROM_US, options.durationUs),
    trips: planTrips(seed, mesh.length, options),
    loss: planLoss(seed, mesh.length, options),
    healedAtUs: options.durationUs,
    livenessUs: options.livenessUs,
  };
}

/** By then most meshes have formed; the seeds in which one has not are welcome. */
const FAULTS_FROM_US = 4_000_000;
const PUBLISH_FROM_US = 2_000_000;
