/** The two readings that groups give most often. */
import type { GroupContext } from './context.js';

/** A rare thing happened. */
export const mark = (context: GroupContext, name: string): void => context.emit({ kind: 'notice', notice: { kind: 'mark', name } });

export const count = (context: GroupContext, name: string): void => context.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
