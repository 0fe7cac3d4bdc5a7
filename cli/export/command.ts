/** `counterfoil export KIND` */
import { join } from 'node:path';
import { DECIMAL_COMMA, PLAIN, SPREADSHEET } from '../../export/csv.ts';
import { ordersWithLines } from '../../export/document.ts';
import { type ExportKind, type ExportKindName, exportKinds } from '../../export/kinds.ts';
import { type ExportRequest, type ExportSource, readExport } from '../../export/read-export.ts';
import type { ExportFormat } from '../../export/table.ts';
import type { Patience } from '../../import/patiently.ts';
import { CommandFailed } from '../failure.ts';
import { interruptible } from '../interrupt.ts';
import { createProgressBar, type ProgressBar } from '../progress-bar.ts';
import { createRemoteExecutor, type RemoteExecutor } from '../remote-executor.ts';
import { remoteOptions, type ServerOptions } from '../server-options.ts';
import { type FilterOptions, filterOf } from './filter.ts';
import { fileOutput, type Output, outputFolder, standardOutput } from './output.ts';
import { exportFailure, exportSource } from './source.ts';

export interface ExportCommandOptions extends ServerOptions, FilterOptions {
  readonly format: 'csv' | 'ndjson';
  readonly excel?: true;
  readonly decimalComma?: true;
  readonly output: string;
}

/** What `--output` names for no file. */
const STDOUT = '-';

/** What is read together, and the file of each kind of it. */
interface Reading extends ExportRequest {
  readonly label: string;
  readonly paths: readonly string[];
}

export async function exportCommand(kind: ExportKindName | 'all', options: ExportCommandOptions): Promise<void> {
  const format = formatOf(options);
  const readings = kind === 'all' ? await ofAll(format, options) : [ofOne(kind, format, options)];
  const told = await interruptible(async (signal) => {
    const executor = createRemoteExecutor(remoteOptions(options, signal));
    try {
      return await written(readings, executor, signal);
    } finally {
      await executor.close();
    }
  }, 'the export is not whole');
  process.stderr.write(told);
}

/** @throws {CommandFailed} for options that do not fit each other */
function formatOf({ format, excel, decimalComma }: ExportCommandOptions): ExportFormat {
  if (format === 'csv') {
    return { as: 'csv', dialect: { ...(excel ? SPREADSHEET : PLAIN), ...(decimalComma ? DECIMAL_COMMA : {}) } };
  }
  if (excel || decimalComma) throw new CommandFailed('--excel and --decimal-comma are for --format csv');
  return { as: 'ndjson' };
}

function ofOne(label: ExportKindName, format: ExportFormat, options: ExportCommandOptions): Reading {
  return { label, kinds: [exportKinds[label]], format, filter: filterOf(label, options), paths: [options.output] };
}

/** All kinds, into a folder that `import` can read; the filter is for purchases. */
async function ofAll(format: ExportFormat, options: ExportCommandOptions): Promise<readonly Reading[]> {
  const { output: folder } = options;
  if (folder === STDOUT) throw new CommandFailed('export all writes several files: name a folder with --output');
  const reading = (label: ExportKindName, kinds: readonly ExportKind[], filter: Reading['filter']): Reading => {
    const paths = kinds.map(({ file }) => join(folder, `${file}.${format.as}`));
    return { label, kinds, format, filter, paths };
  };
  const purchases = filterOf('purchases', options);
  await outputFolder(folder);
  return [
    // First the purchases: the customers and products that they name are all there when those are read after them.
    reading('purchases', format.as === 'csv' ? ordersWithLines : [exportKinds.purchases], purchases),
    reading('customers', [exportKinds.customers], { removed: null }),
    reading('products', [exportKinds.products], {}),
  ];
}

/** All or nothing: no file appears unless all have been written. @returns what has been exported, in lines */
async function written(readings: readonly Reading[], executor: RemoteExecutor, signal: AbortSignal): Promise<string> {
  const bar = createWaitingBar();
  const source = exportSource(executor, { signal, onWaiting: bar.onWaiting });
  const opened: Output[] = [];
  try {
    for (const path of readings.flatMap(({ paths }) => paths)) {
      opened.push(path === STDOUT ? standardOutput(signal) : await fileOutput(path));
    }
    const left = [...opened];
    const lines: string[] = [];
    for (const reading of readings) lines.push(await read(reading, source, left.splice(0, reading.paths.length), bar));
    for (const output of opened) await output.finish();
    return lines.join('');
  } catch (error) {
    await Promise.all(opened.map((output) => output.discard()));
    throw exportFailure(error, opened.map((output) => output.ifCut).join(', '));
  } finally {
    bar.end();
  }
}

/** A progress bar that also says what is waited for, in the place of what is being done. */
function createWaitingBar(): ProgressBar & Pick<Patience, 'onWaiting'> {
  const bar = createProgressBar();
  let last: readonly [label: string, done: number, total: number] = ['', 0, 0];
  const update: ProgressBar['update'] = (...now) => {
    last = now;
    bar.update(...now);
  };
  return {
    update,
    onWaiting(why) {
      const [label, ...counts] = last;
      bar.update(why === undefined ? label : `waiting: ${why}`, ...counts);
    },
    end: () => bar.end(),
  };
}

async function read(
  reading: Reading,
  source: ExportSource,
  outputs: readonly Output[],
  bar: Pick<ProgressBar, 'update'>,
): Promise<string> {
  let read = 0;
  for await (const { texts, done, total } of readExport(source, reading)) {
    for (const [i, output] of outputs.entries()) await output.write(texts[i] ?? '');
    bar.update(reading.label, done, total);
    read = done;
  }
  return `exported ${read} ${ofNodes(reading.label)} to ${reading.paths.join(' and ')}\n`;
}

/** Lines are read, and counted, by purchases. */
const ofNodes = (label: string): string => (label === 'lines' ? 'purchases, a row for each of their lines,' : label);
