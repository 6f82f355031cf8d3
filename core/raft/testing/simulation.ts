/**
 * One seeded story of a group: load and faults of kinds that the seed chooses, then everything heals and the group
 * must come to rest: one leader, everybody equal, a fresh write succeeds.
 */
import { utf8Encode } from '../../base/bytes.js';
import type { ReplicaId } from '../../base/replica.js';
import { Rng } from '../../base/rng.js';
import { MILLISECOND_US, logIndex } from '../../base/units.js';
import {
  type Configuration,
  type ConfigurationChange,
  DEFAULT_RAFT_CONFIG,
  type Founding,
  type RaftConfig,
  type SealReport,
} from '../api.js';
import { configurationOf, isMember, membersOf } from '../configuration.js';
import { Violation } from './oracles.js';
import { SimulatedCluster } from './simulated-cluster.js';
import type { SimulatedReplica } from './simulated-replica.js';

export interface SimulationReport {
  readonly marks: ReadonlyMap<string, number>;
  readonly events: number;
  readonly committed: number;
  readonly acknowledged: number;
  readonly reads: number;
  readonly checks: number;
}

/** Small sizes, so that windows fill, tails are let go and snapshots take several chunks. */
export const SIMULATION_CONFIG: RaftConfig = {
  ...DEFAULT_RAFT_CONFIG,
  heartbeatIntervalUs: 50 * MILLISECOND_US,
  electionTimeoutMinUs: 200 * MILLISECOND_US,
  electionTimeoutMaxUs: 400 * MILLISECOND_US,
  stallProbeUs: 400 * MILLISECOND_US,
  inflightAppendsMax: 4,
  inflightBytesMax: 1024,
  appendBytesMax: 400,
  appendEntriesMax: 8,
  entryBytesMax: 256,
  uncommittedBytesMax: 4096,
  unappliedBytesMax: 2048,
  tailBytesMax: 600,
  fetchBytesMax: 500,
  applyBytesMax: 500,
  snapshotChunkBytesMax: 48,
  snapshotChunksInflightMax: 2,
  pendingReadsMax: 8,
  promotionLagMax: 16,
};

/** Runs the story of `seed`; throws a `Violation` when a promise is broken. */
export function simulate(seed: string, config: RaftConfig = SIMULATION_CONFIG): SimulationReport {
  const story = new Story(seed, config);
  story.disturb(FAULTS_US);
  story.heal();
  story.mustSettle();
  const { cluster } = story;
  return {
    marks: cluster.marks,
    events: cluster.eventCount,
    committed: cluster.oracles.committedIndex,
    acknowledged: cluster.acknowledged.size,
    reads: cluster.answeredReads,
    checks: cluster.oracles.checkCount,
  };
}

type Fault = (story: Story) => void;

class Story {
  readonly cluster: SimulatedCluster;
  readonly rng: Rng;
  /** Of the group; everybody is in it, or in the one before while `isRefounding`. */
  generation = 1;
  isRefounding = false;
  readonly #faults: readonly Fault[];
  readonly #isCalm: boolean;
  #contexts = 0;
  #payloads = 0;
  #isOver = false;

