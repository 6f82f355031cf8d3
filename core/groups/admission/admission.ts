/**
 * Where messages are admitted: what publishers offer at this node becomes numbered and staged here, or waits. Something
 * waits while more than `admissionWindowBytes` are on their way to the disk, and while its tenant has spent its quota;
 * what waits is taken by deficit round robin over tenants, then over the streams of each, so that who floods delays others
 * by a window and a turn. While nothing waits, an offer costs two comparisons.
 *
 * What waits is in memory and bounded: it counts against its stream's bytes and its session's credit, so that the window of
 * a streaming publisher closes; a single publish is refused instead when its tenant's quota is spent.
 */
import { assert } from '../../base/assert.js';
import type { Deadline, DeadlineHeap } from '../../base/deadlines.js';
import { Fifo } from '../../base/fifo.js';
import type { StreamId, TenantId } from '../../base/ids.js';
import type { Micros } from '../../base/units.js';
import { type Costly, FairQueue } from './fair-queue.js';
import { type OwnQuota, type TenantQuota, quotaOf } from './quota.js';
import { TenantAccount } from './tenant-account.js';
import { TurnOrder } from './turn-order.js';

export interface AdmissionConfig {
  readonly quota: TenantQuota;
  readonly ownQuotas: readonly OwnQuota[];
  /** Of all streams together: what is on its way to the disk before others have to wait. */
  readonly admissionWindowBytes: number;
  readonly chunkBytesMax: number;
  readonly headersBytesMax: number;
}

/** One offer that waits. */
export interface Waiting extends Costly {
  readonly request: number;
  /** A further chunk of a message that has begun. */
  readonly isContinued: boolean;
  readonly seat: AdmissionSeat;
  /** Its turn has come. */
  admit(now: Micros): void;
}

type Streams = FairQueue<Waiting, Fifo<Waiting>>;

/** The part that a stream's source has in it. */
export class AdmissionSeat {
  readonly account: TenantAccount;
  readonly stream: StreamId;
  /** Of its tenant: who has the higher priority has the larger share. */
  readonly weight: number;
  waitingBytes = 0;
  readonly #admission: Admission;
  #stagedBytes = 0;

  constructor(admission: Admission, account: TenantAccount, stream: StreamId, weight: number) {
    this.#admission = admission;
    this.account = account;
    this.stream = stream;
    this.weight = weight;
  }

  /** What the stream holds by now that is accepted, or arriving, and not settled everywhere. */
  onStaged(bytes: number): void {
    this.account.stagedBytes += bytes - this.#stagedBytes;
    this.#stagedBytes = bytes;
  }

  /** Bytes that were taken are durable. */
  onDurable(bytes: number): void {
    this.#admission.onDurable(bytes);
  }

  /** The session is over: what it has offered and nobody has taken is dropped. */
  forget(request: number): void {
    if (this.waitingBytes > 0) this.#admission.forget(request);
  }
}

export class Admission {
  /** Of the streams that wait for a flow. */
  readonly turns = new TurnOrder();
  readonly #config: AdmissionConfig;
  readonly #accounts = new Map<TenantId, TenantAccount>();
  readonly #queue: FairQueue<Waiting, Streams>;
  /** Tenants with something waiting whose quota is spent. */
  readonly #parked = new Map<TenantId, Streams>();
  readonly #quotaOpens: Deadline;
  #waitingCount = 0;
  #undurableBytes = 0;

  constructor(config: AdmissionConfig, deadlines: DeadlineHeap) {
    this.#config = config;
    // A turn at weight 1 lets the largest chunk through.
    const quantum = config.chunkBytesMax + config.headersBytesMax + MESSAGE_SHARE;
    this.#queue = new FairQueue(quantum, () => new FairQueue(quantum, () => new Fifo<Waiting>()));
    this.#quotaOpens = deadlines.allocate(this, 'quota-opens', '');
  }

  get waitingCount(): number {
    return this.#waitingCount;
  }

  accounts(): Iterable<TenantAccount> {
    return this.#accounts.values();
  }

