import { describe, expect, it } from 'vitest';
import { DEFAULT_LANE_QUEUE_CONFIG, checkLaneQueueConfig } from '../../core/egress/lane-queue.js';
import { DEFAULT_NODE_CONFIG } from '../../core/node/config.js';
import { DEFAULT_QOS_ORDER, classOrder, classesOf } from './class-order.js';
import { loadConfig } from './load.js';
import { nodeConfigOf } from './node-config.js';
import type { TunableTree } from './tunables.js';

describe('the order of the classes', () => {
  it('is as ever unless it is given, and any order of the four', () => {
    expect(classesOf(DEFAULT_QOS_ORDER)).toEqual(DEFAULT_LANE_QUEUE_CONFIG.classOrder);
    const flags = new Map([['qos.order', 'priority, system,db-updates,bulk']]);
    const loaded = loadConfig({ file: null, environment: {}, flags }, DEFAULT_NODE_CONFIG as unknown as TunableTree);
    const { queue } = nodeConfigOf(loaded).link;
    checkLaneQueueConfig(queue);
    expect(queue.classOrder).toEqual([0, 3, 1, 2, 4]);
  });

  it.each([['too few', ['system']], ['one twice', ['system', 'system', 'priority', 'bulk']], ['control', 'control,system,priority,bulk'], ['no list', 7]])(
    'is refused with what is wanted: %s',
    (_what, raw) => {
      expect(classOrder(raw)).toMatchObject({ ok: false });
    },
  );
});
