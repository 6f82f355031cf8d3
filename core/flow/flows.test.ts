import { describe, expect, it } from 'vitest';
import { MILLISECOND_US, SECOND_US } from '../base/units.js';
import { MSG_TYPES } from '../wire/header.js';
import { DEFAULT_FLOW_CONFIG, type FlowConfig } from './config.js';
import { messageCost } from './credit.js';
import type { FlowEndpoint } from './testing/flow-endpoint.js';
import { FlowWorld } from './testing/flow-world.js';

const CONFIG: FlowConfig = {
  ...DEFAULT_FLOW_CONFIG,
  messageBytesMax: 1_000,
  queueBytesMax: 20_000,
  queueMessagesMax: 200,
  creditWindowCost: 4_256,
  ackCost: 2_000,
  trafficClasses: [1, 4],
};

/** Two ends, 5 ms apart. Each turn comes at the time of its step, so transcripts are exact. */
function pair(config: Partial<FlowConfig> = {}): { world: FlowWorld; a: FlowEndpoint; b: FlowEndpoint } {
  const world = new FlowWorld({ seed: 'story', config: { ...CONFIG, ...config }, turnWithinUs: 0 });
  const [a, b] = world.ends as [FlowEndpoint, FlowEndpoint];
  world.transcript = [];
  return { world, a, b };
}

/** Offers `count` messages of `bytes`; returns how many were taken. */
function offer(world: FlowWorld, from: FlowEndpoint, to: FlowEndpoint, count: number, bytes = 36, flowClass = 0): number {
  let taken = 0;
  world.step(from, () => {
    while (taken < count && from.offer(world.now, to.id, flowClass, bytes)) taken++;
  });
  return taken;
}

function consumeAll(world: FlowWorld, end: FlowEndpoint): void {
  world.step(end, () => {
    for (const key of [...end.held.keys()]) end.consume(world.now, key, 1_000_000);
  });
}

/** Takes the lines written since the last call. */
function lines(world: FlowWorld): string[] {
  const taken = world.transcript ?? [];
  world.transcript = [];
  return taken;
}

