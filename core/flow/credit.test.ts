import { describe, expect, it } from 'vitest';
import { Rng } from '../base/rng.js';
import { CreditAccount, MESSAGE_COST, messageCost } from './credit.js';

describe('the credit account', () => {
  it('charges each delivery its bytes and a constant until all of its bytes are consumed', () => {
    const account = new CreditAccount();
    account.onDelivered(100);
    account.onDelivered(50);
    expect(account.outstandingCost).toBe(150 + 2 * MESSAGE_COST);
    account.onConsumed(99);
    expect(account.outstandingCost).toBe(150 + 2 * MESSAGE_COST);
    account.onConsumed(1);
    expect(account.outstandingCost).toBe(50 + MESSAGE_COST);
    account.onConsumed(50);
    expect(account.outstandingCost).toBe(0);
  });

  it('gives empty messages back with what was before them', () => {
    const account = new CreditAccount();
    account.onDelivered(0);
    expect(account.outstandingCost).toBe(0);
    account.onDelivered(10);
    account.onDelivered(0);
    account.onDelivered(0);
    expect(account.outstandingCost).toBe(10 + 3 * MESSAGE_COST);
    account.onConsumed(10);
    expect(account.outstandingCost).toBe(0);
  });

  it('reports what was never delivered and forgets it', () => {
    const account = new CreditAccount();
    account.onDelivered(10);
    expect(account.onConsumed(25)).toBe(15);
    account.onDelivered(10);
    expect(account.outstandingCost).toBe(messageCost(10));
    account.checkInvariants();
  });

  it('is empty whenever all is consumed, whatever the portions', () => {
    const rng = Rng.fromSeed('credit');
    const account = new CreditAccount();
    let unconsumed = 0;
    for (let i = 0; i < 5_000; i++) {
      if (rng.chance(500)) {
        const bytes = rng.chance(100) ? 0 : rng.below(1_000);
        unconsumed += bytes;
        account.onDelivered(bytes);
      } else {
        const bytes = rng.chance(50) ? unconsumed : Math.min(rng.below(2_000), unconsumed);
        unconsumed -= bytes;
        expect(account.onConsumed(bytes)).toBe(0);
      }
      account.checkInvariants();
      expect(account.outstandingCost).toBeGreaterThanOrEqual(unconsumed);
      if (unconsumed === 0) expect(account.outstandingCost).toBe(0);
    }
  });
});
