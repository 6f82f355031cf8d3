/**
 * Flows under a seeded network that loses, repeats, delays, reorders and cuts, with ends that restart, forget one
 * another, stall and change paths. Safety is checked at every step; then the network heals and all must drain.
 */
import { describe, expect, it } from 'vitest';
import { MILLISECOND_US, SECOND_US } from '../base/units.js';
import { DEFAULT_FLOW_CONFIG, type FlowConfig } from './config.js';
import type { FlowEndpoint } from './testing/flow-endpoint.js';
import { FlowWorld } from './testing/flow-world.js';
import { CALM } from './testing/virtual-network.js';

const SEEDS = 400;
const CHAOS_US = 6 * SECOND_US;
const DRAIN_US = 20 * SECOND_US;

/** Small enough that every bound is reached. */
const SMALL: FlowConfig = {
  ...DEFAULT_FLOW_CONFIG,
  messageBytesMax: 600,
  queueBytesMax: 6_000,
  queueMessagesMax: 40,
  inFlightMessagesMax: 12,
  reorderMessagesMax: 12,
  creditWindowCost: 2_000,
  ackCost: 500,
  ackMessages: 5,
  ackRangesMax: 3,
  congestionInitialCost: 1_000,
  congestionMinCost: 500,
  congestionMaxCost: 4_000,
  trafficClasses: [1, 4],
};
/** Room enough that loss and not a bound decides. */
const WIDE: FlowConfig = {
  ...SMALL,
  queueBytesMax: 60_000,
  queueMessagesMax: 400,
  inFlightMessagesMax: 300,
  reorderMessagesMax: 300,
  creditWindowCost: 40_000,
  ackRangesMax: 8,
  ackCost: 4_000,
  ackMessages: 30,
};

