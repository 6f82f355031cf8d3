/**
 * A meshd of this build as a process: started, killed, started again with the same ports and data directory. It ends
 * only what it started, by the handle of the child. The children have process groups of their own: an interrupt at the
 * terminal reaches the program that started them, which then ends them in its own order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface MeshdOptions {
  readonly name: string;
  /** Holds the data directory and the log of every node of this run. */
  readonly directory: string;
  /** HOST:PORT. */
  readonly grpc: string;
  /** HOST:PORT for neighbours; null behind NAT. */
  readonly listen: string | null;
  /** HOST:PORT of the admin server; null for none. */
  readonly admin: string | null;
  readonly dial: readonly string[];
  /** Further arguments of meshd. */
  readonly more?: readonly string[];
  /** Arguments of the runtime itself, as of a profiler. */
  readonly nodeArguments?: readonly string[];
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class MeshdProcess {
  readonly name: string;
  readonly logPath: string;
  readonly #options: MeshdOptions;
  #child: ChildProcess | null = null;
  #ending: Promise<Ending> | null = null;
  #isWanted = false;
  #startCount = 0;
  /** The process ended and nobody had asked it to. */
  onLost: (ending: Ending) => void = () => undefined;

  constructor(options: MeshdOptions) {
    this.name = options.name;
    this.#options = options;
    this.logPath = join(options.directory, `${options.name}.log`);
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get startCount(): number {
    return this.#startCount;
  }

  /** Starts the process. It is up when its gRPC server answers. */
  start(): void {
    if (this.#child !== null) throw new Error(`${this.name} is running`);
    mkdirSync(this.#options.directory, { recursive: true });
    const log = openSync(this.logPath, 'a');
    const child = spawn(process.execPath, [...(this.#options.nodeArguments ?? []), MESHD, ...this.#arguments()], {
      stdio: ['ignore', log, log],
      detached: true,
      cwd: this.#options.directory,
      env: withoutMeshSettings(process.env),
    });
    closeSync(log);
    this.#child = child;
    this.#isWanted = true;
    this.#startCount++;
    this.#ending = new Promise((resolve) => {
      const onEnd = (code: number | null, signal: NodeJS.Signals | null): void => {
        if (this.#child !== child) return;
        this.#child = null;
        resolve({ code, signal });
        if (this.#isWanted) this.onLost({ code, signal });
      };
      child.once('exit', onEnd);
      child.once('error', () => onEnd(null, null));
    });
  }

  /** SIGKILL: no word to anybody. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#isWanted = false;
    this.#child?.kill('SIGKILL');
    await this.#ending;
  }

  /** SIGSTOP: it stands still with its sockets open, and the system goes on for it. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** SIGTERM, and SIGKILL to what does not end in time. Null when nothing ran. */
  async stop(): Promise<Ending | null> {
    this.#isWanted = false;
    const child = this.#child;
    if (child === null) return null;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    const ending = await this.#ending;
    clearTimeout(timer);
    return ending;
  }

  #arguments(): string[] {
    const { name, directory, grpc, listen, admin, dial, more } = this.#options;
    return [
      ...['--name', name, '--data-dir', join(directory, name), '--grpc', grpc],
      ...['--listen', listen ?? 'off', '--admin', admin ?? 'off'],
      ...(dial.length > 0 ? ['--dial', ...dial] : []),
      ...(more ?? []),
    ];
  }
}

/** What the user has set for a meshd of their own must not reach these. */
function withoutMeshSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([key]) => !key.startsWith('MESH_')));
}

const MESHD = fileURLToPath(new URL('../../io/programs/meshd.js', import.meta.url));
const STOP_MS = 15_000;
