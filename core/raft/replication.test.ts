import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../base/replica.js';
import { logIndex, term } from '../base/units.js';
import type { RaftMessage } from '../wire/raft-messages.js';
import type { RaftConfig, RaftEntry } from './api.js';
import { configurationOf } from './configuration.js';
import { freshDisk, replicaNumber } from './testing/in-memory-cluster.js';
import { Lab } from './testing/lab.js';
import { SingleReplica, entryAt, logOf } from './testing/single-replica.js';

const [a, b, c] = [1, 2, 3].map(replicaNumber) as [ReplicaId, ReplicaId, ReplicaId];
const three = (): ReturnType<typeof freshDisk> => freshDisk(configurationOf([a, b, c]));

interface AppendOf {
  readonly term: number;
  readonly prev: readonly [index: number, term: number];
  readonly terms?: readonly number[];
  readonly commit?: number;
  readonly seq?: number;
}

const append = (of: AppendOf): RaftMessage => ({
  kind: 'append',
  generation: 1,
  term: of.term,
  seq: of.seq ?? 1,
  prevIndex: of.prev[0],
  prevTerm: of.prev[1],
  commit: of.commit ?? 0,
  entries: (of.terms ?? []).map((entryTerm, n) => ({ term: entryTerm, kind: 1, bytes: entryAt(of.prev[0] + 1 + n, entryTerm).bytes })),
});

const ack = (ofTerm: number, seq: number, match: number, rejected?: { readonly hintIndex: number; readonly hintTerm: number }): RaftMessage => ({
  kind: 'appendAck',
  generation: 1,
  term: ofTerm,
  seq,
  match,
  isRejected: rejected !== undefined,
  hintIndex: rejected?.hintIndex ?? 0,
  hintTerm: rejected?.hintTerm ?? 0,
  isRecovering: false,
});

/** A leader of three under the test's hand, elected by b, with `log` before its no-op. */
function leaderOf(log: readonly RaftEntry[] = [], config: Partial<RaftConfig> = {}): SingleReplica {
  const leader = new SingleReplica(a, three(), { log, config });
  leader.group.campaign(leader.now);
  leader.act();
  leader.receive(b, { kind: 'preVoteAnswer', generation: 1, term: leader.group.term + 1, isGranted: true });
  leader.receive(b, { kind: 'voteAnswer', generation: 1, term: leader.group.term, isGranted: true });
  expect(leader.group.role).toBe('leader');
  return leader;
}

/** The leader hears from `from` that everything sent to it so far is there. */
function ackAll(leader: SingleReplica, from: ReplicaId): void {
  for (let sent = leader.taken('append', from); sent.length > 0; sent = leader.taken('append', from)) {
    const last = sent[sent.length - 1];
    if (last !== undefined) leader.receive(from, ack(leader.group.term, last.seq, last.prevIndex + last.entries.length));
  }
}

it('rule 12: an entry of an older term on a majority commits only with one of the current term (Figure 8)', () => {
  const leader = leaderOf(logOf(1, 2));
  const [probe] = leader.taken('append', b);
  leader.receive(b, ack(3, probe?.seq ?? 0, 2));
  expect([leader.group.matchOf(b), leader.group.commitIndex], 'the entry of term 2 is on two of three').toEqual([2, 0]);
  ackAll(leader, b);
  expect([leader.group.matchOf(b), leader.group.commitIndex]).toEqual([3, 3]);
});

it('rule 13: commit is clamped to what the append verified', () => {
  const tail = Array.from({ length: 20 }, (_, n) => (n < 10 ? 1 : 2));
  const follower = new SingleReplica(a, three(), { log: logOf(...tail) });
  follower.receive(b, append({ term: 3, prev: [5, 1], terms: [1, 1, 1], commit: 20 }));
  expect(follower.group.commitIndex).toBe(8);
  expect(follower.group.lastIndex).toBe(20);
});

