/** A MongoDB, a replica set of one, that speaks TLS alone and asks everyone for a user and a password. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Document } from 'mongodb';
import type { Authority } from './certificates.ts';
import { ask, startMongo } from './mongo.ts';

export interface SecureMongo {
  /** `host:port` */
  readonly address: string;
  /** Of the authority's certificate. */
  readonly caFile: string;
  /** Asks the server, as one who may do everything. @param database default `admin` */
  admin(command: Document, database?: string): Promise<Document>;
  stop(): Promise<void>;
}

export async function startSecureMongo(authority: Authority): Promise<SecureMongo> {
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-certificates-'));
  const at = (name: string) => join(dir, name);
  const [caFile, certificate, keyFile] = [at('authority.pem'), at('mongod.pem'), at('key')] as const;
  const issued = await authority.issue({ name: 'mongod', hosts: ['127.0.0.1'] });
  await writeFile(caFile, authority.certificate);
  await writeFile(certificate, issued.key + issued.certificate, { mode: 0o600 });
  // By this its members know each other; that users must sign in follows from it.
  await writeFile(keyFile, randomBytes(64).toString('base64'), { mode: 0o600 });
  const tls = ['--tlsMode', 'requireTLS', '--tlsCertificateKeyFile', certificate, '--tlsCAFile', caFile];
  const mongo = await startMongo({
    args: [...tls, '--tlsAllowConnectionsWithoutCertificates', '--keyFile', keyFile],
    client: { tls: true, tlsCAFile: caFile },
  });
  const address = /\/\/([^/]+)/.exec(mongo.url)?.[1] ?? '';
  const root = { username: 'root', password: randomBytes(8).toString('hex') };
  // As long as there is no user, whoever comes from this machine may make the first one.
  const first = { createUser: root.username, pwd: root.password, roles: ['root'] };
  await ask(address, first, { tls: true, tlsCAFile: caFile });
  return {
    address,
    caFile,
    admin: (command, database) => ask(address, command, { tls: true, tlsCAFile: caFile, auth: root }, database),
    async stop() {
      await mongo.stop();
      await rm(dir, { recursive: true });
    },
  };
}
