/** Files that variables name: secrets, as containers mount them, and certificates. Each is read once, at the start. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConnectionString } from 'mongodb-connection-string-url';
import { ConfigurationError } from './configuration-error.ts';
import { VARIABLES, type Variable } from './variables.ts';

/** In PEM, as far as they are set. */
export interface TlsFiles {
  /** Certificates of the authorities that are trusted; undefined: those that Node.js trusts. */
  readonly ca: string | undefined;
  /** By which this client shows who it is. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly passphrase: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The environment with the secrets that stand in files: for every variable NAME that is secret, `NAME_FILE` may name a file.
 * Blanks and line ends around the secret are not part of it.
 * @throws {ConfigurationError} when NAME is set too, or the file cannot be read or is empty
 */
export function withSecretsFromFiles(env: Environment): Environment {
  const all = { ...env };
  for (const [name, { secret }] of Object.entries<Variable<unknown>>(VARIABLES)) {
    const from = `${name}_FILE`;
    const path = env[from]?.trim();
    if (!secret || !path) continue;
    if (env[name]?.trim()) throw wrong(from, path, `it must not be set together with ${name}`);
    all[name] = textOf(from, path);
  }
  return all;
}

/** What the files hold that KAFKA_SSL_* name. @throws {ConfigurationError} when they are not what they must be */
export function tlsFilesOf(paths: TlsFiles): TlsFiles {
  const ca = paths.ca && certificatesOf('KAFKA_SSL_CA_FILE', paths.ca);
  if (paths.cert === undefined && paths.key === undefined)
    return { ca, cert: undefined, key: undefined, passphrase: undefined };
  if (paths.cert === undefined)
    throw new ConfigurationError('KAFKA_SSL_CERT_FILE is not set: it must go with KAFKA_SSL_KEY_FILE');
  if (paths.key === undefined)
    throw new ConfigurationError('KAFKA_SSL_KEY_FILE is not set: it must go with KAFKA_SSL_CERT_FILE');
  const cert = certificatesOf('KAFKA_SSL_CERT_FILE', paths.cert);
  const key = textOf('KAFKA_SSL_KEY_FILE', paths.key);
  const { passphrase } = paths;
  if (!new X509Certificate(cert).checkPrivateKey(privateKeyOf(paths.key, key, passphrase))) {
    throw wrong(
      'KAFKA_SSL_KEY_FILE',
      paths.key,
      'it must hold the key of the first certificate in KAFKA_SSL_CERT_FILE',
    );
  }
  return { ca, cert, key, passphrase };
}

/** Looks whether the files can be read that a connection string names. @throws {ConfigurationError} */
export function checkFilesIn(mongoUrl: string): void {
  const { searchParams } = new ConnectionString(mongoUrl);
  for (const option of ['tlsCAFile', 'tlsCertificateKeyFile', 'tlsCRLFile']) {
    const path = searchParams.get(option);
    if (path !== null) textOf(`${option} in MONGODB_URL`, path);
  }
}

function certificatesOf(name: string, path: string): string {
  const text = textOf(name, path);
  try {
    new X509Certificate(text);
  } catch {
    throw wrong(name, path, 'it must hold a certificate in PEM (-----BEGIN CERTIFICATE-----)');
  }
  return text;
}

function privateKeyOf(path: string, key: string, passphrase: string | undefined) {
  try {
    return createPrivateKey(passphrase === undefined ? key : { key, passphrase });
  } catch {
    // What OpenSSL says of a wrong passphrase helps nobody.
    const must =
      'it must hold a private key in PEM; when it is encrypted, KAFKA_SSL_KEY_PASSPHRASE must be its passphrase';
    throw wrong('KAFKA_SSL_KEY_FILE', path, must);
  }
}

function textOf(name: string, path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    throw wrong(name, path, `it must be a file that can be read (${code})`);
  }
  if (text === '') throw wrong(name, path, 'it must not be empty');
  return text;
}

function wrong(name: string, path: string, must: string): ConfigurationError {
  return new ConfigurationError(`${name} is ${JSON.stringify(path)}: ${must}`);
}
