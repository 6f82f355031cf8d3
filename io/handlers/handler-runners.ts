/** Every handler of this process at work: the node's own appliers, and those of the program that it is embedded in. */
import type { Logger } from 'pino';
import type { NodeId } from '../../core/base/ids.js';
import type { UpdateFeed } from '../../core/groups/updates/feeds.js';
import type { NodeHost } from '../host/node-host.js';
import { configurationApplier, databaseApplier } from './appliers.js';
import { ClientDataRunner } from './client-data-runner.js';
import type { EmbeddedTables } from './embedded-tables.js';
import { EventRunner } from './event-runner.js';
import type { Handlers } from './handlers.js';
import type { UpdateHandler } from './update-handler.js';
import { UpdateRunner } from './update-runner.js';

export interface HandlerRunnersOptions {
  readonly host: NodeHost;
  readonly tables: EmbeddedTables;
  readonly log: Logger;
  readonly self: NodeId;
  readonly handlers: Handlers;
  /** Whether the embedded tables take database updates when no handler is registered for them. */
  readonly appliesDatabase: boolean;
  readonly onConfiguration: () => void;
}

export class HandlerRunners {
  readonly #options: HandlerRunnersOptions;
  readonly #runners: { start(): void; stop(): void }[] = [];

  constructor(options: HandlerRunnersOptions) {
    this.#options = options;
    const { host, tables, log, handlers, appliesDatabase, onConfiguration, self } = options;
    const updates = (feed: UpdateFeed, consumer: string, handler: UpdateHandler): void => {
      // What becomes of configuration and tables is the sum of all updates; an application begins with what is kept.
      const isFromStart = consumer !== APPLICATION_CONSUMER;
      this.#runners.push(new UpdateRunner({ host, tables, feed, consumer, handler, log, isFromStart }));
    };
    updates('mesh', CONFIGURATION_CONSUMER, configurationApplier(host, tables, onConfiguration));
    if (handlers.onSystemUpdate !== undefined) {
      updates('mesh', APPLICATION_CONSUMER, this.#handler(handlers.onSystemUpdate));
      updates('node', APPLICATION_CONSUMER, this.#handler(handlers.onSystemUpdate));
    }
    if (handlers.onInternalDBUpdate !== undefined) updates('database', APPLICATION_CONSUMER, this.#handler(handlers.onInternalDBUpdate));
    else if (appliesDatabase) updates('database', TABLES_CONSUMER, databaseApplier());
    for (const handler of handlers.onClientData ?? []) {
      this.#runners.push(new ClientDataRunner({ host, log, handler, check: handlers.onMessageReceived }));
    }
    if (handlers.onTopologyChange !== undefined || handlers.onConsensusRoleChange !== undefined) {
      this.#runners.push(new EventRunner({ host, log, self, handlers }));
    }
  }

  start(): void {
    if (this.#options.tables.bytes > 0) this.#options.onConfiguration();
    for (const runner of this.#runners) runner.start();
  }

  stop(): void {
    for (const runner of this.#runners) runner.stop();
  }

  #handler(onUpdate: UpdateHandler['onUpdate']): UpdateHandler {
    const { onNeedsResync } = this.#options.handlers;
    return onNeedsResync === undefined ? { onUpdate } : { onUpdate, onNeedsResync };
  }
}

/** Names of consumers, for ever: their places are durable under them. */
const CONFIGURATION_CONSUMER = 'configuration';
const TABLES_CONSUMER = 'tables';
const APPLICATION_CONSUMER = 'embedded-application';
