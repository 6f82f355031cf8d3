/**
 * What a node shows of itself from time to time: within one of its lives nothing that only grows may fall. Terms,
 * commit and apply frontiers of its groups, the watermarks of its streams and the incarnations of the members all do.
 */
import type { StreamId } from '../../core/base/ids.js';
import type { GroupStatus, MemberStatus, NodeStatus, StreamStatus } from '../../core/node/commands.js';
import type { ViolationSink } from './violations.js';

/** One life of one node. */
export class StatusHistory {
  readonly #node: number;
  readonly #sink: ViolationSink;
  readonly #highest = new Map<string, number>();
  readonly #isChanging: (stream: StreamId) => boolean;
  #replica = 0;

  /** `isChanging`: targets of that stream are removed and attached. */
  constructor(node: number, sink: ViolationSink, isChanging: (stream: StreamId) => boolean = () => false) {
    this.#isChanging = isChanging;
    this.#node = node;
    this.#sink = sink;
  }

  onStatus(status: NodeStatus): void {
    // A node that left its mesh or was evicted comes back as a later replica, which begins anew.
    if (status.node.replica !== this.#replica) this.#highest.clear();
    this.#replica = status.node.replica;
    for (const group of status.groups) this.#onGroup(group);
    for (const stream of status.streams) this.#onStream(stream);
    for (const member of status.mesh?.members ?? []) this.#onMember(member);
  }

  #onGroup({ id, term, commitIndex, appliedIndex, lastIndex, firstIndex }: GroupStatus): void {
    this.#grows('status-regressed', `group ${id} term`, term);
    this.#grows('status-regressed', `group ${id} commit`, commitIndex);
    this.#grows('status-regressed', `group ${id} applied`, appliedIndex);
    this.#grows('status-regressed', `group ${id} first`, firstIndex);
    if (appliedIndex > commitIndex || commitIndex > lastIndex) {
      this.#report('status-regressed', `group ${id} shows applied ${appliedIndex}, commit ${commitIndex}, last ${lastIndex}`);
    }
  }

  #onStream({ id, accepted, replicated, completed, targets, outstandingBytes }: StreamStatus): void {
    this.#grows('status-regressed', `stream ${id} accepted`, accepted);
    this.#grows('status-regressed', `stream ${id} replicated`, replicated);
    this.#grows('status-regressed', `stream ${id} completed`, completed);
    // Who was removed and attached anew has nothing behind it.
    if (!this.#isChanging(id)) for (const { node, settled } of targets) this.#grows('status-regressed', `stream ${id} settled at ${node}`, settled);
    if (completed > replicated || outstandingBytes < 0) {
      this.#report('status-regressed', `stream ${id} shows completed ${completed} of ${replicated}, ${outstandingBytes} bytes`);
    }
  }

  #onMember({ id, replica, incarnation }: MemberStatus): void {
    this.#grows('incarnation-regressed', `member ${id} replica ${replica} incarnation`, incarnation);
  }

  #grows(oracle: 'status-regressed' | 'incarnation-regressed', what: string, value: number): void {
    const before = this.#highest.get(what) ?? 0;
    if (value < before) this.#report(oracle, `${what} fell from ${before} to ${value}`);
    else if (value > before) this.#highest.set(what, value);
  }

  #report(oracle: 'status-regressed' | 'incarnation-regressed', detail: string): void {
    this.#sink.report(oracle, `node ${this.#node}: ${detail}`);
  }
}
