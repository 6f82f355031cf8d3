/**
 * `config_kv`: the rows of the mesh's configuration. A row's revision is the number of the update that wrote it last, so
 * revisions only grow, also over a removal, and none is ever given twice: a change that names the revision which it
 * replaces is made once, however often it is sent.
 *
 * Invariant: revisions are distinct updates' or of one update; rows and bytes stay within the bounds, which are a part of
 * the state machine: other numbers would make other states of the same log.
 */
import { assert } from '../../base/assert.js';
import { compareBytes, toHex, utf8Decode } from '../../base/bytes.js';
import type { ConfigRow, UpdateChange } from '../../wire/update-messages.js';

/** Why changes are not made: a key has another revision than they name, or the rows would be too many or too large. */
export type ConfigConflict =
  | { readonly kind: 'revision'; readonly key: string; readonly revision: number }
  | { readonly kind: 'full' };

/** Which rows are asked for: one key, or all that begin like it. */
export interface ConfigSelector {
  readonly key: Uint8Array;
  readonly isPrefix: boolean;
}

export const EVERY_ROW: ConfigSelector = { key: new Uint8Array(0), isPrefix: true };

export class ConfigStore {
  readonly #rows = new Map<string, ConfigRow>();
  #bytes = 0;

  /** Ascending by key. */
  rows({ key, isPrefix }: ConfigSelector = EVERY_ROW): readonly ConfigRow[] {
    const wanted = toHex(key);
    if (!isPrefix) return [...(this.#rows.has(wanted) ? [this.#rows.get(wanted) as ConfigRow] : [])];
    const found = [...this.#rows].filter(([hex]) => hex.startsWith(wanted)).map(([, row]) => row);
    return found.sort((a, b) => compareBytes(a.key, b.key));
  }

  /** The value of a key as text; null where there is none. */
  textOf(key: Uint8Array): string | null {
    const row = this.#rows.get(toHex(key));
    return row === undefined ? null : utf8Decode(row.value);
  }

  /** 0 where there is no row. */
  revisionOf(key: Uint8Array): number {
    return this.#rows.get(toHex(key))?.revision ?? 0;
  }

  /** What keeps the changes of one update from being made as a whole; null when nothing does. */
  conflictOf(changes: readonly UpdateChange[]): ConfigConflict | null {
    let bytes = this.#bytes;
    let count = this.#rows.size;
    for (const { key, value, isRemoval, ifRevision } of changes) {
      const known = this.#rows.get(toHex(key));
      const revision = known?.revision ?? 0;
      if (ifRevision > 0 && ifRevision - 1 !== revision) return { kind: 'revision', key: utf8Decode(key) ?? toHex(key), revision };
      bytes += (isRemoval ? 0 : key.length + value.length) - (known === undefined ? 0 : costOf(known));
      count += (isRemoval ? 0 : 1) - (known === undefined ? 0 : 1);
    }
    const grows = bytes > this.#bytes || count > this.#rows.size;
    return grows && (bytes > CONFIG_BYTES_MAX || count > CONFIG_ROWS_MAX) ? { kind: 'full' } : null;
  }

  /** Makes changes that have no conflict, as the update `revision`. */
  apply(changes: readonly UpdateChange[], revision: number): void {
    for (const { key, value, isRemoval } of changes) {
      const hex = toHex(key);
      const known = this.#rows.get(hex);
      if (known !== undefined) this.#bytes -= costOf(known);
      this.#rows.delete(hex);
      if (isRemoval) continue;
      // Copies: the entry that it came with is not kept.
      this.#put(hex, { key: key.slice(), value: value.slice(), revision });
    }
  }

  restore(rows: readonly ConfigRow[]): void {
    this.#rows.clear();
    this.#bytes = 0;
    for (const { key, value, revision } of rows) this.#put(toHex(key), { key: key.slice(), value: value.slice(), revision });
  }

  checkInvariants(lastSeq: number): void {
    assert(this.#rows.size <= CONFIG_ROWS_MAX, 'rows of configuration are bounded');
    assert(this.#bytes <= CONFIG_BYTES_MAX, 'bytes of configuration are bounded');
    for (const { revision } of this.#rows.values()) assert(revision <= lastSeq, 'a revision is the number of an update');
  }

  #put(hex: string, row: ConfigRow): void {
    this.#rows.set(hex, row);
    this.#bytes += costOf(row);
  }
}

const costOf = ({ key, value }: ConfigRow): number => key.length + value.length;

export const CONFIG_ROWS_MAX = 4096;
export const CONFIG_BYTES_MAX = 1024 * 1024;
