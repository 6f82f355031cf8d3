/** The feeds of updates and the logs that they ride: mesh and node updates the system log, database updates their own. */
import { UPDATE_FEEDS, UPDATE_LOGS } from '../../wire/update-messages.js';

/** Which of the two mesh-wide logs. */
export type UpdateLogName = keyof typeof UPDATE_LOGS;
/** What kind of update, as senders and consumers name it. */
export type UpdateFeed = keyof typeof UPDATE_FEEDS;

export const logOf = (feed: UpdateFeed): UpdateLogName => (feed === 'database' ? 'database' : 'system');

/** Null for a number that this version does not know. */
export function feedOf(wireNumber: number): UpdateFeed | null {
  for (const feed of FEEDS) if (UPDATE_FEEDS[feed] === wireNumber) return feed;
  return null;
}

export const FEEDS: readonly UpdateFeed[] = ['mesh', 'node', 'database'];
