/**
 * A node that goes and comes back: on each trip of the plan it leaves, or somebody evicts it, and after a while its
 * operator joins it again. An evicted node may not have heard of it yet; then the operator asks again later.
 */
import type { Command, NodeStatus } from '../../core/node/commands.js';
import { Draws } from '../base/draw.js';
import type { TripPlan } from '../plan/plan.js';
import { urlOf } from '../world/machine.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { type Environment, JOIN_KEY, after, noteRefusal, retryDelayUs } from './environment.js';
import { PersistentCall } from './persistent-call.js';

export class Guest {
  readonly #environment: Environment;
  readonly #node: number;
  readonly #trips: readonly TripPlan[];
  readonly #draws: Draws;
  #done = 0;
  /** Counts what was asked of the node: an answer or a patience that is late finds out that it is. */
  #asked = 0;

  constructor(environment: Environment, node: number, trips: readonly TripPlan[]) {
    this.#environment = environment;
    this.#node = node;
    this.#trips = trips;
    this.#draws = new Draws(environment.plan.seed, 'application', RETURN_ENTITY + node);
    this.#begin();
  }

  /** It is back from all of its trips. */
  get isDone(): boolean {
    return this.#done === this.#trips.length;
  }

  #onReply({ result }: Extract<SessionEffect, { kind: 'reply' }>): void {
    if (!result.ok) {
      noteRefusal(this.#environment, `operator of n${this.#node}, who returns`, result.reject);
      return this.#lookLater(result.reject.retryAfterUs);
    }
    if (result.value.kind === 'status') this.#onStatus(result.value.status);
    else this.#lookLater();
  }

  #begin(): void {
    const trip = this.#trips[this.#done];
    if (trip === undefined) return;
    const { timeline, machines, departures } = this.#environment;
    const nodeId = machines[this.#node]?.identity.nodeId;
    if (nodeId === undefined) return;
    const entity = GO_ENTITY + this.#node * TRIPS_APART + this.#done;
    const isEviction = trip.via !== this.#node;
    const replica = FIRST_REPLICA + this.#done;
    const gone = (): void => after(this.#environment, trip.awayUs, () => this.#look());
    new PersistentCall(
      this.#environment,
      {
        node: trip.via,
        entity,
        command: () => (isEviction ? { kind: 'evict-node', node: nodeId } : { kind: 'leave-mesh' }),
        onAccepted: (reply) => {
          if (reply.kind === 'decided') departures.onDeparted(nodeId, replica, reply.revision);
          gone();
        },
        isAcceptance: (reject) => {
          const isGone = !isEviction && reject.code === 'EVICTED';
          if (isGone) gone();
          return isGone;
        },
      },
      Math.max(0, trip.atUs - timeline.nowUs),
    );
  }

  #look(): void {
    const process = this.#environment.machines[this.#node]?.process ?? null;
    if (process === null) return this.#lookLater();
    this.#ask(process, { kind: 'get-status' });
  }

  #onStatus({ node, mesh }: NodeStatus): void {
    const isBack = mesh?.standing === 'member' && node.replica === FIRST_REPLICA + this.#done + 1;
    if (isBack && mesh.members.some(({ id }) => id === node.id)) {
      this.#done++;
      return this.#begin();
    }
    const process = this.#environment.machines[this.#node]?.process ?? null;
    if (process === null || mesh === null || mesh.standing === 'member') return this.#lookLater();
    const { plan } = this.#environment;
    const urls = plan.nodes[this.#node]?.dials.map((other) => urlOf(plan, other)) ?? [];
    this.#ask(process, { kind: 'join-mesh', urls, joinKey: plan.joinPolicy === 'key-required' ? JOIN_KEY : '', meshId: null });
  }

  /** Only the answer to what was asked last counts: two that did would send the node on two ways. */
  #ask(process: NodeProcess, command: Command): void {
    const asked = ++this.#asked;
    const once = (act: () => void): void => {
      if (asked !== this.#asked) return;
      this.#asked++;
      act();
    };
    const session: Session = {
      onEffect: (effect) => {
        if (effect.kind === 'reply') once(() => this.#onReply(effect));
      },
      onDisconnected: () => once(() => this.#lookLater()),
    };
    process.open(session, command);
    after(this.#environment, PATIENCE_US, () => once(() => this.#lookLater()));
  }

  #lookLater(retryAfterUs = 0): void {
    const asked = ++this.#asked;
    after(this.#environment, retryDelayUs(this.#draws, retryAfterUs), () => {
      if (asked === this.#asked) this.#look();
    });
  }
}

const FIRST_REPLICA = 1;
const GO_ENTITY = 7_000_000;
const RETURN_ENTITY = 8_000_000;
const TRIPS_APART = 100;
const PATIENCE_US = 15_000_000;
