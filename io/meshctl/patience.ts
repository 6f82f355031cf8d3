/** What meshctl says while it waits: for a level that does not come, and for a node that is gone. Each thing once. */
import type { Context } from './context.js';

/** Says what a publish waits for when nothing has moved for a while, until `end`. */
export function tellWhenStuck({ client, console }: Context, streamId: string, level: string): { moved(): void; end(): void } {
  const tell = async (): Promise<void> => {
    const status = await client.getMeshStatus().catch(() => null);
    const stream = status?.streams.find(({ id }) => id === streamId);
    if (status === null || stream === undefined) return;
    const slowest = [...(stream.targets ?? [])].sort((a, b) => Number(a.settled ?? 0) - Number(b.settled ?? 0))[0];
    const name = (status.mesh?.members ?? []).find(({ id }) => id === slowest?.nodeId)?.name ?? slowest?.nodeId ?? 'no target';
    console.say(
      `waiting for ${level}: accepted ${stream.accepted}, replicated ${stream.replicated}, completed ${stream.completed}; ` +
        `${name} is the slowest target, at ${slowest?.settled ?? 0}`,
    );
  };
  let timer = setInterval(() => void tell(), PATIENCE_MS);
  return {
    moved: () => {
      clearInterval(timer);
      timer = setInterval(() => void tell(), PATIENCE_MS);
    },
    end: () => clearInterval(timer),
  };
}

/** Says that a call broke once per outage, not once per try. */
export class Outage {
  readonly #say: (line: string) => void;
  #isTold = false;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  broke(message: string): void {
    if (!this.#isTold) this.#say(`the call broke (${message}); trying again until it holds`);
    this.#isTold = true;
  }

  over(): void {
    if (this.#isTold) this.#say('connected again');
    this.#isTold = false;
  }
}

const PATIENCE_MS = 5_000;
