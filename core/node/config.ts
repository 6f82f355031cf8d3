/** All tunables of a node, by machine. */
import { type FlowConfig, DEFAULT_FLOW_CONFIG } from '../flow/config.js';
import { DEFAULT_SWIM_CONFIG, type SwimConfig } from '../gossip/swim-config.js';
import { type GroupsConfig, DEFAULT_GROUPS_CONFIG, checkGroupsConfig } from '../groups/config.js';
import { DEFAULT_JOURNAL_CONFIG, type JournalConfig } from '../journal/api.js';
import { DEFAULT_LINK_CONFIG, type LinkConfig } from '../link/config.js';
import { DEFAULT_ROUTES_CONFIG, type RoutesConfig } from '../router/routes.js';
import { DEFAULT_TOPOLOGY_CONFIG, type TopologyConfig } from '../topology/topology-config.js';
import { TRAFFIC_CLASSES } from '../wire/frame.js';

export interface NodeConfig {
  readonly link: LinkConfig;
  readonly flow: FlowConfig;
  readonly swim: SwimConfig;
  readonly topology: TopologyConfig;
  readonly routes: RoutesConfig;
  readonly groups: GroupsConfig;
  readonly journal: JournalConfig;
  /** Relays that a frame may pass. */
  readonly ttl: number;
  /** Events kept for watchers that come late. */
  readonly eventsKeptMax: number;
  readonly watchersMax: number;
  /** Watchers are told how far a stream is at most once in this time. */
  readonly watermarksEveryUs: number;
  /** How long `join-mesh` waits for this node's own log to name it a member. */
  readonly joinSettleUs: number;
  /** A worse state of the mesh is believed once it has lasted so long: longer than an election. */
  readonly stateHoldUs: number;
  /** From one small journal batch to the next. */
  readonly flushLingerUs: number;
  /** How long after a refused write for lack of space the same is tried again. */
  readonly fullRetryUs: number;
}

/** The traffic class of each flow: mesh control group, priority streams, bulk streams, database updates. */
export const FLOW_TRAFFIC_CLASSES = [TRAFFIC_CLASSES.SYSTEM, TRAFFIC_CLASSES.PRIORITY, TRAFFIC_CLASSES.BULK, TRAFFIC_CLASSES.INTERNAL_DB] as const;

export const DEFAULT_NODE_CONFIG: NodeConfig = {
  link: DEFAULT_LINK_CONFIG,
  flow: { ...DEFAULT_FLOW_CONFIG, trafficClasses: FLOW_TRAFFIC_CLASSES },
  swim: DEFAULT_SWIM_CONFIG,
  topology: DEFAULT_TOPOLOGY_CONFIG,
  routes: DEFAULT_ROUTES_CONFIG,
  groups: DEFAULT_GROUPS_CONFIG,
  journal: DEFAULT_JOURNAL_CONFIG,
  ttl: 32,
  eventsKeptMax: 1024,
  watchersMax: 256,
  watermarksEveryUs: 200_000,
  joinSettleUs: 10_000_000,
  stateHoldUs: 3_000_000,
  flushLingerUs: 1_000,
  fullRetryUs: 1_000_000,
};

/** Asserts the relations that no machine can assert alone; each machine asserts its own when it is built. */
export function checkNodeConfig(config: NodeConfig): void {
  checkGroupsConfig(config.groups);
}
