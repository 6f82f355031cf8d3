import { describe, expect, it } from 'vitest';
import { type NodeId, idFromBytes } from '../base/ids.js';
import type { Effect } from './effects.js';
import { EventFeed } from './events.js';

const NODE = idFromBytes<NodeId>(new Uint8Array(16).fill(1));

function feed(keptMax = 3): { events: EventFeed; seen: () => string[] } {
  const effects: Effect[] = [];
  const events = new EventFeed(keptMax, (effect) => void effects.push(effect));
  return { events, seen: () => effects.map((effect) => (effect.kind === 'event' ? `${effect.request} ${effect.event.kind} ${effect.event.sequence}` : effect.kind)) };
}

describe('the events of a boot', () => {
  it('are numbered, and go to everybody who wants their kind', () => {
    const { events, seen } = feed();
    events.watch(1, [], 0);
    events.watch(2, ['link-up'], 0);
    events.add({ kind: 'link-up', node: NODE });
    events.add({ kind: 'mesh-state', state: 'healthy' });
    expect(seen()).toEqual(['1 link-up 1', '2 link-up 1', '1 mesh-state 2']);
    expect([events.sequence, events.watcherCount]).toEqual([2, 2]);
  });

  it('are kept for who comes late, the newest of them', () => {
    const { events, seen } = feed(3);
    for (let n = 0; n < 5; n++) events.add({ kind: n % 2 === 0 ? 'link-up' : 'link-down', node: NODE, ...(n % 2 === 0 ? {} : { reason: 'x' }) } as Parameters<EventFeed['add']>[0]);
    events.watch(1, [], 0);
    events.watch(2, [], 4);
    events.watch(3, ['link-up'], 3);
    expect(seen()).toEqual(['1 link-up 3', '1 link-down 4', '1 link-up 5', '2 link-up 5', '3 link-up 5']);
  });

  it('stop for who is gone', () => {
    const { events, seen } = feed();
    events.watch(1, [], 0);
    events.cancel(1);
    events.add({ kind: 'link-up', node: NODE });
    expect([seen(), events.watcherCount]).toEqual([[], 0]);
  });
});
