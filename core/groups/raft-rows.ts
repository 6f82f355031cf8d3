/** Where a group's Raft state lies in the journal beside its log: hard state, snapshot, and configuration entries. */
import { present } from '../base/assert.js';
import { EMPTY_BYTES } from '../base/bytes.js';
import type { GroupId } from '../base/ids.js';
import type { ReplicaId } from '../base/replica.js';
import { type LogIndex, type Term, logIndex, term } from '../base/units.js';
import type { JournalApi, RestoredGroup } from '../journal/api.js';
import type { Configuration, Generation, RaftEntry, RaftSnapshot, RaftWrite, RestoredRaft, TermRun } from '../raft/api.js';
import { decodeConfiguration, encodeConfiguration } from '../raft/configuration.js';
import { bytes, flag, message, text, uint } from '../wire/schema.js';

export const HardStateRow = message('HardStateRow', { term: uint<Term>(1), vote: text(2) });
export const ConfigurationRow = message('ConfigurationRow', { term: uint<Term>(1), configuration: bytes(2) });
/** Only of a group that was sealed or founded anew: others are in the generation of their descriptor. */
export const GenerationRow = message('GenerationRow', {
  number: uint(1),
  isSealed: flag(2),
  /** Empty for a group's first generation. */
  configuration: bytes(3),
  baseIndex: uint<LogIndex>(4),
  baseTerm: uint<Term>(5),
});
/** While a damaged log is repaired: how far it had been. The first repaired entry makes the journal forget it. */
const DamageRow = message('DamageRow', { through: uint<LogIndex>(1) });
export const SnapshotRow = message('SnapshotRow', {
  index: uint<LogIndex>(1),
  term: uint<Term>(2),
  configuration: bytes(3),
  state: bytes(4),
});

export function encodeSnapshotRow(snapshot: RaftSnapshot): Uint8Array {
  return SnapshotRow.encode({ ...snapshot, configuration: encodeConfiguration(snapshot.configuration) });
}

export function encodeGenerationRow({ number, isSealed, founding }: Generation): Uint8Array {
  return GenerationRow.encode({
    number,
    isSealed,
    configuration: founding === null ? EMPTY_BYTES : encodeConfiguration(founding.configuration),
    baseIndex: founding?.base.index ?? logIndex(0),
    baseTerm: founding?.base.term ?? term(0),
  });
}

/** What the journal holds of the group; a new group's beginning when it holds nothing. */
export function restoreRaft(
  journal: JournalApi,
  group: GroupId,
  initial: Configuration,
  restored: RestoredGroup | null,
): RestoredRaft {
  const hardStateBytes = journal.get(hardStateKey(group));
  const hardState = hardStateBytes === null ? null : present(HardStateRow.decode(hardStateBytes), 'a hard state decodes');
  const snapshot = restoreSnapshot(journal, group, initial);
  return {
    hardState:
      hardState === null
        ? { term: term(0), vote: null }
        : { term: hardState.term, vote: hardState.vote === '' ? null : (hardState.vote as ReplicaId) },
    generation: restoreGeneration(journal, group),
    snapshot,
    terms: restored === null ? [] : readableRuns(restored),
    configurations: restoreConfigurations(journal, group, restored),
    tail: restored === null || restored.damagedFrom !== null ? [] : restored.tail,
    damagedThrough: damagedThrough(journal, group, restored),
  };
}

/** Keeps how far the log had been until all of it has come back; 0 once it has, or when nothing is missing. */
export function putDamage(journal: JournalApi, group: GroupId, through: LogIndex): void {
  const key = damageKey(group);
  if (through > 0) journal.put(key, DamageRow.encode({ through }));
  else if (journal.get(key) !== null) journal.remove(key);
}

