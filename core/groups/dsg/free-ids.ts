/**
 * Messages that are recognised by what their publishers call them: the newest of them, a part of the stream's replicated
 * state. Bounded by count and by bytes, as the stream's descriptor says, so that every member forgets the same.
 */
export interface FreeIdWindow {
  readonly countMax: number;
  /** Of the ids, two for each of their characters. */
  readonly bytesMax: number;
}

export class FreeIds {
  readonly #window: FreeIdWindow;
  /** In the order of their seqs. */
  readonly #seqs = new Map<string, number>();
  #bytes = 0;

  constructor(window: FreeIdWindow) {
    this.#window = window;
  }

  /** Null when it never was, or is forgotten. */
  seqOf(id: string): number | null {
    return this.#seqs.get(id) ?? null;
  }

  add(id: string, seq: number): void {
    // Who comes again after it was forgotten is new; one that is known cannot come here twice.
    if (this.#seqs.has(id)) return;
    this.#seqs.set(id, seq);
    this.#bytes += 2 * id.length;
    for (const oldest of this.#seqs.keys()) {
      if (this.#seqs.size <= this.#window.countMax && this.#bytes <= this.#window.bytesMax) return;
      this.#seqs.delete(oldest);
      this.#bytes -= 2 * oldest.length;
    }
  }

  snapshot(): readonly { readonly id: string; readonly seq: number }[] {
    return [...this.#seqs].map(([id, seq]) => ({ id, seq }));
  }

  restore(rows: readonly { readonly id: string; readonly seq: number }[]): void {
    this.#seqs.clear();
    this.#bytes = 0;
    for (const { id, seq } of rows) this.add(id, seq);
  }
}

export const FREE_ID_CHARS_MAX = 64;
