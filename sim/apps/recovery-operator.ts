/**
 * The operator of a mesh that loses members for good, all at once: waits a while, founds a generation without them, or,
 * where a majority is left after all, evicts them one by one. Some of the lost come back later as they went: of the
 * generation before, with which nobody speaks any more.
 */
import type { NodeId } from '../../core/base/ids.js';
import type { Command, NodeStatus } from '../../core/node/commands.js';
import { Draws } from '../base/draw.js';
import type { LossPlan } from '../plan/plan.js';
import type { Session, SessionEffect } from '../world/process.js';
import { type Environment, after, noteRefusal, retryDelayUs } from './environment.js';

export class RecoveryOperator implements Session {
  readonly #environment: Environment;
  readonly #loss: LossPlan;
  readonly #draws: Draws;
  readonly #lost: ReadonlySet<NodeId>;
  #isDone = false;
  #isReturnDue = false;
  #mustEvict = false;
  /** Counts what was asked of the node, so that a late patience finds out that it is late. */
  #asked = 0;

  constructor(environment: Environment, loss: LossPlan) {
    this.#environment = environment;
    this.#loss = loss;
    this.#draws = new Draws(environment.plan.seed, 'application', RECOVER_ENTITY);
    this.#lost = new Set(loss.nodes.flatMap((node) => environment.machines[node]?.identity.nodeId ?? []));
    after(environment, loss.atUs, () => this.#lose());
    after(environment, loss.recoverAtUs, () => this.#look());
    after(environment, loss.returnAtUs, () => {
      this.#isReturnDue = true;
      this.#return();
    });
  }

  /** The mesh has let go of all of them. */
  get isDone(): boolean {
    return this.#isDone;
  }

  onEffect(effect: SessionEffect): void {
    if (effect.kind !== 'reply') return;
    this.#asked++;
    const { result } = effect;
    if (!result.ok) {
      noteRefusal(this.#environment, 'operator who recovers', result.reject);
      this.#mustEvict = result.reject.code === 'QUORUM_STANDS';
      return this.#lookLater(result.reject.retryAfterUs);
    }
    if (result.value.kind === 'recovery') this.#environment.mark('recovered');
    if (result.value.kind === 'status') this.#onStatus(result.value.status);
    else this.#lookLater();
  }

  onDisconnected(): void {
    this.#asked++;
    this.#lookLater();
  }

  #lose(): void {
    for (const node of this.#loss.nodes) this.#environment.machines[node]?.lose();
  }

  /** Not before they are forgotten: else they would be none of those that are lost for good. */
  #return(): void {
    if (!this.#isDone || !this.#isReturnDue) return;
    for (const node of this.#loss.returning) {
      this.#environment.machines[node]?.find();
      this.#environment.mark('lost-returned');
    }
  }

  #onStatus({ mesh }: NodeStatus): void {
    const forget = (mesh?.members ?? []).flatMap(({ id }) => (this.#lost.has(id) ? [id] : []));
    if (mesh === null || mesh.members.length === 0) return this.#lookLater();
    const [first] = forget;
    if (first === undefined) {
      this.#isDone = true;
      return this.#return();
    }
    this.#open(this.#mustEvict ? { kind: 'evict-node', node: first } : { kind: 'recover-mesh', isDryRun: false, forget });
  }

  #look(): void {
    this.#open({ kind: 'get-status' });
  }

  #open(command: Command): void {
    const process = this.#environment.machines[this.#loss.via]?.process ?? null;
    if (process === null) return this.#lookLater();
    process.open(this, command);
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

const RECOVER_ENTITY = 9_500_000;
const PATIENCE_US = 60_000_000;
