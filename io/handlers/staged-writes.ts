/** The transaction of one update: rows as the handler sees them, its own writes included; nobody else does yet. */
import { toHex } from '../../core/base/bytes.js';
import type { TableWrite } from '../../core/groups/context.js';
import type { EmbeddedTables } from './embedded-tables.js';
import type { UpdateTransaction } from './update-handler.js';

export class StagedWrites implements UpdateTransaction {
  readonly #tables: EmbeddedTables;
  readonly #staged = new Map<string, TableWrite>();

  constructor(tables: EmbeddedTables) {
    this.#tables = tables;
  }

  /** One for each row that was touched, in the order of the first touch. */
  get writes(): readonly TableWrite[] {
    return [...this.#staged.values()];
  }

  get(table: string, key: Uint8Array): Uint8Array | null {
    const staged = this.#staged.get(`${table}/${toHex(key)}`);
    return staged === undefined ? this.#tables.get(table, key) : staged.value;
  }

  put(table: string, key: Uint8Array, value: Uint8Array): void {
    this.#staged.set(`${table}/${toHex(key)}`, { table, key: key.slice(), value: value.slice() });
  }

  remove(table: string, key: Uint8Array): void {
    this.#staged.set(`${table}/${toHex(key)}`, { table, key: key.slice(), value: null });
  }
}
