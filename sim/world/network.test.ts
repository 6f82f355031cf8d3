import { describe, expect, it } from 'vitest';
import { LaneRecorder, recorderNetwork } from '../testing/lane-recorder.js';

const message = (...bytes: number[]): Uint8Array[] => [Uint8Array.from(bytes)];
const SECOND = 1_000_000;

describe('Network: dialling', () => {
  it('opens a lane after the handshakes, the listener first', () => {
    const { dial, runUntil, processes } = recorderNetwork(2);
    dial(0, 1);
    runUntil(30_000);
    expect([processes[0]?.log, processes[1]?.log]).toEqual([[], ['opened n0']]);
    runUntil(40_100);
    expect(processes[0]?.log).toEqual(['opened n1']);
  });

  it('gets no answer from a node behind NAT, a refusal from a dead one, and neither from a dark one', () => {
    const hidden = recorderNetwork(2);
    hidden.dial(1, 0);
    hidden.runUntil(2 * SECOND);
    expect(hidden.processes[1]?.log).toEqual([]);
    hidden.runUntil(4 * SECOND);
    expect(hidden.processes[1]?.log).toEqual(['failed ETIMEDOUT']);
    const dead = recorderNetwork(2);
    dead.network.processDied(1, false);
    dead.dial(0, 1);
    dead.runUntil(SECOND);
    expect(dead.processes[0]?.log).toEqual(['failed ECONNREFUSED']);
    const dark = recorderNetwork(2);
    dark.network.processDied(1, true);
    dark.dial(0, 1);
    dark.runUntil(4 * SECOND);
    expect(dark.processes[0]?.log).toEqual(['failed ETIMEDOUT']);
  });

  it('does not find a name that nobody has', () => {
    const { network, processes, runUntil } = recorderNetwork(2);
    network.dial(processes[0] as LaneRecorder, 1 as never, 'ws://nobody');
    runUntil(SECOND);
    expect(processes[0]?.log).toEqual(['failed ENOTFOUND']);
  });

  it('fails when either direction is cut, and refuses when the listener does', () => {
    for (const [from, to] of [[0, 1], [1, 0]] as [number, number][]) {
      const { paths, dial, runUntil, processes } = recorderNetwork(2);
      paths.block(from, to);
      dial(0, 1);
      runUntil(4 * SECOND);
      expect(processes[0]?.log).toEqual(['failed ETIMEDOUT']);
    }
    const { network, dial, runUntil, processes } = recorderNetwork(2);
    network.setRefusing(1, true);
    dial(0, 1);
    runUntil(SECOND);
    expect(processes[0]?.log).toEqual(['failed ECONNREFUSED']);
  });
});

