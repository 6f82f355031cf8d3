import { describe, expect, it } from 'vitest';
import { laneId, streamSeq, ticket } from '../../core/base/units.js';
import type { Input } from '../../core/node/inputs.js';
import { Trace } from './trace.js';

const BYTES = Uint8Array.of(1, 2, 3, 4, 5);
const MESSAGE = { producerSeq: 1, chunkSeq: 0, chunkCount: 1, payload: BYTES, headers: Uint8Array.of(9) };

function hashOf(nowUs: number, node: number, input: Input): string {
  const trace = new Trace(null);
  trace.onInput(nowUs, node, input);
  return trace.hash;
}

describe('Trace', () => {
  it('depends on the time, the node, the kind and every field of an input', () => {
    const inputs: Input[] = [
      { kind: 'turn' },
      { kind: 'wake' },
      { kind: 'received', lane: laneId(1), bytes: BYTES },
      { kind: 'received', lane: laneId(2), bytes: BYTES },
      { kind: 'received', lane: laneId(1), bytes: Uint8Array.of(1, 2, 3, 4, 6) },
      { kind: 'persisted', ticket: ticket(1) },
      { kind: 'persisted', ticket: ticket(2) },
      { kind: 'lane-drained', lane: laneId(1), bufferedBytes: 0 },
      { kind: 'lane-drained', lane: laneId(1), bufferedBytes: 1 },
      { kind: 'processed', request: 1, attempt: 1, seq: streamSeq(1) },
      { kind: 'processed', request: 1, attempt: 2, seq: streamSeq(1) },
      { kind: 'processed', request: 1, attempt: 1, seq: streamSeq(2) },
      { kind: 'publish', request: 1, messages: [MESSAGE] },
      { kind: 'publish', request: 1, messages: [{ ...MESSAGE, producerSeq: 2 }] },
      { kind: 'publish', request: 1, messages: [{ ...MESSAGE, payload: Uint8Array.of(1) }] },
      { kind: 'publish', request: 1, messages: [{ ...MESSAGE, headers: Uint8Array.of(8) }] },
      { kind: 'publish', request: 1, messages: [MESSAGE, MESSAGE] },
      { kind: 'fetched', ticket: ticket(1), chunks: [BYTES] },
      { kind: 'fetched', ticket: ticket(1), chunks: [null] },
      { kind: 'command', request: 1, command: { kind: 'get-status' } },
      { kind: 'command', request: 1, command: { kind: 'stop-mesh' } },
      { kind: 'lane-opened', lane: laneId(1), dial: null, remote: 'a' },
      { kind: 'lane-opened', lane: laneId(1), dial: null, remote: 'b' },
    ];
    const hashes = new Set(inputs.map((input) => hashOf(1, 0, input)));
    for (const input of inputs) {
      hashes.add(hashOf(2, 0, input));
      hashes.add(hashOf(1, 1, input));
    }
    expect(hashes.size).toBe(inputs.length * 3);
    expect(hashOf(1, 0, { kind: 'turn' })).toBe(hashOf(1, 0, { kind: 'turn' }));
  });

  it('keeps a ladder of hashes, and comments change nothing', () => {
    const lines: string[] = [];
    const [silent, full] = [new Trace(null), new Trace((line) => void lines.push(line))];
    for (const trace of [silent, full]) {
      for (let i = 0; i < 20_001; i++) trace.onFact(i, 'fact', i);
      trace.onComment(1, 'nothing');
    }
    expect(full.hash).toBe(silent.hash);
    expect(full.ladder).toEqual(silent.ladder);
    expect(full.ladder.length).toBe(2);
    expect(lines.at(-1)).toBe('1 # nothing');
  });
});
