/**
 * The history of measurements, one document a line, newest last: what it was measured on without the machine's name,
 * so that numbers of one machine are compared with one another and with nothing else.
 */
import { appendFileSync } from 'node:fs';
import type { BenchDocument } from './document.js';

/** Appends to the history file. `date` is that of the day. */
export function record(path: string, document: BenchDocument, date: Date): void {
  appendFileSync(path, `${JSON.stringify({ date: date.toISOString().slice(0, 10), ...document })}\n`);
}
