import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SourceUnusable, filesBelow, planSource, readPart, trackedFiles } from './source-files.js';

let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-source-'));
  mkdirSync(join(directory, 'b/c'), { recursive: true });
  writeFileSync(join(directory, 'b/c/small'), 'abc');
  writeFileSync(join(directory, 'a-large'), new Uint8Array(2_500_000).fill(7));
  writeFileSync(join(directory, 'z-empty'), '');
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('what is published', () => {
  it('is every file with something in it, in parts, until the size is reached', () => {
    const paths = filesBelow(directory);
    expect(paths).toEqual(['a-large', 'b/c/small', 'z-empty']);
    const source = planSource(directory, paths, 6_000_000);
    expect(source).toMatchObject({ fileCount: 2, roundCount: 3, bytes: 3 * 2_500_003 });
    const first = source.parts.slice(0, 4).map(({ path, offset, length }) => [path, offset, length]);
    expect(first).toEqual([
      ['a-large', 0, 1_048_576],
      ['a-large', 1_048_576, 1_048_576],
      ['a-large', 2_097_152, 402_848],
      ['b/c/small', 0, 3],
    ]);
    expect(source.parts).toHaveLength(12);
    expect(Buffer.from(readPart(directory, source.parts[3]!)).toString()).toBe('abc');
  });

  it('is everything once, however little was asked for', () => {
    expect(planSource(directory, filesBelow(directory), 1).roundCount).toBe(1);
  });

  it('is refused when there is nothing, or nothing to read', () => {
    expect(() => planSource(directory, ['z-empty', 'gone'], 1)).toThrow(SourceUnusable);
    expect(() => filesBelow(join(directory, 'gone'))).toThrow(SourceUnusable);
  });

  it('is refused when a file becomes shorter on the way', () => {
    const [part] = planSource(directory, ['b/c/small'], 1).parts;
    truncateSync(join(directory, 'b/c/small'), 1);
    expect(() => readPart(directory, part!)).toThrow('became shorter');
  });

  it('falls back to all files where there is no repository', () => {
    expect(trackedFiles(directory)).toEqual(['a-large', 'b/c/small', 'z-empty']);
  });
});
