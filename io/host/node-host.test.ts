import { describe, expect, it } from 'vitest';
import { reject } from '../../core/base/reject.js';
import { accept, refuse } from '../../core/base/result.js';
import { type Micros, NEVER, journalSeq, laneId, micros, ticket } from '../../core/base/units.js';
import type { JournalBatch, Outbox } from '../../core/node/effects.js';
import type { Input } from '../../core/node/inputs.js';
import { FAILING, NO_LANES } from '../testing/loop-server.js';
import { HOST } from '../../core/node/viewer.js';
import { SystemClock } from './clock.js';
import { NodeCrypto, SystemEntropy } from './node-crypto.js';
import { NodeHost } from './node-host.js';
import type { JournalPort, LanePort, PersistOutcome, SteppedNode } from './ports.js';

/** A node that writes down what it is told and does what the test says. */
class ScriptedNode implements SteppedNode {
  readonly seen: string[] = [];
  deadline: Micros = NEVER;
  onStep: (input: Input, outbox: Outbox, now: Micros) => void = () => undefined;

  step(now: Micros, input: Input, outbox: Outbox): void {
    this.seen.push(input.kind);
    if (input.kind === 'wake') this.deadline = NEVER;
    this.onStep(input, outbox, now);
  }

  nextDeadline(): Micros {
    return this.deadline;
  }
}

/** A journal whose writes become durable when the test says so. */
class HeldJournal implements JournalPort {
  readonly waiting: ((outcome: PersistOutcome) => void)[] = [];
  isSpaceShort = false;

  append(_batch: JournalBatch, done: (outcome: PersistOutcome) => void): void {
    this.waiting.push(done);
  }

  read(reads: Parameters<JournalPort['read']>[0], done: Parameters<JournalPort['read']>[1]): void {
    done(reads.map((read) => new Uint8Array(read.length)));
  }
}

function build(lanes: LanePort = NO_LANES) {
  const node = new ScriptedNode();
  const journal = new HeldJournal();
  const halts: string[] = [];
  const observer = { ...FAILING, onHalt: (code: string) => halts.push(code) };
  const host = new NodeHost({ node, clock: new SystemClock(), lanes, journal, observer });
  return { node, journal, host, halts };
}

