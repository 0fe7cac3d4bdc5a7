/** The issuer's keys while the issuer is well, changes them, and is down. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createKeySet } from '../gateway/key-set.ts';

const MINUTE = 60_000;
const { publicKey, privateKey } = await generateKeyPair('ES256');
const next = await generateKeyPair('ES256');
const jwk = async (kid: string, key = publicKey) => ({ ...(await exportJWK(key)), kid, alg: 'ES256' });
const token = (kid: string, key = privateKey) =>
  new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'ES256', kid }).sign(key);

let server: Server;
let asked = 0;
let status = 200;
let keys: unknown[] = [];
let clock = 0;

beforeEach(async () => {
  [asked, status, clock] = [0, 200, 0];
  keys = [await jwk('one')];
  server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(status, { connection: 'close' }).end(JSON.stringify({ keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

function keySet() {
  const set = createKeySet(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), () => clock);
  return async (jwt: string) => (await jwtVerify(jwt, set)).payload.sub;
}

describe('the keys of an issuer', () => {
  it('are kept for a day while it is down, without a request that waits for it', async () => {
    const verify = keySet();
    expect(await verify(await token('one'))).toBe('ada');
    status = 500;
    for (const [index, at] of [11 * MINUTE, 12 * MINUTE, 1_439 * MINUTE].entries()) {
      clock = at;
      await vi.waitFor(async () => {
        // One that is asked while the answer before is on its way does not ask again.
        expect(await verify(await token('one'))).toBe('ada');
        expect(asked).toBe(index + 2);
      });
    }
    clock = 1_441 * MINUTE;
    await expect(verify(await token('one'))).rejects.toThrow('cannot be read at this moment');
  });

  it('are read again in the background, and when a token names one that is not known', async () => {
    const verify = keySet();
    expect(await verify(await token('one'))).toBe('ada');
    keys = [await jwk('two', next.publicKey)];
    clock = MINUTE;
    expect(await verify(await token('two', next.privateKey))).toBe('ada');
    await expect(verify(await token('one'))).rejects.toThrow('no applicable key');
    expect(asked).toBe(2);
  });

  it('are asked for once in 30 s, whatever key ids tokens name', async () => {
    const verify = keySet();
    await verify(await token('one'));
    clock = MINUTE;
    for (let i = 0; i < 20; i += 1) {
      await expect(verify(await token(`../../etc/${i}`, next.privateKey))).rejects.toThrow('no applicable key');
    }
    expect(asked).toBe(2);
  });

  it('that were never there are not waited for by each request', async () => {
    status = 404;
    const verify = keySet();
    for (let i = 0; i < 5; i += 1) await expect(verify(await token('one'))).rejects.toThrow('cannot be read');
    expect(asked).toBe(1);
  });
});
