/** What the runners of handlers have in common: a handler's outcome as a word, and one wait at a time that ends with its runner. */

/** Runs a handler. Null when it has succeeded; else why not: whatever it throws, at once or later, makes it fail. */
export async function failureOf(run: () => unknown): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export class Retry {
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  /** Nothing begins any more. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  get isWaiting(): boolean {
    return this.#timer !== null;
  }

  /** Unless something waits already. Keeps no process alive. */
  after(waitMs: number, then: () => void): void {
    if (this.#isStopped || this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      then();
    }, waitMs);
    this.#timer.unref();
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
