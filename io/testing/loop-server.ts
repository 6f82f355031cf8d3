/** A gRPC server over a `LoopNode`, for tests. */
import { ApiServer } from '../grpc/api-server.js';
import { SystemClock } from '../host/clock.js';
import { NodeHost } from '../host/node-host.js';
import type { HostObserver, JournalPort, LanePort } from '../host/ports.js';
import { LoopNode } from './loop-node.js';

export interface LoopServer {
  readonly node: LoopNode;
  readonly host: NodeHost;
  readonly api: ApiServer;
  readonly address: string;
  close(): Promise<void>;
}

export interface LoopServerOptions {
  readonly creditBytes?: number;
  readonly port?: number;
  readonly node?: LoopNode;
  readonly journal?: JournalPort;
}

export async function startLoopServer(options: LoopServerOptions = {}): Promise<LoopServer> {
  const node = options.node ?? new LoopNode(options.creditBytes);
  const host = new NodeHost({ node, clock: new SystemClock(), lanes: NO_LANES, journal: options.journal ?? NO_JOURNAL, observer: FAILING });
  const api = new ApiServer();
  const port = await api.listen(`127.0.0.1:${options.port ?? 0}`);
  host.start();
  api.attach(host);
  return {
    node,
    host,
    api,
    address: `127.0.0.1:${port}`,
    close: async () => {
      await api.drain(100);
      host.stop();
    },
  };
}

export const NO_LANES: LanePort = {
  attach: () => undefined,
  transmit: () => undefined,
  dial: () => undefined,
  closeLane: () => undefined,
};

export const NO_JOURNAL: JournalPort = {
  append: (_batch, done) => done('durable'),
  read: (reads, done) => done(reads.map(() => null)),
};

export const FAILING: HostObserver = {
  onNotice: () => undefined,
  onHalt: (code, detail) => {
    throw new Error(`${code}: ${detail}`);
  },
};
