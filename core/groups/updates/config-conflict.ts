/** What a caller is told whose changes of the configuration were not made. */
import { type Reject, reject } from '../../base/reject.js';
import { CONFIG_BYTES_MAX, CONFIG_ROWS_MAX, type ConfigConflict } from './config-store.js';

/** REVISION_MISMATCH names the present revision; TOO_MANY. Null: the update was refused before, and is not tried again. */
export function conflictReject(conflict: ConfigConflict | null): Reject {
  if (conflict === null) {
    return reject('REVISION_MISMATCH', 'config', 'this very change was refused when it came first; read the key again and make another change');
  }
  if (conflict.kind === 'full') {
    const detail = `the configuration holds at most ${CONFIG_ROWS_MAX} keys and ${CONFIG_BYTES_MAX} bytes; delete some`;
    return reject('TOO_MANY', 'config', detail);
  }
  const { key, revision } = conflict;
  const what = revision === 0 ? 'it does not exist (revision 0)' : `its present revision is ${revision}`;
  return reject('REVISION_MISMATCH', key, `${what}; read it again, then change it on top of that`);
}
