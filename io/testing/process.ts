/** Runs the built programs as a user would, for tests. `npm test` builds first. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Runs a program to its end. */
export function run(program: 'meshd' | 'meshctl', args: readonly string[], extra: { input?: string; env?: Record<string, string> } = {}): Promise<Finished> {
  const child = launch(program, args, extra.env);
  let out = '';
  let err = '';
  child.stdout?.on('data', (part: Buffer) => (out += part.toString('utf8')));
  child.stderr?.on('data', (part: Buffer) => (err += part.toString('utf8')));
  child.stdin?.end(extra.input ?? '');
  return new Promise((resolve, fail) => {
    child.on('error', fail);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** A meshd that runs until it is stopped. */
export class RunningNode {
  /** Log lines, parsed. */
  readonly lines: Record<string, unknown>[] = [];
  readonly child: ChildProcess;
  err = '';
  #onLine: (() => void)[] = [];
  #closed: Promise<number | null>;

  constructor(args: readonly string[]) {
    this.child = launch('meshd', args);
    this.child.stderr?.on('data', (part: Buffer) => (this.err += part.toString('utf8')));
    if (this.child.stdout !== null) {
      createInterface({ input: this.child.stdout }).on('line', (line) => {
        this.lines.push(JSON.parse(line) as Record<string, unknown>);
        this.#wake();
      });
    }
    this.#closed = new Promise((resolve) => this.child.on('close', resolve));
    void this.#closed.then(() => this.#wake());
  }

  /** The next log line (after the first `skip` of them) of that event. Rejects when the process ends before it. */
  async event(name: string): Promise<Record<string, unknown>> {
    for (;;) {
      const line = this.lines.find((each) => each['event'] === name);
      if (line !== undefined) return line;
      if (this.child.exitCode !== null) throw new Error(`meshd ended with ${this.child.exitCode}: ${this.err}`);
      await new Promise<void>((resolve) => this.#onLine.push(resolve));
    }
  }

  /** Sends a signal and gives the exit code. */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.child.kill(signal);
    return this.#closed;
  }

  #wake(): void {
    for (const wake of this.#onLine.splice(0)) wake();
  }
}

/** Without the settings that this process may have been given. */
function launch(program: string, args: readonly string[], extra: Record<string, string> = {}): ChildProcess {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('MESH_')));
  return spawn(process.execPath, [`${ROOT}dist/io/programs/${program}.js`, ...args], {
    env: { ...env, ...extra },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
