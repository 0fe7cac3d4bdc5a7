/** `counterfoil import PATH` */
import { type ImportSummary, runImport, type StockToBeginWith } from '../import/run-import.ts';
import { samplesOf } from '../import/samples-of.ts';
import type { ShopData } from '../import/shop-data.ts';
import { CommandFailed } from './failure.ts';
import { type InputOptions, readInput } from './import-input.ts';
import { previewOf, previewText } from './import-preview.ts';
import { interruptible } from './interrupt.ts';
import { createProgressBar } from './progress-bar.ts';
import { createRemoteExecutor } from './remote-executor.ts';
import { remoteOptions, type ServerOptions } from './server-options.ts';

export interface ImportCommandOptions extends ServerOptions, InputOptions {
  readonly stock: StockToBeginWith;
  readonly concurrency: number;
  readonly json?: true;
}

/** @throws {CommandFailed} when anything of the input was not imported, also after the rest of it was */
export async function importCommand(path: string, options: ImportCommandOptions): Promise<void> {
  const leftOut = await interruptible(async (signal) => {
    const tell = (line: string) => void process.stderr.write(`${line}\n`);
    const input = await readInput(path, { ...options, signal }, tell);
    try {
      const text = options.dryRun
        ? previewed(input.data, options.json)
        : summarized(await send(input.data, options, signal), options.json);
      signal.throwIfAborted();
      process.stdout.write(text);
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
      samples: samplesOf(data),
      stock: options.stock,
      concurrency: options.concurrency,
      signal,
      onTally: ({ phase, done, total }) => bar.update(phase, done, total),
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

function summarized(summary: ImportSummary, json: true | undefined): string {
  return json ? `${JSON.stringify(jsonOf(summary))}\n` : textOf(summary);
}

function jsonOf({ rejections, ms, ...rest }: ImportSummary): unknown {
  return { ...rest, rejections: Object.fromEntries(rejections), ms: Math.round(ms) };
}

export function textOf(summary: ImportSummary): string {
  const { customers, products, confirmed, rejected, discontinued, done, fresh, rejections, ms } = summary;
  const lines = [
    `accepted      ${done}, ${fresh} of them new${fresh === 0 ? ': nothing has changed' : ''}`,
    `customers     ${customers}`,
    `products      ${products}, ${discontinued} discontinued`,
    `purchases     ${confirmed + rejected}: ${confirmed} confirmed, ${rejected} rejected`,
    ...[...rejections].sort(([, a], [, b]) => b - a).map(([code, count]) => `  ${code.padEnd(22)} ${count}`),
    `time          ${(ms / 1000).toFixed(1)} s`,
  ];
  return `${lines.join('\n')}\n`;
}
