/**
 * What a relay is compared with: a process that hands every WebSocket message of one socket on to another, unread. The
 * socket that asks for `/sink` receives what the one that asks for `/source` sends.
 */
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerQuestions } from '../../processes/program.js';

export type ForwarderQuestion = { readonly kind: 'listen' };
export type ForwarderAnswer = { readonly port: number };

answerQuestions<ForwarderQuestion, ForwarderAnswer>(async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, skipUTF8Validation: true });
  let sink: WebSocket | null = null;
  server.on('connection', (socket, request) => {
    if (request.url === '/sink') sink = socket;
    else socket.on('message', (message) => sink?.send(message));
  });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port };
});
