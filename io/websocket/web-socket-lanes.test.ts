import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { DRAIN_SILENCE_BYTES } from '../../core/egress/drain-report.js';
import type { Input } from '../../core/node/inputs.js';
import { ticket } from '../../core/base/units.js';
import { proxyFor } from './proxy.js';
import { DEFAULT_LANE_LIMITS, type LaneLimits, WebSocketLanes } from './web-socket-lanes.js';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Kind = Input['kind'];
type InputOf<K extends Kind> = Extract<Input, { kind: K }>;

/** The reports of one node's lanes, as they come. */
class Reports {
  readonly seen: Input[] = [];
  #waiters: (() => void)[] = [];

  readonly take = (input: Input): void => {
    this.seen.push(input);
    for (const wake of this.#waiters.splice(0)) wake();
  };

  /** The next report of that kind, taken out. */
  async next<K extends Kind>(kind: K): Promise<InputOf<K>> {
    for (;;) {
      const at = this.seen.findIndex((input) => input.kind === kind);
      if (at >= 0) return this.seen.splice(at, 1)[0] as InputOf<K>;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }
}

function dialler(
  environment: Record<string, string> = {},
  limits: Partial<LaneLimits> = {},
): { lanes: WebSocketLanes; reports: Reports } {
  const lanes = new WebSocketLanes({ ...DEFAULT_LANE_LIMITS, ...limits }, environment);
  const reports = new Reports();
  lanes.attach(reports.take);
  closers.push(() => void lanes.stop());
  return { lanes, reports };
}

async function listener(
  limits: Partial<LaneLimits> = {},
  isAttached = true,
): Promise<{ lanes: WebSocketLanes; reports: Reports; url: string }> {
  const lanes = new WebSocketLanes({ ...DEFAULT_LANE_LIMITS, ...limits }, {});
  const reports = new Reports();
  if (isAttached) lanes.attach(reports.take);
  const server = createServer();
  server.on('upgrade', (request, socket, head) => lanes.accept(request, socket, head));
  const port = await listen(server);
  closers.push(() => {
    void lanes.stop();
    server.close();
  });
  return { lanes, reports, url: `ws://127.0.0.1:${port}/` };
}

/** Takes the upgrade and then reads nothing. */
async function deafListener(): Promise<{ url: string }> {
  const server = createServer();
  server.on('upgrade', (request, socket) => {
    const accept = acceptOf(request.headers['sec-websocket-key'] ?? '');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
    socket.pause();
    closers.push(() => socket.destroy());
  });
  const port = await listen(server);
  closers.push(() => server.close());
  return { url: `ws://127.0.0.1:${port}` };
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function pair(limits: Partial<LaneLimits> = {}) {
  const b = await listener(limits);
  const a = dialler();
  a.lanes.dial(ticket(7), b.url);
  const opened = await a.reports.next('lane-opened');
  const accepted = await b.reports.next('lane-opened');
  return { a: { ...a, lane: opened.lane, opened }, b: { ...b, lane: accepted.lane, opened: accepted } };
}

describe('a lane', () => {
  it('is told to both sides, with the ticket to the one that dialled', async () => {
    const { a, b } = await pair();
    expect(a.opened.dial).toBe(7);
    expect(b.opened.dial).toBeNull();
    expect(b.opened.remote).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it('carries the parts of one transmit as one message, as bare bytes', async () => {
    const { a, b } = await pair();
    a.lanes.transmit(a.lane, [new Uint8Array([1, 2]), new Uint8Array([3])]);
    a.lanes.transmit(a.lane, [new Uint8Array([4])]);
    const first = await b.reports.next('received');
    expect(Buffer.isBuffer(first.bytes)).toBe(false);
    expect([...first.bytes]).toEqual([1, 2, 3]);
    expect([...(await b.reports.next('received')).bytes]).toEqual([4]);
    b.lanes.transmit(b.lane, [new Uint8Array(100_000).fill(5)]);
    expect((await a.reports.next('received')).bytes.length).toBe(100_000);
  });

  it('tells how much still waits when so much has left that it matters, and not before', async () => {
    const { a, b } = await pair();
    a.lanes.transmit(a.lane, [new Uint8Array(10)]);
    await b.reports.next('received');
    expect(a.reports.seen.some((input) => input.kind === 'lane-drained')).toBe(false);
    a.lanes.transmit(a.lane, [new Uint8Array(DRAIN_SILENCE_BYTES)]);
    expect(await a.reports.next('lane-drained')).toMatchObject({ lane: a.lane, bufferedBytes: 0 });
  });

  it('holds what a peer that reads nothing has not taken, and says so', async () => {
    const { url } = await deafListener();
    const a = dialler();
    a.lanes.dial(ticket(1), url);
    const { lane } = await a.reports.next('lane-opened');
    for (let i = 0; i < 64; i++) a.lanes.transmit(lane, [new Uint8Array(1_000_000)]);
    const drained = await a.reports.next('lane-drained');
    expect(drained.bufferedBytes).toBeGreaterThan(1_000_000);
  });

  it('is told as closed to the other side alone when one side closes it, after what was sent before', async () => {
    const { a, b } = await pair();
    a.lanes.transmit(a.lane, [new Uint8Array([9])]);
    a.lanes.closeLane(a.lane, 'goodbye');
    expect([...(await b.reports.next('received')).bytes]).toEqual([9]);
    expect(await b.reports.next('lane-closed')).toMatchObject({ lane: b.lane, reason: 'goodbye' });
    expect(a.reports.seen.some((input) => input.kind === 'lane-closed')).toBe(false);
    a.lanes.transmit(a.lane, [new Uint8Array([1])]);
  });

  it('has left the process when everything is stopped, with all that was sent on it', async () => {
    const { a, b } = await pair();
    a.lanes.transmit(a.lane, [new Uint8Array(3_000_000).fill(1)]);
    a.lanes.closeLane(a.lane, 'goodbye');
    await a.lanes.stop();
    expect((await b.reports.next('received')).bytes.length).toBe(3_000_000);
    expect(await b.reports.next('lane-closed')).toMatchObject({ reason: 'goodbye' });
    await a.lanes.stop();
  });

  it('is dropped at a stop when its peer does not answer in time', async () => {
    const { url } = await deafListener();
    const a = dialler({}, { closeTimeoutMs: 100 });
    a.lanes.dial(ticket(1), url);
    const { lane } = await a.reports.next('lane-opened');
    for (let i = 0; i < 16; i++) a.lanes.transmit(lane, [new Uint8Array(1_000_000)]);
    await a.lanes.stop();
    expect(a.reports.seen.some((input) => input.kind === 'lane-closed')).toBe(false);
  });

  it('ends when a message is longer than the bound', async () => {
    const { a, b } = await pair({ messageBytesMax: 1_000 });
    a.lanes.transmit(a.lane, [new Uint8Array(1_001)]);
    expect((await b.reports.next('lane-closed')).lane).toBe(b.lane);
    expect((await a.reports.next('lane-closed')).lane).toBe(a.lane);
  });

  it('ends when the peer sends text', async () => {
    const b = await listener();
    const socket = new WebSocket(b.url);
    await once(socket, 'open');
    const { lane } = await b.reports.next('lane-opened');
    socket.send('hello');
    expect(await b.reports.next('lane-closed')).toMatchObject({ lane, reason: 'text-message' });
  });
});

describe('a dial', () => {
  it('says why it failed', async () => {
    const a = dialler();
    a.lanes.dial(ticket(1), 'http://127.0.0.1:9');
    a.lanes.dial(ticket(2), 'nonsense');
    expect(await a.reports.next('dial-failed')).toMatchObject({ ticket: 1, code: 'URL_INVALID' });
    expect(await a.reports.next('dial-failed')).toMatchObject({ ticket: 2, code: 'URL_INVALID' });
    a.lanes.dial(ticket(3), 'ws://127.0.0.1:1');
    expect(await a.reports.next('dial-failed')).toMatchObject({ ticket: 3, code: 'ECONNREFUSED' });
  });

  it('is refused by a listener that has no room', async () => {
    const b = await listener({ lanesMax: 0 });
    const a = dialler();
    a.lanes.dial(ticket(4), b.url);
    expect(await a.reports.next('dial-failed')).toMatchObject({ ticket: 4, code: 'HTTP_503' });
  });

  it('is refused by a listener whose node does not run yet, and taken once it does', async () => {
    const b = await listener({}, false);
    const a = dialler();
    a.lanes.dial(ticket(5), b.url);
    expect(await a.reports.next('dial-failed')).toMatchObject({ ticket: 5, code: 'HTTP_503' });
    b.lanes.attach(b.reports.take);
    a.lanes.dial(ticket(6), b.url);
    expect(await b.reports.next('lane-opened')).toMatchObject({ dial: null });
  });

  it('goes through the proxy of the environment', async () => {
    const b = await listener();
    const proxy = createServer();
    const asked: string[] = [];
    proxy.on('connect', (request, client, head) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
      const upstream = connectTcp(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.write(head);
        upstream.pipe(client).pipe(upstream);
      });
      closers.push(() => upstream.destroy());
    });
    const port = await listen(proxy);
    closers.push(() => proxy.close());
    const a = dialler({ HTTP_PROXY: `http://user:secret@127.0.0.1:${port}` });
    a.lanes.dial(ticket(5), b.url);
    const { lane } = await a.reports.next('lane-opened');
    a.lanes.transmit(lane, [new Uint8Array([42])]);
    expect([...(await b.reports.next('received')).bytes]).toEqual([42]);
    expect(asked).toEqual([`${new URL(b.url).host} Basic ${Buffer.from('user:secret').toString('base64')}`]);
  });

  it('fails with the answer of a proxy that refuses', async () => {
    const proxy = createServer();
    proxy.on('connect', (_request, client) => client.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    const port = await listen(proxy);
    closers.push(() => proxy.close());
    const a = dialler({ http_proxy: `127.0.0.1:${port}` });
    a.lanes.dial(ticket(6), 'ws://127.0.0.1:9/');
    expect(await a.reports.next('dial-failed')).toMatchObject({ ticket: 6, code: 'PROXY_403' });
  });
});

describe('the proxy of the environment', () => {
  it('is taken by scheme, and not for what no_proxy names', () => {
    const environment = { https_proxy: 'http://s:1', HTTP_PROXY: 'p:2', no_proxy: 'internal.example, .lan,10.0.0.1:8080' };
    const hostOf = (url: string) => proxyFor(new URL(url), environment)?.host ?? null;
    expect(hostOf('wss://far.example/')).toBe('s:1');
    expect(hostOf('ws://far.example/')).toBe('p:2');
    expect(hostOf('wss://a.internal.example/')).toBeNull();
    expect(hostOf('ws://box.lan/')).toBeNull();
    expect(hostOf('ws://10.0.0.1:8080/')).toBeNull();
    expect(hostOf('ws://10.0.0.1:9090/')).toBe('p:2');
    expect(proxyFor(new URL('ws://x/'), {})).toBeNull();
    expect(proxyFor(new URL('ws://x/'), { all_proxy: 'socks5://y:1' })).toBeNull();
  });
});

/** RFC 6455, section 4.2.2. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
