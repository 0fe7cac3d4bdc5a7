/**
 * Starts each real engine once for a whole vitest run, and tells the suites where they are: `inject('kafkaBrokers')`,
 * `inject('mongoUrl')`, or why they are missing. TEST_ENGINES=none|kafka|mongo|all (default all) says which are wanted.
 */
import type { TestProject } from 'vitest/node';
import { type Found, kafkaForTests, mongoForTests } from './index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of each broker; empty when there is none. */
    kafkaBrokers: string[];
    /** Why there is no Kafka; empty when there is one. */
    kafkaMissing: string;
    /** Empty when there is no MongoDB. */
    mongoUrl: string;
    /** Why there is no MongoDB; empty when there is one. */
    mongoMissing: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = process.env['TEST_ENGINES'] ?? 'all';
  if (!['none', 'kafka', 'mongo', 'all'].includes(wanted)) {
    throw new Error(`TEST_ENGINES is ${wanted}; it must be none, kafka, mongo or all`);
  }
  const notWanted = { missing: `TEST_ENGINES=${wanted}` };
  const [kafka, mongo] = await Promise.all([
    wanted === 'kafka' || wanted === 'all' ? kafkaForTests() : notWanted,
    wanted === 'mongo' || wanted === 'all' ? mongoForTests() : notWanted,
  ]);
  project.provide('kafkaBrokers', engineOf(kafka)?.brokers.slice() ?? []);
  project.provide('kafkaMissing', kafka.missing ?? '');
  project.provide('mongoUrl', engineOf(mongo)?.url ?? '');
  project.provide('mongoMissing', mongo.missing ?? '');
  return async () => {
    await Promise.all([engineOf(kafka)?.stop(), engineOf(mongo)?.stop()]);
  };
}

function engineOf<T>(found: Found<T>): T | undefined {
  return found.missing === undefined ? found.engine : undefined;
}
