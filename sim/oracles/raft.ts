/**
 * Raft's promises, from the notices of all nodes, dead ones and former lives included: at most one leader in a group,
 * generation and term; one entry per group and index, for ever; one state per group and index.
 *
 * "For ever" ends with a generation: what only members that are gone for good had committed may be another entry in the
 * next one. But once somebody leads that, no earlier one elects a leader any more, and what an earlier one still applies
 * is in the newest one too: so two generations never both decide.
 */
import type { NodeId } from '../../core/base/ids.js';
import type { ViolationSink } from './violations.js';

interface Committed {
  readonly term: number;
  readonly digest: number;
}

/** Of the newest generation that has had a leader. */
interface GroupHistory {
  readonly generation: number;
  readonly leaders: Map<number, NodeId>;
  readonly committed: Map<number, Committed>;
  readonly states: Map<number, number>;
  /** Who leads in the highest term seen. */
  newestTerm: number;
}

export class RaftOracle {
  readonly #sink: ViolationSink;
  readonly #groups = new Map<string, GroupHistory>();

  constructor(sink: ViolationSink) {
    this.#sink = sink;
  }

  onLeader(group: string, term: number, node: NodeId, generation = 1): void {
    const history = this.#group(group, generation);
    if (generation < history.generation) {
      this.#sink.report('raft-two-leaders', `group ${group}: ${node} leads generation ${generation}, which is over`);
      return;
    }
    const other = history.leaders.get(term);
    if (other !== undefined && other !== node) {
      this.#sink.report('raft-two-leaders', `group ${group} term ${term}: ${other} and ${node}`);
    }
    history.leaders.set(term, node);
    history.newestTerm = Math.max(history.newestTerm, term);
  }

  onCommitted(group: string, index: number, term: number, digest: number, generation = 1): void {
    const { committed } = this.#group(group, generation);
    const before = committed.get(index);
    if (before === undefined) committed.set(index, { term, digest });
    else if (before.term !== term || before.digest !== digest) {
      const detail = `term ${before.term} digest ${before.digest}, now term ${term} digest ${digest}`;
      this.#sink.report('raft-commit-differs', `group ${group} index ${index}: ${detail}`);
    }
  }

  onApplied(group: string, index: number, stateDigest: number, generation = 1): void {
    const { states } = this.#group(group, generation);
    const before = states.get(index);
    if (before === undefined) states.set(index, stateDigest);
    else if (before !== stateDigest) {
      this.#sink.report('raft-state-differs', `group ${group} index ${index}: ${before}, now ${stateDigest}`);
    }
  }

  /** Who was last elected in a group; null before anyone was. */
  leader(group: string): NodeId | null {
    const history = this.#groups.get(group);
    return history?.leaders.get(history.newestTerm) ?? null;
  }

  /** Groups whose newest leader is `node`. */
  isLeaderOfAny(node: NodeId): boolean {
    for (const history of this.#groups.values()) {
      if (history.leaders.get(history.newestTerm) === node) return true;
    }
    return false;
  }

  #group(group: string, generation: number): GroupHistory {
    let history = this.#groups.get(group);
    if (history === undefined || history.generation < generation) {
      history = { generation, leaders: new Map(), committed: new Map(), states: new Map(), newestTerm: 0 };
      this.#groups.set(group, history);
    }
    return history;
  }
}
