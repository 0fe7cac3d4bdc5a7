/** One file of the shop: its encoding, its delimiter and its header are found, then its rows are streamed. */
import { basename } from 'node:path';
import { ImportFailed } from '../failure.ts';
import { type CsvRow, cellsOfLine, csvRows } from './csv-rows.ts';
import { detectEncoding, textOf } from './encodings.ts';
import { COLUMN_NAMES, FILE_KINDS, headerKey } from './fields.ts';
import { linesOf } from './lines.ts';

export interface TableFile {
  /** Without its folder, for messages. */
  readonly name: string;
  readonly encoding: string;
  readonly delimiter: string;
  readonly header: readonly string[];
  readonly headerLine: number;
  /** What a user should know of how it is read. */
  readonly notices: readonly string[];
  /** The rows behind the header, in blocks. May be read more than once. */
  rows(): AsyncIterable<readonly CsvRow[]>;
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Excel's way to tell the delimiter, in a line before the header. */
const TOLD_DELIMITER = /^"?sep=(.)"?$/iu;
/** Lines looked at in search of the header. */
const FIRST_LINES = 20;

/** `encoding` is as told; `headers` are known ones beside the usual. @throws {ImportFailed} that names no file, when there is no header */
export async function openTable(
  path: string,
  encoding: string | undefined,
  headers: readonly string[] = [],
): Promise<TableFile> {
  const name = basename(path);
  const detected = encoding === undefined ? await detectEncoding(path) : { name: encoding };
  const first = await firstLines(path, detected.name);
  const told = TOLD_DELIMITER.exec(first[0] ?? '')?.[1];
  const headerAt = first.findIndex((line, at) => line.trim() !== '' && (at > 0 || told === undefined));
  const text = first[headerAt];
  if (text === undefined) throw new ImportFailed('it is empty');
  const known = new Set([...usualHeaders(), ...headers.map(headerKey)]);
  const delimiter = told ?? delimiterOf(text, known);
  const headerLine = headerAt + 1;
  return {
    name,
    encoding: detected.name,
    delimiter,
    header: cellsOfLine(text, delimiter),
    headerLine,
    notices: detected.notice === undefined ? [] : [`${name}: ${detected.notice}`],
    rows: () => csvRows(without(linesOf(textOf(path, detected.name)), headerLine), delimiter, headerLine + 1),
  };
}

async function firstLines(path: string, encoding: string): Promise<readonly string[]> {
  let first: readonly string[] = [];
  for await (const lines of linesOf(textOf(path, encoding))) {
    first = first.concat(lines.slice(0, FIRST_LINES));
    if (first.length >= FIRST_LINES) break;
  }
  return first;
}

/** The one that makes most headers known, then the one that makes most columns. */
function delimiterOf(header: string, known: ReadonlySet<string>): string {
  const rated = DELIMITERS.map((delimiter) => {
    const cells = cellsOfLine(header, delimiter);
    return { delimiter, known: cells.filter((cell) => known.has(headerKey(cell))).length, columns: cells.length };
  });
  const [best] = rated.sort((one, other) => other.known - one.known || other.columns - one.columns);
  return best?.delimiter ?? ',';
}

function usualHeaders(): readonly string[] {
  return FILE_KINDS.flatMap((kind) => Object.values(COLUMN_NAMES[kind]).flat());
}

/** The lines behind the first `count`. */
async function* without(lines: AsyncIterable<readonly string[]>, count: number): AsyncGenerator<readonly string[]> {
  let left = count;
  for await (const block of lines) {
    if (left < block.length) yield left === 0 ? block : block.slice(left);
    left = Math.max(0, left - block.length);
  }
}
