import { describe, expect, it } from 'vitest';
import { DeadlineHeap } from '../base/deadlines.js';
import { type NodeId, idFromBytes } from '../base/ids.js';
import { type Micros, SECOND_US, memberIndex } from '../base/units.js';
import { CLAIM_STATES } from '../wire/swim-messages.js';
import { type Liveness, MemberTable } from './member-table.js';
import { DEFAULT_SWIM_CONFIG } from './swim-config.js';
import { suspicionTimeoutUs, suspicionTimes } from './suspicion.js';

const id = (number: number): NodeId => idFromBytes<NodeId>(new Uint8Array(16).fill(number));
const SUBJECT = id(1);
const { JOIN, ALIVE, SUSPECT, CONFIRM, LEAVE } = CLAIM_STATES;

/** A table of ten in which the subject is held as `liveness` at incarnation 5. */
function holding(liveness: Liveness): MemberTable {
  const table = new MemberTable(DEFAULT_SWIM_CONFIG, new DeadlineHeap(), { onDeadline: () => undefined });
  for (let number = 1; number < 10; number++) table.add(0 as Micros, id(number), memberIndex(number), 0);
  const say = (state: number, accuser = id(2)) =>
    table.apply(0 as Micros, { state, subject: SUBJECT, incarnation: 5, accuser });
  say(ALIVE, SUBJECT);
  if (liveness === 'suspect') say(SUSPECT);
  if (liveness === 'failed') say(CONFIRM);
  if (liveness === 'left') say(LEAVE, SUBJECT);
  expect(table.get(SUBJECT)).toMatchObject({ liveness, incarnation: 5 });
  return table;
}

describe('precedence', () => {
  // What is held after a claim of the incarnation below, at and above the one held.
  const rules: readonly [Liveness, number, readonly Liveness[]][] = [
    ['alive', ALIVE, ['alive', 'alive', 'alive']],
    ['alive', SUSPECT, ['alive', 'suspect', 'suspect']],
    ['alive', CONFIRM, ['alive', 'failed', 'failed']],
    ['alive', LEAVE, ['alive', 'left', 'left']],
    ['suspect', ALIVE, ['suspect', 'suspect', 'alive']],
    ['suspect', JOIN, ['suspect', 'suspect', 'alive']],
    ['suspect', SUSPECT, ['suspect', 'suspect', 'suspect']],
    ['suspect', CONFIRM, ['suspect', 'failed', 'failed']],
    ['suspect', LEAVE, ['suspect', 'left', 'left']],
    ['failed', ALIVE, ['failed', 'failed', 'alive']],
    ['failed', SUSPECT, ['failed', 'failed', 'failed']],
    ['failed', CONFIRM, ['failed', 'failed', 'failed']],
    ['failed', LEAVE, ['failed', 'left', 'left']],
    ['left', ALIVE, ['left', 'left', 'alive']],
    ['left', SUSPECT, ['left', 'left', 'left']],
    ['left', CONFIRM, ['left', 'left', 'left']],
    ['left', LEAVE, ['left', 'left', 'left']],
  ];

  for (const [held, state, expected] of rules) {
    it(`of claim ${state} over a member held ${held}`, () => {
      for (const [at, incarnation] of [4, 5, 6].entries()) {
        const table = holding(held);
        const accuser = state === LEAVE || state <= ALIVE ? SUBJECT : id(2);
        table.apply(1 as Micros, { state, subject: SUBJECT, incarnation, accuser });
        expect(table.get(SUBJECT)?.liveness).toBe(expected[at]);
        table.checkInvariants();
      }
    });
  }

  it('takes no claim of an unknown state', () => {
    const table = holding('alive');
    for (const state of [0, 6, 99]) {
      const outcome = table.apply(1 as Micros, { state, subject: SUBJECT, incarnation: 9, accuser: SUBJECT });
      expect(outcome).toBe('stale');
    }
  });
});

describe('the time of a suspicion', () => {
  it('goes from maximum to minimum on a logarithm of its confirmations', () => {
    const times = { minUs: 4 * SECOND_US, maxUs: 24 * SECOND_US, expectedCount: 4 };
    for (let count = 0; count <= 6; count++) {
      const exact = Math.max(4e6, 24e6 - (20e6 * Math.log(count + 1)) / Math.log(5));
      expect(Math.abs(suspicionTimeoutUs(times, count) - exact)).toBeLessThan(2_000);
    }
  });

  it('has a minimum of mult · max(1, log10 N) intervals, and expects no confirmation among few', () => {
    const of = (count: number) => suspicionTimes(DEFAULT_SWIM_CONFIG, count);
    expect([2, 3, 4, 50].map((count) => of(count).expectedCount)).toEqual([0, 0, 2, 2]);
    expect(suspicionTimeoutUs(of(3), 0)).toBe(4 * SECOND_US);
    for (const count of [1, 5, 10, 11, 50, 99, 1000, 4096]) {
      const exact = 4e6 * Math.max(1, Math.log10(count));
      expect(Math.abs(of(count).minUs - exact)).toBeLessThanOrEqual(4_001);
      expect(of(count).maxUs).toBe(6 * of(count).minUs);
    }
  });
});
