/**
 * Makes a directory and what is missing above it, one level at a time. `mkdirSync` with `recursive` does not come back
 * where a file system denies a new directory by ENOENT, as /proc does (Node 20).
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Does nothing when it exists. Throws the system's error for the level that cannot be made. */
export function makeDirectory(path: string, mode: number): void {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.push(at);
  for (const level of missing.reverse()) mkdirSync(level, { mode });
}
