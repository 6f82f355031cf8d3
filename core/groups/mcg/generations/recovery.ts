/**
 * A recovery as the node that runs it sees it: who is left, what would be forgotten, and, when the operator says so, the
 * founding of a generation with those who are left (DESIGN §8).
 *
 *   survey     everybody in reach tells what it holds, and whether it hears a leader
 *   streams    of a dry run: what becomes of the streams of each
 *   stop       every founder stops for good in the generation that is over, and tells all that it holds
 *   keep       every founder keeps the founding durably
 *   enter      the word goes out; the new generation begins
 *
 * Invariants: nobody is stopped while a majority of the voters is in reach or a voter hears a leader; no generation is
 * entered before all of its founders keep its founding. A recovery that ends half-way leaves founders stopped, which
 * the next one, run by any of them, takes up; it never leaves two generations with the same founders.
 * Every frame is repeated until answered.
 */
import type { Deadline } from '../../../base/deadlines.js';
import type { GenerationId, MeshId, MessageId, NodeId, StreamId } from '../../../base/ids.js';
import { type ReplicaId, replicaId } from '../../../base/replica.js';
import { type Result, accept, refuse } from '../../../base/result.js';
import { makeUlid } from '../../../base/ulid.js';
import { type Micros, micros } from '../../../base/units.js';
import { encodeConfiguration } from '../../../raft/configuration.js';
import { GENERATIONS_MAX, GenerationFounding, type GenerationRow, type RecoverReport, type StreamFate } from '../../../wire/generation-messages.js';
import type { GroupControl } from '../../../wire/group-messages.js';
import type { GroupContext } from '../../context.js';
import { type Founder, STEPS } from './founder.js';
import { type HeldLog, foundGroup, groupFoundingOf, heldLogOf, holdsQuorum, longestOf } from './founding.js';
import { newestOf } from './lineage.js';
import { ENDED_HALFWAY, forgetChanged, notAnswered, nothingHeld, quorumStands, RUNNING, tooManyGenerations } from './recovery-refusals.js';
import { type RecoveryPlan, planOf } from './recovery-plan.js';

export interface RecoveryPorts {
  readonly founder: Founder;
  /** By the mesh's log, this node among them. */
  members(): ReadonlyMap<NodeId, { readonly name: string; readonly replica: number }>;
  isReachable(node: NodeId): boolean;
  /** The foundings that led to this node's generation. */
  lineage(): readonly GenerationRow[];
  onAnswered(request: number, result: Result<RecoveryPlan>): void;
}

export interface RecoveryOrder {
  readonly isDryRun: boolean;
  /** Those that the operator has agreed to forget; null: whoever that turns out to be. */
  readonly forget: readonly NodeId[] | null;
}

interface Run {
  readonly request: number;
  readonly order: RecoveryOrder;
  readonly session: MessageId;
  phase: 'survey' | 'streams' | 'stop' | 'keep' | 'enter';
  giveUpAt: Micros;
  /** Whom to hear from, this node not among them. */
  awaited: Set<NodeId>;
  /** In reach at the beginning and heard from; this node too. */
  readonly reports: Map<NodeId, RecoverReport>;
  /** The mesh as it was when the recovery began. */
  readonly members: ReadonlyMap<NodeId, { readonly name: string; readonly replica: number }>;
  readonly fates: Map<StreamId, StreamFate>;
  readonly fatesFrom: Map<NodeId, number>;
  founding: GenerationFounding | null;
}

export class Recovery {
  readonly #context: GroupContext;
  readonly #mesh: MeshId;
  readonly #ports: RecoveryPorts;
  readonly #due: Deadline;
  #run: Run | null = null;

  constructor(context: GroupContext, mesh: MeshId, ports: RecoveryPorts) {
    this.#context = context;
    this.#mesh = mesh;
    this.#ports = ports;
    this.#due = context.deadlines.allocate(this, 'recovery');
  }

