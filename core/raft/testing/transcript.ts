/**
 * Stories of a group as text: commands in, what was said and what came of it out. A line that begins with `>` is a
 * command, one with `#` tells the reader something; all others are what the replay prints after the command: the
 * messages that were sent (but heartbeats and pre-votes, which say little), and each replica whose state has changed.
 *
 *     > cluster voters=3
 *     > campaign 1
 *     1→2 vote t1 after 0@0
 *     1 leader t1 vote 1 log 1@1 commit 1 voters 123
 *
 * Replicas are numbered from 1. Logs read 1-3@1,4@2: entries 1 to 3 of term 1, entry 4 of term 2; `*` follows what is
 * not durable yet.
 */
import { nodeOfReplica, type ReplicaId } from '../../base/replica.js';
import type { Result } from '../../base/result.js';
import { type LogIndex, logIndex, term as asTerm } from '../../base/units.js';
import type { RaftMessage } from '../../wire/raft-messages.js';
import type { Configuration, ConfigurationChange, RaftConfig } from '../api.js';
import { configurationOf } from '../configuration.js';
import { replicaNumber } from './in-memory-cluster.js';
import { Lab } from './lab.js';
import { type SingleReplica, logOf } from './single-replica.js';

type Arguments = readonly string[];

/** The transcript as it should read: its comments and commands, with what they give now. */
export function replay(text: string): string {
  const theatre = new Theatre();
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('> ')) lines.push(line, ...theatre.perform(line.slice(2)));
    else if (line.startsWith('#') || line === '') lines.push(line);
  }
  return lines.join('\n');
}

class Theatre {
  #lab: Lab | null = null;
  #told = new Map<number, string>();
  #deliveredCount = 0;
  #said: string[] = [];