/** See `RestoredRaft.damagedThrough`. */
function damagedThrough(journal: JournalApi, group: GroupId, restored: RestoredGroup | null): LogIndex {
  const stored = journal.get(damageKey(group));
  const known = stored === null ? 0 : present(DamageRow.decode(stored), 'a damage row decodes').through;
  if (restored !== null && restored.damagedFrom !== null) return logIndex(Math.max(known, restored.lastIndex));
  return logIndex(known > (restored?.lastIndex ?? 0) ? known : 0);
}

/** Term, vote and generation, as far as `write` changes them. */
export function putRaftRows(journal: JournalApi, group: GroupId, { hardState, generation }: RaftWrite): void {
  if (hardState !== null) {
    const { term: ofTerm, vote } = hardState;
    journal.put(hardStateKey(group), HardStateRow.encode({ term: ofTerm, vote: vote ?? '' }));
  }
  if (generation !== null) journal.put(generationKey(group), encodeGenerationRow(generation));
}

export function forgetRaft(journal: JournalApi, group: GroupId): void {
  journal.remove(hardStateKey(group));
  journal.remove(generationKey(group));
  journal.remove(snapshotKey(group));
  journal.remove(damageKey(group));
  for (const key of journal.keys(configurationPrefix(group))) journal.remove(key);
}

function restoreGeneration(journal: JournalApi, group: GroupId): Generation | null {
  const stored = journal.get(generationKey(group));
  if (stored === null) return null;
  const row = present(GenerationRow.decode(stored), 'a generation row decodes');
  const { number, isSealed, baseIndex, baseTerm } = row;
  if (row.configuration.length === 0) return { number, isSealed, founding: null };
  const configuration = present(decodeConfiguration(row.configuration), 'a stored configuration decodes');
  return { number, isSealed, founding: { configuration, base: { index: baseIndex, term: baseTerm } } };
}

function restoreSnapshot(journal: JournalApi, group: GroupId, initial: Configuration): RaftSnapshot {
  const stored = journal.get(snapshotKey(group));
  if (stored === null) return { index: logIndex(0), term: term(0), configuration: initial, state: new Uint8Array(0) };
  const row = present(SnapshotRow.decode(stored), 'a snapshot row decodes');
  const configuration = present(decodeConfiguration(row.configuration), 'a stored configuration decodes');
  return { index: row.index, term: row.term, configuration, state: row.state };
}

function restoreConfigurations(journal: JournalApi, group: GroupId, restored: RestoredGroup | null): RaftEntry[] {
  const prefix = configurationPrefix(group);
  const end = restored === null ? 0 : restored.damagedFrom === null ? restored.lastIndex : restored.damagedFrom - 1;
  const entries: RaftEntry[] = [];
  for (const key of journal.keys(prefix)) {
    const index = logIndex(Number(key.slice(prefix.length)));
    const row = present(ConfigurationRow.decode(present(journal.get(key), 'a listed key has a value')), 'a configuration row decodes');
    if (index <= end) entries.push({ index, term: row.term, kind: 'configuration', bytes: row.configuration });
  }
  return entries.sort((a, b) => a.index - b.index);
}

function readableRuns(restored: RestoredGroup): TermRun[] {
  const end = restored.damagedFrom === null ? restored.lastIndex : logIndex(restored.damagedFrom - 1);
  const runs: TermRun[] = [];
  for (let i = 0; i < restored.termRuns.length; i++) {
    const run = present(restored.termRuns[i], 'a run is in range');
    const next = restored.termRuns[i + 1];
    const through = logIndex(Math.min(end, next === undefined ? restored.lastIndex : next.from - 1));
    if (run.from <= through) runs.push({ term: run.term, from: run.from, through });
  }
  return runs;
}

export const hardStateKey = (group: GroupId): string => `hard/${group}`;
const damageKey = (group: GroupId): string => `damage/${group}`;
export const generationKey = (group: GroupId): string => `generation/${group}`;
export const snapshotKey = (group: GroupId): string => `snapshot/${group}`;
export const configurationPrefix = (group: GroupId): string => `configuration/${group}/`;
export const configurationKey = (group: GroupId, index: LogIndex): string => `${configurationPrefix(group)}${index}`;
