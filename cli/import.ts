/** `counterfoil import DIR` */

import { readSamples } from '../import/read-samples.ts';
import { type ImportSummary, runImport, type StockToBeginWith } from '../import/run-import.ts';
import { interruptible } from './interrupt.ts';
import { createProgressBar } from './progress-bar.ts';
import { createRemoteExecutor } from './remote-executor.ts';
import { remoteOptions, type ServerOptions } from './server-options.ts';

export interface ImportCommandOptions extends ServerOptions {
  readonly stock: StockToBeginWith;
  readonly concurrency: number;
  readonly json?: true;
}

export async function importCommand(directory: string, options: ImportCommandOptions): Promise<void> {
  const samples = await readSamples(directory);
  const summary = await interruptible(async (signal) => {
    const executor = createRemoteExecutor(remoteOptions(options, signal));
    const bar = createProgressBar();
    try {
      return await runImport({
        executor,
        samples,
        stock: options.stock,
        concurrency: options.concurrency,
        signal,
        onTally: ({ phase, done, total }) => bar.update(phase, done, total),
      });
    } finally {
      bar.end();
      await executor.close();
    }
  }, 'run it again to go on where it was');
  process.stdout.write(options.json ? `${JSON.stringify(jsonOf(summary))}\n` : textOf(summary));
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
