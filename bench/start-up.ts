/**
 * How a start goes on a data folder: when the process answers and is ready, how long the event loop was held at most, how
 * long SIGTERM takes in the middle: `node --import tsx bench/start-up.ts DIR`. The process is the sources', run by tsx.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../test/engines/free-port.ts';

const [dir = ''] = process.argv.slice(2);

function print(line: string | undefined): void {
  process.stdout.write(`${line ?? ''}\n`);
}

async function start() {
  const port = await freePort();
  const began = performance.now();
  const server = spawn(process.execPath, ['--import', 'tsx', '--import', './bench/loop-delay.ts', 'server/main.ts'], {
    env: { ...process.env, DATA_DIR: dir, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  server.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const seconds = () => ((performance.now() - began) / 1000).toFixed(2);
  const answers = async (path: string) => {
    try {
      return await fetch(`http://127.0.0.1:${port}${path}`);
    } catch {
      return undefined;
    }
  };
  while (!(await answers('/healthz'))) await new Promise((resolve) => setTimeout(resolve, 20));
  return { server, answers, seconds, output: () => output };
}

const first = await start();
print(`/healthz answers after ${first.seconds()} s`);
let told = '';
for (;;) {
  const asked = performance.now();
  const response = await first.answers('/readyz');
  const waited = performance.now() - asked;
  const { parts } = ((await response?.json()) ?? { parts: {} }) as {
    parts: Record<string, { ready: boolean; detail?: string }>;
  };
  const now = Object.entries(parts)
    .filter(([, { ready }]) => !ready)
    .map(([name, { detail }]) => `${name}: ${detail}`)
    .join('; ');
  if (waited > 50) print(`/readyz took ${waited.toFixed(0)} ms`);
  if (now.replace(/\d+/g, '') !== told.replace(/\d+/g, '')) print(`${first.seconds()} s  ${now}`);
  told = now;
  if (response?.status === 200) break;
  await new Promise((resolve) => setTimeout(resolve, 50));
}
print(`ready after ${first.seconds()} s`);
first.server.kill('SIGTERM');
await once(first.server, 'exit');
print(
  first
    .output()
    .match(/event loop.*/g)
    ?.join('\n'),
);

const second = await start();
await new Promise((resolve) => setTimeout(resolve, 1500));
const told2 = performance.now();
second.server.kill('SIGTERM');
const [code] = await once(second.server, 'exit');
print(
  `SIGTERM in the middle of the start: ended after ${((performance.now() - told2) / 1000).toFixed(2)} s, status ${code}`,
);
