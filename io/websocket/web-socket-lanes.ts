/**
 * The sockets of a node: those it dials, through the environment's proxy where one is named, and those it accepts.
 * Compression is off (frames are dense or sealed), messages are bounded, Nagle is off, several messages of one read
 * are handed on in one tick.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { WebSocket, WebSocketServer } from 'ws';
import type { Input } from '../../core/node/inputs.js';
import { type LaneId, type Ticket, laneId } from '../../core/base/units.js';
import type { LanePort } from '../host/ports.js';
import { Lane, type LaneEvents } from './lane.js';
import { type Environment, openTunnel, parseUrl, portOf, proxyFor } from './proxy.js';

export interface LaneLimits {
  /** Largest WebSocket message that is received; a longer one ends the lane. */
  readonly messageBytesMax: number;
  /** Sockets at once, dialled and accepted; upgrades above it are answered 503. */
  readonly lanesMax: number;
  /** From the dial to an open WebSocket. */
  readonly dialTimeoutMs: number;
  /** How long a closing handshake may take before the socket is dropped. */
  readonly closeTimeoutMs: number;
}

export const DEFAULT_LANE_LIMITS: LaneLimits = {
  messageBytesMax: 4 * 1024 * 1024,
  lanesMax: 4096,
  dialTimeoutMs: 10_000,
  closeTimeoutMs: 2_000,
};

export class WebSocketLanes implements LanePort, LaneEvents {
  readonly #limits: LaneLimits;
  readonly #environment: Environment;
  readonly #lanes = new Map<number, Lane>();
  /** Closed by this side; what was transmitted may still be on its way out. */
  readonly #closing = new Set<Lane>();
  readonly #dialling = new Set<WebSocket>();
  readonly #acceptor: WebSocketServer;
  #report: (input: Input) => void = () => undefined;
  #isAttached = false;
  #nextLane = 1;
  #isStopped = false;
  #onAllGone: (() => void) | null = null;
  /** Payload of WebSocket messages since the start, of all lanes together. */
  sentBytes = 0;
  receivedBytes = 0;

  constructor(limits: LaneLimits, environment: Environment) {
    this.#limits = limits;
    this.#environment = environment;
    this.#acceptor = new WebSocketServer({ noServer: true, ...this.#socketOptions() });
  }

  get laneCount(): number {
    return this.#lanes.size;
  }

  attach(report: (input: Input) => void): void {
    this.#report = report;
    this.#isAttached = true;
  }

  /**
   * An HTTP upgrade that somebody asked of our listener. Refused before `attach`: a lane that nobody hears of would
   * hold its dialler until the handshake's time is over (5 s of each restart, seen when the port is bound first).
   */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.#isAttached || this.#isStopped || this.#lanes.size + this.#dialling.size >= this.#limits.lanesMax) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const remote = `${request.socket.remoteAddress ?? '?'}:${request.socket.remotePort ?? 0}`;
    this.#acceptor.handleUpgrade(request, socket, head, (webSocket) => this.#open(webSocket, null, remote));
  }

  dial(ticket: Ticket, url: string): void {
    const target = parseUrl(url);
    if (this.#isStopped || target === null || (target.protocol !== 'ws:' && target.protocol !== 'wss:')) {
      return this.#failDial(ticket, 'URL_INVALID');
    }
    const proxy = proxyFor(target, this.#environment);
    if (proxy === null) return this.#dialOver(ticket, target, null);
    openTunnel(proxy, target, this.#limits.dialTimeoutMs, (tunnel, code) => {
      if (tunnel === null) return this.#failDial(ticket, code);
      if (this.#isStopped) return void tunnel.destroy();
      this.#dialOver(ticket, target, tunnel);
    });
  }

  transmit(lane: LaneId, parts: readonly Uint8Array[]): void {
    const open = this.#lanes.get(lane);
    if (open === undefined) return;
    for (const part of parts) this.sentBytes += part.length;
    open.transmit(parts);
  }

  closeLane(lane: LaneId, reason: string): void {
    const open = this.#lanes.get(lane);
    if (open === undefined) return;
    this.#close(open, reason);
  }

  /**
   * Closes everything after what was transmitted, and takes nothing new. Resolves when every socket is gone: after the
   * closing handshake, or `closeTimeoutMs` without one.
   */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const lane of this.#lanes.values()) this.#close(lane, 'stopping');
    for (const socket of this.#dialling) socket.terminate();
    this.#acceptor.close();
    if (this.#closing.size === 0) return;
    await new Promise<void>((resolve) => (this.#onAllGone = resolve));
  }

  onReceived(lane: Lane, bytes: Uint8Array): void {
    this.receivedBytes += bytes.length;
    this.#report({ kind: 'received', lane: laneId(lane.id), bytes });
  }

  onDrained(lane: Lane, bufferedBytes: number): void {
    this.#report({ kind: 'lane-drained', lane: laneId(lane.id), bufferedBytes });
  }

  onClosed(lane: Lane, reason: string): void {
    if (this.#lanes.delete(lane.id)) this.#report({ kind: 'lane-closed', lane: laneId(lane.id), reason });
  }

  onGone(lane: Lane): void {
    this.#closing.delete(lane);
    if (this.#closing.size === 0) this.#onAllGone?.();
  }

  #dialOver(ticket: Ticket, target: URL, tunnel: Duplex | null): void {
    const socket = new WebSocket(target, {
      ...this.#socketOptions(),
      handshakeTimeout: this.#limits.dialTimeoutMs,
      ...(tunnel === null ? {} : { createConnection: () => overTunnel(tunnel, target) as never }),
    });
    this.#dialling.add(socket);
    let failure = 'CLOSED';
    const onError = (error: NodeJS.ErrnoException): void => {
      failure = error.code ?? httpStatusOf(error.message) ?? 'HANDSHAKE';
    };
    const onClose = (): void => {
      this.#dialling.delete(socket);
      this.#failDial(ticket, failure);
    };
    socket.on('error', onError);
    socket.once('close', onClose);
    socket.once('open', () => {
      this.#dialling.delete(socket);
      socket.off('error', onError);
      socket.off('close', onClose);
      this.#open(socket, ticket, target.host);
    });
  }

  #open(socket: WebSocket, dial: Ticket | null, remote: string): void {
    const lane = new Lane(this.#nextLane++, socket, this);
    this.#lanes.set(lane.id, lane);
    if (this.#isStopped) return this.#close(lane, 'stopping');
    this.#report({ kind: 'lane-opened', lane: laneId(lane.id), dial, remote });
  }

  #close(lane: Lane, reason: string): void {
    this.#lanes.delete(lane.id);
    this.#closing.add(lane);
    lane.close(reason);
  }

  #failDial(ticket: Ticket, code: string): void {
    this.#report({ kind: 'dial-failed', ticket, code });
  }

  #socketOptions(): { perMessageDeflate: false; maxPayload: number; skipUTF8Validation: boolean; closeTimeout: number } {
    return {
      perMessageDeflate: false,
      maxPayload: this.#limits.messageBytesMax,
      skipUTF8Validation: true,
      closeTimeout: this.#limits.closeTimeoutMs,
    };
  }
}

function overTunnel(tunnel: Duplex, target: URL): Duplex {
  if (target.protocol === 'ws:') return tunnel;
  return connectTls({ socket: tunnel, servername: target.hostname, port: portOf(target) });
}

/** ws names a refused upgrade in its message only: `Unexpected server response: 503`. */
function httpStatusOf(message: string): string | null {
  const status = /response: (\d{3})$/.exec(message)?.[1];
  return status === undefined ? null : `HTTP_${status}`;
}
