/** The journeys on the embedded engines: one process, nothing else installed. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { journeys } from './e2e/journeys.ts';
import { type Server, startServer } from './e2e/server.ts';

const folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
let server: Server | undefined;

journeys('the embedded engines', {
  async start() {
    server = await startServer({ env: { DATA_DIR: folder } });
    return server;
  },
  async stop() {
    await server?.stop();
    await rm(folder, { recursive: true });
  },
});
