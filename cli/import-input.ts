/** The input of `counterfoil import`: read and checked whole, and all that is wrong in it told, before anything is sent. */
import { type LeftOut, readShopFiles, type ShopFiles } from '../import/read-shop-files.ts';
import type { ShopData } from '../import/shop-data.ts';
import { readColumnMap } from '../import/shop-files/column-map.ts';
import type { DateFormat } from '../import/shop-files/date-formats.ts';
import type { DecimalMark } from '../import/shop-files/decimals.ts';
import { describeProblem } from '../import/shop-files/problems.ts';
import { CommandFailed } from './failure.ts';

export interface InputOptions {
  readonly dataSet?: string;
  readonly map?: string;
  readonly encoding?: string;
  readonly dateFormat?: DateFormat;
  readonly decimal?: DecimalMark;
  readonly partial?: true;
  readonly skipInvalid?: string;
  readonly dryRun?: true;
  readonly signal?: AbortSignal;
}

export interface Input {
  readonly data: ShopData;
  /** What `--skip-invalid` has left out; `undefined`: the input is whole. */
  readonly leftOut: LeftOut | undefined;
}

const MOST_SHOWN = 50;

/** `tell` is given lines for people. @throws {CommandFailed} when there are problems, and nothing may be sent */
export async function readInput(path: string, options: InputOptions, tell: (line: string) => void): Promise<Input> {
  const { map, skipInvalid, dryRun } = options;
  const files = await readShopFiles(path, { ...options, map: map === undefined ? [] : await readColumnMap(map) });
  try {
    for (const notice of files.notices) tell(`note: ${notice}`);
    tellProblems(files, tell);
    if (files.problemCount === 0) return { data: files.data(), leftOut: undefined };
    if (skipInvalid === undefined || files.isUnreadable) throw refusal(files, skipInvalid !== undefined);
    const leftOut = await files.leaveOut(dryRun ? undefined : skipInvalid);
    if (!dryRun) tell(howToGoOn(leftOut, skipInvalid, files.dataSet, options));
    return { data: files.data(), leftOut };
  } catch (error) {
    files.close();
    throw error;
  }
}

function tellProblems(files: ShopFiles, tell: (line: string) => void): void {
  for (const problem of files.problems(MOST_SHOWN)) tell(describeProblem(problem));
  const more = files.problemCount - MOST_SHOWN;
  if (more > 0) tell(`… and ${more} more`);
}

function refusal({ problemCount, isUnreadable }: ShopFiles, skips: boolean): CommandFailed {
  const found = `${problemCount} ${problemCount === 1 ? 'problem' : 'problems'}, and nothing was sent`;
  if (!isUnreadable) return new CommandFailed(`${found}: mend it, or import the rest with --skip-invalid FILE`);
  return new CommandFailed(`${found}${skips ? ': there are no rows to skip where a file cannot be read' : ''}`);
}

/** The files that are written are in UTF-8, whatever was told of those that were read. */
function howToGoOn({ rows, orders }: LeftOut, target: string, dataSet: string, told: InputOptions): string {
  const { map, dateFormat, decimal } = told;
  const options = { '--data-set': dataSet, '--map': map, '--date-format': dateFormat, '--decimal': decimal };
  const words = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [name, shellWord(value)],
  );
  const command = ['counterfoil import', shellWord(target), ...words].join(' ');
  const of = orders === 0 ? '' : ` (${orders} ${orders === 1 ? 'order' : 'orders'})`;
  return `left out: ${rows} ${rows === 1 ? 'row' : 'rows'}${of}; mend them in ${target}, then: ${command}`;
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
