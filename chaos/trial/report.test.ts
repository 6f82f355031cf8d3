import { describe, expect, it } from 'vitest';
import { type FaultRecord } from './adversary.js';
import { resumptionProblems, tableOf } from './report.js';

const fault = (kind: FaultRecord['kind'], ms: number): FaultRecord => ({
  kind,
  node: 'n1',
  unsettled: 3,
  downMs: 500,
  resumed: [{ stream: 'first', ms }],
});

describe('resumptionProblems', () => {
  it('accepts what is just in time and names what is not', () => {
    expect(resumptionProblems([fault('killed', 5_000), fault('frozen', 2_000)])).toEqual([]);
    expect(resumptionProblems([fault('killed', 5_001), fault('frozen', 2_001)])).toEqual([
      'fault 1 (n1 killed): first went on after 5001 ms, not within 5000',
      'fault 2 (n1 frozen): first went on after 2001 ms, not within 2000',
    ]);
  });
});

describe('tableOf', () => {
  it('says how soon streams went on, and when nothing of the kind happened', () => {
    const table = tableOf({
      isPassed: true,
      problems: [],
      messages: 100_000,
      faults: [fault('killed', 1_000), fault('killed', 3_000)],
      ledgers: [],
      elapsedMs: 61_000,
      directory: null,
    });
    expect(table).toContain('100,000 messages in 61.0 s; 2 faults');
    expect(table).toContain('2 times, median 2000 ms, at most 3000 ms (limit 5000)');
    expect(table).toContain('never happened');
  });
});
