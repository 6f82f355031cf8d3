/** The outcome of an operation that may be refused: a value, or one `Reject` from the closed list. */
import type { Reject } from './reject.js';

export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reject: Reject };

export const accept = <T>(value: T): Result<T> => ({ ok: true, value });
export const refuse = <T = never>(reject: Reject): Result<T> => ({ ok: false, reject });
