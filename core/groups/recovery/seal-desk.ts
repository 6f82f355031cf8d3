/**
 * Lost majorities before the leader of the mesh control group. A member that is left asks for a seal; the leader checks
 * with its own log that a majority is lost for good, and writes the seal. Everybody that is left reports what it holds,
 * again and again; when all have, the leader writes how the next generation begins. This passes in every state of the
 * mesh in which its log moves (DESIGN §8).
 *
 * Invariant: a founding is written only once every member that is left has durably stopped answering the generation
 * before. Bounds: `#wishes` by `groupsMax`, reports by the sealed groups and their members.
 */
import type { GroupId, NodeId } from '../../base/ids.js';
import { type ReplicaId, replicaId } from '../../base/replica.js';
import type { Result } from '../../base/result.js';
import { type LogIndex, type Micros, logIndex } from '../../base/units.js';
import type { Configuration, SealReport } from '../../raft/api.js';
import { decodeConfiguration, isMember, membersOf } from '../../raft/configuration.js';
import { MeshEntry } from '../../wire/group-messages.js';
import type { SealWish, SealedReport, SuccessionRow, TargetPlace } from '../../wire/succession-messages.js';
import type { GroupContext } from '../context.js';
import { openDescriptor } from '../dsg/descriptor.js';
import { judge } from './lost-majority.js';
import { type MeshStanding, isOut } from './mesh-standing.js';
import { awaited, comparePlaces, foundNext } from './next-founding.js';
import { type Successions, replicaOfSeat, seatOf, seatsOf } from './successions.js';

export interface SealDeskOptions {
  readonly context: GroupContext;
  readonly successions: Successions;
  readonly standing: MeshStanding;
  /** Of members, and of who was one. */
  readonly publicKeyOf: (node: NodeId) => Uint8Array | null;
  readonly propose: (now: Micros, entry: Uint8Array) => Result<LogIndex>;
  readonly applied: () => LogIndex;
}

interface Told {
  readonly report: SealReport;
  readonly offsets: readonly TargetPlace[];
}

export class SealDesk {
  readonly #options: SealDeskOptions;
  readonly #wishes = new Map<GroupId, { readonly from: NodeId; readonly wish: SealWish }>();
  readonly #told = new Map<GroupId, Map<ReplicaId, Told>>();
  /** Where the newest entry about a group was proposed. */
  readonly #proposedAt = new Map<GroupId, LogIndex>();

  constructor(options: SealDeskOptions) {
    this.#options = options;
  }

