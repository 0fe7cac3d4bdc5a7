/** Reads the fields of rows, and tells of those that are wrong where they stand. */
import { type CellReader, cellText } from './cell-reading.ts';
import type { Columns } from './columns.ts';
import type { CsvRow } from './csv-rows.ts';
import { REPLACEMENT } from './encodings.ts';
import type { Field } from './fields.ts';
import type { Place, Staging } from './staging.ts';
import type { TableFile } from './table-file.ts';

/** Of a cell, in messages. */
const LONGEST_SHOWN = 80;
/** A decimal comma without quotation marks in a file with commas makes two cells of one: `21` and `50`. */
const WHOLE = /^\d+$/u;
const TWO_DIGITS = /^\d{1,2}$/u;
const DECIMALS: readonly Field[] = ['price', 'unitPrice', 'discount'];

export class RowReader {
  readonly #staging: Staging;
  readonly #file: number;
  readonly #columns: Columns;
  readonly #table: TableFile;
  readonly #lastRead: number;
  #row: CsvRow = { line: 0, cells: [] };
  #problems = 0;
  /** Which cell stands where is not known. */
  #isGuess = false;

  constructor(staging: Staging, file: number, columns: Columns, table: TableFile) {
    this.#staging = staging;
    this.#file = file;
    this.#columns = columns;
    this.#table = table;
    this.#lastRead = Math.max(...columns.at.values());
  }

  /** Turns to a row, and tells of what is wrong with it as a whole. */
  begin(row: CsvRow): void {
    this.#row = row;
    this.#problems = 0;
    this.#isGuess = false;
    if (row.broken !== undefined) this.refuse(undefined, row.broken);
    else if (this.#isShifted()) {
      this.refuse(
        undefined,
        `it has ${row.cells.length} columns, and the header ${this.#columns.width}: put quotation marks around cells with a comma`,
      );
    }
    this.#isGuess = this.failed;
  }

  get place(): Place {
    return { file: this.#file, line: this.#row.line };
  }

  /** Whether the row has had a problem. */
  get failed(): boolean {
    return this.#problems > 0;
  }

  has(field: Field): boolean {
    return this.#columns.at.has(field);
  }

  /** `undefined`: told as a problem. */
  required<T>(field: Field, read: CellReader<T>): T | undefined {
    const before = this.#problems;
    const value = this.optional(field, read);
    if (value === undefined && this.#problems === before && !this.#isGuess) this.refuse(field, 'it is empty');
    return value;
  }

  /** `undefined`: the cell is empty, or a problem that was told. */
  optional<T>(field: Field, read: CellReader<T>): T | undefined {
    if (this.#isGuess) return undefined;
    const text = this.#text(field);
    if (text === undefined) return undefined;
    if (text.includes(REPLACEMENT)) {
      this.refuse(
        field,
        `${shown(text)} holds a character that is lost: it is not ${this.#table.encoding}, see --encoding`,
      );
      return undefined;
    }
    const result = read(text);
    if ('value' in result) return result.value;
    this.refuse(field, `${shown(text)} ${result.problem}`);
    return undefined;
  }

  /** The id of the order that a row belongs to, for rows that are left out with it. A guess where quotation marks are broken. */
  guess(field: Field, read: CellReader<string>): string | undefined {
    const text = this.#text(field);
    const result = text === undefined ? undefined : read(text);
    return result !== undefined && 'value' in result ? result.value : undefined;
  }

  refuse(field: Field | undefined, text: string): void {
    this.#problems++;
    const at = field === undefined ? undefined : this.#columns.at.get(field);
    this.#staging.addProblem(this.place, at === undefined ? null : (this.#columns.header[at] ?? null), text);
  }

  /** The problem in a few words, as the reason why others are left out. */
  get reason(): string {
    return `see ${this.#staging.nameOf(this.place)}`;
  }

  #text(field: Field): string | undefined {
    const at = this.#columns.at.get(field);
    return at === undefined ? undefined : cellText(this.#row.cells[at]);
  }

  /**
   * A row may be longer than the header where columns that are not read stand behind all that are: Northwind's addresses hold commas
   * without quotation marks. Empty cells at its end are nothing, as long as no cell before them looks like half of a decimal.
   */
  #isShifted(): boolean {
    const { cells } = this.#row;
    const { width, at, hasProblems, header } = this.#columns;
    const end = hasProblems ? header.length : width;
    if (cells.length <= end) return false;
    if (this.#lastRead === width - 1) return cells.slice(end).some((cell) => cell.trim() !== '');
    return DECIMALS.some((field) => {
      const column = at.get(field);
      if (column === undefined || this.#table.delimiter !== ',') return false;
      return WHOLE.test(cells[column] ?? '') && TWO_DIGITS.test(cells[column + 1] ?? '');
    });
  }
}

function shown(text: string): string {
  return JSON.stringify(text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text);
}
