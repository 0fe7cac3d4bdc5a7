/** The embedded log's folder belongs to one process, however that ends and whatever stands in it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { LogUnavailable } from '../log/event-log.ts';
import { embeddedFolder, numbered, valuesIn } from './log-embedded.folder.ts';

/** Process-id namespaces, as containers have them; Linux only, and for those who may make them. */
const noNamespaces = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status !== 0;

describe('embedded log', { timeout: 60_000 }, () => {
  const folder = embeddedFolder();

  describe('has its folder for itself', () => {
    /** Starts a process that has the folder until its input ends; `shell` runs it as "$0" with the script "$1". */
    async function holder(shell: string) {
      const script = fileURLToPath(new URL('./children/hold-until-told.ts', import.meta.url));
      const owner = spawn('bash', ['-c', shell, process.execPath, script], {
        env: { ...process.env, LOG_MODULE: './open-embedded.ts', LOG_DIR: folder.dir },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const [line] = await once(owner.stdout, 'data');
      return { process: owner, pid: Number(String(line)) };
    }

    it('refuses a folder that this process has open, and takes it again once closed', async () => {
      const log = await folder.open();
      await expect(openEmbeddedLog({ dir: folder.dir })).rejects.toThrow(/already open in this process/);
      await log.close();
      await folder.open();
    });

    const HASTE = { LOG_PATIENCE_MS: '100' };

    it('refuses a folder that another process has, naming that process and the ways out', async () => {
      await folder.open();
      const { errors } = await folder.child(
        'use-and-close.ts',
        ['p', 'commands', 'events', 'state', 'positions'],
        HASTE,
      );
      expect(errors).toMatch(`in use by process ${process.pid} on ${hostname()}`);
      expect(errors).toMatch('DATA_DIR');
      expect(errors).toMatch('KAFKA_BROKERS');
    });

    it('refuses it also when the lock files were deleted, and loses nothing that was acknowledged', async () => {
      const log = await folder.open();
      await log.append(numbered(20));
      for (const name of ['owner.lock', 'lock.mdb']) rmSync(join(folder.dir, name));
      const { errors } = await folder.child(
        'use-and-close.ts',
        ['p', 'commands', 'events', 'state', 'positions'],
        HASTE,
      );
      expect(errors).toMatch('is in use by another process');
      expect(errors).toMatch('Deleting a lock file does not help');
      await log.append(numbered(20));
      await log.close();
      const again = await folder.open();
      const values = await Promise.all([0, 1].map((partition) => valuesIn(again, { topic: 'commands', partition })));
      expect(values.flat()).toHaveLength(40);
    });

    it('acknowledges nothing once its data were deleted or replaced', async () => {
      const log = await folder.open();
      await log.append(numbered(2));
      rmSync(join(folder.dir, 'data.mdb'));
      await expect(log.append(numbered(2))).rejects.toThrow(/data of the log have been deleted/);
      await expect(log.append(numbered(2))).rejects.toThrow(LogUnavailable);
    });

    it.skipIf(noNamespaces)(`refuses it between two containers, where each counts its own processes`, async () => {
      await folder.open();
      // Process 1 of a namespace of its own, as in a container: nobody has this process's id there.
      const args = ['p', 'commands', 'events', 'state', 'positions'];
      const { errors } = await folder.child('use-and-close.ts', args, HASTE, 'unshare --pid --fork --mount-proc');
      expect(errors).toMatch(/in use by process \d+ on/);
    });

    it.skipIf(noNamespaces)(
      'can be read from another container, unless both are process 1 there, which is told',
      async () => {
        const log = await folder.open();
        await log.append(numbered(4));
        const container = 'unshare --pid --fork --mount-proc';
        const read = () => folder.child('read-beside.ts', ['commands', 'p'], { LOG_READ_ONLY: 'true' }, container);
        const { out, errors } = await read();
        expect(JSON.parse(out || `"${errors}"`)).toMatchObject({ values: ['0', '2', '1', '3'] });
        await log.close();
        const owner = await holder(`${container} "$0" --import tsx "$1"`);
        try {
          expect(owner.pid).toBe(1);
          expect((await read()).errors).toContain('has the same process id 1');
        } finally {
          owner.process.stdin.end();
        }
      },
    );

    it('is free the moment its owner was killed, though nobody has collected the dead process', async () => {
      await (await folder.open()).close();
      // `sleep` never asks how its children ended, so the killed one stays a zombie for as long as it sleeps. It must not read
      // what the owner reads: Node makes that non-blocking, another reader ends with an error, and with it the owner's input.
      const owner = await holder('(exec 0<&3; exec "$0" --import tsx "$1") 3<&0 & exec sleep 300');
      try {
        await expect(openEmbeddedLog({ dir: folder.dir, patienceMs: 0 })).rejects.toThrow(
          `in use by process ${owner.pid}`,
        );
        process.kill(owner.pid, 'SIGKILL');
        await folder.open();
        // It lets go of its files a little before it is one.
        await vi.waitFor(() => expect(readFileSync(`/proc/${owner.pid}/stat`, 'utf8')).toMatch(/\) Z /), 20_000);
      } finally {
        owner.process.kill('SIGKILL');
      }
    });

    it('is waited for while its owner ends', async () => {
      const log = await folder.open();
      const next = folder.child('use-and-close.ts', ['p', 'commands', 'events', 'state', 'positions']);
      await log.close();
      expect((await next).errors).toBe('');
    });

    it('takes over what an earlier owner has left in the folder, whatever stands in it', async () => {
      for (const left of [JSON.stringify({ pid: process.ppid, born: '1' }), 'half a fi']) {
        writeFileSync(join(folder.dir, 'owner.lock'), left);
        const log = await folder.open();
        expect(JSON.parse(readFileSync(join(folder.dir, 'owner.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
        await log.close();
      }
    });
  });
});
