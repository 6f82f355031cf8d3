/** The toy's lanes: dials until it succeeds, floods what is said to all neighbours and relays what they say once. */
import { utf8Decode, utf8Encode } from '../../core/base/bytes.js';
import type { NodeId, StreamId } from '../../core/base/ids.js';
import { type LaneId, type Micros, type Ticket, ticket } from '../../core/base/units.js';
import type { Outbox } from '../../core/node/effects.js';
import type { Birth } from '../world/simulated-node.js';
import type { ToyDescriptor, WireMessage } from './toy-stream.js';

/** What toys tell one another, and write into their journals. */
export type ToyFact =
  | { readonly kind: 'hello'; readonly node: NodeId; readonly name: string }
  | { readonly kind: 'stream'; readonly descriptor: ToyDescriptor }
  | { readonly kind: 'data'; readonly stream: StreamId; readonly message: WireMessage }
  | { readonly kind: 'settled'; readonly stream: StreamId; readonly node: NodeId; readonly seq: number }
  | { readonly kind: 'joined' };

export class ToyOverlay {
  readonly #birth: Birth;
  readonly #lanes = new Set<LaneId>();
  readonly #dialled = new Map<Ticket, string>();
  readonly #laneUrl = new Map<LaneId, string>();
  readonly #seen = new Set<string>();
  #redials: { readonly url: string; readonly at: number }[];
  #outgoing: ToyFact[] = [];
  #dials = 0;
  #floods = 0;

  constructor(birth: Birth) {
    this.#birth = birth;
    this.#redials = birth.dialUrls.map((url) => ({ url, at: 0 }));
  }

  onOpened(lane: LaneId, dial: Ticket | null): void {
    this.#lanes.add(lane);
    if (dial !== null) this.#laneUrl.set(lane, this.#dialled.get(dial) ?? '');
  }

  onClosed(now: Micros, lane: LaneId): void {
    const url = this.#laneUrl.get(lane);
    this.#lanes.delete(lane);
    if (url !== undefined) this.#redials.push({ url, at: now + REDIAL_US });
  }

  onDialFailed(now: Micros, dial: Ticket): void {
    this.#redials.push({ url: this.#dialled.get(dial) ?? '', at: now + REDIAL_US });
  }

  /** The facts of a message that was not seen before; it is relayed to all other lanes. */
  receive(from: LaneId, bytes: Uint8Array, out: Outbox): readonly ToyFact[] {
    const [id, facts] = JSON.parse(utf8Decode(bytes) ?? '') as [string, ToyFact[]];
    if (this.#seen.has(id)) return [];
    this.#seen.add(id);
    for (const lane of this.#lanes) if (lane !== from) out.push({ kind: 'transmit', lane, parts: [bytes] });
    return facts;
  }

  flood(fact: ToyFact): void {
    this.#outgoing.push(fact);
  }

  /** At the end of a turn: dials what is due, and sends what was said as one message. */
  onTurn(now: Micros, out: Outbox): void {
    const due = this.#redials.filter(({ at }) => at <= now);
    this.#redials = this.#redials.filter(({ at }) => at > now);
    for (const { url } of due) {
      const dial = ticket(++this.#dials);
      this.#dialled.set(dial, url);
      out.push({ kind: 'dial', ticket: dial, url });
    }
    if (this.#outgoing.length === 0) return;
    const id = `${this.#birth.identity.nodeId}/${this.#birth.rng.next32()}/${this.#floods++}`;
    this.#seen.add(id);
    const bytes = utf8Encode(JSON.stringify([id, this.#outgoing]));
    this.#outgoing = [];
    for (const lane of this.#lanes) out.push({ kind: 'transmit', lane, parts: [bytes] });
  }

  /** When the next dial is due, if that is before `at`; else `at`. */
  nextDue(at: number): number {
    let least = at;
    for (const redial of this.#redials) least = Math.min(least, redial.at);
    return least;
  }
}

const REDIAL_US = 400_000;
