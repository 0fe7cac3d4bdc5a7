/** The machine and the versions that figures belong to. Nothing that names the machine. */
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { KAFKA_VERSION } from '../../test/engines/kafka-libs.ts';
import { MONGOD_VERSION } from '../../test/engines/mongod-binary.ts';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGES = [
  ...['kafkajs', 'lmdb', 'mongodb', '@apollo/server', 'fastify', 'graphql', 'graphql-ws', 'ws'],
  ...['express', '@event-driven-io/emmett', '@event-driven-io/emmett-mongodb'],
];

export function load(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}

export function machine() {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('.').slice(0, 2).join('.')}`,
  };
}

/** Engines that the environment or Docker gives may be others than those that are started here. */
export async function versions(): Promise<Readonly<Record<string, string>>> {
  const known: Record<string, string> = {
    node: process.version,
    kafka: process.env['KAFKA_BROKERS'] ? 'that of KAFKA_BROKERS' : KAFKA_VERSION,
    mongod: process.env['MONGODB_URL'] ? 'that of MONGODB_URL' : MONGOD_VERSION,
  };
  for (const name of PACKAGES) {
    const text = await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
    known[name] = z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  }
  return known;
}
