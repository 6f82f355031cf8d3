/** Which streams exist, who publishes what and when, and how the subscribers behave. */
import { NO_FAILURE_CHOICE } from '../../core/groups/failure-policy.js';
import type { FailureChoice } from '../../core/wire/group-messages.js';
import type { PublishLevel } from '../../core/node/commands.js';
import { Draws, type Seed } from '../base/draw.js';
import type { Options } from './options.js';
import type { PublisherPlan, PublishPlan, RegulatorPlan, RivalPlan, StreamPlan, SubscriberPlan } from './plan.js';

/** Streams between drawn nodes: from one to `targetsPerStream` targets, none of which is the source. */
export function planStreams(seed: Seed, options: Options): StreamPlan[] {
  return Array.from({ length: options.streams }, (_, stream) => {
    const draws = new Draws(seed, 'workload', stream);
    const nodes = draws.shuffled(Array.from({ length: options.nodes }, (__, node) => node));
    const first = nodes.findIndex((node) => node < options.sources);
    const source = nodes.splice(Math.max(0, first), 1)[0] as number;
    const most = Math.min(options.targetsPerStream[1], nodes.length);
    const targets = nodes.slice(0, draws.between(Math.min(options.targetsPerStream[0], most), most));
    const quorum = quorumBelowAll(draws, targets.length, options.quorumPolicyPerMille);
    return {
      name: `s${stream}`,
      source,
      targets: targets.sort((a, b) => a - b),
      qos: draws.chance(300) ? ('priority' as const) : ('bulk' as const),
      priority: draws.below(8),
      policy: quorum === null ? { kind: 'all' as const } : { kind: 'quorum' as const, count: quorum },
      openAtUs: draws.between(0, OPEN_WITHIN_US),
      failure: drawFailure(seed, stream, options),
    };
  });
}

/** One publisher per stream, and a second one, of the other form, for some. */
export function planPublishers(seed: Seed, streams: readonly StreamPlan[]): PublisherPlan[] {
  const publishers: PublisherPlan[] = [];
  for (let stream = 0; stream < streams.length; stream++) {
    const draws = new Draws(seed, 'workload', ENTITIES_APART + stream);
    publishers.push({ stream, producer: 'main', form: { kind: 'session' } });
    const level = draws.pick(LEVELS);
    if (draws.chance(400)) publishers.push({ stream, producer: 'side', form: { kind: 'one', level } });
  }
  return publishers;
}

/** One subscriber at each target of each stream. */
export function planSubscribers(seed: Seed, streams: readonly StreamPlan[], options: Options): SubscriberPlan[] {
  const subscribers: SubscriberPlan[] = [];
  for (const [stream, { targets }] of streams.entries()) {
    for (const target of targets) {
      const draws = new Draws(seed, 'workload', 2 * ENTITIES_APART + subscribers.length);
      subscribers.push({
        stream,
        target,
        ledger: draws.chance(600) ? 'own' : 'node',
        selector: draws.chance(500) ? 'id' : 'name',
        handlerUs: draws.between(options.handlerUs[0], options.handlerUs[1]),
        batchMax: draws.pick([1, 4, 16, 64]),
        windowMessages: draws.pick([4, 64, 512]),
        windowBytes: draws.pick([128 * 1024, 1024 * 1024]),
        poisonPerMillion: options.poisonPerMillion,
        startUs: draws.below(START_WITHIN_US),
      });
    }
  }
  return subscribers;
}

/** Takeovers of producers that publish by sessions. */
export function planRivals(
  seed: Seed,
  publishers: readonly PublisherPlan[],
  options: Options,
  fromUs: number,
  untilUs: number,
): RivalPlan[] {
  const sessions = publishers.flatMap(({ form }, publisher) => (form.kind === 'session' ? [publisher] : []));
  return Array.from({ length: sessions.length === 0 ? 0 : options.rivals }, (_, rival) => {
    const draws = new Draws(seed, 'workload', 4 * ENTITIES_APART + rival);
    return { publisher: draws.pick(sessions), atUs: draws.between(fromUs, untilUs - 1) };
  });
}

/** Operators of some of the targets. */
export function planRegulators(seed: Seed, subscribers: readonly SubscriberPlan[], options: Options): RegulatorPlan[] {
  const regulators: RegulatorPlan[] = [];
  if (options.pacedPerMille === 0) return regulators;
  for (const [subscriber, { stream, target }] of subscribers.entries()) {
    const draws = new Draws(seed, 'workload', 5 * ENTITIES_APART + subscriber);
    if (!draws.chance(options.pacedPerMille)) continue;
    const startUs = draws.between(START_WITHIN_US, 3 * START_WITHIN_US);
    regulators.push({ stream, target, startUs, steps: planSteps(draws, options.durationUs) });
  }
  return regulators;
}

