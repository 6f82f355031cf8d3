/** A node through all of its lives: who it is, what is on its disk, and the process that runs now, if one does. */
import { assert } from '../../core/base/assert.js';
import type { Entropy } from '../../core/base/crypto.js';
import { type NodeId, idFromBytes } from '../../core/base/ids.js';
import { Rng } from '../../core/base/rng.js';
import { Draws } from '../base/draw.js';
import type { NodePlan, Plan } from '../plan/plan.js';
import type { Timeline } from '../time/timeline.js';
import { Disk, type DiskCrash } from './disk.js';
import type { Network } from './network.js';
import { NodeProcess, type ProcessObserver } from './process.js';
import type { Identity, NodeFactory } from './simulated-node.js';
import type { Trace } from './trace.js';

export interface MachineOptions {
  readonly plan: Plan;
  readonly node: number;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly network: Network;
  readonly observer: ProcessObserver;
  readonly factory: NodeFactory;
}

export class Machine {
  readonly node: number;
  readonly plan: NodePlan;
  /** Changes when the disk is lost: then a later replica of the same node starts. */
  identity: Identity;
  readonly disk: Disk;
  readonly #options: MachineOptions;
  #process: NodeProcess | null = null;
  #isLost = false;
  #bootCount = 0;
  /** By how much its wall clock has been set since time 0. */
  #wallStepUs = 0;
  #clockStartUs = 0;
  /** By how many millionths its clocks run fast. */
  driftPerMillion = 0;

  constructor(options: MachineOptions) {
    const { plan, node, timeline } = options;
    this.#options = options;
    this.node = node;
    this.plan = plan.nodes[node] as NodePlan;
    this.disk = new Disk(timeline, plan.seed, node, this.plan.flushUs);
    const draws = new Draws(plan.seed, 'identity', node);
    this.identity = {
      nodeId: idFromBytes<NodeId>(drawBytes(draws, 16)),
      name: this.plan.name,
      replica: 1,
      privateSeed: drawBytes(draws, 32),
      journalId: drawBytes(draws, 16),
    };
  }

  /** The life that runs now; null while the node is down. */
  get process(): NodeProcess | null {
    return this.#process;
  }

  get isUp(): boolean {
    return this.#process !== null;
  }

  start(): void {
    assert(this.#process === null, 'a node is started when it is down');
    if (this.#isLost) return;
    const { plan, node, factory, network, timeline, trace, observer } = this.#options;
    const boot = ++this.#bootCount;
    // Each life has a monotonic clock of its own, as after a reboot; wall time goes on.
    const clockDraws = new Draws(plan.seed, 'clock', node * BOOTS_APART + boot);
    const clockStartUs = clockDraws.below(CLOCK_START_MAX_US) - timeline.nowUs;
    this.#clockStartUs = clockStartUs;
    const rng = Rng.fromSeed(`${plan.seed.join('/')}/node/${node}/boot/${boot}`);
    const entropySource = rng.fork('entropy');
    const entropy: Entropy = { bytes: (count) => entropySource.fill(count) };
    const core = factory({
      identity: this.identity,
      dialUrls: this.plan.dials.map((other) => urlOf(plan, other)),
      advertisedUrls: isDialableByAnyone(plan, node) ? [urlOf(plan, node)] : [],
      recovered: this.disk.recovered(),
      wallOffsetUs: this.#wallOffsetUs,
      entropy,
      rng: rng.fork('node'),
      streamBytesMax: plan.streamBytesMax ?? null,
    });
    const { disk } = this;
    // A check costs as much as the mesh is large.
    const runsPerCheck = Math.max(RUNS_PER_CHECK, plan.nodes.length * RUNS_PER_CHECK_AND_NODE);
    this.#process = new NodeProcess({ node, core, clockStartUs, timeline, trace, network, disk, observer, runsPerCheck });
    this.#process.setDrift(this.driftPerMillion);
    network.processStarted(this.#process);
  }

  /** It goes dark and is not started by anybody until it is found again. */
  lose(): void {
    this.die(true);
    this.#isLost = true;
  }

  find(): void {
    this.#isLost = false;
    if (!this.isUp) this.start();
  }

  /** The disk of a dead node is lost. It comes back empty, as a later replica, and in no mesh. */
  wipe(replica: number): void {
    assert(this.#process === null, 'a disk is lost while its node is down');
    this.disk.wipe();
    const draws = new Draws(this.#options.plan.seed, 'identity', this.node + REPLICAS_APART * replica);
    this.identity = { ...this.identity, replica, journalId: drawBytes(draws, 16) };
  }

  /** Somebody sets the wall clock. */
  stepWallClock(byUs: number): void {
    this.#wallStepUs += byUs;
    this.#process?.tell({ kind: 'wall-offset', offsetUs: this.#wallOffsetUs });
  }

  /** From here on its clocks gain that much. */
  setDrift(perMillion: number): void {
    this.driftPerMillion = perMillion;
    this.#process?.setDrift(perMillion);
  }

  /** What is added to the monotonic clock of this life to give wall time. */
  get #wallOffsetUs(): number {
    return this.plan.wallOffsetUs + this.#wallStepUs - this.#clockStartUs;
  }

  /**
   * The process dies, and with `isDark` the whole machine without a word; with `isTearing` in the midst of a write. Null
   * when it was down already.
   */
  die(isDark: boolean, isTearing = false): DiskCrash | null {
    if (this.#process === null) return null;
    const process = this.#process;
    this.#process = null;
    this.#options.network.processDied(this.node, isDark);
    const crash = this.disk.crash(isTearing);
    process.kill();
    return crash;
  }
}

/** Keeps the draws of different lives apart; the planner's own use multiples of it. */
const BOOTS_APART = 10_000;
const REPLICAS_APART = 10_000;
const RUNS_PER_CHECK = 32;
const RUNS_PER_CHECK_AND_NODE = 4;
const CLOCK_START_MAX_US = 3_600_000_000;

/** Where a node listens. */
export const urlOf = (plan: Plan, node: number): string => `ws://${plan.nodes[node]?.name ?? 'nobody'}.sim:7000`;

function isDialableByAnyone(plan: Plan, node: number): boolean {
  return plan.nodes.some((_, from) => plan.paths[from * plan.nodes.length + node]?.isDialable === true);
}

function drawBytes(draws: Draws, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => draws.below(256));
}
