/** Who is first among those that wait for one thing, which the first may use up: another one each time. */
export class TurnOrder {
  #count = 0;

  next<Waiting>(waiting: readonly Waiting[]): Waiting[] {
    if (waiting.length === 0) return [];
    const first = this.#count++ % waiting.length;
    return [...waiting.slice(first), ...waiting.slice(0, first)];
  }
}
