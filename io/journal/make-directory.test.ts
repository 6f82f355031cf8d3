import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDirectory } from './make-directory.js';

describe('making a directory', () => {
  it('makes what is missing above it, and is content with what is there', () => {
    const root = mkdtempSync(join(tmpdir(), 'mesh-make-'));
    const path = join(root, 'a', 'b');
    makeDirectory(path, 0o700);
    makeDirectory(path, 0o700);
    expect(existsSync(path)).toBe(true);
    rmSync(root, { recursive: true });
  });

  it('comes back with the error of a file system that takes no directories', () => {
    expect(() => makeDirectory('/proc/mesh-none/data', 0o700)).toThrow(/ENOENT/);
  });
});