it('rule 14: a delayed duplicate of an earlier append truncates nothing', () => {
  const follower = new SingleReplica(a, three());
  follower.receive(b, append({ term: 1, prev: [0, 0], terms: [1, 1, 1, 1, 1], seq: 1 }));
  follower.receive(b, append({ term: 1, prev: [5, 1], terms: [1, 1, 1], seq: 2 }));
  follower.receive(b, append({ term: 1, prev: [0, 0], terms: [1, 1, 1, 1, 1], seq: 1 }));
  expect(follower.group.lastIndex).toBe(8);
  expect(follower.events.filter((event) => event.kind === 'truncated')).toEqual([]);
});

it('rule 15: a conflict at a committed index stops the replica and writes nothing', () => {
  const follower = new SingleReplica(a, three());
  follower.receive(b, append({ term: 1, prev: [0, 0], terms: [1, 1, 1], commit: 3 }));
  follower.isDiskPrompt = false;
  follower.receive(c, append({ term: 2, prev: [1, 1], terms: [2, 2] }));
  expect(follower.group.isHalted).toBe(true);
  expect(follower.events).toContainEqual({ kind: 'halted', code: 'conflict-below-commit', index: 2 });
  expect(follower.pendingWrites).toEqual([]);
  follower.receive(c, append({ term: 2, prev: [0, 0], terms: [1] }));
  expect(follower.taken('appendAck', c)).toEqual([]);
});

it('rule 16: an ack says what was verified, not how long the log is', () => {
  const follower = new SingleReplica(a, three(), { log: logOf(1, 1, 1, 1, 1, 2, 2, 2) });
  follower.receive(b, append({ term: 3, prev: [5, 1] }));
  expect(follower.taken('appendAck', b)).toMatchObject([{ match: 5, isRejected: false }]);
  follower.receive(b, { kind: 'heartbeat', generation: 1, term: 3, commit: 0, round: 0, isSilent: false, epoch: 0, offer: 0 });
  expect(follower.taken('heartbeatAck', b)).toMatchObject([{ match: 5, seq: 1 }]);
});

describe('rule 17: stale and reordered answers', () => {
  it('rule 17: match never falls', () => {
    const leader = leaderOf();
    ackAll(leader, b);
    for (let n = 0; n < 5; n++) leader.group.propose(leader.now, new Uint8Array(1));
    leader.act();
    ackAll(leader, b);
    expect(leader.group.matchOf(b)).toBe(6);
    leader.receive(b, ack(1, 1, 2));
    leader.receive(b, { kind: 'heartbeatAck', generation: 1, term: 1, round: 0, seq: 1, match: 1, isRecovering: false, restsIn: 0 });
    expect(leader.group.matchOf(b)).toBe(6);
    expect(leader.taken('append', b)).toEqual([]);
  });

  it('rule 17: one rejection moves the leader back once, however often it is heard', () => {
    const leader = leaderOf(logOf(1, 1, 1, 1, 1, 1, 1, 1, 1, 1));
    const [probe] = leader.taken('append', b);
    const rejection = ack(2, probe?.seq ?? 0, 0, { hintIndex: 4, hintTerm: 1 });
    leader.receive(b, rejection);
    expect(leader.taken('append', b)).toMatchObject([{ prevIndex: 4 }]);
    leader.receive(b, rejection);
    leader.receive(b, rejection);
    expect(leader.taken('append', b), 'the probe on its way is not doubled').toEqual([]);
  });
});

it('rule 18: a divergent tail of 100,000 entries over k terms takes O(k) probes', () => {
  const terms = 10;
  const diverging = (offset: number): RaftEntry[] =>
    Array.from({ length: 100_000 }, (_, n) => entryAt(n + 1, n < 1000 ? 1 : 2 + 2 * Math.floor(((n - 1000) * terms) / 99_000) + offset));
  const lab = new Lab({ voters: 3, logs: [diverging(1), diverging(0), diverging(1)] });
  lab.elect(1);
  const sentToB = lab.delivered.map(({ envelope }) => envelope).filter(({ to }) => to === b);
  const places = sentToB.flatMap(({ message }) => (message.kind === 'append' ? [message.prevIndex] : []));
  expect(places).toContain(1000);
  expect(places.indexOf(1000)).toBeLessThanOrEqual(2 * terms + 2);
  expect(lab.at(2).group.lastIndex).toBe(100_001);
  expect(lab.at(2).group.commitIndex).toBe(100_001);
});

