/**
 * The HTTP CONNECT proxy of the environment: firewalls that forbid everything else usually leave one. Decides which
 * proxy a URL takes (https_proxy for wss:, http_proxy for ws:, else all_proxy; lower case before upper; no_proxy
 * exempts) and opens the tunnel. Leaves out: proxies that want TLS to themselves, and authentication but Basic.
 */
import { request } from 'node:http';
import type { Socket } from 'node:net';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for `target`; null for a direct way. A malformed proxy URL counts as none. */
export function proxyFor(target: URL, environment: Environment): URL | null {
  const names = target.protocol === 'wss:' ? ['https_proxy', 'all_proxy'] : ['http_proxy', 'all_proxy'];
  const value = names.map((name) => variable(environment, name)).find((text) => text !== '');
  if (value === undefined || isExempt(target, variable(environment, 'no_proxy'))) return null;
  const proxy = parseUrl(value.includes('://') ? value : `http://${value}`);
  return proxy !== null && proxy.protocol === 'http:' ? proxy : null;
}

/** Opens a tunnel to `host:port` of `target`. `done` comes once: with the socket, or with an error code. */
export function openTunnel(
  proxy: URL,
  target: URL,
  timeoutMs: number,
  done: (socket: Socket | null, code: string) => void,
): void {
  const authority = `${target.hostname}:${portOf(target)}`;
  const headers: Record<string, string> = { host: authority };
  if (proxy.username !== '') {
    const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    headers['proxy-authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
  }
  const call = request({
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port === '' ? 80 : Number(proxy.port),
    method: 'CONNECT',
    path: authority,
    headers,
    agent: false,
    timeout: timeoutMs,
  });
  let isDone = false;
  const finish = (socket: Socket | null, code: string): void => {
    if (isDone) return;
    isDone = true;
    if (socket === null) call.destroy();
    done(socket, code);
  };
  call.on('connect', (response, socket) => {
    if (response.statusCode === 200) finish(socket as Socket, '');
    else finish(null, `PROXY_${response.statusCode ?? 0}`);
  });
  call.on('response', (response) => finish(null, `PROXY_${response.statusCode ?? 0}`));
  call.on('timeout', () => finish(null, 'PROXY_TIMEOUT'));
  call.on('error', (error: NodeJS.ErrnoException) => finish(null, `PROXY_${error.code ?? 'ERROR'}`));
  call.end();
}

/** Null for text that is no URL. */
export function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/** The port that `target` names or implies. */
export function portOf(target: URL): number {
  if (target.port !== '') return Number(target.port);
  return target.protocol === 'wss:' ? 443 : 80;
}

function variable(environment: Environment, name: string): string {
  return environment[name] ?? environment[name.toUpperCase()] ?? '';
}

/** no_proxy: a list of host names or suffixes, each with an optional port; `*` exempts all. */
function isExempt(target: URL, list: string): boolean {
  for (const entry of list.split(/[\s,]+/)) {
    if (entry === '') continue;
    if (entry === '*') return true;
    const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    if (port !== undefined && Number(port) !== portOf(target)) continue;
    const suffix = name.replace(/^\*?\./, '').toLowerCase();
    const host = target.hostname.toLowerCase();
    if (host === suffix || host.endsWith(`.${suffix}`)) return true;
  }
  return false;
}
