/**
 * A running meshd: listeners first (a port in use must touch nothing), then the data directory, then the core in its
 * host, then calls. Stopping goes the other way round.
 */
import { type Server, createServer } from 'node:http';
import type { Logger } from 'pino';
import { Rng } from '../../core/base/rng.js';
import { toHex } from '../../core/base/bytes.js';
import { AssertionFailed } from '../../core/base/assert.js';
import type { NodeStatus } from '../../core/node/commands.js';
import type { NodeConfig } from '../../core/node/config.js';
import { JournalUnreadable } from '../../core/node/machines.js';
import { MeshNode } from '../../core/node/mesh-node.js';
import { AdminServer } from '../admin/admin-server.js';
import { Metrics } from '../admin/metrics.js';
import type { Settings } from '../config/settings.js';
import { type HostPort, formatHostPort } from '../config/value-type.js';
import { ApiServer } from '../grpc/api-server.js';
import { configurationOf } from '../handlers/appliers.js';
import { EmbeddedTables } from '../handlers/embedded-tables.js';
import { HandlerRunners } from '../handlers/handler-runners.js';
import type { Handlers } from '../handlers/handlers.js';
import { bufferCollector } from '../host/buffer-collector.js';
import { SystemClock } from '../host/clock.js';
import { NodeCrypto, SystemEntropy, plain } from '../host/node-crypto.js';
import { NodeHost } from '../host/node-host.js';
import type { LmdbJournal } from '../journal/lmdb-journal.js';
import { NoticeLog } from '../logging/notice-log.js';
import { DEFAULT_LANE_LIMITS, WebSocketLanes } from '../websocket/web-socket-lanes.js';
import { openDataDirectory, rememberReplica } from './data-directory.js';
import { listenOn, refusedToListen } from './listen.js';
import { StartRefused } from './start-refused.js';

export interface DaemonOptions {
  readonly settings: Settings;
  readonly nodeConfig: NodeConfig;
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The core cannot go on; the process must end. */
  readonly onHalt: (code: string, detail: string) => void;
  /** `config_kv` of the mesh has changed, or was found at the start: text by key. */
  readonly onConfiguration?: (rows: ReadonlyMap<string, string>) => void;
  /** Handlers of the program that this node is embedded in. */
  readonly handlers?: Handlers;
}

/** The addresses that were bound; null where nothing listens. */
export interface Bound {
  readonly grpc: string;
  readonly listen: string | null;
  readonly admin: string | null;
}

interface Running {
  readonly host: NodeHost;
  readonly journal: LmdbJournal;
  readonly metrics: Metrics;
  readonly notices: NoticeLog;
  readonly runners: HandlerRunners;
}