describe('rule 19: what was on its way is lost', () => {
  it('rule 19: with the window full and no word of a reset, heartbeats alone recover', () => {
    const lab = new Lab({ voters: 3, config: { inflightAppendsMax: 4 } });
    const leader = lab.elect(1);
    lab.passes = (_from, to, message) => !(to === c && message.kind === 'append');
    for (let n = 0; n < 10; n++) lab.propose(1);
    lab.passes = () => true;
    const lostAt = lab.delivered.length;
    lab.pass(leader.config.stallProbeUs + 2 * leader.config.heartbeatIntervalUs);
    expect(lab.at(3).group.commitIndex).toBe(11);
    const again = lab.delivered.slice(lostAt).filter(({ envelope }) => envelope.to === c && envelope.message.kind === 'append');
    expect(again.length).toBeLessThan(6);
  });

  it('rule 19: a lost ack is made good by the next heartbeat, and nothing is sent again', () => {
    const lab = new Lab({ voters: 3 });
    const leader = lab.elect(1);
    lab.cut(1, 3);
    lab.passes = (_from, _to, message) => message.kind !== 'appendAck';
    lab.propose(1);
    expect(leader.group.commitIndex).toBe(1);
    const before = lab.delivered.length;
    lab.pass(leader.config.heartbeatIntervalUs);
    expect(leader.group.commitIndex).toBe(2);
    expect(lab.delivered.slice(before).filter(({ envelope }) => envelope.message.kind === 'append')).toEqual([]);
  });

  it('rule 19: a reset flow is probed at once and goes on from what is known', () => {
    const leader = leaderOf();
    ackAll(leader, b);
    for (let n = 0; n < 3; n++) leader.group.propose(leader.now, new Uint8Array(1));
    leader.act();
    expect(leader.taken('append', b).length).toBe(1);
    leader.group.onPeerLost(leader.now, b);
    leader.act();
    expect(leader.taken('append', b)).toMatchObject([{ prevIndex: 1, entries: { length: 3 } }]);
  });

  it('what the live flow still holds is never sent again', () => {
    const leader = leaderOf();
    ackAll(leader, b);
    leader.group.propose(leader.now, new Uint8Array(1));
    leader.act();
    expect(leader.taken('append', b).length).toBe(1);
    for (let n = 0; n < 5; n++) {
      leader.receive(b, { kind: 'heartbeatAck', generation: 1, term: 1, round: 0, seq: 0, match: 1, isRecovering: false, restsIn: 0 });
      leader.pass(leader.config.heartbeatIntervalUs);
    }
    expect(leader.taken('append', b)).toEqual([]);
  });
});

describe('rule 20: what a leader counts', () => {
  it('rule 20: its own log only once that is durable', () => {
    const leader = leaderOf();
    ackAll(leader, b);
    expect(leader.group.commitIndex).toBe(1);
    leader.isDiskPrompt = false;
    leader.group.propose(leader.now, new Uint8Array(1));
    leader.act();
    expect(leader.taken('append', b), 'and it sends nothing before that').toEqual([]);
    expect(leader.group.commitIndex).toBe(1);
    leader.persist();
    expect(leader.group.commitIndex, 'one of three').toBe(1);
    ackAll(leader, b);
    expect(leader.group.commitIndex).toBe(2);
  });

  it('rule 20: a single voter commits when its own disk has confirmed', () => {
    const single = new SingleReplica(a, freshDisk(configurationOf([a])));
    single.group.campaign(single.now);
    single.act();
    single.isDiskPrompt = false;
    single.group.propose(single.now, new Uint8Array(1));
    single.act();
    expect(single.group.commitIndex).toBe(1);
    single.persist();
    expect(single.group.commitIndex).toBe(2);
  });

  it('rule 20: a leader that removes itself does not count itself', () => {
    const leader = leaderOf();
    ackAll(leader, b);
    expect(leader.group.proposeConfiguration(leader.now, { kind: 'remove', replica: a }).ok).toBe(true);
    leader.act();
    ackAll(leader, b);
    expect(leader.group.commitIndex, 'of b and c only b has it').toBe(1);
    ackAll(leader, c);
    expect(leader.group.commitIndex).toBe(2);
  });
});

