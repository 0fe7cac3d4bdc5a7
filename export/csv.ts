/** Lines of a CSV file (RFC 4180) that a spreadsheet opens without running anything in it. */

/** A number as a decimal string, such as an amount of money: no text, so it is never taken for a formula. */
export interface Decimal {
  readonly decimal: string;
}
/** A moment, ISO 8601 in UTC. */
export interface Moment {
  readonly moment: string;
}
export type Cell = string | number | Decimal | Moment | null;

/** How cells are written. */
export interface CsvDialect {
  readonly separator: ',' | ';';
  readonly decimalMark: '.' | ',';
  /** Writes times as spreadsheets read them, `1996-07-04 00:00:00` in UTC without fractions; else as ISO 8601. */
  readonly spreadsheetTimes: boolean;
  /** A byte order mark at the beginning of the file: spreadsheets take a file without it for one in their system's old code page. */
  readonly byteOrderMark: boolean;
}

/** For programs. */
export const PLAIN: CsvDialect = { separator: ',', decimalMark: '.', spreadsheetTimes: false, byteOrderMark: false };
/** For spreadsheets. */
export const SPREADSHEET: CsvDialect = { ...PLAIN, spreadsheetTimes: true, byteOrderMark: true };
/** What spreadsheets expect where a comma stands before the decimals: no other separator can be told from it. */
export const DECIMAL_COMMA = { separator: ';', decimalMark: ',' } satisfies Partial<CsvDialect>;

const BYTE_ORDER_MARK = '\ufeff';
const LINE_END = '\r\n';

/**
 * Formula injection: spreadsheets run cells that begin with these characters, some also with their full-width forms; an apostrophe
 * before them keeps them text. After a line break, tab, comma or semicolon as well: a program that reads those as separators,
 * quotes or not, begins a cell there. Apostrophes that stand there already get one more, so that a reader can take one away.
 */
const FORMULAS = /(?<=^|[\r\n\t,;])(?='*[=+\-@\t\r＝＋－＠])/g;

/** What cannot stand alone between separators; and spaces at an end, which many readers drop. */
const QUOTED = /[",;\r\n\t]|^\s|\s$/;

function written(cell: Cell, dialect: CsvDialect): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  if (typeof cell === 'string') {
    const text = cell.replace(FORMULAS, "'");
    return QUOTED.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }
  if ('decimal' in cell) return cell.decimal.replace('.', dialect.decimalMark);
  return dialect.spreadsheetTimes ? cell.moment.replace(/T(\d\d:\d\d:\d\d).*$/, ' $1') : cell.moment;
}

/** Cells as one line, with its end. */
export function csvLine(cells: readonly Cell[], dialect: CsvDialect): string {
  return cells.map((cell) => written(cell, dialect)).join(dialect.separator) + LINE_END;
}

/** The line at the beginning of a file that names its columns. */
export function csvHeader(names: readonly string[], dialect: CsvDialect): string {
  return (dialect.byteOrderMark ? BYTE_ORDER_MARK : '') + csvLine(names, dialect);
}
