/**
 * A mesh of real meshd processes on this machine: ports taken, processes started, one seeded, the others joined through
 * those that they dial. Everything goes through the public gRPC API.
 */
import { randomBytes } from 'node:crypto';
import { CallFailed } from '../../io/client/call-failed.js';
import { MeshClient } from '../../io/client/mesh-client.js';
import { v1 } from '../../io/grpc/messages.js';
import { freePorts } from './free-ports.js';
import { type Ending, MeshdProcess } from './meshd-process.js';
import { until } from './patience.js';

/** A node as it is wished for. */
export interface Site {
  readonly name: string;
  /** Whether it listens for neighbours. */
  readonly isDialable: boolean;
  /** The names of the nodes that it dials; it joins through the first. The first site dials nobody and seeds. */
  readonly dials: readonly string[];
}

export interface ProcessMeshOptions {
  readonly meshName: string;
  /** For data directories and logs; exists. */
  readonly directory: string;
  readonly sites: readonly Site[];
  readonly withAdmin?: boolean;
  readonly more?: readonly string[];
  readonly nodeArguments?: (site: string) => readonly string[];
  /** A process ended that should run. */
  readonly onLost: (node: ProcessNode, ending: Ending) => void;
}

/** A node that runs. */
export interface ProcessNode {
  readonly site: Site;
  readonly process: MeshdProcess;
  readonly client: MeshClient;
  readonly grpc: string;
  readonly url: string | null;
  readonly admin: string | null;
  /** Known once it answers. */
  id: string;
}

export class ProcessMesh {
  /** What further nodes join with. */
  readonly joinKey = randomBytes(24).toString('base64url');
  readonly #options: ProcessMeshOptions;
  readonly #nodes = new Map<string, ProcessNode>();

  constructor(options: ProcessMeshOptions) {
    this.#options = options;
  }

  get nodes(): readonly ProcessNode[] {
    return [...this.#nodes.values()];
  }

  node(name: string): ProcessNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no site is called ${name}`);
    return node;
  }

  /** Starts every process, seeds, joins, and waits until every node sees every other alive and has a route to it. */
  async launch(): Promise<void> {
    await this.#place();
    for (const node of this.nodes) node.process.start();
    for (const node of this.nodes) {
      const status = await this.statusOf(node.site.name);
      node.id = status.node?.id ?? '';
    }
    const { joinKey } = this;
    const joinPolicy = v1.JoinPolicy.JOIN_POLICY_KEY_REQUIRED;
    for (const { site, client } of this.nodes) {
      const [via] = site.dials;
      const enter = (): Promise<v1.MeshStatus> =>
        via === undefined
          ? client.seedMesh({ meshName: this.#options.meshName, joinPolicy, joinKey })
          : client.joinMesh({ urls: [this.node(via).url ?? ''], joinKey });
      await insist(`${site.name} in the mesh`, enter);
    }
    await until('a mesh in which every node reaches every other', () => this.#isWhole(), { limitMs: WHOLE_MS, everyMs: 100 });
  }

  /** The status, with that tenant's streams, once the node answers. Rejects when it does not in time. */
  statusOf(name: string, tenantId = ''): Promise<v1.MeshStatus> {
    const { client } = this.node(name);
    return insist(`an answer of ${name}`, () => client.getMeshStatus({ tenantId }));
  }

  /** SIGTERM to all, in the order of the sites. Gives how each ended; null for one that did not run. */
  async stop(): Promise<Map<string, Ending | null>> {
    for (const { client } of this.nodes) client.close();
    const endings = await Promise.all(this.nodes.map(({ process }) => process.stop()));
    return new Map(this.nodes.map(({ site }, at) => [site.name, endings[at] ?? null]));
  }

  /** SIGKILL to all that still run. */
  async kill(): Promise<void> {
    for (const { client } of this.nodes) client.close();
    await Promise.all(this.nodes.map(({ process }) => process.kill()));
  }

  async #place(): Promise<void> {
    const { sites, directory, withAdmin, more, nodeArguments, onLost } = this.#options;
    const ports = await freePorts(sites.length * 3);
    const next = (): string => `127.0.0.1:${ports.pop() ?? 0}`;
    const places = new Map(sites.map((site) => [site.name, { grpc: next(), listen: site.isDialable ? next() : null }]));
    for (const site of sites) {
      const { grpc, listen } = places.get(site.name) as { grpc: string; listen: string | null };
      const admin = withAdmin === true ? next() : null;
      const process = new MeshdProcess({
        name: site.name,
        directory,
        grpc,
        listen,
        admin,
        dial: site.dials.map((name) => `ws://${places.get(name)?.listen ?? ''}`),
        more: more ?? [],
        nodeArguments: nodeArguments?.(site.name) ?? [],
      });
      const client = new MeshClient(grpc, { timeoutMs: CALL_MS });
      const node = { site, process, client, grpc, admin, url: listen === null ? null : `ws://${listen}`, id: '' };
      process.onLost = (ending) => onLost(node, ending);
      this.#nodes.set(site.name, node);
    }
  }

  async #isWhole(): Promise<true | string> {
    for (const { site } of this.nodes) {
      const { mesh, links } = await this.statusOf(site.name);
      const members = mesh?.members ?? [];
      if (members.length !== this.#nodes.size) return `${site.name} knows ${members.length} members`;
      const missing = members.find(
        ({ name, route, liveness }) => name !== site.name && ((route ?? []).length === 0 || liveness !== v1.Liveness.LIVENESS_ALIVE),
      );
      if (missing !== undefined) return `${site.name} has no route to ${missing.name}`;
      if ((links ?? []).some((link) => link.isProvisional)) return `a link of ${site.name} is provisional`;
    }
    return true;
  }
}

/** Calls again while the refusal says that it may pass: the process is starting, or was killed a moment ago. */
export async function insist<T>(what: string, call: () => Promise<T>): Promise<T> {
  const answers: T[] = [];
  const ask = async (): Promise<true | string> => {
    try {
      answers.push(await call());
      return true;
    } catch (error) {
      if (error instanceof CallFailed && error.retryAfterMs !== null) return error.message;
      throw error;
    }
  };
  await until(what, ask, { limitMs: ANSWER_MS, everyMs: 50 });
  return answers[0] as T;
}

const CALL_MS = 20_000;
const ANSWER_MS = 30_000;
const WHOLE_MS = 60_000;