it('rule 21: an entry that went away and came back is not durable by its first write', () => {
  const follower = new SingleReplica(a, three(), { log: logOf(1) });
  follower.isDiskPrompt = false;
  follower.receive(b, append({ term: 1, prev: [1, 1], terms: [1], seq: 1 }));
  follower.receive(c, append({ term: 2, prev: [1, 1], terms: [2], seq: 1 }));
  follower.receive(b, append({ term: 3, prev: [1, 1], terms: [1, 3], seq: 1 }));
  expect(follower.pendingWrites.length).toBe(2);
  follower.persist();
  expect(follower.group.durableIndex).toBe(1);
  expect(follower.taken('appendAck')).toEqual([]);
  follower.persist();
  expect(follower.group.durableIndex, 'that was the second').toBe(1);
  follower.persist();
  expect(follower.group.durableIndex).toBe(3);
  expect(follower.taken('appendAck', b)).toMatchObject([{ term: 3, match: 3 }]);
});

describe('rule 22: apply', () => {
  it('rule 22: only what is durable here is handed to the state machine', () => {
    const follower = new SingleReplica(a, three());
    follower.isDiskPrompt = false;
    follower.receive(b, append({ term: 1, prev: [0, 0], terms: [1, 1], commit: 2 }));
    expect(follower.group.commitIndex).toBe(2);
    expect(follower.applied).toEqual([]);
    follower.persist();
    expect(follower.applied.map((entry) => entry.index)).toEqual([1, 2]);
  });

  it('rule 22: after a restart applied is at most the durable end', () => {
    const follower = new SingleReplica(a, three());
    follower.isDiskPrompt = false;
    follower.receive(b, append({ term: 1, prev: [0, 0], terms: [1, 1], commit: 2 }));
    follower.restart();
    expect([follower.group.appliedIndex, follower.group.lastIndex]).toEqual([0, 0]);
  });

  it('entries that memory has let go are fetched, for the state machine and for a lagging peer', () => {
    const lab = new Lab({ voters: 3, config: { tailBytesMax: 64, fetchBytesMax: 100, applyBytesMax: 100 } });
    lab.elect(1);
    lab.isolate(3);
    for (let n = 0; n < 60; n++) lab.propose(1, new Uint8Array(20));
    lab.heal();
    lab.pass(400_000);
    expect(lab.at(3).applied.map((entry) => entry.index)).toEqual(Array.from({ length: 61 }, (_, n) => n + 1));
  });
});

describe('rule 23: the commit index is found again', () => {
  it('rule 23: after a restart everything committed is committed again by the new term', () => {
    const lab = new Lab({ voters: 3 });
    lab.elect(1);
    for (let n = 0; n < 3; n++) lab.propose(1);
    for (const n of [1, 2, 3]) lab.stop(n);
    for (const n of [1, 2, 3]) lab.start(n);
    expect(lab.at(1).group.commitIndex).toBe(0);
    lab.elect(2);
    lab.pass(400_000);
    for (const replica of lab.replicas) expect(replica.group.commitIndex).toBe(5);
  });

  it('rule 23: a single voter answers a read only when it has found its commit', () => {
    const single = new SingleReplica(a, freshDisk(configurationOf([a])), { log: logOf(1, 1) });
    single.isDiskPrompt = false;
    single.group.campaign(single.now);
    single.act();
    single.persist();
    expect(single.group.role).toBe('leader');
    expect(single.group.readIndex(single.now, 7).ok).toBe(true);
    single.act();
    expect(single.reads).toEqual([]);
    single.persist();
    expect(single.reads).toEqual([{ context: 7, index: 3 }]);
  });
});

