/**
 * How every user of the LMDB environment opens it: the main thread for the recovery, the store's thread
 * from then on, and the child process that walks it. Databases: `meta` (format, journal id), `records` (seq as 8 bytes,
 * big endian → record), `offsets` and `tables` (the embedded ledger).
 */
import { createRequire } from 'node:module';

/** LMDB's options. Plain data, so that it can be handed to another thread or process. */
export interface EnvironmentOptions {
  readonly path: string;
  readonly noSubdir: false;
  /** With it a commit is answered before it is on disk. */
  readonly overlappingSync: false;
  readonly maxDbs: number;
  readonly mapSize: number;
  readonly encoding: 'binary';
  readonly readOnly?: boolean;
}

export function environmentOptions(path: string, mapBytes: number): EnvironmentOptions {
  return { path, noSubdir: false, overlappingSync: false, maxDbs: 4, mapSize: mapBytes, encoding: 'binary' };
}

export const DATABASE_OPTIONS = { encoding: 'binary', keyEncoding: 'binary' } as const;
export const DATABASES = ['meta', 'records', 'offsets', 'tables'] as const;

/** Where code that is run from text finds LMDB. */
export const lmdbModulePath = (): string => createRequire(import.meta.url).resolve('lmdb');

/** Byte order is numeric order. */
export const seqOfKey = (key: Uint8Array): number => {
  const view = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  return view.readUInt32BE(0) * 0x1_0000_0000 + view.readUInt32BE(4);
};
