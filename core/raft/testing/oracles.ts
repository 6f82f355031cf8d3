/**
 * What must hold after every step of a simulated group, known from the promises of Raft and not from its code. Each
 * check is told facts as they happen and throws `Violation` with the name of the promise.
 */
import { crc32c } from '../../base/crc32c.js';
import type { ReplicaId } from '../../base/replica.js';
import { ENTRY_KINDS, type RaftMessage } from '../../wire/raft-messages.js';
import type { Configuration, RaftEntry, RaftWrite } from '../api.js';
import { isQuorum } from '../configuration.js';
import type { RaftGroup } from '../raft-group.js';
import type { SimulatedDisk } from './simulated-disk.js';

export class Violation extends Error {
  override readonly name = 'Violation';
}

/** A replica as the oracles see it. */
export interface Observed {
  readonly id: ReplicaId;
  readonly group: RaftGroup;
  readonly disk: SimulatedDisk;
}

interface Frontier {
  boot: number;
  term: number;
  commit: number;
  applied: number;
  role: string;
  configuration: Configuration;
}

export class Oracles {
  readonly #leaders = new Map<number, ReplicaId>();
  /** The term of each committed index. */
  readonly #committed: number[] = [0];
  /** The term of the leader that committed it. */
  readonly #committedIn: number[] = [0];
  /** (index, term) to what the entry is and what it stands on. */
  readonly #entries = new Map<string, string>();
  readonly #stateHashes = new Map<number, number>();
  readonly #frontiers = new Map<ReplicaId, Frontier>();
  readonly #votes = new Map<string, ReplicaId>();
  readonly #disks: ReadonlyMap<ReplicaId, SimulatedDisk>;
  readonly #dataLeavesEarly: boolean;
  /** How many checks looked at something, so that a test can see that they did. */
  checkCount = 0;

  constructor(disks: ReadonlyMap<ReplicaId, SimulatedDisk>, dataLeavesEarly: boolean) {
    this.#disks = disks;
    this.#dataLeavesEarly = dataLeavesEarly;
  }

  get committedIndex(): number {
    return this.#committed.length - 1;
  }

  committedTermAt(index: number): number {
    return this.#committed[index] ?? -1;
  }

  /** After any input to `node`. `boot` counts its starts. */
  afterStep(node: Observed, boot: number): void {
    const { group, id } = node;
    group.checkInvariants();
    if (group.isHalted) throw new Violation(`halted: ${id}`);
    let frontier = this.#frontiers.get(id);
    if (frontier === undefined || frontier.boot !== boot) {
      if (frontier !== undefined && group.term < frontier.term && group.term < node.disk.hardState.term) {
        throw new Violation('term is monotone across a restart');
      }
      frontier = { boot, term: 0, commit: 0, applied: 0, role: '', configuration: group.configuration };
      this.#frontiers.set(id, frontier);
    }
    if (group.term < frontier.term) throw new Violation('term is monotone');
    if (group.commitIndex < frontier.commit) throw new Violation('commit is monotone');
    if (group.appliedIndex < frontier.applied) throw new Violation('applied is monotone');
    if (group.role === 'leader' && (frontier.role !== 'leader' || frontier.term !== group.term)) this.#onLeader(node);
    if (group.commitIndex > frontier.commit) this.#onCommit(node, frontier);
    const hasLed = frontier.role === 'leader' && frontier.term === group.term;
    if (hasLed && group.configuration !== frontier.configuration) this.onConfiguration(frontier.configuration, group.configuration);
    frontier.configuration = group.configuration;
    frontier.term = group.term;
    frontier.commit = group.commitIndex;
    frontier.applied = group.appliedIndex;
    frontier.role = group.role;
    this.checkCount++;
  }

  /** A write is made: its entries match all that was ever written at their places. */
  onWrite({ group }: Observed, write: RaftWrite): void {
    let prevTerm = -1;
    for (const entry of write.entries) {
      if (prevTerm < 0) prevTerm = group.termAt((entry.index - 1) as RaftEntry['index']) ?? 0;
      const key = `${entry.index}/${entry.term}`;
      const content = `${prevTerm}/${entry.kind}/${crc32c(entry.bytes)}`;
      const known = this.#entries.get(key);
      if (known === undefined) this.#entries.set(key, content);
      else if (known !== content) throw new Violation(`log matching at ${key}: ${known} and ${content}`);
      prevTerm = entry.term;
    }
  }

