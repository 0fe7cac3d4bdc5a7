/** Processes beside this one: rivals that serve, and what is known of any process from outside. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../suite/row.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Units of the processor times that Linux tells. */
const TICKS_PER_SECOND = 100;

export interface Served {
  readonly url: string;
  readonly pid: number;
}

/** Starts `bench/rivals/NAME.ts`, which prints `listening URL` once it serves; ends it with the row. */
export async function startRival(bench: Bench, name: string, env: Readonly<Record<string, string>>): Promise<Served> {
  const args = ['--import', './bench/suite/as-built.mjs', join('bench', 'rivals', `${name}.ts`)];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  bench.defer(() => ended(child));
  let output = '';
  for await (const chunk of child.stdout) {
    output += String(chunk);
    const url = /listening (\S+)/.exec(output)?.[1];
    if (url !== undefined && child.pid !== undefined) return { url, pid: child.pid };
  }
  throw new Error(`the rival ${name} ended before it served: ${output}`);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Processor time that a process has taken so far, all its threads together, in seconds. Linux alone tells it. */
export async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory of a process in RAM, in MB. Linux alone tells it. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

export interface Memory {
  /** What is no file's: heap, stacks, buffers. */
  readonly ownMb: number;
  /** Pages of files that are mapped, such as lmdb's: the system takes them back when it needs the room. */
  readonly mappedMb: number;
}

/** Memory of a process in RAM, told apart. Linux alone tells it. */
export async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const mb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
  return { ownMb: mb('RssAnon'), mappedMb: mb('RssFile') };
}

/** Bytes that a process has read so far, from files and sockets, in MB. Linux alone tells it. */
export async function readMb(pid: number): Promise<number> {
  const io = await readFile(`/proc/${pid}/io`, 'utf8').catch(() => '');
  return Number(/rchar: (\d+)/.exec(io)?.[1] ?? Number.NaN) / 1024 / 1024;
}
