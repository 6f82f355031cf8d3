/**
 * Everything that a simulation will do to its nodes, as plain lists that are complete before time 0: who stands where,
 * which streams exist, what is published when, and which fault strikes when. The run consumes the lists and draws only
 * small things (a latency, a flush time); so a list can be edited by hand without shifting anything else.
 */
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import type { CompletionPolicy } from '../../core/groups/policy.js';
import type { FailureChoice } from '../../core/wire/group-messages.js';
import type { JoinPolicy, PublishLevel, QosClass } from '../../core/node/commands.js';
import type { Seed } from '../base/draw.js';
import type { TransientPlan } from './transients.js';

/** Nodes, streams, publishers and subscribers are named by their position in these lists. */
export interface Plan {
  readonly scenario: string;
  readonly seedNumber: number;
  readonly seed: Seed;
  readonly joinPolicy: JoinPolicy;
  readonly nodes: readonly NodePlan[];
  /** Every ordered pair of nodes, at from · nodes.length + to. */
  readonly paths: readonly PathPlan[];
  readonly streams: readonly StreamPlan[];
  readonly publishers: readonly PublisherPlan[];
  readonly subscribers: readonly SubscriberPlan[];
  /** Others who open a publisher's producer. */
  readonly rivals: readonly RivalPlan[];
  readonly regulators: readonly RegulatorPlan[];
  /** Streams that come and go; none in most scenarios. */
  readonly transients?: readonly TransientPlan[];
  /** Ascending by time. */
  readonly publishes: readonly PublishPlan[];
  /** Ascending by time; none in most scenarios. */
  readonly updates: readonly UpdatePlan[];
  /** Ascending by time; none in most scenarios. */
  readonly configCalls?: readonly ConfigCallPlan[];
  /** Ascending by time; all of them are over at `healedAtUs`. */
  readonly faults: readonly FaultPlan[];
  /** Who leaves or is evicted when; each comes back by joining again. Ascending by time for each node. */
  readonly trips?: readonly TripPlan[];
  /** Members that are lost for good at one moment; absent or null in most scenarios. */
  readonly loss?: LossPlan | null;
  /** From here on nothing strikes any more and everything has to drain. */
  readonly healedAtUs: number;
  /** How long draining, converging and the fresh publishes may take after that, together. */
  readonly livenessUs: number;
  /** What a stream may hold that is not settled everywhere, and so the largest message; null as in production. */
  readonly streamBytesMax?: number | null;
  /** Once everything has drained, only the voters of the mesh control group may go on talking. */
  readonly mustRest?: boolean;
}

/** A node leaves the mesh (`via` itself), or somebody at `via` evicts it; and comes back after a while. */
export interface TripPlan {
  readonly node: number;
  readonly atUs: number;
  readonly via: number;
  /** How long after it is out its operator wants it back. */
  readonly awayUs: number;
}

/** Who is lost for good, and what becomes of the rest. */
export interface LossPlan {
  readonly nodes: readonly number[];
  readonly atUs: number;
  /** When the operator of `via` begins to recover. */
  readonly recoverAtUs: number;
  readonly via: number;
  /** Of the lost, those that come back as they went. */
  readonly returning: readonly number[];
  readonly returnAtUs: number;
}

/**
 * A client reads a key of the mesh's configuration, sets it, sets it on top of the revision that it has read last, makes it
 * where it believes that there is none, or removes it; at that node first.
 */
export interface ConfigCallPlan {
  readonly atUs: number;
  readonly client: number;
  readonly key: string;
  readonly kind: 'get' | 'local-get' | 'put' | 'replace' | 'create' | 'delete';
  readonly node: number;
}

/** One update, sent at a node by its sender of that feed. */
export interface UpdatePlan {
  readonly atUs: number;
  readonly node: number;
  readonly feed: UpdateFeed;
}

export interface NodePlan {
  readonly name: string;
  readonly isBehindNat: boolean;
  /** The nodes that it is configured to dial, first of all when it joins. */
  readonly dials: readonly number[];
  /** The first one is told to seed the mesh; the others join through the nodes they dial. */
  readonly isSeed: boolean;
  /** What its wall clock shows at time 0, its skew included. */
  readonly wallOffsetUs: number;
  /** The median time of a flush. */
  readonly flushUs: number;
}

/** One direction between two nodes. */
export interface PathPlan {
  readonly isDialable: boolean;
  readonly latencyUs: number;
  readonly jitterUs: number;
  readonly bytesPerSecond: number;
  /** Of a million messages, how many wait for a retransmission. */
  readonly lossPerMillion: number;
}

export interface StreamPlan {
  readonly name: string;
  readonly source: number;
  readonly targets: readonly number[];
  readonly qos: QosClass;
  readonly priority: number;
  readonly policy: CompletionPolicy;
  readonly openAtUs: number;
  /** What it does with messages that keep failing. */
  readonly failure: FailureChoice;
}

export interface PublisherPlan {
  readonly stream: number;
  readonly producer: string;
  /** A session sends batches and reads watermarks; `one` publishes a message and waits for the answer. */
  readonly form: { readonly kind: 'session' } | { readonly kind: 'one'; readonly level: PublishLevel };
}

export interface RivalPlan {
  readonly publisher: number;
  readonly atUs: number;
}

export interface PublishPlan {
  readonly atUs: number;
  readonly publisher: number;
  readonly bytes: number;
}

