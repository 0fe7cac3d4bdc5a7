/** Which files an import reads: the four tables of a folder, or one file of its own, which may be a flat order export. */
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { ImportFailed } from '../failure.ts';
import type { ColumnMap } from './column-map.ts';
import { type Columns, doubledColumn, findColumns, missingColumns } from './columns.ts';
import { headerKey, kindOfName } from './fields.ts';
import type { Problem } from './problems.ts';
import { openTable, type TableFile } from './table-file.ts';

export interface ShopFile {
  readonly table: TableFile;
  readonly columns: Columns;
}

export interface FoundFiles {
  readonly files: readonly ShopFile[];
  /** What is wrong with a file as a whole: it cannot be read row by row. */
  readonly problems: readonly Problem[];
  readonly notices: readonly string[];
}

export interface FindOptions {
  readonly encoding?: string | undefined;
  readonly map: ColumnMap;
}

const ENDINGS = new Set(['.csv', '.tsv', '.txt']);
const WANTED = 'customers, products, orders and order-details, or one file with a row for each line of an order';

/** @throws {ImportFailed} when there is no such file or folder, or nothing in it that could be read */
export async function findFiles(path: string, options: FindOptions): Promise<FoundFiles> {
  const { names, folder, ignored } = await candidates(path);
  const kinds = names.map(kindOf);
  const isApart = kinds.includes('orders') && kinds.includes('lines');
  const files: ShopFile[] = [];
  const problems: Problem[] = [];
  const notices = ignored.map((name) => `${name}: not read, its name is none of ${WANTED}`);
  for (const name of names) {
    const opened = await open(join(folder, name), options, isApart);
    if ('text' in opened) problems.push(opened);
    else {
      notices.push(...opened.table.notices);
      const problem = headerProblem(opened) ?? sameKind(opened, files);
      if (problem === undefined) files.push(opened);
      else problems.push(problem);
    }
  }
  if (problems.length === 0) problems.push(...unpaired(files), ...unmatched(files, options.map));
  return { files, problems, notices };
}

interface Candidates {
  readonly folder: string;
  readonly names: readonly string[];
  readonly ignored: readonly string[];
}

async function candidates(path: string): Promise<Candidates> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new ImportFailed(`${path} cannot be read: there is no such file or folder`);
  if (!found.isDirectory()) return { folder: join(path, '..'), names: [basename(path)], ignored: [] };
  const tables = (await readdir(path)).filter((name) => ENDINGS.has(extname(name).toLowerCase())).sort();
  const [known, unknown] = [
    tables.filter((name) => kindOf(name) !== undefined),
    tables.filter((name) => kindOf(name) === undefined),
  ];
  if (known.length > 0) return { folder: path, names: known, ignored: unknown };
  // An export has the name that the shop's program gave it.
  if (unknown.length === 1) return { folder: path, names: unknown, ignored: [] };
  throw new ImportFailed(`${path} has no files to import: it wants ${WANTED} (.csv, .tsv or .txt)`);
}

function kindOf(name: string) {
  return kindOfName(basename(name, extname(name)));
}

async function open(path: string, { encoding, map }: FindOptions, isApart: boolean): Promise<ShopFile | Problem> {
  const file = basename(path);
  try {
    const table = await openTable(
      path,
      encoding,
      map.map(({ header }) => header),
    );
    return { table, columns: columnsOf(file, table.header, map, isApart) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { file, text: error.message };
  }
}

/** Orders and their lines may stand in one file, whatever it is called, unless there are files of both. */
function columnsOf(name: string, header: readonly string[], map: ColumnMap, isApart: boolean): Columns {
  const kind = kindOf(name);
  if (kind === 'customers' || kind === 'products') return findColumns(kind, header, map);
  const flat = findColumns('flat', header, map);
  const isFlat = kind === undefined || (!isApart && missingColumns(flat).length === 0);
  return isFlat ? flat : findColumns(kind, header, map);
}

function headerProblem({ table, columns }: ShopFile): Problem | undefined {
  const place = { file: table.name, line: table.headerLine };
  const [missing] = missingColumns(columns);
  if (missing !== undefined) {
    const has = table.header.map((cell) => JSON.stringify(cell)).join(', ');
    return {
      ...place,
      text: `the column ${missing} is missing; the header has ${has}: --map tells what stands for it`,
    };
  }
  const doubled = doubledColumn(columns);
  return doubled === undefined ? undefined : { ...place, column: doubled, text: 'it stands twice in the header' };
}

function sameKind({ table, columns }: ShopFile, files: readonly ShopFile[]): Problem | undefined {
  const other = files.find((file) => file.columns.kind === columns.kind);
  if (other === undefined) return undefined;
  return { file: table.name, text: `${other.table.name} holds ${columns.kind} too: import one after the other` };
}

/** Orders without their lines, or the other way round. */
function unpaired(files: readonly ShopFile[]): readonly Problem[] {
  const [orders, lines] = (['orders', 'lines'] as const).map((kind) =>
    files.find(({ columns }) => columns.kind === kind),
  );
  if (orders !== undefined && lines === undefined) {
    return [
      {
        file: orders.table.name,
        text: 'there is no file of order-details beside it, and it has no columns of products',
      },
    ];
  }
  if (lines === undefined || orders !== undefined) return [];
  return [
    {
      file: lines.table.name,
      text: 'there is no file of orders beside it, and it has no columns of dates and customers',
    },
  ];
}

/** Headers that `--map` names and no file has: most likely mistyped. */
function unmatched(files: readonly ShopFile[], map: ColumnMap): readonly Problem[] {
  const headers = files.flatMap(({ table }) => table.header.map(headerKey));
  return map
    .filter(({ header }) => !headers.includes(headerKey(header)))
    .map(({ field, header }) => ({
      file: '--map',
      text: `no file has the column ${JSON.stringify(header)} for ${field}`,
    }));
}
