/**
 * A refusal of the core as a gRPC status: the status name of its code, the detail as text, and in the trailing
 * metadata what a program branches on. `readRefusal` is the client's side of the same table.
 */
import { type ServiceError, Metadata, status } from '@grpc/grpc-js';
import { REJECT_CODES, type Reject, type RejectCode, reject } from '../../core/base/reject.js';

export const CODE_KEY = 'mesh-code';
export const SUBJECT_KEY = 'mesh-subject';
export const RETRY_AFTER_KEY = 'retry-after-ms';

/** What a handler of grpc-js gives back to refuse. */
export interface RefusedStatus {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

export function toStatus(refusal: Reject): RefusedStatus {
  const [, name, isRetryable] = REJECT_CODES[refusal.code];
  const metadata = new Metadata();
  metadata.set(CODE_KEY, refusal.code);
  metadata.set(SUBJECT_KEY, encodeURIComponent(refusal.subject.replace(LONE_SURROGATES, '\ufffd')));
  if (refusal.retryAfterUs !== undefined || isRetryable) {
    const retryAfterUs = refusal.retryAfterUs ?? DEFAULT_RETRY_AFTER_US;
    metadata.set(RETRY_AFTER_KEY, String(Math.ceil(retryAfterUs / 1000)));
  }
  return { code: status[name], details: refusal.detail, metadata };
}

/** The refusal inside an error of a call; null when the error did not come from a mesh node. */
export function readRefusal(error: ServiceError): Reject | null {
  const code = textOf(error.metadata, CODE_KEY);
  if (code === null || !Object.hasOwn(REJECT_CODES, code)) return null;
  const retryAfterMs = Number(textOf(error.metadata, RETRY_AFTER_KEY) ?? NaN);
  const retryAfterUs = Number.isFinite(retryAfterMs) ? retryAfterMs * 1000 : undefined;
  const subject = textOf(error.metadata, SUBJECT_KEY) ?? '';
  return reject(code as RejectCode, decodeSubject(subject), error.details, retryAfterUs);
}

function textOf(metadata: Metadata | undefined, key: string): string | null {
  const value = metadata?.get(key)[0];
  return typeof value === 'string' ? value : null;
}

function decodeSubject(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}

const DEFAULT_RETRY_AFTER_US = 500_000;
/** encodeURIComponent throws on them. */
const LONE_SURROGATES = /[\ud800-\udfff]/gu;