export interface SubscriberPlan {
  readonly stream: number;
  readonly target: number;
  /** `own`: stores (stream, seq) with its effect and presents it; `node`: trusts the node's offset. */
  readonly ledger: 'own' | 'node';
  readonly selector: 'id' | 'name';
  readonly handlerUs: number;
  /** How many messages it handles in one transaction. */
  readonly batchMax: number;
  readonly windowMessages: number;
  readonly windowBytes: number;
  /** Of a million messages, how many its handler cannot take: of a stream that blocks, as often as that bears. */
  readonly poisonPerMillion: number;
  readonly startUs: number;
}

/** An operator who changes the pace of a target. */
export interface RegulatorPlan {
  readonly stream: number;
  readonly target: number;
  readonly startUs: number;
  /** One after the other; after the last one nothing is limited any more. */
  readonly steps: readonly { readonly isPaused: boolean; readonly messagesPerSecond: number; readonly forUs: number }[];
}

/** Who is struck: a node, or whoever leads the group of a stream (or the mesh's own group) at that moment. */
export type Victim =
  | { readonly kind: 'node'; readonly node: number }
  | { readonly kind: 'leader'; readonly group: 'mcg' | number };

/** Exactly then, or in the midst of the next flush, if one begins soon: where the interesting crashes are. */
export type Moment = 'then' | 'flushing';

/** When: at a time, or when the slowest target of every stream has settled that part of what is planned. */
export type Trigger =
  | { readonly kind: 'at'; readonly atUs: number }
  | { readonly kind: 'settled'; readonly perMille: number };

export interface FaultPlan {
  readonly when: Trigger;
  /** How long it lasts; then it is undone. */
  readonly forUs: number;
  readonly what: FaultKind;
}

export type FaultKind =
  /** The process dies and is started again at the end; its sockets are closed by its operating system. */
  | { readonly kind: 'crash'; readonly victim: Victim; readonly moment: Moment }
  /** The machine goes dark without a word to anyone, and comes back at the end. */
  | { readonly kind: 'power-loss'; readonly victim: Victim; readonly moment: Moment }
  /** Strikes at each of the next `count` elections of one group: see world/election-ambush.ts. */
  | { readonly kind: 'ambush-voters'; readonly count: number }
  | { readonly kind: 'ambush-leader'; readonly count: number }
  | { readonly kind: 'leader-carousel'; readonly count: number }
  /** As `leader-carousel`, of the group of one stream, whose entries reach their leader's disk before they leave it. */
  | { readonly kind: 'stream-carousel'; readonly stream: number; readonly count: number }
  /** Every machine goes dark at once, when `node` flushes next, and they come back one by one. */
  | { readonly kind: 'blackout'; readonly node: number }
  /** As `power-loss`, in a flush whose last batch that reaches the disk is cut short. */
  | { readonly kind: 'torn-write'; readonly victim: Victim }
  /** The process does not run; its clock does. */
  | { readonly kind: 'pause'; readonly victim: Victim }
  | { readonly kind: 'slow-cpu'; readonly node: number; readonly factor: number }
  | { readonly kind: 'slow-disk'; readonly node: number; readonly factor: number }
  /** Nothing is written until the end; what the node offers is refused whole. */
  | { readonly kind: 'disk-full'; readonly node: number }
  /** The next flush fails, and nobody knows what of it was written: the process has to end, and is started again. */
  | { readonly kind: 'flush-fails'; readonly node: number }
  /** The node goes down, and bits in entries of its log are others when it comes back. See the atlas in faults.ts. */
  | { readonly kind: 'bit-flip'; readonly node: number; readonly count: number }
  /** The node goes down and its disk is lost: it comes back empty, as a later replica. See the atlas in faults.ts. */
  | { readonly kind: 'disk-lost'; readonly node: number }
  /** Its clocks run fast or slow by so many millionths. */
  | { readonly kind: 'clock-drift'; readonly node: number; readonly perMillion: number }
  /** Its wall clock steps, back or forth, and stays there. */
  | { readonly kind: 'clock-step'; readonly node: number; readonly byUs: number }
  /** Nothing gets from any of `from` to any of `to`. */
  | { readonly kind: 'cut'; readonly from: readonly number[]; readonly to: readonly number[] }
  /** Nothing gets from `side` to the rest or back. */
  | { readonly kind: 'partition'; readonly side: readonly number[] }
  | { readonly kind: 'isolate'; readonly victim: Victim }
  /** What is sent from one to the other waits until the end and then arrives at once. */
  | { readonly kind: 'clog'; readonly from: number; readonly to: number }
  | { readonly kind: 'slow-link'; readonly between: readonly [number, number]; readonly factor: number }
  | { readonly kind: 'refuse-accepts'; readonly node: number }
  /** The lanes of a node behind NAT that are open now carry nothing any more, and nobody is told. */
  | { readonly kind: 'nat-expiry'; readonly node: number }
  /** A subscriber's process dies: what it was handling is lost, what it had committed is not. */
  | { readonly kind: 'subscriber-crash'; readonly subscriber: number }
  /** Its handler fails: nothing is committed, and it subscribes anew. */
  | { readonly kind: 'handler-fails'; readonly subscriber: number }
  /** Its handler does not come to an end before the fault does. */
  | { readonly kind: 'handler-hangs'; readonly subscriber: number }
  | { readonly kind: 'handler-slow'; readonly subscriber: number; readonly factor: number }
  /** It commits, and its call breaks before the acknowledgement is on its way. */
  | { readonly kind: 'ack-lost'; readonly subscriber: number };
