/**
 * The node: the one place that knows every machine. Inputs come in, facts go from machine to machine through one
 * bounded queue, effects leave in order. Nothing else goes in or out.
 *
 * A host gives all inputs that are ready and then one `turn`, at which everything that batches is sent and written.
 * Until the boot counter of this start is durable, inputs wait: nothing leaves under an identity that a crash could
 * give out again.
 */
import { AssertionFailed, assert } from '../base/assert.js';
import type { Deadline } from '../base/deadlines.js';
import type { Notice } from '../base/notice.js';
import { reject } from '../base/reject.js';
import type { ReplicaId } from '../base/replica.js';
import { refuse } from '../base/result.js';
import { type Micros, type Ticket, NEVER, micros } from '../base/units.js';
import { MSG_TYPES } from '../wire/header.js';
import { TRAFFIC_CLASSES } from '../wire/frame.js';
import { CommandDesk } from './command-desk.js';
import { checkNodeConfig } from './config.js';
import type { Effect, Outbox } from './effects.js';
import { FactRouter } from './fact-router.js';
import type { Input } from './inputs.js';
import { Lifecycle } from './lifecycle.js';
import { type Machines, buildMachines } from './machines.js';
import type { MeshNodeOptions } from './options.js';

export class MeshNode {
  readonly #options: MeshNodeOptions;
  readonly #machines: Machines;
  readonly #lifecycle: Lifecycle;
  readonly #router: FactRouter;
  readonly #desk: CommandDesk;
  readonly #counters = new Map<string, number>();
  readonly #again: Deadline;
  readonly #fullRetry: Deadline;
  /** Inputs that came before the boot counter was durable. */
  #early: Input[] | null = [];
  #outbox: Outbox = NO_OUTBOX;
  #now: Micros = micros(0);
  #wallOffsetUs: number;
  #isHalted = false;

