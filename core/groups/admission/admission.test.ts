import { describe, expect, it } from 'vitest';
import { AssertionFailed } from '../../base/assert.js';
import { DeadlineHeap } from '../../base/deadlines.js';
import { type StreamId, type TenantId, idFromBytes } from '../../base/ids.js';
import { micros } from '../../base/units.js';
import { Admission, type AdmissionSeat } from './admission.js';
import { NO_QUOTA, type TenantQuota, checkQuota, quotaExceeded } from './quota.js';

const tenantOf = (n: number): TenantId => idFromBytes<TenantId>(new Uint8Array(16).fill(n));
const streamOf = (n: number): StreamId => idFromBytes<StreamId>(new Uint8Array(16).fill(100 + n));

interface Bench {
  readonly admission: Admission;
  readonly deadlines: DeadlineHeap;
  readonly taken: string[];
  offer(seat: AdmissionSeat, name: string, options?: { cost?: number; request?: number; isContinued?: boolean; now?: number }): void;
}

function bench(quotas: Partial<Record<number, Partial<TenantQuota>>> = {}): Bench {
  const deadlines = new DeadlineHeap();
  const ownQuotas = Object.entries(quotas).map(([n, quota]) => ({ tenant: tenantOf(Number(n)), quota: { ...NO_QUOTA, ...quota } }));
  const admission = new Admission({ quota: NO_QUOTA, ownQuotas, admissionWindowBytes: 1000, chunkBytesMax: 100, headersBytesMax: 0 }, deadlines);
  const taken: string[] = [];
  return {
    admission,
    deadlines,
    taken,
    offer(seat, name, { cost = 100, request = 0, isContinued = false, now = 0 } = {}) {
      const take = (): void => {
        taken.push(name);
        admission.onTaken(cost);
        seat.account.spend(1, cost);
      };
      if (admission.mustWait(micros(now), seat, isContinued)) admission.wait(micros(now), { request, cost, isContinued, seat, admit: take });
      else take();
      admission.checkInvariants();
    },
  };
}

describe('admission', () => {
  it('takes at once while there is room, and in turns over tenants once there is none', () => {
    const { admission, taken, offer } = bench();
    const flood = [1, 2, 3].map((n) => admission.seatOf(tenantOf(1), streamOf(n), 0));
    const quiet = admission.seatOf(tenantOf(2), streamOf(9), 0);
    for (let n = 0; n < 10; n++) offer(flood[n % 3] as AdmissionSeat, `f${n}`);
    expect(taken).toHaveLength(10);
    for (let n = 10; n < 70; n++) offer(flood[n % 3] as AdmissionSeat, `f${n}`);
    offer(quiet, 'q');
    expect([taken.length, admission.waitingCount, quiet.waitingBytes]).toEqual([10, 61, 100]);
    admission.onDurable(1000);
    admission.drain(micros(1));
    // A turn of the flood is a quantum: a bit more than eleven messages here; then it is the other tenant's.
    expect(taken.length).toBeGreaterThanOrEqual(20);
    for (let rounds = 0; !taken.includes('q'); rounds++) {
      expect(rounds).toBeLessThan(2);
      admission.onDurable(1000);
      admission.drain(micros(2));
    }
    // Nobody who comes now passes those who wait.
    admission.onDurable(500);
    offer(flood[0] as AdmissionSeat, 'late');
    expect(taken).not.toContain('late');
    while (admission.waitingCount > 0) {
      admission.onDurable(Math.min(1000, 100));
      admission.drain(micros(3));
    }
    expect([new Set(taken).size, quiet.waitingBytes, flood.map(({ waitingBytes }) => waitingBytes)]).toEqual([72, 0, [0, 0, 0]]);
  });

  it('holds back who has spent a quota, and nobody else; a message that has begun goes through', () => {
    const { admission, deadlines, taken, offer } = bench({ 1: { messagesPerSecond: 2 }, 2: { stagedBytes: 150 } });
    const [rated, full, free] = [1, 2, 3].map((n) => admission.seatOf(tenantOf(n), streamOf(n), 0)) as [AdmissionSeat, AdmissionSeat, AdmissionSeat];
    for (const n of [1, 2, 3, 4]) offer(rated, `r${n}`, { cost: 10 });
    full.onStaged(200);
    offer(full, 'full');
    offer(full, 'more-of-it', { isContinued: true });
    offer(free, 'free');
    expect(taken).toEqual(['r1', 'r2', 'free']);
    expect([rated.account.delayedCount, full.account.delayedCount, free.account.delayedCount]).toEqual([2, 2, 0]);
    admission.drain(micros(0));
    expect(taken).toHaveLength(3);
    // A rate lets the last one overdraw: the third goes at once, the fourth when that is made good. Order is kept.
    admission.onDeadline(micros(1), deadlines.popDue(micros(1)) as never);
    expect(taken).toEqual(['r1', 'r2', 'free', 'r3']);
    admission.drain(micros(499_000));
    full.onStaged(100);
    admission.drain(micros(499_001));
    expect(taken).toEqual(['r1', 'r2', 'free', 'r3', 'full', 'more-of-it']);
    const due = deadlines.next();
    expect(due).toBeGreaterThan(499_001);
    expect(due).toBeLessThan(501_000);
    admission.onDeadline(micros(501_000), deadlines.popDue(micros(501_000)) as never);
    expect([taken.at(-1), admission.waitingCount]).toEqual(['r4', 0]);
  });

  it('forgets what a session offered that is over, and gives everything at the end', () => {
    const { admission, taken, offer } = bench({ 1: { stagedBytes: 1 } });
    const [blocked, other] = [1, 2].map((n) => admission.seatOf(tenantOf(n), streamOf(n), 0)) as [AdmissionSeat, AdmissionSeat];
    blocked.onStaged(5);
    offer(blocked, 'a', { request: 7 });
    offer(blocked, 'b', { request: 8 });
    admission.drain(micros(1));
    offer(blocked, 'c', { request: 7 });
    blocked.forget(7);
    other.forget(8);
    expect([admission.waitingCount, blocked.waitingBytes, blocked.account.waitingBytes]).toEqual([2 - 1, 100, 100]);
    admission.checkInvariants();
    expect(admission.clear().map(({ request }) => request)).toEqual([8]);
    expect([admission.waitingCount, blocked.waitingBytes, taken]).toEqual([0, 0, []]);
    admission.checkInvariants();
  });
});

describe('a quota', () => {
  it('is refused when it is not counted exactly, or leaves no share', () => {
    for (const wrong of [{ streams: -1 }, { stagedBytes: 0.5 }, { messagesPerSecond: 1e12 }, { weight: 0 }, { weight: 1e9 }]) {
      expect(() => checkQuota({ ...NO_QUOTA, ...wrong })).toThrow(AssertionFailed);
    }
    checkQuota(NO_QUOTA);
  });

  it('that is spent says which, how much of it, and the way out', () => {
    const why = quotaExceeded(tenantOf(1), 'streams', { used: 3, most: 3 });
    expect(why).toMatchObject({ code: 'QUOTA_EXCEEDED', subject: 'streams' });
    expect(why.detail).toBe(`tenant ${tenantOf(1)} has 3 of at most 3 open streams at this node; close some, or raise its quota`);
  });
});
