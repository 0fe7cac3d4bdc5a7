/** Secrets and certificates that stand in files, and the one line that each mistake gives. */
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../server/configuration.ts';
import { refusalOf } from './configuration.refusal.ts';
import { Authority, type Issued } from './engines/certificates.ts';

const KAFKA = { KAFKA_BROKERS: 'one:9092', KAFKA_SSL: 'on' };
const MONGO = { MONGODB_URL: 'mongodb://db:27017/?replicaSet=rs0' };
const folder = mkdtempSync(join(tmpdir(), 'counterfoil-'));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

let authority: Authority;
let client: Issued;
let ca: string;
let cert: string;
let key: string;

beforeAll(async () => {
  authority = await Authority.create();
  client = await authority.issue({ name: 'ada' });
  ca = file('ca.pem', authority.certificate);
  cert = file('cert.pem', client.certificate);
  key = file('key.pem', client.key);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a secret in a file', () => {
  it('is read without the line end behind it, whichever variable it is of', () => {
    const env = {
      ...KAFKA,
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'ada',
      KAFKA_SASL_PASSWORD_FILE: file('kafka', 'kafka secret\n'),
      MONGODB_URL_FILE: file('url', `${MONGO.MONGODB_URL}\n`),
      MONGODB_USERNAME: 'ada',
      MONGODB_PASSWORD_FILE: file('mongo', 'p@ss/word\r\n'),
      AUTH_JWT_SECRET_FILE: file('jwt', `${'x'.repeat(32)}\n`),
    };
    expect(readConfiguration(env)).toMatchObject({
      log: { sasl: { password: 'kafka secret' } },
      views: { url: MONGO.MONGODB_URL, user: { username: 'ada', password: 'p@ss/word' } },
      identity: { by: 'secret', secret: Buffer.from('x'.repeat(32)) },
    });
  });

  it('is refused beside the variable itself, when it cannot be read, and when it is empty', () => {
    const secret = file('secret', 'y'.repeat(32));
    const env = { AUTH_JWT_SECRET: 'x'.repeat(32), AUTH_JWT_SECRET_FILE: secret };
    expect(refusalOf(env)).toBe(
      `AUTH_JWT_SECRET_FILE is "${secret}": it must not be set together with AUTH_JWT_SECRET`,
    );
    const nowhere = join(folder, 'nowhere');
    expect(refusalOf({ AUTH_JWT_SECRET_FILE: nowhere })).toBe(
      `AUTH_JWT_SECRET_FILE is "${nowhere}": it must be a file that can be read (ENOENT)`,
    );
    expect(refusalOf({ AUTH_JWT_SECRET_FILE: folder })).toContain('a file that can be read (EISDIR)');
    expect(refusalOf({ AUTH_JWT_SECRET_FILE: file('empty', '\n') })).toContain('it must not be empty');
  });

  it('is not shown when it is wrong', () => {
    const message = refusalOf({ AUTH_JWT_SECRET_FILE: file('short', 'hush') });
    expect(message).toMatch(/^AUTH_JWT_SECRET is a value of 4 bytes: it must be /);
    expect(message).not.toContain('hush');
  });
});

describe('TLS to the brokers', () => {
  it('takes authority, certificate and key from files', () => {
    const env = { ...KAFKA, KAFKA_SSL_CA_FILE: ca, KAFKA_SSL_CERT_FILE: cert, KAFKA_SSL_KEY_FILE: key };
    const trimmed = { ca: authority.certificate.trim(), cert: client.certificate.trim(), key: client.key.trim() };
    expect(readConfiguration(env).log).toMatchObject({ ssl: trimmed });
  });

  it('takes an encrypted key with its passphrase, and refuses it without', () => {
    const passphrase = 'open, key';
    const encrypted = createPrivateKey(client.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
      .toString();
    const env = { ...KAFKA, KAFKA_SSL_CERT_FILE: cert, KAFKA_SSL_KEY_FILE: file('encrypted.pem', encrypted) };
    const opened = readConfiguration({ ...env, KAFKA_SSL_KEY_PASSPHRASE: passphrase });
    expect(opened.log).toMatchObject({ ssl: { passphrase } });
    for (const wrong of [{}, { KAFKA_SSL_KEY_PASSPHRASE: 'open, sesame' }]) {
      const message = refusalOf({ ...env, ...wrong });
      expect(message).toMatch(/^KAFKA_SSL_KEY_FILE is .*KAFKA_SSL_KEY_PASSPHRASE/);
      expect(message).not.toContain('sesame');
    }
  });

  it.each([
    ['files without TLS', () => ({ KAFKA_SSL: 'off', KAFKA_SSL_CA_FILE: ca }), /^KAFKA_SSL_CA_FILE .*KAFKA_SSL=on/],
    ['a missing file', () => ({ KAFKA_SSL_CA_FILE: `${ca}.old` }), /^KAFKA_SSL_CA_FILE is ".*old": .*ENOENT/],
    ['an authority that is none', () => ({ KAFKA_SSL_CA_FILE: key }), /^KAFKA_SSL_CA_FILE .*BEGIN CERTIFICATE/],
    ['a certificate without key', () => ({ KAFKA_SSL_CERT_FILE: cert }), /^KAFKA_SSL_KEY_FILE is not set/],
    ['a key without certificate', () => ({ KAFKA_SSL_KEY_FILE: key }), /^KAFKA_SSL_CERT_FILE is not set/],
    [
      'a key that is none',
      () => ({ KAFKA_SSL_CERT_FILE: cert, KAFKA_SSL_KEY_FILE: cert }),
      /^KAFKA_SSL_KEY_FILE .*private key/,
    ],
    [
      'the key of another certificate',
      () => ({ KAFKA_SSL_CERT_FILE: ca, KAFKA_SSL_KEY_FILE: key }),
      /^KAFKA_SSL_KEY_FILE .*key of the first certificate in KAFKA_SSL_CERT_FILE/,
    ],
  ])('refuses %s', (_what, env, message) => {
    expect(refusalOf({ ...KAFKA, ...env() })).toMatch(message);
  });
});

describe('the user of the view store', () => {
  it.each([
    ['without a password', { ...MONGO, MONGODB_USERNAME: 'ada' }, /^MONGODB_PASSWORD is not set: .*MONGODB_USERNAME/],
    ['without a name', { ...MONGO, MONGODB_PASSWORD: 'hush' }, /^MONGODB_USERNAME is not set: .*MONGODB_PASSWORD/],
    ['without a view store', { MONGODB_USERNAME: 'ada' }, /^MONGODB_USERNAME is "ada": .*MONGODB_URL/],
    [
      'beside one in the URL',
      { MONGODB_URL: 'mongodb://bob:hush@db/', MONGODB_USERNAME: 'ada', MONGODB_PASSWORD: 'hush' },
      /^MONGODB_USERNAME is "ada": .*MONGODB_URL/,
    ],
    [
      'whose URL names a file that is not there',
      { MONGODB_URL: 'mongodb://bob:hush@db/?tls=true&tlsCAFile=/nowhere/ca.pem' },
      /^tlsCAFile in MONGODB_URL is "\/nowhere\/ca.pem": .*ENOENT/,
    ],
  ])('is refused %s', (_what, env, message) => {
    expect(refusalOf(env)).toMatch(message);
    expect(refusalOf(env)).not.toContain('hush');
  });
});
