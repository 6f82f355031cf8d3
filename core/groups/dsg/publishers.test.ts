import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { type MessageId, type StreamId, idFromBytes } from '../../base/ids.js';
import { reject } from '../../base/reject.js';
import { logIndex } from '../../base/units.js';
import type { StreamEntry } from '../../wire/group-messages.js';
import type { SessionWatermarks } from '../context.js';
import { shapeOfNodes } from '../testing/shape.js';
import { GroupHost, nodeNamed } from '../testing/group-host.js';
import { type LevelSeqs, Publishers } from './publishers.js';
import { StreamLog } from './stream-log.js';

const STREAM = idFromBytes<StreamId>(new Uint8Array(16).fill(3));
const T = nodeNamed('t');
const WHY = reject('MESH_STOPPED', 'node', 'stopped');

class Desk {
  readonly host = new GroupHost('s', { config: { publisherWindowBytes: 4000, chunkBytesMax: 400, headersBytesMax: 100 } });
  readonly detached: string[] = [];
  readonly publishers = new Publishers(this.host.context, STREAM, (producer) => void this.detached.push(producer));
  readonly log = new StreamLog(shapeOfNodes([T]), 8);
  accepted = 0;
  credit = 1000;
  #index = 0;

  /** A session whose publisher has been told its place. */
  begin(request: number, producer: string): void {
    this.publishers.attach(request, producer, 1);
    if (!this.publishers.open(request)) throw new Error('a new session opens');
  }

  /** Batches of (producer, producerSeqs), numbered one after the other. */
  admit(...batches: [string, number[]][]): void {
    for (const [producer, producerSeqs] of batches) {
      const firstSeq = this.log.state.next.seq;
      const records = producerSeqs.map((producerSeq) => ({ producerSeq, checksum: 0, digest: EMPTY_BYTES, freeId: '', headers: EMPTY_BYTES, payload: EMPTY_BYTES }));
      this.#apply({ kind: 'messages', firstSeq, chunkSeq: 0, chunkCount: 1, producer, baseMessageId: idFromBytes<MessageId>(new Uint8Array(16)), epoch: 0, controlNo: 0, records });
    }
    this.accepted = Math.max(this.accepted, this.log.state.lastSeq);
  }

  settle(seq: number): void {
    this.#apply({ kind: 'settled', marks: [{ target: T, seq }], timeMs: 0 });
  }

  turn(): void {
    this.publishers.onCompleted(this.log);
    const levels: LevelSeqs = { accepted: this.accepted, replicated: this.log.state.lastSeq, completed: this.log.state.completed };
    this.publishers.update(levels, (producer, completed) => ({
      accepted: this.log.state.producers.get(producer)?.last ?? 0,
      replicated: this.log.state.producers.get(producer)?.last ?? 0,
      completed,
      creditBytes: this.credit,
    }));
  }

  told(request: number): SessionWatermarks[] {
    return this.host.factsOf('watermarks').filter((fact) => fact.request === request).map(({ watermarks }) => watermarks);
  }

  answered(): string[] {
    return this.host.factsOf('reply').map(({ request, result }) => (result.ok ? `${request} ok` : `${request} ${result.reject.code}`));
  }

