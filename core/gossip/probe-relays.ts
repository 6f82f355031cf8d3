/**
 * Pings that this node makes on behalf of others. An answer is passed on whenever it comes; if none has come after a
 * while, a nack says that at least this helper works.
 * Source: SWIM §3.1 (ping-req); Lifeguard §IV-A (nack). Bounded: a full table answers with a nack at once.
 */
import { assert } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';
import type { Micros } from '../base/units.js';

export interface ProbeRelay {
  /** Who asked, and its seq. */
  readonly origin: NodeId;
  readonly originSeq: number;
  readonly target: NodeId;
  readonly nackAt: Micros;
  readonly expiresAt: Micros;
}

interface HeldRelay extends ProbeRelay {
  isNacked: boolean;
}

export class ProbeRelays {
  readonly #max: number;
  /** By our own seq, oldest first. */
  readonly #relays = new Map<number, HeldRelay>();

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#relays.size;
  }

  /** False when the table is full. */
  add(seq: number, relay: ProbeRelay): boolean {
    if (this.#relays.size >= this.#max) return false;
    this.#relays.set(seq, { ...relay, isNacked: false });
    return true;
  }

  /** The relay that an ack of `responder` under `seq` answers; it is over then. */
  settle(seq: number, responder: NodeId): ProbeRelay | null {
    const relay = this.#relays.get(seq);
    if (relay === undefined || relay.target !== responder) return null;
    this.#relays.delete(seq);
    return relay;
  }

  /** Relays that are due for their nack; forgets those that are past everything. */
  takeNacks(now: Micros): ProbeRelay[] {
    const due: ProbeRelay[] = [];
    for (const [seq, relay] of this.#relays) {
      if (relay.expiresAt <= now) this.#relays.delete(seq);
      if (relay.isNacked || relay.nackAt > now) continue;
      relay.isNacked = true;
      due.push(relay);
    }
    return due;
  }

  /** When `takeNacks` has something to do next; null when nothing waits. */
  nextAt(): Micros | null {
    let at: Micros | null = null;
    for (const relay of this.#relays.values()) {
      const next = relay.isNacked ? relay.expiresAt : relay.nackAt;
      if (at === null || next < at) at = next;
    }
    return at;
  }

  clear(): void {
    this.#relays.clear();
  }

  checkInvariants(): void {
    assert(this.#relays.size <= this.#max, 'relays are bounded');
  }
}
