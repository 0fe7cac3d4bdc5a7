/** What operators do while faults strike: views rebuilt by the command line, and a rolling upgrade of the processes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Parts } from '../system/kafka-mongo.ts';
import type { Fault } from '../system/system.ts';

const REBUILD_MS = 120_000;
const READY_MS = 60_000;

export function rebuildFaults({ env, options }: Parts): readonly Fault[] {
  return [
    {
      kind: 'views rebuilt',
      weight: 4,
      of: 'rebuild',
      async strike(random) {
        const killedAfter = random.chance(0.3) ? random.int(500, 4000) : undefined;
        const { PATH, HOME } = process.env;
        const main = join(options.build, 'cli', 'main.js');
        return await promisify(execFile)(process.execPath, [main, 'rebuild'], {
          env: { PATH, HOME, ...env },
          timeout: killedAfter ?? REBUILD_MS,
          killSignal: 'SIGKILL',
        }).then(
          ({ stdout }) => stdout.trim(),
          (error: unknown) => {
            const { killed, stderr } = error as { readonly killed?: unknown; readonly stderr?: unknown };
            if (killed === true) return `killed after ${killedAfter ?? REBUILD_MS} ms`;
            return `it said: ${String(stderr ?? error)
              .trim()
              .split('\n')
              .at(-1)}`;
          },
        );
      },
    },
  ];
}

/** Each process in turn goes over to the other version, as the gateway, processor and projector beside it have not yet. */
export function versionFaults({ gateways, processors, projectors, options }: Parts): readonly Fault[] {
  const { build, other } = options;
  if (other === undefined) return [];
  return [...processors.slice(0, 2), ...projectors, ...gateways].map(({ child }) => ({
    kind: 'process started with the other version',
    weight: 2,
    of: child.name,
    async strike(random) {
      await child.end('SIGTERM');
      child.build = child.build === build ? other : build;
      child.start();
      await child.untilReady(READY_MS).catch(() => undefined);
      await pause(random.int(0, 5000));
      return `${child.name}, ${child.build}`;
    },
  }));
}