  #apply(entry: StreamEntry): void {
    this.log.apply(logIndex(++this.#index), entry);
  }
}

describe('a waiting publish', () => {
  it('is answered at its level, in whatever order they came', () => {
    const desk = new Desk();
    desk.publishers.wait(1, 3, 'completed', false);
    desk.publishers.wait(2, 1, 'completed', true);
    desk.publishers.wait(3, 2, 'replicated', false);
    desk.publishers.wait(4, 4, 'accepted', false);
    desk.publishers.wait(5, 2, 'completed', false);
    desk.accepted = 4;
    desk.turn();
    expect(desk.answered()).toEqual(['4 ok']);
    desk.admit(['p', [1, 2, 3, 4]]);
    desk.turn();
    desk.settle(2);
    desk.turn();
    desk.turn();
    expect(desk.answered()).toEqual(['4 ok', '3 ok', '2 ok', '5 ok']);
    desk.settle(4);
    desk.turn();
    expect(desk.answered().at(-1)).toBe('1 ok');
    expect(desk.publishers.waiterCount).toBe(0);
    expect(desk.host.factsOf('reply')[2]?.result).toMatchObject({ value: { kind: 'published', stream: STREAM, seq: 1, level: 'completed', isRepeat: true } });
  });

  it('can be forgotten, and is refused when the node stops', () => {
    const desk = new Desk();
    for (const request of [1, 2, 3]) desk.publishers.wait(request, request, 'replicated', false);
    desk.publishers.forgetWaiter(2);
    desk.publishers.endAll(WHY);
    expect([desk.answered(), desk.publishers.waiterCount]).toEqual([['1 MESH_STOPPED', '3 MESH_STOPPED'], 0]);
    desk.accepted = 9;
    desk.turn();
    expect(desk.answered().length).toBe(2);
  });
});

describe('a session', () => {
  it('hears how far its own producer is, whoever else publishes', () => {
    const desk = new Desk();
    desk.begin(1, 'p');
    desk.begin(2, 'q');
    desk.admit(['p', [1, 2]], ['q', [10, 20]], ['p', [5]], ['q', [30]]);
    const completed: [number, number][] = [];
    for (let seq = 0; seq <= 6; seq++) {
      if (seq > 0) desk.settle(seq);
      desk.turn();
      completed.push([desk.told(1).at(-1)?.completed ?? -1, desk.told(2).at(-1)?.completed ?? -1]);
    }
    expect(completed).toEqual([[0, 0], [1, 0], [2, 0], [2, 10], [2, 20], [5, 20], [5, 30]]);
  });

  it('knows what was completed before it began, also when the log begins with a snapshot', () => {
    const desk = new Desk();
    desk.admit(['p', [1, 2, 3]], ['q', [7]]);
    desk.settle(4);
    desk.turn();
    const cut = desk.log.compact(1, 1);
    if (cut === null) throw new Error('nothing to compact');
    const later = new Desk();
    expect(later.log.restore(logIndex(cut.through), cut.state)).toBe(true);
    later.publishers.restart(later.log);
    for (const [at, of] of [desk, later].entries()) {
      of.begin(5, 'p');
      of.begin(6, 'q');
      of.turn();
      expect([at, of.told(5).at(-1)?.completed, of.told(6).at(-1)?.completed]).toEqual([at, 3, 7]);
    }
  });

  it('hears of watermarks at once, of credit in portions, and of nothing twice', () => {
    const desk = new Desk();
    desk.begin(1, 'p');
    for (let n = 0; n < 3; n++) desk.turn();
    expect(desk.told(1).length).toBe(1);
    desk.credit = 1999;
    desk.turn();
    expect(desk.told(1).length).toBe(1);
    desk.credit = 2000;
    desk.turn();
    expect(desk.told(1).map(({ creditBytes }) => creditBytes)).toEqual([1000, 2000]);
    desk.publishers.onOffered(1, 1000);
    desk.turn();
    expect(desk.told(1).at(-1)?.creditBytes).toBe(2000);
    expect(desk.told(1).length).toBe(3);
    desk.admit(['p', [1]]);
    desk.turn();
    expect(desk.told(1).length).toBe(4);
  });

  it('hears of little credit as soon as a chunk fits again', () => {
    const desk = new Desk();
    desk.credit = 300;
    desk.begin(1, 'p');
    desk.turn();
    desk.credit = 499;
    desk.turn();
    expect(desk.told(1).length).toBe(1);
    desk.credit = 500;
    desk.turn();
    expect(desk.told(1).map(({ creditBytes }) => creditBytes)).toEqual([300, 500]);
  });

  it('is fenced by a newer one of its producer, and no longer counts', () => {
    const desk = new Desk();
    desk.begin(1, 'p');
    desk.begin(2, 'p');
    desk.begin(3, 'q');
    expect(desk.host.factsOf('ended').map(({ request, result }) => [request, result.ok ? null : result.reject.code])).toEqual([[1, 'FENCED']]);
    expect([1, 2, 3].map((request) => desk.publishers.producerOf(request))).toEqual([null, 'p', 'q']);
    expect(desk.detached).toEqual(['p']);
    desk.publishers.detach(2);
    desk.begin(4, 'p');
    expect(desk.host.factsOf('ended').length).toBe(1);
  });

  it('ends once, by whoever ends it', () => {
    const desk = new Desk();
    for (const [request, producer] of [[1, 'p'], [2, 'q'], [3, 'r']] as const) desk.begin(request, producer);
    desk.publishers.detach(1);
    desk.publishers.end(2, WHY);
    desk.publishers.end(2, WHY);
    desk.publishers.endSessions(WHY);
    expect(desk.host.factsOf('ended').map(({ request }) => request)).toEqual([2, 3]);
    expect(desk.detached).toEqual(['p', 'q', 'r']);
    desk.turn();
    expect(desk.host.factsOf('watermarks')).toEqual([]);
  });

  it('hears nothing before it is open, and is refused when it ends before', () => {
    const desk = new Desk();
    desk.publishers.attach(1, 'p', 1);
    desk.turn();
    expect(desk.told(1)).toEqual([]);
    desk.begin(2, 'p');
    expect(desk.publishers.open(1)).toBe(false);
    expect([desk.answered(), desk.host.factsOf('ended')]).toEqual([['1 FENCED'], []]);
    desk.turn();
    expect(desk.told(2).length).toBe(1);
  });
});
