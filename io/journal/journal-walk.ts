/**
 * Reads a whole LMDB environment in a child process: damage inside it can end the reader by SIGBUS or SIGSEGV, or
 * by an assertion of LMDB's, and then it is the child that dies. Also begins a write transaction and aborts it, which
 * reads the list of free pages. Values are verified afterwards, by the core that wrote them, in the parent.
 */
import { spawn } from 'node:child_process';
import { DATABASES, DATABASE_OPTIONS, type EnvironmentOptions, lmdbModulePath } from './environment.js';

export type WalkOutcome =
  | { readonly kind: 'whole'; readonly entryCount: number }
  /** LMDB said so, the order of keys was broken, or the child died. */
  | { readonly kind: 'damaged'; readonly detail: string };

interface WalkTask {
  readonly lmdbPath: string;
  readonly environment: EnvironmentOptions;
  readonly databases: readonly string[];
  readonly databaseOptions: typeof DATABASE_OPTIONS;
}

/** Walks the environment. Costs a process and one pass over the file: about 0.2 s and 1 s per GB. */
export function walkEnvironment(environment: EnvironmentOptions, timeoutMs: number): Promise<WalkOutcome> {
  const task: WalkTask = {
    lmdbPath: lmdbModulePath(),
    environment,
    databases: DATABASES,
    databaseOptions: DATABASE_OPTIONS,
  };
  const program = `(${walkInChild.toString()})(require, ${JSON.stringify(task)});`;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=commonjs', '--eval', program], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    let answer = '';
    let complaint = '';
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.stdout.on('data', (text) => (answer += String(text)));
    child.stderr.on('data', (text) => (complaint = (complaint + String(text)).slice(-COMPLAINT_CHARS_MAX)));
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ kind: 'damaged', detail: `no process to walk it: ${error.message}` });
    });
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      const whole = /^whole (\d+)$/m.exec(answer);
      if (exitCode === 0 && whole !== null) return resolve({ kind: 'whole', entryCount: Number(whole[1]) });
      const damaged = /^damaged (.*)$/m.exec(answer)?.[1];
      const death = signal === null ? `exit code ${exitCode}` : `signal ${signal}`;
      const detail = isLate ? `reading it took longer than ${timeoutMs} ms` : `reading it ended with ${death}`;
      resolve({ kind: 'damaged', detail: damaged ?? `${detail} ${complaint.trim()}`.trim() });
    });
  });
}

/** Runs in the child, from its own text: it may use nothing but its arguments. */
function walkInChild(load: NodeJS.Require, task: WalkTask): void {
  const lmdb = load(task.lmdbPath) as typeof import('lmdb');
  const report = (line: string): void => {
    load('node:fs').writeSync(1, `${line}\n`);
  };
  try {
    const environment = lmdb.open(task.environment);
    let entryCount = 0;
    let touched = 0;
    const names = new Set<string>();
    for (const { key } of environment.getRange({})) names.add(String(key));
    for (const name of task.databases) {
      // Opening a database that is not there would make it.
      if (!names.has(name)) continue;
      const database = environment.openDB<Buffer, Buffer>({ name, ...task.databaseOptions });
      let previous: Buffer | null = null;
      for (const { key, value } of database.getRange({})) {
        // Pages that point back to one another would be walked for ever.
        if (previous !== null && previous.compare(key) >= 0) throw new Error(`keys of ${name} are out of order`);
        previous = Buffer.from(key);
        for (let at = 0; at < value.length; at += 512) touched ^= value[at] ?? 0;
        entryCount++;
      }
      environment.transactionSync(() => {
        database.putSync(Buffer.alloc(8, 255), Buffer.alloc(1024 * 1024, touched));
        return lmdb.ABORT;
      });
    }
    report(`whole ${entryCount}`);
    process.exit(0);
  } catch (error) {
    report(`damaged ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}

const COMPLAINT_CHARS_MAX = 400;
