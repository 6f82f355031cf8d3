/**
 * Load for one hop: sends messages of whole frames as fast as a window of bytes on the way allows, and counts the frames
 * that arrive. The window stands for what real flows have out; without it the queue in the middle would be measured.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { Stopwatch } from '../stopwatch.js';

/** The two ends of a hop, both in this process. */
export interface HopEnds {
  send(message: Uint8Array): void;
  /** Called with the number of frames that arrived together. */
  onArrived: (frames: number) => void;
}

export interface HopLoad {
  /** One WebSocket message: so many frames, end to end. */
  readonly message: Uint8Array;
  readonly framesPerMessage: number;
}

/** Frames per second. Rejects when frames were lost, with what `losses` knows of it. */
export async function measureHop(
  ends: HopEnds,
  { message, framesPerMessage }: HopLoad,
  losses: () => Promise<string>,
): Promise<number> {
  const messagesMax = Math.max(2, Math.floor(WINDOW_BYTES / message.length));
  let sent = 0;
  let arrived = 0;
  let isOver = false;
  const fill = (): void => {
    while (!isOver && sent - arrived < messagesMax * framesPerMessage) {
      ends.send(message);
      sent += framesPerMessage;
    }
  };
  ends.onArrived = (frames) => {
    arrived += frames;
    // Half a window at a time: an end that wakes for every frame would measure its own wake-ups.
    if (sent - arrived <= (messagesMax * framesPerMessage) / 2) fill();
  };
  fill();
  await delay(WARM_UP_MS);
  const before = arrived;
  const watch = new Stopwatch();
  await delay(MEASURE_MS);
  const perSecond = watch.perSecond(arrived - before);
  isOver = true;
  for (let waited = 0; arrived < sent && waited < REST_MS; waited += 10) await delay(10);
  if (arrived !== sent) throw new Error(`${sent - arrived} of ${sent} frames were lost on the hop: ${await losses()}`);
  return perSecond;
}

const WINDOW_BYTES = 2 * 1024 * 1024;
const WARM_UP_MS = 1_000;
const MEASURE_MS = 3_000;
const REST_MS = 5_000;
