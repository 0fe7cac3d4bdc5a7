/**
 * Counterfoil as seven processes, as whoever watches over them has them: started in any order, also before there are engines, and
 * restarted one after another, each when the last one is ready again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Watched } from '../../../bench/soak/samples.ts';
import type { Random } from '../random.ts';
import type { Child } from '../system/child.ts';

export const ROLES = { gateway: 2, processor: 3, projector: 2 } as const;

const READY_MS = 120_000;
/** From its start on, until it has noticed that its engines are not there. */
const SAYS_SO_MS = 60_000;
const AT_ONCE_MS = 2000;
/** Of the log and the views, whichever its role needs. */
const ENGINE = /^(log|views): /;

export interface Restart {
  readonly name: string;
  /** From SIGTERM on, ms. */
  readonly endedAfter: number;
  readonly status: number | null;
  /** From its start on, ms. */
  readonly readyAfter: number;
}

export class Processes {
  readonly all: readonly Child[];

  constructor(all: readonly Child[]) {
    this.all = all;
  }

  get watched(): readonly Watched[] {
    return this.all.map(({ name, pid, url }) => ({ name, pid, url }));
  }

  /** Starts all of them. Resolves with what each says that it waits for. @throws when one does not listen, or says nothing */
  async startWithoutEngines(random: Random): Promise<ReadonlyMap<string, string>> {
    const said = new Map<string, string>();
    for (const child of random.sample(this.all, this.all.length)) {
      child.start();
      await pause(random.int(0, AT_ONCE_MS));
    }
    for (const child of this.all) said.set(child.name, await untilItWaits(child));
    return said;
  }

  async untilReady(): Promise<void> {
    await Promise.all(this.all.map((child) => child.untilReady(READY_MS)));
  }

  /** As in a rolling upgrade: told to end, started when it has, and left alone when it is ready. */
  async restart(child: Child): Promise<Restart> {
    const told = performance.now();
    const status = await child.end('SIGTERM');
    const ended = performance.now();
    child.start();
    await child.untilReady(READY_MS);
    return {
      name: child.name,
      endedAfter: Math.round(ended - told),
      status,
      readyAfter: Math.round(performance.now() - ended),
    };
  }

  /** Resolves when all of them say that they have no lag. @throws naming those that have one for too long */
  async untilNoLag(ms: number): Promise<void> {
    const deadline = Date.now() + ms;
    for (;;) {
      const lags = await Promise.all(this.all.map(async ({ name, url }) => [name, await lagOf(url)] as const));
      const behind = lags.filter(([, lag]) => lag > 0);
      if (behind.length === 0) return;
      if (Date.now() > deadline)
        throw new Error(`they still have a lag: ${behind.map((each) => each.join(' ')).join()}`);
      await pause(500);
    }
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await Promise.all(this.all.map((child) => child.end(signal)));
  }
}

async function untilItWaits(child: Child): Promise<string> {
  const deadline = Date.now() + SAYS_SO_MS;
  for (;;) {
    const awaited = await child.awaited();
    const engine = awaited?.find((each) => ENGINE.test(each) && !each.endsWith(': opening'));
    if (engine !== undefined) return engine;
    if (Date.now() > deadline) {
      throw new Error(`${child.name} does not say that it waits for an engine, but ${awaited?.join() ?? 'nothing'}`);
    }
    await pause(200);
  }
}

/** Records that wait in all partitions of all parts, as the process tells of them at `/metrics`. */
async function lagOf(url: string): Promise<number> {
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(30_000) });
  const lags = [...(await answer.text()).matchAll(/^counterfoil_partition_lag_records\{.*\} (\S+)$/gm)];
  if (lags.length === 0) throw new Error(`${url}/metrics tells no lag`);
  return lags.reduce((sum, [, lag]) => sum + Number(lag), 0);
}
