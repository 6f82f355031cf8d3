/** Kinds of setting values: each reads what a file, the environment or a flag gives, or says what it wants instead. */
import { parseUrl } from '../websocket/proxy.js';

/** A value, or what is wanted instead, to stand after "must be". */
export type Reading<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly wanted: string };

/** `raw` is a string from the environment or a flag, or any value of a YAML file. */
export type ValueType<T> = (raw: unknown) => Reading<T>;

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

export const textOf =
  (charsMax: number): ValueType<string> =>
  (raw) =>
    typeof raw === 'string' && raw.length > 0 && raw.length <= charsMax
      ? { ok: true, value: raw }
      : { ok: false, wanted: `text of 1 to ${charsMax} characters` };

export const integerOf =
  (least: number, most: number): ValueType<number> =>
  (raw) => {
    const value = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? { ok: true, value }
      : { ok: false, wanted: `a whole number from ${least} to ${most}` };
  };

export const flagOf: ValueType<boolean> = (raw) => {
  if (raw === true || raw === 'true') return { ok: true, value: true };
  if (raw === false || raw === 'false') return { ok: true, value: false };
  return { ok: false, wanted: 'true or false' };
};

export const choiceOf =
  <Word extends string>(words: readonly Word[]): ValueType<Word> =>
  (raw) => {
    const word = words.find((each) => each === raw);
    return word === undefined ? { ok: false, wanted: `one of ${words.join(', ')}` } : { ok: true, value: word };
  };

/** HOST:PORT, [V6]:PORT, or :PORT for every address of the machine. */
export const hostPort: ValueType<HostPort> = (raw) => {
  const wanted = 'HOST:PORT, with a port from 0 to 65535 (0 takes a free one)';
  const match = typeof raw === 'string' ? /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]*)):(\d{1,5})$/.exec(raw) : null;
  if (match === null) return { ok: false, wanted };
  const port = Number(match[3]);
  const host = match[1] ?? match[2] ?? '';
  return port <= 65_535 ? { ok: true, value: { host: host === '' ? '0.0.0.0' : host, port } } : { ok: false, wanted };
};

/** `off`, or as `inner`. */
export const orOff =
  <T>(inner: ValueType<T>): ValueType<T | null> =>
  (raw) => {
    if (raw === 'off' || raw === false || raw === null) return { ok: true, value: null };
    const reading = inner(raw);
    return reading.ok ? reading : { ok: false, wanted: `${reading.wanted}, or off` };
  };

/** A list in a file; separated by commas in the environment. */
export const laneUrls: ValueType<readonly string[]> = (raw) => {
  const wanted = 'a list of ws:// or wss:// addresses';
  const list = typeof raw === 'string' ? raw.split(',').map((part) => part.trim()).filter((part) => part !== '') : raw;
  if (!Array.isArray(list)) return { ok: false, wanted };
  if (list.length > LIST_MAX) return { ok: false, wanted: `${wanted}, ${LIST_MAX} at most` };
  const entries = (list as unknown[]).map(String);
  const wrong = entries.filter((entry) => !isLaneUrl(entry));
  if (wrong.length === 0) return { ok: true, value: entries };
  return { ok: false, wanted: `${wanted}; ${wrong.map((entry) => `"${entry}"`).join(', ')} ${wrong.length === 1 ? 'is' : 'are'} none` };
};

function isLaneUrl(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && (url.protocol === 'ws:' || url.protocol === 'wss:');
}

export const formatHostPort = ({ host, port }: HostPort): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

const LIST_MAX = 256;
