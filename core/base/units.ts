/**
 * Branded numbers of the protocol. A brand exists in the type only; the run-time value is the bare number.
 * Sequence numbers and indexes stay below 2^53 and are checked where they are decoded.
 */

declare const brand: unique symbol;
/** A value of type `T` that only a named constructor makes. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Monotonic time of this node in microseconds, an integer. Never decreases; says nothing of the wall clock. */
export type Micros = Brand<number, 'Micros'>;
/** A Raft term, from 0 (before any election). */
export type Term = Brand<number, 'Term'>;
/** A position in a Raft log, from 1; 0 stands before the first entry. */
export type LogIndex = Brand<number, 'LogIndex'>;
/** A position in a stream, from 1, without gaps; 0 stands before the first message. */
export type StreamSeq = Brand<number, 'StreamSeq'>;
/** A position in the journal of one replica, from 1. */
export type JournalSeq = Brand<number, 'JournalSeq'>;
/** Names one request to the host (persist, fetch, dial). Unique within one boot. */
export type Ticket = Brand<number, 'Ticket'>;
/** One socket of a host. Unique within one boot. */
export type LaneId = Brand<number, 'LaneId'>;
/** The small number that the mesh gives a member for compact frames. Never reused. 0 means "unknown". */
export type MemberIndex = Brand<number, 'MemberIndex'>;

export const micros = (value: number): Micros => value as Micros;
export const term = (value: number): Term => value as Term;
export const logIndex = (value: number): LogIndex => value as LogIndex;
export const streamSeq = (value: number): StreamSeq => value as StreamSeq;
export const journalSeq = (value: number): JournalSeq => value as JournalSeq;
export const ticket = (value: number): Ticket => value as Ticket;
export const laneId = (value: number): LaneId => value as LaneId;
export const memberIndex = (value: number): MemberIndex => value as MemberIndex;

/** A deadline that never comes. */
export const NEVER: Micros = Number.MAX_SAFE_INTEGER as Micros;
export const MILLISECOND_US = 1_000;
export const SECOND_US = 1_000_000;
