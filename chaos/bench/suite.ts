/** Every benchmark, in the order in which they run: what is a limit before what is compared with it. */
import { JOURNAL_FLUSH } from './journal-flush.js';
import { LSA_DELTA } from './lsa-delta.js';
import type { Bench } from './measurement.js';
import { RAFT } from './raft.js';
import { SIM_EVENTS } from './sim-events.js';
import { streamDurable } from './stream/stream-durable.js';

/** `profileDirectory`: where the processes of the stream leave CPU profiles; null for none. */
export function suite(profileDirectory: string | null): readonly Bench[] {
  return [JOURNAL_FLUSH, streamDurable(profileDirectory), RAFT, SIM_EVENTS, LSA_DELTA];
}
