/**
 * Loopback ports for processes that will be killed and must find their port again: below the range from which the
 * system takes the ports of outgoing sockets, so that nobody dials out from one of them in between.
 */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** `count` different ports of 127.0.0.1 on which nothing listens now. Rejects when none is found. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < ATTEMPTS_MAX && found.size < count; attempt++) {
    const port = randomInt(PORT_MIN, PORT_MAX);
    if (!found.has(port) && (await canListen(port))) found.add(port);
  }
  if (found.size < count) throw new Error(`no ${count} free ports between ${PORT_MIN} and ${PORT_MAX} on 127.0.0.1`);
  return [...found];
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // Whatever the reason, this port is not for us.
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

const ATTEMPTS_MAX = 1_000;
const PORT_MIN = 12_000;
const PORT_MAX = 30_000;