  start(now: Micros, request: number, order: RecoveryOrder): void {
    const { node, entropy, replica } = this.#context;
    if (this.#run !== null) return this.#ports.onAnswered(request, refuse(RUNNING));
    const session = makeUlid<MessageId>(this.#context.wallMs(now), entropy);
    const awaited = [...this.#ports.members().keys()].filter((member) => member !== node && this.#ports.isReachable(member));
    const run: Run = {
      request, order, session,
      phase: 'survey',
      giveUpAt: micros(now + SURVEY_US),
      awaited: new Set(awaited),
      reports: new Map(),
      members: new Map(this.#ports.members()),
      fates: new Map(),
      fatesFrom: new Map(),
      founding: null,
    };
    this.#run = run;
    if (this.#ports.lineage().length >= GENERATIONS_MAX) return void this.#end(run, refuse(tooManyGenerations(this.#mesh)));
    run.reports.set(node, { ...this.#ask(now, run, STEPS.tell), replica });
    this.#proceed(now);
  }

  onReport(now: Micros, from: NodeId, report: RecoverReport): void {
    const run = this.#run;
    if (run === null || report.session !== run.session || report.step !== STEP_OF[run.phase] || !run.awaited.has(from)) return;
    if (run.phase === 'stop' && !report.isLed && !isStopped(report)) return;
    run.reports.set(from, report);
    if (run.phase === 'streams' && !this.#takeFates(run, from, report)) return this.#askNext(run, from);
    run.awaited.delete(from);
    this.#proceed(now);
  }

  onKept(now: Micros, from: NodeId, session: MessageId, generation: GenerationId): void {
    const run = this.#run;
    if (run === null || run.phase !== 'keep' || session !== run.session || generation !== run.founding?.record.id) return;
    run.awaited.delete(from);
    this.#proceed(now);
  }

  /** This node's log has the founding entry of that generation. */
  onFounded(id: GenerationId): void {
    const run = this.#run;
    if (run?.founding?.record.id === id) this.#end(run, accept(this.#plan(run, true)));
  }

  onDeadline(now: Micros, _deadline: Deadline): void {
    this.#proceed(now);
  }

  close(): void {
    this.#due.disarm();
    const run = this.#run;
    if (run !== null) this.#end(run, refuse(ENDED_HALFWAY));
  }

  /** Goes on as far as it can now. */
  #proceed(now: Micros): void {
    for (let run = this.#run; run !== null; run = this.#run) {
      const isOver = now >= run.giveUpAt;
      if (run.awaited.size > 0 && !isOver) break;
      if (!this.#next(now, run)) break;
    }
    const run = this.#run;
    if (run === null) return this.#due.disarm();
    this.#repeat(now, run);
    this.#due.arm(micros(Math.min(now + REPEAT_US, run.giveUpAt)));
  }

  /** The phase is over, or its time is. True: another one has begun. */
  #next(now: Micros, run: Run): boolean {
    switch (run.phase) {
      case 'survey':
        return this.#afterSurvey(now, run);
      case 'streams':
        return this.#end(run, accept(this.#plan(run, false)));
      case 'stop':
        return this.#afterStop(now, run);
      case 'keep':
        if (run.awaited.size > 0) return this.#end(run, refuse(notAnswered(this.#names(run.awaited))));
        return this.#begin(now, run, 'enter', ENTER_US);
      case 'enter':
        return this.#end(run, refuse(ENDED_HALFWAY));
    }
  }

  /** Who did not answer is out of reach. */
  #afterSurvey(now: Micros, run: Run): boolean {
    run.awaited.clear();
    const why = this.#quorum(run) ?? this.#otherThanAgreed(run);
    if (why !== null) return this.#end(run, refuse(why));
    if (longestOf(this.#logs(run, this.#mesh)) === null) return this.#end(run, refuse(nothingHeld(this.#mesh)));
    if (!run.order.isDryRun) {
      run.reports.set(this.#context.node, this.#ask(now, run, STEPS.stop));
      return this.#begin(now, run, 'stop', STOP_US);
    }
    this.#begin(now, run, 'streams', SURVEY_US);
    const own = this.#ask(now, run, STEPS.tellStreams);
    for (let report = own; !this.#takeFates(run, this.#context.node, report); ) report = this.#ask(now, run, STEPS.tellStreams);
    return true;
  }

  #afterStop(now: Micros, run: Run): boolean {
    const { node } = this.#context;
    const own = this.#ask(now, run, STEPS.stop);
    run.reports.set(node, own);
    const why = [...run.reports.values()].some(({ isLed }) => isLed) ? quorumStands(this.#mesh) : null;
    if (why !== null) return this.#end(run, refuse(why));
    const isOver = now >= run.giveUpAt;
    if (run.awaited.size > 0 || !isStopped(own)) {
      if (!isOver) return false;
      return this.#end(run, refuse(notAnswered(this.#names(run.awaited.size > 0 ? run.awaited : [node]))));
    }
    const founding = this.#founding(now, run);
    if (founding === null) return this.#end(run, refuse(nothingHeld(this.#mesh)));
    run.founding = founding;
    this.#begin(now, run, 'keep', STOP_US);
    run.awaited.add(node);
    this.#ports.founder.keep(founding, (at) => {
      run.awaited.delete(node);
      if (this.#run === run) this.#proceed(at);
    });
    return true;
  }

  #begin(now: Micros, run: Run, phase: Run['phase'], forUs: number): true {
    run.phase = phase;
    run.giveUpAt = micros(now + forUs);
    run.awaited = new Set([...run.reports.keys()].filter((node) => node !== this.#context.node));
    if (phase !== 'enter') return true;
    // Nobody answers this: who misses it hears it from a neighbour's handshake. This node is awaited until its log begins.
    this.#repeat(now, run);
    run.awaited = new Set([this.#context.node]);
    const { founding } = run;
    if (founding !== null) {
      const enter = { kind: 'enterGeneration', generation: founding.record.id } as const;
      this.#context.afterDurable((at) => this.#ports.founder.onControl(at, this.#context.node, enter));
    }
    return true;
  }

  #repeat(now: Micros, run: Run): void {
    const { node } = this.#context;
    for (const to of run.awaited) {
      if (to === node) continue;
      const message = this.#messageTo(to, run);
      if (message !== null) this.#context.sendControl(to, message);
    }
    const step = STEP_OF[run.phase];
    if (step === STEPS.stop) run.reports.set(node, this.#ask(now, run, step));
  }

  #messageTo(to: NodeId, run: Run): GroupControl | null {
    const { session, phase, founding } = run;
    const step = STEP_OF[phase];
    if (step !== null) {
      const founders = step === STEPS.tellStreams ? [...run.reports.keys()] : [];
      return { kind: 'recoverAsk', session, step, founders, streamsFrom: run.fatesFrom.get(to) ?? 0 };
    }
    if (founding === null) return null;
    if (phase === 'enter') return { kind: 'enterGeneration', generation: founding.record.id };
    return { kind: 'keepFounding', session, founding: GenerationFounding.encode(founding) };
  }

  #askNext(run: Run, to: NodeId): void {
    const message = this.#messageTo(to, run);
    if (message !== null) this.#context.sendControl(to, message);
  }

  /** This node's own report. */
  #ask(now: Micros, run: Run, step: number): RecoverReport {
    const { session } = run;
    const founders = [...run.reports.keys()];
    const streamsFrom = run.fatesFrom.get(this.#context.node) ?? 0;
    return this.#ports.founder.report(now, { session, step, founders, streamsFrom });
  }

  /** False: more of them are to be asked for. */
  #takeFates(run: Run, from: NodeId, { streams, streamsFrom, streamCount }: RecoverReport): boolean {
    const expected = run.fatesFrom.get(from) ?? 0;
    if (streamsFrom !== expected) return false;
    for (const fate of streams) if (run.fates.size < FATES_MAX) run.fates.set(fate.stream, fate);
    run.fatesFrom.set(from, expected + streams.length);
    return streams.length === 0 || expected + streams.length >= streamCount;
  }

  #quorum(run: Run) {
    const isLed = [...run.reports.values()].some((report) => report.isLed);
    return isLed || holdsQuorum(this.#logs(run, this.#mesh)) ? quorumStands(this.#mesh) : null;
  }

  #otherThanAgreed(run: Run) {
    const { forget } = run.order;
    if (forget === null) return null;
    const forgotten = this.#forgotten(run);
    const isSame = forgotten.length === forget.length && forgotten.every((node) => forget.includes(node));
    return isSame ? null : forgetChanged(this.#names(forgotten));
  }

  #forgotten(run: Run): NodeId[] {
    return [...run.members.keys()].filter((node) => !run.reports.has(node));
  }

  #logs(run: Run, group: string): Map<ReplicaId, HeldLog> {
    const logs = new Map<ReplicaId, HeldLog>();
    for (const [node, { replica, groups }] of run.reports) {
      const report = groups.find((one) => one.group === group);
      const log = report === undefined ? null : heldLogOf(report);
      if (log !== null) logs.set(replicaId(node, replica), log);
    }
    return logs;
  }

  /** Of what the founders have told; null when that is nothing. */
  #founding(now: Micros, run: Run): GenerationFounding | null {
    const { votersMax } = this.#context.config;
    const control = this.#logs(run, this.#mesh);
    const newest = longestOf(control);
    if (newest === null) return null;
    const names = new Set([...run.reports.values()].flatMap(({ groups }) => groups.map(({ group }) => group)));
    const groups = [...names].flatMap((group) => {
      const founding = foundGroup(this.#logs(run, group), votersMax);
      return founding === null ? [] : [groupFoundingOf(group, founding)];
    });
    const ancestors = this.#ports.lineage();
    const founders = [...run.reports].map(([node, { replica }]) => ({ node, replica }));
    const record = {
      id: makeUlid<GenerationId>(this.#context.wallMs(now), this.#context.entropy),
      parent: newestOf(ancestors.map(({ id, parent }) => ({ id, parent, fork: newest.last, memberCount: 1 }))),
      forkIndex: newest.last.index,
      forkTerm: newest.last.term,
      memberCount: founders.length,
    };
    return { record, groups, founders, parentVoters: encodeConfiguration(newest.configuration), ancestors };
  }

  #plan(run: Run, isDone: boolean): RecoveryPlan {
    return planOf({
      isDone,
      generation: this.#ports.lineage().length + (isDone ? 1 : 2),
      members: run.members,
      reports: run.reports,
      logs: this.#logs(run, this.#mesh),
      fates: [...run.fates.values()],
    });
  }

  #names(nodes: Iterable<NodeId>): string[] {
    const members = this.#ports.members();
    return [...nodes].map((node) => members.get(node)?.name ?? node);
  }

  #end(run: Run, result: Result<RecoveryPlan>): false {
    this.#run = null;
    this.#due.disarm();
    this.#ports.onAnswered(run.request, result);
    return false;
  }
}

const isStopped = ({ groups }: RecoverReport): boolean => groups.length > 0 && groups.every(({ isSealed }) => isSealed);

const STEP_OF: Readonly<Record<Run['phase'], number | null>> = {
  survey: STEPS.tell,
  streams: STEPS.tellStreams,
  stop: STEPS.stop,
  keep: null,
  enter: null,
};
const REPEAT_US = 250_000;
const SURVEY_US = 3_000_000;
const STOP_US = 10_000_000;
const ENTER_US = 20_000_000;
/** Streams that a dry run names. */
const FATES_MAX = 1_000;
