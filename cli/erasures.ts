/**
 * `counterfoil erasures`: who was erased, as a list that is kept apart from backups; and a restored log brought to what the list
 * says, before a server reads it.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { eraseAgain, erasedOn } from '../sealing/erased-again.ts';
import { viewsFolder } from '../server/engines.ts';
import { askForRebuild } from '../views/embedded/embedded-views.ts';
import { CommandFailed } from './failure.ts';
import { withLog } from './with-log.ts';

const line = z.object({ subject: z.string().min(1), at: z.string() });

/** One line of JSON for each: the id, and when. */
export async function listErasuresCommand(): Promise<void> {
  const erased = await withLog('read', erasedOn);
  for (const each of erased) process.stdout.write(`${JSON.stringify(each)}\n`);
}

/** @param file as `list` has printed it */
export async function applyErasuresCommand(file: string): Promise<void> {
  const erased = linesOf(file);
  const marked = await withLog('write', async (log, configuration) => {
    // Views hold names as they can be read: what a backup brought is thrown away before it is shown.
    if (configuration.views.engine === 'embedded') askForRebuild(viewsFolder(configuration));
    return await eraseAgain(log, erased);
  });
  process.stdout.write(`${marked} of ${erased.length} were not erased here and are now\n`);
}

function linesOf(file: string): readonly z.infer<typeof line>[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((text, index) => {
    if (text.trim() === '') return [];
    try {
      return [line.parse(JSON.parse(text))];
    } catch {
      throw new CommandFailed(`${file}:${index + 1} is no line of \`counterfoil erasures list\``);
    }
  });
}
