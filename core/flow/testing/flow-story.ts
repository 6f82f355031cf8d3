/**
 * One seeded story of flows: chaos, then calm in which everything must drain, then silence; and the account of it.
 */
import { assert } from '../../base/assert.js';
import { MILLISECOND_US, SECOND_US } from '../../base/units.js';
import { DEFAULT_FLOW_CONFIG, type FlowConfig } from '../config.js';
import type { FlowEndpoint } from './flow-endpoint.js';
import { FlowWorld } from './flow-world.js';
import { CALM } from './virtual-network.js';

const CHAOS_US = 4 * SECOND_US;
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

/** One seed: a stretch of chaos, then calm in which everything must come to rest. */
export class FlowStory {
  readonly world: FlowWorld;
  readonly #mayRestart: boolean;
  #isChaos = true;

  constructor(seed: number) {
    const config = seed % 3 === 0 ? WIDE : SMALL;
    const ends = seed % 5 === 0 ? 3 : 2;
    // Half of the time of a test would go into checks, which one seed in four makes after every step.
    const stepsPerCheck = seed % 4 === 0 ? 1 : 16;
    this.world = new FlowWorld({ seed: `flows ${seed}`, config, ends, stepsPerCheck });
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
    const isLate = world.run(DRAIN_US, () => this.#isDrained());
    assert(!isLate, 'after the network healed everything drains in time');
    world.run(DRAIN_US, () => world.isSilent);
    assert(world.isSilent, 'idle flows have no timers');
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
        // Who restarted or forgot at the last and had nothing to say since has not been noticed.
        const isPair =
          sent?.peerBoot.counter === received?.boot.counter && received?.peerBoot.counter === sent?.boot.counter;
        for (let flowClass = 0; flowClass < this.world.config.trafficClasses.length; flowClass++) {
          const conversation = end.conversation(peer.id, flowClass);
          assert(conversation.delivered <= conversation.next, 'no more is delivered than was sent');
          if (conversation.lostBelow === 0) {
            assert(conversation.delivered === conversation.next, 'every message is delivered');
            assert(conversation.deliveredBytes === conversation.takenBytes, 'every byte is delivered');
          }
          const sender = sent?.senders[flowClass];
          const receiver = received?.receivers[flowClass];
          assert(end.flows.queuedBytes(peer.id, flowClass) === 0, 'a drained queue is empty');
          if (!isPair || sender === null || sender === undefined || sender.nextSeq === 1) continue;
          const window = this.world.config.creditWindowCost;
          assert(receiver?.nextSeq === sender.nextSeq, 'both ends count the same messages');
          assert(receiver.deliveredCost === sender.sentCost, 'both ends count the same cost');
          assert(receiver.outstandingCost === 0, 'all credit of consumed messages is back');
          assert(receiver.earlyCost === 0, 'nothing is kept of what was delivered');
          assert(receiver.creditLimit === sender.sentCost + window, 'the whole window is free');
          assert(sender.inFlightCost === 0, 'nothing is on its way');
        }
      }
    }
  }
}
