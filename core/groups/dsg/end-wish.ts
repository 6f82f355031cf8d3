/** That a stream is to end, as its source was told: closed, or deleted. Part of the row of its numbering. */
import type { NumberingRow } from './staging-rows.js';

export class EndWish {
  #isClosing = false;
  #isCloseDurable = false;
  #deletion = NOT_DELETED;
  #isDeletionDurable = false;

  /** No message is numbered any more. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** No crash can make this source number another message: the close may leave it. */
  get isCloseDurable(): boolean {
    return this.#isCloseDurable;
  }

  /** It is to be deleted, and no crash can take that wish back; by force or not. */
  get deletion(): { readonly isForced: boolean } | null {
    return this.#isDeletionDurable ? { isForced: this.#deletion === DELETED_BY_FORCE } : null;
  }

  close(): void {
    this.#isClosing = true;
  }

  delete(isForced: boolean): void {
    this.#isClosing = true;
    this.#deletion = isForced || this.#deletion === DELETED_BY_FORCE ? DELETED_BY_FORCE : DELETED;
  }

  /** What was wished when the row was written is durable. */
  onDurable({ isClosing, deletion }: Pick<NumberingRow, 'isClosing' | 'deletion'>): void {
    this.#isCloseDurable ||= isClosing;
    this.#isDeletionDurable ||= deletion !== NOT_DELETED;
  }

  restore(row: Pick<NumberingRow, 'isClosing' | 'deletion'>): void {
    this.#isClosing = row.isClosing;
    this.#deletion = row.deletion;
    this.onDurable(row);
  }

  /** For the row. */
  get fields(): { readonly isClosing: boolean; readonly deletion: number } {
    return { isClosing: this.#isClosing, deletion: this.#deletion };
  }
}

/** `NumberingRow.deletion`. */
const NOT_DELETED = 0;
const DELETED = 1;
const DELETED_BY_FORCE = 2;
