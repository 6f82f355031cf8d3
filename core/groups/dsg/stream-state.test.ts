import { describe, expect, it } from 'vitest';
import { Rng } from '../../base/rng.js';
import type { CompletionPolicy } from '../policy.js';
import { shapeOfNodes } from '../testing/shape.js';
import { nodeNamed } from '../testing/group-host.js';
import type { StreamDelta } from './stream-delta.js';
import { StreamState } from './stream-state.js';

type MessagesDelta = Extract<StreamDelta, { kind: 'messages' }>;

const [A, B, C] = ['a', 'b', 'c'].map(nodeNamed) as [ReturnType<typeof nodeNamed>, ReturnType<typeof nodeNamed>, ReturnType<typeof nodeNamed>];
const ALL: CompletionPolicy = { kind: 'all' };

/** Messages `firstSeq` to `firstSeq + count - 1` of a source that numbers its one producer as the stream. */
const whole = (firstSeq: number, count = 1, producer = 'p'): MessagesDelta => ({
  kind: 'messages',
  firstSeq,
  chunkSeq: 0,
  chunkCount: 1,
  producer,
  producerSeqs: Array.from({ length: count }, (_, i) => firstSeq + i),
  epoch: 0,
  controlNo: 0,
});
const chunk = (firstSeq: number, chunkSeq: number, chunkCount = 3): MessagesDelta => ({
  kind: 'messages',
  firstSeq,
  chunkSeq,
  chunkCount,
  producer: 'p',
  producerSeqs: [firstSeq],
  epoch: 0,
  controlNo: 0,
});
const stateOf = (policy: CompletionPolicy = ALL, resultsMax = 8): StreamState => new StreamState(shapeOfNodes([A, B, C], policy), resultsMax);

function* sequencesOf<T>(alphabet: readonly T[], length: number): IterableIterator<readonly T[]> {
  if (length === 0) {
    yield [];
    return;
  }
  for (const rest of sequencesOf(alphabet, length - 1)) for (const item of alphabet) yield [...rest, item];
}

describe('admission', () => {
  it('takes whole messages at last + 1 only, whatever comes before and twice', () => {
    const alphabet = [whole(1), whole(1, 2), whole(2), whole(2, 2), whole(3), whole(3, 3), whole(5)];
    for (const sequence of sequencesOf(alphabet, 4)) {
      const state = stateOf();
      let last = 0;
      for (const delta of sequence) {
        const end = delta.firstSeq + delta.producerSeqs.length - 1;
        const admission = state.applyMessages(delta);
        if (delta.firstSeq > last + 1) expect(admission).toEqual({ kind: 'ignored', reason: 'gap' });
        else if (end <= last) expect(admission).toEqual({ kind: 'ignored', reason: 'repeat' });
        else {
          expect(admission).toEqual({ kind: 'admitted', fromSeq: last + 1, count: end - last, isComplete: true });
          last = end;
        }
        expect(state.lastSeq).toBe(last);
      }
    }
  });

  it('takes chunks in order only, and nothing else between them', () => {
    const alphabet = [chunk(1, 0), chunk(1, 1), chunk(1, 2), whole(1), whole(2), chunk(2, 0)];
    for (const sequence of sequencesOf(alphabet, 5)) {
      const state = stateOf();
      let next = { seq: 1, chunkSeq: 0 };
      const outcomes: string[] = [];
      const expected: string[] = [];
      for (const delta of sequence) {
        const isNext = delta.firstSeq === next.seq && (delta.chunkCount === 1 ? next.chunkSeq === 0 : delta.chunkSeq === next.chunkSeq);
        const { kind } = state.applyMessages(delta);
        if (isNext && delta.chunkCount > 1 && delta.chunkSeq < 2) next = { seq: next.seq, chunkSeq: next.chunkSeq + 1 };
        else if (isNext) next = { seq: next.seq + 1, chunkSeq: 0 };
        outcomes.push(`${kind} ${state.next.seq}/${state.next.chunkSeq}`);
        expected.push(`${isNext ? 'admitted' : 'ignored'} ${next.seq}/${next.chunkSeq}`);
      }
      expect(outcomes).toEqual(expected);
    }
  });

  it('finds a number that was given out before for another message', () => {
    const state = stateOf();
    state.applyMessages(whole(1, 3));
    expect(state.applyMessages({ ...whole(3), producerSeqs: [9] })).toEqual({ kind: 'conflict' });
    expect(state.applyMessages(whole(3, 1, 'stranger'))).toEqual({ kind: 'conflict' });
    expect(state.applyMessages({ ...whole(2, 4), producerSeqs: [1, 2, 4, 5] })).toEqual({ kind: 'conflict' });
    expect(state.applyMessages({ ...chunk(2, 0), producerSeqs: [7] })).toEqual({ kind: 'conflict' });
    expect(state.lastSeq).toBe(3);
  });

  it('takes nothing after the close', () => {
    const state = stateOf();
    state.applyMessages(whole(1));
    state.applyClose(false);
    expect(state.applyMessages(whole(2))).toEqual({ kind: 'ignored', reason: 'closed' });
    expect(state.lastSeq).toBe(1);
  });

  it('ignores what no source writes, and goes on', () => {
    const nonsense: MessagesDelta[] = [
      { ...whole(2), producerSeqs: [] },
      { ...whole(2), chunkCount: 0 },
      { ...whole(2, 2), producerSeqs: [5, 5] },
      { ...whole(2, 2), producerSeqs: [5, 4] },
      { ...whole(2), producerSeqs: [1] },
      { ...whole(2), producerSeqs: [0] },
      { ...whole(2), chunkSeq: 1 },
      { ...chunk(2, 0), producerSeqs: [] },
      { ...chunk(2, 0), producerSeqs: [2, 3] },
      { ...chunk(2, 0), producerSeqs: [1] },
      { ...chunk(2, 0), chunkSeq: 3 },
    ];
    for (const delta of nonsense) {
      const state = stateOf();
      state.applyMessages(whole(1));
      expect(state.applyMessages(delta)).toEqual({ kind: 'ignored', reason: 'malformed' });
      expect(state.next).toEqual({ seq: 2, chunkSeq: 0 });
      expect(state.applyMessages(whole(2)).kind).toBe('admitted');
    }
  });
});

