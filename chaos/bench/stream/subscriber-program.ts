/**
 * A target's application of `stream-durable`, a process of its own: acknowledges what it is given. Its node makes the
 * offset durable; the client library refuses gaps and damage.
 */
import { MeshClient } from '../../../io/client/mesh-client.js';
import { answerQuestions } from '../../processes/program.js';

export type SubscriberQuestion =
  | { readonly kind: 'open'; readonly grpc: string; readonly tenantId: string; readonly streamName: string }
  | { readonly kind: 'read' };

export interface SubscriberReading {
  readonly count: number;
  /** Of this process, ever. */
  readonly cpuUs: number;
}

let count = 0;

async function receive({ grpc, tenantId, streamName }: Extract<SubscriberQuestion, { kind: 'open' }>): Promise<void> {
  const subscriber = new MeshClient(grpc).subscriber({ tenantId, streamName, windowMessages: WINDOW_MESSAGES });
  for await (const batch of subscriber.batches()) {
    count += batch.length;
    const last = batch.at(-1);
    if (last !== undefined) subscriber.ack(last.seq);
  }
}

answerQuestions<SubscriberQuestion, SubscriberReading>((question) => {
  if (question.kind === 'open') void receive(question);
  const { user, system } = process.cpuUsage();
  return Promise.resolve({ count, cpuUs: user + system });
});

const WINDOW_MESSAGES = 16_384;
