/** The calls of applications and operators: each goes to the machine that answers it, or is refused here. */
import { type Reject, reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import type { Micros } from '../base/units.js';
import type { Command, NodeStatus, Reply } from './commands.js';
import type { NodeConfig } from './config.js';
import type { Effect } from './effects.js';
import type { Input } from './inputs.js';
import type { Lifecycle } from './lifecycle.js';
import type { Machines } from './machines.js';
import type { NodeIdentity } from './options.js';
import { recoverStream } from './recover-stream.js';
import { NOT_IN_MESH } from './outsider.js';
import { groupStatuses, linkStatuses, streamStatuses, streamStatusesOf } from './status.js';

export interface CommandDeskOptions {
  readonly config: NodeConfig;
  readonly identity: NodeIdentity;
  readonly machines: Machines;
  readonly lifecycle: Lifecycle;
  readonly counters: ReadonlyMap<string, number>;
  readonly push: (effect: Effect) => void;
}

export class CommandDesk {
  readonly #options: CommandDeskOptions;
  readonly #machines: Machines;
  readonly #lifecycle: Lifecycle;

  constructor(options: CommandDeskOptions) {
    this.#options = options;
    this.#machines = options.machines;
    this.#lifecycle = options.lifecycle;
  }

  /** What belongs to a call that is open: offers, acks, windows, its end. */
  onSessionInput(now: Micros, input: SessionInput): void {
    const streams = this.#lifecycle.member?.streams;
    const updates = this.#lifecycle.member?.updates;
    switch (input.kind) {
      case 'cancel':
        this.#machines.events.cancel(input.request);
        streams?.cancel(input.request);
        updates?.cancel(input.request);
        this.#lifecycle.member?.control.cancel(input.request);
        return;
      case 'publish':
        if (this.#machines.durability.isFull) streams?.publishing.refuseSession(input.request, this.#fullReject());
        else streams?.publishing.publish(now, input.request, input.messages);
        return;
      case 'processed':
        streams?.processed(now, input.request, input.attempt, input.seq);
        return;
      case 'failed':
        streams?.failed(now, input.request, input.attempt, input.seq, input.reason);
        return;
      case 'window':
        streams?.window(input.request, input.messages, input.bytes);
        updates?.window(input.request, input.messages, input.bytes);
        return;
      case 'updates-processed':
        updates?.processed(input.request, input.attempt, input.seq, input.writes);
    }
  }

  onCommand(now: Micros, request: number, command: Command): void {
    switch (command.kind) {
      case 'get-status':
        return this.#reply(request, accept({ kind: 'status', status: this.status() }));
      case 'watch-events':
        return this.#onWatch(now, request, command);
      case 'seed-mesh':
      case 'join-mesh':
      case 'start-mesh':
      case 'stop-mesh':
      case 'leave-mesh':
      case 'evict-node':
      case 'recover-mesh':
        return this.#lifecycle.onCommand(now, request, command);
      case 'shut-down':
        this.#lifecycle.withdraw(now);
        this.#machines.durability.after((at) => {
          this.#machines.links.stop(at);
          this.#reply(request, accept({ kind: 'shut-down' }));
        });
        return;
      default:
        return this.#onStreamCommand(now, request, command);
    }
  }

  #onWatch(now: Micros, request: number, command: Extract<Command, { kind: 'watch-events' }>): void {
    if (this.#machines.events.watcherCount >= this.#options.config.watchersMax) {
      return this.#reply(request, refuse(reject('TOO_MANY', 'watch-events', 'too many watchers; end some of them')));
    }
    this.#reply(request, accept({ kind: 'watching', sequence: this.#machines.events.sequence }));
    this.#machines.events.watch(request, command.kinds, command.afterSequence, command.viewer);
    this.#machines.watermarks.onWatched(now, request);
  }

  #onStreamCommand(now: Micros, request: number, command: StreamCommand): void {
    const member = this.#lifecycle.member;
    if (member === null) {
      return this.#reply(request, refuse(this.#lifecycle.refusalOfOutsider ?? NOT_IN_MESH));
    }
    if (this.#lifecycle.isStopped) {
      return this.#reply(request, refuse(reject('MESH_STOPPED', 'node', 'its part in the mesh was stopped; start it')));
    }
    const isNewWork = NEW_WORK.has(command.kind);
    if (isNewWork && this.#machines.durability.isFull) return this.#reply(request, refuse(this.#fullReject()));
    const critical = this.#criticalRefusal(command);
    if (critical !== null) return this.#reply(request, refuse(critical));
    const { streams, updates } = member;
    switch (command.kind) {
      case 'open-stream':
        return streams.open(now, request, command);
      case 'close-stream':
        return streams.close(request, command.tenant, command.stream);
      case 'set-checkpoint':
        return streams.checkpoints.set(now, request, command);
      case 'remove-checkpoint':
        return streams.checkpoints.remove(now, request, command);
      case 'delete-stream':
        return streams.deletions.delete(request, command);
      case 'change-target':
        return streams.operations.changeTarget(request, command);
      case 'expire-producer':
        return streams.operations.expireProducer(request, command);
      case 'list-streams':
        return this.#reply(request, accept({ kind: 'streams', streams: streamStatusesOf(member, command.tenant, command.stream) }));
      case 'recover-stream':
        return this.#reply(request, recoverStream(now, member, command));
      case 'get-producer':
        return streams.publishing.producer(request, command);
      case 'open-producer':
        return streams.publishing.openProducer(request, command);
      case 'attach-publisher':
        return streams.publishing.attach(request, command);
      case 'publish-one':
        return streams.publishing.publishOne(now, request, command, command);
      case 'subscribe':
        return streams.subscribe(now, request, command);
      case 'list-dead-letters':
        return streams.letters.list(request, command.tenant, command.stream);
      case 'show-dead-letter':
        return streams.letters.show(request, command);
      case 'pace-target':
        return streams.paces.set(now, request, command);
      case 'replay-dead-letter':
        return streams.letters.change(now, request, command, 'replay');
      case 'discard-dead-letter':
        return streams.letters.change(now, request, command, 'discard');
      case 'send-update':
        return updates.send(now, request, command);
      case 'subscribe-updates':
        return updates.subscribe(now, request, command);
      case 'get-configuration':
        return member.control.readConfiguration(now, request, command.selector, command.isLocal);
      case 'forget-consumer':
        return updates.forgetConsumer(request, command.feed, command.consumer);
    }
  }

  /** Readings of every machine at this moment. */
  status(): NodeStatus {
    const { identity } = this.#options;
    const { member } = this.#lifecycle;
    return {
      node: { id: identity.nodeId, name: identity.name, replica: this.#machines.own.number, bootCounter: this.#machines.bootCounter },
      mesh: this.#lifecycle.meshStatus(),
      links: linkStatuses(this.#machines.links),
      groups: member === null ? [] : groupStatuses(member),
      streams: member === null ? [] : streamStatuses(member),
      tenants: member === null ? [] : member.streams.quotas.statuses(),
      updates: member === null ? [] : member.updates.statuses(),
      counters: Object.fromEntries([...this.#options.counters].sort(([a], [b]) => (a < b ? -1 : 1))),
    };
  }

  /** In CRITICAL what changes the mesh waits, and what changes its streams but for what is merely staged at their source. */
  #criticalRefusal(command: StreamCommand): Reject | null {
    const { context } = this.#machines;
    if (CHANGES_MESH.has(command.kind)) return context.closedBecause('mesh');
    if (command.kind === 'publish-one' && command.level === 'accepted') return null;
    return CHANGES_STREAM.has(command.kind) ? context.closedBecause('streams') : null;
  }

  #fullReject(): Reject {
    const { fullRetryUs } = this.#options.config;
    return reject('OVERLOADED', 'disk', 'the disk is full; free space, then publish again', fullRetryUs);
  }

  #reply(request: number, result: Result<Reply>): void {
    this.#options.push({ kind: 'reply', request, result });
  }
}