export class Daemon {
  readonly #options: DaemonOptions;
  readonly #api = new ApiServer();
  readonly #admin: AdminServer;
  readonly #lanes: WebSocketLanes;
  #laneServer: Server | null = null;
  #running: Running | null = null;
  #isStopping = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { settings } = options;
    this.#lanes = new WebSocketLanes(
      {
        ...DEFAULT_LANE_LIMITS,
        lanesMax: settings['limits.lanesMax'],
        messageBytesMax: settings['limits.laneMessageBytesMax'],
        dialTimeoutMs: settings['limits.dialTimeoutMs'],
      },
      options.environment,
    );
    this.#admin = new AdminServer({
      readiness: () => this.#readiness(),
      metrics: () => this.#renderMetrics(),
      state: () => this.#state(),
    });
  }

  /** Starts everything. Rejects with `StartRefused`, having changed nothing on disk and bound nothing. */
  async start(): Promise<Bound> {
    try {
      const bound = await this.#bind();
      await this.#run(bound);
      return bound;
    } catch (error) {
      this.#unbind();
      throw error;
    }
  }

  /**
   * Takes no more calls and answers those that are due; makes durable what is staged and says goodbye to the
   * neighbours; lets the sockets take what the lanes hold; closes the journal in order. Each of these has its own end,
   * so that it is over some seconds after `limits.drainMs` whatever the disk and the neighbours do.
   */
  async stop(): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    await this.#api.drain(this.#options.settings['limits.drainMs']);
    const running = this.#running;
    if (running !== null) await this.#shutDown(running.host);
    running?.runners.stop();
    await this.#lanes.stop();
    this.#laneServer?.close();
    this.#running = null;
    if (running !== null) {
      running.host.stop();
      await running.journal.close();
    }
    this.#admin.close();
  }

  /** A disk that is full or stalls must not hold the process: what is not durable then was not acknowledged either. */
  #shutDown(host: NodeHost): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#options.log.warn({ event: 'shut-down-late' }, 'the node did not come to rest in time; it stops as it is');
        resolve();
      }, SHUT_DOWN_MS);
      host.request({ kind: 'shut-down' }, {
        onReply: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  async #bind(): Promise<Bound> {
    const { listen, grpc, admin } = this.#options.settings;
    let listenPort: number | null = null;
    if (listen !== null) {
      this.#laneServer = createServer((_request, response) => {
        response.writeHead(426, { connection: 'close', 'content-type': 'text/plain' }).end('WebSocket only\n');
      });
      this.#laneServer.headersTimeout = LANE_HEADERS_MS;
      this.#laneServer.on('upgrade', (request, socket, head) => this.#lanes.accept(request, socket, head));
      listenPort = await listenOn(this.#laneServer, listen, '--listen');
    }
    const adminPort = admin === null ? null : await this.#admin.listen(admin);
    const grpcPort = await this.#api.listen(formatHostPort(grpc)).catch((error: unknown) => {
      throw error instanceof Error ? refusedToListen(error, grpc, '--grpc') : error;
    });
    return {
      grpc: formatHostPort({ ...grpc, port: grpcPort }),
      listen: listen === null || listenPort === null ? null : formatHostPort({ ...listen, port: listenPort }),
      admin: admin === null || adminPort === null ? null : formatHostPort({ ...admin, port: adminPort }),
    };
  }

  async #run(bound: Bound): Promise<void> {
    const { settings, log, onHalt } = this.#options;
    const entropy = new SystemEntropy();
    const journal = await openDataDirectory({
      directory: settings.dataDir,
      name: settings.name,
      bytesMax: settings['limits.journalBytesMax'],
      entropy,
    });
    try {
      const { identity } = journal;
      const notices = new NoticeLog(log);
      if (journal.wasUnclean) log.warn({ event: 'journal-verified' }, 'the last process did not stop in order; the journal was verified');
      const tables = new EmbeddedTables(soundRows(journal, log), settings['limits.tablesBytesMax']);
      const clock = new SystemClock();
      const node = this.#buildNode(journal, clock, entropy, advertisedUrls(settings, bound));
      const observer = {
        onNotice: (notice: Parameters<NoticeLog['onNotice']>[0]) => notices.onNotice(notice),
        onReplicaRenewed: (replica: number) => {
          try {
            rememberReplica(settings.dataDir, identity, replica);
          } catch (error) {
            // Expected: the disk. The journal has the number, and at the next start it is tried again.
            log.error({ event: 'identity-not-saved', replica }, error instanceof Error ? error.message : String(error));
          }
        },
        onHalt,
      };
      const host = new NodeHost({ node, clock, lanes: this.#lanes, journal, observer, collector: bufferCollector() });
      const runners = new HandlerRunners({
        host,
        tables,
        log,
        self: identity.nodeId,
        handlers: this.#options.handlers ?? {},
        appliesDatabase: settings['updates.database'] === 'embedded',
        onConfiguration: () => this.#options.onConfiguration?.(configurationOf(tables)),
      });
      this.#running = { host, journal, notices, runners, metrics: new Metrics({ id: identity.nodeId, name: identity.name }) };
      host.start();
      this.#api.attach(host);
      runners.start();
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  #buildNode(journal: LmdbJournal, clock: SystemClock, entropy: SystemEntropy, advertised: readonly string[]): MeshNode {
    const { settings, nodeConfig, log } = this.#options;
    try {
      return new MeshNode({
        config: nodeConfig,
        crypto: new NodeCrypto(),
        entropy,
        rng: Rng.fromSeed(toHex(entropy.bytes(32))),
        identity: journal.identity,
        site: settings.site ?? '',
        dialUrls: settings.dial,
        advertisedUrls: advertised,
        recovered: { records: bareRecords(journal), offsets: soundOffsets(journal, log) },
        wallOffsetUs: clock.wallOffsetUs(),
      });
    } catch (error) {
      if (error instanceof JournalUnreadable) {
        throw new StartRefused(
          `the journal in ${settings.dataDir} cannot be read (${JSON.stringify(error.damage)}): restore it, or move it ` +
            'aside by meshd --quarantine-journal and return as a new replica',
        );
      }
      if (error instanceof AssertionFailed) throw new StartRefused(`the core's tunables contradict each other: ${error.message}`);
      throw error;
    }
  }

  /** The running node, for programs that embed it; null before `start` and after `stop`. */
  get host(): NodeHost | null {
    return this.#running?.host ?? null;
  }

  #unbind(): void {
    this.#api.close();
    this.#admin.close();
    this.#laneServer?.close();
    void this.#lanes.stop();
  }

  #readiness(): readonly string[] {
    if (this.#isStopping) return ['the node is stopping'];
    if (this.#running === null) return ['the node is starting'];
    const reasons: string[] = [];
    const { journal } = this.#running;
    if (journal.failure !== '') reasons.push(`the journal fails: ${journal.failure}`);
    if (journal.isSpaceShort) reasons.push('space for the journal is short');
    return reasons;
  }

  /** Null when the node does not run. */
  #status(): Promise<NodeStatus | null> {
    const running = this.#running;
    if (running === null) return Promise.resolve(null);
    return new Promise((resolve, fail) => {
      const timer = setTimeout(() => fail(new Error('the node gave no status in time')), STATUS_MS);
      running.host.request({ kind: 'get-status' }, {
        onReply: (result) => {
          clearTimeout(timer);
          resolve(result.ok && result.value.kind === 'status' ? result.value.status : null);
        },
      });
    });
  }

  async #renderMetrics(): Promise<{ contentType: string; text: string } | null> {
    const status = await this.#status();
    const running = this.#running;
    if (status === null || running === null) return null;
    const { host, journal, notices, metrics } = running;
    const text = await metrics.render({
      status,
      host: host.takeStats(),
      laneCount: this.#lanes.laneCount,
      laneBytes: { sent: this.#lanes.sentBytes, received: this.#lanes.receivedBytes },
      sessionCount: this.#api.sessionCount,
      journalBytes: journal.usedBytes,
      counts: notices.counts,
      marks: notices.marks,
    });
    return { contentType: metrics.contentType, text };
  }

  async #state(): Promise<unknown> {
    const status = await this.#status();
    const running = this.#running;
    return {
      ready: this.#readiness(),
      status,
      host: running?.host.takeStats() ?? null,
      journal: running === null ? null : { usedBytes: running.journal.usedBytes, failure: running.journal.failure },
      lanes: this.#lanes.laneCount,
      sessions: this.#api.sessionCount,
      counts: Object.fromEntries(running?.notices.counts ?? []),
      marks: Object.fromEntries(running?.notices.marks ?? []),
      memory: process.memoryUsage(),
    };
  }
}

