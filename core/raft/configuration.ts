/**
 * Who belongs to a group and what a majority of them is: pure functions over a `Configuration`.
 * A joint configuration (thesis §4.3) needs both majorities in every question. Changes that move one voter at most
 * never make one: the majorities before and after have a voter in common without it.
 */
import { assert } from '../base/assert.js';
import { type ReplicaId, compareReplicas, nodeOfReplica, numberOfReplica, replicaId } from '../base/replica.js';
import { type Reject, reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import { RaftConfiguration, type RaftReplica } from '../wire/raft-messages.js';
import type { Configuration, ConfigurationChange } from './api.js';

/** A configuration in order. */
export function configurationOf(voters: readonly ReplicaId[], learners: readonly ReplicaId[] = []): Configuration {
  return { voters: sorted(voters), outgoing: null, learners: sorted(learners) };
}

export const isVoter = (configuration: Configuration, replica: ReplicaId): boolean =>
  configuration.voters.includes(replica) || configuration.outgoing?.includes(replica) === true;

export const isMember = (configuration: Configuration, replica: ReplicaId): boolean =>
  isVoter(configuration, replica) || configuration.learners.includes(replica);

/** Everybody once: voters, those being left, learners. */
export function membersOf(configuration: Configuration): ReplicaId[] {
  const members = new Set([...configuration.voters, ...(configuration.outgoing ?? []), ...configuration.learners]);
  return [...members];
}

/** Everybody who votes, once. */
export function votersOf(configuration: Configuration): readonly ReplicaId[] {
  if (configuration.outgoing === null) return configuration.voters;
  return [...new Set([...configuration.voters, ...configuration.outgoing])];
}

/** Everybody who votes, but for `self`. */
export const otherVoters = (configuration: Configuration, self: ReplicaId): ReplicaId[] =>
  votersOf(configuration).filter((voter) => voter !== self);

/** Whether those for whom `holds` is true are a majority (of both sets when joint). */
export function isQuorum(configuration: Configuration, holds: (voter: ReplicaId) => boolean): boolean {
  if (!isMajority(configuration.voters, holds)) return false;
  return configuration.outgoing === null || isMajority(configuration.outgoing, holds);
}

/** The highest value that a majority has reached (of both sets when joint). 0 for nobody. */
export function quorumValue(configuration: Configuration, valueOf: (voter: ReplicaId) => number): number {
  const value = majorityValue(configuration.voters, valueOf);
  return configuration.outgoing === null ? value : Math.min(value, majorityValue(configuration.outgoing, valueOf));
}

export type Tally = 'won' | 'lost' | 'open';

/** How an election stands. Votes of who is no voter do not count. */
export function tally(configuration: Configuration, votes: ReadonlyMap<ReplicaId, boolean>): Tally {
  if (isQuorum(configuration, (voter) => votes.get(voter) === true)) return 'won';
  return isQuorum(configuration, (voter) => votes.get(voter) !== false) ? 'open' : 'lost';
}

/** The configuration after `change`; INVALID_ARGUMENT when it does not apply, TOO_MANY beyond `membersMax`. */
export function changed(from: Configuration, change: ConfigurationChange, membersMax: number): Result<Configuration> {
  return changedTogether(from, [change], membersMax);
}

/**
 * The configuration to append for `changes`, made one after the other as one step: a joint one when they move more
 * than one voter. INVALID_ARGUMENT: there are none, one does not apply, or nobody would vote; TOO_MANY.
 */
export function changedTogether(
  from: Configuration,
  changes: readonly ConfigurationChange[],
  membersMax: number,
): Result<Configuration> {
  assert(from.outgoing === null, 'a joint configuration is left before it is changed');
  const [first] = changes;
  if (first === undefined) return refuse(reject('INVALID_ARGUMENT', 'changes', 'there is nothing to change'));
  let to = from;
  for (const change of changes) {
    const next = edited(to, change, membersMax);
    if (!next.ok) return next;
    to = next.value;
  }
  if (to.voters.length === 0) return refuse(unfit(first.replica, 'the last voter has to stay'));
  return accept(movedVoters(from, to) <= 1 ? to : { ...to, outgoing: from.voters });
}

/** What a joint configuration leads to: its own voters alone. */
export function settled(joint: Configuration): Configuration {
  return { ...joint, outgoing: null };
}

/** One change in the lists; it may leave nobody to vote. */
function edited(from: Configuration, change: ConfigurationChange, membersMax: number): Result<Configuration> {
  const { replica } = change;
  const without = (list: readonly ReplicaId[]): ReplicaId[] => list.filter((member) => member !== replica);
  const votes = from.voters.includes(replica);
  const learns = from.learners.includes(replica);
  if (change.kind === 'add-learner') {
    if (votes || learns) return refuse(unfit(replica, 'it is a member already'));
    if (membersOf(from).length >= membersMax) return refuse(reject('TOO_MANY', replica, 'the group is full'));
    return accept(configurationOf(from.voters, [...from.learners, replica]));
  }
  if (change.kind === 'promote') {
    if (!learns) return refuse(unfit(replica, 'only a learner can be promoted'));
    return accept(configurationOf([...from.voters, replica], without(from.learners)));
  }
  if (!votes && (change.kind === 'demote' || !learns)) return refuse(unfit(replica, 'it is no such member'));
  const learners = change.kind === 'demote' ? [...from.learners, replica] : without(from.learners);
  return accept(configurationOf(without(from.voters), learners));
}

/** The message form of a configuration. */
export function configurationToWire(configuration: Configuration): RaftConfiguration {
  return {
    voters: configuration.voters.map(toWire),
    learners: configuration.learners.map(toWire),
    isJoint: configuration.outgoing !== null,
    outgoing: (configuration.outgoing ?? []).map(toWire),
  };
}

/** Whether somebody votes and nobody is named twice; a voter that is being left may be named as learner to be. */
export function isSoundConfiguration(wire: RaftConfiguration): boolean {
  if (wire.voters.length === 0 || (!wire.isJoint && wire.outgoing.length > 0)) return false;
  const isSet = (list: readonly RaftReplica[]): boolean => new Set(list.map(fromWire)).size === list.length;
  return isSet([...wire.voters, ...wire.learners]) && isSet(wire.outgoing) && (!wire.isJoint || wire.outgoing.length > 0);
}

/** Of a sound message. */
export function configurationFromWire(wire: RaftConfiguration): Configuration {
  return {
    voters: sorted(wire.voters.map(fromWire)),
    outgoing: wire.isJoint ? sorted(wire.outgoing.map(fromWire)) : null,
    learners: sorted(wire.learners.map(fromWire)),
  };
}

/** The content of a configuration entry. */
export const encodeConfiguration = (configuration: Configuration): Uint8Array =>
  RaftConfiguration.encode(configurationToWire(configuration));

/** Null when the bytes are no sound configuration. */
export function decodeConfiguration(bytes: Uint8Array): Configuration | null {
  const wire = RaftConfiguration.decode(bytes);
  return wire === null || !isSoundConfiguration(wire) ? null : configurationFromWire(wire);
}

/** How many replicas vote in one of the two and not in the other. */
function movedVoters(one: Configuration, two: Configuration): number {
  const joined = two.voters.filter((voter) => !one.voters.includes(voter)).length;
  return joined + one.voters.filter((voter) => !two.voters.includes(voter)).length;
}

function isMajority(voters: readonly ReplicaId[], holds: (voter: ReplicaId) => boolean): boolean {
  let count = 0;
  for (const voter of voters) if (holds(voter)) count++;
  return count * 2 > voters.length;
}

function majorityValue(voters: readonly ReplicaId[], valueOf: (voter: ReplicaId) => number): number {
  const [first, second, third] = voters;
  if (first === undefined) return 0;
  const one = valueOf(first);
  if (second === undefined) return one;
  const two = valueOf(second);
  // Groups of up to three are the most, and ask for every ack: without the list below it is 7 % of all their work.
  if (voters.length === 2 || third === undefined) return Math.min(one, two);
  if (voters.length === 3) return Math.max(Math.min(one, two), Math.min(Math.max(one, two), valueOf(third)));
  const values = voters.map(valueOf).sort((a, b) => b - a);
  return values[voters.length >>> 1] as number;
}

const sorted = (list: readonly ReplicaId[]): ReplicaId[] => [...list].sort(compareReplicas);
const toWire = (id: ReplicaId): RaftReplica => ({ node: nodeOfReplica(id), replica: numberOfReplica(id) });
const fromWire = (wire: RaftReplica): ReplicaId => replicaId(wire.node, wire.replica);
const unfit = (replica: ReplicaId, why: string): Reject => reject('INVALID_ARGUMENT', replica, why);
