/**
 * Raft's promises about what lies on the disks of all replicas, dead ones included: a term never falls and a vote never
 * changes within it; logs that share an entry share what is before it; an entry that was committed stays where it is;
 * whoever is elected has all that was committed before; what is committed lies on a quorum of the configuration in
 * force, and quorums of one configuration and the next always meet.
 *
 * Constant work per entry. It knows disks, and of the rest what any log line tells.
 */
import { DurableLog } from './durable-log.js';
import { type VoterSets, doQuorumsMeet, isQuorum } from './quorums.js';
import type { OracleName, ViolationSink } from './violations.js';

/** One change of a group's part of a disk, in the order of the journal. */
export type DiskFact =
  | { readonly kind: 'hard-state'; readonly group: string; readonly term: number; readonly vote: string }
  /** The group was founded anew there: what is beyond its base is void, and its terms begin anew. */
  | { readonly kind: 'generation'; readonly group: string; readonly number: number; readonly isSealed: boolean }
  | { readonly kind: 'snapshot'; readonly group: string; readonly index: number; readonly term: number }
  | { readonly kind: 'append'; readonly group: string; readonly from: number; readonly count: number; readonly term: number }
  | { readonly kind: 'compacted'; readonly group: string; readonly through: number; readonly last: number }
  | { readonly kind: 'forget'; readonly group: string };

/** A configuration that a replica has in force, and the generation of the group that it has it in. */
export interface ToldConfiguration {
  readonly generation: number;
  readonly index: number;
  readonly sets: VoterSets;
}

interface AppliedConfiguration {
  readonly index: number;
  readonly sets: VoterSets;
  /** The replicas that had it in force and have not gone back to an older one since. */
  readonly tellers: Set<string>;
}

interface Group {
  generation: number;
  readonly logs: Map<string, DurableLog>;
  /** Index → term of what was committed. */
  readonly committed: Map<number, number>;
  lastCommitted: number;
  /** Index → term → the term of the entry before. */
  readonly before: Map<number, Map<number, number>>;
  configurations: AppliedConfiguration[];
  /** The newest configuration that each replica has told, for who changes it. */
  readonly told: Map<string, AppliedConfiguration>;
  newestTerm: number;
  leader: string;
  /** Whenever a higher term was first led: what had been committed by then. Ascending. */
  raised: { readonly term: number; readonly lastCommitted: number }[];
}

export class DurableRaft {
  readonly #sink: ViolationSink;
  readonly #groups = new Map<string, Group>();

  constructor(sink: ViolationSink) {
    this.#sink = sink;
  }