const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the host', () => {
  it('steps all that is ready, in order, and then one turn', async () => {
    const { node, host } = build();
    host.submit({ kind: 'lane-closed', lane: laneId(1), reason: '' });
    host.submit({ kind: 'dial-failed', ticket: ticket(1), code: '' });
    await round();
    expect(node.seen).toEqual(['lane-closed', 'dial-failed', 'turn']);
    host.stop();
  });

  it('carries effects out in order, after the turn', async () => {
    const log: string[] = [];
    const lanes: LanePort = {
      attach: () => undefined,
      transmit: (lane) => log.push(`transmit ${lane}`),
      dial: (_ticket, url) => log.push(`dial ${url}`),
      closeLane: (lane) => log.push(`close ${lane}`),
    };
    const { node, host } = build(lanes);
    node.onStep = (input, outbox) => {
      log.push(input.kind);
      if (input.kind !== 'lane-closed') return;
      outbox.push({ kind: 'transmit', lane: laneId(1), parts: [] });
      outbox.push({ kind: 'dial', ticket: ticket(1), url: 'x' });
      outbox.push({ kind: 'close-lane', lane: laneId(2), reason: '' });
    };
    host.submit({ kind: 'lane-closed', lane: laneId(1), reason: '' });
    await round();
    expect(log).toEqual(['lane-closed', 'turn', 'transmit 1', 'dial x', 'close 2']);
    host.stop();
  });

  it('tells the core what is durable, what did not fit and what failed', async () => {
    const { node, journal, host } = build();
    const told: Input[] = [];
    let next = 1;
    node.onStep = (input, outbox) => {
      if (input.kind === 'persisted' || input.kind === 'persist-failed') told.push(input);
      if (input.kind !== 'lane-closed') return;
      outbox.push({ kind: 'persist', ticket: ticket(next++), batch: { records: [], drops: [], ledger: [] } });
    };
    for (let i = 0; i < 3; i++) host.submit({ kind: 'lane-closed', lane: laneId(1), reason: '' });
    await round();
    const [first, second, third] = journal.waiting;
    first?.('durable');
    second?.('full');
    third?.('failed');
    await round();
    expect(told).toEqual([
      { kind: 'persisted', ticket: 1 },
      { kind: 'persist-failed', ticket: 2, code: 'full' },
      { kind: 'persist-failed', ticket: 3, code: 'failed' },
    ]);
    host.stop();
  });

  it('answers a fetch with the parts in its order', async () => {
    const { node, host } = build();
    const lengths: number[] = [];
    node.onStep = (input, outbox) => {
      if (input.kind === 'fetched') lengths.push(...input.chunks.map((chunk) => chunk?.length ?? -1));
      if (input.kind !== 'lane-closed') return;
      const reads = [3, 5].map((length) => ({ seq: journalSeq(1), offset: 0, length }));
      outbox.push({ kind: 'fetch', ticket: ticket(1), reads });
    };
    host.submit({ kind: 'lane-closed', lane: laneId(1), reason: '' });
    await round();
    await round();
    expect(lengths).toEqual([3, 5]);
    host.stop();
  });

  it('wakes the node at its deadline, whatever floods in', async () => {
    const { node, host } = build();
    const clock = new SystemClock();
    const woken = new Promise<void>((resolve) => {
      node.onStep = (input) => {
        if (input.kind === 'wake') resolve();
        else if (input.kind === 'lane-drained') host.submit(input);
      };
    });
    node.deadline = micros(clock.now() + 20_000);
    host.submit({ kind: 'lane-drained', lane: laneId(1), bufferedBytes: 0 });
    await woken;
    host.stop();
  });

  it('wakes an idle node by one timer', async () => {
    const { node, host } = build();
    const woken = new Promise<Micros>((resolve) => {
      node.onStep = (input, _outbox, now) => {
        if (input.kind === 'wake') resolve(now);
      };
    });
    node.deadline = micros(5_000);
    host.start();
    expect(await woken).toBeGreaterThanOrEqual(5_000);
    host.stop();
  });

  it('gives a caller its reply, and forgets it unless the call lasts', async () => {
    const { node, host } = build();
    node.onStep = (input, outbox) => {
      if (input.kind !== 'command') return;
      const result =
        input.command.kind === 'watch-events'
          ? accept({ kind: 'watching', sequence: 0 } as const)
          : refuse<never>(reject('NOT_IN_MESH', 'mesh', 'no mesh'));
      outbox.push({ kind: 'reply', request: input.request, result });
    };
    const answers: boolean[] = [];
    const caller = { onReply: (result: { ok: boolean }) => answers.push(result.ok) };
    const single = host.request({ kind: 'get-status' }, caller);
    const lasting = host.request({ kind: 'watch-events', kinds: [], afterSequence: 0, viewer: HOST }, caller);
    await round();
    expect(answers).toEqual([false, true]);
    expect([host.isOpen(single), host.isOpen(lasting)]).toEqual([false, true]);
    host.cancel(single);
    host.cancel(lasting);
    await round();
    expect(node.seen.filter((kind) => kind === 'cancel')).toHaveLength(1);
    host.stop();
  });

  it('stops at a halt, and nothing enters any more', async () => {
    const { node, host, halts } = build();
    node.onStep = (input, outbox) => {
      if (input.kind === 'lane-closed') outbox.push({ kind: 'halt', code: 'journal-failed', detail: 'x' });
    };
    host.submit({ kind: 'lane-closed', lane: laneId(1), reason: '' });
    await round();
    expect(halts).toEqual(['journal-failed']);
    const count = node.seen.length;
    host.submit({ kind: 'lane-closed', lane: laneId(1), reason: '' });
    await round();
    expect(node.seen).toHaveLength(count);
  });
});

describe('node:crypto behind the port', () => {
  it('signs what it verifies, and nothing else', () => {
    const crypto = new NodeCrypto();
    const seed = new SystemEntropy().bytes(32);
    const publicKey = crypto.publicKey(seed);
    expect(publicKey).toHaveLength(32);
    const message = new Uint8Array([1, 2, 3]);
    const signature = crypto.sign(seed, message);
    expect(signature).toHaveLength(64);
    expect(crypto.verify(publicKey, message, signature)).toBe(true);
    expect(crypto.verify(publicKey, new Uint8Array([1, 2, 4]), signature)).toBe(false);
    expect(crypto.verify(new Uint8Array(31), message, signature)).toBe(false);
    expect(crypto.verify(new Uint8Array(32), message, signature)).toBe(false);
    expect(crypto.verify(publicKey, message, new Uint8Array(3))).toBe(false);
  });

  it('knows the test vectors of RFC 8032', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const crypto = new NodeCrypto();
    expect(Buffer.from(crypto.publicKey(seed)).toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
    expect(Buffer.from(crypto.sign(seed, new Uint8Array(0))).toString('hex')).toMatch(/^e5564300c360ac72/);
  });

  it('stretches the same secret to the same hash, and salts it', () => {
    const crypto = new NodeCrypto();
    const secret = new Uint8Array([1]);
    const once = crypto.stretch(secret, new Uint8Array([2]));
    expect(crypto.stretch(secret, new Uint8Array([2]))).toEqual(once);
    expect(crypto.stretch(secret, new Uint8Array([3]))).not.toEqual(once);
    expect(crypto.hmac(secret, secret)).toHaveLength(32);
    expect(crypto.sha256(secret)).toHaveLength(32);
  });
});