  perform(line: string): string[] {
    const [command = '', ...args] = line.split(' ');
    const act = COMMANDS[command];
    if (act === undefined) throw new Error(`no command ${command}`);
    this.#said = [];
    act(this, args);
    if (command !== 'cluster') this.lab.settle();
    const messages = this.#messages();
    return [...(command === 'elect' ? [] : messages), ...this.#said, ...this.#changes()];
  }

  get lab(): Lab {
    if (this.#lab === null) throw new Error('a story begins with its cluster');
    return this.#lab;
  }

  open(lab: Lab): void {
    this.#lab = lab;
    this.#told = new Map();
    this.#deliveredCount = 0;
    for (const n of lab.replicas.keys()) this.#told.set(n, stateOf(lab.at(n + 1)));
  }

  say(line: string): void {
    this.#said.push(line);
  }

  tell(result: Result<unknown>): void {
    if (!result.ok) this.say(`refused: ${result.reject.code}`);
  }

  #messages(): string[] {
    const lines: string[] = [];
    for (const { from, envelope } of this.lab.delivered.slice(this.#deliveredCount)) {
      const told = wordsOf(envelope.message);
      if (told !== null) lines.push(`${nameOf(from)}→${nameOf(envelope.to)} ${told}`);
    }
    this.#deliveredCount = this.lab.delivered.length;
    return lines;
  }

  #changes(): string[] {
    const lines: string[] = [];
    for (const [n, replica] of this.lab.replicas.entries()) {
      const state = stateOf(replica);
      if (this.#told.get(n) !== state) lines.push(`${n + 1} ${state}`);
      this.#told.set(n, state);
      for (const { context, index } of replica.reads.splice(0)) lines.push(`${n + 1} answers read ${context} at ${index}`);
      for (const context of replica.lostReads.splice(0)) lines.push(`${n + 1} loses read ${context}`);
      for (const { index } of replica.installed.splice(0)) lines.push(`${n + 1} installs the snapshot at ${index}`);
      for (const event of replica.events.splice(0)) {
        if (event.kind === 'truncated') lines.push(`${n + 1} truncates from ${event.from}`);
        else if (event.kind === 'halted') lines.push(`${n + 1} halts: ${event.code} at ${event.index}`);
        else if (event.kind === 'recovered') lines.push(`${n + 1} has repaired its log through ${event.index}`);
        else if (event.kind === 'sealed') lines.push(`${n + 1} reports ${event.report.last.index}@${event.report.last.term} commit ${event.report.commit}`);
      }
    }
    return lines;
  }
}

const COMMANDS: Readonly<Record<string, (theatre: Theatre, args: Arguments) => void>> = {
  /** voters=N learners=N spares=N, log1=1,1,2 (terms), and settings of the group by name. */
  cluster: (theatre, args) => theatre.open(clusterOf(named(args))),
  /** An election of which only the outcome is told. */
  elect: (theatre, [n]) => void theatre.lab.elect(Number(n)),
  campaign: ({ lab }, [n]) => lab.at(Number(n)).group.campaign(lab.at(Number(n)).now),
  /** propose 1 [how many] [fence=TERM] */
  propose(theatre, [n, count = '1', fence]) {
    const { group, now } = theatre.lab.at(Number(n));
    const term = fence === undefined ? null : asTerm(Number(fence.slice('fence='.length)));
    for (let left = Number(count); left > 0; left--) theatre.tell(group.propose(now, new Uint8Array([left]), term));
  },
  /** change 1 promote:4 remove:2 */
  change(theatre, [n, ...words]) {
    const changes = words.map((word): ConfigurationChange => {
      const [kind, replica] = word.split(':');
      return { kind: kind as ConfigurationChange['kind'], replica: replicaNumber(Number(replica)) };
    });
    theatre.tell(theatre.lab.at(Number(n)).group.proposeConfiguration(theatre.lab.at(Number(n)).now, changes));
  },
  transfer: (theatre, [n, to]) =>
    theatre.tell(theatre.lab.at(Number(n)).group.transferLeadership(theatre.lab.at(Number(n)).now, replicaNumber(Number(to)))),
  read: (theatre, [n, context]) => theatre.tell(theatre.lab.at(Number(n)).group.readIndex(theatre.lab.at(Number(n)).now, Number(context))),
  compact: ({ lab }, [n]) => lab.at(Number(n)).group.compact(lab.at(Number(n)).now, lab.at(Number(n)).group.appliedIndex, new Uint8Array(100)),
  /** In milliseconds. */
  pass: ({ lab }, [ms]) => lab.pass(Number(ms) * 1000),
  /** A process that stands still: its deadlines come late, all at once, and the messages sent to it wait behind them. */
  stall({ lab }, [n, ms]) {
    const replica = lab.at(Number(n));
    replica.now = (replica.now + Number(ms) * 1000) as typeof replica.now;
    replica.pass(0);
  },
  cut: ({ lab }, [a, b]) => lab.cut(Number(a), Number(b)),
  deafen: ({ lab }, [n]) => lab.replicas.forEach((_, other) => (other + 1 === Number(n) ? undefined : lab.cutOneWay(other + 1, Number(n)))),
  isolate: ({ lab }, [n]) => lab.isolate(Number(n)),
  heal: ({ lab }) => lab.heal(),
  stop: ({ lab }, [n]) => lab.stop(Number(n)),
  start: ({ lab }, [n]) => lab.start(Number(n)),
  /** Messages of these kinds are lost; of none without a name. */
  lose({ lab }, kinds) {
    lab.passes = (_from, _to, message) => !kinds.includes(message.kind);
  },
  /** Writes wait from here on until `flush`. */
  slow: ({ lab }, [n]) => void (lab.at(Number(n)).isDiskPrompt = false),
  flush({ lab }, [n]) {
    const replica = lab.at(Number(n));
    replica.isDiskPrompt = true;
    while (replica.pendingWrites.length > 0) replica.persist();
  },
  /** The oldest write that waits becomes durable, and no other. */
  write: ({ lab }, [n]) => lab.at(Number(n)).persist(),
  /** The oldest write that waits is refused, with all after it: the disk is full. */
  refuse({ lab }, [n]) {
    const replica = lab.at(Number(n));
    const [write] = replica.pendingWrites.splice(0);
    if (write !== undefined) replica.group.onWriteRefused(replica.now, write.id);
  },
  space: ({ lab }, [n]) => lab.at(Number(n)).group.onSpaceFreed(lab.at(Number(n)).now),
  /** While it is down, a replica's disk loses what comes after an entry. */
  damage: ({ lab }, [n, after]) => lab.at(Number(n)).disk.damageAfter(Number(after)),
  seal: (theatre, [n, generation]) => theatre.tell(theatre.lab.at(Number(n)).group.seal(theatre.lab.at(Number(n)).now, Number(generation))),
  /** force 1 2 voters=1,2 learners=3 base=4@1 */
  force(theatre, [n, generation, ...words]) {
    const { group, now } = theatre.lab.at(Number(n));
    const { voters, learners, base = '' } = named(words);
    const [index, term] = base.split('@').map(Number);
    const founding = { configuration: configurationOf(replicas(voters), replicas(learners)), base: { index: logIndex(index ?? 0), term: asTerm(term ?? 0) } };
    theatre.tell(group.force(now, Number(generation), founding));
  },
};

function clusterOf(options: Readonly<Record<string, string>>): Lab {
  const { voters = '1', learners = '0', spares = '0', ...others } = options;
  const logs: ReturnType<typeof logOf>[] = [];
  const config: Record<string, number> = {};
  for (const [name, value] of Object.entries(others)) {
    const place = /^log(\d+)$/.exec(name)?.[1];
    if (place === undefined) config[name] = Number(value);
    else logs[Number(place) - 1] = logOf(...value.split(',').map(Number));
  }
  const counts = { voters: Number(voters), learners: Number(learners), spares: Number(spares) };
  return new Lab({ ...counts, logs: Array.from(logs, (log) => log ?? []), config: config as Partial<RaftConfig> });
}

const named = (words: Arguments): Readonly<Record<string, string>> => Object.fromEntries(words.map((word) => word.split('=') as [string, string]));
const replicas = (list = ''): ReplicaId[] => (list === '' ? [] : list.split(',').map((n) => replicaNumber(Number(n))));
const nameOf = (id: ReplicaId): string => String(Number(nodeOfReplica(id).slice(-1)));
const namesOf = (ids: readonly ReplicaId[]): string => ids.map(nameOf).join('');

function stateOf({ group, disk }: SingleReplica): string {
  const { generation, hardState } = group;
  const parts = [group.role, `t${group.term}`];
  if (hardState.vote !== null) parts.push(`vote ${nameOf(hardState.vote)}`);
  if (group.role !== 'leader' && group.leader !== null) parts.push(`led by ${nameOf(group.leader)}`);
  parts.push(`log ${logText(group)}`, `commit ${group.commitIndex}`, configurationText(group.configuration));
  if (generation.number > 1 || generation.isSealed) parts.push(`generation ${generation.number}${generation.isSealed ? ' sealed' : ''}`);
  if (disk.damagedThrough > 0) parts.push(`damaged through ${disk.damagedThrough}`);
  return parts.join(' ');
}

function configurationText({ voters, outgoing, learners }: Configuration): string {
  const old = outgoing === null ? '' : ` and ${namesOf(outgoing)}`;
  return `voters ${namesOf(voters)}${old}${learners.length === 0 ? '' : ` learners ${namesOf(learners)}`}`;
}

function logText(group: SingleReplica['group']): string {
  const runs: { readonly term: number; readonly from: number; through: number }[] = [];
  for (let index = Number(group.firstIndex); index <= group.lastIndex; index++) {
    const term = Number(group.termAt(index as LogIndex));
    const last = runs.at(-1);
    if (last !== undefined && last.term === term && index !== group.durableIndex + 1) last.through = index;
    else runs.push({ term, from: index, through: index });
  }
  const text = runs.map(({ term, from, through }) => `${from === through ? from : `${from}-${through}`}@${term}${from > group.durableIndex ? '*' : ''}`);
  if (group.snapshotIndex > 0) text.unshift(`(${group.snapshotIndex})`);
  return text.length === 0 ? 'empty' : text.join(',');
}

/** Null for what is not told. */
function wordsOf(message: RaftMessage): string | null {
  switch (message.kind) {
    case 'vote':
      return `vote t${message.term} after ${message.lastIndex}@${message.lastTerm}${message.isTransfer ? ' by transfer' : ''}`;
    case 'voteAnswer':
      return `${message.isGranted ? 'grants' : 'refuses'} t${message.term}`;
    case 'append': {
      const { prevIndex, entries } = message;
      const what = entries.length === 0 ? 'nothing' : entries.length === 1 ? `${prevIndex + 1}` : `${prevIndex + 1}-${prevIndex + entries.length}`;
      return `append ${what} after ${prevIndex}@${message.prevTerm}`;
    }
    case 'appendAck':
      if (message.isRejected) return `rejects, try after ${message.hintIndex}@${message.hintTerm}`;
      return `acks ${message.match}${message.isRecovering ? ', which counts for nothing' : ''}`;
    case 'timeoutNow':
      return 'take over';
    case 'snapshotChunk':
      return `snapshot ${message.index}@${message.snapshotTerm} bytes ${message.offset}-${message.offset + message.bytes.length} of ${message.total}`;
    case 'snapshotAck':
      return `holds ${message.received} bytes of ${message.index}`;
    case 'readIndex':
      return 'asks how far to read';
    case 'readIndexAnswer':
      return `read at ${message.index}`;
    default:
      return null;
  }
}
