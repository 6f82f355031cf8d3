/**
 * A mesh node as a library: the whole of meshd within a program of one's own, with handlers in the same process. Updates
 * are handled once per node, their rows in one transaction with the handler's place; everything else that the mesh
 * promises over gRPC holds here as well, because it is the same core and the same host.
 *
 * `examples/embedded-node.ts` is a whole program.
 */
import { type Logger, pino } from 'pino';
import type { Reject } from '../../core/base/reject.js';
import type { Command, Reply } from '../../core/node/commands.js';
import { DEFAULT_NODE_CONFIG } from '../../core/node/config.js';
import { loadConfig } from '../config/load.js';
import { nodeConfigOf } from '../config/node-config.js';
import type { TunableTree } from '../config/tunables.js';
import { type Bound, Daemon } from '../daemon/daemon.js';
import { StartRefused } from '../daemon/start-refused.js';
import type { Handlers } from '../handlers/handlers.js';

export interface EmbeddedNodeOptions {
  /** Settings by key path, as `meshd --help` lists them: `{ dataDir: 'x', listen: '127.0.0.1:7001', dial: [...] }`. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly handlers?: Handlers;
  /** Silent when absent. */
  readonly log?: Logger;
  /** The node cannot go on and was stopped; without it the process ends with an uncaught error. */
  readonly onHalt?: (code: string, detail: string) => void;
  /** The mesh's configuration has changed: text by key. */
  readonly onConfiguration?: (rows: ReadonlyMap<string, string>) => void;
}

/** The node refused a command. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
  readonly reject: Reject;
  constructor(refusal: Reject) {
    super(`${refusal.code}: ${refusal.detail}`);
    this.reject = refusal;
  }
}

/** The core stopped the node. */
export class NodeHalted extends Error {
  override readonly name = 'NodeHalted';
}

export class EmbeddedNode {
  /** The addresses that were bound. */
  readonly bound: Bound;
  readonly #daemon: Daemon;

  private constructor(daemon: Daemon, bound: Bound) {
    this.#daemon = daemon;
    this.bound = bound;
  }

  /** Starts the node. Rejects with `StartRefused`, having changed nothing, for wrong settings too. */
  static async start(options: EmbeddedNodeOptions): Promise<EmbeddedNode> {
    const coreDefaults = DEFAULT_NODE_CONFIG as unknown as TunableTree;
    const flags = new Map(Object.entries(options.settings));
    const { settings, tunables, mistakes } = loadConfig({ file: null, environment: {}, flags }, coreDefaults);
    const mistake = mistakes[0];
    if (mistake !== undefined) throw new StartRefused(`${mistake.keyPath}: ${mistake.message}`);
    const daemon = new Daemon({
      settings,
      nodeConfig: nodeConfigOf({ settings, tunables }),
      log: options.log ?? pino({ level: 'silent' }),
      environment: process.env,
      onHalt: options.onHalt ?? throwHalted,
      ...(options.handlers === undefined ? {} : { handlers: options.handlers }),
      ...(options.onConfiguration === undefined ? {} : { onConfiguration: options.onConfiguration }),
    });
    return new EmbeddedNode(daemon, await daemon.start());
  }

  /** One command, one reply: seed, join, status, open and publish, send an update. Rejects with `CommandRefused`. */
  ask<Kind extends Reply['kind']>(command: Command, kind: Kind): Promise<Extract<Reply, { kind: Kind }>> {
    const { host } = this.#daemon;
    if (host === null) return Promise.reject(new NodeHalted('the node does not run'));
    return new Promise((resolve, fail) => {
      host.request(command, {
        onReply: (result) => {
          if (!result.ok) fail(new CommandRefused(result.reject));
          else if (result.value.kind !== kind) fail(new TypeError(`${command.kind} is answered by ${result.value.kind}, not by ${kind}`));
          else resolve(result.value as Extract<Reply, { kind: Kind }>);
        },
      });
    });
  }

  /** As SIGTERM does: drains, says goodbye, closes the journal in order. */
  stop(): Promise<void> {
    return this.#daemon.stop();
  }
}

function throwHalted(code: string, detail: string): void {
  throw new NodeHalted(`${code}: ${detail}`);
}
