/** Writes the rows that are left out, each with what is wrong with it, so that they can be mended and imported in turn. */
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ImportFailed } from '../failure.ts';
import { cellText } from './cell-reading.ts';
import { readId } from './cells.ts';
import type { CsvRow } from './csv-rows.ts';
import { headerKey, PROBLEM_COLUMN } from './fields.ts';
import type { ShopFile } from './find-files.ts';
import type { Place, Staging } from './staging.ts';

/** Spreadsheets take a file without it for one in the system's old encoding. */
const BYTE_ORDER_MARK = '\ufeff';

/** Reads the files again, and copies what has a problem or belongs to an order that has. Returns the number of rows. */
export async function writeLeftOut(staging: Staging, files: readonly ShopFile[], target: string): Promise<number> {
  if ((await stat(target).catch(() => undefined)) !== undefined) {
    throw new ImportFailed(`${target} is there already: name another file for what is left out, or remove it`);
  }
  const [only] = files;
  if (only !== undefined && files.length === 1) return await copyRows(staging, 0, only, target);
  await mkdir(target, { recursive: true });
  let rows = 0;
  for (const [number, file] of files.entries()) {
    rows += await copyRows(staging, number, file, join(target, file.table.name));
  }
  return rows;
}

async function copyRows(staging: Staging, number: number, { table, columns }: ShopFile, path: string): Promise<number> {
  const problemAt = problemColumn(table.header);
  const line = (cells: readonly string[], problem: string): string => {
    const own = cells.filter((_, at) => at !== problemAt);
    const width = table.header.length - (problemAt === -1 ? 0 : 1);
    const padded = Array.from({ length: width }, (_, at) => own[at] ?? '');
    // Cells that the header has no column for go behind it, as they stood.
    return `${[...padded, problem, ...own.slice(width)].map((cell) => quoted(cell, table.delimiter)).join(table.delimiter)}\n`;
  };
  let rows = 0;
  let file: Awaited<ReturnType<typeof open>> | undefined;
  try {
    for await (const block of table.rows()) {
      let text = '';
      for (const row of block) {
        const reason = reasonOf(staging, { file: number, line: row.line }, orderOf(row, columns.at.get('orderId')));
        if (reason === undefined) continue;
        text += line(row.cells, reason);
        rows++;
      }
      if (text === '') continue;
      // Made only when there is something to write. `wx`: never over another file.
      if (file === undefined) {
        file = await open(path, 'wx');
        await file.write(BYTE_ORDER_MARK + line(table.header, PROBLEM_COLUMN));
      }
      await file.write(text);
    }
  } finally {
    await file?.close();
  }
  return rows;
}

function orderOf({ cells }: CsvRow, at: number | undefined): string | undefined {
  const text = at === undefined ? undefined : cellText(cells[at]);
  const id = text === undefined ? undefined : readId(text);
  return id !== undefined && 'value' in id ? id.value : undefined;
}

/** What is wrong with the row itself, or why its order is left out; `undefined`: it is imported. */
function reasonOf({ database }: Staging, { file, line }: Place, order: string | undefined): string | undefined {
  const own = database.all<[string | null, string]>(
    'SELECT header, text FROM problem WHERE file = ? AND line = ?',
    ...[file, line],
  );
  if (own.length > 0) return own.map(([header, text]) => (header === null ? text : `${header}: ${text}`)).join('; ');
  if (order === undefined) return undefined;
  const [reason] =
    database.first<[string]>(`SELECT reason FROM left_out WHERE entity = 'order' AND id = ?`, order) ?? [];
  return reason === undefined ? undefined : `left out with its order: ${reason}`;
}

function problemColumn(header: readonly string[]): number {
  return header.map(headerKey).lastIndexOf(PROBLEM_COLUMN);
}

function quoted(cell: string, delimiter: string): string {
  return cell.includes(delimiter) || /["\r\n]/u.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
