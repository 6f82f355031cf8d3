import { describe, expect, it } from 'vitest';
import { DurableLog } from './durable-log.js';
import { FoundingOracle } from './foundings.js';
import { Violations } from './violations.js';

const G = 'g';

/** A disk with `count` entries of `term`. */
function disk(count: number, term: number, { generation = 1, isSealed = true } = {}): DurableLog {
  const log = new DurableLog();
  if (count > 0) log.append(1, count, term);
  log.found(generation, isSealed);
  return log;
}

function setup(disks: Readonly<Record<string, DurableLog>>) {
  const violations = new Violations({ nowUs: 0 });
  const oracle = new FoundingOracle(violations, (_group, replica) => disks[replica] ?? null);
  const found = (): string[] => violations.list.map(({ oracle: name }) => name);
  const report = (replica: string, index: number, term: number, generation = 1): void => oracle.onReported(replica, { group: G, generation, index, term });
  const begin = (voters: readonly string[], baseIndex: number, baseTerm: number, generation = 2): void =>
    oracle.onFounded({ group: G, generation, baseIndex, baseTerm, voters });
  return { found, report, begin };
}

describe('reports of sealed members', () => {
  it('may tell what is on the disk, under its seal', () => {
    const { found, report } = setup({ a: disk(5, 2), empty: disk(0, 0) });
    report('a', 5, 2);
    report('empty', 0, 0);
    expect(found()).toEqual([]);
  });

  it('never come before the seal, of another generation, or of a member without a disk', () => {
    for (const [replica, generation] of [['open', 1], ['a', 2], ['nobody', 1]] as const) {
      const { found, report } = setup({ a: disk(5, 2), open: disk(5, 2, { isSealed: false }) });
      report(replica, 5, 2, generation);
      expect(found()).toEqual(['reported-before-sealed']);
    }
  });

  it('never tell of an entry that is not on the disk, or is another one there', () => {
    for (const [index, term] of [[6, 2], [5, 3]] as const) {
      const { found, report } = setup({ a: disk(5, 2) });
      report('a', index, term);
      expect(found()).toEqual(['reported-before-sealed']);
    }
  });
});

describe('foundings', () => {
  it('may begin from the longest log of the newest term, with members that are already in them, once each', () => {
    const { found, begin } = setup({ a: disk(5, 2), b: disk(9, 1), c: disk(12, 3, { generation: 2, isSealed: false }) });
    begin(['a', 'b'], 5, 2);
    begin(['b'], 1, 1);
    begin(['c'], 12, 3, 3);
    expect(found()).toEqual(['founded-without-seal']);
    const other = setup({ a: disk(5, 2), c: disk(6, 3, { generation: 2, isSealed: false }) });
    other.begin(['a', 'c'], 5, 2);
    expect(other.found()).toEqual([]);
  });

  it('never give a vote to who has not sealed the generation before, a newcomer least of all', () => {
    for (const voters of [['a', 'open'], ['a', 'newcomer']]) {
      const { found, begin } = setup({ a: disk(5, 2), open: disk(5, 2, { isSealed: false }) });
      begin(voters, 5, 2);
      expect(found()).toEqual(['founded-without-seal']);
    }
  });

  it('never begin from a shorter log, of an older term, or from one that nobody has', () => {
    for (const [index, term] of [[4, 2], [9, 1], [6, 2], [5, 3]] as const) {
      const { found, begin } = setup({ a: disk(5, 2), b: disk(9, 1) });
      begin(['a', 'b'], index, term);
      expect(found()).toEqual(['founded-on-other-log']);
    }
  });
});
