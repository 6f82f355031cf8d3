/**
 * Somebody else who opens a producer, and thereby fences its owner. When the owner has opened it again, the rival goes
 * on as if it had not noticed: nothing that it publishes may be taken.
 */
import type { Command, Reply } from '../../core/node/commands.js';
import type { RequestId } from '../../core/node/inputs.js';
import { Draws } from '../base/draw.js';
import { FencingOracle } from '../oracles/fencing.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { type Environment, TENANT, after, noteRefusal, retryDelayUs } from './environment.js';

export class Rival implements Session {
  readonly #environment: Environment;
  readonly #publisher: number;
  readonly #stream: number;
  readonly #producer: string;
  readonly #draws: Draws;
  readonly #oracle: FencingOracle;
  #call: { readonly process: NodeProcess; readonly request: RequestId } | null = null;
  /** As its opening gave it; 0 before. */
  #epoch = 0;
  #lastProducerSeq = 0;
  /** The newest epoch that it knew when it published last. */
  #newestThen = 0;
  #offersLeft = OFFERS;

  constructor(environment: Environment, rival: number) {
    const { publisher, atUs } = environment.plan.rivals[rival] as { publisher: number; atUs: number };
    const { stream, producer } = environment.log.log(publisher);
    this.#environment = environment;
    this.#publisher = publisher;
    this.#stream = stream;
    this.#producer = producer;
    this.#draws = new Draws(environment.plan.seed, 'application', RIVAL_ENTITY + rival);
    this.#oracle = new FencingOracle(`producer ${producer} of stream ${stream}`, environment.violations);
    environment.timeline.schedule(atUs, { label: 'application', happen: () => this.#act() });
  }

  onEffect(effect: SessionEffect): void {
    if (effect.kind !== 'reply' || effect.request !== this.#call?.request) return;
    this.#call = null;
    if (effect.result.ok) this.#onReply(effect.result.value);
    else {
      const { code } = effect.result.reject;
      noteRefusal(this.#environment, `rival of publisher ${this.#publisher}`, effect.result.reject);
      if (code === 'FENCED' && this.#newestThen > this.#epoch) {
        this.#environment.mark('stream.rival-fenced');
        this.#offersLeft--;
      }
      this.#newestThen = 0;
      this.#later();
    }
  }

  onDisconnected(): void {
    this.#call = null;
    this.#newestThen = 0;
    this.#later();
  }

  #onReply(reply: Reply): void {
    if (reply.kind === 'published') this.#oracle.onTaken(this.#epoch, this.#newestThen);
    if (reply.kind !== 'producer') return;
    if (this.#epoch === 0) {
      this.#oracle.onOpened(reply.epoch);
      this.#epoch = reply.epoch;
    } else this.#oracle.onTold(reply.epoch);
    this.#lastProducerSeq = reply.lastProducerSeq;
    if (this.#oracle.newest > this.#epoch && this.#epoch > 0) this.#offer();
    else this.#later();
  }

  #later(): void {
    const { environment, draws } = { environment: this.#environment, draws: this.#draws };
    if (this.#offersLeft > 0) after(environment, retryDelayUs(draws), () => this.#act());
  }

  /** Opens the producer; later asks whether its owner has done so again. */
  #act(): void {
    this.#ask(this.#epoch === 0 ? { kind: 'open-producer' } : { kind: 'get-producer' });
  }

  #offer(): void {
    this.#newestThen = this.#oracle.newest;
    const message = { producerSeq: this.#lastProducerSeq + 1, chunkSeq: 0, chunkCount: 1, payload: FORGED, headers: NONE };
    this.#ask({ kind: 'publish-one', epoch: this.#epoch, level: 'accepted', ...message });
  }

  #ask(what: Partial<Command> & { readonly kind: Command['kind'] }): void {
    const { machines, streamIds, plan } = this.#environment;
    const process = machines[plan.streams[this.#stream]?.source ?? 0]?.process ?? null;
    const stream = streamIds.id(this.#stream);
    if (process === null || stream === null) return this.#later();
    const command = { ...what, tenant: TENANT, stream, producer: this.#producer } as Command;
    this.#call = { process, request: process.open(this, command) };
  }
}

const RIVAL_ENTITY = 6_000_000;
const OFFERS = 3;
const NONE = new Uint8Array(0);
/** In the log of no publisher. */
const FORGED = new Uint8Array([0xde, 0xad]);
