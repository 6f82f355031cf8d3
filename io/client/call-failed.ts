/** A call of a mesh node that failed: refused with a code of the mesh, or not answered at all. */
import { type ServiceError, status } from '@grpc/grpc-js';
import type { Reject } from '../../core/base/reject.js';
import { readRefusal } from '../grpc/refusal.js';

export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  /** What the node said; null when the failure is the transport's. */
  readonly refusal: Reject | null;
  /** The gRPC status. */
  readonly code: status;

  constructor(error: ServiceError) {
    super(error.details || error.message);
    this.refusal = readRefusal(error);
    this.code = error.code;
  }

  /** Nobody answers there, or what answered is not up. */
  get isUnreachable(): boolean {
    return this.refusal === null && (this.code === status.UNAVAILABLE || this.code === status.DEADLINE_EXCEEDED);
  }

  /** Whether the same call may succeed later: then after how long, in milliseconds; else null. */
  get retryAfterMs(): number | null {
    if (this.refusal !== null) {
      return this.refusal.retryAfterUs === undefined ? null : Math.ceil(this.refusal.retryAfterUs / 1000);
    }
    return this.isUnreachable || this.code === status.CANCELLED ? RETRY_MS : null;
  }
}

/** Whether an error is one of a call, as grpc-js makes them. */
export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}

const RETRY_MS = 250;