  constructor(seed: string, config: RaftConfig) {
    const rng = Rng.fromSeed(seed).fork('story');
    this.rng = rng;
    this.#isCalm = rng.chance(200);
    const lossPerMille = this.#isCalm ? 0 : rng.pick([0, 20, 100, 300]);
    const faults = { lossPerMille, doublePerMille: this.#isCalm ? 0 : 50, delayMaxUs: rng.pick([1000, 5000, 30_000]) };
    const diskDelayMaxUs = rng.pick([300, 3000, 20_000]);
    const voters = rng.pick([1, 2, 3, 3, 3, 4, 5]);
    this.cluster = new SimulatedCluster(seed, { voters, spares: rng.below(3), config, dataLeavesEarly: rng.chance(500), faults, diskDelayMaxUs });
    // Damage and changes of the configuration together may leave no quorum that could ever vote again.
    const changes = rng.chance(600);
    const chosen: Fault[] = [...ALWAYS];
    for (const fault of FAULTS) if (rng.chance(500)) chosen.push(fault);
    if (changes) chosen.push(changeConfiguration, changeConfiguration, ...(rng.chance(300) ? [refound] : []));
    else if (voters >= 3) chosen.push(damage);
    this.#faults = this.#isCalm ? CALM : chosen;
    for (const replica of this.cluster.replicas) this.cluster.start(replica);
  }

  disturb(durationUs: number): void {
    const load = (): void => {
      if (this.#isOver) return;
      this.propose();
      // Whoever believes to lead is asked most, so that an overthrown leader's reads are seen.
      const believer = this.rng.chance(150) ? this.anyLeader() : null;
      if (believer !== null) this.cluster.ask(believer, this.nextContext());
      this.cluster.schedule(this.rng.between(1000, 20_000), load);
    };
    const fault = (): void => {
      if (this.#isOver) return;
      this.rng.pick(this.#faults)(this);
      this.cluster.schedule(this.rng.between(10_000, 300_000), fault);
    };
    load();
    fault();
    this.cluster.run(durationUs);
    this.#isOver = true;
  }

  heal(): void {
    const { cluster } = this;
    cluster.network.faults = { lossPerMille: 0, doublePerMille: 0, delayMaxUs: 1000 };
    cluster.network.healAll();
    for (const replica of cluster.replicas) {
      this.freeDisk(replica);
      if (replica.running === null) cluster.start(replica);
    }
    cluster.run(SETTLE_US);
  }

  mustSettle(): void {
    const { cluster } = this;
    const leader = this.leader();
    if (leader?.running == null) throw new Violation('no leader after heal');
    if (!leader.running.group.isLeaderReady) throw new Violation('the leader commits nothing after heal');
    const before = leader.running.group.lastIndex;
    this.propose();
    cluster.run(FRESH_WRITE_US);
    const { group } = leader.running;
    if (group.role !== 'leader' || group.commitIndex <= before) throw new Violation('a fresh write does not succeed');
    for (const replica of cluster.replicas) {
      if (replica.running === null || !isMember(group.configuration, replica.id)) continue;
      const { machine } = replica.running;
      if (machine.index !== group.commitIndex) throw new Violation(`no convergence: ${replica.id} is at ${machine.index} of ${group.commitIndex}`);
      cluster.oracles.checkComplete({ id: replica.id, group: replica.running.group, disk: replica.disk }, Infinity);
    }
    for (const [index, term] of cluster.acknowledged) {
      if (cluster.oracles.committedTermAt(index) !== term) throw new Violation(`an acknowledged write is lost: ${index}`);
    }
  }

  /** The leader of the highest term that is up. */
  leader(): SimulatedReplica | null {
    let best: SimulatedReplica | null = null;
    for (const replica of this.cluster.replicas) {
      const { running } = replica;
      if (running?.group.role !== 'leader') continue;
      if (best?.running == null || running.group.term > best.running.group.term) best = replica;
    }
    return best;
  }

  anyRunning(): SimulatedReplica | null {
    const up = this.cluster.replicas.filter((replica) => replica.running !== null);
    return up.length === 0 ? null : this.rng.pick(up);
  }

  /** One of those who lead, or only believe it. */
  anyLeader(): SimulatedReplica | null {
    const leaders = this.cluster.replicas.filter((replica) => replica.running?.group.role === 'leader');
    return leaders.length === 0 ? null : this.rng.pick(leaders);
  }

  propose(): void {
    const replica = this.anyLeader();
    if (replica === null) return;
    const { cluster } = this;
    cluster.input(replica, (group, now) => {
      for (let n = this.rng.below(4); n >= 0; n--) {
        const result = group.propose(now, utf8Encode(`payload ${this.#payloads++} ${'x'.repeat(this.rng.below(40))}`));
        if (!result.ok) return cluster.mark(`refused-${result.reject.code}`);
        cluster.proposed.set(`${replica.id}/${result.value}`, group.term);
      }
    });
  }

  nextContext(): number {
    return ++this.#contexts;
  }

  freeDisk(replica: SimulatedReplica): void {
    if (!replica.isDiskFull) return;
    replica.isDiskFull = false;
    this.cluster.input(replica, (group, now) => group.onSpaceFreed(now));
  }

  later(lowUs: number, highUs: number, action: () => void): void {
    this.cluster.schedule(this.rng.between(lowUs, highUs), action);
  }
}

function crash(story: Story): void {
  const victim = story.rng.chance(400) ? story.leader() : story.anyRunning();
  if (victim === null) return;
  story.cluster.crash(victim);
  story.later(20_000, 900_000, () => {
    if (victim.running === null) story.cluster.start(victim);
  });
}

/** The disk of one replica loses its newest entries while it is down; never two replicas at a time. */
function damage(story: Story): void {
  const { cluster, rng } = story;
  const victim = story.anyRunning();
  if (victim === null || cluster.replicas.some((replica) => replica.disk.damagedThrough > 0)) return;
  cluster.crash(victim);
  const { disk } = victim;
  if (disk.entries.length > 0) {
    disk.damageAfter(disk.snapshot.index + rng.below(disk.entries.length));
    cluster.mark('damaged');
  }
  story.later(20_000, 300_000, () => {
    if (victim.running === null) cluster.start(victim);
  });
}

function partition(story: Story): void {
  const { cluster, rng } = story;
  const isOneWay = rng.chance(300);
  const isolated = rng.chance(400) ? story.leader() : null;
  const side = new Set(cluster.replicas.filter((replica) => (isolated === null ? rng.chance(500) : replica === isolated)));
  for (const a of cluster.replicas) {
    for (const b of cluster.replicas) {
      if (side.has(a) && !side.has(b)) {
        cluster.network.block(a.id, b.id);
        if (!isOneWay) cluster.network.block(b.id, a.id);
      }
    }
  }
  cluster.mark('partitioned');
  story.later(50_000, 1_200_000, () => cluster.network.healAll());
}

function resetFlow(story: Story): void {
  const { cluster, rng } = story;
  const [from, to] = [rng.pick(cluster.replicas), rng.pick(cluster.replicas)];
  if (from !== to) cluster.network.resetFlow(from.id, to.id);
}

function pause(story: Story): void {
  const victim = story.anyRunning();
  if (victim !== null) story.cluster.pause(victim, story.rng.between(20_000, 1_000_000));
}

function fillDisk(story: Story): void {
  const victim = story.anyRunning();
  if (victim === null || victim.isDiskFull) return;
  victim.isDiskFull = true;
  story.later(50_000, 600_000, () => story.freeDisk(victim));
}

function transfer(story: Story): void {
  const leader = story.leader();
  const { cluster, rng } = story;
  if (leader !== null) cluster.input(leader, (group, now) => void group.transferLeadership(now, rng.pick(cluster.replicas).id));
}

function campaign(story: Story): void {
  const any = story.anyRunning();
  if (any !== null) story.cluster.input(any, (group, now) => group.campaign(now));
}

function compact(story: Story): void {
  const any = story.anyRunning();
  if (any === null) return;
  story.cluster.input(any, (group, now) => {
    const { machine } = any.running ?? {};
    if (machine !== undefined && machine.index > group.snapshotIndex) group.compact(now, logIndex(machine.index), machine.snapshot());
  });
}

function read(story: Story): void {
  const any = story.anyRunning();
  if (any !== null) for (let n = 0; n < 3; n++) story.cluster.ask(any, story.nextContext());
}

function changeConfiguration(story: Story): void {
  const leader = story.leader();
  const { cluster, rng } = story;
  if (leader === null) return;
  cluster.input(leader, (group, now) => {
    const { configuration } = group;
    const all = cluster.replicas.map((replica) => replica.id);
    const changes = rng.chance(400) ? severalChanges(rng, configuration, all) : [anyChange(rng, configuration, all)];
    const real = changes.filter((change) => change !== null);
    const [first] = real;
    if (first === undefined) return;
    const result = group.proposeConfiguration(now, real);
    cluster.mark(result.ok ? `configuration-${first.kind}` : `refused-${result.reject.code}`);
  });
}

/** Everybody who learns is promoted, and as many voters go: what replaces several members at once. */
function severalChanges(rng: Rng, now: Configuration, all: readonly ReplicaId[]): ConfigurationChange[] {
  const promoted = now.learners.map((replica) => ({ kind: 'promote', replica }) as const);
  const leaving = now.voters.filter(() => rng.chance(400));
  const gone = leaving.map((replica) => ({ kind: rng.pick(['demote', 'remove'] as const), replica }) as const);
  const added = all.filter((id) => !isMember(now, id)).map((replica) => ({ kind: 'add-learner', replica }) as const);
  return [...promoted, ...gone, ...added];
}

function anyChange(rng: Rng, now: Parameters<typeof membersOf>[0], all: readonly ReplicaId[]): ConfigurationChange | null {
  const outside = all.filter((id) => !isMember(now, id));
  const kind = rng.pick(['add-learner', 'add-learner', 'promote', 'promote', 'promote', 'demote', 'remove'] as const);
  const from = kind === 'add-learner' ? outside : kind === 'promote' ? now.learners : kind === 'demote' ? now.voters : membersOf(now);
  return from.length === 0 ? null : { kind, replica: rng.pick(from) };
}

/** An authority seals everybody, waits for all reports, and founds the next generation. */
function refound(story: Story): void {
  if (story.isRefounding || story.cluster.oracles.committedIndex === 0) return;
  story.isRefounding = true;
  const { cluster, rng } = story;
  const attempt = (): void => {
    const founding = reportedFounding(story);
    if (founding === null) return cluster.schedule(rng.between(5_000, 50_000), attempt);
    story.generation++;
    cluster.mark('refounded');
    forceEverywhere(story, founding, new Set());
  };
  attempt();
}

/** What to found, or null until everybody has reported. */
function reportedFounding({ cluster, rng, generation }: Story): Founding | null {
  const reports: (SealReport & { readonly id: ReplicaId })[] = [];
  for (const replica of cluster.replicas) {
    cluster.input(replica, (group, now) => void group.seal(now, generation));
    const report = replica.running?.group.sealReport ?? null;
    if (report !== null) reports.push({ ...report, id: replica.id });
  }
  if (reports.length < cluster.replicas.length) return null;
  reports.sort(({ last: one }, { last: two }) => one.term - two.term || one.index - two.index);
  const best = reports.at(-1);
  if (best === undefined) return null;
  const ids = cluster.replicas.map(({ id }) => id);
  // Who never had a term may be an empty replica, and such a one learns.
  const able = cluster.replicas.filter(({ running }) => (running?.group.term ?? 0) > 0).map(({ id }) => id);
  const voters = able.filter((id) => id === best.id || rng.chance(600));
  return { configuration: configurationOf(voters, ids.filter((id) => !voters.includes(id) && rng.chance(700))), base: best.last };
}

/** Until everybody has taken it in, whoever is down meanwhile. */
function forceEverywhere(story: Story, founding: Founding, done: Set<ReplicaId>): void {
  const { cluster, rng, generation } = story;
  for (const replica of cluster.replicas) {
    if (replica.running === null || cluster.now < replica.pausedUntil) continue;
    if (replica.disk.generation?.number === generation) done.add(replica.id);
    if (done.has(replica.id) || rng.chance(300)) continue;
    cluster.input(replica, (group, now) => {
      const result = group.force(now, generation, founding);
      if (!result.ok) throw new Violation(`a survivor refuses the founding: ${result.reject.detail}`);
    });
  }
  if (done.size === cluster.replicas.length) story.isRefounding = false;
  else cluster.schedule(rng.between(2_000, 60_000), () => forceEverywhere(story, founding, done));
}

const CALM: readonly Fault[] = [compact, read, read];
const ALWAYS: readonly Fault[] = [compact, read, read];
const FAULTS: readonly Fault[] = [crash, crash, partition, resetFlow, pause, fillDisk, transfer, campaign];
const FAULTS_US = 6_000_000;
const SETTLE_US = 4_000_000;
const FRESH_WRITE_US = 1_000_000;
