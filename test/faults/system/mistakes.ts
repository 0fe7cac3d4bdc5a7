/**
 * Servers with a mistake in them: what makes effects happen exactly once is taken out of the built code, one thing at a time.
 * A run on such a server must turn red, or the run would not notice if it were missing. What only time brings to light is
 * found by a scenario: `FAULTS_MISTAKE=position-on-log npx vitest run test/faults/scenarios`.
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
      file: 'processors/step-writer.js',
      from: 'if (byUser && this.#hasDecided(meta.transactionId, read.id)) {',
      to: 'if (false) {',
    },
    // The owner of the keys lets none through twice either, and would hide it.
    { file: 'processors/keys-process.js', from: 'if (this.#knows(transactionId)) {', to: 'if (false) {' },
  ],
  /** Who takes a partition over leaves its earlier owner able to write. */
  fencing: [
    {
      file: 'log/kafka/transactional-writer.js',
      from: 'const sender = new BatchSender(connections, options.transactionalId);',
      to: 'options = { ...options, transactionalId: options.transactionalId + Math.random() }; const sender = new BatchSender(connections, options.transactionalId);',
    },
  ],
  /** What was sent and not answered is sent again as something new. */
  'sequence-numbers': [
    {
      file: 'log/kafka/batch-sender.js',
      from: 'const bytes = sending.bytes ?? sending.batch.encode();',
      to: 'const bytes = sending.batch.encode();',
    },
  ],
  /** Positions are known to the consumer group alone, which forgets them when nobody was there for a week. */
  'position-on-log': [
    { file: 'log/kafka/processor-positions.js', from: "if (typeof found === 'number')", to: 'if (false)' },
  ],
  /** Every body under a key is handed on, not the first alone. */
  'key-owner': [{ file: 'processors/keys-process.js', from: 'if (bound === undefined) {', to: 'if (true) {' }],
  /** A transaction goes on after its end, when its purchase does. */
  'final-status': [
    {
      file: 'domain/progress.js',
      from: 'return progress.pending(before) ?',
      to: 'return progress.transaction(before) ?',
    },
    { file: 'domain/progress.js', from: 'if (isFinal(was.status))', to: 'if (false)' },
    { file: 'domain/transaction.js', from: 'return !isFinal(last.status) && (', to: 'return (' },
  ],
  /** A reading query waits for the transaction's end alone, not for what it caused. */
  reflecting: [
    { file: 'resolvers/reflecting.js', from: 'await reflection.shown(final, signal);', to: 'void reflection;' },
  ],
  /** A deadline is counted from when the gateway wrote the command. */
  deadlines: [
    {
      file: 'processors/deadlines.js',
      from: 'const latest = this.#clock.now() - this.#options.timeoutMs;',
      to: 'const latest = 0; for (const each of this.#pending.values()) each.since = Date.parse(each.state.acceptedAt) + this.#options.timeoutMs - Date.now();',
    },
  ],
  /** An unreadable command is set aside, and its transaction left as it is. */
  unreadable: [
    {
      file: 'processors/step-writer.js',
      from: 'if (ends)',
      to: 'if (false)',
    },
  ],
  /** A folder's lock is not asked for. */
  lock: [
    {
      file: 'log/embedded/directory-lock.js',
      from: 'return locks.tryLock(fd, LOCKED_BYTE[name] ?? 0, 1);',
      to: 'return true;',
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
      file: 'views/mongo/apply-step.js',
      from: "(nextOf.get(ids[i] ?? '') ?? 0) !== move.from)",
      to: 'false)',
    },
  ],
} as const satisfies Record<string, readonly Change[]>;

export type Mistake = keyof typeof MISTAKES;

/** @throws when there is no such mistake */
export function mistakeNamed(name: string): Mistake {
  const found = (Object.keys(MISTAKES) as Mistake[]).find((each) => each === name);
  if (found === undefined) throw new Error(`there is no mistake ${name}: ${Object.keys(MISTAKES).join(', ')}`);
  return found;
}

/** @returns the folder of the server with the mistake. @throws when the code to be changed is not what it was */
export async function buildWithMistake(build: string, mistake: Mistake): Promise<string> {
  const folder = `${build}-without-${mistake}`;
  await rm(folder, { recursive: true, force: true });
  await cp(build, folder, { recursive: true });
  for (const change of MISTAKES[mistake]) {
    const path = join(folder, change.file);
    await writeFile(path, await changed(build, folder, change));
  }
  return folder;
}

/** Whether every mistake can still be made: the code that each changes stands there. @throws naming all that does not */
export async function checkMistakes(build: string): Promise<void> {
  const gone: string[] = [];
  for (const [mistake, changes] of Object.entries(MISTAKES)) {
    for (const change of changes) {
      await changed(build, build, change).catch((error: unknown) => gone.push(`${mistake}: ${String(error)}`));
    }
  }
  if (gone.length > 0) throw new Error(gone.join('\n'));
}

/** The text with the change in it: the build's own, or the folder's, where another change was made before. */
async function changed(build: string, folder: string, { file, from, to }: Change): Promise<string> {
  const built = await readFile(join(build, file), 'utf8');
  if (built.split(from).length !== 2) throw new Error(`${file} does not hold once: ${from}`);
  return (await readFile(join(folder, file), 'utf8')).replace(from, () => to);
}
