/**
 * The streams of this node, as source and as target: opening and inviting, finding the stream of a command, and the
 * subscribers that wait for a stream which is not here yet.
 *
 * A stream exists once its descriptor is durable at its source; a target has it once it has accepted the invitation,
 * which is repeated to whoever says that it does not know the group.
 */
import { assert } from '../base/assert.js';
import { EMPTY_BYTES, compareBytes } from '../base/bytes.js';
import type { GroupId, NodeId, StreamId, TenantId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import { accept, refuse } from '../base/result.js';
import { type Micros, streamSeq } from '../base/units.js';
import type { RestoredGroup } from '../journal/api.js';
import { type Invitation, SignedDescriptor, StreamDescriptor } from '../wire/group-messages.js';
import { message, uint } from '../wire/schema.js';
import { CheckpointOffice, checkpointUnknown } from './checkpoint-office.js';
import type { Readmission } from '../wire/succession-messages.js';
import { hasSeat, readmissionFor, readmittedTo, takeSeat } from './recovery/readmission.js';
import { ownByName, targetedByName } from './stream-search.js';
import { Admission } from './admission/admission.js';
import { TenantUse } from './tenant-use.js';
import type { GroupContext } from './context.js';
import { isInvited, openDescriptor, signDescriptor } from './dsg/descriptor.js';
import { Stream } from './dsg/stream.js';
import { DESCRIPTOR_PREFIX, descriptorKey } from './dsg/stream-rows.js';
import { Deletions } from './deletions.js';
import type { StreamOptions } from './dsg/stream-options.js';
import { LetterOffice } from './letter-office.js';
import { PaceOffice } from './pace-office.js';
import type { StreamSelector, Subscribe } from './subscribe.js';
import { Operations } from './operations.js';
import { Publishing, notSource } from './publishing.js';
import { type MemberLookup, type OpenStream, describeStream, isOfEarlierReplica, isSameStream, refusalOfOpening } from './opening.js';

export class Streams {
  readonly letters: LetterOffice;
  readonly paces: PaceOffice;
  readonly checkpoints: CheckpointOffice;
  /** Where messages are admitted. */
  readonly admission: Admission;
  readonly quotas: TenantUse;
  /** The calls of publishers. */
  readonly publishing: Publishing;
  /** The calls of operators. */
  readonly operations: Operations;
  /** Streams that are no more. */
  readonly deletions: Deletions;
  readonly #context: GroupContext;
  readonly #members: MemberLookup;
  readonly #generation: number;
  readonly #onDirty: (stream: Stream) => void;
  readonly #streams = new Map<StreamId, Stream>();
  readonly #signed = new Map<StreamId, SignedDescriptor>();
  /** Where an open publisher session or subscription is. */
  readonly #requests = new Map<number, Stream>();
  readonly #waiting = new Map<number, Subscribe>();
  #attempts = 0;
  #opened = 0;

  constructor(
    now: Micros,
    options: {
      readonly context: GroupContext;
      readonly members: MemberLookup;
      readonly generation: number;
      readonly restored: ReadonlyMap<GroupId, RestoredGroup>;
      readonly onDirty: (stream: Stream) => void;
    },
  ) {
    this.#context = options.context;
    this.#members = options.members;
    this.#generation = options.generation;
    this.#onDirty = options.onDirty;
    const lookup = { ofTenant: (tenant: TenantId, id: StreamId) => this.#ofTenant(tenant, id), all: () => this.all() };
    this.admission = new Admission(this.#context.config, this.#context.deadlines);
    this.quotas = new TenantUse(this.admission, lookup);
    this.letters = new LetterOffice(this.#context, lookup);
    this.paces = new PaceOffice(this.#context, lookup);
    this.deletions = new Deletions(options.context, {
      find: (tenant, id) => this.#ofTenant(tenant, id),
      get: (id) => this.get(id),
      publicKeyOf: (node) => options.members.publicKeyOf(node),
      drop: (stream, why) => this.#drop(stream, why),
      onDirty: options.onDirty,
    });
    this.checkpoints = new CheckpointOffice(this.#context, lookup, (tenant, id) => this.deletions.absence(tenant, id));
    this.operations = new Operations(options.context, options.members, {
      find: (tenant, id) => this.#ofTenant(tenant, id),
      onDirty: options.onDirty,
    });
    this.publishing = new Publishing(options.context, {
      find: (tenant, id) => this.#ofTenant(tenant, id),
      absence: (tenant, id) => this.deletions.absence(tenant, id),
      requests: this.#requests,
      admission: this.admission,
      onDirty: options.onDirty,
    });
    this.#restore(now, options.restored);
  }

  get size(): number {
    return this.#streams.size;
  }

  all(): IterableIterator<Stream> {
    return this.#streams.values();
  }

  /** The mesh is in another state: what was held back at sources may go on. */
  onMeshState(): void {
    for (const stream of this.all()) if (stream.source?.waitsForMesh === true) this.#onDirty(stream);
  }

  get(stream: StreamId): Stream | null {
    return this.#streams.get(stream) ?? null;
  }

  /** Also of a stream that was deleted. */
  tenantOf(stream: StreamId): TenantId | null {
    return this.get(stream)?.descriptor.tenant ?? this.deletions.tenantOf(stream);
  }

  /** The descriptor as its source signed it. */
  signedOf({ stream }: Stream): SignedDescriptor | null {
    return this.#signed.get(stream) ?? null;
  }

  // Commands ---------------------------------------------------------------------------------------------------------

  open(now: Micros, request: number, wish: OpenStream): void {
    const existing = ownByName(this.#streams.values(), wish.tenant, wish.name);
    if (existing !== null) {
      const isSame = isSameStream(existing.descriptor, wish);
      const why = reject('STREAM_EXISTS', wish.name, 'a stream of this name with other targets or policy is open here; close it or use another name');
      // The first opening may still be on its way to the disk.
      if (isSame) this.#context.afterDurable(() => this.#replyOpened(request, existing));
      else this.#refuse(request, why);
      return;
    }
    const why = this.quotas.refusalOfStream(wish.tenant) ?? refusalOfOpening(this.#context, this.#members, wish, this.#streams.size + this.deletions.unconfirmedCount);
    if (why !== null) {
      this.#refuse(request, why);
      return;
    }
    this.#opened++;
    this.#context.journal.put(OPENED_KEY, Counter.encode({ count: this.#opened }));
    const descriptor = describeStream(now, this.#context, this.#members, wish, this.#opened);
    const signed = signDescriptor(this.#context.crypto, this.#context.privateSeed, descriptor);
    const stream = this.#create(now, descriptor, signed, true);
    this.#context.afterDurable(() => {
      this.#replyOpened(request, stream);
      for (const { node } of descriptor.targets) this.#invite(node, stream, signed);
    });
  }

  close(request: number, tenant: TenantId, id: StreamId): void {
    const stream = this.#ofTenant(tenant, id);
    if (stream === null) return this.#refuse(request, this.deletions.absence(tenant, id));
    if (stream.source === null) return this.#refuse(request, notSource(stream));
    const { staging, publishers } = stream.source;
    staging.close();
    publishers.endSessions(reject('STREAM_CLOSED', id, 'the stream was closed; open another one'));
    this.#onDirty(stream);
    this.#context.afterDurable(() =>
      this.#context.emit({ kind: 'reply', request, result: accept({ kind: 'closed', lastSeq: streamSeq(staging.lastSeq) }) }),
    );
  }

  subscribe(now: Micros, request: number, wish: Subscribe): void {
    const stream = this.#find(wish.tenant, wish.selector);
    const isDeleted = wish.selector.kind === 'id' && this.deletions.tenantOf(wish.selector.stream) === wish.tenant;
    if (isDeleted) return this.#refuse(request, this.deletions.absence(wish.tenant, wish.selector.stream));
    const why = this.quotas.refusalOfSubscriber(wish.tenant, stream, this.#waiting.values());
    if (why !== null) return this.#refuse(request, why);
    if (stream === null || stream.isJoining || stream.succession.isCatchingUp) {
      if (this.#waiting.size >= this.#context.config.subscriptionsMax) {
        return this.#refuse(request, reject('TOO_MANY', 'subscribe', 'too many subscribers wait for streams that are not here', RETRY_US));
      }
      this.#waiting.set(request, wish);
      return;
    }
    const checkpoint = wish.fromCheckpoint === undefined ? null : stream.log.state.checkpoints.get(wish.fromCheckpoint);
    if (wish.fromCheckpoint !== undefined && checkpoint === null) return this.#refuse(request, checkpointUnknown(wish.fromCheckpoint));
    this.#requests.set(request, stream);
    const resumeAfter = checkpoint?.seq ?? wish.resumeAfter;
    const { windowMessages, windowBytes, isOfLetters = false } = wish;
    stream.sessions.subscribe(now, { request, attempt: ++this.#attempts, resumeAfter, windowMessages, windowBytes, isOfLetters });
  }

  processed(now: Micros, request: number, attempt: number, seq: number): void {
    this.#requests.get(request)?.sessions.acknowledge(now, request, attempt, seq);
  }

  failed(now: Micros, request: number, attempt: number, seq: number, reason: string): void {
    this.#requests.get(request)?.sessions.fail(now, request, attempt, seq, reason);
  }

  window(request: number, messages: number, bytes: number): void {
    const waiting = this.#waiting.get(request);
    if (waiting !== undefined) {
      const { windowMessages, windowBytes } = waiting;
      this.#waiting.set(request, { ...waiting, windowMessages: windowMessages + messages, windowBytes: windowBytes + bytes });
      return;
    }
    this.#requests.get(request)?.sessions.grant(request, messages, bytes);
  }

  /** The caller of `request` is gone. A single publish that waits is not indexed by request: it is looked for. */
  cancel(request: number): void {
    if (this.#waiting.delete(request)) return;
    this.deletions.cancel(request);
    const stream = this.#requests.get(request);
    if (stream === undefined) this.publishing.forget(request, this.#streams.values());
    else stream.sessions.cancel(request);
    this.#requests.delete(request);
  }

  /** The core itself has ended a session or subscription. */
  forgetRequest(request: number): void {
    this.#requests.delete(request);
  }

  // From other members -----------------------------------------------------------------------------------------------

  onInvite(now: Micros, { attachmentSignature, ...signed }: Invitation): void {
    const descriptor = openDescriptor(this.#context.crypto, signed, (node) => this.#members.publicKeyOf(node));
    if (descriptor === null) return this.#count('stream.invitations-not-verified');
    if (this.deletions.onStranger(descriptor.source, descriptor.stream as string as GroupId)) return this.#count('stream.invitations-too-late');
    const known = this.#signed.get(descriptor.stream);
    if (known !== undefined) {
      if (compareBytes(known.descriptor, signed.descriptor) !== 0) this.#count('stream.invitations-conflicting');
      return;
    }
    const self = { node: this.#context.node, replica: this.#context.replica };
    const isForUs = isInvited(this.#context.crypto, descriptor, self, attachmentSignature, (node) => this.#members.publicKeyOf(node));
    if (!isForUs || descriptor.mesh !== this.#context.meshId()) return this.#count('stream.invitations-refused');
    if (this.#streams.size >= this.#context.config.streamsMax) return this.#count('stream.invitations-too-many');
    this.#create(now, descriptor, signed, false);
    const joined = { kind: 'joinedGroup', group: descriptor.stream as string as GroupId } as const;
    this.#context.afterDurable(() => this.#context.sendControl(descriptor.source, joined));
  }

  /** Somebody who was sent to does not know the group: it gets the invitation again, or is let in anew. */
  onUnknownGroup(from: NodeId, group: GroupId): void {
    if (this.deletions.onStranger(from, group)) return;
    const stream = this.get(group as string as StreamId);
    const signed = stream === null ? null : this.signedOf(stream);
    if (stream === null || signed === null) return;
    const readmission = readmissionFor(this.#members, stream.descriptor, signed, from);
    // Nobody may have a stream that a crash of its source could take back.
    this.#context.afterDurable(() => {
      if (readmission === null) this.#invite(from, stream, signed);
      else this.#context.sendControl(from, readmission);
    });
  }

  /** This node's replica takes the seat of the one that the descriptor names; see recovery/readmission.ts. */
  onReadmission(now: Micros, from: NodeId, readmission: Readmission): void {
    const descriptor = readmittedTo(this.#context, this.#members, from, readmission);
    if (descriptor === null) return this.#count('stream.invitations-refused');
    if (this.#signed.has(descriptor.stream) || this.deletions.has(descriptor.stream)) return;
    if (this.#streams.size >= this.#context.config.streamsMax) return this.#count('stream.invitations-too-many');
    takeSeat(this.#context, descriptor.stream);
    this.#create(now, descriptor, readmission, false);
  }

  /** The mesh's log has changed: who belongs to which group is looked at again. O(streams). */
  onMeshChanged(): void {
    for (const stream of this.#streams.values()) stream.onMeshChanged();
  }

  /** Ends every session, subscription and waiting publish. */
  endSessions(why: Reject): void {
    this.publishing.endWaiting(why);
    for (const stream of this.#streams.values()) stream.sessions.end(why);
    for (const request of this.#waiting.keys()) this.#refuse(request, why);
    this.deletions.endAll(why);
    this.#waiting.clear();
    this.#requests.clear();
  }

  checkInvariants(): void {
    this.admission.checkInvariants();
    for (const stream of this.#streams.values()) stream.checkInvariants();
    for (const [request, stream] of this.#requests) assert(stream.sessions.holds(request), 'a request that is remembered is open');
  }

  #restore(now: Micros, restored: ReadonlyMap<GroupId, RestoredGroup>): void {
    const { journal } = this.#context;
    this.#opened = Counter.decode(journal.get(OPENED_KEY) ?? new Uint8Array(0))?.count ?? 0;
    if (!this.deletions.restore(now)) {
      this.#context.emit({ kind: 'halt', code: 'tombstone-malformed', detail: 'repair the data directory' });
      return;
    }
    for (const key of journal.keys(DESCRIPTOR_PREFIX)) {
      const bytes = journal.get(key);
      const signed = bytes === null ? null : SignedDescriptor.decode(bytes);
      // Our own journal is believed: its records have checksums, and the signature was checked when it came.
      const descriptor = signed === null ? null : StreamDescriptor.decode(signed.descriptor);
      if (signed === null || descriptor === null) {
        this.#context.emit({ kind: 'halt', code: 'descriptor-malformed', detail: `${key}: repair the data directory` });
        return;
      }
      if (isOfEarlierReplica(descriptor, this.#context) && !hasSeat(this.#context, descriptor.stream)) continue;
      this.#signed.set(descriptor.stream, signed);
      const group = restored.get(descriptor.stream as string as GroupId) ?? null;
      this.#add(now, this.#streamOptions(descriptor, group, false));
    }
  }

  #create(now: Micros, descriptor: StreamDescriptor, signed: SignedDescriptor, isNew: boolean): Stream {
    this.#context.journal.put(descriptorKey(descriptor.stream), SignedDescriptor.encode(signed));
    // Of the message that brought it nothing else is kept.
    this.#signed.set(descriptor.stream, { descriptor: signed.descriptor, signature: signed.signature });
    const stream = this.#add(now, this.#streamOptions(descriptor, null, isNew));
    this.#context.emit({ kind: 'stream-opened', stream: stream.stream, name: descriptor.name });
    this.#beginWaiting(now, stream);
    return stream;
  }

  #streamOptions(descriptor: StreamDescriptor, restored: RestoredGroup | null, isNew: boolean) {
    const then = (act: (stream: Stream) => void): void => {
      const stream = this.#streams.get(descriptor.stream);
      if (stream !== undefined) act(stream);
    };
    const onDirty = (): void => then(this.#onDirty);
    const onAttached = (now: Micros): void => then((stream) => this.#beginWaiting(now, stream));
    const onDeleted = (now: Micros, signature: Uint8Array): void => then((stream) => this.deletions.onDeleted(now, stream, signature));
    const seat = () => this.admission.seatOf(descriptor.tenant, descriptor.stream, descriptor.priority);
    return { descriptor, generation: this.#generation, restored, isNew, mesh: this.#members, onDirty, onAttached, onDeleted, seat };
  }

  #drop(stream: Stream, why: Reject): void {
    stream.destroy(why);
    stream.source?.seat.onStaged(0);
    this.#streams.delete(stream.stream);
    this.#signed.delete(stream.stream);
    for (const [request, of] of [...this.#requests]) if (of === stream) this.#requests.delete(request);
    for (const [request, { selector }] of [...this.#waiting]) {
      if (selector.kind !== 'id' || selector.stream !== stream.stream) continue;
      this.#waiting.delete(request);
      this.#refuse(request, why);
    }
  }

  /** Subscribers that have waited for the stream to be here, or to catch up. */
  #beginWaiting(now: Micros, stream: Stream): void {
    if (stream.isJoining || stream.succession.isCatchingUp) return;
    for (const [request, wish] of [...this.#waiting]) {
      if (this.#find(wish.tenant, wish.selector) !== stream) continue;
      this.#waiting.delete(request);
      this.subscribe(now, request, wish);
    }
  }

  #add(now: Micros, options: StreamOptions): Stream {
    const stream = new Stream(now, this.#context, options);
    this.admission.accountOf(stream.descriptor.tenant);
    this.#streams.set(stream.stream, stream);
    this.#onDirty(stream);
    return stream;
  }

  #invite(node: NodeId, stream: Stream, signed: SignedDescriptor): void {
    const attachmentSignature = stream.log.state.targets.get(node)?.signature ?? EMPTY_BYTES;
    this.#context.sendControl(node, { kind: 'invite', ...signed, attachmentSignature });
  }

  #find(tenant: TenantId, selector: StreamSelector): Stream | null {
    if (selector.kind === 'id') return this.#ofTenant(tenant, selector.stream);
    return targetedByName(this.#streams.values(), tenant, selector.name);
  }

  #ofTenant(tenant: TenantId, id: StreamId): Stream | null {
    const stream = this.#streams.get(id);
    return stream !== undefined && stream.descriptor.tenant === tenant ? stream : null;
  }

  #replyOpened(request: number, stream: Stream): void {
    const { descriptor, source } = stream;
    const lastSeq = streamSeq(source?.staging.lastSeq ?? 0);
    const targets = descriptor.targets.map(({ node }) => node);
    const opened = { kind: 'stream', stream: stream.stream, name: descriptor.name, targets, lastSeq } as const;
    this.#context.emit({ kind: 'reply', request, result: accept(opened) });
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }

  #count(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}

const Counter = message('Counter', { count: uint(1) });
const OPENED_KEY = 'streams-opened';
const RETRY_US = 500_000;
