/**
 * The boot id of one end of a flow: (replica, boot counter, session), ordered. A flow lives between exactly two boots;
 * anything of an older one is refused, a newer one ends the flow.
 *
 * The session counts how often this boot forgot a peer. Without it, an end that forgot its peer (and with it what had
 * been delivered) and meets it again would be taken by the peer for the flow that was, whose sequence numbers run on.
 * On the wire the session is the low part of the boot counter's field, so a frame carries two numbers for each end.
 */
import { assert } from '../base/assert.js';

/** One life of one end. `counter` is boot counter × 2^20 + session. The zero boot means "unknown". */
export interface BootId {
  readonly replica: number;
  readonly counter: number;
}

/** The boot id of this end for peers that are met after `session` forgettings. */
export function bootId(replica: number, bootCounter: number, session: number): BootId {
  assert(replica > 0, 'replicas are counted from 1');
  assert(bootCounter > 0 && bootCounter < BOOTS_MAX, 'a boot counter is from 1 and below 2^33');
  assert(session < SESSIONS_MAX, 'a boot forgets fewer than 2^20 peers');
  return { replica, counter: bootCounter * SESSIONS_MAX + session };
}

/** Negative when (replica, counter) is older than `boot`, positive when newer. */
export function compareBoot(replica: number, counter: number, boot: BootId): number {
  return replica !== boot.replica ? replica - boot.replica : counter - boot.counter;
}

/** Stands for a peer's boot before its first frame. */
export const UNKNOWN_BOOT: BootId = { replica: 0, counter: 0 };
const SESSIONS_MAX = 0x10_0000;
const BOOTS_MAX = 0x2_0000_0000;
