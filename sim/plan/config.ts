/** Who reads and changes the configuration of the mesh, and when: clients that stand beside nodes and ask any of them. */
import { Draws, type Seed } from '../base/draw.js';
import type { Options } from './options.js';
import type { ConfigCallPlan } from './plan.js';

/** Spread over [fromUs, untilUs), ascending. */
export function planConfigCalls(seed: Seed, options: Options, fromUs: number, untilUs: number): ConfigCallPlan[] {
  const calls = Array.from({ length: options.configCalls }, (_, call): ConfigCallPlan => {
    const draws = new Draws(seed, 'workload', CONFIG_ENTITY + call);
    const atUs = draws.between(fromUs, untilUs - 1);
    return { atUs, client: draws.below(CLIENTS), key: `key${draws.below(KEYS)}`, kind: draws.pick(KINDS), node: draws.below(options.nodes) };
  });
  return calls.sort((a, b) => a.atUs - b.atUs || a.client - b.client);
}

/** How often each is called, in shares. */
const KINDS: readonly ConfigCallPlan['kind'][] = ['get', 'get', 'get', 'local-get', 'put', 'put', 'replace', 'replace', 'replace', 'create', 'delete'];
const CLIENTS = 4;
const KEYS = 3;
/** Keeps these draws apart from those of the other workload. */
const CONFIG_ENTITY = 91_000_000;
