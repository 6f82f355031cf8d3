/**
 * Sending to any member by its routes, and taking what arrives: frames for this node go up to the machine that their
 * type names, all others go on towards their target. The one place that knows links and routes together.
 */
import type { NodeId } from '../base/ids.js';
import type { Notice } from '../base/notice.js';
import type { MemberIndex, Micros } from '../base/units.js';
import { memberIndex } from '../base/units.js';
import type { Links } from '../link/links.js';
import { forward } from '../router/forward.js';
import type { Routes } from '../router/routes.js';
import type { Topology } from '../topology/topology.js';
import { FrameView, encodeFrame } from '../wire/frame.js';
import { EMPTY_HEADER, type Header, decodeHeader, encodeHeader } from '../wire/header.js';

/** This node in its mesh. */
export interface OverlaySelf {
  readonly index: MemberIndex;
  readonly generationTag: number;
}

export interface OverlayOptions {
  readonly links: Links;
  readonly topology: Topology;
  readonly routes: Routes;
  readonly ttl: number;
  /** A frame for this node, its checksum and header in order. */
  readonly onDelivered: (now: Micros, from: NodeId, header: Header, payload: Uint8Array) => void;
  readonly notify: (notice: Notice) => void;
}

export class Overlay {
  readonly #options: OverlayOptions;
  #self: OverlaySelf | null = null;

  constructor(options: OverlayOptions) {
    this.#options = options;
  }

  setSelf(self: OverlaySelf | null): void {
    this.#self = self;
  }

  /** One frame towards `to`. False when there is no way or no room: it is gone, and its owner repeats it. */
  send(now: Micros, to: NodeId, header: Header, payload: readonly Uint8Array[], trafficClass: number): boolean {
    const self = this.#self;
    const target = this.#options.topology.indexOf(to);
    const nextHop = this.#options.routes.nextHop(to, trafficClass);
    if (self === null || target === null || nextHop === null) return this.#drop('no-route');
    const prefix = {
      trafficClass,
      flags: 0,
      ttl: this.#options.ttl,
      hopCount: 0,
      pathPosition: 0,
      generationTag: self.generationTag,
      source: self.index,
      target,
      tenantIndex: 0,
    };
    const frame = encodeFrame(prefix, encodeHeader(header), payload);
    return this.#options.links.send(now, nextHop, frame, trafficClass) || this.#drop('queue-full');
  }

  /** A single frame with nothing in its header but its type. */
  sendTyped(now: Micros, to: NodeId, msgType: number, payload: Uint8Array, trafficClass: number): boolean {
    return this.send(now, to, { ...EMPTY_HEADER, msgType }, [payload], trafficClass);
  }

  /** A frame came over a link. The hot path of a relay. */
  onFrame(now: Micros, peer: NodeId, frame: FrameView): void {
    if (this.#isSpoofed(peer, frame)) this.#drop('spoofed');
    else this.#forward(now, frame);
  }

  #forward(now: Micros, frame: FrameView): void {
    const self = this.#self;
    if (self === null) {
      this.#drop('outside-mesh');
      return;
    }
    const decision = forward(frame, self, this.#options.routes, this.#options.topology);
    if (decision.kind === 'forward') this.#relay(now, decision.nextHop, frame);
    else if (decision.kind === 'deliver') this.#deliver(now, frame);
    else this.#drop(decision.reason);
  }

  /** What a dead link had not sent finds another way, at the price of a ttl. */
  reroute(now: Micros, frames: readonly Uint8Array[]): void {
    for (const bytes of frames) {
      const frame = FrameView.parse(bytes);
      if (typeof frame === 'string' || frame.isLinkLocal) continue;
      this.#options.notify({ kind: 'count', name: 'router.requeued', by: 1 });
      this.#forward(now, frame);
    }
  }

  /** A frame that no relay has touched comes from the neighbour itself, whatever it says. */
  #isSpoofed(peer: NodeId, frame: FrameView): boolean {
    if (frame.hopCount !== 0) return false;
    const index = this.#options.topology.indexOf(peer);
    return index !== null && !frame.hasFullIds && frame.source !== index;
  }

  #relay(now: Micros, nextHop: NodeId, frame: FrameView): void {
    if (!this.#options.links.send(now, nextHop, frame.bytes, frame.trafficClass)) this.#drop('queue-full');
  }

  #deliver(now: Micros, frame: FrameView): void {
    if (!frame.checksumHolds()) {
      this.#drop('checksum');
      return;
    }
    const header = decodeHeader(frame.header());
    if (header === null) {
      this.#drop('malformed');
      return;
    }
    const from = frame.hasFullIds ? header.sourceId : this.#options.topology.nodeOfIndex(memberIndex(frame.source));
    if (from === null) {
      this.#drop('unknown-source');
      return;
    }
    this.#options.onDelivered(now, from, header, frame.payload());
  }

  #drop(reason: string): false {
    this.#options.notify({ kind: 'count', name: `router.dropped.${reason}`, by: 1 });
    return false;
  }
}
