/** The events of this boot, numbered, the newest of them kept, and those who watch them. */
import type { MeshEvent } from './commands.js';
import type { Effect } from './effects.js';

/** An event before it has its number. */
export type EventBody = MeshEvent extends infer E ? (E extends MeshEvent ? Omit<E, 'sequence'> : never) : never;

export class EventFeed {
  readonly #keptMax: number;
  readonly #push: (effect: Effect) => void;
  readonly #watchers = new Map<number, ReadonlySet<MeshEvent['kind']>>();
  readonly #kept: MeshEvent[] = [];
  #sequence = 0;

  constructor(keptMax: number, push: (effect: Effect) => void) {
    this.#keptMax = keptMax;
    this.#push = push;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  add(body: EventBody): void {
    const event = { ...body, sequence: ++this.#sequence } as MeshEvent;
    this.#kept.push(event);
    if (this.#kept.length > this.#keptMax) this.#kept.shift();
    for (const [request, kinds] of this.#watchers) this.#send(request, kinds, event);
  }

  /** No kinds means all of them. */
  watch(request: number, kinds: readonly MeshEvent['kind'][], afterSequence: number): void {
    const wanted = new Set(kinds);
    this.#watchers.set(request, wanted);
    for (const event of this.#kept) if (event.sequence > afterSequence) this.#send(request, wanted, event);
  }

  cancel(request: number): void {
    this.#watchers.delete(request);
  }

  #send(request: number, kinds: ReadonlySet<MeshEvent['kind']>, event: MeshEvent): void {
    if (kinds.size === 0 || kinds.has(event.kind)) this.#push({ kind: 'event', request, event });
  }
}
