/**
 * Log lines and counters out of the core's notices. Ids stand in fields of their own, never inside a text. Counting is
 * an addition to a map: prom-client sees the sums when somebody asks.
 */
import type { Logger } from 'pino';
import type { Notice } from '../../core/base/notice.js';

export class NoticeLog {
  readonly #log: Logger;
  readonly #counts = new Map<string, number>();
  readonly #marks = new Map<string, number>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Sums of `count` notices by name. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  /** How often each `mark` was reached. */
  get marks(): ReadonlyMap<string, number> {
    return this.#marks;
  }

  onNotice(notice: Notice): void {
    switch (notice.kind) {
      case 'count':
        return add(this.#counts, notice.name, notice.by);
      case 'mark':
        this.#log.debug({ event: notice.name }, notice.name);
        return add(this.#marks, notice.name, 1);
      case 'log':
        return this.#log[notice.level]({ event: notice.event, ...notice.fields }, notice.event);
      case 'raft-leader':
        return this.#log.info({ event: 'leader', group: notice.group, term: notice.term, leader: notice.node }, 'leader');
      case 'mesh-joined':
        return this.#log.info({ event: 'mesh-joined', mesh: notice.mesh }, 'mesh-joined');
      case 'raft-configuration':
      case 'raft-committed':
      case 'raft-applied':
      case 'group-reported':
      case 'group-founded':
      case 'stream-accepted':
      case 'stream-completed':
        // For oracles: one a batch, which a log could not bear.
        return undefined;
    }
  }
}

function add(sums: Map<string, number>, name: string, by: number): void {
  sums.set(name, (sums.get(name) ?? 0) + by);
}
