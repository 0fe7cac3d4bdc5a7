/** Reads records with Kafka's own Java consumer: what we write must be readable by real clients. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fetchKafka, javaArguments } from './kafka-libs.ts';

/** As lines of `headers<tab>key<tab>value`, the first so many of the topic. Resolves when it has them, or gives up after 30 s. */
export async function consumeWithJava(
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<readonly string[]> {
  await fetchKafka();
  const options = [
    ...['--bootstrap-server', brokers.join(), '--topic', topic, '--from-beginning', '--max-messages', String(count)],
    ...['--isolation-level', 'read_committed', '--timeout-ms', '30000'],
    ...['--formatter-property', 'print.key=true', '--formatter-property', 'print.headers=true'],
  ];
  const child = spawn('java', javaArguments('org.apache.kafka.tools.consumer.ConsoleConsumer', options, 256), {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, trouble] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    trouble += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`Java's consumer failed: ${trouble.slice(-2000)}`);
  return out.split('\n').filter((line) => line !== '');
}