describe('Network: lanes', () => {
  it('carries messages in order, after latency and transmission, and copies them', () => {
    const { network, connect, timeline, runUntil, processes } = recorderNetwork(2, { jitterUs: 8_000 });
    const { near } = connect(0, 1);
    const sentUs = timeline.nowUs;
    const bytes = Uint8Array.of(1, 2);
    network.transmit(near, [bytes]);
    bytes.fill(9);
    for (let i = 2; i <= 50; i++) network.transmit(near, message(i));
    runUntil(sentUs + SECOND);
    const received = processes[1]?.received ?? [];
    expect(received.map(({ bytes: got }) => got[0])).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect([...(received[0]?.bytes ?? [])]).toEqual([1, 2]);
    expect(received[0]?.atUs).toBeGreaterThanOrEqual(sentUs + 10_000);
  });

  it('keeps its table of latency and rate within two per cent', () => {
    const { network, connect, timeline, runUntil, processes } = recorderNetwork(2, { jitterUs: 4_000 });
    const { near } = connect(0, 1);
    const startUs = timeline.nowUs;
    let latencySum = 0;
    for (let i = 0; i < 1000; i++) {
      const sentUs = timeline.nowUs;
      network.transmit(near, [new Uint8Array(40)]);
      runUntil(sentUs + 20_000);
      runUntil(startUs + (i + 1) * 30_000);
      latencySum += (processes[1]?.received.at(-1)?.atUs ?? 0) - sentUs;
    }
    // 10 ms, half of the jitter on average, and 100 bytes on the wire at 1 MB/s.
    expect(Math.abs(latencySum / 1000 - 12_100)).toBeLessThan(12_100 * 0.02);
    const burstUs = timeline.nowUs;
    for (let i = 0; i < 500; i++) network.transmit(near, [new Uint8Array(9_940)]);
    runUntil(burstUs + 60 * SECOND);
    const lastUs = processes[1]?.received.at(-1)?.atUs ?? 0;
    expect(Math.abs(lastUs - burstUs - 5 * SECOND)).toBeLessThan(5 * SECOND * 0.02);
  });

  it('reports what its send buffer holds until that has fallen', () => {
    const { network, connect, timeline, runUntil, processes } = recorderNetwork(2);
    const { near } = connect(0, 1);
    network.transmit(near, [new Uint8Array(400_000)]);
    network.transmit(near, [new Uint8Array(400_000)]);
    expect(near.bufferedBytes).toBe(800_000 - 256 * 1024);
    runUntil(timeline.nowUs + 5 * SECOND);
    const drained = (processes[0]?.log ?? []).filter((line) => line.startsWith('drained'));
    expect(drained[0]).toBe(`drained ${800_000 - 256 * 1024}`);
    expect(drained.at(-1)).toBe('drained 0');
  });

  it('delays what is lost, and what comes after it, but loses nothing', () => {
    const { network, connect, timeline, runUntil, processes } = recorderNetwork(2, { lossPerMillion: 200_000 });
    const { near } = connect(0, 1);
    for (let i = 0; i < 200; i++) network.transmit(near, message(i));
    runUntil(timeline.nowUs + 10 * SECOND);
    expect(processes[1]?.received.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('tells the other side of a close, after what was sent before or at once', () => {
    const reasons = new Set<string>();
    for (let i = 0; i < 8; i++) {
      const world = recorderNetwork(2);
      for (let n = 0; n <= i; n++) {
        const { near } = world.connect(0, 1);
        world.network.transmit(near, message(7));
        world.network.close(near, 'goodbye');
      }
      world.runUntil(world.timeline.nowUs + SECOND);
      for (const line of world.processes[1]?.log ?? []) if (line.startsWith('closed')) reasons.add(line);
      expect(world.processes[0]?.log.filter((line) => line.startsWith('closed'))).toEqual([]);
    }
    expect([...reasons].sort()).toEqual(['closed goodbye', 'closed reset by peer']);
  });
});

describe('Network: faults', () => {
  it('tells the neighbours of a process that dies, and delivers what had left it', () => {
    const { network, connect, timeline, runUntil, processes } = recorderNetwork(2);
    const { far } = connect(0, 1);
    network.transmit(far, message(1));
    runUntil(timeline.nowUs + 100);
    network.processDied(1, false);
    runUntil(timeline.nowUs + SECOND);
    expect(processes[0]?.received.length).toBe(1);
    expect(processes[0]?.log.at(-1)).toBe('closed reset by peer');
  });

  it('tells nobody of a machine that goes dark, until patience ends or it is back', () => {
    const dark = recorderNetwork(2);
    const { near } = dark.connect(0, 1);
    dark.network.processDied(1, true);
    dark.network.transmit(near, message(1));
    dark.runUntil(dark.timeline.nowUs + 10 * SECOND);
    expect(dark.processes[0]?.log.some((line) => line.startsWith('closed'))).toBe(false);
    dark.runUntil(dark.timeline.nowUs + 30 * SECOND);
    expect(dark.processes[0]?.log.at(-1)).toBe('closed timed out');
    const back = recorderNetwork(2);
    const lane = back.connect(0, 1);
    back.network.processDied(1, true);
    back.network.transmit(lane.near, message(1));
    back.runUntil(back.timeline.nowUs + 5 * SECOND);
    back.network.processStarted(new LaneRecorder(1, back.timeline));
    back.runUntil(back.timeline.nowUs + 8 * SECOND);
    expect(back.processes[0]?.log.at(-1)).toBe('closed reset by peer');
  });

  it('holds what is sent through a cut and delivers it in order afterwards; the other way goes on', () => {
    const { network, paths, connect, timeline, runUntil, processes } = recorderNetwork(2);
    const { near, far } = connect(0, 1);
    paths.block(0, 1);
    for (let i = 0; i < 5; i++) network.transmit(near, message(i));
    network.transmit(far, message(9));
    runUntil(timeline.nowUs + 3 * SECOND);
    expect(processes[1]?.received).toEqual([]);
    expect(processes[0]?.received.length).toBe(1);
    paths.unblock(0, 1);
    network.resume();
    network.transmit(near, message(5));
    runUntil(timeline.nowUs + 5 * SECOND);
    expect(processes[1]?.received.map(({ bytes }) => bytes[0])).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('catches in a cut what was on its way, and survives a second cut before it is through', () => {
    const { network, paths, connect, timeline, runUntil, processes } = recorderNetwork(2);
    const { near } = connect(0, 1);
    for (let i = 0; i < 20; i++) network.transmit(near, message(i));
    for (let cut = 0; cut < 4; cut++) {
      paths.block(0, 1);
      runUntil(timeline.nowUs + SECOND);
      paths.unblock(0, 1);
      network.resume();
      runUntil(timeline.nowUs + 3);
    }
    runUntil(timeline.nowUs + 10 * SECOND);
    expect(processes[1]?.received.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('lets nothing through lanes whose NAT entry has expired, in either direction', () => {
    const { network, connect, timeline, runUntil, processes } = recorderNetwork(2);
    const { near, far } = connect(0, 1);
    network.expireLanes(0);
    network.transmit(near, message(1));
    network.transmit(far, message(2));
    runUntil(timeline.nowUs + 25 * SECOND);
    expect([processes[0]?.received, processes[1]?.received]).toEqual([[], []]);
    expect(processes[0]?.log.at(-1)).toBe('closed timed out');
    connect(0, 1);
    expect(network.laneCount(0)).toBe(1);
  });

  it('holds a clogged direction and slows a slow one', () => {
    const { network, paths, connect, timeline, runUntil, processes } = recorderNetwork(2);
    const { near } = connect(0, 1);
    const startUs = timeline.nowUs;
    paths.clog(0, 1, startUs + 2 * SECOND);
    network.transmit(near, message(1));
    runUntil(startUs + 2 * SECOND);
    expect(processes[1]?.received).toEqual([]);
    runUntil(startUs + 3 * SECOND);
    expect(processes[1]?.received.length).toBe(1);
    paths.slow(0, 1, 10);
    const slowUs = timeline.nowUs;
    network.transmit(near, message(2));
    runUntil(slowUs + SECOND);
    expect((processes[1]?.received.at(-1)?.atUs ?? 0) - slowUs).toBeGreaterThanOrEqual(100_000);
  });
});
