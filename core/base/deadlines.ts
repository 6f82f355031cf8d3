/**
 * One heap of everything that a node waits for in time. Each entry is a handle (owner, reason, entity) that its owner
 * arms and disarms; the node pops what is due and calls the owner. A binary heap of handles that know their place, so
 * that re-arming costs O(log n) and allocates nothing.
 */
import { type Micros, NEVER } from './units.js';
import { assert } from './assert.js';

/** A machine whose deadlines hang on the heap. */
export interface DeadlineOwner {
  /** `deadline` was due at or before `now` and is disarmed. */
  onDeadline(now: Micros, deadline: Deadline): void;
}

/** A wish to be woken. `reason` is a literal of the owner; `entity` says for whom (a peer, a group) or is ''. */
export class Deadline {
  readonly owner: DeadlineOwner;
  readonly reason: string;
  readonly entity: string;
  readonly #heap: DeadlineHeap;
  /** Heap's business: place in the heap, -1 when disarmed. */
  slot = -1;
  /** Heap's business: arming order, the tie-break of equal times. */
  order = 0;
  #at: Micros = NEVER;

  constructor(heap: DeadlineHeap, owner: DeadlineOwner, reason: string, entity: string) {
    this.#heap = heap;
    this.owner = owner;
    this.reason = reason;
    this.entity = entity;
  }

  /** When it is due; NEVER when disarmed. */
  get at(): Micros {
    return this.#at;
  }

  get isArmed(): boolean {
    return this.slot >= 0;
  }

  /** Sets or moves the due time. */
  arm(at: Micros): void {
    if (this.slot >= 0 && this.#at === at) return;
    this.#heap.remove(this);
    this.#at = at;
    this.#heap.insert(this);
  }

  /** Arms only if that is earlier than what is armed. */
  armNoLater(at: Micros): void {
    if (this.slot < 0 || at < this.#at) this.arm(at);
  }

  disarm(): void {
    this.#heap.remove(this);
    this.#at = NEVER;
  }
}

export class DeadlineHeap {
  readonly #entries: Deadline[] = [];
  #orders = 0;

  /** A new, disarmed handle. */
  allocate(owner: DeadlineOwner, reason: string, entity = ''): Deadline {
    return new Deadline(this, owner, reason, entity);
  }

  /** The earliest due time, NEVER when nothing is armed. */
  next(): Micros {
    return this.#entries[0]?.at ?? NEVER;
  }

  /** Takes the earliest handle that is due, disarmed; null when none is. */
  popDue(now: Micros): Deadline | null {
    const first = this.#entries[0];
    if (first === undefined || first.at > now) return null;
    first.disarm();
    return first;
  }

  /** Disarms everything that waits for that entity, which is no more. Costs a look at all that is armed. */
  disarmAll(entity: string): void {
    for (const entry of [...this.#entries]) if (entry.entity === entity) entry.disarm();
  }

  get armedCount(): number {
    return this.#entries.length;
  }

  /** Handle's business. */
  insert(entry: Deadline): void {
    entry.order = this.#orders++;
    entry.slot = this.#entries.length;
    this.#entries.push(entry);
    this.#siftUp(entry.slot);
  }

  /** Handle's business. Does nothing for a disarmed handle. */
  remove(entry: Deadline): void {
    const slot = entry.slot;
    if (slot < 0) return;
    assert(this.#entries[slot] === entry, 'a deadline knows its place in the heap');
    const last = this.#entries.pop() as Deadline;
    entry.slot = -1;
    if (last === entry) return;
    this.#entries[slot] = last;
    last.slot = slot;
    this.#siftUp(slot);
    this.#siftDown(last.slot);
  }

  #siftUp(start: number): void {
    let slot = start;
    const entry = this.#entries[slot] as Deadline;
    while (slot > 0) {
      const parentSlot = (slot - 1) >>> 1;
      const parent = this.#entries[parentSlot] as Deadline;
      if (!isBefore(entry, parent)) break;
      this.#place(parent, slot);
      slot = parentSlot;
    }
    this.#place(entry, slot);
  }

  #siftDown(start: number): void {
    let slot = start;
    const entry = this.#entries[slot] as Deadline;
    const count = this.#entries.length;
    for (;;) {
      let childSlot = slot * 2 + 1;
      if (childSlot >= count) break;
      const right = this.#entries[childSlot + 1];
      if (right !== undefined && isBefore(right, this.#entries[childSlot] as Deadline)) childSlot++;
      const child = this.#entries[childSlot] as Deadline;
      if (!isBefore(child, entry)) break;
      this.#place(child, slot);
      slot = childSlot;
    }
    this.#place(entry, slot);
  }

  #place(entry: Deadline, slot: number): void {
    this.#entries[slot] = entry;
    entry.slot = slot;
  }
}

function isBefore(a: Deadline, b: Deadline): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