  quotaOf(tenant: TenantId): TenantQuota {
    return quotaOf(this.#config, tenant);
  }

  /** A call of a tenant was refused by its quota. Counted for those that have something here. */
  onRefused(tenant: TenantId): void {
    const account = this.#accounts.get(tenant);
    if (account !== undefined) account.refusedCount++;
  }

  /** Made when first asked for, for the tenant of a stream that is here: there are no more of them than streams. */
  accountOf(tenant: TenantId): TenantAccount {
    let account = this.#accounts.get(tenant);
    if (account === undefined) {
      account = new TenantAccount(tenant, quotaOf(this.#config, tenant));
      this.#accounts.set(tenant, account);
    }
    return account;
  }

  seatOf(tenant: TenantId, stream: StreamId, priority: number): AdmissionSeat {
    return new AdmissionSeat(this, this.accountOf(tenant), stream, 1 + priority);
  }

  /** Whether an offer of that stream has to wait. */
  mustWait(now: Micros, { account, stream }: AdmissionSeat, isContinued: boolean): boolean {
    if (this.#undurableBytes >= this.#config.admissionWindowBytes) return true;
    if (this.#waitingCount > 0 && (this.#queue.size > 0 || this.#parked.get(account.tenant)?.get(stream) !== undefined)) return true;
    return account.isLimited && !account.mayPublish(now, isContinued);
  }

  wait(now: Micros, item: Waiting): void {
    const { account, stream, weight } = item.seat;
    const isSpent = account.isLimited && !account.mayPublish(now, item.isContinued);
    const parked = this.#parked.get(account.tenant);
    const streams = parked ?? this.#queue.open(account.tenant, account.quota.weight);
    streams.open(stream, weight).push(item);
    // So that nobody else waits for a tenant that may take nothing.
    if (parked === undefined && isSpent) this.#park(now, account);
    this.#count(item, 1);
    account.delayedCount++;
  }

  /** That many bytes were taken and are on their way to the disk. */
  onTaken(bytes: number): void {
    this.#undurableBytes += bytes;
  }

  onDurable(bytes: number): void {
    this.#undurableBytes -= bytes;
    assert(this.#undurableBytes >= 0, 'only what was taken becomes durable');
  }

  /** At the turn: takes what there is room for. Costs nothing while nothing waits. */
  drain(now: Micros): void {
    if (this.#waitingCount === 0) return;
    this.#unpark(now);
    while (this.#undurableBytes < this.#config.admissionWindowBytes) {
      const item = this.#queue.peek();
      if (item === undefined) break;
      const { account } = item.seat;
      if (account.isLimited && !account.mayPublish(now, item.isContinued)) {
        this.#park(now, account);
        continue;
      }
      this.#queue.shift();
      this.#count(item, -1);
      item.admit(now);
    }
  }

  onDeadline(now: Micros, _deadline: Deadline): void {
    this.drain(now);
  }

  /** Drops what `request` has offered. */
  forget(request: number): void {
    if (this.#waitingCount > 0) this.#drop((item) => item.request === request);
  }

  /** Drops everything; gives what it was. */
  clear(): Waiting[] {
    this.#quotaOpens.disarm();
    return this.#drop(() => true);
  }

  checkInvariants(): void {
    let count = 0;
    for (const streams of this.#all()) for (const stream of streams.keys()) count += streams.get(stream)?.length ?? 0;
    assert(count === this.#waitingCount, 'what waits is counted');
    assert(this.#waitingCount > 0 || [...this.#accounts.values()].every(({ waitingBytes }) => waitingBytes === 0), 'bytes wait within offers');
  }

  #park(now: Micros, account: TenantAccount): void {
    const streams = this.#queue.take(account.tenant);
    assert(streams !== undefined, 'whoever is parked had something to give');
    this.#parked.set(account.tenant, streams);
    this.#awaitRate(now, account);
  }

  #unpark(now: Micros): void {
    for (const [tenant, streams] of this.#parked) {
      const account = this.accountOf(tenant);
      const head = streams.peek();
      if (head !== undefined && !account.mayPublish(now, head.isContinued)) {
        this.#awaitRate(now, account);
        continue;
      }
      this.#parked.delete(tenant);
      if (head !== undefined) this.#queue.put(tenant, account.quota.weight, streams);
    }
  }

  #awaitRate(now: Micros, account: TenantAccount): void {
    const opensAt = account.opensAt(now);
    if (opensAt !== null) this.#quotaOpens.armNoLater(opensAt);
  }

  *#all(): Iterable<Streams> {
    for (const tenant of [...this.#queue.keys()]) {
      const streams = this.#queue.get(tenant);
      if (streams !== undefined) yield streams;
    }
    yield* this.#parked.values();
  }

  #drop(isMeant: (item: Waiting) => boolean): Waiting[] {
    const dropped: Waiting[] = [];
    for (const streams of this.#all()) {
      for (const stream of [...streams.keys()]) {
        const queue = streams.get(stream) as Fifo<Waiting>;
        const items = [...queue];
        queue.clear();
        for (const item of items) {
          if (!isMeant(item)) {
            queue.push(item);
            continue;
          }
          this.#count(item, -1);
          dropped.push(item);
        }
        if (queue.length === 0) streams.take(stream);
      }
    }
    return dropped;
  }

  #count({ seat, cost }: Waiting, by: 1 | -1): void {
    this.#waitingCount += by;
    seat.waitingBytes += by * cost;
    seat.account.waitingBytes += by * cost;
  }
}

/** What a message costs beside its bytes, and to spare. */
const MESSAGE_SHARE = 1024;
