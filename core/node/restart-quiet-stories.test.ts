import { describe, expect, it } from 'vitest';
import { SEED, joinBy, mustAnswer, openStream } from './testing/meshes.js';
import { type SmallHost, SmallWorld } from './testing/small-world.js';

const STREAMS = 40;

/** Three members with streams among all of them, at rest. */
function quietMesh(): { readonly world: SmallWorld; readonly hosts: readonly SmallHost[] } {
  const world = new SmallWorld();
  const hosts = ['a', 'b', 'c'].map((name, i) => world.add(name, { dials: i === 0 ? [] : ['a'] }));
  const [a, b, c] = hosts as [SmallHost, SmallHost, SmallHost];
  mustAnswer(a, SEED);
  for (const host of [b, c]) mustAnswer(host, joinBy('a'));
  world.runFor(3_000_000);
  for (let n = 0; n < STREAMS; n++) openStream(hosts[n % 3] as SmallHost, `s${n}`, hosts.filter((_, i) => i !== n % 3));
  world.runFor(30_000_000);
  return { world, hosts };
}

/** What replicas have said beside their logs. */
const said = (hosts: readonly SmallHost[]): number =>
  hosts.reduce((sum, { notices }) => sum + notices.reduce((of, each) => of + (each.kind === 'count' && each.name === 'raft.messages' ? each.by : 0), 0), 0);

describe('a node that starts again under many groups at rest', () => {
  it('rule 46: has each of them speak a bounded number of times, and all fall silent again', () => {
    const { world, hosts } = quietMesh();
    const b = hosts[1] as SmallHost;
    const before = said(hosts);
    b.crash();
    world.runFor(500_000);
    b.start();
    world.runFor(20_000_000);
    const spoken = said(hosts) - before;
    const quietFrom = said(hosts);
    world.runFor(5_000_000);
    const voters = said(hosts) - quietFrom;
    expect(voters, 'the voters of the two mesh-wide groups').toBeLessThan(300);
    expect((spoken - 4 * voters) / STREAMS).toBeLessThan(30);
  });
});
