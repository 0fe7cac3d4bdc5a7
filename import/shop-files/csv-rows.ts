/**
 * Lines become rows of cells. csv-parse does the parsing, a block of lines at a time, so that a line which is no CSV can be told
 * apart, and the rows behind it are read all the same.
 */
import { CsvError, parse } from 'csv-parse/sync';

export interface CsvRow {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  /** What is wrong with its quotation marks; `cells` are then a guess. */
  readonly broken?: string;
}

/** A small block: what follows a broken line is parsed again. */
const BLOCK_LINES = 250;
/** A cell that goes on for longer has a quotation mark that nobody meant. */
const LONGEST_ROW_LINES = 100;

interface Block {
  readonly rows: readonly CsvRow[];
  /** Lines that the rows take up. */
  readonly taken: number;
  /** Why it went no further. */
  readonly error?: CsvError;
}

/** Rows from the lines, the first of which has number `firstLine`. Lines that are empty make no row. */
export async function* csvRows(
  lines: AsyncIterable<readonly string[]>,
  delimiter: string,
  firstLine: number,
): AsyncGenerator<readonly CsvRow[]> {
  let waiting: readonly string[] = [];
  let line = firstLine;
  for await (const more of lines) {
    for (let from = 0; from < more.length; from += BLOCK_LINES) {
      waiting = waiting.concat(more.slice(from, from + BLOCK_LINES));
      const { rows, taken } = rowsOf(waiting, delimiter, line, false);
      waiting = waiting.slice(taken);
      line += taken;
      if (rows.length > 0) yield rows;
    }
  }
  const { rows } = rowsOf(waiting, delimiter, line, true);
  if (rows.length > 0) yield rows;
}

/** At the end of a block a row may go on in the next one; at the end of the file it may not. */
function rowsOf(lines: readonly string[], delimiter: string, firstLine: number, atEnd: boolean): Block {
  const rows: CsvRow[] = [];
  let taken = 0;
  while (taken < lines.length) {
    const block = parseBlock(lines.slice(taken), delimiter, firstLine + taken);
    for (const row of block.rows) rows.push(row);
    taken += block.taken;
    if (block.error === undefined) break;
    const goesOn = block.error.code === 'CSV_QUOTE_NOT_CLOSED' && lines.length - taken < LONGEST_ROW_LINES;
    if (goesOn && !atEnd) break;
    rows.push(mended(lines[taken] ?? '', delimiter, firstLine + taken, block.error));
    taken++;
  }
  return { rows, taken };
}

function parseBlock(lines: readonly string[], delimiter: string, firstLine: number): Block {
  const rows: CsvRow[] = [];
  let taken = 0;
  const upToNext = (at: number): number => {
    let next = at;
    while (next < lines.length && lines[next]?.trim() === '') next++;
    return next;
  };
  taken = upToNext(0);
  try {
    parse(lines.join('\n'), {
      ...csvOptions(delimiter),
      on_record: (cells: string[], { lines: lastLine }) => {
        if (cells.some((cell) => cell !== '')) rows.push({ line: firstLine + taken, cells });
        taken = upToNext(lastLine);
        return null;
      },
    });
    return { rows, taken: lines.length };
  } catch (error) {
    if (error instanceof CsvError) return { rows, taken, error };
    throw error;
  }
}

function csvOptions(delimiter: string) {
  return {
    delimiter,
    record_delimiter: '\n',
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: 0,
  };
}

/** Quotation marks within a cell without quotation marks around it are text, such as inches; others are broken. */
function mended(text: string, delimiter: string, line: number, error: CsvError): CsvRow {
  const cells = relaxedCells(text, delimiter);
  if (error.code === 'INVALID_OPENING_QUOTE' && cells !== undefined) return { line, cells };
  const broken =
    error.code === 'CSV_QUOTE_NOT_CLOSED'
      ? 'a quotation mark opens here and is not closed'
      : 'a quotation mark stands where none may: within a cell, write it twice';
  return { line, cells: cells ?? guessed(text, delimiter), broken };
}

function guessed(text: string, delimiter: string): readonly string[] {
  return text.split(delimiter).map((cell) => cell.trim().replace(/^"|"$/gu, ''));
}

function relaxedCells(text: string, delimiter: string): readonly string[] | undefined {
  try {
    return parse(text, { ...csvOptions(delimiter), relax_quotes: true })[0];
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}

/** The cells of one line, as far as they can be told. */
export function cellsOfLine(line: string, delimiter: string): readonly string[] {
  return relaxedCells(line, delimiter) ?? guessed(line, delimiter);
}
