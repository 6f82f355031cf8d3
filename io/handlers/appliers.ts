/**
 * The appliers that come with a node: mesh updates write `config_kv` and lead to a reload as SIGHUP does; database
 * updates write the rows that they name into the embedded tables. A node that is to apply them elsewhere registers a
 * handler of its own.
 */
import { utf8Decode } from '../../core/base/bytes.js';
import { EVERY_ROW } from '../../core/groups/updates/config-store.js';
import { CONFIGURATION_TABLE } from '../../core/groups/updates/update-state.js';
import type { UpdateChange } from '../../core/wire/update-messages.js';
import type { NodeHost } from '../host/node-host.js';
import type { EmbeddedTables } from './embedded-tables.js';
import type { UpdateHandler, UpdateTransaction } from './update-handler.js';

/** `onChanged` is called once the rows are on their way to the disk. */
export function configurationApplier(host: NodeHost, tables: EmbeddedTables, onChanged: () => void): UpdateHandler {
  return {
    onUpdate: ({ changes }, transaction) => {
      if (changes.length === 0) return;
      for (const change of changes) applyChange(change, transaction);
      setImmediate(onChanged);
    },
    // The mesh's log holds the sum of all changes, whatever of the updates is kept.
    onNeedsResync: (_baseSeq, transaction) =>
      new Promise((resolve, fail) => {
        host.request({ kind: 'get-configuration', selector: EVERY_ROW, isLocal: true }, {
          onReply: (result) => {
            if (!result.ok || result.value.kind !== 'configuration') return fail(new Error('the node gave no configuration'));
            for (const { key } of tables.rows(CONFIGURATION_TABLE)) transaction.remove(CONFIGURATION_TABLE, key);
            for (const { key, value } of result.value.rows) transaction.put(CONFIGURATION_TABLE, key, value);
            setImmediate(onChanged);
            resolve(result.value.seq);
          },
        });
      }),
  };
}

/** `config_kv` as text by key; what is not text is left away. */
export function configurationOf(tables: EmbeddedTables): ReadonlyMap<string, string> {
  const rows = new Map<string, string>();
  for (const { key, value } of tables.rows(CONFIGURATION_TABLE)) {
    const [name, text] = [utf8Decode(key), utf8Decode(value)];
    if (name !== null && text !== null) rows.set(name, text);
  }
  return rows;
}

/** Where database updates go. The embedded form writes rows in the transaction of the applier's place. */
export function databaseApplier(): UpdateHandler {
  return {
    onUpdate: ({ changes }, transaction) => {
      for (const change of changes) applyChange(change, transaction);
    },
  };
}

function applyChange({ table, key, value, isRemoval }: UpdateChange, transaction: UpdateTransaction): void {
  if (isRemoval) transaction.remove(table, key);
  else transaction.put(table, key, value);
}
