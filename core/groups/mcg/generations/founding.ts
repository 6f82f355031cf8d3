/**
 * How a mesh-wide group goes on in a generation that those who are left found: from the most up-to-date of their logs,
 * with so many voters as a mesh of their number has (DESIGN §8, raft.md 32).
 *
 * Invariants: whose log is the base votes, so nothing that any founder holds is lost; a replica that has lost some of
 * what it once vouched for only learns.
 */
import { assert } from '../../../base/assert.js';
import type { GenerationId, GroupId, MeshId } from '../../../base/ids.js';
import type { Crypto } from '../../../base/crypto.js';
import { type ReplicaId, compareReplicas } from '../../../base/replica.js';
import type { LogIndex } from '../../../base/units.js';
import type { Configuration, Founding, LogPlace } from '../../../raft/api.js';
import { configurationOf, decodeConfiguration, encodeConfiguration, isQuorum, isVoter } from '../../../raft/configuration.js';
import { isBehind } from '../../../raft/log-entry.js';
import { generationTagOf } from '../../../security/mesh-key.js';
import type { GenerationFounding, GenerationRow, MeshGroupFounding, GroupReport } from '../../../wire/generation-messages.js';
import { voterCount } from '../../policy.js';
import type { GenerationRecord, Lineage } from './lineage.js';

/** What a replica holds of one group. */
export interface HeldLog {
  readonly configuration: Configuration;
  readonly last: LogPlace;
  readonly commit: LogIndex;
  readonly damagedThrough: LogIndex;
  /** It has stopped durably, and this is all of it. */
  readonly isSealed: boolean;
}

export type HeldLogs = ReadonlyMap<ReplicaId, HeldLog>;

/** Null when no sound replica holds anything: then nothing can be founded. */
export function foundGroup(logs: HeldLogs, votersMax: number): Founding | null {
  const newest = longestOf(logs);
  if (newest === null) return null;
  const base = newest.last;
  const able = [...logs].filter(([, { damagedThrough, last }]) => damagedThrough === 0 && last.index > 0);
  const votes = able.sort(([a, one], [b, two]) => byLog(one.last, two.last) || byVote(newest, a, b) || compareReplicas(a, b));
  const voters = votes.slice(0, voterCount(votes.length, votersMax)).map(([replica]) => replica);
  const others = [...logs].filter(([replica, { last }]) => !voters.includes(replica) && !isBehind(base, last));
  return { configuration: configurationOf(voters, others.map(([replica]) => replica)), base };
}

/** The most up-to-date of the logs that are whole. */
export function longestOf(logs: HeldLogs): HeldLog | null {
  let newest: HeldLog | null = null;
  for (const log of logs.values()) {
    const isWhole = log.damagedThrough === 0 && log.configuration.voters.length > 0;
    if (isWhole && (newest === null || isBehind(newest.last, log.last))) newest = log;
  }
  return newest;
}

/** Whether those replicas, without anybody's help, are still a majority of the voters in force. */
export function holdsQuorum(logs: HeldLogs): boolean {
  const newest = longestOf(logs);
  if (newest === null) return false;
  return isQuorum(newest.configuration, (voter) => {
    const log = logs.get(voter);
    return log !== undefined && !log.isSealed && log.damagedThrough === 0;
  });
}

/** Null when the configuration is none. */
export function heldLogOf(report: GroupReport): HeldLog | null {
  const configuration = report.configuration.length === 0 ? NO_CONFIGURATION : decodeConfiguration(report.configuration);
  if (configuration === null) return null;
  const { lastIndex, lastTerm, commit, damagedThrough, isSealed } = report;
  return { configuration, last: { index: lastIndex, term: lastTerm }, commit, damagedThrough, isSealed };
}

/** As messages and the log have it. */
export function groupFoundingOf(group: GroupId, { configuration, base }: Founding): MeshGroupFounding {
  return { group, configuration: encodeConfiguration(configuration), baseIndex: base.index, baseTerm: base.term };
}

/** How `group` goes on; null when the founding says nothing of it, or nothing sound. */
export function foundingOfGroup(founding: GenerationFounding, group: GroupId): Founding | null {
  const found = founding.groups.find((one) => one.group === group);
  const configuration = found === undefined ? null : decodeConfiguration(found.configuration);
  if (found === undefined || configuration === null || configuration.outgoing !== null) return null;
  return { configuration, base: { index: found.baseIndex, term: found.baseTerm } };
}

export function recordOfRow({ id, parent, forkIndex, forkTerm, memberCount }: GenerationRow): GenerationRecord {
  return { id, parent, fork: { index: forkIndex, term: forkTerm }, memberCount };
}

export const lineageOf = (rows: readonly GenerationRow[]): Lineage => rows.map(recordOfRow);

/** The number that Raft's messages carry in the generation after so many foundings. */
export const generationNumber = (foundings: number): number => foundings + 1;

/** The tag that frames carry in a generation: of the first one as it ever was, of others by their id. */
export function lineageTagOf(crypto: Crypto, mesh: MeshId, id: GenerationId, number: number): number {
  assert(number > 1, 'the first generation has no founding of its own');
  return generationTagOf(crypto, mesh, number, id);
}

const byLog = (one: LogPlace, two: LogPlace): number => (isBehind(one, two) ? 1 : isBehind(two, one) ? -1 : 0);

function byVote({ configuration }: HeldLog, a: ReplicaId, b: ReplicaId): number {
  return Number(isVoter(configuration, b)) - Number(isVoter(configuration, a));
}

/** Of a replica that has not heard of the group's beginning yet. */
const NO_CONFIGURATION: Configuration = { voters: [], outgoing: null, learners: [] };
