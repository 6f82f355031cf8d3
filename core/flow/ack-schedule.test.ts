import { describe, expect, it } from 'vitest';
import { NEVER, micros } from '../base/units.js';
import { AckSchedule } from './ack-schedule.js';

function take(schedule: AckSchedule): { isProbe: boolean; told: number[] } {
  const told: number[] = [];
  const isProbe = schedule.take((flowClass) => told.push(flowClass));
  schedule.checkInvariants();
  return { isProbe, told };
}

describe('the schedule of acks', () => {
  it('is due at the earliest time that any news was given', () => {
    const schedule = new AckSchedule(3);
    schedule.tellBy(2, micros(50));
    schedule.tellBy(0, micros(30));
    schedule.tellBy(2, micros(90));
    expect(schedule.dueAt).toBe(30);
    expect([schedule.isDue(micros(29)), schedule.isDue(micros(30))]).toEqual([false, true]);
    expect(take(schedule)).toEqual({ isProbe: false, told: [0, 2] });
    expect(schedule.dueAt).toBe(NEVER);
    expect(take(schedule)).toEqual({ isProbe: false, told: [] });
  });

  it('asks at any time, once, and not when there is no need any more', () => {
    const schedule = new AckSchedule(2);
    schedule.ask();
    expect(schedule.isDue(micros(0))).toBe(true);
    expect(take(schedule)).toEqual({ isProbe: true, told: [] });
    expect(schedule.isDue(micros(1_000_000))).toBe(false);
    schedule.ask();
    schedule.unask();
    expect(schedule.isDue(micros(1_000_000))).toBe(false);
    schedule.tellAll(micros(7));
    expect(take(schedule)).toEqual({ isProbe: false, told: [0, 1] });
  });
});
