/** A host with all of its streams, in a mesh whose members are known from the start. */
import type { GroupId, NodeId, StreamId, TenantId } from '../../base/ids.js';
import { idFromBytes } from '../../base/ids.js';
import { EMPTY_BYTES, utf8Encode } from '../../base/bytes.js';
import type { Reject } from '../../base/reject.js';
import { FAKE_CRYPTO } from '../../security/fake-crypto.js';
import { Rng } from '../../base/rng.js';
import type { FailureChoice, GroupControl } from '../../wire/group-messages.js';
import type { LetterChunk } from '../../wire/target-steps.js';
import type { DeliveredRecord, GroupFact, SessionWatermarks, StreamReply, UpdateReply } from '../context.js';
import { NO_FAILURE_CHOICE } from '../failure-policy.js';
import type { CompletionPolicy } from '../policy.js';
import type { ReplicatedGroup } from '../replicated-group.js';
import type { Stream } from '../dsg/stream.js';
import type { Level } from '../dsg/publishers.js';
import type { TargetAction } from '../operations.js';
import { Streams } from '../streams.js';
import { GroupHost, nodeNamed } from './group-host.js';
import { GroupWorld, type Inhabitant } from './group-world.js';

export const TENANT = idFromBytes<TenantId>(new Uint8Array(16).fill(7));

export class StreamSeat implements Inhabitant {
  readonly host: GroupHost;
  readonly streams: Streams;
  readonly #members: readonly string[];
  #requests = 0;
  #routed = 0;

  constructor(host: GroupHost, members: readonly string[]) {
    this.host = host;
    this.#members = members;
    this.streams = new Streams(host.now, {
      context: host.context,
      members: {
        replicaNumberOf: (node) => (members.some((name) => nodeNamed(name) === node) ? 1 : null),
        outThrough: () => 0,
        isLossAccepted: () => false,
        publicKeyOf: (node) => {
          const name = members.find((member) => nodeNamed(member) === node);
          return name === undefined ? null : FAKE_CRYPTO.publicKey(Rng.fromSeed(`key/${name}`).fill(32));
        },
      },
      generation: 1,
      restored: new Map(host.journal.restoredGroups().map((group) => [group.group, group])),
      onDirty: (stream) => void host.dirty.add(stream.group),
    });
  }

