/** A process that only opens, sends and notes what happens to it: for the tests of the network. */
import { type LaneId, type Ticket, laneId, ticket } from '../../core/base/units.js';
import { Timeline } from '../time/timeline.js';
import type { PathPlan } from '../plan/plan.js';
import type { LaneEnd, LaneOwner } from '../world/lane.js';
import { Network } from '../world/network.js';
import { Paths } from '../world/paths.js';

export class LaneRecorder implements LaneOwner {
  readonly node: number;
  readonly #timeline: Timeline;
  readonly lanes: LaneEnd[] = [];
  readonly log: string[] = [];
  readonly received: { readonly atUs: number; readonly bytes: Uint8Array }[] = [];
  #ids = 0;

  constructor(node: number, timeline: Timeline) {
    this.node = node;
    this.#timeline = timeline;
  }

  allocateLane(): LaneId {
    return laneId(++this.#ids);
  }

  onLaneOpened(lane: LaneEnd, remote: string): void {
    this.lanes.push(lane);
    this.log.push(`opened ${remote}`);
  }

  onReceived(_lane: LaneEnd, bytes: Uint8Array): void {
    this.received.push({ atUs: this.#timeline.nowUs, bytes });
  }

  onLaneClosed(_lane: LaneEnd, reason: string): void {
    this.log.push(`closed ${reason}`);
  }

  onDialFailed(_ticket: Ticket, code: string): void {
    this.log.push(`failed ${code}`);
  }

  onLaneDrained(_lane: LaneEnd, bufferedBytes: number): void {
    this.log.push(`drained ${bufferedBytes}`);
  }
}

/** A network of recorders that can all dial one another, but for node 0, which nobody can. */
export function recorderNetwork(nodes: number, path: Partial<PathPlan> = {}) {
  const timeline = new Timeline();
  const seed = Int32Array.of(1, 2, 3, 4);
  const plans = Array.from({ length: nodes * nodes }, (_, at): PathPlan => ({
    isDialable: at % nodes !== 0,
    latencyUs: 10_000,
    jitterUs: 0,
    bytesPerSecond: 1_000_000,
    lossPerMillion: 0,
    ...path,
  }));
  const paths = new Paths(seed, nodes, plans);
  const urls = plans.slice(0, nodes).map((_, node) => `ws://n${node}`);
  const network = new Network(timeline, seed, paths, urls);
  const processes = urls.map((_, node) => new LaneRecorder(node, timeline));
  for (const process of processes) network.processStarted(process);
  const runUntil = (untilUs: number): void => {
    timeline.schedule(untilUs, { label: 'harness', happen: () => undefined });
    while (timeline.nextUs >= 0 && timeline.nextUs <= untilUs) timeline.advance();
  };
  const dial = (from: number, to: number): void => {
    network.dial(processes[from] as LaneRecorder, ticket(1), `ws://n${to}`);
  };
  /** A lane from `from` to `to`, open at both ends. */
  const connect = (from: number, to: number): { near: LaneEnd; far: LaneEnd } => {
    dial(from, to);
    runUntil(timeline.nowUs + 100_000);
    const near = processes[from]?.lanes.at(-1);
    const far = processes[to]?.lanes.at(-1);
    if (near === undefined || far === undefined) throw new Error('the lane has opened');
    return { near, far };
  };
  return { timeline, paths, network, processes, runUntil, dial, connect };
}
