/**
 * Reads a shop's files whole and tells all that is wrong in them, before anything is sent. Memory stays flat: rows wait in a temporary
 * database until it is known which of them can be imported.
 */
import { basename, extname, resolve } from 'node:path';
import { ImportFailed } from './failure.ts';
import type { ShopData } from './shop-data.ts';
import { dateReader } from './shop-files/cells.ts';
import { checkOrders, forgetLeftOut, leaveOutDependents } from './shop-files/check-orders.ts';
import type { ColumnMap } from './shop-files/column-map.ts';
import type { DateFormat } from './shop-files/date-formats.ts';
import type { DecimalMark } from './shop-files/decimals.ts';
import { checkEncoding } from './shop-files/encodings.ts';
import { customerReader, lineReader, orderReader, productReader, type ReadRow } from './shop-files/entity-readers.ts';
import { type FoundFiles, findFiles, type ShopFile } from './shop-files/find-files.ts';
import { flatReader } from './shop-files/flat-reader.ts';
import { describeProblem, type Problem } from './shop-files/problems.ts';
import { RowReader } from './shop-files/row-reader.ts';
import { createStagedData } from './shop-files/staged-data.ts';
import { Staging } from './shop-files/staging.ts';
import { writeLeftOut } from './shop-files/write-left-out.ts';

export interface ReadOptions {
  /** Sets these ids apart from those of other shops. Default: the name of the folder, or of the file without its ending. */
  readonly dataSet?: string | undefined;
  readonly map?: ColumnMap | undefined;
  /** Of all files. Default: detected. */
  readonly encoding?: string | undefined;
  readonly dateFormat?: DateFormat | undefined;
  /** Default: told by each number itself; one that can be read in two ways is a problem. */
  readonly decimal?: DecimalMark | undefined;
  /** Customers and products that orders name and the files do not hold have been imported before. */
  readonly partial?: boolean | undefined;
  /** Ends the reading; what was aborted is thrown. */
  readonly signal?: AbortSignal | undefined;
  /** ISO 8601 UTC: no order is of later. Default: the clock's. */
  readonly now?: string | undefined;
}

export interface LeftOut {
  /** That were written. */
  readonly rows: number;
  readonly orders: number;
}

/** What was read. Holds a temporary database until it is closed. */
export interface ShopFiles {
  readonly dataSet: string;
  readonly problemCount: number;
  /** In the order of files and lines, the first ones. */
  problems(most: number): readonly Problem[];
  /** What a user should know of how the files were read. */
  readonly notices: readonly string[];
  /** Some problem is not one of single rows, so none can be left out. */
  readonly isUnreadable: boolean;
  /**
   * Writes the rows with problems to `target`, and orders of which a row has one with all their rows; what is left can be
   * imported. The target is a file, or for a folder a folder with files of the same names; without one nothing is written.
   * @throws {ImportFailed} when it is there already
   */
  leaveOut(target: string | undefined): Promise<LeftOut>;
  /** What can be imported. @throws {ImportFailed} while there are problems whose rows were not left out */
  data(): ShopData;
  close(): void;
}

const MAX_DATA_SET = 64;

/** @throws {ImportFailed} when there is nothing that could be read */
export async function readShopFiles(path: string, options: ReadOptions = {}): Promise<ShopFiles> {
  const dataSet = dataSetOf(path, options.dataSet);
  const encoding = options.encoding === undefined ? undefined : checkEncoding(options.encoding);
  const found = await findFiles(path, { encoding, map: options.map ?? [] });
  const staging = new Staging();
  try {
    const made = await readFiles(found, staging, options);
    return shopFiles({ dataSet, found, staging, made });
  } catch (error) {
    staging.close();
    throw error;
  }
}

/** For files that are known to be good. @throws {ImportFailed} with the first problem */
export async function readShopData(path: string, options: ReadOptions = {}): Promise<ShopData> {
  const files = await readShopFiles(path, options);
  if (files.problemCount === 0) return files.data();
  const [first] = files.problems(1);
  files.close();
  const more = files.problemCount === 1 ? '' : `, and ${files.problemCount - 1} problems more`;
  throw new ImportFailed(`${first === undefined ? path : describeProblem(first)}${more}`);
}

