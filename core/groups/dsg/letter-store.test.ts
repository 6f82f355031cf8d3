import { describe, expect, it } from 'vitest';
import type { GroupId } from '../../base/ids.js';
import { GroupHost, nodeNamed } from '../testing/group-host.js';
import { shapeOfNodes } from '../testing/shape.js';
import { LetterStore } from './letter-store.js';
import { StreamLog } from './stream-log.js';

const GROUP = 'group' as GroupId;

function emptyStore(): { readonly host: GroupHost; readonly store: LetterStore } {
  const host = new GroupHost('t');
  const log = new StreamLog(shapeOfNodes(['s', 't'].map(nodeNamed)), 16);
  const ports = { onNeedsTurn: () => undefined, peers: () => [nodeNamed('s')], sendToPeer: () => undefined };
  return { host, store: new LetterStore(host.context, GROUP, log, ports) };
}

describe('the copies of dead letters', () => {
  it('of letters that have left the list while this member was away are given up, begun or not', () => {
    const { host, store } = emptyStore();
    store.keep(nodeNamed('t'), 7, null);
    store.onTurn(host.now);
    expect(store.heldSeq).toBe(7);
    store.follow(true);
    expect(store.heldSeq).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('of messages that are to die, and are not in the list yet, go on', () => {
    const { store } = emptyStore();
    store.keep(nodeNamed('t'), 9, () => undefined);
    store.follow(true);
    expect(store.heldSeq).toBe(9);
  });
});
