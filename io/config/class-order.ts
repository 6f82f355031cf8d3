/**
 * The setting `qos.order`: in which order what waits for a link leaves, the most urgent first. Control is before all of
 * them and not named. A list in a file; separated by commas in the environment.
 */
import { TRAFFIC_CLASSES } from '../../core/wire/frame.js';
import type { ValueType } from './value-type.js';

const QOS_WORDS = {
  system: TRAFFIC_CLASSES.SYSTEM,
  'db-updates': TRAFFIC_CLASSES.INTERNAL_DB,
  priority: TRAFFIC_CLASSES.PRIORITY,
  bulk: TRAFFIC_CLASSES.BULK,
} as const;

export type QosWord = keyof typeof QOS_WORDS;

export const DEFAULT_QOS_ORDER: readonly QosWord[] = ['system', 'db-updates', 'priority', 'bulk'];

export const classOrder: ValueType<readonly QosWord[]> = (raw) => {
  const wanted = `${Object.keys(QOS_WORDS).join(', ')} in any order, each once`;
  const list: unknown = typeof raw === 'string' ? raw.split(',').map((part) => part.trim()) : raw;
  if (!Array.isArray(list) || list.length !== DEFAULT_QOS_ORDER.length) return { ok: false, wanted };
  const words = (list as unknown[]).filter((word): word is QosWord => typeof word === 'string' && Object.hasOwn(QOS_WORDS, word));
  return new Set(words).size === DEFAULT_QOS_ORDER.length ? { ok: true, value: words } : { ok: false, wanted };
};

/** As the core has it. */
export const classesOf = (order: readonly QosWord[]): number[] => [TRAFFIC_CLASSES.CONTROL, ...order.map((word) => QOS_WORDS[word])];
