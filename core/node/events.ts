/**
 * The events of this boot, numbered, the newest of them kept, and those who watch them. An event about a stream, or about
 * a stream's group, goes to its tenant's watchers and to the host; all others see a gap in the numbers.
 */
import type { MeshEvent } from './commands.js';
import type { Effect } from './effects.js';
import { type Owner, type Viewer, mayView } from './viewer.js';

/** An event before it has its number. */
export type EventBody = MeshEvent extends infer E ? (E extends MeshEvent ? Omit<E, 'sequence'> : never) : never;

export interface EventFeedPorts {
  push(effect: Effect): void;
  /** Whose stream, or group, that is. */
  ownerOf(streamOrGroup: string): Owner;
}

interface Watcher {
  readonly kinds: ReadonlySet<MeshEvent['kind']>;
  readonly viewer: Viewer;
}

interface OwnedEvent {
  readonly event: MeshEvent;
  readonly owner: Owner;
}

export class EventFeed {
  readonly #keptMax: number;
  readonly #ports: EventFeedPorts;
  readonly #watchers = new Map<number, Watcher>();
  readonly #kept: OwnedEvent[] = [];
  #sequence = 0;

  constructor(keptMax: number, ports: EventFeedPorts) {
    this.#keptMax = keptMax;
    this.#ports = ports;
  }

  get sequence(): number {
    return this.#sequence;
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  add(body: EventBody): void {
    const owned = { event: { ...body, sequence: ++this.#sequence } as MeshEvent, owner: this.#ownerOf(body) };
    this.#kept.push(owned);
    if (this.#kept.length > this.#keptMax) this.#kept.shift();
    for (const [request, watcher] of this.#watchers) this.#send(request, watcher, owned);
  }

  /** As `add`, of what nobody wants later: it is not kept. */
  tell(body: EventBody): void {
    const owned = { event: { ...body, sequence: ++this.#sequence } as MeshEvent, owner: this.#ownerOf(body) };
    for (const [request, watcher] of this.#watchers) this.#send(request, watcher, owned);
  }

  /** As `tell`, to one watcher. */
  tellOne(request: number, body: EventBody): void {
    const watcher = this.#watchers.get(request);
    if (watcher === undefined) return;
    this.#send(request, watcher, { event: { ...body, sequence: ++this.#sequence } as MeshEvent, owner: this.#ownerOf(body) });
  }

  wants(request: number, kind: MeshEvent['kind']): boolean {
    const watcher = this.#watchers.get(request);
    return watcher !== undefined && isWanted(watcher, kind);
  }

  isWatched(kind: MeshEvent['kind']): boolean {
    for (const watcher of this.#watchers.values()) if (isWanted(watcher, kind)) return true;
    return false;
  }

  /** No kinds means all of them but watermarks, which are many. */
  watch(request: number, kinds: readonly MeshEvent['kind'][], afterSequence: number, viewer: Viewer): void {
    const watcher = { kinds: new Set(kinds), viewer };
    this.#watchers.set(request, watcher);
    for (const owned of this.#kept) if (owned.event.sequence > afterSequence) this.#send(request, watcher, owned);
  }

  cancel(request: number): void {
    this.#watchers.delete(request);
  }

  #ownerOf(body: EventBody): Owner {
    if ('stream' in body) return this.#ports.ownerOf(body.stream);
    return 'group' in body ? this.#ports.ownerOf(body.group) : 'mesh';
  }

  #send(request: number, watcher: Watcher, { event, owner }: OwnedEvent): void {
    if (isWanted(watcher, event.kind) && mayView(watcher.viewer, owner)) this.#ports.push({ kind: 'event', request, event });
  }
}

const isWanted = ({ kinds }: Watcher, kind: MeshEvent['kind']): boolean => (kinds.size === 0 ? kind !== 'stream-watermarks' : kinds.has(kind));
