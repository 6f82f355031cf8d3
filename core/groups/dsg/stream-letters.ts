/**
 * The dead letters of one stream at one of its members: the copies of their payloads, the asking for changes, what
 * operators are shown, and at a target the subscription of replays.
 */
import type { GroupId, NodeId } from '../../base/ids.js';
import { type Reject, reject } from '../../base/reject.js';
import { accept, refuse } from '../../base/result.js';
import type { LogIndex, Micros } from '../../base/units.js';
import { decodeBlob } from '../../journal/entry-block.js';
import { FlowPayload, type StreamDescriptor, StreamEntry } from '../../wire/group-messages.js';
import type { TargetStep } from '../../wire/target-steps.js';
import type { GroupContext } from '../context.js';
import { failurePolicyOf } from '../failure-policy.js';
import type { LeaderView } from '../leader-view.js';
import { flowClassOf } from './descriptor.js';
import { TargetDesk } from './target-desk.js';
import { LetterStore } from './letter-store.js';
import { Replay } from './replay.js';
import type { StreamLog } from './stream-log.js';

export interface StreamLettersPorts {
  readonly onNeedsTurn: () => void;
  readonly append: (now: Micros, entry: Uint8Array) => LogIndex | null;
  readonly isTarget: boolean;
}

export class StreamLetters {
  readonly store: LetterStore;
  readonly desk: TargetDesk;
  /** At a target only. */
  readonly replay: Replay | null;
  readonly #context: GroupContext;
  readonly #descriptor: StreamDescriptor;
  readonly #log: StreamLog;
  readonly #ports: StreamLettersPorts;
  #leader: LeaderView = { kind: 'none' };
  #isBooted = false;

  constructor(context: GroupContext, descriptor: StreamDescriptor, log: StreamLog, ports: StreamLettersPorts) {
    this.#context = context;
    this.#descriptor = descriptor;
    this.#log = log;
    this.#ports = ports;
    const { onNeedsTurn, isTarget } = ports;
    const group = descriptor.stream as string as GroupId;
    this.desk = new TargetDesk(context, group, log, onNeedsTurn);
    this.store = new LetterStore(context, group, log, {
      onNeedsTurn,
      peers: () => this.#peers(),
      sendToPeer: (node, chunk) =>
        void context.sendFlow(node, flowClassOf(descriptor), FlowPayload.encode({ kind: 'letterChunk', ...chunk })),
    });
    const policy = failurePolicyOf(descriptor.failure, context.config);
    const { store, desk } = this;
    this.replay = isTarget ? new Replay({ context, descriptor, log, policy, store, desk, onNeedsTurn }) : null;
  }

  onLeader(leader: LeaderView): void {
    this.#leader = leader;
    this.desk.onLeader();
  }

  /** The log has brought a change into the state; those that leave the list are dropped, a new one is copied. */
  onApplied(change: TargetStep, left: readonly { readonly target: NodeId; readonly seq: number }[]): void {
    this.desk.onApplied(change);
    if (change.kind === 'died' && this.#log.state.deadLetters.get(change.target, change.seq) !== null) {
      this.store.keep(change.target, change.seq, null);
    }
    for (const { target, seq } of left) this.store.drop(target, seq);
    if (change.kind === 'discard' && left.length > 0) this.#mark('stream.dead-letter-discarded');
  }

  /** A snapshot was taken over: our own at the start, later one that went on without us. */
  onRestored(): void {
    this.store.follow(this.#isBooted);
    this.#isBooted = true;
  }

  beforeTake(now: Micros): void {
    this.store.onTurn(now);
    this.desk.onTurn(now, this.#leader, (entry) => this.#ports.append(now, entry));
  }

  afterTake(): void {
    this.replay?.pump();
  }

  /** An operator's wish; LETTER_UNKNOWN when it is not in the list. Answers when it is in the log. */
  change(now: Micros, request: number, change: Extract<TargetStep, { kind: 'replay' | 'discard' }>): void {
    if (this.#log.state.deadLetters.get(change.target, change.seq) === null) return this.#refuse(request, letterUnknown(change.seq));
    this.desk.ask(now, change, this.#context.config.letterPatienceUs, (why) => {
      if (why !== null) this.#refuse(request, why);
      else this.#context.emit({ kind: 'reply', request, result: accept({ kind: 'dead-letter-changed' }) });
    });
  }

  /** One chunk of a letter, for an operator. */
  show(request: number, target: NodeId, seq: number, chunkSeq: number): void {
    const { stream, name } = this.#descriptor;
    const letter = this.#log.state.deadLetters.get(target, seq);
    if (letter === null) return this.#refuse(request, letterUnknown(seq));
    if (chunkSeq >= letter.chunkCount) {
      return this.#refuse(request, reject('INVALID_ARGUMENT', 'chunkSeq', `the letter has ${letter.chunkCount} chunks`));
    }
    const location = this.store.locate(target, seq, chunkSeq);
    if (location === null) return this.#refuse(request, notHereYet(seq));
    this.#context.fetch([location.read], (_now, [chunk]) => {
      const bytes = decodeBlob(location, chunk ?? null);
      const batch = bytes === null ? null : StreamEntry.decode(bytes);
      const record = batch?.kind === 'messages' ? batch.records[0] : undefined;
      if (record === undefined) return this.#refuse(request, notHereYet(seq));
      const { payload, checksum, headers } = record;
      const shown = { kind: 'dead-letter', letter: { ...letter, stream, name }, chunkSeq, payload, checksum, headers } as const;
      this.#context.emit({ kind: 'reply', request, result: accept(shown) });
    });
  }

  #peers(): NodeId[] {
    const { source, targets } = this.#descriptor;
    const others = [source, ...targets.map(({ node }) => node)].filter((node) => node !== this.#context.node);
    const leader = this.#leader.kind === 'remote' ? this.#leader.node : null;
    return leader === null ? others : [leader, ...others.filter((node) => node !== leader)];
  }

  #refuse(request: number, why: Reject): void {
    this.#context.emit({ kind: 'reply', request, result: refuse(why) });
  }

  #mark(name: string): void {
    this.#context.emit({ kind: 'notice', notice: { kind: 'mark', name } });
  }
}

const letterUnknown = (seq: number): Reject =>
  reject('LETTER_UNKNOWN', `seq ${seq}`, 'there is no such dead letter (any more); list them');
const notHereYet = (seq: number): Reject =>
  reject('UNREACHABLE', `seq ${seq}`, 'this node has no copy of it yet: ask again, or another member of the stream', 1_000_000);
