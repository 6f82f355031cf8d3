import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from '../base/deadlines.js';
import { type NodeId, idFromBytes } from '../base/ids.js';
import { Rng } from '../base/rng.js';
import { type Micros, MILLISECOND_US, SECOND_US, memberIndex } from '../base/units.js';
import { CLAIM_STATES, type SwimClaim, SwimMessage } from '../wire/swim-messages.js';
import type { OverlayPaths } from './probe-helpers.js';
import { DEFAULT_SWIM_CONFIG, type SwimConfig } from './swim-config.js';
import { Swim, type SwimFact } from './swim.js';

const id = (number: number): NodeId => idFromBytes<NodeId>(new Uint8Array(16).fill(number));
const SELF = id(200);
const { JOIN, ALIVE, SUSPECT, CONFIRM, LEAVE } = CLAIM_STATES;

/** One machine, its facts, and time. Nobody answers unless the test does. */
class Bench {
  readonly heap = new DeadlineHeap();
  readonly swim: Swim;
  readonly config: SwimConfig;
  facts: SwimFact[] = [];
  unrouted = new Set<NodeId>();
  now = 1_000_000;
  #seq = 1;

  constructor(memberCount: number, change: Partial<SwimConfig> = {}, paths: Partial<OverlayPaths> = {}) {
    this.config = { ...DEFAULT_SWIM_CONFIG, ...change };
    this.swim = new Swim({
      config: this.config,
      deadlines: this.heap,
      rng: Rng.fromSeed('bench'),
      emit: (fact) => this.facts.push(fact),
      self: SELF,
      boot: { replica: 1, bootCounter: 1 },
      paths: { nextHop: (node) => (this.unrouted.has(node) ? null : node), areLinked: () => false, ...paths },
    });
    this.setMembers(memberCount);
    this.swim.start(this.now as Micros);
  }

  setMembers(count: number): void {
    const members = Array.from({ length: count }, (_, at) => ({ id: id(at + 1), index: memberIndex(at + 1) }));
    this.swim.setMembers(this.now as Micros, [...members, { id: SELF, index: memberIndex(999) }]);
  }

  /** Runs the deadlines of the next `spanUs`; `answers` are who acknowledges every ping at once. */
  run(spanUs: number, answers: (node: NodeId) => boolean = () => false): void {
    const end = this.now + spanUs;
    while (this.heap.next() <= end) {
      this.now = Math.max(this.now, this.heap.next());
      const due = this.heap.popDue(this.now as Micros);
      const before = this.facts.length;
      due?.owner.onDeadline(this.now as Micros, due);
      for (const { to, message } of sendsIn(this.facts.slice(before))) {
        if (message.kind === 'ping' && answers(to)) this.ack(to, message.seq);
      }
      this.swim.checkInvariants();
    }
    this.now = end;
  }

  /** Runs until a message of that kind leaves, unanswered; those of that moment. */
  runTo(kind: SwimMessage['kind']) {
    for (let step = 0; step < 10_000; step++) {
      this.run(MILLISECOND_US);
      const sends = this.sends(kind);
      if (sends.length > 0) return sends;
    }
    throw new Error(`no ${kind} leaves`);
  }

  hear(from: NodeId, ...claims: SwimClaim[]): void {
    this.receive(from, { kind: 'gossip', incarnation: 1, claims, events: [] });
  }

  receive(from: NodeId, message: SwimMessage): void {
    const decoded = SwimMessage.decode(SwimMessage.encode(message));
    if (decoded === null) throw new Error('a test sends what decodes');
    this.swim.onMessage(this.now as Micros, from, decoded);
    this.swim.checkInvariants();
  }

  ack(from: NodeId, seq: number, incarnation = 1): void {
    const said = { incarnation, responder: from, responderIncarnation: incarnation };
    this.receive(from, { kind: 'ack', seq, claims: [], events: [], ...said });
  }

