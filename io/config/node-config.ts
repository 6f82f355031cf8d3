/** The core's configuration as settings and tunables make it. */
import { DEFAULT_NODE_CONFIG, type NodeConfig } from '../../core/node/config.js';
import { classesOf } from './class-order.js';
import type { Loaded } from './load.js';
import { withChanges } from './tunables.js';

export function nodeConfigOf({ settings, tunables }: Pick<Loaded, 'settings' | 'tunables'>): NodeConfig {
  const changed = withChanges(DEFAULT_NODE_CONFIG, 'core', tunables);
  const queue = { ...changed.link.queue, classOrder: classesOf(settings['qos.order']) };
  const config = { ...changed, link: { ...changed.link, queue } };
  const { tenants } = settings;
  if (tenants === null) return config;
  return { ...config, groups: { ...config.groups, quota: tenants.common, ownQuotas: tenants.own } };
}