  /** Repeats, and wishes beyond the bound, change nothing: who asks asks again. */
  onWish(from: NodeId, wish: SealWish): void {
    const isNews = this.#wishes.get(wish.group)?.wish.isLossAccepted !== true;
    if (isNews && (this.#wishes.has(wish.group) || this.#wishes.size < WISHES_MAX)) this.#wishes.set(wish.group, { from, wish });
  }

  onReport(from: NodeId, told: SealedReport): void {
    const { successions, standing } = this.#options;
    const row = successions.get(told.group);
    const configuration = told.configuration.length === 0 ? NO_CONFIGURATION : decodeConfiguration(told.configuration);
    const replica = replicaId(from, told.replica);
    if (row === null || row.founding !== null || row.seal.generation !== told.generation) return;
    if (configuration === null || isOut(standing, replica)) return this.#count('mcg.seal-reports-refused');
    const { generation, lastIndex: index, lastTerm: term, commit, damagedThrough, offsets } = told;
    const report = { generation, configuration, last: { index, term }, commit, damagedThrough };
    const reports = this.#told.get(told.group) ?? new Map<ReplicaId, Told>();
    this.#told.set(told.group, reports.set(replica, { report, offsets }));
  }

  /** Another leadership, or none: whoever waits asks and reports again. */
  reset(): void {
    this.#wishes.clear();
    this.#told.clear();
    this.#proposedAt.clear();
  }

  /** At the leader's turn. */
  decide(now: Micros): void {
    for (const [group, { from, wish }] of [...this.#wishes]) {
      this.#wishes.delete(group);
      if (!this.#isPending(group)) this.#decideSeal(now, from, wish);
    }
    if (this.#told.size === 0) return;
    for (const row of [...this.#options.successions.pending()]) if (!this.#isPending(row.seal.group)) this.#decideFounding(now, row);
  }

  /** A proposal about the group is on its way. */
  #isPending(group: GroupId): boolean {
    return (this.#proposedAt.get(group) ?? logIndex(0)) > this.#options.applied();
  }

  #decideSeal(now: Micros, from: NodeId, wish: SealWish): void {
    const { successions, standing, context, publicKeyOf } = this.#options;
    const { group, generation, isLossAccepted } = wish;
    const row = successions.get(group);
    const isSealed = row?.founding === null && (row.seal.isLossAccepted || !isLossAccepted);
    if (isSealed || (row?.founding ?? null) !== null && row?.founding?.generation !== generation) return;
    const descriptor = openDescriptor(context.crypto, wish, publicKeyOf);
    const configuration = decodeConfiguration(wish.configuration);
    const asker = replicaId(from, standing.replicaNumberOf(from) ?? 0);
    const isSound = descriptor !== null && (descriptor.stream as string) === group && configuration !== null && isMember(configuration, asker);
    if (!isSound) return this.#count('mcg.seal-wishes-refused');
    const source = replicaId(descriptor.source, descriptor.sourceReplica);
    const verdict = judge(configuration, source, (replica) => isOut(standing, replica));
    if (verdict !== 'reseal' && !(verdict === 'consent' && isLossAccepted)) return this.#count('mcg.seal-wishes-refused');
    this.#propose(now, group, {
      kind: 'seal',
      group,
      generation,
      source: seatOf(source),
      members: seatsOf(membersOf(configuration)),
      isLossAccepted,
    });
  }

  #decideFounding(now: Micros, { seal }: SuccessionRow): void {
    const { standing } = this.#options;
    const isLost = (replica: ReplicaId): boolean => isOut(standing, replica);
    // A report may be of the generation before: it was repeated while the last founding was on its way.
    const isCurrent = ([replica, { report }]: [ReplicaId, Told]): boolean => report.generation === seal.generation && !isLost(replica);
    const told = new Map([...(this.#told.get(seal.group) ?? [])].filter(isCurrent));
    const reports = new Map([...told].map(([replica, { report }]) => [replica, report] as const));
    const named = seal.members.map(replicaOfSeat);
    const missing = awaited(named, reports, isLost);
    const isWider = missing.some((replica) => !named.includes(replica));
    if (isWider) this.#propose(now, seal.group, { ...seal, kind: 'seal', members: seatsOf(new Set([...named, ...missing])) });
    if (missing.length > 0) return;
    const newest = newestConfiguration(reports);
    // Who was left when the seal was written may have gone since.
    const isFree = newest !== null && (seal.isLossAccepted || judge(newest, replicaOfSeat(seal.source), isLost) !== 'consent');
    const founding = isFree ? foundNext(reports) : null;
    if (founding === null) return this.#count('mcg.founding-impossible');
    const { configuration, base } = founding;
    this.#propose(now, seal.group, {
      kind: 'succeed',
      group: seal.group,
      generation: seal.generation + 1,
      voters: seatsOf(configuration.voters),
      learners: seatsOf(configuration.learners),
      baseIndex: base.index,
      baseTerm: base.term,
      offsets: furthest([...told.values()].map(({ offsets }) => offsets)),
    });
  }

  #propose(now: Micros, group: GroupId, entry: MeshEntry): void {
    const result = this.#options.propose(now, MeshEntry.encode(entry));
    if (result.ok) this.#proposedAt.set(group, result.value);
    if (result.ok && entry.kind === 'succeed') this.#told.delete(group);
  }

  #count(name: string): void {
    this.#options.context.emit({ kind: 'notice', notice: { kind: 'count', name, by: 1 } });
  }
}

/** That of the most up-to-date log. */
function newestConfiguration(reports: ReadonlyMap<ReplicaId, SealReport>): Configuration | null {
  let newest: SealReport | null = null;
  for (const report of reports.values()) if (newest === null || comparePlaces(report.last, newest.last) > 0) newest = report;
  return newest?.configuration ?? null;
}

/** Of each target the furthest place that anybody knew. */
function furthest(all: readonly (readonly TargetPlace[])[]): TargetPlace[] {
  const places = new Map<NodeId, number>();
  for (const { node, seq } of all.flat()) places.set(node, Math.max(seq, places.get(node) ?? 0));
  return [...places].map(([node, seq]) => ({ node, seq })).sort((a, b) => (a.node < b.node ? -1 : 1));
}

/** Of a member that never had the group. */
const NO_CONFIGURATION: Configuration = { voters: [], outgoing: null, learners: [] };
const WISHES_MAX = 1024;
