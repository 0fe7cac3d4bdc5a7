/**
 * Who is asking: reads the bearer token of a request or a WebSocket. Without a key to check tokens by, everyone is an
 * anonymous admin (and the server listens on loopback only, see `configuration.ts`).
 */
import { GraphQLError } from 'graphql';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { ViewerIdentity } from '../resolvers/context.ts';
import type { IdentityConfiguration } from '../server/configuration.ts';
import { createKeySet, KeysUnavailable } from './key-set.ts';
import { VerifiedTokens } from './verified-tokens.ts';

export interface Identity {
  readonly viewer: ViewerIdentity;
  /** When the token ends, in ms since 1970; undefined: never. */
  readonly expiresAt: number | undefined;
}

/**
 * @param authorization the `Authorization` header's value, or what `connectionParams` hold in its place
 * @throws {GraphQLError} `UNAUTHENTICATED` without a valid token, `UNAVAILABLE` when the issuer's keys cannot be read
 */
export type Authenticate = (authorization: string | undefined) => Promise<Identity>;

const ANONYMOUS: Identity = {
  viewer: { id: 'anonymous', roles: ['admin'], isAdmin: true },
  expiresAt: undefined,
};
/** One who shows no token, where such are let in. The name is nobody's: a token cannot have it as its subject. */
const VISITOR: Identity = {
  viewer: { id: 'anonymous', roles: [], isAdmin: false, isVisitor: true },
  expiresAt: undefined,
};
/** Clocks of issuer and server may differ by so much. */
const CLOCK_TOLERANCE_S = 5;
const MAX_SUBJECT = 200;
/** A key set holds public keys: were HS256 allowed with it, anyone could sign with a public key as the secret. */
const PUBLIC_KEY_ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

export function createAuthenticate(configuration: IdentityConfiguration): Authenticate {
  if (configuration.by === 'nothing') return async () => ANONYMOUS;
  const { issuer, audience, endless = false } = configuration.expected;
  const options = {
    clockTolerance: CLOCK_TOLERANCE_S,
    requiredClaims: endless ? ['sub'] : ['sub', 'exp'],
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
  };
  const keys = configuration.by === 'keys' ? createKeySet(configuration.url) : undefined;

  async function payloadOf(token: string): Promise<JWTPayload> {
    if (configuration.by === 'secret') {
      return (await jwtVerify(token, configuration.secret, { ...options, algorithms: ['HS256'] })).payload;
    }
    if (keys === undefined) throw new Error('no keys to check tokens by');
    return (await jwtVerify(token, keys, { ...options, algorithms: PUBLIC_KEY_ALGORITHMS })).payload;
  }

  const verified = new VerifiedTokens();

  return async (authorization) => {
    if (authorization === undefined || authorization === '') {
      if (configuration.visitors) return VISITOR;
      throw unauthenticated('a bearer token is needed');
    }
    const [, token] = /^Bearer +([\w.-]+)$/i.exec(authorization.trim()) ?? [];
    if (token === undefined) throw unauthenticated('the Authorization must read `Bearer <token>`');
    const known = verified.get(token);
    if (known !== undefined) return known;
    let payload: JWTPayload;
    try {
      payload = await payloadOf(token);
    } catch (error) {
      throw refusalOf(error);
    }
    const identity = identityOf(payload);
    verified.add(token, identity);
    return identity;
  };
}

function identityOf({ sub, exp, ...claims }: JWTPayload): Identity {
  if (typeof sub !== 'string' || sub.trim() === '' || sub.length > MAX_SUBJECT) {
    throw unauthenticated(`the token's sub must have 1 to ${MAX_SUBJECT} characters`);
  }
  // What was done before tokens were asked for was issued under this name.
  if (sub === ANONYMOUS.viewer.id) throw unauthenticated(`the token's sub must not be ${sub}`);
  // Half of a surrogate pair: no bytes on the log could stand for it. NUL: no command may hold it.
  if (/[\p{Surrogate}\0]/u.test(sub)) throw unauthenticated("the token's sub is not well-formed text");
  const named = claims['roles'];
  const roles = Array.isArray(named) ? named.filter((role): role is string => typeof role === 'string') : [];
  return {
    viewer: { id: sub, roles, isAdmin: roles.includes('admin') },
    expiresAt: exp === undefined ? undefined : (exp + CLOCK_TOLERANCE_S) * 1000,
  };
}

/** What is wrong with the token is the client's to mend; a key set that cannot be read is not. */
function refusalOf(error: unknown): GraphQLError {
  if (error instanceof errors.JWTExpired) return unauthenticated('the token has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(`the token's ${error.claim} is not valid`);
  if (error instanceof errors.JOSEError) return unauthenticated('the token is not valid');
  if (!(error instanceof KeysUnavailable)) throw error;
  return new GraphQLError(error.message, {
    extensions: { code: 'UNAVAILABLE', http: { status: 503 } },
    originalError: error,
  });
}

function unauthenticated(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });
}