describe('flows', () => {
  it('learn the boot and the credit of a peer before anything is sent to it', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 2);
    world.run(100 * MILLISECOND_US);
    expect(lines(world)).toEqual([
      '0 A1>B? ack ?',
      '5 B1>A1 ack 0:0/4256 1:0/4256',
      '10 A1>B1 data 0#1 36',
      '10 A1>B1 data 0#2 36',
      '10 A1>B1 ack 0:0/4256 1:0/4256',
      '17 B1>A1 ack 0:2/4256',
    ]);
    expect(a.flows.isIdle(b.id)).toBe(true);
    expect(a.isDelivered(b.id, 0)).toBe(true);
  });

  it('ask again when the first question or its answer is lost', () => {
    const { world, a, b } = pair();
    let lost = 0;
    world.losing = () => lost++ < 2;
    offer(world, a, b, 1);
    world.run(10 * SECOND_US, () => a.isDelivered(b.id, 0));
    expect(a.isDelivered(b.id, 0)).toBe(true);
    expect(lines(world).filter((line) => line.endsWith('?'))).toEqual([
      '0 A1>B? ack ?',
      '1000 A1>B? ack ?',
      '3000 A1>B? ack ?',
    ]);
  });

  it('acknowledge many messages in one frame', () => {
    const { world, a, b } = pair({ creditWindowCost: 100_000, ackCost: 50_000, congestionInitialCost: 1_000_000 });
    world.step(a, () => a.offer(world.now, b.id, 0, 8));
    world.run(SECOND_US);
    lines(world);
    expect(offer(world, a, b, 100)).toBe(100);
    world.run(SECOND_US);
    expect(lines(world).filter((line) => line.includes('ack'))).toEqual(['1007 B1>A1 ack 0:101/100000']);
  });

  it('stop a sender whose receiver does not consume, with bounded memory, and tell when it may go on', () => {
    const { world, a, b } = pair();
    // The queue takes 200 messages; the window is worth 42 of them.
    expect(offer(world, a, b, 1_000)).toBe(200);
    world.run(20 * SECOND_US);
    expect(b.flows.view(a.id)?.receivers[0]?.outstandingCost).toBe(42 * messageCost(36));
    expect(a.flows.queuedBytes(b.id, 0)).toBe(158 * 36);
    expect(a.writable).toBe(0);
    expect(offer(world, a, b, 1_000)).toBe(42);
    // Now and then it asks, at the configured interval at the latest.
    lines(world);
    world.run(20 * SECOND_US);
    expect(lines(world).filter((line) => line.endsWith('?')).length).toBe(10);
    for (let i = 0; i < 3; i++) {
      expect(a.writable).toBe(0);
      consumeAll(world, b);
      world.run(SECOND_US);
    }
    expect(a.writable).toBe(1);
    for (let i = 0; i < 3; i++) {
      consumeAll(world, b);
      world.run(SECOND_US);
    }
    expect(a.isDelivered(b.id, 0)).toBe(true);
  });

  it('find lost credit by asking', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 60);
    world.run(5 * SECOND_US);
    expect(a.isDelivered(b.id, 0)).toBe(false);
    world.losing = (from) => from === b;
    consumeAll(world, b);
    world.run(100 * MILLISECOND_US);
    world.losing = () => false;
    lines(world);
    world.run(3 * SECOND_US, () => a.isDelivered(b.id, 0));
    expect(a.isDelivered(b.id, 0)).toBe(true);
    const [question, answer] = lines(world);
    expect(question).toMatch(/A1>B1 ack \?$/);
    expect(answer).toMatch(/B1>A1 ack 0:42\/8456 /);
  });

  it('repeat what was overtaken at once, and only that', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 1);
    world.run(SECOND_US);
    lines(world);
    let seen = 0;
    world.losing = (from, frame) => from === a && frame.header.msgType === MSG_TYPES.FLOW_DATA && ++seen === 3;
    offer(world, a, b, 8);
    world.run(40 * MILLISECOND_US);
    expect(lines(world).filter((line) => line.includes('data'))).toEqual([
      ...[2, 3, 4, 5, 6, 7, 8, 9].map((seq) => `1000 A1>B1 data 0#${seq} 36`),
      '1010 A1>B1 data 0#4 36',
    ]);
    expect(a.isDelivered(b.id, 0)).toBe(true);
    expect(a.count('flow.retransmitted-gap')).toBe(1);
    expect(b.count('flow.dropped-duplicate')).toBe(0);
  });

  it('repeat a lost tail after the timeout, later each time', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 1);
    world.run(SECOND_US);
    lines(world);
    let seen = 0;
    world.losing = (from) => from === a && ++seen <= 3;
    offer(world, a, b, 1);
    world.run(5 * SECOND_US);
    expect(lines(world)).toEqual([
      '1000 A1>B1 data 0#2 36',
      '1200 A1>B1 data 0#2 36',
      '1600 A1>B1 data 0#2 36',
      '2400 A1>B1 data 0#2 36',
      '2407 B1>A1 ack 0:2/4256',
    ]);
    expect(a.count('flow.retransmitted-timeout')).toBe(3);
  });

  it('resend what is outstanding at once on a new path', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 1);
    world.run(SECOND_US);
    lines(world);
    offer(world, a, b, 3);
    world.run(MILLISECOND_US);
    world.link(a, b).changePath(20 * MILLISECOND_US);
    world.step(a, () => a.flows.onPathChanged(world.now, b.id));
    world.run(100 * MILLISECOND_US);
    expect(lines(world).filter((line) => line.includes('data'))).toEqual([
      ...[2, 3, 4].map((seq) => `1000 A1>B1 data 0#${seq} 36`),
      ...[2, 3, 4].map((seq) => `1001 A1>B1 data 0#${seq} 36`),
    ]);
    expect(a.isDelivered(b.id, 0)).toBe(true);
  });

  it('send nothing and run no timer while there is no route, and go on at once when there is', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 1);
    world.run(SECOND_US);
    world.step(a, () => a.flows.onUnreachable(world.now, b.id));
    lines(world);
    offer(world, a, b, 2);
    world.run(60 * SECOND_US);
    expect(lines(world)).toEqual([]);
    expect(world.isSilent).toBe(true);
    world.step(a, () => a.flows.onReachable(world.now, b.id));
    world.run(10 * MILLISECOND_US);
    expect(lines(world).filter((line) => line.includes('data')).length).toBe(2);
    expect(a.isDelivered(b.id, 0)).toBe(true);
  });

  it('report a peer that restarted as lost, and never give its new boot what the old one may have had', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 1);
    world.run(SECOND_US);
    world.losing = (from) => from === b;
    offer(world, a, b, 2);
    world.run(20 * MILLISECOND_US);
    world.losing = () => false;
    b.restart();
    lines(world);
    world.run(SECOND_US);
    expect(a.peersLost).toBe(1);
    expect(a.flows.isIdle(b.id)).toBe(true);
    offer(world, a, b, 1);
    world.run(SECOND_US);
    expect(lines(world)).toEqual([
      '1200 A1>B1 data 0#2 36',
      '1200 A1>B1 data 0#3 36',
      '1205 B2>A1 ack 0:0/4256 1:0/4256',
      '1210 A1>B2 ack 0:0/4256 1:0/4256',
      '2020 A1>B2 data 0#1 36',
      '2027 B2>A1 ack 0:1/4256',
    ]);
  });

  it('tell a sender that was refused when the loss of the peer emptied its queue', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 1_000);
    world.run(SECOND_US);
    expect(a.writable).toBe(0);
    b.restart();
    world.run(10 * SECOND_US);
    expect([a.peersLost, a.writable]).toEqual([1, 1]);
  });

  it('ask a peer for credit as soon as any frame of it shows its boot', () => {
    const { world, a, b } = pair();
    offer(world, b, a, 1);
    world.run(SECOND_US);
    a.forget(b.id);
    world.losing = (from) => from === a;
    offer(world, a, b, 1);
    world.run(100 * MILLISECOND_US);
    world.losing = () => false;
    lines(world);
    offer(world, b, a, 1);
    world.run(100 * MILLISECOND_US);
    expect(lines(world)).toEqual([
      '1100 B1>A1 data 0#2 36',
      '1105 A1.1>B1 ack 0:0/4256 1:0/4256 ?',
      '1110 B1>A1.1 ack 0:0/4256 1:0/4256',
      '1115 A1.1>B1 data 0#1 36',
      '1122 B1>A1.1 ack 0:1/4256',
    ]);
  });

  it('keep the debt of an old boot: a new one gets what is left of the window', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 20);
    world.run(SECOND_US);
    a.restart();
    world.step(a, () => a.flows.send(world.now, b.id, 1, [new Uint8Array(8)]));
    a.conversation(b.id, 1).next = 1;
    world.run(5 * MILLISECOND_US);
    const left = CONFIG.creditWindowCost - 20 * messageCost(36);
    world.run(MILLISECOND_US);
    expect(b.flows.view(a.id)?.receivers[0]?.creditLimit).toBe(left);
    expect(b.peersLost).toBe(1);
    consumeAll(world, b);
    expect(b.flows.view(a.id)?.receivers[0]?.creditLimit).toBe(CONFIG.creditWindowCost);
  });

  it('meet a forgotten peer as a new one, at both ends', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 3);
    world.run(SECOND_US);
    world.step(b, () => b.forget(a.id));
    lines(world);
    offer(world, a, b, 1);
    world.run(SECOND_US);
    expect(a.peersLost).toBe(1);
    offer(world, a, b, 1);
    world.run(SECOND_US);
    expect(lines(world)).toEqual([
      '1000 A1>B1 data 0#4 36',
      '1005 B1.1>A1 ack 0:0/4256 1:0/4256',
      '1010 A1>B1.1 ack 0:0/4256 1:0/4256',
      '2000 A1>B1.1 data 0#1 36',
      '2007 B1.1>A1 ack 0:1/4256',
    ]);
    // What was delivered before is none of the new flow's: it is counted, and gives no credit.
    world.step(b, () => b.flows.onConsumed(world.now, a.id, 0, 36 + 108));
    expect(b.count('flow.consumed-unknown')).toBe(108);
    expect(b.flows.view(a.id)?.receivers[0]?.outstandingCost).toBe(0);
  });

  it('do not let one flow stop another', () => {
    const { world, a, b } = pair();
    offer(world, a, b, 200, 36, 1);
    world.run(5 * SECOND_US);
    expect(a.isDelivered(b.id, 1)).toBe(false);
    offer(world, a, b, 20, 36, 0);
    world.run(20 * MILLISECOND_US);
    expect(a.isDelivered(b.id, 0)).toBe(true);
  });

  it('take no more peers than configured', () => {
    const world = new FlowWorld({ seed: 'peers', config: { ...CONFIG, peersMax: 1 }, ends: 3 });
    const [a, b, c] = world.ends as [FlowEndpoint, FlowEndpoint, FlowEndpoint];
    expect(offer(world, a, b, 1)).toBe(1);
    expect(offer(world, a, c, 1)).toBe(0);
    expect(a.count('flow.dropped-peers-full')).toBe(1);
    world.step(a, () => a.forget(b.id));
    expect(offer(world, a, c, 1)).toBe(1);
  });
});
