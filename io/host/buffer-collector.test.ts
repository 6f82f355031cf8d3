import { describe, expect, it } from 'vitest';
import { BufferCollector, bufferCollector } from './buffer-collector.js';

const MIB = 1024 * 1024;

/** A heap whose young buffers all die, but for `survivors` of each byte that a minor collection leaves old. */
function build(survivors: number) {
  const heap = { young: 0, old: 10 * MIB, kept: 10 * MIB, minor: 0, full: 0, peak: 0 };
  const limits = { youngBytesMax: 8 * MIB, oldBytesMax: 16 * MIB, quietBytesMax: 0 };
  const collect = (options?: { readonly type: 'minor' }): void => {
    if (options === undefined) {
      heap.full++;
      heap.old = heap.kept;
    } else {
      heap.minor++;
      heap.old += heap.young * survivors;
    }
    heap.young = 0;
  };
  const collector = new BufferCollector(limits, collect, () => heap.young + heap.old);
  const allocate = (bytes: number): void => {
    heap.young += bytes;
    heap.peak = Math.max(heap.peak, heap.young + heap.old);
    collector.look();
  };
  return { heap, allocate };
}

describe('the collector of buffers', () => {
  it('leaves alone what stays below the bound', () => {
    const { heap, allocate } = build(0);
    allocate(7 * MIB);
    expect([heap.minor, heap.full]).toEqual([0, 0]);
  });

  it('collects the young once for each bound, and no more while all of them die', () => {
    const { heap, allocate } = build(0);
    for (let i = 0; i < 800; i++) allocate(MIB);
    expect([heap.minor, heap.full]).toEqual([100, 0]);
    expect(heap.peak).toBeLessThanOrEqual(18 * MIB);
  });

  it('collects everything when what has grown old comes to its bound', () => {
    const { heap, allocate } = build(1 / 2);
    for (let i = 0; i < 800; i++) allocate(MIB);
    expect(heap.full).toBeGreaterThan(10);
    expect(heap.peak).toBeLessThanOrEqual((10 + 16 + 8) * MIB);
  });

  it('takes what is really in use as the measure from then on', () => {
    const { heap, allocate } = build(0);
    heap.kept = heap.old = 40 * MIB;
    for (let i = 0; i < 160; i++) allocate(MIB);
    expect(heap.full).toBe(1);
  });

  it('holds the buffers of this runtime within some tens of MiB, however many come', () => {
    const collector = bufferCollector();
    expect(collector).not.toBeNull();
    const before = process.memoryUsage().external;
    let highest = 0;
    for (let i = 0; i < 4_000; i++) {
      new Uint8Array(64 * 1024).fill(i);
      collector?.look();
      if (i % 50 === 0) highest = Math.max(highest, process.memoryUsage().external);
    }
    expect(highest - before).toBeLessThan(48 * MIB);
  });
});
