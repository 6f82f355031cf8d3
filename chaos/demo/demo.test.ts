import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DemoReport } from './report.js';

const PROGRAM = fileURLToPath(new URL('../../dist/chaos/demo/main.js', import.meta.url));
const run = promisify(execFile);
let directory = '';

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mesh-demo-test-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('the demo, as built', () => {
  it('carries files over a line of real nodes while two of them are killed', { timeout: 180_000 }, async () => {
    for (let n = 0; n < 40; n++) writeFileSync(join(directory, `file-${n}`), Buffer.alloc(1 + n * 3_000, n));
    const { stdout } = await run(process.execPath, [PROGRAM, directory, '--size', '12MB', '--json']);
    const report = JSON.parse(stdout) as DemoReport;
    expect(report.problems).toEqual([]);
    expect(report.isPassed).toBe(true);
    expect(report.kills.map(({ node }) => node)).toEqual(['B', 'C']);
    for (const target of report.targets) {
      expect(target).toMatchObject({ messages: report.source?.messages, duplicates: 0, gaps: 0, isEqual: true });
    }
    expect(report.directory).toBeNull();
  });

  it('says what was wrong, in words and by its exit code, and keeps what it made', async () => {
    const failure: unknown = await run(process.execPath, [PROGRAM, join(directory, 'gone'), '--json']).catch((error: unknown) => error);
    const { code, stdout, stderr } = failure as { code: number; stdout: string; stderr: string };
    const report = JSON.parse(stdout) as DemoReport;
    expect(code).toBe(1);
    expect(report.problems[0]).toContain('cannot be read');
    expect(stderr).toContain(report.directory);
    expect(existsSync(report.directory ?? '')).toBe(true);
    rmSync(report.directory ?? '', { recursive: true });
  });
});
