/**
 * A stream that comes and goes, with all who have to do with it: an operator opens it, changes its targets, closes and
 * deletes it; an application publishes one message after the other; one reads at each target.
 */
import { utf8Encode } from '../../core/base/bytes.js';
import type { NodeId, StreamId } from '../../core/base/ids.js';
import { NO_FAILURE_CHOICE } from '../../core/groups/failure-policy.js';
import type { TargetAction } from '../../core/groups/operations.js';
import type { Command, Reply } from '../../core/node/commands.js';
import type { TransientOracle } from '../oracles/transients.js';
import type { TargetStepPlan, TransientPlan } from '../plan/transients.js';
import { type Environment, TENANT, after } from './environment.js';
import { PersistentCall } from './persistent-call.js';
import { TransientReader } from './transient-reader.js';

export class TransientStream {
  readonly #environment: Environment;
  readonly #plan: TransientPlan;
  readonly #oracle: TransientOracle;
  readonly #entity: number;
  #calls = 0;
  #id: StreamId | null = null;
  #published = 0;
  #areStepsOver = false;
  /** A target is being attached that begins with what comes then. */
  #isAttachingNow = false;
  #isDone = false;

  constructor(environment: Environment, plan: TransientPlan, at: number, oracle: TransientOracle) {
    this.#environment = environment;
    this.#plan = plan;
    this.#oracle = oracle;
    this.#entity = TRANSIENT_ENTITY + at * CALLS_APART;
    const { targets, optional, retainMs } = plan;
    const retention = retainMs === 0 ? {} : { retention: { ms: retainMs, bytes: RETAIN_BYTES } };
    const policy = { kind: 'all' } as const;
    const command = (): Command => ({
      kind: 'open-stream',
      tenant: TENANT,
      name: plan.name,
      targets: targets.map((target) => this.#nodeOf(target)),
      optionalTargets: optional.map((target) => this.#nodeOf(target)),
      qos: 'bulk',
      priority: 0,
      policy,
      failure: NO_FAILURE_CHOICE,
      ...retention,
    });
    this.#call(command, (reply) => reply.kind === 'stream' && this.#begin(reply.stream), NEVER, plan.startUs);
  }

  /** Deleted, as its operator was told. */
  get isDone(): boolean {
    return this.#isDone;
  }

  get id(): StreamId | null {
    return this.#id;
  }

  #begin(id: StreamId): void {
    this.#id = id;
    for (const [n, target] of this.#plan.targets.entries()) {
      new TransientReader(this.#environment, { stream: id, target, entity: this.#entity + CALLS_APART / 2 + n, oracle: this.#oracle });
    }
    this.#publish();
    this.#step(0);
  }

  #publish(): void {
    const { source, messages, payloadBytes, everyUs } = this.#plan;
    const producerSeq = this.#published + 1;
    if (this.#isAttachingNow) this.#oracle.onMayBeginAfter(producerSeq);
    const payload = new Uint8Array(payloadBytes).fill(producerSeq & 255);
    const id = this.#id as StreamId;
    const message = { producerSeq, chunkSeq: 0, chunkCount: 1, payload, headers: utf8Encode(`${producerSeq}`) };
    const next = (): void => {
      this.#published++;
      if (this.#published < messages) after(this.#environment, everyUs, () => this.#publish());
      else this.#end();
    };
    this.#call(() => ({ kind: 'publish-one', tenant: TENANT, stream: id, producer: 'main', level: 'accepted', ...message }), next, NEVER, 0, source);
  }

  #step(at: number): void {
    const step = this.#plan.steps[at];
    if (step === undefined) {
      this.#areStepsOver = true;
      return this.#end();
    }
    after(this.#environment, step.afterUs, () => this.#change(step.target, actionOf(step), () => this.#step(at + 1)));
  }

  #change(target: number, action: TargetAction, then: () => void): void {
    this.#oracle.onChangeAsked(target, action.kind === 'attach');
    this.#isAttachingNow = action.kind === 'attach' && action.start.kind === 'now';
    if (this.#isAttachingNow) this.#oracle.onMayBeginAfter(this.#published + 1);
    const stream = this.#id as StreamId;
    const over = (): void => {
      this.#isAttachingNow = false;
      then();
    };
    this.#call(() => ({ kind: 'change-target', tenant: TENANT, stream, target: this.#nodeOf(target), action }), () => {
      if (action.kind === 'attach' && !action.isOptional) this.#oracle.onRequired(target);
      over();
    }, over);
  }

  /** All targets are there again and wait for what is kept; then the stream is closed and deleted. */
  #end(): void {
    if (!this.#areStepsOver || this.#published < this.#plan.messages) return;
    this.#attach(0);
  }

  #attach(at: number): void {
    const target = this.#plan.targets[at];
    if (target === undefined) return this.#close();
    const action = { kind: 'attach', start: { kind: 'earliest' }, isOptional: false } as const;
    this.#change(target, action, () => this.#change(target, { kind: 'make-required' }, () => this.#attach(at + 1)));
  }

  #close(): void {
    const id = this.#id as StreamId;
    this.#call(() => ({ kind: 'close-stream', tenant: TENANT, stream: id }), () => this.#delete(), () => this.#delete());
  }

  #delete(): void {
    const id = this.#id as StreamId;
    const { isForced } = this.#plan;
    this.#call(() => ({ kind: 'delete-stream', tenant: TENANT, stream: id, isForced }), () => this.#onDeleted(), () => this.#onDeleted());
  }

  /** Nothing is taken any more. */
  #onDeleted(): void {
    this.#oracle.onDeleted();
    const message = { producerSeq: this.#published + 1, chunkSeq: 0, chunkCount: 1, payload: new Uint8Array(1), headers: new Uint8Array(0) };
    const over = (): void => void (this.#isDone = true);
    const command: Command = { kind: 'publish-one', tenant: TENANT, stream: this.#id as StreamId, producer: 'main', level: 'accepted', ...message };
    const late = (): void => {
      this.#oracle.onTakenLate();
      over();
    };
    this.#call(() => command, late, over);
  }

  /** `otherwise`: it was refused for good, or had been accepted before. */
  #call(command: () => Command, onAccepted: (reply: Reply) => void, otherwise: (() => void) | null, delayUs = 0, node = this.#plan.source): void {
    new PersistentCall(
      this.#environment,
      {
        node,
        entity: this.#entity + this.#calls++,
        command,
        onAccepted,
        isAcceptance: ({ code }) => {
          if (otherwise === null || !FINAL.has(code)) return false;
          otherwise();
          return true;
        },
      },
      delayUs,
    );
  }

  #nodeOf(target: number): NodeId {
    return (this.#environment.machines[target] as { identity: { nodeId: NodeId } }).identity.nodeId;
  }
}

function actionOf({ action }: TargetStepPlan): TargetAction {
  switch (action) {
    case 'attach-now':
      return { kind: 'attach', start: { kind: 'now' }, isOptional: false };
    case 'attach-earliest':
      return { kind: 'attach', start: { kind: 'earliest' }, isOptional: false };
    default:
      return { kind: action };
  }
}

/** Asking again would give the same. */
const FINAL: ReadonlySet<string> = new Set(['TARGET_UNKNOWN', 'POLICY_BELOW_QUORUM', 'INVALID_ARGUMENT', 'OFFSET_OUT_OF_RANGE', 'OFFSET_AHEAD', 'STREAM_DELETED', 'STREAM_CLOSED']);
const NEVER = null;
const RETAIN_BYTES = 64 * 1024;
const TRANSIENT_ENTITY = 20_000_000;
const CALLS_APART = 10_000;
