/**
 * The dead-letter list of a stream, as every member computes it from the log: messages that a target gave up on. Such a
 * message counts as settled there; its payload is kept beside the log by each member (dead-letter-store.ts).
 *
 * Invariant: a message is in the list of a target at most once, and once it has died there it never dies again: the
 * settled offset has passed it. Replays are numbered per target in the order in which they were asked for.
 */
import { assert } from '../../base/assert.js';
import type { NodeId } from '../../base/ids.js';
import type { DeadLetter, DeadTarget, TargetStep } from '../../wire/target-steps.js';

/** What happens to dead letters. */
export type LetterChange = Exclude<TargetStep, { kind: 'pace' | 'checkpoint' }>;

interface TargetLetters {
  /** Ascending by seq. */
  readonly letters: Map<number, DeadLetter>;
  replaysAsked: number;
  replaysDone: number;
  /** The newest that died, ascending. */
  died: number[];
}

export class DeadLetters {
  readonly #targets = new Map<NodeId, TargetLetters>();
  #count = 0;
  #payloadBytes = 0;

  get count(): number {
    return this.#count;
  }

  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  /** By target in the order of their first deaths, then by seq. */
  *all(): IterableIterator<DeadLetter> {
    for (const { letters } of this.#targets.values()) yield* letters.values();
  }

  get(target: NodeId, seq: number): DeadLetter | null {
    return this.#targets.get(target)?.letters.get(seq) ?? null;
  }

  /** Whether `seq` is among the newest messages that died at `target`, in the list or not. O(log n). */
  hasDied(target: NodeId, seq: number): boolean {
    const died = this.#targets.get(target)?.died ?? [];
    let low = 0;
    let high = died.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((died[middle] as number) < seq) low = middle + 1;
      else high = middle;
    }
    return died[low] === seq;
  }

  /** The replays of `target` that are over: a subscriber of dead letters goes on after them. */
  replaysDone(target: NodeId): number {
    return this.#targets.get(target)?.replaysDone ?? 0;
  }

  replaysAsked(target: NodeId): number {
    return this.#targets.get(target)?.replaysAsked ?? 0;
  }

  /** The letter of the first replay after `replay`; null when none is asked for. */
  nextReplay(target: NodeId, replay: number): DeadLetter | null {
    let next: DeadLetter | null = null;
    for (const letter of this.#targets.get(target)?.letters.values() ?? []) {
      if (letter.replay > replay && (next === null || letter.replay < next.replay)) next = letter;
    }
    return next;
  }

  /** Whether `change` would change anything but for the offset that a death moves. */
  concerns(change: LetterChange): boolean {
    switch (change.kind) {
      case 'died':
        return !this.hasDied(change.target, change.seq);
      case 'replay':
        return this.get(change.target, change.seq)?.replay === 0;
      case 'replayed':
        return change.replay > this.replaysDone(change.target) && change.replay <= this.replaysAsked(change.target);
      case 'discard':
        return this.get(change.target, change.seq) !== null;
    }
  }

  /** Carries out a change and gives the letters that leave the list. The caller has moved the offset of a death. */
  apply(change: LetterChange): readonly DeadLetter[] {
    if (!this.concerns(change)) return [];
    const target = this.#of(change.target);
    switch (change.kind) {
      case 'died':
        this.#add(target, { ...change, replay: 0 });
        return [];
      case 'replay': {
        const letter = target.letters.get(change.seq) as DeadLetter;
        target.letters.set(change.seq, { ...letter, replay: ++target.replaysAsked });
        return [];
      }
      case 'replayed': {
        target.replaysDone = change.replay;
        const over = [...target.letters.values()].filter(({ replay }) => replay > 0 && replay <= change.replay);
        for (const { seq } of over) this.#remove(target, seq);
        return over;
      }
      case 'discard': {
        const letter = target.letters.get(change.seq) as DeadLetter;
        this.#remove(target, change.seq);
        return [letter];
      }
    }
  }

  snapshot(): { readonly deadLetters: readonly DeadLetter[]; readonly deadTargets: readonly DeadTarget[] } {
    const deadTargets = [...this.#targets].map(([target, { replaysAsked, replaysDone, died }]) => ({
      target,
      replaysAsked,
      replaysDone,
      died,
    }));
    return { deadLetters: [...this.all()], deadTargets };
  }

  restore(deadLetters: readonly DeadLetter[], deadTargets: readonly DeadTarget[]): void {
    this.#targets.clear();
    this.#count = 0;
    this.#payloadBytes = 0;
    for (const { target, replaysAsked, replaysDone, died } of deadTargets) {
      this.#targets.set(target, { letters: new Map(), replaysAsked, replaysDone, died: [...died] });
    }
    for (const letter of deadLetters) {
      this.#of(letter.target).letters.set(letter.seq, letter);
      this.#count++;
      this.#payloadBytes += letter.payloadBytes;
    }
  }

  checkInvariants(): void {
    for (const { letters, replaysAsked, replaysDone, died } of this.#targets.values()) {
      assert(replaysDone <= replaysAsked, 'only replays that were asked for are over');
      assert(died.length <= DIED_MAX, 'the memory of deaths is bounded');
      for (const { replay } of letters.values()) {
        assert(replay === 0 || (replay > replaysDone && replay <= replaysAsked), 'a letter waits for a replay that is not over');
      }
    }
  }

  #of(node: NodeId): TargetLetters {
    let target = this.#targets.get(node);
    if (target === undefined) {
      target = { letters: new Map(), replaysAsked: 0, replaysDone: 0, died: [] };
      this.#targets.set(node, target);
    }
    return target;
  }

  #add(target: TargetLetters, letter: DeadLetter): void {
    target.letters.set(letter.seq, letter);
    target.died.push(letter.seq);
    if (target.died.length > DIED_MAX) target.died.shift();
    this.#count++;
    this.#payloadBytes += letter.payloadBytes;
  }

  #remove(target: TargetLetters, seq: number): void {
    this.#payloadBytes -= target.letters.get(seq)?.payloadBytes ?? 0;
    if (target.letters.delete(seq)) this.#count--;
  }
}

/** Deaths that are remembered per target, so that who reads behind the offset is told of them instead of given them. */
const DIED_MAX = 4096;
