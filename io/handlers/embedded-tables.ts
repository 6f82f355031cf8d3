/**
 * The embedded tables: what appliers of updates keep beside the journal. Held in memory, durable in the journal's LMDB
 * environment: a row changes on disk in the same transaction as the place of the applier that changed it.
 *
 * Bounded by `bytesMax`: beyond it a write is refused, and so the applier stands still until rows go or the bound is
 * raised.
 */
import { toHex } from '../../core/base/bytes.js';
import type { TableWrite } from '../../core/groups/context.js';
import type { TableRow } from '../ledger/table-rows.js';

/** The tables hold as much as they may. */
export class TablesFull extends Error {
  override readonly name = 'TablesFull';
}

export class EmbeddedTables {
  readonly #tables = new Map<string, Map<string, TableRow>>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(rows: Iterable<TableRow>, bytesMax: number) {
    this.#bytesMax = bytesMax;
    for (const row of rows) this.#set(row);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(table: string, key: Uint8Array): Uint8Array | null {
    return this.#tables.get(table)?.get(toHex(key))?.value ?? null;
  }

  /** The rows of one table, in the order of their first appearance in this process. */
  rows(table: string): readonly TableRow[] {
    return [...(this.#tables.get(table)?.values() ?? [])];
  }

  /** The writes that would leave `table` empty. */
  clearing(table: string): TableWrite[] {
    return this.rows(table).map(({ key }) => ({ table, key, value: null }));
  }

  /** Takes the writes over; they are on their way to the disk. Throws `TablesFull`, having changed nothing. */
  apply(writes: readonly TableWrite[]): void {
    let bytes = this.#bytes;
    for (const { table, key, value } of writes) {
      bytes += value === null ? 0 : table.length + key.length + value.length;
    }
    if (bytes > this.#bytesMax && writes.some(({ value }) => value !== null)) {
      throw new TablesFull(`the embedded tables hold ${this.#bytes} of ${this.#bytesMax} bytes`);
    }
    for (const { table, key, value } of writes) {
      if (value === null) this.#remove(table, key);
      else this.#set({ table, key, value });
    }
  }

  #set(row: TableRow): void {
    this.#remove(row.table, row.key);
    let rows = this.#tables.get(row.table);
    if (rows === undefined) this.#tables.set(row.table, (rows = new Map()));
    rows.set(toHex(row.key), row);
    this.#bytes += costOf(row);
  }

  #remove(table: string, key: Uint8Array): void {
    const rows = this.#tables.get(table);
    const known = rows?.get(toHex(key));
    if (rows === undefined || known === undefined) return;
    rows.delete(toHex(key));
    this.#bytes -= costOf(known);
  }
}

const costOf = ({ table, key, value }: TableRow): number => table.length + key.length + value.length;
