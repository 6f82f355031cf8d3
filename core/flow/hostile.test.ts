/** A peer that sends whatever it likes costs itself its frames, and this end no more than the configured memory. */
import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from '../base/deadlines.js';
import type { NodeId } from '../base/ids.js';
import { Rng } from '../base/rng.js';
import { type Micros, micros } from '../base/units.js';
import { FlowAck } from '../wire/flow-messages.js';
import { EMPTY_HEADER, type Header, MSG_TYPES } from '../wire/header.js';
import { bootId } from './boot.js';
import { DEFAULT_FLOW_CONFIG, type FlowConfig } from './config.js';
import type { FlowFact } from './facts.js';
import { Flows } from './flows.js';

const CONFIG: FlowConfig = {
  ...DEFAULT_FLOW_CONFIG,
  messageBytesMax: 400,
  queueBytesMax: 4_000,
  creditWindowCost: 2_000,
  inFlightMessagesMax: 10,
  reorderMessagesMax: 20,
  trafficClasses: [1, 4],
};
const PEER = '0000000000000000000000000Z' as NodeId;
const OURS = bootId(3, 7, 0);

class Victim {
  readonly deadlines = new DeadlineHeap();
  readonly facts: FlowFact[] = [];
  readonly flows = new Flows({
    config: CONFIG,
    deadlines: this.deadlines,
    emit: (fact) => void this.facts.push(fact),
    boot: { replica: 3, bootCounter: 7 },
  });

  counted(name: string): number {
    let sum = 0;
    for (const fact of this.facts) {
      if (fact.kind === 'notice' && fact.notice.kind === 'count' && fact.notice.name === name) sum += fact.notice.by;
    }
    return sum;
  }

  delivered(): number[] {
    return this.facts.filter((fact) => fact.kind === 'flow-message').map((fact) => fact.payload.length);
  }

  data(seq: number, bytes: number, changes: Partial<Header> = {}): void {
    this.flows.onFrame(NOW, PEER, { ...headerOf(MSG_TYPES.FLOW_DATA), seq, ...changes }, new Uint8Array(bytes));
    this.flows.checkInvariants();
  }
}

const NOW: Micros = micros(5_000_000);

function headerOf(msgType: number): Header {
  return {
    ...EMPTY_HEADER,
    msgType,
    sourceReplica: 1,
    sourceBoot: 0x10_0000,
    targetReplica: OURS.replica,
    targetBoot: OURS.counter,
  };
}

