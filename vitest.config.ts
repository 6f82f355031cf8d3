/** One run of every test of the project, from the sources. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{core,io,sim,chaos,ci}/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
