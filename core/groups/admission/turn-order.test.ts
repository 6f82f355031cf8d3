import { expect, it } from 'vitest';
import { TurnOrder } from './turn-order.js';

it('everybody who waits is first in turn, and nobody is left out', () => {
  const order = new TurnOrder();
  expect(order.next([])).toEqual([]);
  expect([1, 2, 3].map(() => order.next(['a', 'b', 'c']).join(''))).toEqual(['abc', 'bca', 'cab']);
});
