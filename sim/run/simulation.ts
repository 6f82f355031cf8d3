/**
 * One simulation: builds the world of a plan, lets it run under the oracles, heals it, and judges whether everything
 * drains. It is driven in slices, so that whoever runs it may look at a clock between them.
 */
import type { NodeId } from '../../core/base/ids.js';
import type { JournalBatch } from '../../core/node/effects.js';
import type { Notice } from '../../core/base/notice.js';
import type { RejectCode } from '../../core/base/reject.js';
import { type ReplicaId, numberOfReplica, replicaId } from '../../core/base/replica.js';
import type { ConfigClient } from '../apps/config-client.js';
import type { Environment } from '../apps/environment.js';
import { StreamIds } from '../apps/environment.js';
import { Guest } from '../apps/guest.js';
import { formMesh, openStream } from '../apps/operators.js';
import type { Publisher } from '../apps/publisher.js';
import { PublisherSession } from '../apps/publisher-session.js';
import { RecoveryOperator } from '../apps/recovery-operator.js';
import { Rival } from '../apps/rival.js';
import { TransientStream } from '../apps/transient-stream.js';
import { WatermarkWatcher } from '../apps/watermark-watcher.js';
import { PublisherUnary } from '../apps/publisher-unary.js';
import { StatusWatcher } from '../apps/status-watcher.js';
import { Subscriber } from '../apps/subscriber.js';
import type { UpdateSender } from '../apps/update-sender.js';
import { UpdateLedgers } from '../oracles/update-ledgers.js';
import { appliedUpdatesOf } from './applied-updates.js';
import { heldFactsOf } from './held-streams.js';
import { Replayer } from '../apps/replayer.js';
import { ConfigRegisters } from '../oracles/config-register.js';
import { CriticalOracle } from '../oracles/critical.js';
import { DeadLetterOracle } from '../oracles/dead-letters.js';
import { Regulator } from '../apps/regulator.js';
import { PaceOracle } from '../oracles/paces.js';
import { Completion } from '../oracles/completion.js';
import { PublishLog } from '../oracles/publish-log.js';
import { Departures } from '../oracles/departures.js';
import { Generations } from '../oracles/generations.js';
import { type DiskFact, DurableRaft } from '../oracles/durable-raft.js';
import { FoundingOracle } from '../oracles/foundings.js';
import { RaftOracle } from '../oracles/raft.js';
import { StreamLedgers } from '../oracles/stream-ledgers.js';
import { TransientOracle } from '../oracles/transients.js';
import { Violations } from '../oracles/violations.js';
import type { Plan } from '../plan/plan.js';
import { Timeline } from '../time/timeline.js';
import { FaultInjector } from '../world/fault-injector.js';
import { type JournalFact, raftFactsOf } from '../world/journal-facts.js';
import { Machine, urlOf } from '../world/machine.js';
import { Network } from '../world/network.js';
import { Paths } from '../world/paths.js';
import type { ProcessObserver } from '../world/process.js';
import type { NodeFactory } from '../world/simulated-node.js';
import { Trace, type TraceSink } from '../world/trace.js';
import { Liveness } from './liveness.js';
import { configClients, updateSenders } from './mesh-callers.js';
import { Tally } from './tally.js';

export interface SimulationOptions {
  readonly plan: Plan;
  readonly factory: NodeFactory;
  /** Takes the full trace, one line at a time; null for the hash alone. */
  readonly traceSink: TraceSink | null;
}

export class Simulation implements ProcessObserver {
  readonly plan: Plan;
  readonly timeline = new Timeline();
  readonly trace: Trace;
  readonly violations = new Violations(this.timeline);
  readonly tally = new Tally();
  readonly faults: FaultInjector;
  readonly #raft = new RaftOracle(this.violations);
  readonly #durableRaft = new DurableRaft(this.violations);
  readonly #foundings = new FoundingOracle(this.violations, (group, replica) => this.#durableRaft.diskOf(group, replica));
  readonly #environment: Environment;
  readonly #machines: Machine[];
  readonly #nodeOf: ReadonlyMap<NodeId, number>;
  readonly #publishers: Publisher[];
  readonly #subscribers: Subscriber[];
  readonly #calls: { readonly isDone: boolean }[];
  readonly #senders: readonly UpdateSender[];
  readonly #clients: readonly ConfigClient[];
  readonly #regulators: Regulator[];
  readonly #transients: readonly { readonly stream: TransientStream; readonly oracle: TransientOracle }[];
  readonly #liveness: Liveness;
  /** The replica numbers of nodes that are not their first replica any more. */
  readonly #renewed = new Map<number, number>();
  #meshId: string | null = null;
  #published = 0;

