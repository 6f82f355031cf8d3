import { describe, expect, it } from 'vitest';
import { Pace } from './pace.js';

describe('Pace', () => {
  it('gives a share for each fault, a trickle after it, and never what later steps need', () => {
    const pace = new Pace(1_000, 10);
    const ticks = (count: number): number => {
      let allowed = 0;
      for (let i = 0; i < count; i++) allowed = pace.tick();
      return allowed;
    };
    expect(ticks(80)).toBe(100);
    expect(ticks(50)).toBe(100);
    for (let step = 1; step < 10; step++) pace.advance();
    expect(ticks(1_000)).toBe(1_000);
  });

  it('trickles what nobody needs', () => {
    const pace = new Pace(10_000, 10);
    let allowed = 0;
    for (let i = 0; i < 200; i++) allowed = pace.tick();
    expect(allowed).toBeGreaterThan(1_000);
    for (let i = 0; i < 20_000; i++) allowed = pace.tick();
    expect(allowed).toBe(10_000 - 9 * 100);
  });
});
