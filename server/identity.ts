/** How users are known: what is set of it, and what may not be set together. */
import { isLoopback } from './addresses.ts';
import type { Role, Settings } from './variables.ts';

/** How a user is known: by nothing (everyone is an anonymous admin), a shared secret, or the keys of an issuer. */
export type IdentityConfiguration =
  | {
      readonly by: 'nothing';
      /** `AUTH=off` says so; else nobody has thought of it. */
      readonly onPurpose?: true;
    }
  | (SignedIn & { readonly by: 'secret'; readonly secret: Uint8Array })
  | (SignedIn & { readonly by: 'keys'; readonly url: URL });

interface SignedIn {
  readonly expected: ExpectedClaims;
  /** Who shows no token is let in as a visitor; default: not. */
  readonly visitors?: true;
}

export interface ExpectedClaims {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  /** Whether a token may leave out `exp`, and so be good for ever; default: no. */
  readonly endless?: boolean;
}

/** @throws {ConfigurationError} where everyone would be an admin to others, or what is set contradicts itself */
export function readIdentity(
  { text, read, refuse }: Settings,
  roles: ReadonlySet<Role>,
  host: string,
): IdentityConfiguration {
  const secret = read('AUTH_JWT_SECRET');
  const keys = read('AUTH_JWKS_URL');
  const auth = read('AUTH');
  const endless = read('AUTH_ENDLESS_TOKENS') === 'on' ? { endless: true } : {};
  const expected = { issuer: read('AUTH_ISSUER'), audience: read('AUTH_AUDIENCE'), ...endless };
  const visitors = read('AUTH_VISITORS') === 'on' ? ({ visitors: true } as const) : {};
  if (secret !== undefined && keys !== undefined) {
    refuse(
      'AUTH_JWKS_URL',
      'it must not be set together with AUTH_JWT_SECRET: tokens are checked by the one or the other',
    );
  }
  if (auth === 'off' && (secret !== undefined || keys !== undefined)) {
    refuse(
      'AUTH',
      `it must not be off while ${keys ? 'AUTH_JWKS_URL' : 'AUTH_JWT_SECRET'} is set: take one of them away`,
    );
  }
  if (secret !== undefined) return { by: 'secret', secret: Buffer.from(secret), expected, ...visitors };
  if (keys !== undefined) return { by: 'keys', url: keys, expected, ...visitors };
  if (auth === 'on')
    refuse('AUTH', 'it must go with AUTH_JWT_SECRET or AUTH_JWKS_URL, which say how tokens are checked');
  for (const name of ['AUTH_VISITORS', 'AUTH_ISSUER', 'AUTH_AUDIENCE'] as const) {
    if ((text(name) ?? 'off') !== 'off')
      refuse(name, 'it must go with AUTH_JWT_SECRET or AUTH_JWKS_URL: without them nobody signs in');
  }
  if (roles.has('gateway') && auth === undefined && !isLoopback(host)) {
    refuse(
      'HOST',
      'it must be a loopback address while everyone is admin: set AUTH_JWT_SECRET or AUTH_JWKS_URL, or AUTH=off',
    );
  }
  return auth === 'off' ? { by: 'nothing', onPurpose: true } : { by: 'nothing' };
}
