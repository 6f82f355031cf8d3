/**
 * What is published: the files of a directory, cut into messages, again and again until they come to the size asked
 * for. A file is one message, a larger one several of up to `PART_BYTES_MAX`; the mesh cuts those into chunks itself.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** One message to be. */
export interface Part {
  /** Below the directory, with slashes. */
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** From 0. */
  readonly round: number;
}

export interface Source {
  readonly directory: string;
  readonly fileCount: number;
  /** How often every file is published. */
  readonly roundCount: number;
  readonly parts: readonly Part[];
  readonly bytes: number;
}

/** A directory that cannot be published. */
export class SourceUnusable extends Error {
  override readonly name = 'SourceUnusable';
}

/** Throws `SourceUnusable` when the directory cannot be read or holds nothing. */
export function planSource(directory: string, paths: readonly string[], bytesMin: number): Source {
  const files = paths.map((path) => ({ path, size: sizeOf(join(directory, path)) })).filter(({ size }) => size > 0);
  const roundBytes = files.reduce((sum, { size }) => sum + size, 0);
  if (roundBytes === 0) throw new SourceUnusable(`${directory} holds no file with anything in it`);
  const roundParts = files.reduce((sum, { size }) => sum + Math.ceil(size / PART_BYTES_MAX), 0);
  const roundCount = Math.max(1, Math.min(Math.ceil(bytesMin / roundBytes), Math.floor(PARTS_MAX / roundParts)));
  const parts: Part[] = [];
  for (let round = 0; round < roundCount; round++) {
    for (const { path, size } of files) {
      for (let offset = 0; offset < size; offset += PART_BYTES_MAX) {
        parts.push({ path, offset, length: Math.min(PART_BYTES_MAX, size - offset), round });
      }
    }
  }
  return { directory, fileCount: files.length, roundCount, parts, bytes: roundBytes * roundCount };
}

/** Every regular file below `directory`, sorted. */
export function filesBelow(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .sort();
  } catch (error) {
    // Whatever keeps us from reading it is the caller's to mend.
    throw new SourceUnusable(`${directory} cannot be read: ${(error as Error).message}`);
  }
}

/** The tracked files of a repository; without git, or in an archive of it, all files but those that a build makes. */
export function trackedFiles(directory: string): string[] {
  try {
    const listed = execFileSync('git', ['ls-files', '-z'], { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] });
    const paths = listed.toString('utf8').split('\0').filter((path) => path !== '' && sizeOf(join(directory, path)) > 0);
    if (paths.length > 0) return paths.sort();
  } catch {
    // No git here, or no repository.
  }
  return filesBelow(directory).filter((path) => !/^(node_modules|dist|\.git)\//.test(path));
}

/** Reads a part. Throws `SourceUnusable` when the file has become shorter than it was. */
export function readPart(directory: string, { path, offset, length }: Part): Uint8Array {
  const bytes = new Uint8Array(length);
  const file = openSync(join(directory, path), 'r');
  try {
    const got = readSync(file, bytes, 0, length, offset);
    if (got !== length) throw new SourceUnusable(`${path} became shorter while it was read`);
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** 0 for what is no regular file or is gone. */
function sizeOf(path: string): number {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.size : 0;
}

const PART_BYTES_MAX = 1024 * 1024;
/** Files of a few bytes are not repeated for ever. */
const PARTS_MAX = 200_000;
