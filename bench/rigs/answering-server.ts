/**
 * A server that takes whatever an import sends, and keeps none of it: each command has completed at once. So what an import itself
 * takes of memory and time is seen apart from any shop. `npx tsx bench/rigs/answering-server.ts`; it prints its port, and on SIGTERM
 * the number of commands that it was given.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

let commands = 0;

function answer({ query, variables }: { query: string; variables: Record<string, unknown> }): unknown {
  if (query.startsWith('query Viewer')) return { viewer: { id: 'import', isAdmin: true } };
  if (!query.startsWith('mutation')) return Object.fromEntries(Object.keys(variables).map((name) => [name, null]));
  const given = variables['commands'];
  const receipts = (Array.isArray(given) ? given : []).map(() => {
    const transaction = { id: `t-${commands++}`, status: 'COMPLETED', entityVersion: 1, rejection: null };
    return { acceptedAt: new Date().toISOString(), transaction };
  });
  return { receipts };
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: answer(JSON.parse(Buffer.concat(chunks).toString())) }));
  });
});
// Told nothing by its subscription, an import goes by the receipts.
new WebSocketServer({ server, handleProtocols: () => 'graphql-transport-ws' }).on('connection', (socket) => {
  socket.on('message', (message) => {
    const { type } = JSON.parse(String(message));
    if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (type === 'ping') socket.send('{"type":"pong"}');
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.on('SIGTERM', () => {
  process.stdout.write(`${commands} commands\n`);
  process.exit();
});
