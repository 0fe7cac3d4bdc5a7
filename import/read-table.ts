/** Reads one CSV file row by row, and says of what is wrong in it where it stands: file, line and column. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { ImportFailed } from './failure.ts';

/** `NULL` and nothing at all are both null, as in exports of SQL Server. */
export interface TableRow {
  readonly fileAndLine: string;
  /** The column's text as `schema` reads it. @throws {ImportFailed} naming file, line and column */
  get<T>(column: string, schema: z.ZodType<T, string | null>): T;
  /** @throws {ImportFailed} always, naming file, line and column */
  refuse(column: string, problem: string): never;
}

const rows = z.array(z.object({ record: z.record(z.string(), z.string()), info: z.object({ lines: z.number() }) }));

/** Rows may be longer than the header: Northwind's addresses hold commas that are not quoted, behind all that is read. */
export async function readTable(
  directory: string,
  file: string,
  columns: readonly string[],
): Promise<readonly TableRow[]> {
  const path = join(directory, file);
  const text = await readText(path);
  const parsed = rows.parse(
    tryToParse(file, () =>
      parse(text, {
        bom: true,
        columns: (header: string[]) => checkHeader(file, header, columns),
        info: true,
        relax_column_count_more: true,
        skip_empty_lines: true,
      }),
    ),
  );
  return parsed.map(({ record, info: { lines } }): TableRow => {
    const fileAndLine = `${file}, line ${lines}`;
    const refuse = (column: string, problem: string): never => {
      throw new ImportFailed(`${fileAndLine}, column ${column}: ${problem}`);
    };
    return {
      fileAndLine,
      refuse,
      get: (column, schema) => {
        const value = record[column] ?? '';
        const read = schema.safeParse(value === '' || value === 'NULL' ? null : value);
        if (read.success) return read.data;
        return refuse(column, `${JSON.stringify(value.slice(0, 80))} is not ${read.error.issues[0]?.message}`);
      },
    };
  });
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = missing ? 'there is no such file' : String(error instanceof Error ? error.message : error);
    throw new ImportFailed(`${path} cannot be read: ${reason}; import wants a folder with ${basename(path)} in it`);
  }
}

function checkHeader(file: string, header: readonly string[], columns: readonly string[]): string[] {
  const missing = columns.find((column) => !header.includes(column));
  if (missing === undefined) return [...header];
  throw new ImportFailed(
    `${file}, line 1, column ${missing}: it is missing; the header must name ${columns.join(', ')}`,
  );
}

function tryToParse(file: string, run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (error instanceof ImportFailed || !(error instanceof Error)) throw error;
    const [line, column] = [numberOf(error, 'lines'), numberOf(error, 'index')];
    const place = [file, line === undefined ? '' : `line ${line}`, column === undefined ? '' : `column ${column + 1}`];
    throw new ImportFailed(`${place.filter(Boolean).join(', ')}: it is not CSV: ${error.message}`);
  }
}

function numberOf(error: Error, property: string): number | undefined {
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'number' ? value : undefined;
}
