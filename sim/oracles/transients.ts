/**
 * A stream whose targets come and go: whoever is a target gets what follows without a gap, the same at each, and who
 * the stream waits for loses nothing; completed is what somebody has. Once an operator was told that the stream is
 * deleted nobody takes anything for it, its former members drop all that they hold, and none of them has it again.
 */
import type { HeldFact } from '../run/held-streams.js';
import type { ViolationSink } from './violations.js';

interface Reader {
  last: number;
  /** How often it was to be attached and has not begun elsewhere since. */
  attachments: number;
  /** For all that its operator can tell the stream waits for it. */
  isSure: boolean;
}

export class TransientOracle {
  readonly #name: string;
  readonly #sink: ViolationSink;
  readonly #readers = new Map<number, Reader>();
  /** By seq. */
  readonly #places = new Map<number, number>();
  /** What some target has, or begins after. */
  #settled = 0;
  #isDeleted = false;
  /** Node → what its disk holds of the stream, but that there was one, and in which records. */
  readonly #held = new Map<number, Map<string, Set<number>>>();
  readonly #buried = new Set<number>();

  constructor(name: string, targets: readonly number[], optional: readonly number[], sink: ViolationSink) {
    this.#name = name;
    this.#sink = sink;
    for (const target of targets) this.#readers.set(target, { last: 0, attachments: 0, isSure: !optional.includes(target) });
  }

  /** An operator is about to change what part a target has. */
  onChangeAsked(target: number, isAttachment: boolean): void {
    const reader = this.#reader(target);
    reader.isSure = false;
    if (isAttachment) reader.attachments++;
  }

  /** It is a target that the stream waits for, and nothing is on its way that changes that. */
  onRequired(target: number): void {
    this.#reader(target).isSure = true;
  }

  onSubscribed(target: number, resumeAfter: number): void {
    const reader = this.#reader(target);
    if (resumeAfter <= reader.last) return;
    if (reader.attachments === 0) {
      this.#sink.report('stream-gap', `${this.#name}: target ${target} has ${reader.last} and is to go on after ${resumeAfter}`);
    } else reader.attachments--;
    reader.last = resumeAfter;
  }

  /**
   * A target is to be attached that begins with what is published next, `seq` being the last that may have a number by
   * then. It has nothing to do up to there; when it is all that the stream waits for, everything before is completed.
   */
  onMayBeginAfter(seq: number): void {
    this.#settled = Math.max(this.#settled, seq);
  }

  /** Its application has the message, durably. */
  onHandled(target: number, seq: number, producerSeq: number): void {
    const reader = this.#reader(target);
    if (seq > reader.last + 1) this.#sink.report('stream-gap', `${this.#name}: target ${target} has ${reader.last} and gets ${seq}`);
    const known = this.#places.get(seq);
    if (known !== undefined && known !== producerSeq) {
      this.#sink.report('stream-order', `${this.#name}: ${seq} is message ${known} and message ${producerSeq}`);
    }
    this.#places.set(seq, producerSeq);
    reader.last = Math.max(reader.last, seq);
    this.#settled = Math.max(this.#settled, seq);
  }

  /** A target's application is told that what comes next is gone. */
  onOutOfRange(target: number): void {
    if (!this.#reader(target).isSure || this.#isDeleted) return;
    this.#sink.report('payload-lost', `${this.#name}: target ${target} is waited for, and what comes after ${this.#reader(target).last} is gone`);
  }

  /** Some node calls it completed up to there. */
  onCompleted(seq: number, node: number): void {
    if (seq > this.#settled) this.#sink.report('completed-ahead', `node ${node} calls ${this.#name} completed up to ${seq}; no target has more than ${this.#settled}`);
  }

  onDeleted(): void {
    this.#isDeleted = true;
  }

  /** A publisher's message was taken that was offered after the deletion. */
  onTakenLate(): void {
    this.#sink.report('deleted-returned', `${this.#name}: a message was taken after the stream was deleted`);
  }

  /** What was written to the disk of a node, as far as it is of the stream. */
  onDisk(node: number, fact: HeldFact): void {
    const held = this.#held.get(node) ?? new Map<string, Set<number>>();
    this.#held.set(node, held);
    if (fact.kind === 'removed') held.delete(fact.what);
    else if (fact.kind === 'dropped') drop(held, fact.from, fact.to);
    else if (fact.what.startsWith(TOMBSTONE)) this.#buried.add(node);
    else {
      const records = fact.isMore ? (held.get(fact.what) ?? new Set()) : new Set<number>();
      held.set(fact.what, records.add(fact.record));
      if (this.#buried.has(node)) this.#sink.report('deleted-returned', `${this.#name}: node ${node} has ${fact.what} after it had dropped the stream`);
    }
  }

  /** Who still holds something although the stream was deleted; null when nobody does. */
  remains(): string | null {
    for (const [node, held] of this.#held) {
      const [first] = held.keys();
      if (this.#isDeleted && first !== undefined) return `${this.#name} was deleted, and node ${node} still has ${first}`;
    }
    return null;
  }

  #reader(target: number): Reader {
    const known = this.#readers.get(target) ?? { last: 0, attachments: 1, isSure: false };
    this.#readers.set(target, known);
    return known;
  }
}

function drop(held: Map<string, Set<number>>, from: number, to: number): void {
  for (const [what, records] of held) {
    for (const record of records) if (record >= from && record <= to) records.delete(record);
    if (records.size === 0) held.delete(what);
  }
}

const TOMBSTONE = 'deleted/';
