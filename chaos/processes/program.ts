/**
 * A program of this build as a child process that answers questions over its channel: one question at a time, one
 * answer each. The child ends when its parent does, however that ends.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The parent's end. `Q` and `A` survive JSON. */
export class Program<Q, A> {
  readonly name: string;
  /** Rejects when the child ends before `end` was called. */
  readonly lost: Promise<never>;
  readonly #child: ChildProcess;
  readonly #waiting: { readonly resolve: (answer: A) => void; readonly fail: (error: Error) => void }[] = [];
  #isEnding = false;

  /** `module` is the URL of the compiled program. */
  constructor(name: string, module: URL, nodeArguments: readonly string[] = []) {
    this.name = name;
    this.#child = fork(fileURLToPath(module), { execArgv: [...nodeArguments], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (answer) => this.#waiting.shift()?.resolve(answer as A));
    this.lost = new Promise((_, fail) => {
      this.#child.on('exit', (code, signal) => {
        const error = new Error(`${name} ended: ${signal ?? `exit code ${code}`}`);
        for (const waiting of this.#waiting.splice(0)) waiting.fail(error);
        if (!this.#isEnding) fail(error);
      });
    });
    // Whoever asks hears of it; so does who waits for `lost`.
    this.lost.catch(() => undefined);
  }

  ask(question: Q): Promise<A> {
    return new Promise((resolve, fail) => {
      this.#waiting.push({ resolve, fail });
      this.#child.send(question as object, (error) => {
        if (error !== null) fail(error);
      });
    });
  }

  /** Lets the child end by itself: its channel closes. Resolves when it is gone. */
  end(): Promise<void> {
    this.#isEnding = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
      this.#child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      if (this.#child.connected) this.#child.disconnect();
    });
  }
}

/** The child's end: answers every question in turn; a question that fails ends the process loudly. */
export function answerQuestions<Q, A>(answer: (question: Q) => Promise<A>): void {
  const channel = process.send?.bind(process);
  if (channel === undefined) throw new Error('this program is started by another one');
  let turn: Promise<void> = Promise.resolve();
  process.on('message', (question) => {
    turn = turn.then(async () => void channel(await answer(question as Q)));
  });
  process.on('disconnect', () => process.exit(0));
}

const END_MS = 5_000;
