/**
 * One lane: a WebSocket that is open, as the core names it. One transmit is one WebSocket message; what is received is
 * one or more whole frames.
 */
import type { WebSocket } from 'ws';
import { DrainReports } from '../../core/egress/drain-report.js';
import { plain } from '../host/node-crypto.js';

/** What a lane tells its owner. */
export interface LaneEvents {
  onReceived(lane: Lane, bytes: Uint8Array): void;
  /** So much has left the process that it is to be told; `bufferedBytes` still wait. */
  onDrained(lane: Lane, bufferedBytes: number): void;
  onClosed(lane: Lane, reason: string): void;
  /** The socket is gone, whoever closed it. Nothing follows. */
  onGone(lane: Lane): void;
}

export class Lane {
  readonly id: number;
  readonly #socket: WebSocket;
  readonly #events: LaneEvents;
  readonly #drains = new DrainReports();
  readonly #onSent = (error?: Error | null): void => {
    if (error || this.#isClosed || !this.#drains.mayBeDue) return;
    const { bufferedAmount } = this.#socket;
    if (this.#drains.takeDue(bufferedAmount)) this.#events.onDrained(this, bufferedAmount);
  };
  #isClosed = false;
  #failure = '';

  constructor(id: number, socket: WebSocket, events: LaneEvents) {
    this.id = id;
    this.#socket = socket;
    this.#events = events;
    socket.on('message', (message, isBinary) => {
      if (this.#isClosed) return;
      if (!isBinary) return this.#fail('text-message');
      events.onReceived(this, plain(message as Buffer));
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = error.code ?? error.message;
    });
    socket.on('close', (code, reason) => {
      if (!this.#isClosed) {
        this.#isClosed = true;
        events.onClosed(this, this.#failure || reason.toString('utf8') || `code-${code}`);
      }
      events.onGone(this);
    });
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Sends the parts, end to end, as one message. */
  transmit(parts: readonly Uint8Array[]): void {
    if (this.#isClosed) return;
    const [first] = parts;
    const message = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
    this.#drains.onTransmit(message.length);
    this.#socket.send(message, this.#onSent);
  }

  /** Closes after what was transmitted; nothing is reported any more. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close(1000, reason.slice(0, CLOSE_REASON_CHARS_MAX));
  }

  /** Drops the socket at once, and reports it. */
  #fail(reason: string): void {
    this.#failure = reason;
    this.#socket.terminate();
  }
}

/** A close frame holds 123 bytes; reasons are ASCII words. */
const CLOSE_REASON_CHARS_MAX = 100;