  /** JournalUnreadable when the recovered records cannot be replayed. */
  constructor(options: MeshNodeOptions) {
    checkNodeConfig(options.config);
    this.#options = options;
    this.#wallOffsetUs = options.wallOffsetUs;
    const push = (effect: Effect): void => this.#push(effect);
    const notify = (notice: Notice): void => this.#notify(notice);
    const machines = buildMachines(options, {
      push,
      notify,
      now: () => this.#now,
      wallOffsetUs: () => this.#wallOffsetUs,
      member: () => this.#lifecycle.member,
      criticalRefusal: () => this.#lifecycle.criticalRefusal,
      onDelivered: (now, from, header, payload) => this.#router.onDelivered(now, from, header, payload),
    });
    this.#machines = machines;
    const { config, identity } = options;
    this.#lifecycle = new Lifecycle({
      ...options,
      machines,
      livenessOf: (node) => this.#router.livenessOf(node),
      failedSince: (node) => this.#router.failedSince(node),
      forget: (node) => this.#router.forget(node),
      reply: (request, result) => push({ kind: 'reply', request, result }),
      status: () => this.#desk.status(),
    });
    const lifecycle = this.#lifecycle;
    const halt = (code: string, detail: string): void => this.#halt(code, detail);
    this.#router = new FactRouter({ self: identity.nodeId, machines, lifecycle, push, notify, halt });
    this.#desk = new CommandDesk({ config, identity, machines, lifecycle, counters: this.#counters, push });
    this.#again = machines.deadlines.allocate(this, 'again');
    this.#fullRetry = machines.deadlines.allocate(this, 'journal-full-retry');
  }

  /** One fact from the host. `now` never decreases. Effects are pushed to `outbox` in the order of their carrying out. */
  step(now: Micros, input: Input, outbox: Outbox): void {
    assert(now >= this.#now, 'time does not go back');
    this.#now = now;
    this.#outbox = outbox;
    if (this.#isHalted) return;
    if (this.#early !== null && mustWaitForBoot(input)) {
      if (this.#early.length < EARLY_INPUTS_MAX) this.#early.push(input);
      else this.#dropEarly(input);
      return;
    }
    this.#onInput(now, input);
    this.#drainFacts(now);
  }

  /** When the host must give a `wake` and a `turn` at the latest; NEVER when only inputs can bring anything about. */
  nextDeadline(): Micros {
    return this.#machines.deadlines.next();
  }

  /** The identity under which this start speaks. */
  get replica(): ReplicaId {
    return this.#machines.context.replicaId;
  }

  checkInvariants(): void {
    const { links, flows, swim, topology, journal, facts } = this.#machines;
    links.checkInvariants();
    flows.checkInvariants();
    swim.checkInvariants();
    topology.checkInvariants();
    journal.checkInvariants();
    this.#lifecycle.member?.checkInvariants();
    assert(facts.length === 0, 'every fact is acted upon within the step that brought it');
  }

  onDeadline(_now: Micros, deadline: Deadline): void {
    // The other one, `again`, asks for nothing but the turn that it brings.
    if (deadline === this.#fullRetry) this.#machines.durability.retry((effect) => this.#push(effect));
  }

  #onInput(now: Micros, input: Input): void {
    const { links, fetches } = this.#machines;
    switch (input.kind) {
      case 'wake':
        return;
      case 'turn':
        return this.#onTurn(now);
      case 'wall-offset':
        this.#wallOffsetUs = input.offsetUs;
        return;
      case 'lane-opened':
        return links.onLaneOpened(now, input.lane, input.dial, input.remote);
      case 'lane-closed':
        return links.onLaneClosed(now, input.lane, input.reason);
      case 'lane-drained':
        return links.onLaneDrained(now, input.lane, input.bufferedBytes);
      case 'received':
        return links.onReceived(now, input.lane, input.bytes);
      case 'dial-failed':
        return links.onDialFailed(now, input.ticket, input.code);
      case 'persisted':
        return this.#onPersisted(now, input.ticket);
      case 'persist-failed':
        return this.#onPersistFailed(now, input.ticket, input.code);
      case 'fetched':
        return fetches.onFetched(now, input.ticket, input.chunks);
      case 'command':
        return this.#desk.onCommand(now, input.request, input.command);
      case 'cancel':
      case 'publish':
      case 'processed':
      case 'failed':
      case 'updates-processed':
      case 'window':
        return this.#desk.onSessionInput(now, input);
    }
  }

  #onPersisted(now: Micros, of: Ticket): void {
    this.#machines.durability.onPersisted(now, of);
    if (this.#early === null) return;
    const early = this.#early;
    this.#early = null;
    this.#lifecycle.begin(now);
    this.#machines.journal.releaseRestored();
    this.#drainFacts(now);
    for (const input of early) {
      this.#onInput(now, input);
      this.#drainFacts(now);
    }
  }

  #onPersistFailed(now: Micros, of: Ticket, code: 'full' | 'failed'): void {
    if (code === 'failed') return this.#halt('journal-failed', 'a write to the journal failed; check the disk and start again');
    this.#notify({ kind: 'mark', name: 'journal.full' });
    this.#machines.durability.onRefused(of);
    this.#fullRetry.arm(micros(now + this.#options.config.fullRetryUs));
  }

  /** The disk is slow or full, and more has come than can wait. Callers are told. */
  #dropEarly(input: Input): void {
    this.#notify({ kind: 'count', name: 'node.early-inputs-dropped', by: 1 });
    if (input.kind !== 'command') return;
    const why = reject('OVERLOADED', 'node', 'the node waits for its disk since its start; try again', this.#options.config.fullRetryUs);
    this.#push({ kind: 'reply', request: input.request, result: refuse(why) });
  }

  #onTurn(now: Micros): void {
    this.#runDeadlines(now);
    if (this.#early === null) this.#turnMachines(now);
    this.#machines.durability.flush((effect) => this.#push(effect), now);
    this.#drainFacts(now);
    this.#machines.links.flush(now);
    this.#drainFacts(now);
    // What groups have left to do, and what nothing on the disk had to be waited for has given them.
    const hasWork = this.#early === null && this.#lifecycle.member?.hasWork === true;
    const { durability } = this.#machines;
    if (hasWork && durability.mayWrite(now)) this.#again.arm(now);
    else if (hasWork || durability.hasWaiting) this.#awaitLinger(durability.nextFlush(now));
  }

  #awaitLinger(until: Micros): void {
    if (until !== NEVER) this.#again.arm(until);
  }

  #turnMachines(now: Micros): void {
    const { topology, durability, links, flows, bundles, overlay } = this.#machines;
    topology.onTurn(now);
    this.#drainFacts(now);
    this.#router.followRoutes(now);
    this.#lifecycle.onTurn(now);
    this.#drainFacts(now);
    const { member } = this.#lifecycle;
    if (member !== null) {
      member.turn(now, () => durability.mayWrite(now));
      this.#drainFacts(now);
      const applied = member.takeMcgApplied();
      if (applied !== null) links.onMcgApplied(now, applied);
    }
    flows.onTurn(now);
    const sent = bundles.flush((to, payload) => overlay.sendTyped(now, to, MSG_TYPES.RAFT, payload, TRAFFIC_CLASSES.CONTROL));
    if (sent > 0) this.#notify({ kind: 'count', name: 'raft.messages', by: sent });
    this.#drainFacts(now);
  }

  #runDeadlines(now: Micros): void {
    for (let count = 0; count < DEADLINES_PER_TURN_MAX; count++) {
      const deadline = this.#machines.deadlines.popDue(now);
      if (deadline === null) return;
      deadline.owner.onDeadline(now, deadline);
      this.#lifecycle.member?.onDeadlineOf(deadline.entity);
      this.#drainFacts(now);
    }
  }

  #drainFacts(now: Micros): void {
    const { facts } = this.#machines;
    for (let count = 0; ; count++) {
      const next = facts.shift();
      if (next === undefined) return;
      if (count > FACTS_PER_STEP_MAX) throw new AssertionFailed('facts do not come to an end within one step');
      this.#router.onFact(now, next);
    }
  }

  #notify(notice: Notice): void {
    if (notice.kind === 'count') this.#counters.set(notice.name, (this.#counters.get(notice.name) ?? 0) + notice.by);
    this.#push({ kind: 'notice', notice });
  }

  #halt(code: string, detail: string): void {
    this.#isHalted = true;
    this.#push({ kind: 'halt', code, detail });
  }

  #push(effect: Effect): void {
    this.#outbox.push(effect);
  }
}

function mustWaitForBoot(input: Input): boolean {
  return input.kind !== 'turn' && input.kind !== 'wake' && input.kind !== 'persisted' && input.kind !== 'persist-failed';
}

const NO_OUTBOX: Outbox = {
  push: () => {
    throw new AssertionFailed('effects are pushed within a step');
  },
};
const EARLY_INPUTS_MAX = 10_000;
const DEADLINES_PER_TURN_MAX = 10_000;
const FACTS_PER_STEP_MAX = 1_000_000;
