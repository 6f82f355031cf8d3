/** Meshes that stories begin with. */
import type { StreamId } from '../../base/ids.js';
import type { CompletionPolicy } from '../../groups/policy.js';
import type { Command } from '../commands.js';
import type { NodeConfig } from '../config.js';
import { TENANT } from './applications.js';
import { type SmallHost, SmallWorld } from './small-world.js';

export const JOIN_KEY = 'a long enough key';
export const SEED: Command = { kind: 'seed-mesh', meshName: 'test', description: '', joinPolicy: 'key-required', joinKey: JOIN_KEY };
export const joinBy = (name: string, joinKey = JOIN_KEY): Command => ({ kind: 'join-mesh', urls: [`mesh://${name}`], joinKey, meshId: null });

export interface Line {
  readonly world: SmallWorld;
  readonly a: SmallHost;
  readonly b: SmallHost;
  readonly c: SmallHost;
  readonly d: SmallHost;
}

/** A and C dial B, D dials C: A and D are three links apart. */
export function line(config?: NodeConfig): Line {
  const world = new SmallWorld();
  const of = config === undefined ? {} : { config };
  const b = world.add('b', of);
  const a = world.add('a', { dials: ['b'], isDialable: false, ...of });
  const c = world.add('c', { dials: ['b'], ...of });
  const d = world.add('d', { dials: ['c'], isDialable: false, ...of });
  mustAnswer(b, SEED);
  for (const [host, via] of [[a, 'b'], [c, 'b'], [d, 'c']] as const) mustAnswer(host, joinBy(via));
  world.runFor(1_000_000);
  return { world, a, b, c, d };
}

/** Two nodes, the second dials the first. */
export function pair(config?: NodeConfig): { readonly world: SmallWorld; readonly a: SmallHost; readonly b: SmallHost } {
  const world = new SmallWorld();
  const of = config === undefined ? {} : { config };
  const a = world.add('a', of);
  const b = world.add('b', { dials: ['a'], ...of });
  mustAnswer(a, SEED);
  mustAnswer(b, joinBy('a'));
  world.runFor(1_000_000);
  return { world, a, b };
}

/** Sends a command that has to be answered with success. */
export function mustAnswer(host: SmallHost, command: Command): NonNullable<ReturnType<SmallHost['answer']>['reply']> {
  const { reply, reject } = host.answer(command);
  if (reply === null) throw new Error(`${command.kind} at ${host.name}: ${reject?.code ?? 'no answer'} ${reject?.detail ?? ''}`);
  return reply;
}

export function openStream(
  source: SmallHost,
  name: string,
  targets: readonly SmallHost[],
  policy: CompletionPolicy = { kind: 'all' },
  tenant = TENANT,
): StreamId {
  const reply = mustAnswer(source, { kind: 'open-stream', tenant, name, targets: targets.map(({ id }) => id), qos: 'bulk', priority: 0, policy });
  if (reply.kind !== 'stream') throw new Error('not a stream');
  return reply.stream;
}

/** Runs the world, its applications looking on, until `isOver`; false when that does not come. */
export function runStory(world: SmallWorld, applications: readonly { tick(): void }[], isOver: () => boolean, limitUs = 60_000_000): boolean {
  return world.runUntil(() => {
    for (const application of applications) application.tick();
    return isOver();
  }, limitUs);
}