function dataSetOf(path: string, told: string | undefined): string {
  const name = basename(resolve(path));
  const dataSet = (told ?? basename(name, extname(name))).trim();
  if (dataSet !== '' && dataSet.length <= MAX_DATA_SET && !/\p{Cc}/u.test(dataSet)) return dataSet;
  throw new ImportFailed(`--data-set must have 1 to ${MAX_DATA_SET} characters, and no control characters`);
}

/** What is made of orders, having no file of its own. */
interface Made {
  readonly customers: boolean;
  readonly products: boolean;
  readonly partial: boolean;
}

async function readFiles({ files, problems }: FoundFiles, staging: Staging, options: ReadOptions): Promise<Made> {
  const fileOf = (kind: ShopFile['columns']['kind']) => files.find(({ columns }) => columns.kind === kind)?.table.name;
  const flat = fileOf('flat');
  const made = {
    customers: flat !== undefined && fileOf('customers') === undefined,
    products: flat !== undefined && fileOf('products') === undefined,
    partial: options.partial ?? files.some(({ columns }) => columns.hasProblems),
  };
  const settings = {
    decimal: options.decimal,
    date: dateReader(options.dateFormat, options.now ?? new Date().toISOString()),
    makeCustomers: made.customers,
    makeProducts: made.products,
  };
  const readers: Readonly<Record<ShopFile['columns']['kind'], ReadRow>> = {
    customers: customerReader(staging),
    products: productReader(staging, settings),
    orders: orderReader(staging, settings),
    lines: lineReader(staging, settings),
    flat: flatReader(staging, settings),
  };
  for (const file of files) {
    await readFile(file, staging, readers[file.columns.kind], options.signal).catch((error: unknown) => {
      if (error instanceof ImportFailed)
        throw new ImportFailed(`${file.table.name}: ${error.message}`, { cause: error });
      throw error;
    });
  }
  const orders = fileOf('orders') ?? flat;
  const lines = fileOf('lines') ?? flat;
  // A file that cannot be read would make a problem of each row that refers to it.
  if (problems.length === 0) {
    checkOrders(staging, {
      customers: made.partial ? undefined : fileOf('customers'),
      products: made.partial ? undefined : fileOf('products'),
      orders: orders ?? 'a file of orders',
      lines: lines ?? 'a file of order-details',
    });
  }
  staging.finish();
  return made;
}

async function readFile(
  { table, columns }: ShopFile,
  staging: Staging,
  read: ReadRow,
  signal: AbortSignal | undefined,
): Promise<void> {
  const row = new RowReader(staging, staging.addFile(table.name), columns, table);
  let rows = 0;
  for await (const block of table.rows()) {
    signal?.throwIfAborted();
    rows += block.length;
    for (const each of block) {
      row.begin(each);
      read(row);
    }
  }
  if (rows === 0)
    staging.addProblem({ ...row.place, line: table.headerLine }, null, 'the file has a header and no rows');
}

interface ShopFilesParts {
  readonly dataSet: string;
  readonly found: FoundFiles;
  readonly staging: Staging;
  readonly made: Made;
}

function shopFiles({ dataSet, found, staging, made }: ShopFilesParts): ShopFiles {
  const problemCount = found.problems.length + staging.count('SELECT count(*) FROM problem');
  let leftOut = problemCount === 0;
  return {
    dataSet,
    problemCount,
    problems: (most) => [...found.problems, ...staging.problems(most)].slice(0, most),
    notices: found.notices,
    isUnreadable: found.problems.length > 0,
    async leaveOut(target) {
      leaveOutDependents(staging);
      const rows = target === undefined ? 0 : await writeLeftOut(staging, found.files, target);
      const orders = staging.count(`SELECT count(*) FROM left_out WHERE entity = 'order'`);
      forgetLeftOut(staging, made);
      leftOut = true;
      return { rows, orders };
    },
    data() {
      if (!leftOut) throw new ImportFailed('the files have problems: nothing of them can be imported');
      return createStagedData({ staging, dataSet, onlyIfNew: made.partial });
    },
    close: () => staging.close(),
  };
}
