/**
 * Prometheus metrics, read from the node's status and the host's counters at the moment of the scrape: nothing of it
 * runs on the hot path.
 */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { NodeStatus } from '../../core/node/commands.js';
import type { HostStats } from '../host/node-host.js';

/** What a scrape reads. */
export interface Readings {
  readonly status: NodeStatus;
  readonly host: HostStats;
  readonly laneCount: number;
  /** Payload of WebSocket messages. */
  readonly laneBytes: { readonly sent: number; readonly received: number };
  readonly sessionCount: number;
  readonly journalBytes: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly marks: ReadonlyMap<string, number>;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #gauges = new Map<string, Gauge>();
  readonly #counters = new Map<string, Counter>();

  constructor(node: { id: string; name: string }) {
    this.#registry.setDefaultLabels({ node: node.name, node_id: node.id });
    collectDefaultMetrics({ register: this.#registry });
  }

  /** Content type of `render`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  async render(readings: Readings): Promise<string> {
    for (const gauge of this.#gauges.values()) gauge.reset();
    this.#readHost(readings);
    this.#readStatus(readings.status);
    return this.#registry.metrics();
  }

  #readHost({ host, laneCount, laneBytes, sessionCount, journalBytes, counts, marks }: Readings): void {
    this.#total('mesh_host_inputs_total', 'Inputs that the core was stepped with', {}, host.inputs);
    this.#total('mesh_host_turns_total', 'Turns of the core', {}, host.turns);
    this.#gauge('mesh_host_queued_inputs', 'Inputs that wait for the core', {}, host.queuedInputs);
    this.#gauge('mesh_host_open_requests', 'Calls that the core has yet to answer or end', {}, host.openRequests);
    this.#gauge('mesh_host_longest_drain_seconds', 'Longest hold of the event loop since the last scrape', {}, host.longestDrainUs / 1e6);
    this.#gauge('mesh_lanes', 'Open WebSockets', {}, laneCount);
    for (const direction of ['sent', 'received'] as const) {
      this.#total('mesh_lane_bytes_total', 'Payload of WebSocket messages', { direction }, laneBytes[direction]);
    }
    this.#gauge('mesh_api_sessions', 'Open streaming calls', {}, sessionCount);
    this.#gauge('mesh_journal_bytes', 'Bytes of records in the journal', {}, journalBytes);
    for (const [name, sum] of counts) this.#total('mesh_events_total', 'Events counted by the core', { event: name }, sum);
    for (const [name, sum] of marks) this.#total('mesh_marks_total', 'Rare things that happened', { mark: name }, sum);
  }

  #readStatus({ mesh, links, groups, streams, tenants }: NodeStatus): void {
    this.#gauge('mesh_in_mesh', '1 when this node is in a mesh', {}, mesh === null ? 0 : 1);
    for (const state of ['healthy', 'degraded', 'critical'] as const) {
      if (mesh !== null) this.#gauge('mesh_state', '1 for the state of the mesh as this node sees it', { state }, mesh.state === state ? 1 : 0);
    }
    for (const liveness of ['alive', 'suspect', 'failed', 'left'] as const) {
      const count = mesh?.members.filter((member) => member.liveness === liveness).length ?? 0;
      this.#gauge('mesh_members', 'Members by liveness', { liveness }, count);
    }
    for (const link of links) {
      this.#gauge('mesh_link_rtt_seconds', 'Smoothed round trip of a link', { peer: link.peer }, link.rttUs / 1e6);
      this.#gauge('mesh_link_queued_bytes', 'Bytes that wait for a link', { peer: link.peer }, link.queuedBytes);
      this.#gauge('mesh_link_lanes', 'Lanes of a link', { peer: link.peer }, link.laneCount);
    }
    for (const group of groups) {
      const labels = { group: group.id, kind: group.kind };
      this.#gauge('mesh_raft_term', 'Term of a group', labels, group.term);
      this.#gauge('mesh_raft_is_leader', '1 where this node leads', labels, group.role === 'leader' ? 1 : 0);
      this.#gauge('mesh_raft_commit_index', 'Commit index of a group', labels, group.commitIndex);
      this.#gauge('mesh_raft_apply_lag', 'Committed and not applied entries', labels, group.commitIndex - group.appliedIndex);
    }
    for (const { tenant, ...use } of tenants) {
      const labels = { tenant };
      this.#gauge('mesh_tenant_streams', 'Open streams of which this node is the source', labels, use.streams);
      this.#gauge('mesh_tenant_subscribers', 'Subscribers at this node', labels, use.subscribers);
      this.#gauge('mesh_tenant_staged_bytes', 'Bytes accepted, or arriving, and not settled everywhere', labels, use.stagedBytes);
      this.#gauge('mesh_tenant_waiting_bytes', 'Bytes offered that wait for their turn or their quota', labels, use.waitingBytes);
      this.#total('mesh_tenant_refused_total', 'Calls refused by the quota', labels, use.refused);
      this.#total('mesh_tenant_delayed_total', 'Offers that had to wait', labels, use.delayed);
    }
    for (const stream of streams) {
      const labels = { stream: stream.id, name: stream.name };
      this.#gauge('mesh_stream_accepted', 'Highest seq durable at the source', labels, stream.accepted);
      this.#gauge('mesh_stream_replicated', 'Highest seq durable on a majority', labels, stream.replicated);
      this.#gauge('mesh_stream_completed', 'Highest completed seq', labels, stream.completed);
      this.#gauge('mesh_stream_outstanding_bytes', 'Bytes accepted and not settled everywhere', labels, stream.outstandingBytes);
      for (const target of stream.targets) {
        this.#gauge('mesh_stream_settled', 'Highest seq settled at a target', { ...labels, target: target.node }, target.settled);
      }
    }
  }

  #gauge(name: string, help: string, labels: Record<string, string>, value: number): void {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
      this.#gauges.set(name, gauge);
    }
    gauge.set(labels, value);
  }

  /** A counter takes additions only: it is set anew to the sum. */
  #total(name: string, help: string, labels: Record<string, string>, sum: number): void {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.#registry] });
      this.#counters.set(name, counter);
    }
    if (Object.keys(labels).length === 0) {
      counter.reset();
      counter.inc(sum);
    } else {
      counter.remove(labels);
      counter.inc(labels, sum);
    }
  }
}
