/**
 * An operator who pauses, throttles and resumes a target of a stream, at the target's own node. Once a pause is
 * accepted there, nothing may be delivered until a resume is asked for, crashes or not.
 */
import type { RegulatorPlan } from '../plan/plan.js';
import { type Environment, TENANT } from './environment.js';
import { PersistentCall } from './persistent-call.js';

export class Regulator {
  readonly #environment: Environment;
  readonly #plan: RegulatorPlan;
  readonly #calls: PersistentCall[] = [];
  #step = 0;

  constructor(environment: Environment, regulator: number) {
    this.#environment = environment;
    this.#plan = environment.plan.regulators[regulator] as RegulatorPlan;
    this.#next(REGULATOR_ENTITY + regulator * STEPS_APART, this.#plan.startUs);
  }

  /** The last step lifts all limits. */
  get isDone(): boolean {
    return this.#calls.at(-1)?.isDone === true && this.#step > this.#plan.steps.length;
  }

  #next(entity: number, delayUs: number): void {
    const { streamIds, machines, paces } = this.#environment;
    const { stream, target } = this.#plan;
    const step = this.#plan.steps[this.#step];
    this.#step++;
    const { isPaused = false, messagesPerSecond = 0, forUs = 0 } = step ?? {};
    this.#calls.push(
      new PersistentCall(
        this.#environment,
        {
          node: target,
          entity: entity + this.#step,
          command: () => {
            const id = streamIds.id(stream);
            const node = machines[target]?.identity.nodeId;
            if (id === null || node === undefined) return null;
            if (!isPaused) paces.onResumeAsked(stream, target);
            const what = { isPaused, messagesPerSecond, bytesPerSecond: 0 };
            return { kind: 'pace-target', tenant: TENANT, target: node, stream: id, priority: null, ...what };
          },
          onAccepted: () => {
            if (isPaused) paces.onPaused(stream, target);
            if (step !== undefined) this.#next(entity, forUs);
          },
          isAcceptance: () => false,
        },
        delayUs,
      ),
    );
  }
}

const REGULATOR_ENTITY = 7_000_000;
const STEPS_APART = 100;
