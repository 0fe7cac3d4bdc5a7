/**
 * Servers with a mistake in them: what makes effects happen exactly once is taken out of the built code, one thing at a time.
 * A run on such a server must turn red, or the run would not notice if it were missing.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Change {
  readonly file: string;
  /** The compiled text, which must stand there once. */
  readonly from: string;
  readonly to: string;
}

export const MISTAKES = {
  /** A command that stands on the log twice is decided twice. */
  idempotency: [
    {
      file: 'processors/aggregate-process.js',
      from: 'if (byUser && this.draft.seen(meta.transactionId) !== undefined) {',
      to: 'if (false) {',
    },
  ],
  /** Who takes a partition over leaves its earlier owner able to write. */
  fencing: [
    {
      file: 'log/kafka/transactional-writer.js',
      from: 'transactionalId: options.transactionalId,',
      to: 'transactionalId: options.transactionalId + Math.random(),',
    },
  ],
  /** Memory is changed before the step is known to be committed, and kept when it was not. */
  'staged-memory': [
    {
      file: 'log/kafka/process-worker.js',
      from: 'const process = this.#options.open(partition);',
      to: 'this.kept ??= this.#options.open(partition); const process = this.kept;',
    },
    { file: 'log/kafka/process-worker.js', from: 'process.close();', to: '' },
    {
      file: 'log/kafka/process-worker.js',
      from: 'const step = process.step(taken.records);',
      to: 'const step = process.step(taken.records); step.committed();',
    },
  ],
  /** A step of the view is applied wherever it starts from. */
  'view-position': [
    {
      file: 'views/mongo/mongo-views.js',
      from: "(nextOf.get(ids[i] ?? '') ?? 0) !== move.from)",
      to: 'false)',
    },
  ],
} as const satisfies Record<string, readonly Change[]>;

export type Mistake = keyof typeof MISTAKES;

/** @returns the folder of the server with the mistake. @throws when the code to be changed is not what it was */
export async function buildWithMistake(build: string, mistake: Mistake): Promise<string> {
  const folder = `${build}-without-${mistake}`;
  await rm(folder, { recursive: true, force: true });
  await cp(build, folder, { recursive: true });
  for (const { file, from, to } of MISTAKES[mistake]) {
    const path = join(folder, file);
    const text = await readFile(path, 'utf8');
    if (text.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
    await writeFile(
      path,
      text.replace(from, () => to),
    );
  }
  return folder;
}
