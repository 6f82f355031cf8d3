import { describe, expect, it } from 'vitest';
import { type DemoReport, aligned, grouped, tableOf } from './report.js';

const REPORT: DemoReport = {
  isPassed: true,
  problems: [],
  source: { files: 2, rounds: 3, messages: 1234, bytes: 32_000_000, sha256: 'ab'.repeat(32) },
  targets: [
    {
      name: 'C', messages: 1234, bytes: 32_000_000, duplicates: 0, gaps: 0, p50Ms: 12, p99Ms: 3456,
      sha256: 'ab'.repeat(32), isEqual: true,
    },
  ],
  kills: [{ node: 'B', atShare: 0.25, atSeq: 310, downMs: 1001, recoveredMs: 2345 }],
  elapsedMs: 9870,
  directory: null,
};

describe('the report', () => {
  it('is a table that a person reads', () => {
    expect(tableOf(REPORT).split('\n')).toEqual([
      '1,234 messages, 32,000,000 bytes (2 files, 3 times) in 9.9 s',
      'B killed at 25 % (seq 310), restarted after 1001 ms; all published by then settled 2345 ms after the kill',
      '',
      'target  messages       bytes  duplicates  gaps    p50      p99           SHA-256  as the source',
      'C          1,234  32,000,000           0     0  12 ms  3456 ms  abababababababab            yes',
    ]);
  });

  it('groups digits and aligns columns', () => {
    expect([0, 999, 1000, 1234567].map(grouped)).toEqual(['0', '999', '1,000', '1,234,567']);
    expect(aligned([['a', 'bb'], ['ccc', 'd']])).toEqual(['a    bb', 'ccc   d']);
  });
});
