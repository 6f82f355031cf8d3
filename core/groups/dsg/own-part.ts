/**
 * This node's part in a stream as its log says it: targets come and go by entries, and who subscribes here, or waits
 * to, learns of it when this node has applied them.
 */
import type { Micros } from '../../base/units.js';
import type { StreamDescriptor } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { StreamSessions } from './stream-sessions.js';
import type { StreamState } from './stream-state.js';

export interface OwnPartPorts {
  /** This node is a target from now on. */
  readonly onAttached: (now: Micros) => void;
  readonly onDirty: () => void;
}

export class OwnPart {
  readonly #context: GroupContext;
  readonly #state: StreamState;
  readonly #sessions: StreamSessions;
  readonly #ports: OwnPartPorts;
  /** By the descriptor: it need not wait for an entry. */
  readonly #isNamed: boolean;
  #version = 0;
  #wasTarget = false;
  #wasOrphaned = false;

  constructor(context: GroupContext, descriptor: StreamDescriptor, state: StreamState, sessions: StreamSessions, ports: OwnPartPorts) {
    this.#context = context;
    this.#state = state;
    this.#sessions = sessions;
    this.#ports = ports;
    this.#isNamed = descriptor.targets.some(({ node }) => node === context.node);
  }

  /** It was invited, and has not applied yet that it is a target. */
  get isJoining(): boolean {
    return !this.#isNamed && this.#state.targets.get(this.#context.node) === null;
  }

  /** Something was applied that may have changed the targets. */
  follow(now: Micros): void {
    const { targets, isOrphaned } = this.#state;
    if (targets.version === this.#version) return;
    this.#version = targets.version;
    if (isOrphaned && !this.#wasOrphaned) this.#mark('stream.orphaned');
    this.#wasOrphaned = isOrphaned;
    const row = targets.get(this.#context.node);
    const isTarget = row?.status === 'attached';
    if (this.#wasTarget && !isTarget) this.#sessions.onDetached(row?.status === 'lapsed');
    if (isTarget && !this.#wasTarget && !this.#isNamed) this.#mark('stream.target-added');
    if (isTarget && !this.#wasTarget) {
      this.#sessions.onAttached(row.settledSeq);
      this.#ports.onAttached(now);
    }
    this.#wasTarget = isTarget;
    this.#ports.onDirty();
  }

  #mark(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }
}
