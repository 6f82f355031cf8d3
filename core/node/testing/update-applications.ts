/** Senders and consumers of updates for the stories of this folder. They live beside the world, as applications do. */
import { EMPTY_BYTES, utf8Decode, utf8Encode } from '../../base/bytes.js';
import type { MessageId } from '../../base/ids.js';
import type { TableWrite } from '../../groups/context.js';
import type { UpdateFeed } from '../../groups/updates/feeds.js';
import type { UpdateChange } from '../../wire/update-messages.js';
import type { Command } from '../commands.js';
import type { RequestLog, SmallHost } from './small-world.js';

type SendCommand = Extract<Command, { kind: 'send-update' }>;

/** An update with text as payload. */
export function update(feed: UpdateFeed, text: string, more: Partial<Omit<SendCommand, 'kind'>> = {}): SendCommand {
  return {
    kind: 'send-update',
    feed,
    sender: '',
    senderSeq: 0,
    updateId: null,
    topic: 'test',
    changes: [],
    payload: utf8Encode(text),
    level: 'committed',
    ...more,
  };
}

export const change = (table: string, key: string, value: string | null): UpdateChange => ({
  table,
  key: utf8Encode(key),
  value: value === null ? EMPTY_BYTES : utf8Encode(value),
  isRemoval: value === null,
  ifRevision: 0,
});

export interface ConsumerOptions {
  readonly host: SmallHost;
  readonly feed: UpdateFeed;
  readonly name?: string;
  /** Updates that it may have at once. */
  readonly window?: number;
  /** Writes each update's number and text into a table, in one transaction with its place. */
  readonly isTransactional?: boolean;
  /** Takes updates and never says that it has processed them. */
  readonly isHung?: boolean;
}

/** A named consumer that subscribes again after whatever happens, and keeps what it was given in order. */
export class UpdateConsumer {
  readonly #options: Required<ConsumerOptions>;
  #log: RequestLog | null = null;
  #boot: unknown = null;
  #taken = 0;
  /** `SEQ TEXT` of each update that it has processed. */
  readonly processed: string[] = [];
  readonly ids: MessageId[] = [];
  readonly refusals: string[] = [];

  constructor(options: ConsumerOptions) {
    this.#options = { name: 'app', window: 100, isTransactional: false, isHung: false, ...options };
  }

  tick(): void {
    const { host, feed, name, window } = this.#options;
    if (host.node === null) return;
    if (this.#boot !== host.node || this.#log === null) {
      this.#boot = host.node;
      this.#taken = 0;
      this.#log = host.command({ kind: 'subscribe-updates', feed, consumer: name, isFromStart: true, resumeAfter: null, windowMessages: window, windowBytes: 1 << 20 });
      return;
    }
    const why = this.#log.reject ?? this.#log.ended?.reject ?? null;
    if (why !== null) {
      this.refusals.push(why.code);
      this.#log = null;
      return;
    }
    this.#take(host, this.#log);
  }

  #take(host: SmallHost, log: RequestLog): void {
    if (this.#options.isHung) return;
    const request = host.requestOf(log);
    for (; this.#taken < log.updates.length; this.#taken++) {
      const { attempt, update: taken } = log.updates[this.#taken] as (typeof log.updates)[number];
      const text = utf8Decode(taken.record.payload) ?? '';
      this.processed.push(`${taken.seq} ${text}`);
      this.ids.push(taken.record.updateId);
      const writes: TableWrite[] = this.#options.isTransactional
        ? [{ table: 'seen', key: utf8Encode(text), value: utf8Encode(`${(Number(utf8Decode(host.rows.get(`seen/${hex(text)}`) ?? EMPTY_BYTES) || '0')) + 1}`) }]
        : [];
      host.input({ kind: 'updates-processed', request, attempt, seq: taken.seq, writes });
      host.input({ kind: 'window', request, messages: 1, bytes: taken.record.payload.length + 100 });
    }
  }
}

export const hex = (text: string): string => [...utf8Encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
