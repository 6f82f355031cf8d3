/**
 * Who left the mesh or was evicted stays out of it, and no member gets an index that another had. Known from what
 * operators were answered, and from what nodes show of themselves: a node that has applied the log as far as the answer
 * says neither lists that replica as a member again nor holds a link to a node that it does not list.
 */
import type { NodeId } from '../../core/base/ids.js';
import type { NodeStatus } from '../../core/node/commands.js';
import type { ViolationSink } from './violations.js';

export class Departures {
  readonly #sink: ViolationSink;
  /** Of each node the newest replica that is out, and from where in the log on. */
  readonly #out = new Map<NodeId, { readonly replica: number; readonly revision: number }>();
  /** Who was shown under each index. */
  readonly #holders = new Map<number, string>();

  constructor(sink: ViolationSink) {
    this.#sink = sink;
  }

  /** An operator was told that the replica is out; the log has it at `revision`. 0: who left learnt it from others. */
  onDeparted(node: NodeId, replica: number, revision: number): void {
    if (revision > 0) this.#out.set(node, { replica, revision });
  }

  /** What node number `at` shows. */
  onStatus(at: number, { mesh, links, groups, node }: NodeStatus): void {
    if (mesh === null || mesh.standing !== 'member') return;
    const applied = groups.find(({ kind }) => kind === 'mcg')?.appliedIndex ?? 0;
    for (const { id, index, replica, name } of mesh.members) {
      const holder = `${id}.${replica}`;
      const before = this.#holders.get(index);
      this.#holders.set(index, holder);
      if (before !== undefined && before !== holder) {
        this.#sink.report('index-reused', `node ${at}: index ${index} is ${name}'s, and was ${before}'s`);
      }
      const out = this.#out.get(id);
      // Whoever is out does not apply its own departure: it is told by others.
      if (out === undefined || id === node.id || replica > out.replica || applied < out.revision) continue;
      this.#sink.report('departed-returned', `node ${at} lists ${name}, replica ${replica}, which is out since ${out.revision}`);
    }
    const members = new Set(mesh.members.map(({ id }) => id));
    for (const { peer, isProvisional } of links) {
      const out = this.#out.get(peer);
      if (out === undefined || isProvisional || members.has(peer) || applied < out.revision) continue;
      this.#sink.report('departed-returned', `node ${at} holds a link to ${peer}, which is no member`);
    }
  }
}
