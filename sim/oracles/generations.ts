/**
 * The generations of a mesh as nodes show them: a node never goes back to an older one, a number is of one generation
 * only, and whom a recovery forgot stays where he was: not in a later generation, not in a list of its members once it
 * was struck off there, and nobody's neighbour there.
 */
import type { NodeId } from '../../core/base/ids.js';
import type { NodeStatus } from '../../core/node/commands.js';
import type { ViolationSink } from './violations.js';

export class Generations {
  readonly #sink: ViolationSink;
  /** Whom the operator has agreed to forget. */
  readonly #lost: ReadonlySet<NodeId>;
  /** The newest that each node has shown. */
  readonly #shown = new Map<NodeId, number>();
  /** The tag of each number. */
  readonly #tags = new Map<number, number>();
  /** `WHO FORGOT`: struck off in what `who` has shown, and how far its log was applied then. */
  readonly #struck = new Map<string, number>();

  constructor(lost: ReadonlySet<NodeId>, sink: ViolationSink) {
    this.#lost = lost;
    this.#sink = sink;
  }

  /** What node number `at` shows. */
  onStatus(at: number, { mesh, links, node, groups }: NodeStatus): void {
    if (mesh === null || mesh.standing !== 'member') return;
    const { generation, generationTag, members } = mesh;
    const before = this.#shown.get(node.id) ?? 0;
    if (generation < before) this.#sink.report('generation-fell', `node ${at} is in generation ${generation} and was in ${before}`);
    this.#shown.set(node.id, Math.max(generation, before));
    const tag = this.#tags.get(generation) ?? generationTag;
    this.#tags.set(generation, tag);
    if (tag !== generationTag) this.#sink.report('generation-forked', `node ${at} is in a generation ${generation} of its own`);
    if (generation === 1) return;
    if (this.#lost.has(node.id)) this.#sink.report('generation-crossed', `node ${at} was forgotten and is in generation ${generation}`);
    const applied = groups.find(({ kind }) => kind === 'mcg')?.appliedIndex ?? 0;
    const listed = new Set(members.map(({ id }) => id));
    for (const id of this.#lost) {
      const key = `${node.id} ${id}`;
      const struckAt = this.#struck.get(key);
      // Whoever begins again has not applied all of its log yet.
      if (struckAt === undefined) {
        if (!listed.has(id)) this.#struck.set(key, applied);
      } else if (listed.has(id) && applied >= struckAt) this.#sink.report('generation-crossed', `node ${at} lists ${id} again, which was forgotten`);
    }
    for (const { peer } of links) {
      if (applied >= (this.#struck.get(`${node.id} ${peer}`) ?? Infinity)) this.#sink.report('generation-crossed', `node ${at} is linked to ${peer}, which was forgotten`);
    }
  }
}