/** Needs room on the disk. */
const NEW_WORK: ReadonlySet<Command['kind']> = new Set<Command['kind']>(['open-stream', 'publish-one', 'open-producer', 'send-update']);

const CHANGES_MESH: ReadonlySet<Command['kind']> = new Set<Command['kind']>(['open-stream', 'send-update']);
/** Openings of producers are not among them: they are staged, as what is published at level `accepted`. */
const CHANGES_STREAM: ReadonlySet<Command['kind']> = new Set<Command['kind']>([
  'publish-one',
  'close-stream',
  'delete-stream',
  'change-target',
  'expire-producer',
  'pace-target',
  'replay-dead-letter',
  'discard-dead-letter',
]);

export type SessionInput = Extract<Input, { kind: 'cancel' | 'publish' | 'processed' | 'failed' | 'window' | 'updates-processed' }>;

type StreamCommand = Extract<
  Command,
  {
    kind:
      | 'open-stream'
      | 'close-stream'
      | 'delete-stream'
      | 'set-checkpoint'
      | 'remove-checkpoint'
      | 'change-target'
      | 'expire-producer'
      | 'list-streams'
      | 'recover-stream'
      | 'get-producer'
      | 'open-producer'
      | 'attach-publisher'
      | 'publish-one'
      | 'subscribe'
      | 'list-dead-letters'
      | 'show-dead-letter'
      | 'pace-target'
      | 'replay-dead-letter'
      | 'discard-dead-letter'
      | 'send-update'
      | 'subscribe-updates'
      | 'get-configuration'
      | 'forget-consumer';
  }
>;
