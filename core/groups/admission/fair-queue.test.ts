import { describe, expect, it } from 'vitest';
import { Fifo } from '../../base/fifo.js';
import { Rng } from '../../base/rng.js';
import { type Costly, FairQueue } from './fair-queue.js';

interface Item extends Costly {
  readonly tenant: string;
  readonly stream: string;
}

type Streams = FairQueue<Item, Fifo<Item>>;

const QUANTUM = 100;
const twoLevels = (): FairQueue<Item, Streams> => new FairQueue(QUANTUM, (): Streams => new FairQueue(QUANTUM, () => new Fifo<Item>()));

interface Sender {
  readonly tenant: string;
  readonly stream: string;
  readonly costOf: () => number;
  readonly tenantWeight?: number;
  readonly streamWeight?: number;
}

function push(queue: FairQueue<Item, Streams>, { tenant, stream, costOf, tenantWeight = 1, streamWeight = 1 }: Sender): void {
  queue.open(tenant, tenantWeight).open(stream, streamWeight).push({ tenant, stream, cost: costOf() });
}

/** What each of `by` got of `total` bytes while every sender always had something waiting. */
function sharesOf(senders: readonly Sender[], total: number, by: (item: Item) => string): Map<string, number> {
  const queue = twoLevels();
  for (const sender of senders) for (let n = 0; n < 3; n++) push(queue, sender);
  const shares = new Map<string, number>();
  for (let given = 0; given < total; ) {
    const item = queue.shift() as Item;
    given += item.cost;
    shares.set(by(item), (shares.get(by(item)) ?? 0) + item.cost / total);
    push(queue, senders.find(({ tenant, stream }) => tenant === item.tenant && stream === item.stream) as Sender);
  }
  return shares;
}

const rng = Rng.fromSeed('7').fork('sizes');
const upTo = (most: number) => (): number => 1 + rng.below(most);

describe('a fair queue', () => {
  it('gives equal bytes to equals, whatever the sizes of their messages', () => {
    const senders = [
      { tenant: 'a', stream: 'small', costOf: () => 1 },
      { tenant: 'b', stream: 'large', costOf: () => QUANTUM },
      { tenant: 'c', stream: 'mixed', costOf: upTo(QUANTUM) },
    ];
    const shares = sharesOf(senders, 300_000, ({ tenant }) => tenant);
    for (const tenant of ['a', 'b', 'c']) expect(Math.abs((shares.get(tenant) ?? 0) * 3 - 1)).toBeLessThan(0.05);
  });

  it('gives a tenant its share however many streams another one has, and streams theirs within their tenant', () => {
    const flood = Array.from({ length: 50 }, (_, n) => ({ tenant: 'flood', stream: `f${n}`, costOf: upTo(QUANTUM) }));
    const quiet = [
      { tenant: 'quiet', stream: 'one', costOf: () => 30, streamWeight: 1 },
      { tenant: 'quiet', stream: 'three', costOf: () => 70, streamWeight: 3 },
    ];
    const shares = sharesOf([...flood, ...quiet], 1_000_000, ({ tenant, stream }) => (tenant === 'flood' ? tenant : stream));
    expect(Math.abs((shares.get('flood') ?? 0) / 0.5 - 1)).toBeLessThan(0.05);
    expect(Math.abs((shares.get('one') ?? 0) / 0.125 - 1)).toBeLessThan(0.05);
    expect(Math.abs((shares.get('three') ?? 0) / 0.375 - 1)).toBeLessThan(0.05);
  });

  it('gives tenants bytes in the ratio of their weights', () => {
    const senders = [1, 2, 5].map((tenantWeight) => ({ tenant: `w${tenantWeight}`, stream: 's', costOf: upTo(QUANTUM), tenantWeight }));
    const shares = sharesOf(senders, 800_000, ({ tenant }) => tenant);
    for (const { tenant, tenantWeight } of senders) expect(Math.abs(((shares.get(tenant) ?? 0) * 8) / tenantWeight - 1)).toBeLessThan(0.05);
  });

  it('lets nobody wait for longer than one turn of each other, at any weights and from any moment on', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const draw = Rng.fromSeed(String(seed)).fork('turns');
      const queue = twoLevels();
      const weights = Array.from({ length: 5 }, () => 1 + draw.below(9));
      const senders = weights.map((tenantWeight, n) => ({ tenant: `t${n}`, stream: `s${draw.below(3)}`, costOf: () => 1 + draw.below(QUANTUM), tenantWeight }));
      for (const sender of senders) for (let n = 0; n < 400; n++) push(queue, sender);
      for (let n = draw.below(500); n > 0; n--) queue.shift();
      push(queue, { tenant: 'late', stream: 's', costOf: () => 1 });
      let bytes = 0;
      for (let item = queue.shift() as Item; item.tenant !== 'late'; item = queue.shift() as Item) bytes += item.cost;
      // A turn gives its quantum, and what was saved is less than an item.
      expect(bytes).toBeLessThanOrEqual(weights.reduce((sum, weight) => sum + weight * QUANTUM + QUANTUM, 0));
    }
  });

  it('keeps the order of each queue, gives everything once, and then is empty', () => {
    const queue = new FairQueue<Item & { readonly no: number }, Fifo<Item & { readonly no: number }>>(QUANTUM, () => new Fifo());
    for (let no = 0; no < 300; no++) queue.open(`t${no % 7}`, 1 + (no % 3)).push({ tenant: `t${no % 7}`, stream: 's', cost: 1 + (no % QUANTUM), no });
    const last = new Map<string, number>();
    for (let n = 0; n < 300; n++) {
      expect(queue.peekedKey).toBe(queue.peek()?.tenant);
      const item = queue.shift();
      expect(item?.no).toBeGreaterThan(last.get(item?.tenant ?? '') ?? -1);
      last.set(item?.tenant ?? '', item?.no ?? 0);
    }
    expect([queue.shift(), queue.peek(), queue.size, [...queue.keys()]]).toEqual([undefined, undefined, 0, []]);
  });

  it('lets a queue be taken out and put back, at the end of the round', () => {
    const queue = new FairQueue<Item, Fifo<Item>>(QUANTUM, () => new Fifo());
    for (const tenant of ['a', 'b', 'c']) for (let n = 0; n < 3; n++) queue.open(tenant, 1).push({ tenant, stream: 's', cost: QUANTUM });
    expect(queue.shift()?.tenant).toBe('a');
    const taken = queue.take('b') as Fifo<Item>;
    expect([queue.get('b'), queue.size]).toEqual([undefined, 2]);
    expect([queue.shift()?.tenant, queue.shift()?.tenant]).toEqual(['c', 'a']);
    queue.put('b', 1, taken);
    expect([1, 2, 3, 4, 5, 6].map(() => queue.shift()?.tenant)).toEqual(['c', 'b', 'a', 'c', 'b', 'b']);
  });
});
