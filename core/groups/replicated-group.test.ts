import { describe, expect, it } from 'vitest';
import { EMPTY_BYTES, utf8Decode, utf8Encode } from '../base/bytes.js';
import type { GroupId, NodeId } from '../base/ids.js';
import { replicaId } from '../base/replica.js';
import { Rng } from '../base/rng.js';
import { type LogIndex, type Micros, logIndex, micros } from '../base/units.js';
import { DEFAULT_RAFT_CONFIG } from '../raft/api.js';
import { FlowPayload, type GroupControl } from '../wire/group-messages.js';
import type { LeaderView } from './leader-view.js';
import { configurationPrefix } from './raft-rows.js';
import { type GroupMachine, ReplicatedGroup } from './replicated-group.js';
import { GroupHost, MESH, nodeNamed } from './testing/group-host.js';
import { GroupWorld, type Inhabitant } from './testing/group-world.js';

const GROUP = MESH as string as GroupId;
const NAMES = ['a', 'b', 'c'];
const CONFIG = { raft: { ...DEFAULT_RAFT_CONFIG, tailBytesMax: 2_000, fetchBytesMax: 1_000, appendBytesMax: 1_000, snapshotChunkBytesMax: 64 } };

/** A group whose state is the words that were said in it. */
class Choir implements Inhabitant, GroupMachine {
  readonly host: GroupHost;
  readonly group: ReplicatedGroup;
  words: string[] = [];
  leader: LeaderView = { kind: 'none' };
  views: string[] = [];
  turns = 0;
  lost: NodeId[] = [];
  mustSay: string[] = [];
  #now: Micros = micros(0);

  constructor(host: GroupHost, voters = NAMES) {
    this.host = host;
    const restored = host.journal.restoredGroups()[0] ?? null;
    this.group = new ReplicatedGroup(host.now, host.context, {
      group: GROUP,
      generation: 1,
      flowClass: 2,
      initialConfiguration: { voters: voters.map((name) => replicaId(nodeNamed(name), 1)).sort(), outgoing: null, learners: [] },
      machine: this,
      restored,
      isAlwaysLed: false,
      onDirty: () => void host.dirty.add(this.group),
    });
    host.dirty.add(this.group);
  }

  apply(_now: Micros, _index: LogIndex, data: Uint8Array | null): void {
    if (data !== null) this.words.push(utf8Decode(data) ?? '?');
  }

  restore(_now: Micros, _index: LogIndex, state: Uint8Array): boolean {
    this.words = state.length === 0 ? [] : (utf8Decode(state) ?? '').split(' ');
    return true;
  }

  digestState(): Uint8Array {
    return utf8Encode(this.words.join(' '));
  }

  onLeader(_now: Micros, leader: LeaderView): void {
    this.leader = leader;
    this.views.push(leader.kind);
  }

  beforeTake(now: Micros): void {
    this.turns++;
    this.#now = now;
    while (this.mustSay.length > 0 && this.group.propose(now, utf8Encode(this.mustSay[0] as string)).ok) this.mustSay.shift();
  }

  afterTake(): void {
    this.group.checkInvariants();
  }

  hasWork(): boolean {
    return this.mustSay.length > 0;
  }

  onPeerLost(_now: Micros, node: NodeId): void {
    this.lost.push(node);
  }

  onUnknownGroup(_from: NodeId, group: string): void {
    throw new Error(`no other group than its own is heard of, not ${group}`);
  }

  onFlowsReset(node: NodeId): void {
    this.group.onPeerLost(this.host.now, node);
  }

  groupOf(group: string): ReplicatedGroup | null {
    return group === (GROUP as string) ? this.group : null;
  }

  onControl(_from: NodeId, _message: GroupControl): void {
    throw new Error('a choir is sent no control messages');
  }

  onProposal(): void {
    throw new Error('a choir takes no proposals');
  }

