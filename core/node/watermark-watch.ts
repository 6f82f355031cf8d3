/**
 * The watermarks of streams as events: who watches for them is told of every stream that it may see how far it is now,
 * and from then on whatever has moved, at most once in `everyUs` for each stream. Nothing of it is kept: whoever comes
 * back begins with the present again. As long as nobody watches, nothing is looked at.
 */
import type { Deadline, DeadlineHeap, DeadlineOwner } from '../base/deadlines.js';
import type { NodeId, StreamId } from '../base/ids.js';
import { type Micros, type StreamSeq, micros } from '../base/units.js';
import type { EventFeed } from './events.js';

/** How far a stream is, as one of its members knows it. Elsewhere than at its source nothing is accepted that is not replicated. */
export interface StreamWatermarks {
  readonly stream: StreamId;
  readonly accepted: StreamSeq;
  readonly replicated: StreamSeq;
  readonly completed: StreamSeq;
  /** Of the attached targets. */
  readonly settled: readonly { readonly node: NodeId; readonly seq: StreamSeq }[];
}

export interface WatermarkWatchOptions {
  readonly deadlines: DeadlineHeap;
  readonly everyUs: number;
  readonly events: EventFeed;
  /** Of all streams that this node is a member of. */
  readonly read: () => Iterable<StreamWatermarks>;
}

export class WatermarkWatch implements DeadlineOwner {
  readonly #options: WatermarkWatchOptions;
  readonly #look: Deadline;
  /** What was told last, as one text for each stream. */
  #told = new Map<StreamId, string>();

  constructor(options: WatermarkWatchOptions) {
    this.#options = options;
    this.#look = options.deadlines.allocate(this, 'watermarks-look');
  }

  /** A watch has begun. */
  onWatched(now: Micros, request: number): void {
    const { events, read, everyUs } = this.#options;
    if (!events.wants(request, 'stream-watermarks')) return;
    for (const watermarks of read()) events.tellOne(request, { kind: 'stream-watermarks', ...watermarks });
    this.#look.armNoLater(micros(now + everyUs));
  }

  onDeadline(now: Micros, _deadline: Deadline): void {
    const { events, read, everyUs } = this.#options;
    const told = this.#told;
    this.#told = new Map();
    if (!events.isWatched('stream-watermarks')) return;
    for (const watermarks of read()) {
      const text = textOf(watermarks);
      this.#told.set(watermarks.stream, text);
      if (told.get(watermarks.stream) !== text) events.tell({ kind: 'stream-watermarks', ...watermarks });
    }
    this.#look.arm(micros(now + everyUs));
  }
}

const textOf = ({ accepted, replicated, completed, settled }: StreamWatermarks): string =>
  `${accepted} ${replicated} ${completed} ${settled.map(({ node, seq }) => `${node} ${seq}`).join(' ')}`;
