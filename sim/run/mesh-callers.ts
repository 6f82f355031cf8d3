/** Who asks the mesh itself for something, beside the operators that form it: senders of updates, clients of its configuration. */
import { ConfigClient } from '../apps/config-client.js';
import type { Environment } from '../apps/environment.js';
import { StateWatcher } from '../apps/state-watcher.js';
import { UpdateConsumer } from '../apps/update-consumer.js';
import { UpdateSender } from '../apps/update-sender.js';

/** A sender for each node and feed that sends anything, and a consumer of each feed at every node. */
export function updateSenders(environment: Environment): UpdateSender[] {
  const { updates, nodes } = environment.plan;
  if (updates.length === 0) return [];
  const senders: UpdateSender[] = [];
  for (const node of nodes.keys()) {
    for (const feed of ['mesh', 'database'] as const) {
      new UpdateConsumer(environment, node, feed);
      const times = updates.filter((each) => each.node === node && each.feed === feed).map(({ atUs }) => atUs);
      senders.push(new UpdateSender(environment, node, feed, times));
    }
  }
  return senders;
}

/** The clients of the mesh's configuration, and somebody who follows each node's state. */
export function configClients(environment: Environment): ConfigClient[] {
  const { configCalls = [], nodes } = environment.plan;
  if (configCalls.length === 0) return [];
  for (const node of nodes.keys()) new StateWatcher(environment, node);
  const clients = [...new Set(configCalls.map(({ client }) => client))];
  return clients.map((client) => new ConfigClient(environment, client, configCalls.filter((call) => call.client === client)));
}