/** What others are told: as configured, or the listener's address when that names a host. */
function advertisedUrls(settings: Settings, bound: Bound): readonly string[] {
  if (settings.advertise.length > 0 || bound.listen === null || settings.listen === null) return settings.advertise;
  return isWildcard(settings.listen) ? [] : [`ws://${bound.listen}`];
}

const isWildcard = ({ host }: HostPort): boolean => host === '0.0.0.0' || host === '::';

function* bareRecords(journal: LmdbJournal) {
  for (const { seq, bytes } of journal.recovered()) yield { seq, bytes: plain(bytes) };
}

/** A row that fails its checksum is left away: the mesh's log, or another member, has it. */
function* soundRows(journal: LmdbJournal, log: Logger) {
  for (const row of journal.tableRows()) {
    if (row === null) log.error({ event: 'table-row-damaged' }, 'a row of the embedded tables fails its checksum and is left away');
    else yield row;
  }
}

/** A row that fails its checksum counts as absent: the stream's own log knows the last acknowledgement. */
function* soundOffsets(journal: LmdbJournal, log: Logger) {
  for (const offset of journal.offsets()) {
    if (offset === null) log.error({ event: 'ledger-row-damaged' }, 'a stream offset fails its checksum and is left away');
    else yield offset;
  }
}

const LANE_HEADERS_MS = 10_000;
const STATUS_MS = 5_000;
const SHUT_DOWN_MS = 3_000;