function planSteps(draws: Draws, durationUs: number): RegulatorPlan['steps'] {
  const count = draws.between(2, 6);
  return Array.from({ length: count }, () => {
    const isPaused = draws.chance(600);
    return {
      isPaused,
      messagesPerSecond: isPaused ? 0 : draws.pick([0, 2, 20, 200]),
      forUs: draws.between(PACE_FOR_US, Math.max(PACE_FOR_US, Math.floor(durationUs / (2 * count)))),
    };
  });
}

/** All publishes, in the order of their times, spread over [fromUs, untilUs) with bursts. */
export function planPublishes(
  seed: Seed,
  publishers: readonly PublisherPlan[],
  options: Options,
  fromUs: number,
  untilUs: number,
): PublishPlan[] {
  const publishes: PublishPlan[] = [];
  const unaryCounts = new Map<number, number>();
  for (let i = 0; publishes.length < options.messages; i++) {
    const draws = new Draws(seed, 'workload', 3 * ENTITIES_APART + i);
    const drawn = i < publishers.length ? i : draws.below(publishers.length);
    const startUs = draws.between(fromUs, untilUs - 1);
    const publisher = withinPatience(publishers, unaryCounts, drawn);
    const isUnary = publishers[publisher]?.form.kind === 'one';
    const burst = Math.min(draws.pick(isUnary ? [1, 2] : [1, 1, 2, 8, 40]), options.messages - publishes.length);
    if (isUnary) unaryCounts.set(publisher, (unaryCounts.get(publisher) ?? 0) + burst);
    for (let n = 0; n < burst; n++) publishes.push({ atUs: startUs, publisher, bytes: drawBytes(draws, options) });
  }
  // Sorting is stable, and the bursts of one publisher at one time are all alike.
  return publishes.sort((a, b) => a.atUs - b.atUs || a.publisher - b.publisher);
}

/**
 * One message at a time, each of them through several round trips of a wide network, does not get far: who publishes so
 * leaves the rest to the session of the same stream.
 */
function withinPatience(publishers: readonly PublisherPlan[], unaryCounts: ReadonlyMap<number, number>, drawn: number): number {
  if ((unaryCounts.get(drawn) ?? 0) < UNARY_MESSAGES_MAX) return drawn;
  const stream = publishers[drawn]?.stream;
  return publishers.findIndex((each) => each.stream === stream && each.form.kind === 'session');
}

/** With poison about, streams choose; their waits are short enough for a run to see many of them. */
function drawFailure(seed: Seed, stream: number, options: Options): FailureChoice {
  if (options.poisonPerMillion === 0) return NO_FAILURE_CHOICE;
  const draws = new Draws(seed, 'workload', 4 * ENTITIES_APART + stream);
  return {
    action: draws.chance(DEAD_LETTERS_PER_MILLE) ? 1 : 0,
    failuresMax: draws.between(2, 4),
    retryFirstUs: draws.between(5_000, 100_000),
    retryMaxUs: draws.between(100_000, 400_000),
    handlerLimitUs: draws.pick([0, 1_000_000, 2_000_000]),
  };
}

function quorumBelowAll(draws: Draws, targets: number, perMille: number): number | null {
  if (!draws.chance(perMille)) return null;
  // The targets that complete a message and the source are at least a majority of the group.
  const least = Math.floor((targets + 1) / 2);
  return targets >= 2 && least < targets ? draws.between(Math.max(1, least), targets - 1) : null;
}

function drawBytes(draws: Draws, options: Options): number {
  if (draws.chance(options.largePerMille)) return draws.between(CHUNK_BYTES + 1, LARGE_BYTES_MAX);
  return draws.between(options.payloadBytes[0], options.payloadBytes[1]);
}

const LEVELS: readonly PublishLevel[] = ['accepted', 'replicated', 'replicated', 'completed'];
const CHUNK_BYTES = 65_536;
const LARGE_BYTES_MAX = 220_000;
const PACE_FOR_US = 500_000;
const DEAD_LETTERS_PER_MILLE = 700;
const UNARY_MESSAGES_MAX = 60;
const OPEN_WITHIN_US = 3_000_000;
const START_WITHIN_US = 6_000_000;
/** Keeps the entities of the different draws of this file apart. */
const ENTITIES_APART = 1_000_000;
