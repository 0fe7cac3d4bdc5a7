/** Who a token says is asking, for each way that tokens are checked. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraphQLError } from 'graphql';
import { CompactSign, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthenticate } from '../gateway/identity.ts';

const SECRET = Buffer.from('a secret that has thirty-two bytes');
const NOTHING_EXPECTED = { issuer: undefined, audience: undefined };
const bySecret = createAuthenticate({ by: 'secret', secret: SECRET, expected: NOTHING_EXPECTED });

function sign(claims: JWTPayload, secret: Uint8Array = SECRET, alg = 'HS256'): Promise<string> {
  return new SignJWT({ exp: Math.floor(Date.now() / 1000) + 3_600, ...claims })
    .setProtectedHeader({ alg })
    .sign(secret);
}

async function refusalOf(attempt: Promise<unknown>): Promise<{ message: string; code: unknown; status: unknown }> {
  const error = await attempt.then(
    () => new Error('it was let in'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof GraphQLError)) throw error;
  const { code, http } = error.extensions as { code?: unknown; http?: { status?: unknown } };
  return { message: error.message, code, status: http?.status };
}

describe('without a key', () => {
  it('everyone is anonymous and an admin', async () => {
    const identity = await createAuthenticate({ by: 'nothing' })(undefined);
    expect(identity).toEqual({ viewer: { id: 'anonymous', roles: ['admin'], isAdmin: true }, expiresAt: undefined });
  });
});

describe('with a secret', () => {
  it('the subject is the user, and the roles are theirs', async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const { viewer, expiresAt } = await bySecret(
      `Bearer ${await sign({ sub: 'ada', roles: ['clerk', 'admin'], exp })}`,
    );
    expect(viewer).toEqual({ id: 'ada', roles: ['clerk', 'admin'], isAdmin: true });
    expect(expiresAt).toBeGreaterThanOrEqual(exp * 1000);
  });

  it('a token without roles is no admin', async () => {
    expect((await bySecret(`bearer ${await sign({ sub: 'bob' })}`)).viewer).toEqual({
      id: 'bob',
      roles: [],
      isAdmin: false,
    });
  });

  it('a token without an end is refused, and never ends where that is allowed', async () => {
    const endless = `Bearer ${await new SignJWT({ sub: 'bob' }).setProtectedHeader({ alg: 'HS256' }).sign(SECRET)}`;
    expect((await refusalOf(bySecret(endless))).message).toBe("the token's exp is not valid");
    const allowing = createAuthenticate({
      by: 'secret',
      secret: SECRET,
      expected: { ...NOTHING_EXPECTED, endless: true },
    });
    expect(await allowing(endless)).toEqual({
      viewer: { id: 'bob', roles: [], isAdmin: false },
      expiresAt: undefined,
    });
  });

  it.each([
    ['a string', 'admin'],
    ['an object', { admin: true }],
    ['a list of other things', [{ name: 'admin' }, 1]],
  ])('roles given as %s make nobody an admin', async (_what, roles) => {
    const { viewer } = await bySecret(`Bearer ${await sign({ sub: 'eve', roles })}`);
    expect(viewer.isAdmin).toBe(false);
  });

  it.each([
    ['nothing', async () => undefined, 'a bearer token is needed'],
    ['another scheme', async () => 'Basic YWRhOnB3', 'the Authorization must read `Bearer <token>`'],
    ['no token at all', async () => 'Bearer not.a-token', 'the token is not valid'],
    [
      "another secret's token",
      async () => sign({ sub: 'ada' }, Buffer.from('another secret, also of 32 bytes')),
      'the token is not valid',
    ],
    ['an unsigned token', async () => new UnsecuredJWT({ sub: 'ada' }).encode(), 'the token is not valid'],
    ['an expired token', async () => sign({ sub: 'ada', exp: 1_000_000_000 }), 'the token has expired'],
    ['a token for later', async () => sign({ sub: 'ada', nbf: 9_999_999_999 }), "the token's nbf is not valid"],
    ['a token of nobody', async () => sign({ roles: ['admin'] }), "the token's sub is not valid"],
    ['a token of half a character', async () => sign({ sub: 'ada\ud800' }), "the token's sub is not well-formed text"],
    ['a token of a blank', async () => sign({ sub: ' ' }), "the token's sub must have 1 to 200 characters"],
  ])('%s is refused', async (_what, make, message) => {
    const given = await make();
    const authorization = given?.startsWith('ey') ? `Bearer ${given}` : given;
    expect(await refusalOf(bySecret(authorization))).toEqual({ message, code: 'UNAUTHENTICATED', status: 401 });
  });

  it('issuer and audience are checked when they are set', async () => {
    const authenticate = createAuthenticate({
      by: 'secret',
      secret: SECRET,
      expected: { issuer: 'https://issuer.example', audience: 'counterfoil' },
    });
    const claims = { sub: 'ada', iss: 'https://issuer.example', aud: 'counterfoil' };
    expect((await authenticate(`Bearer ${await sign(claims)}`)).viewer.id).toBe('ada');
    expect((await refusalOf(authenticate(`Bearer ${await sign({ ...claims, iss: 'eve' })}`))).message).toContain('iss');
    expect((await refusalOf(authenticate(`Bearer ${await sign({ ...claims, aud: 'other' })}`))).message).toContain(
      'aud',
    );
    expect((await refusalOf(authenticate(`Bearer ${await sign({ sub: 'ada' })}`))).code).toBe('UNAUTHENTICATED');
  });
});

describe('with a key set', () => {
  let server: Server | undefined;
  afterEach(() => new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve())));

  async function keySet(status: number, body: unknown): Promise<URL> {
    server = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`);
  }

  it('a token signed by one of its keys is let in, and one by another key is not', async () => {
    const ours = await generateKeyPair('ES256');
    const theirs = await generateKeyPair('ES256');
    const url = await keySet(200, { keys: [{ ...(await exportJWK(ours.publicKey)), kid: 'one', alg: 'ES256' }] });
    const authenticate = createAuthenticate({ by: 'keys', url, expected: NOTHING_EXPECTED });
    const token = (key: typeof ours.privateKey, kid: string) =>
      new SignJWT({ sub: 'ada', roles: ['admin'] })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setExpirationTime('1h')
        .sign(key);

    expect((await authenticate(`Bearer ${await token(ours.privateKey, 'one')}`)).viewer.isAdmin).toBe(true);
    expect((await refusalOf(authenticate(`Bearer ${await token(theirs.privateKey, 'one')}`))).code).toBe(
      'UNAUTHENTICATED',
    );
    expect((await refusalOf(authenticate(`Bearer ${await token(theirs.privateKey, 'two')}`))).code).toBe(
      'UNAUTHENTICATED',
    );
  });

  it('a token signed with a shared secret is refused', async () => {
    const { publicKey } = await generateKeyPair('RS256');
    const url = await keySet(200, { keys: [await exportJWK(publicKey)] });
    const authenticate = createAuthenticate({ by: 'keys', url, expected: NOTHING_EXPECTED });
    expect((await refusalOf(authenticate(`Bearer ${await sign({ sub: 'eve' })}`))).code).toBe('UNAUTHENTICATED');
  });

  it('a token signed with the public key as a secret is refused (RS256 to HS256)', async () => {
    const { publicKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' };
    const url = await keySet(200, { keys: [jwk] });
    const authenticate = createAuthenticate({ by: 'keys', url, expected: NOTHING_EXPECTED });
    const secrets = [await exportSPKI(publicKey), JSON.stringify(jwk), jwk.n ?? ''];
    for (const secret of secrets) {
      for (const alg of ['HS256', 'HS384', 'HS512']) {
        const forged = await new SignJWT({ sub: 'eve', roles: ['admin'] })
          .setProtectedHeader({ alg, kid: 'one' })
          .setExpirationTime('1h')
          .sign(Buffer.from(secret));
        expect((await refusalOf(authenticate(`Bearer ${forged}`))).code).toBe('UNAUTHENTICATED');
      }
    }
  });

  it.each([
    ['a path', { kid: '../../../../dev/null' }],
    ['a query', { kid: "x' UNION SELECT 'secret" }],
    ['a command', { kid: '|/bin/sh -c id' }],
    ['a key of objects', { kid: '__proto__' }],
    ['an address of keys', { jku: 'http://127.0.0.1:1/keys' }],
    ['an address of certificates', { x5u: 'http://127.0.0.1:1/certificates' }],
    ['a demand that nobody knows', { crit: ['mine'], mine: true }],
  ])("a token whose header holds %s, signed by the sender's own key, is refused", async (_what, header) => {
    const ours = await generateKeyPair('ES256');
    const theirs = await generateKeyPair('ES256', { extractable: true });
    let asked = 0;
    const url = await keySet(200, { keys: [{ ...(await exportJWK(ours.publicKey)), kid: 'one', alg: 'ES256' }] });
    server?.on('request', () => {
      asked += 1;
    });
    const authenticate = createAuthenticate({ by: 'keys', url, expected: NOTHING_EXPECTED });
    // The sender's key in the header itself, too.
    const jwk = await exportJWK(theirs.publicKey);
    const signed = await new CompactSign(
      Buffer.from(JSON.stringify({ sub: 'eve', roles: ['admin'], exp: Math.floor(Date.now() / 1000) + 3_600 })),
    )
      .setProtectedHeader({ alg: 'ES256', jwk, ...header })
      .sign(theirs.privateKey, { crit: { mine: true } });
    expect((await refusalOf(authenticate(`Bearer ${signed}`))).code).toBe('UNAUTHENTICATED');
    // Nothing is fetched but our own keys, and those not for each token.
    expect(asked).toBeLessThanOrEqual(2);
  });

  it.each(['none', 'None', 'nOnE', 'NONE', ''])('a token of the algorithm %j is refused', async (alg) => {
    const part = (of: unknown) => Buffer.from(JSON.stringify(of)).toString('base64url');
    const exp = Math.floor(Date.now() / 1000) + 3_600;
    const { publicKey } = await generateKeyPair('ES256');
    const url = await keySet(200, { keys: [await exportJWK(publicKey)] });
    for (const authenticate of [bySecret, createAuthenticate({ by: 'keys', url, expected: NOTHING_EXPECTED })]) {
      for (const signature of ['', 'AAAA']) {
        const token = `${part({ alg, typ: 'JWT' })}.${part({ sub: 'eve', roles: ['admin'], exp })}.${signature}`;
        expect((await refusalOf(authenticate(`Bearer ${token}`))).code).toBe('UNAUTHENTICATED');
      }
    }
  });

  it.each([
    ['cannot be found', 404, {}],
    ['is no key set', 200, { nothing: true }],
  ])('that %s, nobody is called unauthenticated', async (_what, status, body) => {
    const { privateKey } = await generateKeyPair('ES256');
    const token = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey);
    const url = await keySet(status, body);
    const authenticate = createAuthenticate({ by: 'keys', url, expected: NOTHING_EXPECTED });
    expect(await refusalOf(authenticate(`Bearer ${token}`))).toMatchObject({ code: 'UNAVAILABLE', status: 503 });
  });
});