describe('flows under seeds', () => {
  it(`keep their promise on ${SEEDS} seeds, and each kind of trouble is met`, () => {
    const met = new Map<string, number>();
    for (let seed = 0; seed < SEEDS; seed++) {
      const story = new Story(seed);
      try {
        story.run();
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
      for (const end of story.world.ends) {
        for (const [name, by] of end.counts) met.set(name, (met.get(name) ?? 0) + by);
        met.set('peers-lost', (met.get('peers-lost') ?? 0) + end.peersLost);
        met.set('writable', (met.get('writable') ?? 0) + end.writable);
      }
    }
    for (const name of TROUBLES) expect(met.get(name) ?? 0, name).toBeGreaterThan(0);
    // Neither has an honest peer: both ends have one configuration.
    expect(met.get('flow.dropped-malformed') ?? 0).toBe(0);
    expect(met.get('flow.dropped-too-far') ?? 0).toBe(0);
    expect(met.get('flow.dropped-over-credit') ?? 0).toBe(0);
    expect(met.get('flow.dropped-future-target') ?? 0).toBe(0);
  }, 60_000);
});

const TROUBLES = [
  'flow.retransmitted-timeout',
  'flow.retransmitted-gap',
  'flow.retransmitted-path',
  'flow.dropped-duplicate',
  'flow.dropped-old-boot',
  'flow.dropped-old-target',
  'peers-lost',
  'writable',
];

/** One seed: a stretch of chaos, then calm in which everything must come to rest. */
class Story {
  readonly world: FlowWorld;
  readonly #mayRestart: boolean;
  #isChaos = true;

  constructor(seed: number) {
    const config = seed % 3 === 0 ? WIDE : SMALL;
    this.world = new FlowWorld({ seed: `flows ${seed}`, config, ends: seed % 5 === 0 ? 3 : 2 });
    this.#mayRestart = seed % 2 === 0;
  }

  run(): void {
    const { world } = this;
    for (const end of world.ends) {
      this.#work(end);
      this.#consume(end);
    }
    this.#disturb();
    world.run(CHAOS_US);
    this.#heal();
    const isOver = world.run(DRAIN_US, () => this.#isDrained());
    expect(isOver, `not drained: ${this.#state()}`).toBe(false);
    world.run(DRAIN_US, () => world.isSilent);
    expect(world.isSilent, 'idle flows have no timers').toBe(true);
    this.#checkConservation();
  }

  /** Offers messages in bursts, as long as there is chaos. */
  #work(end: FlowEndpoint): void {
    const { world } = this;
    const { rng } = world;
    const offer = () => {
      if (!this.#isChaos) return;
      const peer = rng.pick(world.ends.filter((other) => other !== end));
      const flowClass = rng.below(world.config.trafficClasses.length);
      const burst = rng.chance(200) ? rng.between(5, 40) : 1;
      for (let i = 0; i < burst; i++) {
        const bytes = rng.chance(100) ? world.config.messageBytesMax : rng.between(8, 120);
        if (!end.offer(world.now, peer.id, flowClass, bytes)) break;
      }
      world.plan(end, rng.between(1, 60) * MILLISECOND_US, offer);
    };
    world.plan(end, rng.below(20 * MILLISECOND_US), offer);
  }

  /** Lets go of what was delivered, in portions, with pauses. */
  #consume(end: FlowEndpoint): void {
    const { world } = this;
    const { rng } = world;
    const consume = () => {
      const keys = [...end.held.keys()];
      if (keys.length > 0) {
        const bytes = rng.chance(500) ? 1_000_000 : rng.between(1, 900);
        end.consume(world.now, rng.pick(keys), bytes);
      }
      if (!this.#isChaos && end.held.size === 0 && this.#isDrained()) return;
      const pause = this.#isChaos && rng.chance(20) ? rng.below(1_500) : rng.below(15);
      world.plan(end, pause * MILLISECOND_US, consume);
    };
    world.plan(end, 0, consume);
  }

  #disturb(): void {
    const { world } = this;
    const { rng } = world;
    const end = rng.pick(world.ends);
    const peer = rng.pick(world.ends.filter((other) => other !== end));
    const link = world.link(end, peer);
    world.plan(end, rng.between(5, 250) * MILLISECOND_US, () => {
      if (!this.#isChaos) return;
      const what = rng.below(this.#mayRestart ? 9 : 7);
      if (what === 0) link.faults.lossPerMille = rng.pick([0, 10, 100, 400]);
      else if (what === 1) link.faults.jitterUs = rng.pick([0, 2, 30]) * MILLISECOND_US;
      else if (what === 2) link.faults.repeatPerMille = rng.pick([0, 50, 300]);
      else if (what === 3) link.faults.isCut = rng.chance(500);
      else if (what === 4) {
        link.changePath(rng.between(1, 80) * MILLISECOND_US);
        if (rng.chance(700)) end.flows.onPathChanged(world.now, peer.id);
      } else if (what === 5) end.flows.onUnreachable(world.now, peer.id);
      else if (what === 6) end.flows.onReachable(world.now, peer.id);
      else if (what === 7) end.restart();
      else end.forget(peer.id);
      this.#disturb();
    });
  }

  #heal(): void {
    this.#isChaos = false;
    const { world } = this;
    for (const link of world.links()) Object.assign(link.faults, CALM);
    for (const end of world.ends) {
      for (const peer of world.ends) {
        if (peer !== end) world.step(end, () => end.flows.onReachable(world.now, peer.id));
      }
    }
  }

  #isDrained(): boolean {
    return this.world.ends.every((end) =>
      this.world.ends.every(
        (peer) => peer === end || (end.flows.isIdle(peer.id) && end.held.size === 0 && this.#areDelivered(end, peer)),
      ),
    );
  }

  #areDelivered(end: FlowEndpoint, peer: FlowEndpoint): boolean {
    return this.world.config.trafficClasses.every((_, flowClass) => end.isDelivered(peer.id, flowClass));
  }

  /** What was sent is what was delivered, message by message and byte by byte, and the whole window is free again. */
  #checkConservation(): void {
    for (const end of this.world.ends) {
      for (const peer of this.world.ends) {
        if (peer === end) continue;
        const sent = end.flows.view(peer.id);
        const received = peer.flows.view(end.id);
        for (let flowClass = 0; flowClass < this.world.config.trafficClasses.length; flowClass++) {
          const conversation = end.conversation(peer.id, flowClass);
          expect(conversation.delivered).toBeLessThanOrEqual(conversation.next);
          if (conversation.lostBelow === 0) {
            expect(conversation.delivered).toBe(conversation.next);
            expect(conversation.deliveredBytes).toBe(conversation.takenBytes);
          }
          const sender = sent?.senders[flowClass];
          const receiver = received?.receivers[flowClass];
          expect(end.flows.queuedBytes(peer.id, flowClass)).toBe(0);
          if (sender === null || sender === undefined || sender.nextSeq === 1) continue;
          expect(receiver?.nextSeq).toBe(sender.nextSeq);
          expect(receiver?.deliveredCost).toBe(sender.sentCost);
          expect(receiver?.outstandingCost).toBe(0);
          expect(receiver?.earlyCost).toBe(0);
          expect(receiver?.creditLimit).toBe(sender.sentCost + this.world.config.creditWindowCost);
          expect(sender.inFlightCost).toBe(0);
        }
      }
    }
  }

  #state(): string {
    const views = this.world.ends.map((end) => this.world.ends.map((peer) => end.flows.view(peer.id)));
    return JSON.stringify(views);
  }
}