  onTurn(): void {
    this.host.now = micros(Math.max(this.host.now, this.#now));
  }

  say(...words: string[]): void {
    this.mustSay.push(...words);
    this.host.dirty.add(this.group);
  }

  compact(): void {
    this.group.compact(this.host.now, this.group.raft.appliedIndex, this.digestState());
  }
}

function choirs(config = {}): { world: GroupWorld; all: Choir[]; leader: () => Choir } {
  const world = new GroupWorld();
  const all = NAMES.map((name) => new Choir(new GroupHost(name, { config })));
  for (const choir of all) world.settle(choir);
  const leader = (): Choir => {
    expect(world.runUntil(() => all.some((choir) => choir.leader.kind === 'local'))).toBe(true);
    return all.find((choir) => choir.leader.kind === 'local') as Choir;
  };
  return { world, all, leader };
}

const restarted = (world: GroupWorld, choir: Choir): Choir => {
  const again = new Choir(choir.host.restart());
  world.settle(again);
  return again;
};

describe('a replicated group', () => {
  it('gives every member the same words in the same order', () => {
    const { world, all, leader } = choirs();
    leader().say('one', 'two', 'three');
    expect(world.runUntil(() => all.every(({ words }) => words.length === 3))).toBe(true);
    for (const { words } of all) expect(words).toEqual(['one', 'two', 'three']);
  });

  it('tells of each leadership once', () => {
    const { world, all, leader } = choirs();
    world.remove(leader().host);
    world.runFor(5_000_000);
    const told = all.flatMap(({ host }) =>
      host.factsOf('notice').flatMap(({ notice }) => (notice.kind === 'raft-leader' ? [`${notice.node} ${notice.term}`] : [])),
    );
    expect(told.length).toBeGreaterThan(1);
    expect(new Set(told).size).toBe(told.length);
  });

  it('is a place to propose only once the leader has applied all that came before it', () => {
    const { world, leader } = choirs();
    const first = leader();
    expect(first.views).toEqual(['none', 'local'].slice(first.views.length === 1 ? 1 : 0));
    first.say('old');
    world.runUntil(() => first.words.length === 1);
    world.remove(first.host);
    world.runFor(5_000_000);
    expect(first.words).toEqual(['old']);
  });

  it('asks for no further turn when what it proposes is refused', () => {
    const { world, all, leader } = choirs({ raft: { ...DEFAULT_RAFT_CONFIG, uncommittedBytesMax: 10 } });
    const singing = leader();
    for (const { host } of all) if (host !== singing.host) world.cut(singing.host, host);
    singing.say('a long first word', 'refused');
    const before = singing.turns;
    world.runUntil(() => false, 500_000);
    expect(singing.mustSay).toEqual(['refused']);
    expect(singing.turns - before).toBeLessThan(20);
  });

  it('comes back from its journal as it was: log, vote, words, configuration', () => {
    const { world, leader } = choirs();
    const singing = leader();
    singing.say(...Array.from({ length: 30 }, (_, i) => `w${i}`));
    world.runUntil(() => singing.words.length === 30);
    singing.compact();
    singing.say('after', 'that');
    world.runUntil(() => singing.words.length === 32);
    world.runUntil(() => false, 1_000);
    const { raft } = singing.group;
    const again = new Choir(singing.host.restart());
    expect(again.words.length).toBe(30);
    expect([again.group.raft.term, again.group.raft.hardState, again.group.raft.lastIndex, again.group.raft.firstIndex, again.group.raft.configuration]).toEqual([
      raft.term, raft.hardState, raft.lastIndex, raft.firstIndex, raft.configuration,
    ]);
  });

  it('remembers changes of its configuration, and forgets those that a snapshot holds', () => {
    const world = new GroupWorld();
    const founder = new Choir(new GroupHost('a'), ['a']);
    world.settle(founder);
    world.runUntil(() => founder.leader.kind === 'local');
    for (const name of ['x', 'y']) {
      expect(founder.group.proposeConfiguration(founder.host.now, { kind: 'add-learner', replica: replicaId(nodeNamed(name), 1) }).ok).toBe(true);
      world.runFor(10_000);
    }
    expect(founder.host.journal.keys(configurationPrefix(GROUP)).length).toBe(2);
    expect(new Choir(founder.host.restart(), ['a']).group.raft.configuration.learners.length).toBe(2);
    founder.compact();
    world.runFor(10_000);
    expect(founder.host.journal.keys(configurationPrefix(GROUP))).toEqual([]);
    expect(new Choir(founder.host.restart(), ['a']).group.raft.configuration.learners.length).toBe(2);
  });

  it('reads old entries back for a member that was away, and sends its state when they are gone', () => {
    for (const isCompacted of [false, true]) {
      const { world, all, leader } = choirs(CONFIG);
      const singing = leader();
      const dead = all.find((choir) => choir !== singing) as Choir;
      world.remove(dead.host);
      const words = Array.from({ length: 300 }, (_, i) => `word-number-${i}`);
      singing.say(...words);
      expect(world.runUntil(() => singing.words.length === 300)).toBe(true);
      if (isCompacted) singing.compact();
      const away = restarted(world, dead);
      expect(world.runUntil(() => away.words.length === 300)).toBe(true);
      expect(away.words).toEqual(words);
      expect(away.host.marks('raft.snapshot-installed') > 0).toBe(isCompacted);
    }
  });

  it('rule 37: a rotten record below the durable frontier is repaired from the peers, through restarts; until then no vote', () => {
    const { world, all, leader } = choirs(CONFIG);
    const singing = leader();
    const words = Array.from({ length: 120 }, (_, i) => `${'long-'.repeat(20)}word-${i}`);
    for (const word of words) {
      singing.say(word);
      expect(world.runUntil(() => all.every((choir) => choir.words.at(-1) === word))).toBe(true);
    }
    const [rotten, third] = all.filter((choir) => choir !== singing) as [Choir, Choir];
    const { lastIndex } = rotten.group.raft;
    rotten.host.rot(GROUP, logIndex(20));
    const damaged = restarted(world, rotten);
    const hasVoted = (choir: Choir): boolean => choir.group.raft.hardState.term > singing.group.raft.term;
    expect(damaged.group.raft.lastIndex).toBeLessThan(20);
    for (const choir of [singing, third]) world.cut(choir.host, damaged.host);
    world.remove(singing.host);
    world.runUntil(() => false, 5_000_000);
    world.cut(third.host, damaged.host, false);
    expect(world.runUntil(() => third.leader.kind === 'local' || damaged.leader.kind === 'local', 10_000_000), 'one whole log of three').toBe(false);
    expect(hasVoted(damaged)).toBe(false);
    // Half of it comes back, and the process dies again.
    world.settle(singing);
    world.cut(singing.host, damaged.host, false);
    const isHalfRepaired = (): boolean => damaged.group.raft.durableIndex > 20 && damaged.group.raft.durableIndex < lastIndex;
    expect(world.runUntil(isHalfRepaired)).toBe(true);
    const again = restarted(world, damaged);
    expect(world.runUntil(() => again.words.length === words.length)).toBe(true);
    expect(again.words).toEqual(words);
    expect([again.host.marks('raft.log-damaged'), again.host.marks('raft.log-repaired')]).toEqual([1, 1]);
    world.runUntil(() => false, 1_000_000);
    expect(again.host.journal.keys('damage/')).toEqual([]);
    world.remove(singing.host);
    third.say('one more');
    expect(world.runUntil(() => [third, again].some((choir) => choir.leader.kind === 'local')), 'it votes again').toBe(true);
  });

  it('holds what a full flow does not take, in order, and lets it go when the flow was reset', () => {
    const { world, all, leader } = choirs();
    const singing = leader();
    singing.host.isFlowFull = true;
    singing.say('one', 'two');
    world.runFor(100_000);
    expect(all.filter(({ words }) => words.length > 0)).toEqual([]);
    const other = all.find((choir) => choir !== singing) as Choir;
    singing.group.onPeerLost(singing.host.now, other.host.node);
    expect(singing.lost).toEqual([other.host.node]);
    singing.host.isFlowFull = false;
    expect(all.some(({ host }) => singing.group.isWaitingFor(host.node))).toBe(true);
    singing.host.dirty.add(singing.group);
    expect(world.runUntil(() => all.every(({ words }) => words.length === 2))).toBe(true);
    for (const { words } of all) expect(words).toEqual(['one', 'two']);
  });

  it('counts a message that does not decode', () => {
    const host = new GroupHost('a');
    const choir = new Choir(host);
    choir.group.onMessage(host.now, replicaId(nodeNamed('b'), 1), new Uint8Array([255, 255]));
    expect(host.marks('raft.malformed-messages')).toBe(1);
  });

  it('leaves nothing of itself behind when it is destroyed', () => {
    const { world, leader } = choirs();
    const singing = leader();
    singing.say('one');
    world.runUntil(() => singing.words.length === 1);
    singing.group.destroy();
    expect(singing.host.deadlines.armedCount).toBe(0);
    singing.group.turn(singing.host.now, true);
    singing.host.settleDisk();
    const again = singing.host.restart();
    expect([again.journal.restoredGroups(), again.journal.keys('')]).toEqual([[], []]);
  });

  it('sends on the flow of its class, to the replica that is meant', () => {
    const { world, all, leader } = choirs();
    const singing = leader();
    world.remove(singing.host);
    singing.say('one');
    singing.group.turn(singing.host.now, true);
    singing.host.settleDisk();
    singing.group.turn(singing.host.now, true);
    expect(singing.host.flows.length).toBe(2);
    for (const { to, flowClass, payload } of singing.host.flows) {
      const message = FlowPayload.decode(payload);
      expect([flowClass, message?.kind]).toEqual([2, 'raft']);
      expect(all.some(({ host }) => host.node === to && host !== singing.host)).toBe(true);
    }
    expect(EMPTY_BYTES.length).toBe(0);
  });
});

describe('members that die and come back at random', () => {
  it('agree on every word, and lose none that was heard', () => {
    for (let life = 0; life < 12; life++) {
      const rng = Rng.fromSeed(`choir/${life}`);
      const { world, all } = choirs(CONFIG);
      const heard: string[] = [];
      let spoken = 0;
      for (let step = 0; step < 60; step++) {
        const at = rng.below(3);
        const choir = all[at] as Choir;
        const act = rng.below(10);
        if (act < 6 && choir.leader.kind === 'local') choir.say(`${life}-${spoken++}`);
        else if (act < 7) all[at] = restarted(world, choir);
        else if (act < 8) choir.compact();
        else if (act < 9) world.cut(choir.host, (all[(at + 1) % 3] as Choir).host, rng.chance(300));
        world.runFor(rng.below(400_000));
        for (const { words } of all) for (const [i, word] of words.entries()) heard[i] ??= word;
        for (const { words } of all) expect(words).toEqual(heard.slice(0, words.length));
      }
      for (const a of all) for (const b of all) world.cut(a.host, b.host, false);
      expect(world.runUntil(() => all.every(({ words }) => words.length >= heard.length), 20_000_000)).toBe(true);
    }
  });
});
