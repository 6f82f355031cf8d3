import { describe, expect, it } from 'vitest';
import { StreamWindow } from './stream-window.js';

describe('the window of a stream', () => {
  it('closes once there is no room for a chunk, and again only after it was open', () => {
    const window = new StreamWindow(800, 300);
    expect([500, 299, 100, 99, 0, 199, 200, 99].map((room) => window.note(room))).toEqual([false, false, false, true, false, false, false, true]);
  });

  it('stays open while a chunk has room, however little of the window that is', () => {
    expect(new StreamWindow(8_000, 50).note(60)).toBe(false);
  });
});
