import { describe, expect, it } from 'vitest';
import { cpuMsOf, laneBytesOf } from './usage.js';

describe('usage', () => {
  it('reads user and system time behind any name', () => {
    expect(cpuMsOf('42 (a) name (x)) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 11 0 999')).toBe(3_000);
  });

  it('adds what was sent and received', () => {
    const text = 'mesh_lane_bytes_total{direction="sent",node="a"} 1200\nmesh_lanes 3\nmesh_lane_bytes_total{direction="received",node="a"} 34\n';
    expect(laneBytesOf(text)).toBe(1_234);
  });
});
