/** Kafka's jars for machines without Docker, fetched once by Maven into the repository's `.cache/`, and how to run them. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const KAFKA_VERSION = '4.3.1';
const CACHE = join(import.meta.dirname, '..', '..', '.cache');
const LIBS = join(CACHE, `kafka-${KAFKA_VERSION}`);

/** Whether Maven and Java, which a local Kafka needs, are there; otherwise the reason why not. */
export async function kafkaMissing(): Promise<string | undefined> {
  try {
    const { stderr } = await run('java', ['-version']);
    const major = Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0);
    if (major < 17) return `Java 17 or newer is needed for a local Kafka, found ${major}`;
  } catch {
    return 'no Java found for a local Kafka';
  }
  if (existsSync(LIBS)) return undefined;
  return run('mvn', ['-v']).then(
    () => undefined,
    () => 'no Maven found to fetch Kafka with',
  );
}

/** Fetched into a directory of its own and renamed when complete, so that runs at the same time or killed ones do no harm. */
export async function fetchKafka(): Promise<void> {
  if (existsSync(LIBS)) return;
  await mkdir(CACHE, { recursive: true });
  const partial = await mkdtemp(join(CACHE, 'kafka-partial-'));
  try {
    const pom = join(import.meta.dirname, 'kafka', 'pom.xml');
    await run('mvn', ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`]);
    await rename(partial, LIBS).catch((error: unknown) => {
      if (!existsSync(LIBS)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Arguments of `java` that run one of Kafka's main classes. */
export function javaArguments(mainClass: string, args: readonly string[], heapMb: number, jvm: readonly string[] = []) {
  return [
    `-Xms${Math.min(128, heapMb)}m`,
    `-Xmx${heapMb}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
    ...jvm,
    '-cp',
    `${LIBS}/*`,
    mainClass,
    ...args,
  ];
}

/** Runs one of Kafka's command-line tools, such as `org.apache.kafka.tools.LeaderElectionCommand`. @returns its output */
export async function kafkaTool(mainClass: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run('java', javaArguments(mainClass, args, 128));
  return stdout;
}
