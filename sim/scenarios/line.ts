/**
 * The demo: A and C behind NAT dial B, D stands in C's network and dials only C. One stream from A to C and D over
 * A–B–C–D; B is killed when the slowest target has settled a quarter, C at six tenths, and both come back.
 */
import { NO_FAILURE_CHOICE } from '../../core/groups/failure-policy.js';
import { Draws } from '../base/draw.js';
import { type Options, drawOptions } from '../plan/options.js';
import type { NodePlan, Plan, PublisherPlan, PublishPlan, StreamPlan } from '../plan/plan.js';
import { expandSeed } from '../plan/seed.js';
import { describeNode, planPaths } from '../plan/topology.js';
import { planSubscribers } from '../plan/workload.js';
import { COMMON_RANGES } from './drawn.js';
import { type Overrides, type Scenario, exactly } from './scenario.js';

export const LINE: Scenario = {
  name: 'line',
  about: 'A–B–C–D with NAT; B and then C are killed while a file flows from A to C and D',
  requiredMarks: [],
  plan: planLine,
};

function planLine(seedNumber: number, overrides: Overrides): Plan {
  const seed = expandSeed(LINE.name, seedNumber);
  const options = drawOptions(seed, {
    ...COMMON_RANGES,
    nodes: exactly(NAMES.length),
    durationUs: exactly(overrides.durationUs ?? DURATION_US),
    latencyUs: [300, 15_000],
    lossPerMillion: exactly(0),
    handlerUs: [10, 300],
  });
  // B is the node that can be dialled by those who are to join, so it seeds.
  const nodes = NAMES.map(
    (name, node): NodePlan => ({
      ...describeNode(seed, node, name, DIALS[node] ?? [], name !== 'B', options),
      isSeed: name === 'B',
    }),
  );
  const streams: StreamPlan[] = [
    {
      name: 'files',
      source: 0,
      targets: [2, 3],
      qos: 'bulk',
      priority: 0,
      policy: { kind: 'all' },
      openAtUs: 1_000_000,
      failure: NO_FAILURE_CHOICE,
    },
  ];
  const publishers: PublisherPlan[] = [{ stream: 0, producer: 'files', form: { kind: 'session' } }];
  return {
    scenario: LINE.name,
    seedNumber,
    seed,
    joinPolicy: options.joinPolicy,
    nodes,
    paths: planPaths(seed, nodes, options),
    streams,
    publishers,
    subscribers: planSubscribers(seed, streams, options),
    rivals: [],
    regulators: [],
    publishes: planFile(new Draws(seed, 'workload', 0), options),
    updates: [],
    faults: [
      {
        when: { kind: 'settled', perMille: 250 },
        forUs: DOWN_US,
        what: { kind: 'crash', victim: { kind: 'node', node: 1 }, moment: 'then' },
      },
      {
        when: { kind: 'settled', perMille: 600 },
        forUs: DOWN_US,
        what: { kind: 'crash', victim: { kind: 'node', node: 2 }, moment: 'then' },
      },
    ],
    healedAtUs: options.durationUs,
    livenessUs: options.livenessUs,
    mustRest: true,
  };
}

/** Everything is there from the start: the mesh's pace, not the publisher's, decides. */
function planFile(draws: Draws, options: Options): PublishPlan[] {
  return Array.from({ length: Math.floor(options.messages / 4) }, () => ({
    atUs: PUBLISH_FROM_US,
    publisher: 0,
    bytes: draws.between(1_000, 30_000),
  }));
}

const NAMES = ['A', 'B', 'C', 'D'];
/** Whom each node dials, by place in `NAMES`. */
const DIALS: readonly (readonly number[])[] = [[1], [], [1], [2]];
const DURATION_US = 20_000_000;
const PUBLISH_FROM_US = 3_000_000;
const DOWN_US = 1_500_000;