  /** One batch is on the disk of `replica`, whole. */
  onWritten(replica: string, facts: readonly DiskFact[]): void {
    const voided: Voided[] = [];
    this.#checkSealed(replica, facts);
    const isRefounded = new Set<string>();
    for (const fact of facts) {
      const group = this.#group(fact.group);
      const log = logOf(group, replica);
      if (fact.kind === 'generation' && fact.number !== log.generation) isRefounded.add(fact.group);
      if (fact.kind === 'append') noteVoided(voided, fact.group, group, log, fact.from);
      if (fact.kind === 'compacted') noteVoided(voided, fact.group, group, log, fact.last + 1);
      this.#apply(replica, group, log, fact);
    }
    for (const { id, index, term } of voided) {
      const log = logOf(this.#group(id), replica);
      if (log.isRotten || isRefounded.has(id) || log.holds(index, term)) continue;
      this.#report('raft-committed-lost', id, `${replica} has lost entry ${index} of term ${term}, which was committed`);
      return;
    }
  }

  /** Bits of what `replica` holds of the group have flipped. */
  onRotten(replica: string): void {
    for (const group of this.#groups.values()) {
      const log = group.logs.get(replica);
      if (log !== undefined) log.isRotten = true;
    }
  }

  /** `replica` has the group's configuration of `index` in force. */
  onConfiguration(id: string, replica: string, { generation, index, sets }: ToldConfiguration): void {
    const group = this.#group(id);
    if (generation < group.generation) return;
    if (generation > group.generation) found(group, generation);
    const before = group.told.get(replica);
    let configuration = group.configurations.find((each) => each.index === index && isSame(each.sets, sets));
    if (configuration === undefined) {
      configuration = { index, sets, tellers: new Set() };
      group.configurations.push(configuration);
    }
    for (const each of group.configurations) if (each.index > index) each.tellers.delete(replica);
    configuration.tellers.add(replica);
    group.told.set(replica, configuration);
    const isChange = before !== undefined && index > before.index && group.leader === replica;
    if (isChange && !doQuorumsMeet(before.sets, sets)) {
      this.#report('raft-quorums-part', id, `${replica} goes from ${textOf(before)} to ${textOf(configuration)}`);
    }
  }

  onLeader(id: string, replica: string, term: number): void {
    const group = this.#group(id);
    const raisedBy = group.raised.find((each) => each.term >= term);
    // A leader that comes late in an older term need not have what was committed in newer ones.
    const index = raisedBy === undefined ? group.lastCommitted : raisedBy.lastCommitted;
    const entryTerm = group.committed.get(index);
    const log = logOf(group, replica);
    if (entryTerm !== undefined && !log.isRotten && !log.holds(index, entryTerm)) {
      const detail = `${replica} leads term ${term} without the committed entry ${index} of term ${entryTerm}; its log ends at ${log.last}`;
      this.#report('raft-leader-incomplete', id, detail);
    }
    if (term <= group.newestTerm) return;
    group.raised.push({ term, lastCommitted: group.lastCommitted });
    group.newestTerm = term;
    group.leader = replica;
  }

  /** Some replica has applied it. */
  onCommitted(id: string, index: number, term: number): void {
    const group = this.#group(id);
    if (group.committed.has(index)) return;
    group.committed.set(index, term);
    group.lastCommitted = Math.max(group.lastCommitted, index);
    const candidates = configurationsAround(group, index);
    if (candidates.length === 0) return;
    const holds = (voter: string): boolean => group.logs.get(voter)?.holds(index, term) === true;
    if (candidates.some(({ sets }) => isQuorum(sets, holds))) return;
    const holders = [...group.logs.keys()].filter(holds);
    const detail = `entry ${index} of term ${term} is on ${holders.join(', ') || 'no disk'} of ${candidates.map(textOf).join(' or ')}`;
    this.#report('raft-commit-without-quorum', id, detail);
  }

  /** Whether that many other voters have the group's log that a replica may lose its own. */
  isExpendable(id: string, replica: string): boolean {
    const group = this.#groups.get(id);
    const configuration = group?.told.get(replica);
    if (group === undefined || configuration === undefined) return false;
    const others = (voter: string): boolean => voter !== replica && group.logs.has(voter);
    return configuration.sets.voters.length >= 3 && isQuorum(configuration.sets, others);
  }

  /** The disk of `replica` is lost for good. */
  onLost(replica: string): void {
    for (const group of this.#groups.values()) logOf(group, replica).isLost = true;
  }

  /** Whether the group would still have a quorum without the disk of `replica`, by the newest configuration that anybody has. */
  hasQuorumWithout(id: string, replica: string): boolean {
    const group = this.#groups.get(id);
    let newest: AppliedConfiguration | null = null;
    for (const told of group?.told.values() ?? []) if (newest === null || told.index >= newest.index) newest = told;
    if (group === undefined || newest === null) return false;
    return isQuorum(newest.sets, (voter) => voter !== replica && group.logs.get(voter)?.isLost === false);
  }

  /** The part of a group that a replica's disk holds; null when it holds nothing of it. */
  diskOf(id: string, replica: string): DurableLog | null {
    return this.#groups.get(id)?.logs.get(replica) ?? null;
  }

  /** A sealed generation gets no entry, no term and no vote any more; the next one begins by a batch that says so. */
  #checkSealed(replica: string, facts: readonly DiskFact[]): void {
    const isMoved = new Set(facts.flatMap((fact) => (fact.kind === 'generation' || fact.kind === 'forget' ? [fact.group] : [])));
    for (const fact of facts) {
      const log = this.diskOf(fact.group, replica);
      if (log?.isSealed !== true || isMoved.has(fact.group)) continue;
      const isVote = fact.kind === 'hard-state' && (fact.term !== log.term || fact.vote !== log.vote);
      if (!isVote && fact.kind !== 'append') continue;
      this.#report('raft-seal-broken', fact.group, `${replica} writes ${fact.kind} into generation ${log.generation}, which it has sealed`);
      return;
    }
  }

  #apply(replica: string, group: Group, log: DurableLog, fact: DiskFact): void {
    switch (fact.kind) {
      case 'hard-state':
        this.#onHardState(replica, log, fact);
        return;
      case 'generation':
        log.found(fact.number, fact.isSealed);
        return;
      case 'snapshot':
        log.onSnapshot(fact.index, fact.term);
        return;
      case 'append':
        this.#checkBefore(replica, group, log, fact);
        log.append(fact.from, fact.count, fact.term);
        return;
      case 'compacted':
        log.compact(fact.through, fact.last);
        return;
      case 'forget':
        log.forget();
        return;
    }
  }

