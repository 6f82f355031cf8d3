/** `ws-frames` and `ws-bytes`: the bare WebSocket over one hop, a process between that forwards messages unread. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Program } from '../../processes/program.js';
import type { Bench, Measurement } from '../measurement.js';
import { type HopEnds, measureHop } from './windowed-load.js';
import type { ForwarderAnswer, ForwarderQuestion } from './ws-forwarder-program.js';

export const BARE_HOP: Bench = { names: ['ws-frames', 'ws-bytes'], run: measure };

/** Frames of 300 bytes travel together; 64 KiB make a frame of their own. */
export const SMALL_FRAME_BYTES = 300;
export const SMALL_FRAMES_PER_MESSAGE = 64;
export const LARGE_PAYLOAD_BYTES = 64 * 1024;

async function measure(): Promise<Measurement[]> {
  const forwarder = new Program<ForwarderQuestion, ForwarderAnswer>(
    'ws-forwarder', new URL('ws-forwarder-program.js', import.meta.url),
  );
  try {
    const { port } = await forwarder.ask({ kind: 'listen' });
    const sink = await dial(`ws://127.0.0.1:${port}/sink`);
    const source = await dial(`ws://127.0.0.1:${port}/source`);
    let frameBytes = SMALL_FRAME_BYTES;
    const ends: HopEnds = { send: (message) => source.send(message), onArrived: () => undefined };
    sink.on('message', (message: Buffer) => ends.onArrived(message.length / frameBytes));
    const losses = (): Promise<string> => Promise.resolve('a socket does not lose; look at the forwarder');
    const small = new Uint8Array(SMALL_FRAME_BYTES * SMALL_FRAMES_PER_MESSAGE);
    const frames = await measureHop(ends, { message: small, framesPerMessage: SMALL_FRAMES_PER_MESSAGE }, losses);
    frameBytes = LARGE_PAYLOAD_BYTES;
    const large = await measureHop(ends, { message: new Uint8Array(LARGE_PAYLOAD_BYTES), framesPerMessage: 1 }, losses);
    source.terminate();
    sink.terminate();
    return [
      { name: 'ws-frames', value: frames, unit: 'frames/s' },
      { name: 'ws-bytes', value: (large * LARGE_PAYLOAD_BYTES) / 1e6, unit: 'MB/s' },
    ];
  } finally {
    await forwarder.end();
  }
}

async function dial(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
  await once(socket, 'open');
  return socket;
}
