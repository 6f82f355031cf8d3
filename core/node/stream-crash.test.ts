import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { Publisher, Subscriber, allOf } from './testing/applications.js';
import { line, openStream, runStory } from './testing/meshes.js';

const COUNT = 400;

/** Everything was delivered once and in order, settled and completed, and no node has stopped. */
function expectAll({ hosts, publisher, subscribers }: { hosts: readonly { halted: string | null }[]; publisher: Publisher; subscribers: readonly Subscriber[] }): void {
  expect(hosts.map(({ halted }) => halted)).toEqual(hosts.map(() => null));
  for (const subscriber of subscribers) {
    expect(subscriber.faults).toEqual([]);
    expect(subscriber.stored).toEqual(allOf('p', COUNT));
  }
  expect(publisher.isDone).toBe(true);
}

describe('a stream whose nodes are killed at any moment', () => {
  for (const victim of ['a', 'b', 'c', 'd'] as const) {
    it(`loses and doubles nothing when ${victim} dies and comes back, at many points`, () => {
      const rng = Rng.fromSeed(`crash/${victim}`);
      for (let story = 0; story < 4; story++) {
        const mesh = line();
        const { world, a, b, c, d } = mesh;
        const stream = openStream(a, 's', [c, d]);
        const publisher = new Publisher({ host: a, stream, count: COUNT, burst: 5 });
        const subscribers = [new Subscriber({ host: c, name: 's' }), new Subscriber({ host: d, name: 's', windowMessages: 20 })];
        const applications = [publisher, ...subscribers];
        for (let crash = 0; crash < 3; crash++) {
          let events = rng.between(1, 600);
          runStory(world, applications, () => --events < 0 || publisher.isDone);
          mesh[victim].crash();
          const downUntil = world.now + rng.between(1, 2_000_000);
          runStory(world, applications, () => world.now >= downUntil, downUntil - world.now);
          mesh[victim].start();
        }
        const isOver = runStory(world, applications, () => publisher.isDone && subscribers.every(({ lastSeq }) => lastSeq === COUNT));
        expect([story, isOver]).toEqual([story, true]);
        expectAll({ hosts: [a, b, c, d], publisher, subscribers });
        for (const subscriber of subscribers) expect(subscriber.repeats).toBe(0);
      }
    });
  }

  it('loses and doubles nothing when links are cut again and again', () => {
    for (let story = 0; story < 4; story++) {
      const rng = Rng.fromSeed(`cut/${story}`);
      const { world, a, b, c, d } = line();
      const stream = openStream(a, 's', [c, d]);
      const publisher = new Publisher({ host: a, stream, count: COUNT, burst: 2, everyUs: 5_000 });
      const subscribers = [new Subscriber({ host: c, name: 's' }), new Subscriber({ host: d, name: 's', windowMessages: 20 })];
      const applications = [publisher, ...subscribers];
      for (let cut = 0; cut < 8; cut++) {
        const until = world.now + rng.between(1_000, 400_000);
        runStory(world, applications, () => world.now >= until, until - world.now);
        const [x, y] = rng.pick([[a, b], [b, c], [c, d]] as const);
        x.cut(y);
      }
      expect([story, runStory(world, applications, () => publisher.isDone)]).toEqual([story, true]);
      expectAll({ hosts: [a, b, c, d], publisher, subscribers });
      for (const subscriber of subscribers) expect([subscriber.repeats, subscriber.refusals]).toEqual([0, []]);
    }
  });

  it('goes on after all of them died at once', () => {
    const { world, a, b, c, d } = line();
    const stream = openStream(a, 's', [c, d]);
    const publisher = new Publisher({ host: a, stream, count: COUNT, burst: 5 });
    const subscribers = [new Subscriber({ host: c, name: 's' }), new Subscriber({ host: d, name: 's' })];
    const applications = [publisher, ...subscribers];
    expect(runStory(world, applications, () => publisher.completed > COUNT / 4)).toBe(true);
    for (const host of [a, b, c, d]) host.crash();
    for (const host of [a, b, c, d]) host.start();
    expect(runStory(world, applications, () => publisher.isDone)).toBe(true);
    expectAll({ hosts: [a, b, c, d], publisher, subscribers });
    for (const subscriber of subscribers) expect(subscriber.repeats).toBe(0);
  });

  it('repeats to a subscriber without a store of its own only what it had not acknowledged', () => {
    const { world, a, b, c, d } = line();
    const stream = openStream(a, 's', [c, d]);
    const publisher = new Publisher({ host: a, stream, count: COUNT, burst: 5 });
    const subscribers = [new Subscriber({ host: c, name: 's', offset: 'node', windowMessages: 10 }), new Subscriber({ host: d, name: 's', offset: 'node', windowMessages: 10 })];
    const applications = [publisher, ...subscribers];
    for (const victim of [c, d, c]) {
      const mark = publisher.completed;
      runStory(world, applications, () => publisher.completed > mark + 50);
      victim.crash();
      victim.start();
    }
    expect(runStory(world, applications, () => publisher.isDone)).toBe(true);
    expectAll({ hosts: [a, b, c, d], publisher, subscribers });
    for (const subscriber of subscribers) expect(subscriber.repeats).toBeLessThanOrEqual(40);
  });
});
