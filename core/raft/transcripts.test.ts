import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { replay } from './testing/transcript.js';

/** `RAFT_TRANSCRIPTS=write npx vitest run core/raft/transcripts` puts down what the code does now, to be reviewed. */
const mayWrite = process.env['RAFT_TRANSCRIPTS'] === 'write';
const folder = fileURLToPath(new URL('transcripts/', import.meta.url));

describe('the stories in transcripts/', () => {
  for (const name of readdirSync(folder)) {
    it(`${name} goes as it is written`, () => {
      const text = readFileSync(folder + name, 'utf8');
      const played = replay(text);
      if (mayWrite) writeFileSync(folder + name, played);
      else expect(played).toBe(text);
    });
  }
});
