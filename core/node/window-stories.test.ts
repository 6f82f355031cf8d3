import { describe, expect, it } from 'vitest';
import { DEFAULT_GROUPS_CONFIG } from '../groups/config.js';
import { DEFAULT_NODE_CONFIG, type NodeConfig } from './config.js';
import { Publisher, Subscriber } from './testing/applications.js';
import { openStream, pair, runStory } from './testing/meshes.js';

const SMALL: NodeConfig = {
  ...DEFAULT_NODE_CONFIG,
  groups: { ...DEFAULT_GROUPS_CONFIG, streamBytesMax: 256 * 1024, messageBytesMax: 128 * 1024, publisherWindowBytes: 64 * 1024, compactBytesMin: 16 * 1024, compactEntriesMin: 8 },
};
const payloadOf = () => new Uint8Array(5_000);

describe('the window of a stream', () => {
  it('closes alone: other streams of the same source, target and tenant go on at their pace', () => {
    const { world, a, b } = pair(SMALL);
    const names = ['held', 'free'];
    const [held, free] = names.map((name) => new Publisher({ host: a, stream: openStream(a, name, [b]), count: 300, payloadOf })) as [Publisher, Publisher];
    const [late, reader] = names.map((name) => new Subscriber({ host: b, name, payloadOf })) as [Subscriber, Subscriber];
    late.isPaused = true;
    const closed = (): number => a.notices.filter((notice) => notice.kind === 'mark' && notice.name === 'stream.window-closed').length;
    // Long after the one stands still, the other has published and settled many times its window.
    expect(runStory(world, [held, late], () => closed() > 0, 20_000_000)).toBe(true);
    runStory(world, [held, late], () => false, 1_000_000);
    const began = world.now;
    expect(runStory(world, [held, free, late, reader], () => free.isDone, 20_000_000)).toBe(true);
    expect(world.now - began).toBeLessThan(5_000_000);
    expect(held.isDone).toBe(false);
    late.isPaused = false;
    expect(runStory(world, [held, free, late, reader], () => held.isDone)).toBe(true);
    expect([held.refusals, free.refusals, late.faults, reader.faults]).toEqual([[], [], [], []]);
  });
});
