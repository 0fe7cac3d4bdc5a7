/** `counterfoil import PATH` */
import { runImport, type StockToBeginWith } from '../import/run-import.ts';
import type { ShopData } from '../import/shop-data.ts';
import type { ImportSummary, ImportTally } from '../import/tally.ts';
import { CommandFailed } from './failure.ts';
import { type InputOptions, readInput } from './import-input.ts';
import { previewOf, previewText } from './import-preview.ts';
import { importReport } from './import-report.ts';
import { interruptible } from './interrupt.ts';
import { createProgressBar } from './progress-bar.ts';
import { createRemoteExecutor } from './remote-executor.ts';
import { remoteOptions, type ServerOptions } from './server-options.ts';

export interface ImportCommandOptions extends ServerOptions, InputOptions {
  readonly stock: StockToBeginWith;
  /** false with `--no-update`. */
  readonly update: boolean;
  readonly concurrency: number;
  readonly json?: true;
}

/** @throws {CommandFailed} when anything of the input was not imported, also after the rest of it was */
export async function importCommand(path: string, options: ImportCommandOptions): Promise<void> {
  const leftOut = await interruptible(async (signal) => {
    const tell = (line: string) => void process.stderr.write(`${line}\n`);
    const input = await readInput(path, { ...options, signal }, tell);
    try {
      const { text, exitCode } = options.dryRun
        ? { text: previewed(input.data, options.json), exitCode: 0 }
        : importReport(await send(input.data, options, signal), options.json === true);
      signal.throwIfAborted();
      process.stdout.write(text);
      process.exitCode = exitCode;
    } finally {
      input.data.close();
    }
    return input.leftOut;
  }, 'run it again to go on where it was');
  if (leftOut !== undefined) throw new CommandFailed('rows with problems were left out');
}

async function send(data: ShopData, options: ImportCommandOptions, signal: AbortSignal): Promise<ImportSummary> {
  const executor = createRemoteExecutor(remoteOptions(options, signal));
  const bar = createProgressBar();
  try {
    return await runImport({
      executor,
      data,
      stock: options.stock,
      update: options.update,
      concurrency: options.concurrency,
      signal,
      onTally: (tally) => bar.update(labelOf(tally), tally.done, tally.total),
    });
  } finally {
    bar.end();
    await executor.close();
  }
}

function previewed(data: ShopData, json: true | undefined): string {
  const preview = previewOf(data);
  return json ? `${JSON.stringify(preview)}\n` : previewText(preview);
}

function labelOf({ phase, waitingFor }: ImportTally): string {
  return waitingFor === null ? phase : `waiting: ${waitingFor}`;
}
