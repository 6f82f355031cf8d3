/**
 * Puts a configuration together from flags, environment, file and defaults, in that order of precedence, and reports
 * every mistake at once, each with its key path and where it came from.
 */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { type Setting, type SettingKey, type Settings, SETTINGS, environmentName } from './settings.js';
import { type Tunable, type TunableTree, tunablesOf } from './tunables.js';
import type { ValueType } from './value-type.js';

export interface Sources {
  /** Path of the YAML file; null for none. */
  readonly file: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By key path: from flags of their own and from `--set`. */
  readonly flags: ReadonlyMap<string, unknown>;
  /** `config_kv` of the mesh: comes after the file. What is no setting, or wrong, is for somebody else and left away. */
  readonly mesh?: ReadonlyMap<string, string>;
}

export interface Mistake {
  readonly keyPath: string;
  /** `--listen`, `MESH_LISTEN`, or FILE:LINE. */
  readonly source: string;
  readonly message: string;
}

export interface Loaded {
  readonly settings: Settings;
  /** The core's tunables that differ from its defaults, by key path. */
  readonly tunables: ReadonlyMap<string, number | boolean>;
  readonly mistakes: readonly Mistake[];
}

/** A raw value and where it stands. */
interface Given {
  readonly raw: unknown;
  readonly source: string;
}

export function loadConfig(sources: Sources, coreDefaults: TunableTree): Loaded {
  const mistakes: Mistake[] = [];
  const tunables = tunablesOf(coreDefaults, 'core');
  const readers = new Map<string, ValueType<unknown>>();
  for (const [key, setting] of Object.entries(SETTINGS)) readers.set(key, (setting as Setting<unknown>).read);
  for (const tunable of tunables) readers.set(tunable.keyPath, tunable.read);

  const given = new Map<string, Given>();
  for (const [keyPath, raw] of sources.mesh ?? []) {
    if (readers.get(keyPath)?.(raw).ok === true) given.set(keyPath, { raw, source: 'mesh' });
  }
  if (sources.file !== null) readFile(sources.file, readers, given, mistakes);
  for (const keyPath of readers.keys()) {
    const name = environmentName(keyPath);
    const raw = sources.environment[name];
    if (raw !== undefined) given.set(keyPath, { raw, source: name });
  }
  for (const [keyPath, raw] of sources.flags) {
    if (readers.has(keyPath)) given.set(keyPath, { raw, source: 'flag' });
    else mistakes.push({ keyPath, source: 'flag', message: unknownKey(keyPath, readers) });
  }

  const values = new Map<string, unknown>();
  for (const [keyPath, { raw, source }] of given) {
    const reading = readers.get(keyPath)?.(raw);
    if (reading?.ok) values.set(keyPath, reading.value);
    else if (reading) mistakes.push({ keyPath, source, message: `must be ${reading.wanted}, got ${quote(raw)}` });
  }
  mistakes.sort((a, b) => (a.keyPath < b.keyPath ? -1 : a.keyPath > b.keyPath ? 1 : 0));
  return { settings: settingsOf(values), tunables: changedTunables(values, tunables), mistakes };
}

/** Environment variables that look like settings and are none. */
export function unknownEnvironment(environment: Sources['environment'], coreDefaults: TunableTree): string[] {
  const known = new Set(Object.keys(SETTINGS).map(environmentName));
  for (const { keyPath } of tunablesOf(coreDefaults, 'core')) known.add(environmentName(keyPath));
  known.add('MESH_CONFIG');
  return Object.keys(environment).filter((name) => name.startsWith('MESH_') && !known.has(name));
}

function settingsOf(values: ReadonlyMap<string, unknown>): Settings {
  const settings: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS)) settings[key] = values.has(key) ? values.get(key) : setting.fallback;
  return settings as { [Key in SettingKey]: never };
}

function changedTunables(values: ReadonlyMap<string, unknown>, tunables: readonly Tunable[]): Map<string, number | boolean> {
  const changed = new Map<string, number | boolean>();
  for (const { keyPath, fallback } of tunables) {
    const value = values.get(keyPath);
    if ((typeof value === 'number' || typeof value === 'boolean') && value !== fallback) changed.set(keyPath, value);
  }
  return changed;
}

function readFile(path: string, readers: ReadonlyMap<string, unknown>, given: Map<string, Given>, mistakes: Mistake[]): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    // Any failure to read it is the user's to mend: the path, its rights.
    mistakes.push({ keyPath: 'config', source: path, message: `cannot be read: ${(error as Error).message}` });
    return;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  for (const error of document.errors) {
    const line = lines.linePos(error.pos[0]).line;
    mistakes.push({ keyPath: 'config', source: `${path}:${line}`, message: error.message.split('\n')[0] ?? 'is no YAML' });
  }
  if (document.errors.length > 0) return;
  const lineOf = (keys: readonly string[]): string => {
    const node: unknown = document.getIn(keys, true);
    const offset = (node as { range?: readonly number[] } | undefined)?.range?.[0];
    return offset === undefined ? path : `${path}:${lines.linePos(offset).line}`;
  };
  const root: unknown = document.toJS();
  if (root === null || root === undefined) return;
  if (typeof root !== 'object' || Array.isArray(root)) {
    mistakes.push({ keyPath: 'config', source: path, message: 'must be a mapping of settings' });
    return;
  }
  collect(root, [], (keys, raw) => {
    const keyPath = keys.join('.');
    const source = lineOf(keys);
    if (readers.has(keyPath)) {
      given.set(keyPath, { raw, source });
      return true;
    }
    const isBranch = [...readers.keys()].some((known) => known.startsWith(`${keyPath}.`));
    if (isBranch && typeof raw === 'object' && raw !== null && !Array.isArray(raw)) return false;
    const message = isBranch ? 'must be a mapping of settings' : unknownKey(keyPath, readers);
    mistakes.push({ keyPath, source, message });
    return true;
  });
}

/** Visits the keys of nested mappings; goes below those for which `visit` says false. */
function collect(tree: object, above: readonly string[], visit: (keys: readonly string[], raw: unknown) => boolean): void {
  for (const [name, raw] of Object.entries(tree)) {
    const keys = [...above, name];
    if (!visit(keys, raw)) collect(raw as object, keys, visit);
  }
}

function unknownKey(keyPath: string, readers: ReadonlyMap<string, unknown>): string {
  const wanted = keyPath.toLowerCase().replace(/[^a-z]/g, '');
  const close = [...readers.keys()].find((known) => known.toLowerCase().replace(/[^a-z]/g, '') === wanted);
  return close === undefined ? 'is no setting' : `is no setting: write ${close}`;
}

function quote(raw: unknown): string {
  const text = typeof raw === 'string' ? JSON.stringify(raw) : (JSON.stringify(raw) ?? String(raw));
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
