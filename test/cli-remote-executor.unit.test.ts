/** The way of the command line to a server that comes and goes. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createRemoteExecutor } from '../cli/remote-executor.ts';
import { ownTransactions } from '../import/operations.ts';
import { pause } from '../waiting/pause.ts';

describe('a remote executor', () => {
  it('closes without a fuss while its subscription tries to reach a server that is gone', async () => {
    const gone = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    const executor = createRemoteExecutor({ url: `http://127.0.0.1:${port}` });
    const until = new AbortController();
    const told = (async () => {
      for await (const _ of executor.subscribe(ownTransactions, {}, until.signal));
    })();
    for (let attempt = 1; attempt <= 3; attempt++) await once(gone, 'connection');
    // It waits to try again now, which nothing tells; the wait is longer than this.
    await pause(50);
    until.abort();
    await expect(executor.close()).resolves.toBeUndefined();
    await told;
    gone.close();
  });
});
