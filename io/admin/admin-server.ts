/**
 * The admin HTTP server: /healthz (this process turns its event loop), /readyz (it takes calls; 503 and why when it
 * does not), /metrics (Prometheus), /debug/state (everything, as JSON). Reads only.
 */
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { HostPort } from '../config/value-type.js';
import { listenOn } from '../daemon/listen.js';

export interface AdminSource {
  /** Empty when ready, else why not. */
  readiness(): readonly string[];
  /** Null before the node runs. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string } | null>;
  /** A JSON document. */
  state(): Promise<unknown>;
}

export class AdminServer {
  readonly #server: Server;
  readonly #source: AdminSource;

  constructor(source: AdminSource) {
    this.#source = source;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        // A reading that fails must not take the node with it.
        send(response, 500, 'text/plain', `${error instanceof Error ? error.message : String(error)}\n`);
      });
    });
  }

  /** Gives the port bound. Rejects with `StartRefused`. */
  listen(address: HostPort): Promise<number> {
    return listenOn(this.#server, address, '--admin');
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'GET only\n');
    switch (new URL(request.url ?? '/', 'http://admin').pathname) {
      case '/healthz':
        return send(response, 200, 'text/plain', 'ok\n');
      case '/readyz': {
        const reasons = this.#source.readiness();
        return sendJson(response, reasons.length === 0 ? 200 : 503, { ready: reasons.length === 0, reasons });
      }
      case '/metrics': {
        const metrics = await this.#source.metrics();
        if (metrics === null) return send(response, 503, 'text/plain', 'the node is starting\n');
        return send(response, 200, metrics.contentType, metrics.text);
      }
      case '/debug/state':
        return sendJson(response, 200, await this.#source.state());
      default:
        return send(response, 404, 'text/plain', 'here are /healthz /readyz /metrics /debug/state\n');
    }
  }
}

function sendJson(response: ServerResponse, status: number, document: unknown): void {
  send(response, status, 'application/json', `${JSON.stringify(document, null, 2)}\n`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(body);
}
