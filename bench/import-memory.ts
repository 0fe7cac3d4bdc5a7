/**
 * What an import takes of memory, however long its file is: imports an export of so many lines into a server that takes all of it
 * and keeps nothing, and tells the resident memory of the import on its way. `node --import tsx bench/import-memory.ts [LINES]`,
 * after `npm run build`. By /proc, so on Linux alone. Figures are told, not judged.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const lines = Number(process.argv[2] ?? 1_000_000);
const EVERY_MS = 1_000;
const TOLD_PARTS = 10;

function resident(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** Four lines for each order, in three tables, so that every row stands in the file once. */
async function writeFiles(folder: string): Promise<void> {
  const file = (name: string, header: string) => {
    const stream = createWriteStream(join(folder, `${name}.csv`));
    stream.write(`${header}\n`);
    return stream;
  };
  const [products, customers] = [
    file('products', 'productId,productName,price'),
    file('customers', 'customerId,customerName'),
  ];
  const [orders, details] = [
    file('orders', 'orderId,customerId,placedAt'),
    file('order-details', 'orderId,productId,quantity,unitPrice'),
  ];
  for (let at = 0; at < 1_000; at++) products.write(`p${at},Product ${at},1.50\n`);
  for (let at = 0; at < lines / 20; at++) customers.write(`c${at},Customer No ${at}\n`);
  for (let at = 0; at < lines / 4; at++) {
    orders.write(`o${at},c${at % (lines / 20)},2024-01-${String(1 + (at % 28)).padStart(2, '0')}\n`);
    for (let line = 0; line < 4; line++) details.write(`o${at},p${(at * 7 + line) % 1_000},${1 + line},1.50\n`);
    if (details.writableNeedDrain) await once(details, 'drain');
  }
  await Promise.all([products, customers, orders, details].map((stream) => once(stream.end(), 'close')));
}

const folder = await mkdtemp(join(tmpdir(), 'counterfoil-memory-'));
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const server = spawn(process.execPath, ['--import', 'tsx', at('./rigs/answering-server.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  await writeFiles(folder);
  const [port] = await once(server.stdout, 'data');
  const began = performance.now();
  const importing = spawn(
    process.execPath,
    [at('../bin/counterfoil.js'), 'import', folder, '--url', `http://127.0.0.1:${Number(port)}`],
    { stdio: ['ignore', 'inherit', 'pipe'] },
  );
  let told = '';
  importing.stderr.on('data', (chunk) => {
    told = String(chunk).trim().split('\n').at(-1) ?? '';
    process.stderr.write(chunk);
  });
  const measured: number[] = [];
  const timer = setInterval(() => {
    const megabytes = resident(importing.pid ?? 0);
    measured.push(megabytes);
    if (measured.length % TOLD_PARTS === 0) process.stderr.write(`${megabytes.toFixed(0)} MB, ${told}\n`);
  }, EVERY_MS);
  const [code] = await once(importing, 'exit');
  clearInterval(timer);
  const parts = Array.from({ length: TOLD_PARTS }, (_, part) => {
    const of = measured.slice(
      Math.floor((part * measured.length) / TOLD_PARTS),
      Math.floor(((part + 1) * measured.length) / TOLD_PARTS),
    );
    return Math.max(0, ...of).toFixed(0);
  });
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(
    `${lines} lines in ${seconds.toFixed(0)} s, status ${code}; most MB in each tenth of the time: ${parts.join(' ')}\n`,
  );
} finally {
  server.kill();
  await rm(folder, { recursive: true, force: true });
}