  #onHardState(replica: string, log: DurableLog, { group, term, vote }: Extract<DiskFact, { kind: 'hard-state' }>): void {
    const isOtherVote = term === log.term && log.vote !== '' && vote !== log.vote;
    if (term < log.term || isOtherVote) {
      const detail = `${replica} had term ${log.term} vote ${log.vote || 'none'}, now term ${term} vote ${vote || 'none'}`;
      this.#report('raft-vote-forgotten', group, detail);
    }
    log.term = term;
    log.vote = vote;
  }

  /** Log matching: whoever has this entry has the same one before it. */
  #checkBefore(replica: string, group: Group, log: DurableLog, { group: id, from, count, term }: Extract<DiskFact, { kind: 'append' }>): void {
    for (let index = from; index < from + count; index++) {
      const before = index === from ? log.termAt(index - 1) : term;
      if (before === null) continue;
      const known = group.before.get(index) ?? new Map<number, number>();
      group.before.set(index, known);
      const other = known.get(term);
      if (other === undefined) known.set(term, before);
      else if (other !== before) {
        const detail = `entry ${index} of term ${term} follows term ${before} on ${replica}, and term ${other} elsewhere`;
        this.#report('raft-logs-differ', id, detail);
      }
    }
  }

  #report(oracle: OracleName, group: string, detail: string): void {
    this.#sink.report(oracle, `group ${group}: ${detail}`);
  }

  #group(id: string): Group {
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = {
        generation: 0,
        logs: new Map(),
        committed: new Map(),
        lastCommitted: 0,
        before: new Map(),
        configurations: [],
        told: new Map(),
        newestTerm: 0,
        leader: '',
        raised: [],
      };
      this.#groups.set(id, group);
    }
    return group;
  }
}

/** A committed entry that a disk held and that a batch voids, maybe to write it again. */
interface Voided {
  readonly id: string;
  readonly index: number;
  readonly term: number;
}

function noteVoided(voided: Voided[], id: string, group: Group, log: DurableLog, from: number): void {
  for (let index = from; index <= Math.min(log.last, group.lastCommitted); index++) {
    const term = group.committed.get(index);
    if (term !== undefined && log.termAt(index) === term) voided.push({ id, index, term });
  }
}

/** A new generation: what an authority outside of the group has decided is not measured by the old one. */
function found(group: Group, generation: number): void {
  group.generation = generation;
  group.committed.clear();
  group.lastCommitted = 0;
  group.before.clear();
  group.configurations = [];
  group.told.clear();
  group.newestTerm = 0;
  group.leader = '';
  group.raised = [];
}

function logOf(group: Group, replica: string): DurableLog {
  let log = group.logs.get(replica);
  if (log === undefined) {
    log = new DurableLog();
    group.logs.set(replica, log);
  }
  return log;
}

/**
 * Those that may have been in force when `index` was committed: the newest up to it that was committed itself, and all
 * later ones. One that only its leader ever had, and that another entry has taken the place of, hides none.
 */
function configurationsAround(group: Group, index: number): AppliedConfiguration[] {
  let newest = -1;
  for (const each of group.configurations) {
    if (each.index <= index && wasCommitted(group, each)) newest = Math.max(newest, each.index);
  }
  return group.configurations.filter((each) => each.index >= newest);
}

/** Whether the entry that was committed at its place is that of a replica which had it in force. */
function wasCommitted({ committed, logs }: Group, { index, tellers }: AppliedConfiguration): boolean {
  if (index === 0) return true;
  const term = committed.get(index);
  return term !== undefined && [...tellers].some((teller) => logs.get(teller)?.holds(index, term) === true);
}

const isSame = (one: VoterSets, other: VoterSets): boolean =>
  one.voters.join() === other.voters.join() && (one.outgoing?.join() ?? '') === (other.outgoing?.join() ?? '');

const textOf = ({ index, sets: { voters, outgoing } }: AppliedConfiguration): string =>
  `[${voters.join(' ')}${outgoing === null ? '' : ` leaving ${outgoing.join(' ')}`}] of ${index}`;