  /** The same disk, the next boot. */
  restarted(): StreamSeat {
    return new StreamSeat(this.host.restart(), this.#members);
  }

  groupOf(group: string): ReplicatedGroup | null {
    return this.streams.get(group as StreamId)?.group ?? null;
  }

  onControl(from: NodeId, message: GroupControl): void {
    const { now } = this.host;
    if (message.kind === 'invite') this.streams.onInvite(now, message);
    else if (message.kind === 'unknownGroup') this.streams.onUnknownGroup(from, message.group);
    else if (message.kind === 'settledReport') this.streams.get(message.group as string as StreamId)?.onSettledReport(from, message.replica, message.seq);
    else if (message.kind === 'joinedGroup') this.streams.get(message.group as string as StreamId)?.onMemberJoined(now);
    else if (message.kind === 'targetAsk') this.streams.get(message.group as string as StreamId)?.onTargetAsk(now, from, message.change);
    else if (message.kind === 'streamDeleted') this.streams.deletions.onTold(now, from, message.group, message.signature);
    else if (message.kind === 'deletionKnown') this.streams.deletions.onKnown(from, message.group);
    else if (message.kind === 'letterWant') this.streams.get(message.group as string as StreamId)?.onLetterWant(from, message);
  }

  onProposal(from: NodeId, group: string, entry: Uint8Array): void {
    const stream = this.streams.get(group as StreamId);
    stream?.onPropose(this.host.now, from, entry);
    if (stream !== null && stream !== undefined) this.host.dirty.add(stream.group);
  }

  onLetterChunk(_from: NodeId, chunk: LetterChunk): void {
    this.streams.get(chunk.group as string as StreamId)?.letters.store.onChunk(this.host.now, chunk);
  }

  onUnknownGroup(from: NodeId, group: string): void {
    if (this.streams.deletions.onStranger(from, group as GroupId)) return;
    this.host.context.sendControl(from, { kind: 'unknownGroup', group: group as GroupId });
  }

  onFlowsReset(node: NodeId): void {
    for (const stream of this.streams.all()) stream.group.onPeerLost(this.host.now, node);
  }

  onTurn(): void {
    // As a node does with the facts of its groups.
    for (; this.#routed < this.host.facts.length; this.#routed++) {
      const fact = this.host.facts[this.#routed];
      if (fact?.kind === 'ended' || (fact?.kind === 'reply' && !fact.result.ok)) this.streams.forgetRequest(fact.request);
    }
    this.streams.checkInvariants();
  }

  // As its applications ----------------------------------------------------------------------------------------------

  nextRequest(): number {
    return ++this.#requests;
  }

  open(name: string, targets: readonly StreamSeat[], policy: CompletionPolicy = { kind: 'all' }, failure: FailureChoice = NO_FAILURE_CHOICE): number {
    const request = this.nextRequest();
    const nodes = targets.map(({ host }) => host.node);
    this.streams.open(this.host.now, request, { tenant: TENANT, name, targets: nodes, qos: 'bulk', priority: 0, policy, failure });
    return request;
  }

  publish(stream: StreamId, producerSeq: number, more: { readonly level?: Level; readonly payload?: Uint8Array; readonly producer?: string; readonly epoch?: number } = {}): number {
    const request = this.nextRequest();
    const { level = 'accepted', payload = utf8Encode(`${more.producer ?? 'p'}/${producerSeq}`), producer = 'p' } = more;
    const offer = { producerSeq, chunkSeq: 0, chunkCount: 1, payload, headers: EMPTY_BYTES };
    const epoch = this.streams.get(stream)?.source?.placeOf(producer).epoch ?? 0;
    this.streams.publishing.publishOne(this.host.now, request, { tenant: TENANT, stream, producer, level, epoch, ...more }, offer);
    return request;
  }

  /** Under an epoch that it has, or opening the producer anew. */
  attach(stream: StreamId, producer = 'p', epoch?: number): number {
    const request = this.nextRequest();
    this.streams.publishing.attach(request, { tenant: TENANT, stream, producer, ...(epoch === undefined ? {} : { epoch }) });
    return request;
  }

  changeTarget(stream: StreamId, target: NodeId, action: TargetAction): number {
    const request = this.nextRequest();
    this.streams.operations.changeTarget(request, { tenant: TENANT, stream, target, action });
    return request;
  }

  subscribe(name: string, options: { readonly resumeAfter?: number | null; readonly messages?: number; readonly bytes?: number; readonly isOfLetters?: boolean } = {}): number {
    const request = this.nextRequest();
    const { resumeAfter = null, messages = 1_000_000, bytes = 1 << 30, isOfLetters = false } = options;
    this.streams.subscribe(this.host.now, request, { tenant: TENANT, selector: { kind: 'name', name }, resumeAfter, windowMessages: messages, windowBytes: bytes, isOfLetters });
    return request;
  }

  acknowledge(request: number, seq: number): void {
    this.streams.processed(this.host.now, request, this.attemptOf(request), seq);
  }

  fail(request: number, seq: number, reason = 'poison', attempt = this.attemptOf(request)): void {
    this.streams.failed(this.host.now, request, attempt, seq, reason);
  }

  reply(request: number): StreamReply | UpdateReply | null {
    const result = this.host.replyTo(request);
    return result?.ok === true ? result.value : null;
  }

  /** The code that `request` was refused or ended with. */
  refusal(request: number): Reject['code'] | null {
    const ended = this.host.factsOf('ended').find((fact) => fact.request === request)?.result ?? this.host.replyTo(request);
    return ended === null || ended.ok ? null : ended.reject.code;
  }

  isEnded(request: number): boolean {
    return this.host.factsOf('ended').some((fact) => fact.request === request);
  }

  delivered(request: number): DeliveredRecord[] {
    return this.host.factsOf('deliver').filter((fact) => fact.request === request).flatMap(({ chunks }) => [...chunks]);
  }

  /** The attempt that deliveries to `request` have now. */
  attemptOf(request: number): number {
    const voided = this.voided(request).at(-1);
    if (voided !== undefined) return voided.next;
    const reply = this.reply(request);
    return reply?.kind === 'subscription' ? reply.attempt : 0;
  }

  voided(request: number): Extract<GroupFact, { kind: 'attempt-voided' }>[] {
    return this.host.factsOf('attempt-voided').filter((fact) => fact.request === request);
  }

  watermarks(request: number): SessionWatermarks | null {
    return this.host.factsOf('watermarks').filter((fact) => fact.request === request).at(-1)?.watermarks ?? null;
  }
}

export interface StreamWorld {
  readonly world: GroupWorld;
  readonly seats: StreamSeat[];
  readonly stream: StreamId;
  /** The stream at a seat. */
  at(seat: number): Stream;
  /** Kills the host of a seat and starts it again. */
  restart(seat: number): void;
}

/** Seats `names`, the first of them the source of a stream to the next `targetCount`, which leads it already. */
export function streamWorld(names: readonly string[], config: object = {}, policy: CompletionPolicy = { kind: 'all' }, failure = NO_FAILURE_CHOICE, targetCount = names.length - 1): StreamWorld {
  const world = new GroupWorld();
  const seats = names.map((name) => new StreamSeat(new GroupHost(name, { config }), names));
  for (const seat of seats) world.settle(seat);
  const source = seats[0] as StreamSeat;
  const request = source.open('s', seats.slice(1, 1 + targetCount), policy, failure);
  world.runUntil(() => source.reply(request) !== null);
  const reply = source.reply(request);
  if (reply?.kind !== 'stream') throw new Error(`the stream opens: ${source.refusal(request)}`);
  const { stream } = reply;
  const at = (seat: number): Stream => {
    const found = seats[seat]?.streams.get(stream) ?? null;
    if (found === null) throw new Error('the stream is known there');
    return found;
  };
  if (!world.runUntil(() => at(0).group.leader.kind === 'local')) throw new Error('the source leads');
  const restart = (seat: number): void => {
    const again = (seats[seat] as StreamSeat).restarted();
    seats[seat] = again;
    world.settle(again);
  };
  return { world, seats, stream, at, restart };
}
