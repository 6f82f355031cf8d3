import { describe, expect, it } from 'vitest';
import { logIndex, micros } from '../base/units.js';
import { Progress } from './progress.js';

const NOW = micros(0);
const LIMITS = { appendsMax: 3, bytesMax: 100 };

/** A peer that replicates, with everything up to `match` acknowledged. */
function replicating(match: number): Progress {
  const peer = new Progress(NOW, logIndex(match + 1));
  peer.onSent(NOW, { seq: 1, bytes: 0, prev: match, last: match });
  peer.onAck(NOW, { seq: 1, match: logIndex(match) });
  expect(peer.phase).toBe('replicate');
  return peer;
}

describe('what is known of a peer', () => {
  it('probes with one append at a time until one fits', () => {
    const peer = new Progress(NOW, logIndex(10));
    expect(peer.hasRoom(LIMITS)).toBe(true);
    peer.onSent(NOW, { seq: 4, bytes: 0, prev: 9, last: 9 });
    expect(peer.hasRoom(LIMITS)).toBe(false);
    peer.onRejected(NOW, 3, 2);
    expect([peer.next, peer.hasRoom(LIMITS)], 'another one was rejected').toEqual([10, false]);
    peer.onRejected(NOW, 4, 6);
    expect([peer.next, peer.hasRoom(LIMITS)]).toEqual([6, true]);
    peer.onSent(NOW, { seq: 5, bytes: 0, prev: 5, last: 5 });
    peer.onAck(NOW, { seq: 5, match: logIndex(5) });
    expect([peer.phase, peer.next]).toEqual(['replicate', 6]);
  });

  it('asks again when the answer to a probe was lost and a heartbeat says that it is settled', () => {
    const peer = new Progress(NOW, logIndex(10));
    peer.onSent(NOW, { seq: 4, bytes: 0, prev: 9, last: 9 });
    peer.onAck(NOW, { seq: 4, match: logIndex(0) });
    expect([peer.phase, peer.hasRoom(LIMITS), peer.next]).toEqual(['probe', true, 10]);
  });

  it('is bounded by appends and by bytes on their way', () => {
    const byCount = replicating(0);
    for (const seq of [2, 3, 4]) byCount.onSent(NOW, { seq, bytes: 1, prev: seq - 2, last: seq - 1 });
    expect(byCount.hasRoom(LIMITS)).toBe(false);
    byCount.onAck(NOW, { seq: 2, match: logIndex(1) });
    expect(byCount.hasRoom(LIMITS)).toBe(true);
    const byBytes = replicating(0);
    byBytes.onSent(NOW, { seq: 2, bytes: 100, prev: 0, last: 1 });
    expect(byBytes.hasRoom(LIMITS)).toBe(false);
  });

  it('goes back to what is verified when everything is settled and match is behind', () => {
    const peer = replicating(5);
    peer.onSent(NOW, { seq: 2, bytes: 1, prev: 5, last: 8 });
    peer.onAck(NOW, { seq: 1, match: logIndex(5) });
    expect(peer.next, 'something is still on its way').toBe(9);
    peer.onAck(NOW, { seq: 2, match: logIndex(5) });
    expect(peer.next).toBe(6);
  });

  it('never lets match fall, nor next below it', () => {
    const peer = replicating(5);
    peer.onAck(NOW, { seq: 0, match: logIndex(3) });
    expect(peer.match).toBe(5);
    peer.onSent(NOW, { seq: 2, bytes: 1, prev: 5, last: 8 });
    peer.onRejected(NOW, 2, 1);
    expect([peer.phase, peer.next, peer.match]).toEqual(['probe', 6, 5]);
    peer.checkInvariants(logIndex(8));
  });

  it('stalls when nothing is heard of what is on its way, and begins anew when asking does not help', () => {
    const peer = replicating(5);
    expect(peer.isStalled(micros(10_000), 1000)).toBe(false);
    peer.onSent(NOW, { seq: 2, bytes: 1, prev: 5, last: 8 });
    for (let n = 1; n <= 8; n++) {
      expect(peer.isStalled(micros(n * 1000), 1000)).toBe(true);
      peer.onStallProbe(micros(n * 1000), 2 + n);
      expect(peer.isStalled(micros(n * 1000 + 999), 1000)).toBe(false);
    }
    expect([peer.phase, peer.next]).toEqual(['probe', 6]);
    peer.onAck(micros(9000), { seq: 10, match: logIndex(5) });
    expect([peer.phase, peer.isInFlight]).toEqual(['replicate', false]);
  });
});