  /** A message leaves: whatever it claims is on its sender's disk. */
  onSend({ id, disk }: Observed, to: ReplicaId, message: RaftMessage): void {
    const durableTerm = disk.hardState.term;
    if (message.kind === 'voteAnswer' && message.isGranted) {
      const isKept = durableTerm > message.term || (durableTerm === message.term && disk.hardState.vote === to);
      if (!isKept) throw new Violation(`a vote leaves before it is durable: ${id} to ${to} in ${message.term}`);
      this.#onVote(id, to, message.term);
    } else if (message.kind === 'vote') {
      if (durableTerm < message.term) throw new Violation('a vote request leaves before its term is durable');
      if (durableTerm === message.term && !disk.holds(message.lastIndex, message.lastTerm)) {
        throw new Violation('a vote request leaves before the log that it boasts of is durable');
      }
      this.#onVote(id, id, message.term);
    } else if (message.kind === 'appendAck' || message.kind === 'heartbeatAck') {
      if (message.match > disk.lastIndex) throw new Violation('an ack leaves before its entries are durable');
      if (message.match > 0 && durableTerm < message.term) throw new Violation('an ack leaves before its term is durable');
    } else if (message.kind === 'append') {
      message.entries.forEach((entry, n) => {
        const index = message.prevIndex + 1 + n;
        if (this.#dataLeavesEarly || entry.kind === ENTRY_KINDS.configuration) return;
        if (!disk.holds(index, entry.term)) throw new Violation(`an entry leaves before it is durable at its source: ${index}`);
      });
    }
  }

  /** The state machine of a node takes entries. */
  onApply({ disk, group }: Observed, entries: readonly RaftEntry[]): void {
    for (const entry of entries) {
      if (!disk.holds(entry.index, entry.term)) throw new Violation('applied before durable');
      if (this.#committed[entry.index] !== entry.term) throw new Violation('applied without commit');
    }
    const last = entries[entries.length - 1];
    if (last !== undefined && last.index > group.commitIndex) throw new Violation('applied at most commit');
  }

  /** The hash of a state machine after `index`. */
  onState(index: number, hash: number): void {
    const known = this.#stateHashes.get(index);
    if (known === undefined) this.#stateHashes.set(index, hash);
    else if (known !== hash) throw new Violation(`state machines differ after ${index}`);
  }

  /** A configuration follows another one in a log: one voter moves, or a joint one is entered, or left. */
  onConfiguration(before: Configuration, after: Configuration): void {
    const isSame = (one: readonly ReplicaId[], two: readonly ReplicaId[]): boolean => one.join() === two.join();
    if (before.outgoing !== null) {
      if (after.outgoing !== null || !isSame(before.voters, after.voters)) throw new Violation('a joint phase ends in its new half');
    } else if (after.outgoing !== null) {
      if (!isSame(before.voters, after.outgoing)) throw new Violation('a joint phase begins in its old half');
    } else {
      const added = after.voters.filter((voter) => !before.voters.includes(voter)).length;
      const removed = before.voters.filter((voter) => !after.voters.includes(voter)).length;
      if (added + removed > 1) throw new Violation('quorums of adjacent configurations intersect');
    }
  }

  /** Every entry committed in a term before `term` is in the log of `node` or behind its snapshot. */
  checkComplete({ group, id }: Observed, term: number): void {
    for (let index = group.snapshotIndex + 1; index <= this.committedIndex; index++) {
      if ((this.#committedIn[index] as number) < term && group.termAt(index as RaftEntry['index']) !== this.#committed[index]) {
        throw new Violation(`leader completeness: ${id} lacks ${index}`);
      }
    }
  }

  #onLeader(node: Observed): void {
    const known = this.#leaders.get(node.group.term);
    if (known !== undefined && known !== node.id) throw new Violation(`two leaders in term ${node.group.term}`);
    this.#leaders.set(node.group.term, node.id);
    this.checkComplete(node, node.group.term);
  }

  #onVote(voter: ReplicaId, candidate: ReplicaId, term: number): void {
    const key = `${voter}/${term}`;
    const known = this.#votes.get(key);
    if (known !== undefined && known !== candidate) throw new Violation(`two votes of ${voter} in term ${term}`);
    this.#votes.set(key, candidate);
  }

  #onCommit(node: Observed, was: Frontier): void {
    const { group, disk } = node;
    for (let index = was.commit + 1; index <= group.commitIndex; index++) {
      const term = group.termAt(index as RaftEntry['index']);
      if (term === null) continue;
      const known = this.#committed[index];
      if (known === undefined) continue;
      if (known !== term) throw new Violation(`the committed prefix changed at ${index}`);
    }
    if (group.commitIndex <= this.committedIndex) return;
    // A leader whose own removal commits in this very step has stepped down in it.
    const led = group.role === 'leader' || (was.role === 'leader' && was.term === group.term);
    if (!led) throw new Violation('only a leader commits what nobody has committed yet');
    const top = group.commitIndex;
    const topTerm = group.termAt(top);
    if (topTerm !== group.term) throw new Violation('a commit by counting is of an entry of the leader\'s own term');
    const stands = isQuorum(group.configuration, (voter) => (this.#disks.get(voter) ?? disk).holds(top, group.term));
    if (!stands) throw new Violation(`commit ${top} does not stand on a quorum of durable logs`);
    for (let index = this.committedIndex + 1; index <= top; index++) {
      this.#committed.push(group.termAt(index as RaftEntry['index']) ?? -1);
      this.#committedIn.push(group.term);
    }
  }
}
