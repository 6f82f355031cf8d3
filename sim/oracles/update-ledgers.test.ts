import { describe, expect, it } from 'vitest';
import { UpdateLedgers } from './update-ledgers.js';
import { Violations } from './violations.js';

function setup(...updates: string[]) {
  const violations = new Violations({ nowUs: 0 });
  const ledgers = new UpdateLedgers(2, violations);
  for (const update of updates) ledgers.onOffered(update);
  return { ledgers, found: () => violations.list.map(({ oracle }) => oracle) };
}

describe('UpdateLedgers', () => {
  it('accepts one order at all nodes, however far each of them is', () => {
    const { ledgers, found } = setup('mesh/a/1', 'mesh/b/1', 'mesh/a/2', 'database/a/1');
    for (const update of ['mesh/b/1', 'mesh/a/1', 'mesh/a/2']) ledgers.onApplied(0, 'mesh', update);
    ledgers.onApplied(1, 'database', 'database/a/1');
    for (const update of ['mesh/b/1', 'mesh/a/1']) ledgers.onApplied(1, 'mesh', update);
    expect(found()).toEqual([]);
  });

  it('rejects an update that is applied again', () => {
    const { ledgers, found } = setup('mesh/a/1');
    ledgers.onApplied(0, 'mesh', 'mesh/a/1');
    ledgers.onApplied(0, 'mesh', 'mesh/a/1');
    expect(found()).toEqual(['update-duplicate']);
  });

  it('rejects another order at another node, and one left out', () => {
    const { ledgers, found } = setup('mesh/a/1', 'mesh/b/1', 'mesh/c/1');
    for (const update of ['mesh/a/1', 'mesh/b/1', 'mesh/c/1']) ledgers.onApplied(0, 'mesh', update);
    ledgers.onApplied(1, 'mesh', 'mesh/a/1');
    ledgers.onApplied(1, 'mesh', 'mesh/c/1');
    expect(found()).toEqual(['update-order']);
  });

  it('lets a node begin in the midst of the order, and wants all of it from there on', () => {
    const { ledgers, found } = setup('mesh/a/1', 'mesh/b/1', 'mesh/c/1');
    for (const update of ['mesh/a/1', 'mesh/b/1', 'mesh/c/1']) ledgers.onApplied(0, 'mesh', update);
    for (const update of ['mesh/a/1', 'mesh/b/1', 'mesh/c/1']) ledgers.onAcknowledged(update);
    ledgers.onApplied(1, 'mesh', 'mesh/b/1');
    expect(ledgers.missing(['mesh'])).toBe('node 1 has not applied mesh/c/1');
    ledgers.onApplied(1, 'mesh', 'mesh/c/1');
    expect([ledgers.missing(['mesh']), found()]).toEqual([null, []]);
  });

  it('rejects what nobody has sent', () => {
    const { ledgers, found } = setup('mesh/a/1');
    ledgers.onApplied(0, 'mesh', 'mesh/x/1');
    expect(found()).toEqual(['update-order']);
  });

  it('misses what is acknowledged until every node has applied it, and nothing that is not', () => {
    const { ledgers } = setup('mesh/a/1', 'mesh/a/2');
    ledgers.onAcknowledged('mesh/a/1');
    ledgers.onApplied(0, 'mesh', 'mesh/a/1');
    expect(ledgers.missing(['mesh'])).toBe('node 1 has not applied mesh/a/1');
    expect(ledgers.missing(['database'])).toBe(null);
    ledgers.onApplied(1, 'mesh', 'mesh/a/1');
    expect(ledgers.missing(['mesh', 'database'])).toBe(null);
  });
});
