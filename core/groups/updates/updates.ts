/** The logs of updates of this node, and which of them a call, a session or a message is about. */
import type { NodeId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { refuse } from '../../base/result.js';
import type { Micros } from '../../base/units.js';
import type { GroupControl } from '../../wire/group-messages.js';
import { type ForwardedUpdates, UPDATE_LOGS } from '../../wire/update-messages.js';
import type { GroupContext, TableWrite } from '../context.js';
import type { SubscribeUpdates } from './consumers.js';
import { type UpdateFeed, logOf } from './feeds.js';
import type { SendUpdate } from './submissions.js';
import type { UpdateLog, UpdateLogStatus } from './update-log.js';

export class Updates {
  readonly #context: GroupContext;
  readonly #find: () => readonly UpdateLog[];

  /** `find` gives the logs that this node knows of; the one of database updates is founded after the mesh. */
  constructor(context: GroupContext, find: () => readonly UpdateLog[]) {
    this.#context = context;
    this.#find = find;
  }

  send(now: Micros, request: number, wish: SendUpdate): void {
    this.#log(request, wish.feed)?.send(now, request, wish);
  }

  subscribe(now: Micros, request: number, wish: SubscribeUpdates): void {
    this.#log(request, wish.feed)?.subscribe(now, request, wish);
  }

  forgetConsumer(request: number, feed: UpdateFeed, name: string): void {
    this.#log(request, feed)?.forgetConsumer(request, feed, name);
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

  get #logs(): readonly UpdateLog[] {
    return this.#find();
  }

  /** Null, and the request is refused, when this node does not know the log yet. */
  #log(request: number, feed: UpdateFeed): UpdateLog | null {
    const log = this.#logs.find((each) => each.name === logOf(feed)) ?? null;
    if (log === null) {
      const why = reject('NO_QUORUM', feed, 'the mesh has not founded the log of these updates yet; try again', RETRY_US);
      this.#context.emit({ kind: 'reply', request, result: refuse(why) });
    }
    return log;
  }

  #ofWire(wireNumber: number): UpdateLog | null {
    return this.#logs.find(({ name }) => UPDATE_LOGS[name] === wireNumber) ?? null;
  }
}

const RETRY_US = 500_000;
