/**
 * This node's own advertisement: its identity, its seq within the boot, and when the next one may leave.
 *
 * Invariant: within a boot the seq only grows, and no seq is signed twice. The boot counter is durable before a boot
 * begins, so a seq need not be.
 */
import { assert, present } from '../base/assert.js';
import type { NodeId } from '../base/ids.js';
import type { MemberIndex, Micros } from '../base/units.js';
import { type LsaAdjacency, LsaBody } from '../wire/lsa-messages.js';
import type { LsaVersion, LsdbEntry } from './lsa.js';
import { OriginationHold, type OriginationHoldConfig } from './origination-hold.js';

export interface TopologyIdentity {
  readonly nodeId: NodeId;
  readonly replica: number;
  readonly bootCounter: number;
  readonly index: MemberIndex;
  /** What `verifyLsa` on the other nodes will be given. */
  readonly certificateChain: Uint8Array;
  /** An Ed25519 signature by the node's key; about 50 µs. */
  readonly sign: (bytes: Uint8Array) => Uint8Array;
}

export class OwnLsa {
  readonly #config: OriginationHoldConfig;
  #hold: OriginationHold;
  #identity: TopologyIdentity | null = null;
  /** The node, replica and boot that `#seq` belongs to. */
  #life = '';
  #seq = 0;
  /** The version last made. */
  #version: LsaVersion | null = null;
  #isWithdrawn = false;

  constructor(config: OriginationHoldConfig) {
    this.#config = config;
    this.#hold = new OriginationHold(config);
  }

  get identity(): TopologyIdentity | null {
    return this.#identity;
  }

  get version(): LsaVersion | null {
    return this.#version;
  }

  get isWithdrawn(): boolean {
    return this.#isWithdrawn;
  }

  /** A new identity may speak at once. */
  setIdentity(identity: TopologyIdentity | null): void {
    if (identity !== null) {
      // Leaving a mesh and entering another within one boot does not begin the seq again.
      const life = `${identity.nodeId}.${identity.replica}.${identity.bootCounter}`;
      if (life !== this.#life) this.#seq = 0;
      this.#life = life;
    }
    this.#identity = identity;
    this.#version = null;
    this.#isWithdrawn = false;
    this.#hold = new OriginationHold(this.#config);
  }

  withdraw(): void {
    this.#isWithdrawn = true;
  }

  jumpAbove(seq: number): void {
    this.#seq = Math.max(this.#seq, seq);
  }

  nextAt(now: Micros): Micros {
    return this.#hold.nextAt(now);
  }

  /** Signs the next advertisement. */
  make(now: Micros, links: readonly LsaAdjacency[]): LsdbEntry {
    const identity = present(this.#identity, 'only a member advertises');
    assert(this.#seq < Number.MAX_SAFE_INTEGER, 'a boot’s seq does not run out');
    this.#seq++;
    this.#hold.onOriginated(now);
    const { nodeId: origin, replica, bootCounter } = identity;
    const adjacencies = this.#isWithdrawn ? [] : links;
    const isWithdrawn = this.#isWithdrawn;
    const version = { replica, bootCounter, seq: this.#seq };
    const body = LsaBody.encode({ origin, ...version, isWithdrawn, relayCapacityKbps: 0, adjacencies });
    this.#version = version;
    return {
      node: origin,
      index: identity.index,
      isWithdrawn,
      adjacencies,
      relayCapacityKbps: 0,
      ...version,
      body,
      signature: identity.sign(body),
      certificateChain: identity.certificateChain,
      issuedAt: now,
    };
  }
}
