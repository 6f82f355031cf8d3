/** Binding ports, with one clear line when it cannot be done. */
import type { Server } from 'node:net';
import { type HostPort, formatHostPort } from '../config/value-type.js';
import { StartRefused } from './start-refused.js';

/** Binds and gives the port (another than asked for when that is 0). Rejects with `StartRefused`. */
export function listenOn(server: Server, address: HostPort, setting: string): Promise<number> {
  return new Promise((resolve, fail) => {
    server.once('error', (error) => fail(refusedToListen(error, address, setting)));
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
      const bound = server.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : address.port);
    });
  });
}

export function refusedToListen(error: Error, address: HostPort, setting: string): StartRefused {
  const why = error.message.includes('EADDRINUSE')
    ? 'another process has that port: stop it, or choose another port'
    : error.message.includes('EACCES')
      ? 'this user may not bind it: choose a port above 1023'
      : error.message.includes('EADDRNOTAVAIL') || error.message.includes('ENOTFOUND')
        ? 'this machine has no such address'
        : error.message;
  return new StartRefused(`cannot listen on ${formatHostPort(address)} (${setting}): ${why}`);
}
