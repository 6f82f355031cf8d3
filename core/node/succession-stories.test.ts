import { describe, expect, it } from 'vitest';
import { streamSeq } from '../base/units.js';
import { Publisher, Subscriber, TENANT, allOf } from './testing/applications.js';
import { SEED, joinBy, mustAnswer, openStream, runStory } from './testing/meshes.js';
import { type SmallHost, SmallWorld } from './testing/small-world.js';

/** `count` nodes that dial the first two; the first one seeds. */
function star(count: number): { readonly world: SmallWorld; readonly hosts: readonly SmallHost[] } {
  const world = new SmallWorld();
  const hosts = Array.from({ length: count }, (_, i) => world.add(`n${i}`, { dials: ['n0', 'n1'].slice(0, i) }));
  mustAnswer(hosts[0] as SmallHost, SEED);
  for (const host of hosts.slice(1)) mustAnswer(host, joinBy('n0'));
  world.runFor(5_000_000);
  return { world, hosts };
}

function comeBack(host: SmallHost, via = 'n0'): void {
  host.start();
  mustAnswer(host, joinBy(via));
}

const marks = (hosts: readonly SmallHost[], name: string): number =>
  hosts.flatMap(({ notices }) => notices).filter((notice) => notice.kind === 'mark' && notice.name === name).length;

describe('a stream of two whose target lost its disk', () => {
  it('is sealed and founded anew by its source alone, and goes on without a gap or a repeat that was settled', () => {
    const { world, hosts } = star(4);
    const [, , source, target] = hosts as [SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [target]);
    const publisher = new Publisher({ host: source, stream, count: 400, burst: 5, everyUs: 20_000 });
    const subscriber = new Subscriber({ host: target, name: 's' });
    expect(runStory(world, [publisher, subscriber], () => publisher.completed >= 150)).toBe(true);
    target.wipe();
    runStory(world, [publisher], () => false, 3_000_000);
    comeBack(target);
    expect(runStory(world, [publisher, subscriber], () => publisher.isDone)).toBe(true);
    expect(subscriber.stored).toEqual(allOf('p', 400));
    expect([...subscriber.faults, subscriber.repeats]).toEqual([0]);
    expect(marks(hosts, 'stream.resealed')).toBe(1);
    expect(marks(hosts, 'stream.replaced-target-resumed')).toBe(1);
  });

  it('resumes at the offset that the group has for the node, for an application that presents none', () => {
    const { world, hosts } = star(4);
    const [, , source, target] = hosts as [SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [target]);
    const publisher = new Publisher({ host: source, stream, count: 120, burst: 5, everyUs: 20_000 });
    const first = new Subscriber({ host: target, name: 's' });
    expect(runStory(world, [publisher, first], () => publisher.completed === 120)).toBe(true);
    target.wipe();
    world.runFor(1_000_000);
    comeBack(target);
    const log = target.command({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'name', name: 's' }, resumeAfter: null, windowMessages: 10, windowBytes: 10_000 });
    expect(world.runUntil(() => log.reply !== null)).toBe(true);
    expect(log.reply).toMatchObject({ kind: 'subscription', resumeAfter: streamSeq(120) });
    world.runFor(2_000_000);
    expect(log.delivered).toEqual([]);
  });

  it('resumes where its application says that it is, when that is further', () => {
    const { world, hosts } = star(4);
    const [, , source, target] = hosts as [SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [target]);
    const publisher = new Publisher({ host: source, stream, count: 120, burst: 5, everyUs: 20_000 });
    expect(runStory(world, [publisher], () => publisher.replicated === 120)).toBe(true);
    target.wipe();
    world.runFor(1_000_000);
    comeBack(target);
    const log = target.command({ kind: 'subscribe', tenant: TENANT, selector: { kind: 'name', name: 's' }, resumeAfter: streamSeq(100), windowMessages: 50, windowBytes: 100_000 });
    expect(world.runUntil(() => log.delivered.length === 20)).toBe(true);
    expect(log.reply).toMatchObject({ kind: 'subscription', resumeAfter: streamSeq(100) });
    expect(log.delivered[0]).toMatchObject({ chunk: { producerSeq: 101 } });
  });

  it('does so again when it loses the next disk too', () => {
    const { world, hosts } = star(4);
    const [, , source, target] = hosts as [SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [target]);
    const publisher = new Publisher({ host: source, stream, count: 300, burst: 5, everyUs: 20_000 });
    const subscriber = new Subscriber({ host: target, name: 's' });
    for (const goal of [60, 160]) {
      expect(runStory(world, [publisher, subscriber], () => publisher.completed >= goal)).toBe(true);
      target.wipe();
      world.runFor(500_000);
      comeBack(target);
    }
    expect(runStory(world, [publisher, subscriber], () => publisher.isDone)).toBe(true);
    expect(subscriber.stored).toEqual(allOf('p', 300));
    expect([...subscriber.faults, subscriber.repeats]).toEqual([0]);
    expect(marks(hosts, 'stream.resealed')).toBe(2);
  });

  it('stays founded anew when everybody starts again', () => {
    const { world, hosts } = star(4);
    const [, , source, target] = hosts as [SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [target]);
    const publisher = new Publisher({ host: source, stream, count: 300, burst: 5, everyUs: 20_000 });
    const subscriber = new Subscriber({ host: target, name: 's' });
    expect(runStory(world, [publisher, subscriber], () => publisher.completed >= 100)).toBe(true);
    target.wipe();
    comeBack(target);
    expect(runStory(world, [publisher, subscriber], () => marks(hosts, 'stream.replaced-target-resumed') === 1)).toBe(true);
    for (const host of hosts) host.crash();
    for (const host of hosts) host.start();
    expect(runStory(world, [publisher, subscriber], () => publisher.isDone)).toBe(true);
    expect(subscriber.stored).toEqual(allOf('p', 300));
    expect(subscriber.faults).toEqual([]);
    expect(marks(hosts, 'stream.resealed')).toBe(1);
  });
});

