import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_NODE_CONFIG } from '../../core/node/config.js';
import { type Sources, loadConfig, unknownEnvironment } from './load.js';
import { SETTINGS, type SettingKey, environmentName } from './settings.js';
import { type TunableTree, tunablesOf, withChanges } from './tunables.js';

const DEFAULTS = DEFAULT_NODE_CONFIG as unknown as TunableTree;
let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-config-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function load(text: string | null, environment: Record<string, string> = {}, flags: Record<string, unknown> = {}) {
  let file: string | null = null;
  if (text !== null) {
    file = join(directory, 'mesh.yaml');
    writeFileSync(file, text);
  }
  const sources: Sources = { file, environment, flags: new Map(Object.entries(flags)) };
  return loadConfig(sources, DEFAULTS);
}

describe('the configuration', () => {
  it('has every setting in the environment, too, under a name of its own', () => {
    const keyPaths = [...Object.keys(SETTINGS), ...tunablesOf(DEFAULTS, 'core').map(({ keyPath }) => keyPath)];
    expect(new Set(keyPaths.map(environmentName)).size).toBe(keyPaths.length);
    expect(environmentName('limits.laneMessageBytesMax')).toBe('MESH_LIMITS_LANE_MESSAGE_BYTES_MAX');
  });

  it('has defaults that its own schema accepts', () => {
    for (const key of Object.keys(SETTINGS) as SettingKey[]) {
      const { read, fallback } = SETTINGS[key];
      const isPlain = typeof fallback === 'string' || typeof fallback === 'number' || fallback === null;
      if (isPlain) expect(read(fallback)).toEqual({ ok: true, value: fallback });
    }
    expect(load(null).mistakes).toEqual([]);
  });

  it('reads every kind of value from file and environment alike', () => {
    const file = load('listen: ":7000"\nadmin: "[::1]:1"\ndial: [ws://a:1, wss://b]\ncore: { groups: { votersMax: 7, withDigests: true } }\n');
    const environment = load(null, {
      MESH_LISTEN: ':7000',
      MESH_ADMIN: '[::1]:1',
      MESH_DIAL: 'ws://a:1, wss://b',
      MESH_CORE_GROUPS_VOTERS_MAX: '7',
      MESH_CORE_GROUPS_WITH_DIGESTS: 'true',
    });
    expect(file.mistakes).toEqual([]);
    expect(environment).toEqual(file);
    expect(file.settings.listen).toEqual({ host: '0.0.0.0', port: 7000 });
    expect(file.settings.admin).toEqual({ host: '::1', port: 1 });
    expect(file.settings.dial).toEqual(['ws://a:1', 'wss://b']);
    const config = withChanges(DEFAULT_NODE_CONFIG, 'core', file.tunables);
    expect([config.groups.votersMax, config.groups.withDigests]).toEqual([7, true]);
    expect(config).toEqual({ ...DEFAULT_NODE_CONFIG, groups: { ...DEFAULT_NODE_CONFIG.groups, votersMax: 7, withDigests: true } });
  });

  it('lets flags win over the environment and that over the file', () => {
    const text = 'name: file\nlog: { level: warn }\ndataDir: f\n';
    const { settings } = load(text, { MESH_NAME: 'env', MESH_LOG_LEVEL: 'error' }, { name: 'flag' });
    expect([settings.name, settings['log.level'], settings.dataDir]).toEqual(['flag', 'error', 'f']);
  });

  it('reports a mistake of each kind with its key path and line', () => {
    const where = (text: string) => load(text).mistakes.map(({ keyPath, source }) => `${keyPath} ${source.split(':').at(-1)}`);
    expect(where('name: 7\n')).toEqual(['name 1']);
    expect(where('\ngrpc: 7\nbogus: 1\n')).toEqual(['bogus 3', 'grpc 2']);
    expect(where('limits: 5\n')).toEqual(['limits 1']);
    expect(where('name: [\n')).toEqual(['config 2']);
    expect(where('name: a\nname: b\n')).toEqual(['config 2']);
    expect(where('- 1\n').map((line) => line.split(' ')[0])).toEqual(['config']);
    expect(load('datadir: x\n').mistakes[0]?.message).toBe('is no setting: write dataDir');
    expect(load('dial: [http://a]\n').mistakes[0]?.message).toContain('"http://a" is none');
    expect(load('dial: [http://a, ws://b, c]\n').mistakes[0]?.message).toContain('"http://a", "c" are none');
    expect(load('').mistakes).toEqual([]);
  });

  it('points at names in the environment that it does not know', () => {
    expect(unknownEnvironment({ MESH_NAEM: 'a', MESH_NAME: 'b', PATH: 'c', MESH_CONFIG: 'd' }, DEFAULTS)).toEqual(['MESH_NAEM']);
  });
});
