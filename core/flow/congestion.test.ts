import { describe, expect, it } from 'vitest';
import { CongestionWindow } from './congestion.js';

const CONFIG = { congestionInitialCost: 1_000, congestionMinCost: 500, congestionMaxCost: 16_000 };

describe('the congestion window', () => {
  it('admits one message of any size when nothing is in flight', () => {
    const window = new CongestionWindow(CONFIG);
    expect(window.admits(0, 50_000)).toBe(true);
    expect(window.admits(1, 1_000)).toBe(false);
    expect(window.admits(400, 600)).toBe(true);
  });

  it('doubles in each round trip of slow start, then grows by the minimum', () => {
    const window = new CongestionWindow(CONFIG);
    window.onAcknowledged(1_000);
    window.onAcknowledged(2_000);
    expect(window.windowCost).toBe(4_000);
    window.onLoss(1, 10);
    expect(window.windowCost).toBe(2_000);
    for (let i = 0; i < 4; i++) window.onAcknowledged(500);
    expect(window.windowCost).toBeGreaterThan(2_400);
    expect(window.windowCost).toBeLessThanOrEqual(2_500);
  });

  it('is reduced once for all losses of one round trip', () => {
    const window = new CongestionWindow(CONFIG);
    window.onAcknowledged(7_000);
    window.onLoss(3, 20);
    window.onLoss(9, 25);
    window.onLoss(20, 30);
    expect(window.windowCost).toBe(4_000);
    window.onLoss(21, 31);
    expect(window.windowCost).toBe(2_000);
  });

  it('falls to the minimum at a timeout and never leaves its bounds', () => {
    const window = new CongestionWindow(CONFIG);
    window.onAcknowledged(1_000_000);
    expect(window.windowCost).toBe(16_000);
    window.onTimeout(5);
    expect(window.windowCost).toBe(500);
    for (let i = 6; i < 20; i++) window.onLoss(i, i);
    expect(window.windowCost).toBe(500);
    window.checkInvariants();
    window.reset(20);
    expect(window.windowCost).toBe(1_000);
  });
});
