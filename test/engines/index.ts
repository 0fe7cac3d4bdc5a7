/**
 * Finds the real engines for a test run: those named by KAFKA_BROKERS and MONGODB_URL, else in Docker, else started
 * locally. With CI=true a missing engine is an error, so that no run is green because it skipped them.
 */
import { dockerAnswers, kafkaInDocker, mongoInDocker } from './docker.ts';
import { type KafkaForTestsOptions, kafkaMissing, startKafka } from './kafka.ts';
import { startMongo } from './mongo.ts';

export interface KafkaEngine {
  readonly brokers: readonly string[];
  stop(): Promise<void>;
}

export interface MongoEngine {
  readonly url: string;
  stop(): Promise<void>;
}

export type Found<T> = { readonly engine: T; readonly missing?: undefined } | { readonly missing: string };

/** @param options of one that is started locally */
export async function kafkaForTests(options: KafkaForTestsOptions = {}): Promise<Found<KafkaEngine>> {
  const given = process.env['KAFKA_BROKERS'];
  if (given) return { engine: { brokers: given.split(',').map((broker) => broker.trim()), stop: async () => {} } };
  return find('Kafka', kafkaInDocker, async () => {
    const reason = await kafkaMissing();
    if (reason !== undefined) throw new Error(reason);
    return startKafka(options);
  });
}

export async function mongoForTests(): Promise<Found<MongoEngine>> {
  const given = process.env['MONGODB_URL'];
  if (given) return { engine: { url: given, stop: async () => {} } };
  return find('MongoDB', mongoInDocker, startMongo);
}

async function find<T>(name: string, inDocker: () => Promise<T>, locally: () => Promise<T>): Promise<Found<T>> {
  const reasons: string[] = [];
  if (await dockerAnswers()) {
    try {
      return { engine: await inDocker() };
    } catch (error) {
      reasons.push(`in Docker: ${messageOf(error)}`);
    }
  } else {
    reasons.push('no Docker daemon answers');
  }
  try {
    return { engine: await locally() };
  } catch (error) {
    reasons.push(`locally: ${messageOf(error)}`);
  }
  const missing = `${name} is not at hand (${reasons.join('; ')})`;
  if (process.env['CI'] === 'true') throw new Error(missing);
  return { missing };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
