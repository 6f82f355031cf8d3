/** After the compiler: the contracts and their generated code stand in dist/ as in the sources, so that one relative path finds them. */
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
cpSync(`${root}proto`, `${root}dist/proto`, { recursive: true, filter: (path) => !path.endsWith('.d.ts') });