describe('a stream of four', () => {
  it('lets the later replica of one target in by its own log, and needs no seal for that', () => {
    const { world, hosts } = star(5);
    const [source, wiped, other, third] = hosts.slice(1) as [SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [wiped, other, third]);
    const publisher = new Publisher({ host: source, stream, count: 300, burst: 5, everyUs: 20_000 });
    const subscribers = [wiped, other, third].map((host) => new Subscriber({ host, name: 's' }));
    expect(runStory(world, [publisher, ...subscribers], () => publisher.completed >= 100)).toBe(true);
    wiped.wipe();
    comeBack(wiped);
    expect(runStory(world, [publisher, ...subscribers], () => publisher.isDone)).toBe(true);
    for (const subscriber of subscribers) {
      expect(subscriber.stored).toEqual(allOf('p', 300));
      expect([...subscriber.faults, subscriber.repeats]).toEqual([0]);
    }
    expect(marks(hosts, 'stream.resealed')).toBe(0);
  });

  it('goes on from the source and one target when the other two lose their disks at once', () => {
    const { world, hosts } = star(6);
    const [source, one, two, left] = hosts.slice(2) as [SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [one, two, left]);
    const publisher = new Publisher({ host: source, stream, count: 400, burst: 5, everyUs: 20_000 });
    const subscribers = [one, two, left].map((host) => new Subscriber({ host, name: 's' }));
    expect(runStory(world, [publisher, ...subscribers], () => publisher.completed >= 120)).toBe(true);
    one.wipe();
    two.wipe();
    runStory(world, [publisher, ...subscribers], () => false, 2_000_000);
    comeBack(one);
    comeBack(two);
    expect(runStory(world, [publisher, ...subscribers], () => publisher.isDone)).toBe(true);
    for (const subscriber of subscribers) {
      expect(subscriber.stored).toEqual(allOf('p', 400));
      expect([...subscriber.faults, subscriber.repeats]).toEqual([0]);
    }
    expect(marks(hosts, 'stream.resealed')).toBe(2);
  });

  it('drains what is left and closes when its source has lost its disk', () => {
    const { world, hosts } = star(5);
    const [source, ...targets] = hosts.slice(1) as [SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', targets);
    const publisher = new Publisher({ host: source, stream, count: 200, burst: 5, everyUs: 20_000 });
    const subscribers = targets.map((host) => new Subscriber({ host, name: 's' }));
    expect(runStory(world, [publisher, ...subscribers], () => publisher.replicated >= 80)).toBe(true);
    const replicated = publisher.replicated;
    source.wipe();
    comeBack(source);
    expect(runStory(world, subscribers, () => subscribers.every(({ isOver }) => isOver))).toBe(true);
    const [first] = subscribers as [Subscriber];
    expect(first.lastSeq).toBeGreaterThanOrEqual(replicated);
    for (const subscriber of subscribers) {
      expect(subscriber.stored).toEqual(allOf('p', first.lastSeq));
      expect([...subscriber.faults, subscriber.repeats]).toEqual([0]);
    }
    const told = targets[0]?.notices.find((notice) => notice.kind === 'log' && notice.event === 'stream.source-lost');
    expect(told).toMatchObject({ fields: { stream, source: source.id, lastSeq: first.lastSeq } });
  });
});

describe('a stream of which neither the source nor a majority is left', () => {
  it('stays as it is until an operator accepts the loss, then drains what one target holds, and closes', () => {
    const { world, hosts } = star(6);
    const [source, lost, left] = hosts.slice(3) as [SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [lost, left]);
    const publisher = new Publisher({ host: source, stream, count: 100, burst: 5, everyUs: 20_000 });
    const subscribers = [lost, left].map((host) => new Subscriber({ host, name: 's' }));
    expect(runStory(world, [publisher, ...subscribers], () => publisher.completed >= 60)).toBe(true);
    source.wipe();
    lost.wipe();
    comeBack(source);
    comeBack(lost);
    runStory(world, subscribers, () => false, 20_000_000);
    expect(subscribers.some(({ isOver }) => isOver)).toBe(false);
    expect(marks(hosts, 'stream.resealed')).toBe(0);
    const dry = mustAnswer(left, { kind: 'recover-stream', tenant: TENANT, stream, isLossAccepted: false });
    expect(dry).toMatchObject({ kind: 'stream-loss', verdict: 'consent', isAsked: false });
    const reply = mustAnswer(left, { kind: 'recover-stream', tenant: TENANT, stream, isLossAccepted: true });
    expect(reply).toMatchObject({ kind: 'stream-loss', verdict: 'consent', isAsked: true });
    expect(runStory(world, subscribers, () => subscribers.every(({ isOver }) => isOver))).toBe(true);
    const [first, second] = subscribers as [Subscriber, Subscriber];
    expect(first.stored).toEqual(second.stored);
    expect(first.lastSeq).toBeGreaterThanOrEqual(60);
    expect([...first.faults, ...second.faults]).toEqual([]);
    expect(marks(hosts, 'stream.resealed')).toBe(1);
  });

  it('completes nothing by the loss: what a lost target had not settled stays so', () => {
    const { world, hosts } = star(6);
    const [operator, , left, source, lost, other] = hosts as [SmallHost, SmallHost, SmallHost, SmallHost, SmallHost, SmallHost];
    const stream = openStream(source, 's', [lost, left, other]);
    const publisher = new Publisher({ host: source, stream, count: 40, burst: 5, everyUs: 20_000 });
    const subscribers = [left, other].map((host) => new Subscriber({ host, name: 's' }));
    expect(runStory(world, [publisher, ...subscribers], () => publisher.replicated === 40)).toBe(true);
    for (const host of [source, lost]) {
      host.crash();
      mustAnswer(operator, { kind: 'evict-node', node: host.id });
    }
    const statusOf = (host: SmallHost) => host.status().streams.find(({ id }) => id === stream);
    expect(runStory(world, subscribers, () => [left, other].every((host) => statusOf(host)?.loss === 'consent'))).toBe(true);
    mustAnswer(left, { kind: 'recover-stream', tenant: TENANT, stream, isLossAccepted: true });
    expect(runStory(world, subscribers, () => subscribers.every(({ isOver }) => isOver))).toBe(true);
    for (const subscriber of subscribers) expect(subscriber.stored).toEqual(allOf('p', 40));
    for (const host of [left, other]) {
      expect(statusOf(host)).toMatchObject({ completed: 0, isOrphaned: true, isSourceLost: true, isClosed: true, generation: 2, loss: 'whole' });
    }
  });
});
