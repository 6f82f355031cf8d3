/**
 * The configuration of the mesh is linearizable: as if every call took place at one moment between its beginning and its
 * end. What makes that cheap to check is that the mesh says where: a change has the number of its update, a read the number
 * of the newest update that it holds. So calls are compared by these places alone:
 *
 * - a call that begins after another one has ended takes place after it (a read not before it);
 * - a read shows, for its key, the newest change up to its place, and nothing that was refused;
 * - a change that names a revision takes place right after that one, of its key; a refusal names another revision, which
 *   was the newest at some moment since the change was asked for;
 * - a change, however often it is sent, takes place once.
 *
 * A change without an answer may have taken place or not, and is known by its value, which nobody else writes. Costs as much
 * as there were calls of one key.
 */
import type { ViolationSink } from './violations.js';

/** What a client asks for. `value` null removes; `expected` null: whatever the revision is. */
export interface ConfigChangeCall {
  readonly key: string;
  readonly value: string | null;
  readonly expected: number | null;
}

/** Of an open call: nothing that had ended before it takes place after it. */
export interface OpenCall {
  readonly floor: number;
}

interface Change extends ConfigChangeCall {
  readonly revision: number;
}

interface Span {
  /** No change of the key has a revision within (after, through]. */
  readonly after: number;
  readonly through: number;
  readonly why: string;
}

interface Register {
  /** Ascending by revision. */
  readonly changes: Change[];
  /** What was seen, as spans in which nothing may have changed. */
  readonly spans: Span[];
  /** What reads have shown: revision → value. */
  readonly shown: Map<number, string>;
  /** Places where reads have shown no row. */
  readonly absences: number[];
}

export class ConfigRegisters {
  readonly #sink: ViolationSink;
  readonly #registers = new Map<string, Register>();
  /** Where each value was written, or seen: one place. */
  readonly #writtenAt = new Map<string, number>();
  /** Values of changes that were refused: nobody may ever see them. */
  readonly #refused = new Map<string, string>();
  /** Keys of which a removal has no answer: it leaves no trace where it took place. */
  readonly #lostRemovals = new Set<string>();
  /** The highest place of all calls that have ended. */
  #floor = 0;
  #checked = 0;

  constructor(sink: ViolationSink) {
    this.#sink = sink;
  }

  /** How many calls have ended with an answer that was checked. */
  get checkedCount(): number {
    return this.#checked;
  }