  constructor({ plan, factory, traceSink }: SimulationOptions) {
    this.plan = plan;
    this.trace = new Trace(traceSink);
    const { timeline, trace } = this;
    const paths = new Paths(plan.seed, plan.nodes.length, plan.paths);
    const network = new Network(timeline, plan.seed, paths, plan.nodes.map((_, node) => urlOf(plan, node)));
    this.#machines = plan.nodes.map(
      (_, node) => new Machine({ plan, node, timeline, trace, network, observer: this, factory }),
    );
    this.#nodeOf = new Map(this.#machines.map(({ identity, node }) => [identity.nodeId, node]));
    this.#environment = this.#observe();
    this.#calls = [
      // Whoever is lost for good may never have come in.
      ...plan.nodes.map((_, node) => formMesh(this.#environment, node)).filter((_, node) => plan.loss?.nodes.includes(node) !== true),
      ...(plan.loss ? [new RecoveryOperator(this.#environment, plan.loss)] : []),
      ...plan.streams.map((_, stream) => openStream(this.#environment, stream)),
      ...plan.nodes.map((_, node) => new Guest(this.#environment, node, (plan.trips ?? []).filter((trip) => trip.node === node))),
    ];
    this.#publishers = plan.publishers.map(({ form }, publisher) =>
      form.kind === 'session'
        ? new PublisherSession(this.#environment, publisher)
        : new PublisherUnary(this.#environment, publisher, form.level),
    );
    for (const rival of plan.rivals.keys()) new Rival(this.#environment, rival);
    this.#subscribers = plan.subscribers.map((_, subscriber) => new Subscriber(this.#environment, subscriber));
    this.#regulators = plan.regulators.map((_, regulator) => new Regulator(this.#environment, regulator));
    for (const [subscriber, { stream }] of plan.subscribers.entries()) {
      if (plan.streams[stream]?.failure.action === 1) new Replayer(this.#environment, subscriber);
    }
    this.#senders = updateSenders(this.#environment);
    this.#transients = (plan.transients ?? []).map((each, at) => {
      const oracle = new TransientOracle(each.name, each.targets, each.optional, this.violations);
      return { oracle, stream: new TransientStream(this.#environment, each, at, oracle) };
    });
    this.#clients = configClients(this.#environment);
    this.faults = new FaultInjector(
      {
        timeline,
        trace,
        network,
        paths,
        machines: this.#machines,
        leaderOf: (group) => this.#leaderOf(group),
        isLeader: (node) => this.#raft.isLeaderOfAny((this.#machines[node] as Machine).identity.nodeId),
        isGroupOf: (group, stream) => this.#environment.streamIds.id(stream) === group,
        onRotten: (node) => this.#durableRaft.onRotten(this.#replicaOf(node)),
        mark: (name) => this.tally.mark(name),
        subscribers: this.#subscribers,
        isExpendable: (group, node) => this.#durableRaft.isExpendable(group, this.#replicaOf(node)),
        wipe: (node) => this.#wipe(node),
      },
      plan.seed,
      plan.faults,
    );
    this.#liveness = new Liveness({
      environment: this.#environment,
      areCallsDone: () => [...this.#calls, ...this.#senders, ...this.#clients, ...this.#regulators, ...this.#transients.map(({ stream }) => stream)].every((call) => call.isDone) && this.#published === plan.publishes.length,
      publishFresh: () => this.#publishFresh(),
      remains: () => this.#transients.map(({ oracle }) => oracle.remains()).find((what) => what !== null) ?? null,
      raftMessages: () => this.tally.counted('raft.messages'),
    });
    for (const machine of this.#machines) {
      machine.disk.onWritten = (batch) => {
        this.#onWritten(machine.node, raftFactsOf(batch));
        if (this.#transients.length > 0) this.#onHeld(machine.node, batch);
        for (const [feed, update] of appliedUpdatesOf(batch)) this.#environment.updates.onApplied(machine.node, feed, update);
      };
      machine.start();
      new StatusWatcher(this.#environment, machine.node);
      if (plan.nodes.length <= WATERMARK_NODES_MAX) new WatermarkWatcher(this.#environment, machine.node);
    }
    this.#publishNext();
    this.#watchProgress();
    timeline.schedule(plan.healedAtUs, { label: 'harness', happen: () => this.#heal() });
  }

  /** Lets at most `events` more take place. True when the run is over. */
  advance(events: number): boolean {
    for (let i = 0; i < events; i++) {
      if (this.isOver) {
        this.#environment.configuration.judge();
        for (const { process } of this.#machines) process?.checkInvariants();
        return true;
      }
      this.trace.onHappening(this.timeline.nowUs, this.timeline.advance());
    }
    return false;
  }

  /** Judged: broken promises end a run at once, and so does the end of the liveness phase. */
  get isOver(): boolean {
    return this.violations.count > 0 || this.#liveness.isOver || this.timeline.nextUs < 0;
  }

  get ledgers(): StreamLedgers {
    return this.#environment.ledgers;
  }

  get published(): number {
    let count = 0;
    for (const log of this.#environment.log.publishers) count += log.offeredCount;
    return count;
  }

  get completed(): number {
    let count = 0;
    for (const stream of this.plan.streams.keys()) count += this.#environment.completion.completed(stream);
    return count;
  }

  get refusals(): ReadonlyMap<RejectCode, number> {
    return this.#environment.refusals;
  }

  onNotice(node: number, notice: Notice): void {
    switch (notice.kind) {
      case 'raft-leader':
        this.#raft.onLeader(notice.group, notice.term, notice.node, notice.generation);
        this.#durableRaft.onLeader(notice.group, this.#replicaOf(node), notice.term);
        this.faults.onElected(notice.group, node);
        return;
      case 'raft-committed':
        this.#raft.onCommitted(notice.group, notice.index, notice.term, notice.digest, notice.generation);
        this.#durableRaft.onCommitted(notice.group, notice.index, notice.term);
        return;
      case 'raft-configuration': {
        const { generation, index, voters, outgoing } = notice;
        this.#durableRaft.onConfiguration(notice.group, this.#replicaOf(node), { generation, index, sets: { voters, outgoing } });
        return;
      }
      case 'group-reported':
        return this.#foundings.onReported(this.#replicaOf(node), notice);
      case 'group-founded':
        return this.#foundings.onFounded(notice);
      case 'raft-applied':
        this.#raft.onApplied(notice.group, notice.index, notice.stateDigest, notice.generation);
        return;
      case 'stream-completed': {
        const stream = this.#environment.streamIds.stream(notice.stream);
        if (stream !== null) this.#environment.completion.onCompleted(stream, notice.seq, node);
        else this.#transients.find((each) => each.stream.id === notice.stream)?.oracle.onCompleted(notice.seq, node);
        return;
      }
      case 'mesh-joined':
        this.#meshId ??= notice.mesh;
        return;
      case 'mark':
        this.tally.mark(notice.name);
        return;
      case 'count':
        this.tally.count(notice.name, notice.by);
        return;
      case 'log':
        if (this.trace.isFull) this.#traceLog(node, notice);
        return;
      case 'stream-accepted':
        return;
    }
  }

  onHalt(node: number, code: string, detail: string): void {
    const machine = this.#machines[node];
    if (machine?.disk.hasFailed === true) this.tally.mark('stopped-by-failed-flush');
    else this.violations.report('core-halted', `node ${node}: ${code}: ${detail}`);
    machine?.die(false);
  }

  onThrown(node: number, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.violations.report('core-assertion', `node ${node}: ${text.split('\n').slice(0, STACK_LINES).join(' | ')}`);
    this.#machines[node]?.die(false);
  }

  #observe(): Environment {
    const { plan, timeline, trace, violations } = this;
    const machines = this.#machines;
    const log = new PublishLog(plan.publishers);
    const departures = new Departures(violations);
    const lost = (plan.loss?.nodes ?? []).flatMap((node) => machines[node]?.identity.nodeId ?? []);
    const generations = new Generations(new Set(lost), violations);
    const ledgers = new StreamLedgers(plan.streams, log, violations);
    const streamIds = new StreamIds();
    const durableOffset = (stream: number, target: number): number => {
      const machine = machines[target];
      const id = streamIds.id(stream);
      return machine === undefined || id === null ? 0 : machine.disk.offsetEver(id, machine.identity.nodeId);
    };
    const failuresOf = plan.streams.map(({ failure }) => ({ failuresMax: failure.action === 1 ? failure.failuresMax : null }));
    const deadLetters = new DeadLetterOracle(failuresOf, log, violations);
    const mayBeDead = (stream: number, target: number, seq: number): boolean => deadLetters.mayBeDead(stream, target, seq);
    const completion = new Completion({ streams: plan.streams, ledgers, durableOffset, mayBeDead }, violations);
    const refusals = new Map<RejectCode, number>();
    const updates = new UpdateLedgers(plan.nodes.length, violations);
    const configuration = new ConfigRegisters(violations);
    const critical = new CriticalOracle(violations);
    const mark = (name: string): void => this.tally.mark(name);
    return { plan, timeline, trace, machines, log, ledgers, completion, updates, configuration, critical, deadLetters, paces: new PaceOracle(violations), violations, departures, generations, streamIds, refusals, mark };
  }

  #onHeld(node: number, batch: JournalBatch): void {
    const facts = heldFactsOf(batch);
    for (const { stream, oracle } of this.#transients) {
      const { id } = stream;
      if (id === null) continue;
      for (const fact of facts) if (fact.kind === 'dropped' || fact.what.includes(id)) oracle.onDisk(node, fact);
    }
  }

  /** Publishes what is due now, and looks again when the next message is. */
  #publishNext(): void {
    for (;;) {
      const next = this.plan.publishes[this.#published];
      if (next === undefined) return;
      if (next.atUs > this.timeline.nowUs) {
        this.timeline.schedule(next.atUs, { label: 'application', happen: () => this.#publishNext() });
        return;
      }
      this.#published++;
      this.#publishers[next.publisher]?.produce(next.bytes);
    }
  }

  /** After the healing: every stream takes one more message. */
  #publishFresh(): void {
    for (const stream of this.plan.streams.keys()) {
      const publisher = this.plan.publishers.findIndex((each) => each.stream === stream);
      this.#publishers[publisher]?.produce(FRESH_BYTES);
    }
  }

  #watchProgress(): void {
    if (!this.plan.faults.some((fault) => fault.when.kind === 'settled')) return;
    const planned = this.plan.streams.map(
      (_, stream) => this.plan.publishes.filter((each) => this.plan.publishers[each.publisher]?.stream === stream).length,
    );
    const look = (): void => {
      let least = 1000;
      for (const [stream, { targets }] of this.plan.streams.entries()) {
        for (const target of targets) {
          const settled = this.ledgers.lastSeq(stream, target);
          least = Math.min(least, Math.floor((settled * 1000) / Math.max(1, planned[stream] as number)));
        }
      }
      this.faults.onProgress(least);
      if (least < 1000) {
        this.timeline.schedule(this.timeline.nowUs + PROGRESS_EVERY_US, { label: 'harness', happen: look });
      }
    };
    look();
  }

  #heal(): void {
    for (const machine of this.#machines) if (!machine.isUp) machine.start();
    for (const subscriber of this.#subscribers) subscriber.restart();
    this.#liveness.begin();
  }

  #replicaOf(node: number): ReplicaId {
    const { nodeId, replica } = (this.#machines[node] as Machine).identity;
    return replicaId(nodeId, Math.max(this.#renewed.get(node) ?? 0, replica));
  }

  /** False: too many are lost already. The disk of a dead node is lost: it comes back as a later replica, and its operator brings it into the mesh again. */
  #wipe(node: number): boolean {
    // Else nobody could let it in again without an operator's `recover`, which is another scenario's story.
    if (this.#meshId === null || !this.#durableRaft.hasQuorumWithout(this.#meshId, this.#replicaOf(node))) return false;
    this.#durableRaft.onLost(this.#replicaOf(node));
    const later = numberOfReplica(this.#replicaOf(node)) + 1;
    (this.#machines[node] as Machine).wipe(later);
    this.#calls.push(formMesh(this.#environment, node, true));
    return true;
  }

  #onWritten(node: number, facts: readonly JournalFact[]): void {
    let renewed: number | null = null;
    const written: DiskFact[] = [];
    for (const fact of facts) {
      if (fact.kind === 'renewed') renewed = fact.number;
      // Who drops a stream that was deleted has had what was committed of it.
      else if (fact.kind !== 'forget' || !this.#transients.some(({ stream }) => stream.id === fact.group)) written.push(fact);
    }
    // What a replica throws away as it goes was in nobody's majority any more.
    this.#durableRaft.onWritten(this.#replicaOf(node), renewed === null ? written : written.filter(({ kind }) => kind !== 'forget'));
    if (renewed !== null) this.#renewed.set(node, renewed);
  }

  #leaderOf(group: 'mcg' | number): number | null {
    const id = group === 'mcg' ? this.#meshId : this.#environment.streamIds.id(group);
    const leader = id === null ? null : this.#raft.leader(id);
    return leader === null ? null : (this.#nodeOf.get(leader) ?? null);
  }

  #traceLog(node: number, notice: Extract<Notice, { kind: 'log' }>): void {
    const fields = Object.entries(notice.fields).map(([key, value]) => `${key}=${value}`);
    this.trace.onComment(this.timeline.nowUs, `n${node} ${notice.level} ${notice.event} ${fields.join(' ')}`);
  }
}

const FRESH_BYTES = 100;
const PROGRESS_EVERY_US = 5_000;
/** In small worlds every node is watched. */
const WATERMARK_NODES_MAX = 9;
const STACK_LINES = 6;
