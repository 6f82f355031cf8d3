import { describe, expect, it } from 'vitest';
import { MILLISECOND_US, SECOND_US } from '../base/units.js';
import { VirtualOverlay } from './testing/virtual-overlay.js';

describe('without faults nobody is failed', () => {
  it('in a star of 16 for 120 s', () => {
    const overlay = new VirtualOverlay('star', 16).star(50 * MILLISECOND_US).startAll();
    overlay.run(120 * SECOND_US);
    expect(overlay.storiesOf('failed')).toEqual([]);
    expect(overlay.storiesOf('suspect')).toEqual([]);
    expect(overlay.areAllAlive()).toBe(true);
  });

  it('in a chain of 9 for 120 s, with jitter', () => {
    const overlay = new VirtualOverlay('chain', 9, { jitterUs: 3 * MILLISECOND_US }).chain(9 * MILLISECOND_US).startAll();
    overlay.run(120 * SECOND_US);
    expect(overlay.storiesOf('failed')).toEqual([]);
    expect(overlay.storiesOf('suspect')).toEqual([]);
  });

  it('among 50 with RTTs up to 200 ms, and even with 2 % of frames lost per hop', () => {
    const overlay = new VirtualOverlay('fifty', 50, { lossPermille: 20, jitterUs: 2_000 });
    overlay.random(40, 28 * MILLISECOND_US).startAll();
    expect(overlay.rttUsMax()).toBeGreaterThan(180 * MILLISECOND_US);
    overlay.run(60 * SECOND_US);
    expect(overlay.storiesOf('failed')).toEqual([]);
    expect(overlay.areAllAlive()).toBe(true);
  });

  it('when a relay dies silently: those behind it are at most suspects until routing goes round', () => {
    for (let seed = 0; seed < 5; seed++) {
      const overlay = new VirtualOverlay(`relay ${seed}`, 9, { jitterUs: 1_000 });
      // A ring: node 0 dead still leaves a way between all others.
      overlay.chain(15 * MILLISECOND_US).link(8, 0, 15 * MILLISECOND_US);
      overlay.startAll();
      overlay.run(20 * SECOND_US);
      overlay.crash(4);
      overlay.run(40 * SECOND_US);
      expect(overlay.storiesOf('failed').filter((story) => story.of !== 4)).toEqual([]);
      expect(overlay.areAllAlive([0, 1, 2, 3, 5, 6, 7, 8])).toBe(true);
      for (const by of [0, 1, 2, 3, 5, 6, 7, 8]) expect(overlay.liveness(by, 4)).toBe('failed');
    }
  });
});

describe('a crash', () => {
  it('is known to all 50 within about ten seconds', () => {
    const times: number[] = [];
    for (let seed = 0; seed < 6; seed++) {
      const overlay = new VirtualOverlay(`crash ${seed}`, 50, { jitterUs: 2_000 }).random(40, 28 * MILLISECOND_US).startAll();
      overlay.run(15 * SECOND_US);
      const at = overlay.now;
      const dead = 49;
      overlay.crash(dead);
      overlay.run(20 * SECOND_US);
      const failures = overlay.storiesOf('failed', at);
      expect(failures.every((story) => story.of === dead)).toBe(true);
      expect(failures).toHaveLength(49);
      times.push(Math.min(...failures.map((story) => story.at - at)), Math.max(...failures.map((story) => story.at - at)));
    }
    expect(Math.min(...times)).toBeGreaterThan(4 * SECOND_US);
    expect(Math.max(...times)).toBeLessThan(13 * SECOND_US);
    times.sort((a, b) => a - b);
    expect(times[times.length >> 1]).toBeLessThan(11 * SECOND_US);
  });

  it('in a star or a chain is known within ten seconds, unless it is the way itself', () => {
    const star = new VirtualOverlay('star crash', 16).star(50 * MILLISECOND_US).startAll();
    star.run(10 * SECOND_US);
    star.crash(7);
    star.run(10 * SECOND_US);
    for (const { number } of star.nodes) if (number !== 7) expect(star.liveness(number, 7)).toBe('failed');
    const chain = new VirtualOverlay('chain crash', 9).chain(10 * MILLISECOND_US).startAll();
    chain.run(10 * SECOND_US);
    chain.crash(8);
    chain.run(10 * SECOND_US);
    for (let by = 0; by < 8; by++) expect(chain.liveness(by, 8)).toBe('failed');
    expect(chain.storiesOf('failed').every((story) => story.of === 8)).toBe(true);
  });

  it('is forgotten a few seconds after the node is back, although its incarnation began again', () => {
    const overlay = new VirtualOverlay('back', 12, { jitterUs: 1_000 }).random(8, 20 * MILLISECOND_US).startAll();
    for (let round = 0; round < 3; round++) {
      overlay.run(10 * SECOND_US);
      overlay.crash(5);
      overlay.run(20 * SECOND_US);
      expect(overlay.liveness(0, 5)).toBe('failed');
      overlay.boot(5);
      overlay.run(5 * SECOND_US);
      expect(overlay.areAllAlive()).toBe(true);
    }
  });
});

