/**
 * A Kafka that wants to know who comes: TLS with SASL, TLS with certificates of clients, and an authorizer that refuses what
 * no ACL allows. Its listener without protection stays, on loopback, for the test itself, which may do everything.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authority, Issued } from './certificates.ts';
import { freePorts } from './free-port.ts';
import { type KafkaForTests, startKafka } from './kafka.ts';

export interface SecureKafkaOptions {
  readonly authority: Authority;
  /** Who may sign in with PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 alike, and their passwords. */
  readonly users: Readonly<Record<string, string>>;
  /** How long a session lasts before a client must sign in again, in ms (KIP-368). Default: for ever. */
  readonly sessionMs?: number;
  /** Users whom no ACL stops. Default: none of those above. */
  readonly superUsers?: readonly string[];
}

export interface SecureKafka {
  /** Everything may be done here, without signing in. */
  readonly open: string;
  /** TLS; a user and a password are needed. */
  readonly sasl: string;
  /** TLS; a certificate of the authority is needed, and its CN is the user. */
  readonly mutual: string;
  /** TLS; the broker's certificate is that of another host. */
  readonly elsewhere: string;
  readonly process: KafkaForTests;
  stop(): Promise<void>;
}

export async function startSecureKafka(options: SecureKafkaOptions): Promise<SecureKafka> {
  const { authority, users, sessionMs, superUsers = [] } = options;
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-certificates-'));
  const store = async (issued: Issued) => {
    const file = join(dir, `${randomUUID()}.pem`);
    await writeFile(file, issued.key + issued.certificate);
    return file;
  };
  const trusted = join(dir, 'authority.pem');
  await writeFile(trusted, authority.certificate);
  const here = await store(await authority.issue({ name: 'broker', hosts: ['localhost', '127.0.0.1'] }));
  const another = await store(await authority.issue({ name: 'broker', hosts: ['kafka.elsewhere.test'] }));
  const [sasl = 0, mutual = 0, elsewhere = 0] = await freePorts(3);
  const plainUsers = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  const scram = Object.entries(users).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((each) => [
      '--add-scram',
      `${each}=[name=${name},password=${password}]`,
    ]),
  );
  const module = 'org.apache.kafka.common.security';
  const process = await startKafka({
    listeners: [
      { name: 'SASL', port: sasl, protocol: 'SASL_SSL' },
      { name: 'MUTUAL', port: mutual, protocol: 'SSL' },
      { name: 'ELSEWHERE', port: elsewhere, protocol: 'SSL' },
    ],
    format: scram,
    settings: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': here,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': trusted,
      'listener.name.elsewhere.ssl.keystore.location': another,
      'listener.name.mutual.ssl.client.auth': 'required',
      'ssl.principal.mapping.rules': 'RULE:^CN=(.*?)$/$1/',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.sasl.plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required ${plainUsers.join(' ')};`,
      'listener.name.sasl.scram-sha-256.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
      'listener.name.sasl.scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
      ...(sessionMs === undefined ? {} : { 'connections.max.reauth.ms': String(sessionMs) }),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': ['ANONYMOUS', ...superUsers].map((user) => `User:${user}`).join(';'),
    },
  });
  return {
    open: process.brokers.join(),
    sasl: `127.0.0.1:${sasl}`,
    mutual: `127.0.0.1:${mutual}`,
    elsewhere: `127.0.0.1:${elsewhere}`,
    process,
    async stop() {
      await process.stop();
      await rm(dir, { recursive: true });
    },
  };
}
