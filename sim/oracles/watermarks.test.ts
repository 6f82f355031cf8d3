import { describe, expect, it } from 'vitest';
import { PublisherLog } from './publish-log.js';
import { Violations } from './violations.js';
import { WatermarkOracle } from './watermarks.js';

function setup() {
  const violations = new Violations({ nowUs: 0 });
  const log = new PublisherLog(0, 'p');
  for (let i = 0; i < 10; i++) log.offer({ digest: i, bytes: 1 });
  const oracle = new WatermarkOracle(log, violations);
  const tell = (accepted: number, replicated: number, completed: number, creditBytes = 0) =>
    oracle.onWatermarks({ accepted, replicated, completed, creditBytes });
  return { log, oracle, tell, found: () => violations.list.map(({ oracle: name }) => name) };
}

describe('WatermarkOracle', () => {
  it('accepts watermarks that rise, stand still, or catch up with one another', () => {
    const { tell, found } = setup();
    tell(3, 1, 0);
    tell(3, 1, 0);
    tell(10, 10, 10);
    expect(found()).toEqual([]);
  });

  it('rejects each watermark that falls within a session', () => {
    for (const after of [[4, 4, 3], [5, 3, 3], [5, 4, 2]] as [number, number, number][]) {
      const { tell, found } = setup();
      tell(5, 4, 3);
      tell(...after);
      expect(found()).toEqual(['watermark-regressed']);
    }
  });

  it('rejects a watermark ahead of the one before it, or of what was offered', () => {
    const replicated = setup();
    replicated.tell(4, 5, 4);
    expect(replicated.found()).toEqual(['watermark-regressed']);
    const completed = setup();
    completed.tell(5, 4, 5);
    expect(completed.found()).toEqual(['watermark-regressed']);
    const offered = setup();
    offered.tell(11, 0, 0);
    expect(offered.found()).toEqual(['watermark-regressed']);
    const credit = setup();
    credit.tell(1, 0, 0, -1);
    expect(credit.found()).toEqual(['watermark-regressed']);
  });

  it('lets a new session begin below, but not below what was acknowledged', () => {
    const { log, oracle, tell, found } = setup();
    tell(5, 5, 5);
    log.acknowledge(5);
    oracle.onAttached(5);
    tell(5, 0, 0);
    expect(found()).toEqual([]);
    oracle.onAttached(4);
    expect(found()).toEqual(['acknowledged-lost']);
  });
});