describe('the producer table', () => {
  it('keeps the last seq for ever and the newest results alone', () => {
    const state = stateOf(ALL, 3);
    state.applyMessages({ ...whole(1, 5), producerSeqs: [2, 4, 6, 8, 10] });
    const row = state.producers.get('p');
    if (row === undefined) throw new Error('no row');
    expect(row.last).toBe(10);
    expect([2, 4, 6, 7, 8, 10, 11].map((producerSeq) => row.recent.seqOf(producerSeq))).toEqual([null, null, 3, null, 4, 5, null]);
  });

  it('keeps producers apart', () => {
    const state = stateOf();
    state.applyMessages(whole(1, 2, 'p'));
    state.applyMessages({ ...whole(3, 2, 'q'), producerSeqs: [1, 2] });
    expect([...state.producers].map(([name, { last }]) => [name, last])).toEqual([['p', 2], ['q', 2]]);
  });
});

describe('settled offsets', () => {
  const policies: CompletionPolicy[] = [ALL, { kind: 'quorum', count: 1 }, { kind: 'quorum', count: 2 }, { kind: 'quorum', count: 3 }];

  it('rise only, never past what exists, and complete what the policy finds, in every order of marks', () => {
    const marks = [A, B, C].flatMap((target) => [1, 2, 9].map((seq) => ({ target, seq })));
    for (const policy of policies) {
      for (const sequence of sequencesOf(marks, 4)) {
        const state = stateOf(policy);
        state.applyMessages(whole(1, 2));
        const model = [0, 0, 0];
        const seen: number[] = [];
        const expected: number[] = [];
        for (const mark of sequence) {
          state.applySettled([mark]);
          const at = [A, B, C].indexOf(mark.target);
          if (mark.seq <= 2) model[at] = Math.max(model[at] ?? 0, mark.seq);
          const needed = policy.kind === 'quorum' ? policy.count : 3;
          const completed = [2, 1].find((seq) => model.filter((settled) => settled >= seq).length >= needed) ?? 0;
          seen.push(...[A, B, C].map((target) => state.settledOf(target)), state.completed, state.released);
          expected.push(...model, completed, Math.min(...model));
          state.checkInvariants();
        }
        expect(seen).toEqual(expected);
      }
    }
  });

  it('do not change by the mark of a stranger', () => {
    const state = stateOf();
    state.applyMessages(whole(1));
    state.applySettled([{ target: nodeNamed('stranger'), seq: 1 }]);
    expect(state.completed).toBe(0);
    expect(state.settledOf(nodeNamed('stranger'))).toBe(0);
  });
});

describe('a snapshot', () => {
  it('gives the same state again, at any point of a random life', () => {
    const rng = Rng.fromSeed('stream-state');
    for (let life = 0; life < 50; life++) {
      const state = stateOf({ kind: 'quorum', count: 2 }, 4);
      for (let step = 0; step < 40; step++) {
        const { seq, chunkSeq } = state.next;
        const target = rng.pick([A, B, C]);
        if (chunkSeq > 0 || rng.chance(200)) state.applyMessages(chunk(seq, chunkSeq));
        else if (rng.chance(500)) state.applyMessages(whole(seq, 1 + rng.below(3)));
        else state.applySettled([{ target, seq: rng.below(seq + 1) }]);
        const other = stateOf({ kind: 'quorum', count: 2 }, 4);
        expect(other.restore(state.snapshot())).toBe(true);
        expect(other.snapshot()).toEqual(state.snapshot());
        expect([other.next, other.completed, other.isClosed]).toEqual([state.next, state.completed, state.isClosed]);
      }
    }
  });

  it('that is empty stands for the beginning, and one that is malformed is refused', () => {
    const state = stateOf();
    state.applyMessages(whole(1));
    expect(state.restore(new Uint8Array([255, 255, 255]))).toBe(false);
    expect(state.restore(new Uint8Array(0))).toBe(true);
    expect(state.next).toEqual({ seq: 1, chunkSeq: 0 });
    expect(state.producers.size).toBe(0);
  });
});
