/**
 * The trace of a run: a rolling digest over every input of every node and everything else that happens, with a ladder
 * entry every `LADDER_STEP` events for finding where two runs part, and, if wanted, a line of text for each.
 */
import type { Effect } from '../../core/node/effects.js';
import type { Input } from '../../core/node/inputs.js';
import { RollingDigest, digestBytes, digestNumber, digestText, digestValue } from '../base/digest.js';
import { HAPPENING_LABELS, type Happening } from '../time/timeline.js';
import { describeEffect } from './effect-text.js';
import { describeFrames } from './frame-text.js';

/** Takes one line of a full trace. */
export type TraceSink = (line: string) => void;

export class Trace {
  readonly #digest = new RollingDigest();
  readonly #sink: TraceSink | null;
  readonly #ladder: string[] = [];
  #count = 0;

  constructor(sink: TraceSink | null) {
    this.#sink = sink;
  }

  /** A node is given an input. */
  onInput(nowUs: number, node: number, input: Input): void {
    const content = digestInput(input);
    this.#absorb(nowUs, (node << 8) | INPUT_NUMBERS[input.kind], content);
    if (this.#sink === null) return;
    const said = input.kind === 'received' ? ` lane ${input.lane} ${describeFrames(input.bytes)}` : '';
    this.#sink(`${nowUs} n${node} ${input.kind} ${hex(content)}${said}`);
  }

  /** Something takes place in the world. */
  onHappening(nowUs: number, happening: Happening): void {
    this.#absorb(nowUs, -1 - HAPPENING_LABELS.indexOf(happening.label), 0);
  }

  /** Something of the world itself that has a content: a fault, a message handled by an application. */
  onFact(nowUs: number, fact: string, content: number): void {
    this.#absorb(nowUs, digestText(fact), content);
    if (this.#sink !== null) this.#sink(`${nowUs} ${fact} ${hex(content)}`);
  }

  /** What a node wishes: told to people, not part of the hash, for it follows from the inputs. */
  onEffect(nowUs: number, node: number, effect: Effect): void {
    const text = describeEffect(effect);
    if (text !== null) this.onComment(nowUs, `n${node} > ${text}`);
  }

  /** A line for people, not part of the hash. */
  onComment(nowUs: number, text: string): void {
    this.#sink?.(`${nowUs} # ${text}`);
  }

  /** Whether a full trace is wanted, so that facts need text. */
  get isFull(): boolean {
    return this.#sink !== null;
  }

  /** 32 hexadecimal digits that stand for the whole run so far. */
  get hash(): string {
    return this.#digest.text();
  }

  /** The hash after every `LADDER_STEP` entries. */
  get ladder(): readonly string[] {
    return this.#ladder;
  }

  #absorb(nowUs: number, what: number, content: number): void {
    this.#digest.absorb(digestNumber(nowUs), what, content);
    if (++this.#count % LADDER_STEP === 0) this.#ladder.push(this.#digest.text());
  }
}

/** Sees every field of an input. The frequent ones have a short way. */
function digestInput(input: Input): number {
  switch (input.kind) {
    case 'wake':
    case 'turn':
      return 0;
    case 'received':
      return digestBytes(input.bytes, input.lane);
    case 'persisted':
      return digestNumber(input.ticket);
    case 'lane-drained':
      return digestNumber(input.bufferedBytes, input.lane);
    case 'processed':
      return digestNumber(input.seq, digestNumber(input.attempt, input.request));
    case 'publish': {
      let h = input.request;
      for (const message of input.messages) {
        h = digestBytes(message.payload, digestNumber(message.producerSeq, h ^ message.chunkSeq));
        h = digestBytes(message.headers, h ^ message.chunkCount);
      }
      return h;
    }
    default:
      return digestValue(input);
  }
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** Appended to, never reordered: the numbers are part of every trace hash. */
const INPUT_NUMBERS: Readonly<Record<Input['kind'], number>> = {
  wake: 1,
  turn: 2,
  'wall-offset': 3,
  'lane-opened': 4,
  'lane-closed': 5,
  'lane-drained': 6,
  received: 7,
  'dial-failed': 8,
  persisted: 9,
  'persist-failed': 10,
  fetched: 11,
  command: 12,
  cancel: 13,
  publish: 14,
  processed: 15,
  window: 16,
  failed: 24,
  'updates-processed': 17,
};
const LADDER_STEP = 10_000;
