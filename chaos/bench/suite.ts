/** Every benchmark, in the order in which they run: what is a limit before what is compared with it. */
import { BARE_HOP } from './hop/bare-hop.js';
import { relayHop } from './hop/relay-hop.js';
import { JOURNAL_FLUSH } from './journal-flush.js';
import { LSA_DELTA } from './lsa-delta.js';
import type { Bench } from './measurement.js';
import { RAFT } from './raft.js';
import { RAFT_GROUPS } from './raft-groups.js';
import { SIM_EVENTS } from './sim-events.js';
import { streamDurable, streamStrict } from './stream/stream-durable.js';

/** `profileDirectory`: where meshd and the stream's applications leave CPU profiles; null for none. */
export function suite(profileDirectory: string | null): readonly Bench[] {
  return [BARE_HOP, JOURNAL_FLUSH, relayHop(profileDirectory), streamDurable(profileDirectory), streamStrict(profileDirectory), RAFT, RAFT_GROUPS, SIM_EVENTS, LSA_DELTA];
}
