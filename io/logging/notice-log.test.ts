import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { NodeId, StreamId } from '../../core/base/ids.js';
import { streamSeq } from '../../core/base/units.js';
import { Metrics } from '../admin/metrics.js';
import { id } from '../testing/loop-node.js';
import { NoticeLog } from './notice-log.js';

function build(level = 'info'): { notices: NoticeLog; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level, base: null, timestamp: false }, { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) });
  return { notices: new NoticeLog(log), lines };
}

describe('notices', () => {
  it('become log lines with their ids as fields', () => {
    const { notices, lines } = build();
    notices.onNotice({ kind: 'log', level: 'warn', event: 'lane-refused', fields: { peer: 'P', count: 2 } });
    notices.onNotice({ kind: 'log', level: 'debug', event: 'unseen', fields: {} });
    expect(lines).toEqual([{ level: 40, event: 'lane-refused', peer: 'P', count: 2, msg: 'lane-refused' }]);
  });

  it('are summed where they count, and are never a line per message', () => {
    const { notices, lines } = build('trace');
    notices.onNotice({ kind: 'count', name: 'frames.dropped', by: 2 });
    notices.onNotice({ kind: 'count', name: 'frames.dropped', by: 3 });
    notices.onNotice({ kind: 'stream-accepted', stream: id<StreamId>(1), seq: streamSeq(1) });
    expect(notices.counts.get('frames.dropped')).toBe(5);
    expect(lines).toEqual([]);
    notices.onNotice({ kind: 'mark', name: 'raft.election' });
    expect(notices.marks.get('raft.election')).toBe(1);
  });
});

describe('metrics', () => {
  it('tell the sums and the status of now, not of an earlier scrape', async () => {
    const metrics = new Metrics({ id: 'I', name: 'n' });
    const host = { queuedInputs: 0, openRequests: 0, inputs: 1, turns: 1, longestDrainUs: 5 };
    const node = { id: id<NodeId>(1), name: 'n', replica: 1, bootCounter: 1 } as const;
    const link = { peer: id<NodeId>(2), isProvisional: false, rttUs: 1500, laneCount: 1,
      laneBytes: { sent: 1, received: 2 }, queuedBytes: 0, dialledByUs: true } as const;
    const readings = (sum: number, links: (typeof link)[]) => ({
      status: { node, mesh: null, links, groups: [], streams: [], tenants: [], updates: [], counters: {} },
      host,
      laneCount: 1,
      laneBytes: { sent: 1, received: 2 },
      sessionCount: 0,
      journalBytes: 4096,
      counts: new Map([['frames.dropped', sum]]),
      marks: new Map(),
    });
    const first = await metrics.render(readings(5, [link]));
    expect(first).toContain('mesh_events_total{event="frames.dropped",node="n",node_id="I"} 5');
    expect(first).toMatch(/mesh_link_rtt_seconds\{.*\} 0.0015/);
    const second = await metrics.render(readings(7, []));
    expect(second).toContain('mesh_events_total{event="frames.dropped",node="n",node_id="I"} 7');
    expect(second).not.toMatch(/mesh_link_rtt_seconds\{/);
    expect(second).toMatch(/nodejs_eventloop_lag_seconds/);
  });
});
