/** How a meshctl command ends: its exit code, and the one line that says why. */
import { status } from '@grpc/grpc-js';
import { CallFailed } from '../client/call-failed.js';
import { DeliveryBroken } from '../client/reassembly.js';

export const EXIT = { DONE: 0, REFUSED: 1, USAGE: 2, UNREACHABLE: 3 } as const;

/** Refused before anything was asked of the node: 2 for wrong arguments, 1 for what the arguments name. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.USAGE) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface Outcome {
  readonly exitCode: number;
  readonly line: string;
  /** For `--json`. */
  readonly code: string;
  readonly subject: string;
}

/** Null for a defect, which is not to be dressed up. */
export function outcomeOf(error: unknown, address: string): Outcome | null {
  if (error instanceof CommandRefused) {
    return { exitCode: error.exitCode, line: error.message, code: 'REFUSED_HERE', subject: '' };
  }
  if (error instanceof DeliveryBroken) {
    return { exitCode: EXIT.REFUSED, line: `the delivery is broken: ${error.message}`, code: 'DELIVERY_BROKEN', subject: '' };
  }
  if (!(error instanceof CallFailed)) return null;
  if (error.isUnreachable) {
    const line = `no node answers at ${address} (--grpc): is meshd running there?`;
    return { exitCode: EXIT.UNREACHABLE, line, code: 'UNREACHABLE', subject: address };
  }
  const { refusal } = error;
  if (refusal === null) {
    const name = status[error.code];
    return { exitCode: EXIT.REFUSED, line: `${name}: ${error.message}`, code: name, subject: '' };
  }
  const subject = refusal.subject === '' ? '' : ` (${refusal.subject})`;
  return {
    exitCode: EXIT.REFUSED,
    line: `${refusal.code}${subject}: ${refusal.detail}`,
    code: refusal.code,
    subject: refusal.subject,
  };
}
