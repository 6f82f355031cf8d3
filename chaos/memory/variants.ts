/** The situations in which a source must keep its memory, each a small mesh with a stream whose targets do not keep up. */
import type { Site } from '../processes/process-mesh.js';

export interface Variant {
  readonly name: string;
  readonly sites: readonly Site[];
  readonly targets: readonly string[];
  /** Targets whose application reads all the time. */
  readonly readers: readonly string[];
  /** What befalls the last target before the load comes: frozen, killed, or nothing. */
  readonly fault: 'SIGSTOP' | 'SIGKILL' | null;
}

const PAIR: readonly Site[] = [
  { name: 'A', isDialable: true, dials: [] },
  { name: 'B', isDialable: true, dials: ['A'] },
];
const TRIO: readonly Site[] = [...PAIR, { name: 'C', isDialable: true, dials: ['A'] }];

export const SOURCE = 'A';

export const VARIANTS: readonly Variant[] = [
  { name: 'frozen', sites: PAIR, targets: ['B'], readers: [], fault: 'SIGSTOP' },
  { name: 'killed', sites: PAIR, targets: ['B'], readers: [], fault: 'SIGKILL' },
  { name: 'no-subscriber', sites: PAIR, targets: ['B'], readers: [], fault: null },
  { name: 'one-of-two-frozen', sites: TRIO, targets: ['B', 'C'], readers: ['B'], fault: 'SIGSTOP' },
];
