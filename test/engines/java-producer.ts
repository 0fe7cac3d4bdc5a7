/** Writes records with Kafka's own Java producer: other codecs, framings and sizes than ours come from real clients. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fetchKafka, javaArguments } from './kafka-libs.ts';

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

export interface JavaRecord {
  readonly key: string;
  /** Without tabs and line breaks. */
  readonly value: string;
  /** `name:value`, joined by commas. */
  readonly headers?: string;
}

export interface JavaProducerOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly codec: Codec;
}

/** Resolves when the broker has acknowledged all of them. */
export async function produceWithJava(
  { brokers, topic, codec }: JavaProducerOptions,
  records: readonly JavaRecord[],
): Promise<void> {
  await fetchKafka();
  const options = [
    ...['--bootstrap-server', brokers.join(), '--topic', topic, '--compression-codec', codec],
    ...['--reader-property', 'parse.key=true', '--reader-property', 'parse.headers=true'],
    ...['--command-property', 'max.request.size=100000000', '--command-property', 'buffer.memory=200000000'],
    ...['--command-property', 'linger.ms=200', '--command-property', 'batch.size=900000'],
  ];
  const child = spawn('java', javaArguments('org.apache.kafka.tools.ConsoleProducer', options, 256), {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let trouble = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    trouble += text;
  });
  const exited = once(child, 'exit');
  for (const { key, value, headers = 'h:1' } of records) child.stdin.write(`${headers}\t${key}\t${value}\n`);
  child.stdin.end();
  const [code] = await exited;
  if (code !== 0 || /exception|error/i.test(trouble))
    throw new Error(`Java's producer failed: ${trouble.slice(-2000)}`);
}