describe('rule 24: bounds', () => {
  it('rule 24: without a quorum a byte cap refuses proposals', () => {
    const leader = leaderOf([], { uncommittedBytesMax: 1000 });
    let taken = 0;
    while (leader.group.propose(leader.now, new Uint8Array(100)).ok) taken++;
    expect(taken).toBe(10);
    expect(leader.group.propose(leader.now, new Uint8Array(100))).toMatchObject({ reject: { code: 'OVERLOADED' } });
    leader.act();
    ackAll(leader, b);
    expect(leader.group.propose(leader.now, new Uint8Array(100)).ok).toBe(true);
  });

  it('rule 24: neither the no-op nor a configuration is refused', () => {
    const leader = leaderOf(logOf(1, 1), { uncommittedBytesMax: 10 });
    expect(leader.group.lastIndex, 'the no-op is in').toBe(3);
    ackAll(leader, b);
    expect(leader.group.propose(leader.now, new Uint8Array(10)).ok).toBe(true);
    expect(leader.group.propose(leader.now, new Uint8Array(1))).toMatchObject({ reject: { code: 'OVERLOADED' } });
    expect(leader.group.proposeConfiguration(leader.now, { kind: 'add-learner', replica: replicaNumber(9) }).ok).toBe(true);
  });

  it('rule 24: committed entries that are not applied refuse new ones, and no more are handed out', () => {
    const single = new SingleReplica(a, freshDisk(configurationOf([a])), { config: { unappliedBytesMax: 1000, applyBytesMax: 400 } });
    single.isApplyPrompt = false;
    single.group.campaign(single.now);
    single.act();
    let taken = 0;
    for (; single.group.propose(single.now, new Uint8Array(100)).ok; taken++) single.act();
    expect(taken).toBe(10);
    expect(single.group.propose(single.now, new Uint8Array(1))).toMatchObject({ reject: { code: 'OVERLOADED' } });
    expect(single.applied.length).toBe(11);
    single.group.onApplied(single.now, logIndex(11));
    single.act();
    expect(single.group.propose(single.now, new Uint8Array(1)).ok).toBe(true);
  });

  it('an entry larger than the largest is refused for good', () => {
    const leader = leaderOf([], { entryBytesMax: 100 });
    expect(leader.group.propose(leader.now, new Uint8Array(101))).toMatchObject({ reject: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  it('the window to one peer is bounded by count and by bytes', () => {
    const leader = leaderOf([], { inflightAppendsMax: 3, appendBytesMax: 100, inflightBytesMax: 150 });
    ackAll(leader, b);
    for (let n = 0; n < 10; n++) leader.group.propose(leader.now, new Uint8Array(60));
    leader.act();
    expect(leader.taken('append', b).length, 'of 60 bytes each').toBe(3);
  });
});

describe('rule 25: fences and lost proposals', () => {
  it('rule 25: a proposal fenced at another term is refused', () => {
    const leader = leaderOf(logOf(5));
    expect(leader.group.term).toBe(6);
    expect(leader.group.propose(leader.now, new Uint8Array(1), term(5))).toMatchObject({ reject: { code: 'FENCED' } });
    expect(leader.group.propose(leader.now, new Uint8Array(1), term(6)).ok).toBe(true);
  });

  it('rule 25: proposals lost with the leadership are told as replaced, and nothing calls them failed', () => {
    const lab = new Lab({ voters: 3 });
    lab.elect(1);
    lab.isolate(1);
    const index = lab.propose(1);
    lab.pass(2_000_000);
    const leader = lab.leaders()[0];
    expect(leader).toBeDefined();
    expect(leader).not.toBe(lab.at(1));
    lab.heal();
    lab.pass(400_000);
    expect(lab.at(1).events).toContainEqual({ kind: 'truncated', from: index });
    expect(lab.at(1).events.filter((event) => event.kind === 'role').pop()).toMatchObject({ leader: leader?.id });
  });
});
