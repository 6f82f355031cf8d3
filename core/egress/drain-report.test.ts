import { describe, expect, it } from 'vitest';
import { DRAIN_SILENCE_BYTES, DrainReports } from './drain-report.js';
import { DEFAULT_LANE_QUEUE_CONFIG, LaneQueue } from './lane-queue.js';

describe('the reports of a socket', () => {
  it('are not made for small messages, until they come to something', () => {
    const reports = new DrainReports();
    for (let sent = 1_000; sent < DRAIN_SILENCE_BYTES; sent += 1_000) {
      reports.onTransmit(1_000);
      expect([reports.mayBeDue, reports.takeDue(0)]).toEqual([false, false]);
    }
    reports.onTransmit(1_000);
    expect([reports.mayBeDue, reports.takeDue(0), reports.takeDue(0)]).toEqual([true, true, false]);
  });

  it('come as a full window empties, however slowly', () => {
    const queue = new LaneQueue(DEFAULT_LANE_QUEUE_CONFIG);
    const reports = new DrainReports();
    let inSocket = 0;
    let sent = 0;
    for (let n = 0; n < 2_000; n++) queue.push(new Uint8Array(1_000), 3);
    for (let round = 0; sent < 2_000_000; round++) {
      expect(round).toBeLessThan(4_000);
      if (queue.canTake) {
        const bytes = queue.take().reduce((sum, part) => sum + part.length, 0);
        inSocket += bytes;
        reports.onTransmit(bytes);
      }
      const leaves = Math.min(inSocket, 700);
      inSocket -= leaves;
      sent += leaves;
      if (reports.takeDue(inSocket)) queue.onDrained(inSocket);
    }
    expect(queue.queuedFrames).toBe(0);
  });
});
