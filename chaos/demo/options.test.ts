import { describe, expect, it } from 'vitest';
import { byteCount, parseOptions } from './options.js';

describe('the demo’s options', () => {
  it('have defaults', () => {
    expect(parseOptions([])).toEqual({ directory: null, bytesMin: 32_000_000, isKept: false, isJson: false });
  });

  it('are read', () => {
    expect(parseOptions(['files', '--size', '1.5GB', '--keep', '--json'])).toEqual({
      directory: 'files', bytesMin: 1_500_000_000, isKept: true, isJson: true,
    });
  });

  it('count bytes in the units that people write', () => {
    expect(['7', '2kB', '3MB', '1GB', '4 M'].map(byteCount)).toEqual([7, 2_000, 3_000_000, 1_000_000_000, 4_000_000]);
    for (const wrong of ['', 'x', '0', '-1', '3TB', '1e3']) expect(() => byteCount(wrong)).toThrow('a size is');
  });
});
