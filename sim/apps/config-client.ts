/**
 * A client of the mesh's configuration: one call after the other, each at a node of the plan first. A change that gets no
 * answer is sent again, as the very same one, at another node; after a few times nobody knows what became of it, and the
 * client goes on. What it sees goes to the oracle.
 */
import { utf8Decode, utf8Encode } from '../../core/base/bytes.js';
import { type MessageId, idFromBytes } from '../../core/base/ids.js';
import type { Reject } from '../../core/base/reject.js';
import type { Command, Reply } from '../../core/node/commands.js';
import type { RequestId } from '../../core/node/inputs.js';
import { Draws } from '../base/draw.js';
import type { ConfigChangeCall, OpenCall } from '../oracles/config-register.js';
import type { CriticalSpell } from '../oracles/critical.js';
import type { ConfigCallPlan } from '../plan/plan.js';
import type { NodeProcess, Session, SessionEffect } from '../world/process.js';
import { type Environment, after, noteRefusal, retryDelayUs } from './environment.js';

interface Call {
  readonly plan: ConfigCallPlan;
  /** Null for reads. */
  readonly change: ConfigChangeCall | null;
  readonly updateId: MessageId;
  readonly open: OpenCall;
  attempts: number;
}

interface Attempt {
  readonly process: NodeProcess;
  readonly request: RequestId;
  readonly node: number;
  readonly spell: CriticalSpell;
}

export class ConfigClient implements Session {
  readonly #environment: Environment;
  readonly #client: number;
  readonly #plans: readonly ConfigCallPlan[];
  readonly #draws: Draws;
  /** The revision of each key, as this client has seen it last. */
  readonly #seen = new Map<string, number>();
  #done = 0;
  #call: Call | null = null;
  #attempt: Attempt | null = null;

  constructor(environment: Environment, client: number, plans: readonly ConfigCallPlan[]) {
    this.#environment = environment;
    this.#client = client;
    this.#plans = plans;
    this.#draws = new Draws(environment.plan.seed, 'application', CONFIG_ENTITY + client);
    this.#next();
  }

  get isDone(): boolean {
    return this.#done === this.#plans.length;
  }

  onEffect(effect: SessionEffect): void {
    const attempt = this.#attempt;
    if (effect.kind !== 'reply' || attempt === null || effect.request !== attempt.request) return;
    this.#attempt = null;
    const { result } = effect;
    if (result.ok) this.#onReply(attempt, result.value);
    else this.#onRefused(result.reject);
  }

  onDisconnected(): void {
    if (this.#attempt === null) return;
    this.#attempt = null;
    this.#retry();
  }

  #next(): void {
    const plan = this.#plans[this.#done];
    if (plan === undefined) return;
    after(this.#environment, Math.max(0, plan.atUs - this.#environment.timeline.nowUs), () => {
      const updateId = idFromBytes<MessageId>(Uint8Array.from({ length: 16 }, () => this.#draws.below(256)));
      this.#call = { plan, change: this.#changeOf(plan), updateId, open: this.#environment.configuration.begin(), attempts: 0 };
      this.#send();
    });
  }

  #changeOf({ key, kind }: ConfigCallPlan): ConfigChangeCall | null {
    const value = `${this.#client}-${this.#done}`;
    switch (kind) {
      case 'get':
      case 'local-get':
        return null;
      case 'put':
        return { key, value, expected: null };
      case 'create':
        return { key, value, expected: 0 };
      case 'replace':
        return { key, value, expected: this.#seen.get(key) ?? 0 };
      case 'delete':
        return { key, value: null, expected: null };
    }
  }

  #send(): void {
    const call = this.#call;
    if (call === null) return;
    const { machines, critical } = this.#environment;
    const node = call.attempts === 0 ? call.plan.node : this.#draws.below(machines.length);
    call.attempts++;
    const process = machines[node]?.process ?? null;
    if (process === null) return this.#retry();
    const attempt = { process, request: process.open(this, commandOf(call)), node, spell: critical.spellOf(node) };
    this.#attempt = attempt;
    after(this.#environment, DEADLINE_US, () => {
      if (this.#attempt !== attempt) return;
      this.#attempt = null;
      process.cancel(attempt.request);
      this.#retry();
    });
  }

  #onReply({ node, spell }: Attempt, reply: Reply): void {
    const { configuration, critical, mark } = this.#environment;
    const { plan, change, open } = this.#call as Call;
    if (change !== null && reply.kind === 'update-sent') {
      critical.onGranted(node, spell, `a change of ${change.key}`);
      configuration.onChanged(open, change, reply.seq);
      this.#seen.set(change.key, change.value === null ? 0 : reply.seq);
      if (change.expected !== null) mark('config.replaced');
      if (reply.isRepeat) mark('config.repeat');
    } else if (reply.kind === 'configuration') {
      const [row] = reply.rows;
      const read = { place: reply.seq, revision: row?.revision ?? 0, value: row === undefined ? null : utf8Decode(row.value) };
      if (plan.kind === 'get') configuration.onRead(open, plan.key, read);
      else configuration.onLocalRead(plan.key, read);
      this.#seen.set(plan.key, read.revision);
    }
    this.#finish();
  }

  #onRefused(why: Reject): void {
    const { configuration, mark } = this.#environment;
    noteRefusal(this.#environment, `client ${this.#client} of the configuration`, why);
    const { change, open } = this.#call as Call;
    if (change === null || why.code !== 'REVISION_MISMATCH') return this.#retry(why.retryAfterUs);
    mark('config.mismatch');
    const present = /\d+/.exec(why.detail)?.[0];
    configuration.onRefused(open, change, present === undefined ? null : Number(present));
    this.#seen.set(change.key, Number(present ?? 0));
    this.#finish();
  }

  /** Reads are given up sooner or later, too: the next one asks the same. */
  #retry(retryAfterUs = 0): void {
    const call = this.#call as Call;
    if (call.attempts < ATTEMPTS_MAX) {
      after(this.#environment, retryDelayUs(this.#draws, retryAfterUs), () => this.#send());
      return;
    }
    if (call.change !== null) this.#environment.configuration.onUnknown(call.change);
    this.#finish();
  }

  #finish(): void {
    this.#call = null;
    this.#done++;
    this.#next();
  }
}

function commandOf({ plan, change, updateId }: Call): Command {
  const key = utf8Encode(plan.key);
  if (change === null) return { kind: 'get-configuration', selector: { key, isPrefix: false }, isLocal: plan.kind === 'local-get' };
  const { value, expected } = change;
  const row = { table: 'config_kv', key, value: utf8Encode(value ?? ''), isRemoval: value === null, ifRevision: expected === null ? 0 : expected + 1 };
  return { kind: 'send-update', feed: 'mesh', sender: '', senderSeq: 0, updateId, topic: '', changes: [row], payload: EMPTY, level: 'committed' };
}

const EMPTY = new Uint8Array(0);
const ATTEMPTS_MAX = 6;
const DEADLINE_US = 3_000_000;
const CONFIG_ENTITY = 8_000_000;
