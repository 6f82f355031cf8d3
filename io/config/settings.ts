/**
 * Every setting of meshd but the core's tunables: one row each, from which flags, environment names, the file's schema,
 * the documentation and the reload rule all follow.
 */
import { hostname } from 'node:os';
import { DEFAULT_QOS_ORDER, classOrder } from './class-order.js';
import { tenantQuotas } from './tenant-quotas.js';
import { type ValueType, choiceOf, hostPort, integerOf, laneUrls, orOff, textOf } from './value-type.js';

export interface Setting<T> {
  readonly read: ValueType<T>;
  readonly fallback: T;
  /** Its flag beside `--set`, as commander wants it. */
  readonly flag?: string;
  readonly help: string;
  /** Whether SIGHUP applies a change at once. */
  readonly isLive?: boolean;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** Key path in the file → the setting. */
export const SETTINGS = {
  name: row(textOf(64), hostname().slice(0, 64) || 'node', 'what people call this node', { flag: '--name <name>' }),
  site: row(orOff(textOf(128)), null, 'where this node stands: the voters of the mesh are spread over such names', {
    flag: '--site <name>',
  }),
  dataDir: row(textOf(4096), 'mesh-data', 'directory of the journal and the identity; one node each', {
    flag: '--data-dir <directory>',
  }),
  listen: row(orOff(hostPort), null, 'where neighbours may dial this node; off behind NAT', {
    flag: '--listen <host:port>',
  }),
  grpc: row(hostPort, { host: '127.0.0.1', port: 7400 }, 'gRPC of applications and meshctl', {
    flag: '--grpc <host:port>',
  }),
  admin: row(orOff(hostPort), null, 'HTTP with /healthz /readyz /metrics /debug/state', { flag: '--admin <host:port>' }),
  dial: row(laneUrls, [], 'neighbours to dial, again and again', { flag: '--dial <url...>' }),
  advertise: row(laneUrls, [], 'addresses under which others may dial this node; default: that of listen, if it names one', {
    flag: '--advertise <url...>',
  }),
  'log.level': row(choiceOf(LOG_LEVELS), 'info', 'the least level of log lines', {
    flag: '--log-level <level>',
    isLive: true,
  }),
  'updates.database': row(choiceOf(['none', 'embedded']), 'none', 'what applies database updates here: the embedded tables, or nothing but consumers that subscribe'),
  tenants: row(orOff(tenantQuotas), null, 'quotas: TENANT or default to streams, stagedBytes, messagesPerSecond, bytesPerSecond, subscribers (0: no limit), weight'),
  'qos.order': row(classOrder, DEFAULT_QOS_ORDER, 'in which order classes leave over a link: system, db-updates, priority and bulk streams'),
  'limits.tablesBytesMax': row(integerOf(65_536, 1_073_741_824), 67_108_864, 'rows of the embedded tables, which are held in memory'),
  'limits.lanesMax': row(integerOf(1, 65_536), 4096, 'WebSockets at once'),
  'limits.laneMessageBytesMax': row(integerOf(1_114_112, 67_108_864), 4_194_304, 'largest WebSocket message received'),
  'limits.dialTimeoutMs': row(integerOf(100, 120_000), 10_000, 'from a dial to an open WebSocket'),
  'limits.drainMs': row(integerOf(0, 600_000), 5_000, 'how long SIGTERM waits for answers that are due'),
  'limits.journalBytesMax': row(integerOf(268_435_456, 17_592_186_044_416), 17_179_869_184, 'largest size of the journal file'),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingKey = keyof typeof SETTINGS;
/** What the settings read to. */
export type Settings = { readonly [Key in SettingKey]: (typeof SETTINGS)[Key] extends Setting<infer T> ? T : never };

/** `limits.lanesMax` → `MESH_LIMITS_LANES_MAX`. */
export function environmentName(keyPath: string): string {
  return `MESH_${keyPath.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('.', '_').toUpperCase()}`;
}

function row<T>(read: ValueType<T>, fallback: NoInfer<T>, help: string, extra: { flag?: string; isLive?: boolean } = {}): Setting<T> {
  return { read, fallback, help, ...extra };
}
