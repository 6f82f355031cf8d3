import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES } from '../../base/bytes.js';
import { type StreamId, idFromBytes } from '../../base/ids.js';
import { micros } from '../../base/units.js';
import { StreamEntry } from '../../wire/group-messages.js';
import { GroupHost, nodeNamed } from '../testing/group-host.js';
import type { LeaderView } from '../leader-view.js';
import { Proposer } from './proposer.js';
import { Staging } from './staging.js';
import { Uploads } from './uploads.js';

const STREAM = idFromBytes<StreamId>(new Uint8Array(16).fill(3));
const [L, M] = [nodeNamed('l'), nodeNamed('m')];
const LOCAL: LeaderView = { kind: 'local' };
const remote = (node = L): LeaderView => ({ kind: 'remote', node });

class Desk {
  readonly host: GroupHost;
  readonly staging: Staging;
  readonly uploads: Uploads;
  readonly proposer: Proposer;
  /** What came out: `firstSeq/chunkSeq` and where to. */
  readonly sent: string[] = [];
  readonly unreadable: number[] = [];
  isRefusing = false;
  turns = 0;
  #next = 1;

  constructor(config = {}) {
    this.host = new GroupHost('s', { config: { batchMessagesMax: 1, ...config } });
    this.staging = new Staging(this.host.context, STREAM, () => undefined, () => undefined);
    this.uploads = new Uploads(this.host.context, STREAM);
    this.proposer = new Proposer(
      this.host.context,
      this.staging,
      {
        propose: (_now, batch, entry) => this.#take('here', batch.firstSeq, entry),
        sendToLeader: (node, entry) => this.#take(node === L ? 'l' : 'm', null, entry),
        onNeedsTurn: () => void this.turns++,
        onUnreadable: (batch) => void this.unreadable.push(batch.firstSeq),
      },
      this.host.deadlines,
      STREAM,
    );
  }

