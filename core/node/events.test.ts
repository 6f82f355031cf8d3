import { describe, expect, it } from 'vitest';
import { type NodeId, type StreamId, type TenantId, idFromBytes } from '../base/ids.js';
import { term } from '../base/units.js';
import type { Effect } from './effects.js';
import { EventFeed } from './events.js';
import { HOST, type Owner, type Viewer } from './viewer.js';

const TENANT = idFromBytes<TenantId>(new Uint8Array(16).fill(2));
const OTHER = idFromBytes<TenantId>(new Uint8Array(16).fill(3));
const STREAM = idFromBytes<StreamId>(new Uint8Array(16).fill(4));
const NODE = idFromBytes<NodeId>(new Uint8Array(16).fill(1));

function feed(keptMax = 3): { events: EventFeed; seen: () => string[] } {
  const effects: Effect[] = [];
  const owners = new Map<string, Owner>([[STREAM, TENANT], ['mesh', 'mesh']]);
  const events = new EventFeed(keptMax, { push: (effect) => void effects.push(effect), ownerOf: (group) => owners.get(group) ?? 'unknown' });
  return { events, seen: () => effects.map((effect) => (effect.kind === 'event' ? `${effect.request} ${effect.event.kind} ${effect.event.sequence}` : effect.kind)) };
}

describe('the events of a boot', () => {
  it('are numbered, and go to everybody who wants their kind', () => {
    const { events, seen } = feed();
    events.watch(1, [], 0, HOST);
    events.watch(2, ['link-up'], 0, HOST);
    events.add({ kind: 'link-up', node: NODE });
    events.add({ kind: 'mesh-state', state: 'healthy' });
    expect(seen()).toEqual(['1 link-up 1', '2 link-up 1', '1 mesh-state 2']);
    expect([events.sequence, events.watcherCount]).toEqual([2, 2]);
  });

  it('are kept for who comes late, the newest of them', () => {
    const { events, seen } = feed(3);
    for (let n = 0; n < 5; n++) events.add({ kind: n % 2 === 0 ? 'link-up' : 'link-down', node: NODE, ...(n % 2 === 0 ? {} : { reason: 'x' }) } as Parameters<EventFeed['add']>[0]);
    events.watch(1, [], 0, HOST);
    events.watch(2, [], 4, HOST);
    events.watch(3, ['link-up'], 3, HOST);
    expect(seen()).toEqual(['1 link-up 3', '1 link-down 4', '1 link-up 5', '2 link-up 5', '3 link-up 5']);
  });

  it('stop for who is gone', () => {
    const { events, seen } = feed();
    events.watch(1, [], 0, HOST);
    events.cancel(1);
    events.add({ kind: 'link-up', node: NODE });
    expect([seen(), events.watcherCount]).toEqual([[], 0]);
  });

  it('about a stream, or its group, go to its tenant and to the host, and of an unknown one to the host alone', () => {
    const { events, seen } = feed(10);
    const viewers: Viewer[] = [HOST, { kind: 'caller', tenant: TENANT }, { kind: 'caller', tenant: OTHER }, { kind: 'caller', tenant: null }];
    for (const [at, viewer] of viewers.slice(0, 2).entries()) events.watch(at, [], 0, viewer);
    events.add({ kind: 'stream-opened', stream: STREAM, name: 's' });
    events.add({ kind: 'leader-changed', group: STREAM, leader: null, term: term(1) });
    events.add({ kind: 'stream-closed', stream: idFromBytes<StreamId>(new Uint8Array(16).fill(5)) });
    events.add({ kind: 'leader-changed', group: 'mesh', leader: null, term: term(1) });
    // Who comes late sees no more of it.
    for (const [at, viewer] of viewers.entries()) if (at >= 2) events.watch(at, [], 0, viewer);
    const of = (request: number): string[] => seen().filter((line) => line.startsWith(`${request} `)).map((line) => line.slice(2));
    expect(of(0)).toEqual(['stream-opened 1', 'leader-changed 2', 'stream-closed 3', 'leader-changed 4']);
    expect(of(1)).toEqual(['stream-opened 1', 'leader-changed 2', 'leader-changed 4']);
    expect([of(2), of(3)]).toEqual([['leader-changed 4'], ['leader-changed 4']]);
  });
});
