/** A WebSocket server that sends the same bytes to everyone: PER_SECOND times a second for SECONDS, when /begin is asked for. */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const message = process.env['MESSAGE'] ?? '';
const perSecond = Number(process.env['PER_SECOND']);
const seconds = Number(process.env['SECONDS']);

const server = createServer((_request, response) => {
  const began = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const passed = performance.now() - began;
    // A timer that comes late makes up for it.
    for (; sent < Math.min(passed / 1000, seconds) * perSecond; sent++) {
      for (const socket of sockets.clients) socket.send(message);
    }
    if (passed < seconds * 1000) return;
    clearInterval(timer);
    response.end();
  }, 1);
});
const sockets = new WebSocketServer({ server });
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen on a port');
  process.stdout.write(`listening http://127.0.0.1:${address.port}\n`);
});