  stage(count: number, bytes = 10): void {
    for (let i = 0; i < count; i++) {
      const record = { producerSeq: this.#next++, checksum: 0, digest: EMPTY_BYTES, freeId: '', headers: EMPTY_BYTES, payload: new Uint8Array(bytes) };
      this.staging.stage(this.host.now, 'p', record);
    }
    this.staging.onTurn();
  }

  chunk(chunkSeq: number, chunkCount: number, bytes = 50): void {
    const record = { producerSeq: this.#next, checksum: 0, digest: EMPTY_BYTES, freeId: '', headers: EMPTY_BYTES, payload: new Uint8Array(bytes) };
    const added = this.uploads.add(this.host.now, 'p', record, chunkSeq, chunkCount);
    if (!added.ok) throw new Error(added.reject.code);
    if (added.value !== null) {
      const { seq, upload } = this.staging.stageUpload('p', this.#next++, added.value.baseMessageId, added.value.blobs);
      this.uploads.recordNumber(seq, 'p', added.value, upload);
    }
    this.staging.onTurn();
  }

  pump(): void {
    this.proposer.pump(this.host.now);
  }

  /** Pumps, with reads answered, until nothing more comes. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      const before = this.sent.length;
      this.pump();
      if (!this.host.answerRead() && this.sent.length === before) return;
    }
    throw new Error('the proposer does not come to rest');
  }

  #take(to: string, expectedSeq: number | null, bytes: Uint8Array): boolean {
    if (this.isRefusing) return false;
    const entry = StreamEntry.decode(bytes);
    if (entry?.kind !== 'messages' || (expectedSeq !== null && entry.firstSeq !== expectedSeq)) throw new Error('a proposal is a batch of its number');
    this.sent.push(`${entry.firstSeq}/${entry.chunkSeq} ${to}`);
    return true;
  }
}

const sentTo = (to: string, from: number, through: number): string[] => Array.from({ length: through - from + 1 }, (_, i) => `${from + i}/0 ${to}`);

describe('proposing', () => {
  it('waits for a leader, then goes in order, each batch once', () => {
    const desk = new Desk();
    desk.stage(3);
    desk.settle();
    expect(desk.sent).toEqual([]);
    desk.proposer.onLeader(LOCAL);
    desk.settle();
    desk.stage(2);
    desk.settle();
    expect(desk.sent).toEqual(sentTo('here', 1, 5));
    expect(desk.proposer.isBehind).toBe(false);
  });

  it('sends to another node nothing that is not durable here; here Raft sees to that', () => {
    const desk = new Desk();
    desk.proposer.onLeader(remote());
    desk.stage(2);
    desk.settle();
    expect(desk.sent).toEqual([]);
    desk.host.settleDisk();
    desk.settle();
    expect(desk.sent).toEqual(sentTo('l', 1, 2));
    const here = new Desk();
    here.proposer.onLeader(LOCAL);
    here.stage(2);
    here.settle();
    expect(here.sent).toEqual(sentTo('here', 1, 2));
  });

  it('keeps to its window, and goes on when something is admitted', () => {
    const desk = new Desk({ proposeWindowBytes: 1000 });
    desk.proposer.onLeader(LOCAL);
    desk.stage(10, 100);
    desk.host.settleDisk();
    desk.settle();
    const first = desk.sent.length;
    expect(first).toBeGreaterThan(1);
    expect(first).toBeLessThan(5);
    expect(desk.proposer.isBehind).toBe(true);
    desk.staging.onAdmitted(3, 0, 0);
    desk.settle();
    expect(desk.sent.length).toBe(first + 2);
    for (let seq = 1; seq <= 11; seq++) {
      desk.staging.onAdmitted(seq, 0, 0);
      desk.settle();
    }
    expect(desk.sent).toEqual(sentTo('here', 1, 10));
  });

  it('begins again at the first that is not admitted under another leader, and after a lost flow', () => {
    const desk = new Desk();
    desk.proposer.onLeader(remote());
    desk.stage(3);
    desk.host.settleDisk();
    desk.settle();
    desk.staging.onAdmitted(2, 0, 0);
    desk.proposer.onPeerLost(M);
    desk.settle();
    expect(desk.sent).toEqual(sentTo('l', 1, 3));
    desk.proposer.onPeerLost(L);
    desk.settle();
    expect(desk.sent.slice(3)).toEqual(sentTo('l', 2, 3));
    desk.proposer.onLeader(remote(M));
    desk.settle();
    expect(desk.sent.slice(5)).toEqual(sentTo('m', 2, 3));
    desk.proposer.onLeader({ kind: 'none' });
    desk.settle();
    desk.proposer.onLeader(LOCAL);
    desk.settle();
    expect(desk.sent.slice(7)).toEqual(sentTo('here', 2, 3));
  });

  it('sends again when a leader admits nothing for long, and has patience while it does', () => {
    const desk = new Desk();
    desk.proposer.onLeader(remote());
    desk.stage(2);
    desk.host.settleDisk();
    desk.settle();
    const due = desk.host.deadlines.next();
    desk.host.now = micros(due - 1);
    desk.proposer.onProgress(desk.host.now);
    desk.host.now = due;
    desk.host.runDeadlines();
    desk.settle();
    expect(desk.sent.length).toBe(2);
    desk.host.now = desk.host.deadlines.next();
    desk.host.runDeadlines();
    desk.settle();
    expect(desk.sent).toEqual([...sentTo('l', 1, 2), ...sentTo('l', 1, 2)]);
    desk.staging.onAdmitted(3, 0, 0);
    desk.settle();
    expect(desk.host.deadlines.armedCount).toBe(0);
  });

  it('goes on where it was refused', () => {
    const desk = new Desk();
    desk.proposer.onLeader(remote());
    desk.stage(3);
    desk.host.settleDisk();
    desk.isRefusing = true;
    desk.settle();
    desk.isRefusing = false;
    desk.settle();
    expect(desk.sent).toEqual(sentTo('l', 1, 3));
  });

  it('reads back from the journal what memory did not keep', () => {
    for (const leader of [LOCAL, remote()]) {
      const desk = new Desk({ stagedMemoryBytesMax: 500, proposeWindowBytes: 1 << 20 });
      desk.stage(20, 100);
      desk.host.settleDisk();
      desk.proposer.onLeader(leader);
      desk.settle();
      expect(desk.sent).toEqual(sentTo(leader === LOCAL ? 'here' : 'l', 1, 20));
      expect(desk.unreadable).toEqual([]);
    }
  });

  it('reads no chunk back before it is durable, and numbers all of them', () => {
    const desk = new Desk();
    desk.proposer.onLeader(LOCAL);
    for (let chunkSeq = 0; chunkSeq < 4; chunkSeq++) {
      desk.chunk(chunkSeq, 4);
      desk.settle();
      desk.host.write();
      desk.settle();
    }
    expect([desk.sent, desk.unreadable]).toEqual([[], []]);
    desk.host.settleDisk();
    desk.settle();
    expect(desk.sent).toEqual(['1/0 here', '1/1 here', '1/2 here', '1/3 here']);
  });

  it('says which batch cannot be read, unless it was admitted meanwhile', () => {
    const desk = new Desk({ stagedMemoryBytesMax: 0 });
    desk.stage(2);
    desk.host.settleDisk();
    desk.proposer.onLeader(LOCAL);
    desk.host.isDiskUnreadable = true;
    desk.pump();
    desk.staging.onAdmitted(2, 0, 0);
    desk.host.answerRead();
    expect(desk.unreadable).toEqual([2]);
  });
});
