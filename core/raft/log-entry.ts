/** Entries and places of a log: how they compare, and their form in messages. */
import { type Term, logIndex } from '../base/units.js';
import { ENTRY_KINDS, type RaftLogEntry } from '../wire/raft-messages.js';
import type { LogPlace, RaftEntry, RaftEntryKind } from './api.js';

/** Whether a log that ends at `one` is less up to date than one that ends at `two`. */
export const isBehind = (one: LogPlace, two: LogPlace): boolean =>
  one.term < two.term || (one.term === two.term && one.index < two.index);

export const toWireEntry = (entry: RaftEntry): RaftLogEntry => ({
  term: entry.term,
  kind: ENTRY_KINDS[entry.kind],
  bytes: entry.bytes,
});

export const fromWireEntry = (entry: RaftLogEntry, index: number): RaftEntry => ({
  index: logIndex(index),
  term: entry.term as Term,
  kind: KIND_NAMES[entry.kind] as RaftEntryKind,
  bytes: entry.bytes,
});

const KIND_NAMES: readonly RaftEntryKind[] = ['noop', 'data', 'configuration'];
