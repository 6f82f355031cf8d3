/** The logs of updates of this node, and which of them a call, a session or a message is about. */
import type { NodeId } from '../../base/ids.js';
import type { Reject } from '../../base/reject.js';
import { assert } from '../../base/assert.js';
import type { Micros } from '../../base/units.js';
import type { GroupControl } from '../../wire/group-messages.js';
import { type ForwardedUpdates, UPDATE_LOGS } from '../../wire/update-messages.js';
import type { TableWrite } from '../context.js';
import type { SubscribeUpdates } from './consumers.js';
import { type UpdateFeed, type UpdateLogName, logOf } from './feeds.js';
import type { SendUpdate } from './submissions.js';
import type { UpdateLog, UpdateLogStatus } from './update-log.js';

export class Updates {
  readonly #logs: readonly UpdateLog[];

  constructor(logs: readonly UpdateLog[]) {
    this.#logs = logs;
  }

  send(now: Micros, request: number, wish: SendUpdate): void {
    this.#log(logOf(wish.feed)).send(now, request, wish);
  }

  subscribe(now: Micros, request: number, wish: SubscribeUpdates): void {
    this.#log(logOf(wish.feed)).subscribe(now, request, wish);
  }

  forgetConsumer(request: number, feed: UpdateFeed, name: string): void {
    this.#log(logOf(feed)).forgetConsumer(request, feed, name);
  }

  processed(request: number, attempt: number, seq: number, writes: readonly TableWrite[]): void {
    for (const log of this.#logs) log.processed(request, attempt, seq, writes);
  }

  window(request: number, messages: number, bytes: number): void {
    for (const log of this.#logs) log.consumers.window(request, messages, bytes);
  }

  cancel(request: number): void {
    for (const log of this.#logs) log.cancel(request);
  }

  endSessions(why: Reject): void {
    for (const log of this.#logs) log.endSessions(why);
  }

  onForwarded(from: NodeId, message: ForwardedUpdates): void {
    this.#ofWire(message.log)?.onForwarded(from, message);
  }

  onControl(from: NodeId, message: Extract<GroupControl, { kind: 'updatesRefused' | 'appliedReport' }>): void {
    this.#ofWire(message.log)?.onControl(from, message);
  }

  statuses(): readonly UpdateLogStatus[] {
    return this.#logs.map((log) => log.status());
  }

  #log(name: UpdateLogName): UpdateLog {
    const log = this.#logs.find((each) => each.name === name);
    assert(log !== undefined, 'a node has both logs of updates');
    return log;
  }

  #ofWire(wireNumber: number): UpdateLog | null {
    return this.#logs.find(({ name }) => UPDATE_LOGS[name] === wireNumber) ?? null;
  }
}