  begin(): OpenCall {
    return { floor: this.#floor };
  }

  /** A linearizable read has ended. `revision` 0: there was no row. */
  onRead(open: OpenCall, key: string, read: { readonly place: number; readonly revision: number; readonly value: string | null }): void {
    if (read.place < open.floor) {
      this.#report(`a read of ${key} took place at ${read.place}, after a call that had ended at ${open.floor}`);
    }
    this.#onSeen(key, read);
    this.#end(read.place);
  }

  /** A local read: it may be behind, but shows the state of one moment. */
  onLocalRead(key: string, read: { readonly place: number; readonly revision: number; readonly value: string | null }): void {
    this.#onSeen(key, read);
    this.#checked++;
  }

  onChanged(open: OpenCall, call: ConfigChangeCall, revision: number): void {
    const { key, value, expected } = call;
    const what = value === null ? `the removal of ${key}` : `${key}=${value}`;
    if (revision <= open.floor) this.#report(`${what} took place at ${revision}, before a call that had ended at ${open.floor}`);
    const register = this.#registerOf(key);
    const at = placeOf(register.changes, revision);
    if (register.changes[at]?.revision === revision) this.#report(`${what} has the revision ${revision} of another change of its key`);
    register.changes.splice(at, 0, { ...call, revision });
    this.#checkSpans(register, revision, what);
    if (value !== null) this.#onWritten(value, revision);
    const shown = register.shown.get(revision);
    if (shown !== undefined && shown !== value) this.#report(`${what} took place at ${revision}, where a read has shown ${shown}`);
    // Nothing between the revision that it names and itself; 0 stands for any removal, which `judge` looks at.
    if (expected !== null && expected > 0) this.#span(register, { after: expected, through: revision - 1, why: `${what} was to replace ${expected}` });
    this.#end(revision);
  }

  /** The change was refused, for the key has `present` as its revision; null: no revision was named. */
  onRefused(open: OpenCall, { key, value, expected }: ConfigChangeCall, present: number | null): void {
    if (value !== null) {
      this.#refused.set(value, key);
      for (const [revision, shown] of this.#registerOf(key).shown) {
        if (shown === value) this.#report(`${key}=${value} was refused, and a read has shown it at ${revision}`);
      }
    }
    if (present !== null && present === expected) this.#report(`${key}=${value ?? ''} was refused although the revision is ${present}, as it named`);
    if (present !== null && present > 0) {
      this.#span(this.#registerOf(key), { after: present, through: open.floor, why: `a refusal named ${present} as present` });
    }
    this.#checked++;
  }

  /** At the end: reads have shown no row, and changes have named revision 0, where the newest change was a removal. */
  judge(): void {
    for (const [key, { changes, absences }] of this.#registers) {
      if (this.#lostRemovals.has(key)) continue;
      for (const place of absences) {
        const before = changes[placeOf(changes, place + 1) - 1];
        if (before !== undefined && before.value !== null) {
          this.#report(`a read of ${key} at ${place} shows no row, and it was set at ${before.revision}`);
        }
      }
      for (const [at, { expected, revision }] of changes.entries()) {
        const before = changes[at - 1];
        if (expected === 0 && before !== undefined && before.value !== null) {
          this.#report(`${key} was made at ${revision} as if it did not exist, and it was there since ${before.revision}`);
        }
      }
    }
  }

  /** Nobody knows what became of the change. */
  onUnknown({ key, value }: ConfigChangeCall): void {
    if (value === null) this.#lostRemovals.add(key);
  }

  #onSeen(key: string, { place, revision, value }: { readonly place: number; readonly revision: number; readonly value: string | null }): void {
    const register = this.#registerOf(key);
    if (value === null) {
      // The removal that it is owed to may not be answered yet.
      register.absences.push(place);
      return;
    }
    if (revision > place || revision === 0) this.#report(`a read of ${key} at ${place} shows the revision ${revision}`);
    if (this.#refused.has(value)) this.#report(`a read of ${key} shows ${value}, which was refused`);
    const known = register.shown.get(revision) ?? register.changes[placeOf(register.changes, revision)];
    const written = typeof known === 'object' ? (known.revision === revision ? known.value : undefined) : known;
    if (written !== undefined && written !== value) this.#report(`a read of ${key} shows ${value} at ${revision}, where ${written} was written`);
    this.#onWritten(value, revision);
    if (!register.shown.has(revision)) this.#checkSpans(register, revision, `${key}=${value}`);
    register.shown.set(revision, value);
    this.#span(register, { after: revision, through: place, why: `a read at ${place} showed the revision ${revision}` });
  }

  #onWritten(value: string, revision: number): void {
    const known = this.#writtenAt.get(value) ?? revision;
    this.#writtenAt.set(value, known);
    if (known !== revision) this.#report(`${value} was written at ${known} and again at ${revision}`);
  }

  #checkSpans({ spans }: Register, revision: number, what: string): void {
    for (const { after, through, why } of spans) {
      if (revision > after && revision <= through) this.#report(`${what} took place at ${revision}, within (${after}, ${through}]: ${why}`);
    }
  }

  #span(register: Register, span: Span): void {
    if (span.through <= span.after) return;
    const within = register.changes[placeOf(register.changes, span.after + 1)];
    if (within !== undefined && within.revision <= span.through) this.#report(`${within.key} was changed at ${within.revision}, within (${span.after}, ${span.through}]: ${span.why}`);
    for (const revision of register.shown.keys()) {
      if (revision > span.after && revision <= span.through) this.#report(`a change at ${revision} was shown, within (${span.after}, ${span.through}]: ${span.why}`);
    }
    register.spans.push(span);
  }

  #end(place: number): void {
    this.#floor = Math.max(this.#floor, place);
    this.#checked++;
  }

  #registerOf(key: string): Register {
    let register = this.#registers.get(key);
    if (register === undefined) this.#registers.set(key, (register = { changes: [], spans: [], shown: new Map(), absences: [] }));
    return register;
  }

  #report(detail: string): void {
    this.#sink.report('config-not-linearizable', detail);
  }
}

/** Where a change of that revision stands, or would stand. */
function placeOf(changes: readonly Change[], revision: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle] as Change).revision < revision) low = middle + 1;
    else high = middle;
  }
  return low;
}
