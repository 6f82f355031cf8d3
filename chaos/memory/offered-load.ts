/**
 * One publisher that offers more than a stream may hold: through a session until that stands still, and what is left of
 * it one by one, to be refused. The payload is the same each time, so that the load itself needs no memory.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CallFailed } from '../../io/client/call-failed.js';
import type { MeshClient } from '../../io/client/mesh-client.js';
import { v1 } from '../../io/grpc/messages.js';

export interface OfferedLoad {
  readonly offered: number;
  /** Those that were offered one by one and refused for lack of room. */
  readonly refused: number;
}

export interface LoadPlan {
  readonly tenantId: string;
  readonly streamId: string;
  readonly payloadBytes: number;
  readonly messageCount: number;
}

/** Rejects when the node refuses for any other reason than that the stream is full. */
export async function offerLoad(client: MeshClient, plan: LoadPlan): Promise<OfferedLoad> {
  const { tenantId, streamId, payloadBytes, messageCount } = plan;
  const payload = new Uint8Array(payloadBytes).fill(0x6d);
  const keptBytesMax = 4 * payloadBytes;
  const session = client.publisher({ tenantId, streamId, producer: SESSION, keptBytesMax, level: 'accepted' });
  await session.open();
  let offered = 0;
  for (let quietSince = performance.now(); offered < messageCount && performance.now() - quietSince < STANDSTILL_MS; ) {
    if (session.offer(payload) === null) await Promise.race([session.room(), delay(STANDSTILL_MS / 10)]);
    else {
      offered++;
      quietSince = performance.now();
    }
  }
  // What the session still keeps is never published.
  session.abandon();
  let refused = 0;
  const chunk = { tenantId, streamId, payload, level: v1.PublishLevel.PUBLISH_LEVEL_ACCEPTED };
  const offerSome = async (producer: string): Promise<void> => {
    while (offered < messageCount) {
      offered++;
      if (!(await isTaken(client, { ...chunk, producer, producerSeq: offered }))) refused++;
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, (_, at) => offerSome(`one-by-one-${at}`)));
  return { offered, refused };
}

async function isTaken(client: MeshClient, chunk: v1.Chunk.$Properties): Promise<boolean> {
  try {
    await client.publishOne(chunk);
    return true;
  } catch (error) {
    if (error instanceof CallFailed && FULL_CODES.has(error.refusal?.code ?? '')) return false;
    throw error;
  }
}

const FULL_CODES: ReadonlySet<string> = new Set(['OUTBOX_FULL', 'OVERLOADED']);
const SESSION = 'session';
const CALLS_AT_ONCE = 8;
/** A session that takes nothing for this long stands still. */
const STANDSTILL_MS = 3_000;
