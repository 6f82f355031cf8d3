/**
 * What operators do with a stream at its source: targets are attached, detached, removed, made required or optional, and
 * producers expire. Each becomes an entry of the stream's log and answers when the stream has admitted it.
 */
import { EMPTY_BYTES } from '../base/bytes.js';
import type { NodeId, StreamId, TenantId } from '../base/ids.js';
import { type Reject, reject } from '../base/reject.js';
import { type Result, accept, refuse } from '../base/result.js';
import { checkpointUnknown } from './checkpoint-office.js';
import type { GroupContext } from './context.js';
import { signAttachment } from './dsg/descriptor.js';
import type { StreamChange } from './dsg/source.js';
import type { Stream } from './dsg/stream.js';
import { ATTACH, DETACH, FROM_EARLIEST, FROM_NOW, FROM_SEQ, MAKE_OPTIONAL, MAKE_REQUIRED, REMOVE } from './dsg/target-table.js';
import type { MemberLookup } from './opening.js';
import { notSource, unknownStream } from './publishing.js';

/** Where a target that is attached begins: after the last message, after a seq or a checkpoint, or with the earliest that is kept. */
export type TargetStart =
  | { readonly kind: 'now' }
  | { readonly kind: 'after'; readonly seq: number }
  | { readonly kind: 'earliest' }
  | { readonly kind: 'checkpoint'; readonly name: string };

export type TargetAction =
  | { readonly kind: 'attach'; readonly start: TargetStart; readonly isOptional: boolean }
  /** It stays a member and counts no more; it may be attached again. */
  | { readonly kind: 'detach' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'make-required' }
  | { readonly kind: 'make-optional' };

export interface TargetWish {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly target: NodeId;
  readonly action: TargetAction;
}

export interface OperationsPorts {
  find(tenant: TenantId, id: StreamId): Stream | null;
  onDirty(stream: Stream): void;
}

export class Operations {
  readonly #context: GroupContext;
  readonly #members: MemberLookup;
  readonly #ports: OperationsPorts;

  constructor(context: GroupContext, members: MemberLookup, ports: OperationsPorts) {
    this.#context = context;
    this.#members = members;
    this.#ports = ports;
  }

  changeTarget(request: number, wish: TargetWish): void {
    this.#stage(request, wish, (stream) => this.#targetChange(stream, wish));
  }

  expireProducer(request: number, wish: { readonly tenant: TenantId; readonly stream: StreamId; readonly producer: string }): void {
    this.#stage(request, wish, () => accept({ kind: 'expire', producer: wish.producer }));
  }

  #stage(
    request: number,
    { tenant, stream: id }: { readonly tenant: TenantId; readonly stream: StreamId },
    bodyFor: (stream: Stream) => Result<StreamChange>,
  ): void {
    const stream = this.#ports.find(tenant, id);
    if (stream === null) return this.#refuse(request, unknownStream(id));
    const { source } = stream;
    if (source === null) return this.#refuse(request, notSource(stream));
    const body = bodyFor(stream);
    if (!body.ok) return this.#refuse(request, body.reject);
    const why = source.control(request, body.value);
    if (why !== null) return this.#refuse(request, why);
    this.#ports.onDirty(stream);
  }

  #targetChange(stream: Stream, { target: node, action }: TargetWish): Result<StreamChange> {
    const { state } = stream.log;
    const row = state.targets.get(node);
    if (action.kind === 'attach') return this.#attachment(stream, node, action);
    if (row === null) return refuse(reject('TARGET_UNKNOWN', node, 'it is no target of the stream; see the list of streams'));
    const { replica } = row;
    const change = { ...NO_CHANGE, node, replica, action: ACTIONS[action.kind] };
    if (action.kind === 'make-optional' && state.targets.wouldOrphan(node, state.completed)) {
      return refuse(reject('POLICY_BELOW_QUORUM', node, 'the policy needs it: attach another target first'));
    }
    return accept({ kind: 'target', ...change });
  }

  #attachment(stream: Stream, node: NodeId, { start: wished, isOptional }: Extract<TargetAction, { kind: 'attach' }>): Result<StreamChange> {
    const { descriptor } = stream;
    const { state } = stream.log;
    const { lastSeq, completed, released } = state;
    const replica = this.#members.replicaNumberOf(node);
    const named = wished.kind === 'checkpoint' ? state.checkpoints.get(wished.name) : null;
    if (wished.kind === 'checkpoint' && named === null) return refuse(checkpointUnknown(wished.name));
    const start = wished.kind === 'checkpoint' ? ({ kind: 'after', seq: named?.seq ?? 0 } as const) : wished;
    if (node === descriptor.source) return refuse(reject('INVALID_ARGUMENT', 'target', 'the source is no target of its own stream'));
    if (replica === null) return refuse(reject('TARGET_UNKNOWN', node, 'it is no member of the mesh; see the list of nodes'));
    const { targetsMax } = this.#context.config;
    if (state.targets.get(node) === null && state.targets.rows.length >= targetsMax) {
      return refuse(reject('TOO_MANY', 'target', `a stream has at most ${targetsMax} targets; remove one`));
    }
    const first = start.kind === 'now' ? lastSeq : start.kind === 'earliest' ? released : start.seq;
    if (!Number.isSafeInteger(first) || first < released) {
      return refuse(reject('OFFSET_OUT_OF_RANGE', `seq ${first}`, `messages up to ${released} are gone; begin after that`));
    }
    if (first > lastSeq) return refuse(reject('OFFSET_AHEAD', `seq ${first}`, `the stream has only ${lastSeq} messages`));
    if (state.isOrphaned && !isOptional && first > completed) {
      const detail = `messages from ${completed + 1} on reached too few targets: begin there or earlier, or close the stream`;
      return refuse(reject('INVALID_ARGUMENT', 'start', detail));
    }
    const isNamed = descriptor.targets.some((target) => target.node === node && target.replica === replica);
    const attachment = { stream: stream.stream, node, replica };
    return accept({
      kind: 'target',
      action: ATTACH,
      node,
      replica,
      isOptional,
      start: STARTS[start.kind],
      startSeq: start.kind === 'after' ? start.seq : 0,
      signature: isNamed ? EMPTY_BYTES : signAttachment(this.#context.crypto, this.#context.privateSeed, attachment),
    });
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }
}

const ACTIONS = { detach: DETACH, remove: REMOVE, 'make-required': MAKE_REQUIRED, 'make-optional': MAKE_OPTIONAL } as const;
const STARTS = { now: FROM_NOW, after: FROM_SEQ, earliest: FROM_EARLIEST } as const;
const NO_CHANGE = { isOptional: false, start: 0, startSeq: 0, signature: EMPTY_BYTES } as const;
