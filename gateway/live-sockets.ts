/** The WebSockets that are open, and how all of them end. */
import type { WebSocketServer } from 'ws';

const CLOSE_WITHIN_MS = 2_000;
/** A close code of WebSocket itself, 1012; graphql-ws's clients come back after it. */
const SERVICE_RESTART = 1012;

export interface LiveSockets {
  /** Tells every client to come back (1012), and resolves once they are gone. */
  close(): Promise<void>;
}

/** Who does not close in turn is cut off. Resolves once all are gone. */
export async function closeAll(sockets: WebSocketServer): Promise<void> {
  const gone = [...sockets.clients].map(
    (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
  );
  for (const socket of sockets.clients) socket.close(SERVICE_RESTART, 'the server is shutting down');
  const timer = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, CLOSE_WITHIN_MS);
  await Promise.all(gone);
  clearTimeout(timer);
  sockets.close();
}
