/**
 * The second phase: nothing strikes any more, so everything that was ever offered must arrive, every member must see
 * the mesh as it is, and a fresh message on every stream must get through, all within a deadline. It finds the bugs that
 * the first phase cannot see: whatever is stuck for ever.
 */
import type { NodeStatus, StreamStatus } from '../../core/node/commands.js';
import type { Environment } from '../apps/environment.js';
import { divergence } from '../oracles/convergence.js';
import type { Session, SessionEffect } from '../world/process.js';

export interface LivenessOptions {
  readonly environment: Environment;
  /** Whether all the operators' calls are done and everything planned has been handed to the publishers. */
  readonly areCallsDone: () => boolean;
  readonly publishFresh: () => void;
  /** What is left of streams that were deleted. */
  readonly remains: () => string | null;
  /** How many messages replicas have sent each other so far, appends and snapshots not included. */
  readonly raftMessages: () => number;
}

export class Liveness {
  readonly #options: LivenessOptions;
  readonly #statuses: (NodeStatus | null)[];
  #deadlineUs = 0;
  #isFresh = false;
  #isOver = false;
  /** Taken each time that everything looks drained, and believed only if it was asked for after that. */
  #isAsked = false;

  constructor(options: LivenessOptions) {
    this.#options = options;
    this.#statuses = options.environment.machines.map(() => null);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  begin(): void {
    const { timeline, plan } = this.#options.environment;
    this.#deadlineUs = timeline.nowUs + plan.livenessUs;
    this.#look();
  }

  #look(): void {
    const { timeline, violations, plan } = this.#options.environment;
    const waitsFor = this.#waitsFor();
    if (waitsFor === null && this.#isFresh) {
      if (plan.mustRest === true) this.#awaitRest();
      else this.#isOver = true;
      return;
    }
    // Streams that do not drain get their fresh message all the same: what is lost shows when something follows it.
    const isHalfOver = timeline.nowUs > this.#deadlineUs - plan.livenessUs / 2;
    if (!this.#isFresh && (waitsFor === null || isHalfOver)) {
      this.#isFresh = true;
      this.#isAsked = false;
      this.#options.publishFresh();
    }
    if (waitsFor !== null && timeline.nowUs >= this.#deadlineUs) {
      violations.report(waitsFor.oracle, waitsFor.what);
      this.#isOver = true;
      return;
    }
    timeline.schedule(timeline.nowUs + LOOK_EVERY_US, { label: 'harness', happen: () => this.#look() });
  }

  /** What is still missing; null when nothing is. */
  #waitsFor(): { readonly oracle: 'not-drained' | 'members-diverged'; readonly what: string } | null {
    const undrained = this.#undrained();
    if (undrained !== null) {
      this.#isAsked = false;
      return { oracle: 'not-drained', what: undrained };
    }
    const { machines, plan } = this.#options.environment;
    const staying = machines.filter(({ node }) => plan.loss?.nodes.includes(node) !== true);
    const diverged = this.#isAsked
      ? divergence(staying.map(({ identity }) => identity.nodeId), staying.map(({ node }) => this.#statuses[node] ?? null))
      : 'the nodes have just been asked';
    const incomplete = this.#isAsked && diverged === null ? this.#incompleteStatus() : null;
    this.#ask();
    if (diverged !== null) return { oracle: 'members-diverged', what: diverged };
    return incomplete === null ? null : { oracle: 'not-drained', what: incomplete };
  }

  /** Nothing is left to do: settlements, hand-overs and elections come to their ends, and then groups are listened to. */
  #awaitRest(): void {
    const { raftMessages, environment } = this.#options;
    const { timeline, violations, plan } = environment;
    const most = votersMessagesMax(plan.nodes.length);
    const after = (delayUs: number, happen: () => void): void =>
      timeline.schedule(timeline.nowUs + delayUs, { label: 'harness', happen });
    after(COME_TO_REST_US, () => {
      const before = raftMessages();
      after(LISTEN_US, () => {
        const heard = raftMessages() - before;
        if (heard > most) violations.report('idle-not-quiet', `${heard} messages in ${LISTEN_US} us, at most ${most}`);
        this.#isOver = true;
      });
    });
  }

  #undrained(): string | null {
    const { plan, ledgers, log, streamIds, updates } = this.#options.environment;
    if (!this.#options.areCallsDone()) {
      return `${streamIds.count} of ${plan.streams.length} streams are open, or a node has not joined`;
    }
    const unapplied = plan.updates.length === 0 ? null : updates.missing(['mesh', 'database']);
    if (unapplied !== null) return unapplied;
    for (const [stream, { targets }] of plan.streams.entries()) {
      if (ledgers.isComplete(stream)) continue;
      const held = targets.map((target) => `${target} has ${ledgers.lastSeq(stream, target)}`);
      return `stream ${stream}: ${log.offeredTo(stream)} offered; target ${held.join(', ')}`;
    }
    const remains = this.#options.remains();
    if (remains !== null) return remains;
    const { outstanding } = this.#options.environment.deadLetters;
    return outstanding === 0 ? null : `${outstanding} dead letters were not replayed`;
  }

  /** Whether some source does not call everything completed. */
  #incompleteStatus(): string | null {
    const { plan, log, streamIds } = this.#options.environment;
    for (const [stream, { source }] of plan.streams.entries()) {
      const id = streamIds.id(stream);
      const status: StreamStatus | undefined = this.#statuses[source]?.streams.find((each) => each.id === id);
      if (status === undefined) return `the source of stream ${stream} does not show it`;
      if (status.completed < log.offeredTo(stream)) {
        return `stream ${stream}: the source calls ${status.completed} of ${log.offeredTo(stream)} completed`;
      }
    }
    return null;
  }

  #ask(): void {
    this.#isAsked = true;
    for (const { node, process } of this.#options.environment.machines) {
      this.#statuses[node] = null;
      const session: Session = {
        onEffect: (effect: SessionEffect) => {
          if (effect.kind !== 'reply' || !effect.result.ok || effect.result.value.kind !== 'status') return;
          this.#statuses[node] = effect.result.value.status;
        },
        onDisconnected: () => undefined,
      };
      process?.open(session, { kind: 'get-status' });
    }
  }
}

const COME_TO_REST_US = 12_000_000;
const LISTEN_US = 5_000_000;
/** The voters of the two mesh-wide groups, five at most: five beats a second to each but one, the answers, and a few for chance. */
const votersMessagesMax = (nodes: number): number => {
  const voters = nodes % 2 === 1 ? nodes : nodes - 1;
  return 2 * 2 * (Math.min(5, voters) - 1) * (LISTEN_US / 200_000) + 30;
};
const LOOK_EVERY_US = 250_000;