  ping(from: NodeId, incarnation = 1): void {
    this.receive(from, { kind: 'ping', incarnation, claims: [], events: [], seq: this.#seq++ });
  }

  /** Takes what was sent since the last call. */
  sends(kind?: SwimMessage['kind']) {
    const sends = sendsIn(this.facts).filter(({ message }) => kind === undefined || message.kind === kind);
    this.facts = [];
    return sends;
  }

  liveness(number: number) {
    return this.swim.livenessOf(id(number));
  }
}

function sendsIn(facts: readonly SwimFact[]) {
  return facts.flatMap((fact) => (fact.kind === 'swim-send' ? [{ to: fact.to, message: fact.message }] : []));
}

const claim = (state: number, subject: number | NodeId, incarnation: number, accuser: number | NodeId = 150): SwimClaim => ({
  state,
  subject: typeof subject === 'number' ? id(subject) : subject,
  incarnation,
  accuser: typeof accuser === 'number' ? id(accuser) : accuser,
});
const alive = (subject: number | NodeId, incarnation: number) => claim(ALIVE, subject, incarnation, subject);

describe('refutation', () => {
  it('takes an incarnation above the accusation, says so, and counts against the own health', () => {
    for (const state of [SUSPECT, CONFIRM, LEAVE]) {
      const bench = new Bench(5);
      bench.hear(id(1), claim(state, SELF, 7, state === LEAVE ? SELF : 2));
      expect(bench.swim.incarnation).toBe(8);
      expect(bench.swim.healthScore).toBe(1);
      bench.sends();
      bench.run(bench.config.gossipIntervalUs);
      expect(bench.sends('gossip')[0]?.message.claims).toContainEqual(alive(SELF, 8));
    }
  });

  it('answers a forged newer "alive" about oneself', () => {
    const bench = new Bench(5);
    bench.hear(id(1), alive(SELF, 41));
    expect(bench.swim.incarnation).toBe(42);
  });

  it('is not made twice for one accusation, but said again while the rumour goes round', () => {
    const bench = new Bench(3);
    bench.hear(id(1), claim(SUSPECT, SELF, 1));
    bench.hear(id(2), claim(SUSPECT, SELF, 1));
    expect(bench.swim.incarnation).toBe(2);
    bench.run(20 * SECOND_US, () => true);
    bench.sends();
    bench.hear(id(2), claim(SUSPECT, SELF, 1));
    bench.run(bench.config.gossipIntervalUs);
    expect(bench.sends('gossip')[0]?.message.claims).toContainEqual(alive(SELF, 2));
    expect(bench.swim.incarnation).toBe(2);
  });

  it('never leaves the integers', () => {
    const bench = new Bench(3);
    const huge = 4_503_599_627_370_495;
    bench.hear(id(1), claim(SUSPECT, SELF, huge), claim(SUSPECT, SELF, huge + 1), claim(SUSPECT, SELF, Number.MAX_SAFE_INTEGER));
    expect(bench.swim.incarnation).toBe(huge + 1);
  });

  it('reaches an accused member with the next word to it: every message carries what is held against its receiver', () => {
    const bench = new Bench(5);
    bench.hear(id(1), claim(SUSPECT, 4, 3, 1));
    bench.sends();
    bench.ping(id(4));
    for (const { to, message } of bench.sends('ack')) {
      expect(to).toBe(id(4));
      expect(message.claims[0]).toEqual(claim(SUSPECT, 4, 3, 1));
    }
    bench.ping(id(4), 4);
    expect(bench.liveness(4)).toBe('alive');
  });
});

describe('a probe', () => {
  it('is a ping, then three helpers at the timeout, then a suspicion at the interval’s end and a ping that carries it', () => {
    const bench = new Bench(8);
    const [ping] = bench.runTo('ping');
    const target = ping!.to;
    bench.run(500 * MILLISECOND_US);
    const requests = bench.sends('ping-request');
    expect(requests).toHaveLength(3);
    expect(new Set(requests.map(({ to }) => to)).size).toBe(3);
    for (const { to, message } of requests) expect([to === target, (message as { target: NodeId }).target]).toEqual([false, target]);
    expect(bench.swim.livenessOf(target)).toBe('alive');
    bench.run(500 * MILLISECOND_US);
    expect(bench.swim.livenessOf(target)).toBe('suspect');
    const told = bench.sends('ping').find(({ to }) => to === target);
    expect(told?.message.claims[0]).toMatchObject({ state: SUSPECT, subject: target, accuser: SELF });
  });

  it('asks helpers whose ways differ, the target’s neighbours first', () => {
    const hops = new Map([[1, 91], [2, 91], [3, 92], [4, 92], [5, 93], [6, 94], [7, 94], [8, 91]]);
    const numberOf = (node: NodeId) => [...hops.keys()].find((number) => id(number) === node)!;
    for (let seed = 0; seed < 20; seed++) {
      const bench = new Bench(8, {}, {
        nextHop: (node) => id(hops.get(numberOf(node))!),
        areLinked: (a, b) => numberOf(a) === 7 || numberOf(b) === 4,
      });
      for (;;) {
        bench.run(100 * MILLISECOND_US, (node) => node !== id(1));
        const requests = bench.sends('ping-request');
        if (requests.length === 0) continue;
        expect(requests.map(({ to }) => hops.get(numberOf(to))).sort()).toEqual([92, 93, 94]);
        expect(requests.map(({ to }) => to)).toContain(id(7));
        break;
      }
    }
  });

  it('is answered by a helper’s ack as well', () => {
    const bench = new Bench(4);
    bench.run(SECOND_US);
    bench.run(500 * MILLISECOND_US);
    const [request] = bench.sends('ping-request');
    const { seq, target } = request!.message as { seq: number; target: NodeId };
    bench.receive(request!.to, {
      kind: 'ack', seq, incarnation: 1, claims: [], events: [], responder: target, responderIncarnation: 5,
    });
    bench.run(SECOND_US, () => true);
    expect(bench.swim.livenessOf(target)).toBe('alive');
  });

  it('takes no answer for another seq, from another node, or after the verdict', () => {
    const bench = new Bench(4);
    bench.run(SECOND_US);
    const [ping] = bench.sends('ping');
    const { seq } = ping!.message as { seq: number };
    bench.ack(ping!.to, seq + 1);
    const other = [1, 2, 3, 4].map(id).find((node) => node !== ping!.to)!;
    bench.ack(other, seq);
    bench.run(SECOND_US);
    expect(bench.swim.livenessOf(ping!.to)).toBe('suspect');
  });

  it('meets every member once per round, not the left nor the failed', () => {
    const bench = new Bench(10);
    bench.hear(id(1), claim(LEAVE, 9, 1, 9), claim(CONFIRM, 10, 1, 1));
    bench.unrouted.add(id(10));
    bench.sends();
    for (let round = 0; round < 5; round++) {
      bench.run(8 * SECOND_US, () => true);
      const targets = bench.sends('ping').map(({ to }) => to).filter((node) => node !== id(10));
      expect(targets).not.toContain(id(9));
      expect(new Set(targets).size).toBe(8);
    }
  });

  it('is not needed while a live link speaks for the member', () => {
    const bench = new Bench(3);
    for (let second = 0; second < 20; second++) {
      bench.swim.onLinkEvidence(bench.now as Micros, id(1));
      bench.run(SECOND_US, () => true);
    }
    expect(bench.sends('ping').every(({ to }) => to !== id(1))).toBe(true);
    bench.run(6 * SECOND_US, () => true);
    expect(bench.sends('ping').some(({ to }) => to === id(1))).toBe(true);
  });

  it('counts a frame over a link that came during the round as the answer', () => {
    const bench = new Bench(1);
    bench.run(SECOND_US);
    bench.swim.onLinkEvidence(bench.now as Micros, id(1));
    bench.run(3 * SECOND_US);
    expect(bench.facts.filter((fact) => fact.kind === 'member-liveness')).toEqual([]);
  });

  it('comes next for a neighbour whose link went down', () => {
    const bench = new Bench(20);
    bench.run(SECOND_US, () => true);
    for (const number of [3, 11, 17]) {
      bench.sends();
      bench.swim.onLinkLost(bench.now as Micros, id(number));
      bench.run(SECOND_US, () => true);
      expect(bench.sends('ping')[0]?.to).toBe(id(number));
    }
  });
});

describe('pings on behalf of others', () => {
  const request = (bench: Bench, target: number, seq: number) =>
    bench.receive(id(1), { kind: 'ping-request', incarnation: 1, claims: [], events: [], seq, target: id(target) });

  it('pass the answer on under the asker’s seq', () => {
    const bench = new Bench(3);
    bench.sends();
    request(bench, 2, 77);
    const [ping] = bench.sends('ping');
    expect(ping!.to).toBe(id(2));
    bench.ack(id(2), (ping!.message as { seq: number }).seq, 6);
    const [ack] = bench.sends('ack');
    expect(ack).toMatchObject({ to: id(1), message: { seq: 77, responder: id(2), responderIncarnation: 6 } });
  });

  it('say that the helper works when the target is silent, and pass a late answer on all the same', () => {
    const bench = new Bench(3);
    bench.sends();
    request(bench, 2, 77);
    const [ping] = bench.sends('ping');
    bench.run(250 * MILLISECOND_US);
    expect(bench.sends('nack')).toMatchObject([{ to: id(1), message: { seq: 77 } }]);
    bench.ack(id(2), (ping!.message as { seq: number }).seq);
    expect(bench.sends('ack')).toHaveLength(1);
  });

  it('are bounded: past the bound the helper says at once that it works', () => {
    const bench = new Bench(3, { relaysMax: 4 });
    bench.sends();
    for (let seq = 0; seq < 10; seq++) request(bench, 2, seq);
    const sends = sendsIn(bench.facts);
    expect(sends.filter(({ message }) => message.kind === 'ping')).toHaveLength(4);
    expect(sends.filter(({ message }) => message.kind === 'nack')).toHaveLength(6);
    bench.run(3 * SECOND_US, () => true);
    bench.sends();
    request(bench, 2, 99);
    expect(bench.sends('ping')).toHaveLength(1);
  });

  it('are refused with a nack for a target that is no member', () => {
    const bench = new Bench(3);
    bench.sends();
    request(bench, 99, 1);
    expect(bench.sends().map(({ message }) => message.kind)).toEqual(['nack']);
  });
});

describe('local health', () => {
  /** Runs one round that fails, of which `nackCount` helpers say that they work; the score after it. */
  function scoreAfterFailure(nackCount: number, memberCount = 8): number {
    const bench = new Bench(memberCount);
    bench.runTo('ping');
    bench.run(500 * MILLISECOND_US);
    for (const { to, message } of bench.sends('ping-request').slice(0, nackCount)) {
      const { seq } = message as { seq: number };
      bench.receive(to, { kind: 'nack', seq, incarnation: 1, claims: [], events: [] });
      bench.receive(to, { kind: 'nack', seq, incarnation: 1, claims: [], events: [] });
    }
    bench.run(500 * MILLISECOND_US);
    return bench.swim.healthScore;
  }

  it('gets worse by the nacks that are missing, or by one without helpers', () => {
    expect([0, 1, 2, 3].map((nackCount) => scoreAfterFailure(nackCount))).toEqual([3, 2, 1, 0]);
    expect(scoreAfterFailure(0, 1)).toBe(1);
  });

  it('gets better with every good probe, and stays between 0 and 7', () => {
    const bench = new Bench(8);
    bench.run(60 * SECOND_US);
    expect(bench.swim.healthScore).toBe(7);
    bench.run(60 * SECOND_US, () => true);
    expect(bench.swim.healthScore).toBe(0);
  });

  it('stretches the probe interval', () => {
    const bench = new Bench(3);
    for (const incarnation of [1, 2, 3]) bench.hear(id(1), claim(SUSPECT, SELF, incarnation));
    expect(bench.swim.healthScore).toBe(3);
    bench.sends();
    const times: number[] = [];
    for (let tenth = 0; tenth < 120; tenth++) {
      bench.run(100 * MILLISECOND_US, () => true);
      if (bench.sends('ping').length > 0) times.push(tenth);
    }
    // The score falls with every answer: rounds of 4, 3, 2 and 1 seconds.
    expect(times.slice(1, 6).map((time, at) => time - times[at]!)).toEqual([40, 30, 20, 10, 10]);
  });

  it('does not suffer from members that routing knows to be cut off', () => {
    const bench = new Bench(6);
    bench.run(2 * SECOND_US, () => true);
    for (const number of [1, 2, 3]) bench.unrouted.add(id(number));
    bench.run(3 * SECOND_US, (node) => !bench.unrouted.has(node));
    for (const number of [1, 2, 3]) expect(bench.liveness(number)).toBe('suspect');
    bench.run(20 * SECOND_US, (node) => !bench.unrouted.has(node));
    expect(bench.swim.healthScore).toBe(0);
    for (const number of [4, 5, 6]) expect(bench.liveness(number)).toBe('alive');
  });
});

describe('a suspicion', () => {
  it('ends in a failure at its maximum, or sooner with every distinct confirmer', () => {
    const lasts = (confirmers: readonly number[]) => {
      const bench = new Bench(9);
      bench.hear(id(1), claim(SUSPECT, 5, 1, 1));
      for (const confirmer of confirmers) bench.hear(id(confirmer), claim(SUSPECT, 5, 1, confirmer));
      const begin = bench.now;
      while (bench.liveness(5) === 'suspect') bench.run(10 * MILLISECOND_US, (node) => node !== id(5));
      return Math.round((bench.now - begin) / (100 * MILLISECOND_US)) / 10;
    };
    // Its own probe makes this node a confirmer too, some time on: the bench of nine probes member 5 within nine seconds.
    expect(lasts([2, 3])).toBe(4);
    expect(lasts([2, 3, 4, 6])).toBe(4);
    expect(lasts([])).toBeGreaterThan(9);
    expect(lasts([2])).toBeLessThan(lasts([]));
    // The accuser’s echo and a repeated confirmer change nothing.
    expect(lasts([1, 1, 1])).toBe(lasts([]));
    expect(lasts([2, 2, 2])).toBe(lasts([2]));
  });

  it('passes each confirmation on that counts, and no other', () => {
    const bench = new Bench(9);
    bench.hear(id(1), claim(SUSPECT, 5, 1, 1));
    bench.hear(id(2), claim(SUSPECT, 5, 1, 2));
    bench.sends();
    bench.run(bench.config.gossipIntervalUs);
    expect(bench.sends('gossip')[0]?.message.claims).toContainEqual(claim(SUSPECT, 5, 1, 2));
    bench.run(10 * SECOND_US, (node) => node !== id(5));
    bench.sends();
  });

  it('ends with "alive" of a greater incarnation, not of the same', () => {
    const bench = new Bench(4);
    bench.hear(id(1), claim(SUSPECT, 2, 3, 1));
    bench.hear(id(1), alive(2, 3));
    expect(bench.liveness(2)).toBe('suspect');
    bench.hear(id(1), alive(2, 4));
    expect(bench.liveness(2)).toBe('alive');
    bench.run(10 * SECOND_US, () => true);
    expect(bench.liveness(2)).toBe('alive');
  });

  it('is not believed while a live link speaks for the suspect, which is told at once', () => {
    const bench = new Bench(4);
    bench.swim.onLinkEvidence(bench.now as Micros, id(2));
    bench.sends();
    bench.hear(id(1), claim(SUSPECT, 2, 3, 1));
    const [told] = bench.sends('ping');
    expect(told?.to).toBe(id(2));
    expect(told?.message.claims.filter(({ subject }) => subject === id(2))).toEqual([claim(SUSPECT, 2, 3, 1)]);
    for (let second = 0; second < 60; second++) {
      bench.swim.onLinkEvidence(bench.now as Micros, id(2));
      bench.run(SECOND_US, (node) => node !== id(2));
    }
    expect(bench.liveness(2)).toBe('suspect');
  });

  it('gets its minimum anew after this node stood still', () => {
    const bench = new Bench(4);
    bench.hear(id(1), claim(SUSPECT, 2, 3, 1), claim(SUSPECT, 2, 3, 4), claim(SUSPECT, 2, 3, 3));
    const woken = bench.now + 60 * SECOND_US;
    bench.now = woken;
    bench.run(3 * SECOND_US, (node) => node !== id(2));
    expect(bench.liveness(2)).toBe('suspect');
    bench.run(2 * SECOND_US, (node) => node !== id(2));
    expect(bench.liveness(2)).toBe('failed');
  });
});

describe('members', () => {
  it('come from the log alone: claims about strangers make none, but "alive" is kept for their join', () => {
    const bench = new Bench(3);
    bench.hear(id(1), claim(SUSPECT, 9, 4), claim(CONFIRM, 9, 4), claim(JOIN, 8, 6, 8), alive(7, 3));
    expect(bench.swim.members()).toHaveLength(3);
    bench.setMembers(9);
    expect(bench.swim.members().map(({ incarnation }) => incarnation)).toEqual([1, 0, 0, 0, 0, 0, 3, 6, 0]);
    bench.swim.checkInvariants();
  });

  it('that the log drops are forgotten with everything about them', () => {
    const bench = new Bench(6);
    bench.hear(id(1), claim(SUSPECT, 5, 1, 1), claim(SUSPECT, 6, 1, 1));
    bench.setMembers(4);
    bench.swim.checkInvariants();
    bench.run(60 * SECOND_US, () => true);
    bench.setMembers(0);
    bench.swim.checkInvariants();
    expect(bench.heap.armedCount).toBe(0);
  });

  it('that went and came back unseen from here are presumed alive: what was held is of another life', () => {
    const bench = new Bench(6);
    bench.hear(id(1), claim(SUSPECT, 5, 7, 1), claim(CONFIRM, 6, 7, 1));
    expect([5, 6].map((number) => bench.liveness(number))).toEqual(['suspect', 'failed']);
    const members = [1, 2, 3, 4, 55, 66].map((index) => ({ id: id(index % 10), index: memberIndex(index) }));
    bench.swim.setMembers(bench.now as Micros, members);
    bench.swim.checkInvariants();
    expect([5, 6].map((number) => bench.swim.viewOf(id(number)))).toMatchObject([
      { liveness: 'alive', incarnation: 0, index: 55 },
      { liveness: 'alive', incarnation: 0, index: 66 },
    ]);
  });

  it('bound what strangers can make this node hold', () => {
    const bench = new Bench(2, { strangersMax: 10 });
    for (let number = 10; number < 100; number++) bench.hear(id(1), alive(number, 1));
    bench.swim.checkInvariants();
  });
});

describe('push-pull', () => {
  const view = (bench: Bench, wantsReply: boolean, ...claims: SwimClaim[]) =>
    bench.receive(id(1), { kind: 'push-pull', incarnation: 1, claims, events: [], wantsReply, lamport: 0 });

  it('takes a remote "confirm" as a suspicion and believes a remote "leave"', () => {
    const bench = new Bench(4);
    view(bench, false, claim(CONFIRM, 2, 5, 3), claim(LEAVE, 3, 5, 3), alive(4, 9));
    expect([2, 3, 4].map((number) => bench.liveness(number))).toEqual(['suspect', 'left', 'alive']);
  });

  it('is answered with the whole view, in parts', () => {
    const bench = new Bench(100, { pushPullPartMax: 40 });
    for (let number = 1; number <= 100; number++) bench.hear(id(number), alive(number, 2));
    bench.sends();
    view(bench, true);
    const parts = bench.sends('push-pull');
    expect(parts.map(({ message }) => message.claims.length)).toEqual([40, 40, 20]);
    expect(parts.every(({ message }) => message.kind === 'push-pull' && !message.wantsReply)).toBe(true);
  });

  it('is asked for every second until the first answer of a boot, then every thirty, less often in a large mesh', () => {
    const bench = new Bench(4);
    bench.run(10 * SECOND_US, () => true);
    expect(bench.sends('push-pull').length).toBeGreaterThanOrEqual(8);
    view(bench, false);
    bench.run(130 * SECOND_US, () => true);
    expect(bench.sends('push-pull').length).toBeLessThanOrEqual(5);
    const large = new Bench(149);
    view(large, false);
    large.run(600 * SECOND_US, () => true);
    const views = large.sends('push-pull').filter(({ message }) => message.kind === 'push-pull' && message.wantsReply);
    expect(views.length).toBeLessThanOrEqual(7);
  });
});

describe('broadcasts', () => {
  it('leave at most 4 · ⌈log10(N + 1)⌉ times', () => {
    for (const [members, times] of [[8, 4], [9, 8], [98, 8], [150, 12]] as const) {
      const bench = new Bench(members);
      bench.run(30 * SECOND_US, () => true);
      bench.sends();
      bench.hear(id(1), alive(2, 17));
      bench.run(60 * SECOND_US, () => true);
      const carried = bench.sends().filter(({ message }) => message.kind !== 'push-pull' && message.claims.some(({ incarnation }) => incarnation === 17));
      // A message to member 2 itself leaves it out and counts.
      expect(carried.length).toBeLessThanOrEqual(times);
      expect(carried.length).toBeGreaterThanOrEqual(times - 3);
    }
  });

  it('stay within a message’s bytes, whatever there is to say', () => {
    const bench = new Bench(150);
    const claims = Array.from({ length: 149 }, (_, at) => alive(at + 1, 3));
    bench.hear(id(1), ...claims);
    bench.run(5 * SECOND_US);
    for (const { message } of bench.sends()) {
      if (message.kind !== 'push-pull') expect(SwimMessage.encode(message).length).toBeLessThan(1300);
    }
  });

  it('of accusations die with a node that can tell nobody', () => {
    const bench = new Bench(4);
    bench.run(3 * SECOND_US, () => true);
    for (const number of [1, 2, 3, 4]) bench.unrouted.add(id(number));
    bench.run(90 * SECOND_US);
    for (const number of [1, 2, 3, 4]) expect(bench.liveness(number)).toBe('failed');
    bench.sends();
    bench.unrouted.clear();
    bench.ping(id(1), 9);
    for (const { message } of bench.sends('ack')) expect(message.claims.filter(({ state }) => state !== ALIVE && state !== JOIN)).toEqual([]);
  });
});

describe('leaving', () => {
  it('is said at once, and then this node accuses nobody and answers on', () => {
    const bench = new Bench(5);
    bench.run(2 * SECOND_US, () => true);
    bench.sends();
    bench.swim.leave(bench.now as Micros);
    const told = bench.sends('gossip');
    expect(told.length).toBeGreaterThanOrEqual(4);
    for (const { message } of told) expect(message.claims).toContainEqual(claim(LEAVE, SELF, 1, SELF));
    bench.run(20 * SECOND_US);
    bench.hear(id(1), claim(SUSPECT, SELF, 1));
    expect(bench.swim.incarnation).toBe(1);
    expect(bench.facts.filter((fact) => fact.kind === 'member-liveness')).toEqual([]);
    bench.sends();
    bench.ping(id(2));
    expect(bench.sends('ack')).toHaveLength(1);
    bench.swim.stop(bench.now as Micros);
    expect(bench.heap.armedCount).toBe(0);
    bench.swim.start(bench.now as Micros);
    expect(bench.swim.incarnation).toBe(2);
    bench.swim.checkInvariants();
  });

  it('by somebody else’s word counts for nothing; by the own "confirm" it counts', () => {
    const bench = new Bench(5);
    bench.hear(id(1), claim(LEAVE, 2, 9, 1));
    expect(bench.liveness(2)).toBe('alive');
    bench.hear(id(1), claim(CONFIRM, 2, 9, 2));
    expect(bench.liveness(2)).toBe('left');
    bench.hear(id(2), alive(2, 9));
    expect(bench.liveness(2)).toBe('left');
    bench.hear(id(2), alive(2, 10));
    expect(bench.liveness(2)).toBe('alive');
  });
});

describe('stopping', () => {
  it('ends suspicions without a verdict, tells so, and leaves no deadline', () => {
    const bench = new Bench(5);
    bench.hear(id(1), claim(SUSPECT, 2, 1, 1));
    bench.swim.stop(bench.now as Micros);
    expect(bench.facts.at(-1)).toMatchObject({ kind: 'member-liveness', node: id(2), liveness: 'alive' });
    expect(bench.heap.armedCount).toBe(0);
    bench.sends();
    bench.ping(id(1));
    expect(bench.sends()).toEqual([]);
    bench.swim.checkInvariants();
  });
});

describe('user events', () => {
  it('are refused with a reason when too large, too many, or without a mesh', () => {
    const bench = new Bench(3);
    const fire = (size: number) => bench.swim.fireEvent(bench.now as Micros, 'name', new Uint8Array(size));
    expect(fire(600)).toMatchObject({ ok: false, reject: { code: 'INVALID_ARGUMENT' } });
    for (let event = 0; event < 64; event++) expect(fire(10)).toEqual({ ok: true, value: event + 1 });
    expect(fire(10)).toMatchObject({ ok: false, reject: { code: 'OVERLOADED' } });
    bench.swim.stop(bench.now as Micros);
    expect(fire(10)).toMatchObject({ ok: false, reject: { code: 'MESH_STOPPED' } });
  });
});

describe('peers’ messages', () => {
  it('never throw nor break an invariant, whatever they say', () => {
    for (let seed = 0; seed < 10; seed++) {
      const bench = new Bench(6);
      const rng = Rng.fromSeed(`hostile ${seed}`);
      const anyId = () => (rng.chance(150) ? SELF : id(rng.below(9) + 1));
      const anyNumber = () => (rng.chance(100) ? rng.pick([0, 4_503_599_627_370_495, 4_503_599_627_370_496, Number.MAX_SAFE_INTEGER]) : rng.below(6));
      for (let round = 0; round < 400; round++) {
        const claims = Array.from({ length: rng.below(4) }, () => claim(rng.below(7), anyId(), anyNumber(), anyId()));
        const events = Array.from({ length: rng.below(2) }, () => ({
          lamport: anyNumber(), origin: anyId(), replica: 1, bootCounter: anyNumber(), name: 'x', payload: rng.fill(3),
        }));
        const said = { incarnation: anyNumber(), claims, events, seq: anyNumber() };
        const message = rng.pick<SwimMessage>([
          { kind: 'ping', ...said },
          { kind: 'ping-request', ...said, target: anyId() },
          { kind: 'ack', ...said, responder: anyId(), responderIncarnation: anyNumber() },
          { kind: 'nack', ...said },
          { kind: 'gossip', ...said },
          { kind: 'push-pull', ...said, wantsReply: rng.chance(500), lamport: anyNumber() },
        ]);
        bench.receive(anyId(), message);
        if (rng.chance(50)) bench.setMembers(rng.below(9));
        bench.run(rng.below(400 * MILLISECOND_US), () => rng.chance(700));
        bench.sends();
      }
    }
  });
});
