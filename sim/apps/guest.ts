/**
 * A node that goes and comes back: on each trip of the plan it leaves, or somebody evicts it, and after a while its
 * operator joins it again. An evicted node may not have heard of it yet; then the operator asks again later.
 */
import type { NodeStatus } from '../../core/node/commands.js';
import { Draws } from '../base/draw.js';
import type { TripPlan } from '../plan/plan.js';
import { urlOf } from '../world/machine.js';
import type { Session, SessionEffect } from '../world/process.js';
import { type Environment, JOIN_KEY, after, noteRefusal, retryDelayUs } from './environment.js';
import { PersistentCall } from './persistent-call.js';

export class Guest implements Session {
  readonly #environment: Environment;
  readonly #node: number;
  readonly #trips: readonly TripPlan[];
  readonly #draws: Draws;
  #done = 0;
  /** Counts what was asked of the node, so that a late patience finds out that it is late. */
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

  onEffect(effect: SessionEffect): void {
    if (effect.kind !== 'reply') return;
    this.#asked++;
    const { result } = effect;
    if (!result.ok) {
      noteRefusal(this.#environment, `operator of n${this.#node}, who returns`, result.reject);
      return this.#lookLater(result.reject.retryAfterUs);
    }
    if (result.value.kind === 'status') this.#onStatus(result.value.status);
    else this.#lookLater();
  }

  onDisconnected(): void {
    this.#asked++;
    this.#lookLater();
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
    process.open(this, { kind: 'get-status' });
    this.#bePatient();
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
    process.open(this, { kind: 'join-mesh', urls, joinKey: plan.joinPolicy === 'key-required' ? JOIN_KEY : '', meshId: null });
    this.#bePatient();
  }

  #bePatient(): void {
    const asked = ++this.#asked;
    after(this.#environment, PATIENCE_US, () => {
      if (asked === this.#asked) this.onDisconnected();
    });
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
