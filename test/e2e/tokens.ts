/** Tokens for servers that are started with `AUTH_JWT_SECRET`. */
import { SignJWT } from 'jose';

export const SECRET = 'a secret that is long enough for HS256';

export function token(
  sub: string,
  roles: readonly string[] = [],
  expires = '1h',
  secret: string = SECRET,
): Promise<string> {
  return new SignJWT({ roles })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(Buffer.from(secret));
}