describe('a partition', () => {
  it('of any length heals by itself within seconds', () => {
    for (const [seed, length] of [[0, 30], [1, 30], [2, 600]] as const) {
      const overlay = new VirtualOverlay(`partition ${seed}`, 20, { jitterUs: 1_000 });
      overlay.random(25, 20 * MILLISECOND_US).startAll();
      overlay.run(10 * SECOND_US);
      overlay.partition(10);
      overlay.run(length * SECOND_US);
      expect(overlay.liveness(0, 15)).toBe('failed');
      expect(overlay.liveness(15, 0)).toBe('failed');
      overlay.healLinks();
      overlay.run(12 * SECOND_US);
      expect(overlay.areAllAlive()).toBe(true);
    }
  });

  it('between the members of one side fails nobody of that side', () => {
    const overlay = new VirtualOverlay('sides', 16).star(20 * MILLISECOND_US);
    overlay.link(14, 15, 10 * MILLISECOND_US);
    overlay.startAll();
    overlay.run(10 * SECOND_US);
    overlay.partition(14);
    overlay.run(60 * SECOND_US);
    const wrong = overlay.storiesOf('failed').filter(({ by, of }) => by < 14 === of < 14);
    expect(wrong).toEqual([]);
  });
});

describe('a node that was cut off', () => {
  it('and failed everybody meanwhile, fails nobody for the others when it is back', () => {
    const overlay = new VirtualOverlay('cut off', 16, { jitterUs: 1_000 }).star(20 * MILLISECOND_US).startAll();
    overlay.run(10 * SECOND_US);
    overlay.partition(15);
    overlay.run(90 * SECOND_US);
    for (let of = 0; of < 15; of++) expect(overlay.liveness(15, of)).toBe('failed');
    overlay.healLinks();
    overlay.run(15 * SECOND_US);
    expect(overlay.storiesOf('failed').filter(({ by, of }) => by !== 15 && of !== 15)).toEqual([]);
    expect(overlay.areAllAlive()).toBe(true);
  });
});

describe('a node that stood still', () => {
  it('fails nobody when it wakes, and is alive to the others soon', () => {
    const overlay = new VirtualOverlay('frozen', 10, { jitterUs: 1_000 }).random(12, 20 * MILLISECOND_US).startAll();
    overlay.run(10 * SECOND_US);
    overlay.freeze(9);
    overlay.run(60 * SECOND_US);
    expect(overlay.liveness(0, 9)).toBe('failed');
    overlay.thaw(9);
    overlay.run(10 * SECOND_US);
    expect(overlay.storiesOf('failed').filter((story) => story.by === 9)).toEqual([]);
    expect(overlay.areAllAlive()).toBe(true);
  });
});

describe('leaving', () => {
  it('is no failure, is known at once, and is not undone by late words of the one who left', () => {
    const overlay = new VirtualOverlay('leave', 10).star(20 * MILLISECOND_US).startAll();
    overlay.run(10 * SECOND_US);
    overlay.node(4).swim.leave(overlay.now as never);
    overlay.run(2 * SECOND_US);
    overlay.crash(4);
    for (const { number } of overlay.nodes) if (number !== 4) expect(overlay.liveness(number, 4)).toBe('left');
    overlay.run(30 * SECOND_US);
    for (const { number } of overlay.nodes) if (number !== 4) expect(overlay.liveness(number, 4)).toBe('left');
    expect(overlay.storiesOf('suspect')).toEqual([]);
    overlay.boot(4);
    overlay.run(10 * SECOND_US);
    expect(overlay.areAllAlive()).toBe(true);
  });
});

describe('user events', () => {
  it('reach everybody exactly once per boot, in spite of loss', () => {
    const overlay = new VirtualOverlay('events', 20, { lossPermille: 50 }).random(15, 20 * MILLISECOND_US).startAll();
    overlay.run(5 * SECOND_US);
    for (let event = 0; event < 30; event++) {
      const fired = overlay.node(event % 20).swim.fireEvent(overlay.now as never, 'deploy', Uint8Array.of(event));
      expect(fired.ok).toBe(true);
      overlay.run(300 * MILLISECOND_US);
    }
    overlay.run(100 * SECOND_US);
    for (const { number, swim } of overlay.nodes) {
      const heard = overlay.facts.filter(({ by, fact }) => by === number && fact.kind === 'user-event');
      expect(heard).toHaveLength(30);
      const read = swim.eventsAfter(0);
      expect(read.missedCount).toBe(0);
      expect(read.events.map(({ event }) => event.payload[0]).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual([...Array(30).keys()]);
    }
  });
});

describe('an idle mesh', () => {
  it('sends about one ping and one ack per node and second, and nothing between neighbours', () => {
    const overlay = new VirtualOverlay('idle', 16).star(10 * MILLISECOND_US).startAll();
    overlay.run(30 * SECOND_US);
    const before = overlay.nodes.reduce((sum, node) => sum + node.sentCount, 0);
    overlay.run(60 * SECOND_US);
    const sent = overlay.nodes.reduce((sum, node) => sum + node.sentCount, 0) - before;
    expect(sent).toBeLessThan(60 * 15 * 2 + 60 * 4);
    const pair = new VirtualOverlay('pair', 2).star(10 * MILLISECOND_US).startAll();
    pair.run(35 * SECOND_US);
    const pairBefore = pair.nodes.reduce((sum, node) => sum + node.sentCount, 0);
    pair.run(60 * SECOND_US);
    expect(pair.nodes.reduce((sum, node) => sum + node.sentCount, 0) - pairBefore).toBeLessThan(20);
  });
});
