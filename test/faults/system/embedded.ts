/** All roles in one process on the embedded engines, and the faults that it is to survive. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { openEmbeddedLog } from '../../../log/embedded/embedded-log.ts';
import { RESTOCK } from '../../e2e/operations.ts';
import { freePort } from '../../engines/free-port.ts';
import { commandsLeft, readLog, readViewsThrough } from '../gather.ts';
import type { Random } from '../random.ts';
import { GatewayClient, NO_LIMITS, RequestFailed, SECRET, tokenOf } from '../workload/gateway-client.ts';
import { mainOf } from './build.ts';
import { Child } from './child.ts';
import type { Fault, Gathered, Observer, System, SystemOptions } from './system.ts';

const PARTITIONS = 4;
const READY_MS = 90_000;
const REST_MS = 120_000;
const MB = 2 ** 20;
/** One that is refused says so within seconds. */
const SECOND_OWNER_MS = 20_000;

export async function startEmbeddedSystem({ build }: SystemOptions, observer: Observer): Promise<System> {
  const dir = await mkdtemp(join(tmpdir(), 'counterfoil-faults-'));
  const data = join(dir, 'data');
  const logs = join(dir, 'logs');
  await mkdir(logs);
  const env = {
    DATA_DIR: data,
    // The checker folds and projects records as they stand on the log.
    MASTER_KEY: 'off',
    PARTITIONS: String(PARTITIONS),
    AUTH_JWT_SECRET: SECRET,
    ...NO_LIMITS,
    PURCHASE_TIMEOUT: '20s',
  };
  const child = new Child({
    name: 'server',
    build,
    port: await freePort(),
    logs,
    env,
    observer,
  });
  child.start();
  await child.untilReady(READY_MS);
  const gateway = { name: child.name, url: child.url };

  /** Most often a server that is at work is hit, at times one that is still starting. */
  const atWork = async (random: Random) => {
    if (random.chance(0.8)) await child.untilReady(READY_MS).catch(() => undefined);
    await pause(random.int(50, 7000));
  };

  const faults: Fault[] = [
    {
      kind: 'kill -9',
      weight: 12,
      of: 'server',
      async strike(random) {
        await atWork(random);
        await child.end('SIGKILL');
        await pause(random.int(0, 500));
        child.start();
        return '';
      },
    },
    {
      kind: 'started with a failpoint',
      weight: 5,
      of: 'server',
      async strike(random) {
        await atWork(random);
        await child.end('SIGKILL');
        const point = random.pick(['before-produce', 'after-commit']);
        child.start({ COUNTERFOIL_FAILPOINTS: `${point}:kill:0.02` });
        return point;
      },
    },
    {
      kind: 'SIGSTOP, SIGCONT',
      weight: 1,
      of: 'server',
      async strike(random) {
        const ms = random.int(500, 3000);
        child.signal('SIGSTOP');
        await pause(ms);
        child.signal('SIGCONT');
        return `${ms} ms`;
      },
    },
    {
      kind: 'SIGTERM and start',
      weight: 1,
      of: 'server',
      async strike() {
        await child.end('SIGTERM');
        child.start();
        return '';
      },
    },
    {
      kind: 'full disk',
      weight: 2,
      of: 'server',
      async strike(random) {
        await atWork(random);
        await child.end('SIGKILL');
        const { size } = await stat(join(data, 'data.mdb'));
        // Full at once, or soon: the file reaches some way beyond what is in it.
        const limit = Math.max(2, Math.floor(size / MB) - random.int(5, 12));
        child.start({ LMDB_MAP_SIZE: `${limit}MB` });
        const full = await untilFull(child, 25_000);
        await pause(random.int(500, 3000));
        await child.end('SIGKILL');
        child.start();
        return `${limit} MB, ${full ? 'was full' : 'was not reached'}`;
      },
    },
    {
      kind: 'second owner of the folder',
      weight: 2,
      // The first one may die at its failpoint meanwhile: then the second one rightly has the folder for a while.
      of: 'second owner',
      async strike(random) {
        await pause(random.int(0, 3000));
        const { PATH, HOME } = process.env;
        const second = promisify(execFile)(process.execPath, [mainOf(build)], {
          env: { PATH, HOME, ...env, PORT: '0' },
          timeout: SECOND_OWNER_MS,
          killSignal: 'SIGKILL',
        });
        const { killed, code } = await second.then(
          () => ({ killed: false, code: 0 }),
          (error: { readonly killed?: unknown; readonly code?: unknown }) => error,
        );
        // Where two had it at the same time, the checker finds the harm.
        return killed === true ? 'let in, and killed' : `refused with status ${code}`;
      },
    },
  ];

  return {
    gateways: [gateway],
    faults,
    logs,
    async heal() {
      await child.end('SIGKILL');
      child.start();
      await child.untilReady(READY_MS);
    },
    async rest() {
      const log = await openEmbeddedLog({ dir: data, readOnly: true });
      try {
        const deadline = Date.now() + REST_MS;
        while ((await commandsLeft(log)) > 0) {
          if (Date.now() > deadline) throw new Error(`${await commandsLeft(log)} commands are still undecided`);
          await pause(200);
        }
      } finally {
        await log.close();
      }
      // Built from the log anew, the views hold all of it once the server is ready.
      await child.end('SIGTERM');
      child.start();
      await child.untilReady(READY_MS);
    },
    async gather(): Promise<Gathered> {
      const log = await openEmbeddedLog({ dir: data, readOnly: true });
      try {
        const views = await readViewsThrough(gateway);
        const broker = { partitions: [], transactions: [] };
        return { partitions: PARTITIONS, log: await readLog(log, PARTITIONS), views, broker };
      } finally {
        await log.close();
      }
    },
    async stop() {
      await child.end('SIGKILL');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Whether it came to refuse commands: its processors may have nothing to do by then, and nothing to complain of. */
async function untilFull(child: Child, ms: number): Promise<boolean> {
  const client = new GatewayClient('prober', await tokenOf('prober'));
  const deadline = Date.now() + ms;
  while (Date.now() < deadline) {
    try {
      await client.request(child, RESTOCK, { input: { productId: 'popular-0', quantity: 1 } }, 2000);
    } catch (error) {
      if (error instanceof RequestFailed && error.code === 'UNAVAILABLE') return true;
    }
    await pause(200);
  }
  return false;
}
