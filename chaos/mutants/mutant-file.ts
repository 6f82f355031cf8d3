/**
 * A planted bug, as a text file: a few `key: value` lines, then one or more changes, each of which replaces a text that
 * occurs exactly once in a file of the core.
 *
 *     about: a voter answers before its vote is durable
 *     scenario: crash
 *     oracle: raft-two-leaders
 *
 *     file: core/raft/roles.ts
 *     <<<<<<<
 *     the text as it is
 *     =======
 *     the text with the bug
 *     >>>>>>>
 *
 * A bug that one rule's own test must find names that instead of a scenario: `test:` is the file, and `promise:` the
 * beginning of the names of its tests.
 *
 * A change whose text is gone or is not unique is an error: a suite that silently plants nothing proves nothing.
 */
import { ORACLES, type OracleName } from '../../sim/oracles/violations.js';

export interface Mutant {
  readonly name: string;
  /** What is wrong with it, in one line. */
  readonly about: string;
  readonly proof: Proof;
  readonly changes: readonly Change[];
}

/** Where it must show. */
export type Proof =
  /** Under some seed of a scenario, by that oracle. */
  | { readonly kind: 'swarm'; readonly scenario: string; readonly oracle: OracleName }
  /** In a test file, by one of the tests whose names begin with `promise`. */
  | { readonly kind: 'test'; readonly file: string; readonly promise: string };

export interface Change {
  /** Relative to the repository. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Why a mutant cannot be read or planted. */
export class MutantError extends Error {
  override readonly name = 'MutantError';
}

/** Reads a mutant. `name` is for messages. */
export function parseMutant(name: string, text: string): Mutant {
  const fields = new Map<string, string>();
  const changes: Change[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (line === OPEN) {
      const middle = indexAfter(name, lines, at, MIDDLE);
      const close = indexAfter(name, lines, middle, CLOSE);
      const file = need(name, fields, 'file');
      changes.push({ file, find: block(lines, at, middle), replace: block(lines, middle, close) });
      at = close;
      continue;
    }
    const match = /^([a-z]+): (.+)$/.exec(line);
    if (match === null) throw new MutantError(`${name}: line ${at + 1} is neither "key: value" nor ${OPEN}`);
    fields.set(match[1] as string, match[2] as string);
  }
  const proof = proofOf(name, fields);
  if (changes.length === 0) throw new MutantError(`${name}: it changes nothing`);
  return { name, about: need(name, fields, 'about'), proof, changes };
}

/** `source` with the change made. */
export function plant(mutant: string, source: string, { file, find, replace }: Change): string {
  const at = source.indexOf(find);
  if (at < 0) throw new MutantError(`${mutant}: ${file} does not contain the text to change; the patch is out of date`);
  if (source.includes(find, at + 1)) throw new MutantError(`${mutant}: ${file} contains the text to change twice`);
  return source.slice(0, at) + replace + source.slice(at + find.length);
}

function proofOf(name: string, fields: ReadonlyMap<string, string>): Proof {
  if (fields.has('test')) {
    return { kind: 'test', file: need(name, fields, 'test'), promise: need(name, fields, 'promise') };
  }
  const oracle = need(name, fields, 'oracle');
  if (!isOracle(oracle)) throw new MutantError(`${name}: there is no oracle ${oracle}`);
  return { kind: 'swarm', scenario: need(name, fields, 'scenario'), oracle };
}

const isOracle = (text: string): text is OracleName => text in ORACLES;

function need(name: string, fields: ReadonlyMap<string, string>, key: string): string {
  const value = fields.get(key);
  if (value === undefined) throw new MutantError(`${name}: "${key}:" is missing`);
  return value;
}

function indexAfter(name: string, lines: readonly string[], after: number, marker: string): number {
  const at = lines.indexOf(marker, after + 1);
  if (at < 0) throw new MutantError(`${name}: ${marker} is missing after line ${after + 1}`);
  return at;
}

const block = (lines: readonly string[], from: number, to: number): string => lines.slice(from + 1, to).join('\n');

const OPEN = '<<<<<<<';
const MIDDLE = '=======';
const CLOSE = '>>>>>>>';
