/**
 * A target whose disk was lost comes into its stream again as a later replica. It resumes at the offset that the
 * stream's log has for its node, so it delivers nothing before it has read that log up to the entry that puts it in the
 * old replica's place: every mark of the old one stands before that, and later ones are void.
 *
 * Invariant: an application that does not present a place of its own never begins below its node's settled offset.
 */
import type { Micros } from '../../base/units.js';
import type { StreamDescriptor } from '../../wire/group-messages.js';
import type { GroupContext } from '../context.js';
import type { TargetTable } from '../dsg/target-table.js';

export interface NewcomerOptions {
  readonly context: GroupContext;
  readonly descriptor: StreamDescriptor;
  readonly targets: TargetTable;
  readonly onCaughtUp: (now: Micros) => void;
}

export class Newcomer {
  readonly #options: NewcomerOptions;
  #isCatchingUp: boolean;

  constructor(options: NewcomerOptions) {
    this.#options = options;
    const { node, replica } = options.context;
    const seat = options.descriptor.targets.find((target) => target.node === node);
    this.#isCatchingUp = seat !== undefined && seat.replica !== replica;
  }

  get isCatchingUp(): boolean {
    return this.#isCatchingUp;
  }

  /** At the turn, after entries were applied. */
  onTurn(now: Micros): void {
    if (!this.#isCatchingUp) return;
    const { context, targets, onCaughtUp } = this.#options;
    if (targets.get(context.node)?.replica !== context.replica) return;
    this.#isCatchingUp = false;
    context.emit({ kind: 'notice', notice: { kind: 'mark', name: 'stream.replaced-target-resumed' } });
    onCaughtUp(now);
  }
}
