/**
 * Logarithms in integers, because the core computes nothing timed or replicated in floating transcendental functions:
 * their last digits differ between versions of the runtime.
 */
import { assert } from '../base/assert.js';

/** ⌊log2(n) · 65536⌋ for 1 ≤ n ≤ 2^25, within one unit: a binary digit per squaring, all products below 2^53. */
export function log2Fixed(n: number): number {
  assert(Number.isInteger(n) && n >= 1 && n <= ONE, 'a logarithm’s argument is in range');
  const whole = 31 - Math.clz32(n);
  let digits = whole;
  // n / 2^whole, from 1 to 2, as a multiple of 2^-25.
  let mantissa = n * Math.floor(ONE / (1 << whole));
  for (let digit = 0; digit < 16; digit++) {
    mantissa = Math.floor((mantissa * mantissa) / ONE);
    digits *= 2;
    if (mantissa >= 2 * ONE) {
      digits++;
      mantissa = Math.floor(mantissa / 2);
    }
  }
  return digits;
}

/** ⌊log10(n) · 1000⌋, within one unit. */
export const log10Milli = (n: number): number => Math.floor((log2Fixed(n) * LOG10_OF_2) / (65_536 * 100));

/** ⌈log10(n)⌉ by comparing with powers of ten: exact. */
export function log10Ceil(n: number): number {
  let digits = 0;
  for (let power = 1; power < n; power *= 10) digits++;
  return digits;
}

/** ⌈log2(n)⌉ for n ≥ 1: exact. */
export const log2Ceil = (n: number): number => (n <= 1 ? 0 : 32 - Math.clz32(n - 1));

const ONE = 1 << 25;
/** log10(2) · 100,000. */
const LOG10_OF_2 = 30_103;