describe('a peer that does not keep the rules', () => {
  it('is held to its credit, in order and out of order', () => {
    const victim = new Victim();
    for (let seq = 1; seq <= 10; seq++) victim.data(seq, 400);
    expect(victim.delivered()).toEqual([400, 400, 400, 400]);
    expect(victim.counted('flow.dropped-over-credit')).toBe(6);
    const other = new Victim();
    for (let seq = 20; seq > 1; seq--) other.data(seq, 400);
    expect(other.counted('flow.dropped-over-credit')).toBe(15);
    expect(other.delivered()).toEqual([]);
  });

  it('cannot have kept what is too far ahead, too large or of no flow', () => {
    const victim = new Victim();
    victim.data(21, 1);
    victim.data(2 ** 53 - 1, 1);
    expect(victim.counted('flow.dropped-too-far')).toBe(2);
    victim.data(1, 401);
    expect(victim.counted('flow.dropped-oversize')).toBe(1);
    victim.data(0, 1);
    expect(victim.counted('flow.dropped-malformed')).toBe(1);
    victim.data(1, 1, { flowClass: 2 });
    expect(victim.counted('flow.dropped-unknown-class')).toBe(1);
    victim.data(1, 1, { sourceReplica: 0 });
    expect(victim.counted('flow.dropped-no-boot')).toBe(1);
    victim.data(1, 1, { targetBoot: OURS.counter + 1 });
    expect(victim.counted('flow.dropped-future-target')).toBe(1);
    expect(victim.delivered()).toEqual([]);
  });

  it('does not hold a large received message in memory by a small early one', () => {
    const victim = new Victim();
    const received = new Uint8Array(100_000);
    victim.flows.onFrame(NOW, PEER, { ...headerOf(MSG_TYPES.FLOW_DATA), seq: 2 }, received.subarray(5, 15));
    victim.data(1, 10);
    const sizes = victim.facts.flatMap((fact) => (fact.kind === 'flow-message' ? [fact.payload.buffer.byteLength] : []));
    expect(sizes).toEqual([10, 10]);
  });

  it('cannot acknowledge what was never sent', () => {
    const victim = new Victim();
    const ack = (cumulative: number, ranges: { from: number; to: number }[]) => {
      const payload = FlowAck.encode({
        isProbe: false,
        flows: [{ flowClass: 0, cumulative, creditLimit: 500, ranges }],
      });
      victim.flows.onFrame(NOW, PEER, headerOf(MSG_TYPES.FLOW_ACK), payload);
      victim.flows.checkInvariants();
    };
    ack(0, []);
    for (let i = 0; i < 6; i++) victim.flows.send(NOW, PEER, 0, [new Uint8Array(36)]);
    expect(victim.facts.filter((fact) => fact.kind === 'flow-send').length).toBe(5);
    const refused: [number, { from: number; to: number }[]][] = [
      [6, []],
      [2 ** 53 - 1, []],
      [0, [{ from: 1, to: 2 }]],
      [0, [{ from: 2, to: 6 }]],
      [0, [{ from: 3, to: 2 }]],
      [0, [{ from: 4, to: 4 }, { from: 2, to: 2 }]],
      [1, [{ from: 2, to: 3 }]],
      [0, [{ from: 2, to: 3 }, { from: 4, to: 5 }]],
    ];
    for (const [cumulative, ranges] of refused) ack(cumulative, ranges);
    expect(victim.counted('flow.dropped-malformed')).toBe(refused.length);
    expect(victim.flows.queuedBytes(PEER, 0)).toBe(6 * 36);
    ack(1, [{ from: 3, to: 5 }]);
    ack(5, []);
    expect(victim.flows.queuedBytes(PEER, 0)).toBe(36);
  });

  it('never makes this end throw or lose its invariants, whatever the bytes', () => {
    const rng = Rng.fromSeed('hostile flows');
    for (let round = 0; round < 60; round++) {
      const victim = new Victim();
      let now = NOW;
      for (let i = 0; i < 400; i++) {
        now = micros(now + rng.below(50_000));
        for (let due = victim.deadlines.popDue(now); due !== null; due = victim.deadlines.popDue(now)) {
          due.owner.onDeadline(now, due);
        }
        if (rng.chance(200)) victim.flows.send(now, PEER, rng.below(2), [new Uint8Array(rng.below(401))]);
        victim.flows.onFrame(now, PEER, anyHeader(rng), rng.chance(500) ? anyAck(rng) : rng.fill(rng.below(500)));
        if (rng.chance(100)) victim.flows.onConsumed(now, PEER, rng.below(3), rng.below(1_000));
        if (rng.chance(10)) victim.flows.forget(PEER);
        if (rng.chance(300)) victim.flows.onTurn(now);
        victim.flows.checkInvariants();
      }
    }
  });
});

function anyNumber(rng: Rng): number {
  return rng.chance(700) ? rng.below(30) : rng.below(2 ** 53 - 1);
}

function anyHeader(rng: Rng): Header {
  const msgType = rng.chance(500) ? MSG_TYPES.FLOW_DATA : MSG_TYPES.FLOW_ACK;
  return {
    ...headerOf(msgType),
    seq: anyNumber(rng),
    flowClass: rng.below(3),
    sourceReplica: rng.chance(950) ? 1 : rng.below(3),
    sourceBoot: rng.chance(950) ? 0x10_0000 : anyNumber(rng),
    targetReplica: rng.chance(950) ? OURS.replica : rng.below(5),
    targetBoot: rng.chance(950) ? OURS.counter : anyNumber(rng),
  };
}

function anyAck(rng: Rng): Uint8Array {
  const flows = [];
  for (let i = rng.below(4); i > 0; i--) {
    const ranges = [];
    let from = rng.below(6);
    for (let j = rng.below(3); j > 0; j--) {
      ranges.push({ from, to: from + rng.below(3) });
      from += rng.below(6);
    }
    flows.push({ flowClass: rng.below(3), cumulative: rng.below(4), creditLimit: anyNumber(rng), ranges });
  }
  return FlowAck.encode({ isProbe: rng.chance(500), flows });
}
