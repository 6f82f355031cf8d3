/** Waiting for a condition of another process, by asking again and again until a limit. */
import { setTimeout as delay } from 'node:timers/promises';

/** What did not come true in time. */
export class PatienceEnded extends Error {
  override readonly name = 'PatienceEnded';
}

/**
 * Asks `isTrue` every `everyMs` until it says yes. `isTrue` gives true, or in words what is still missing; the last of
 * these words stand in the error.
 */
export async function until(
  what: string,
  isTrue: () => Promise<true | string>,
  { limitMs, everyMs }: { readonly limitMs: number; readonly everyMs: number },
): Promise<void> {
  const from = performance.now();
  for (;;) {
    const answer = await isTrue();
    if (answer === true) return;
    if (performance.now() - from > limitMs) {
      throw new PatienceEnded(`${what}: not within ${Math.round(limitMs / 1000)} s; ${answer}`);
    }
    await delay(everyMs);
  }
}
