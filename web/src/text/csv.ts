/** Lines of a CSV file (RFC 4180) that a spreadsheet opens without running anything in it. */

/**
 * Formula injection: spreadsheets run cells that begin with these characters; an apostrophe before them keeps them text.
 * After a line break or semicolon as well: a program that reads those as separators, quotes or not, begins a cell there.
 */
const FORMULAS = /(?<=^|[\r\n;])(?=[=+\-@\t\r])/g;

function cell(value: string | number | null): string {
  const raw = value === null ? '' : String(value);
  const text = typeof value === 'string' ? raw.replace(FORMULAS, "'") : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Cells as one line, without its end. */
export const csvLine = (cells: readonly (string | number | null)[]): string => cells.map(cell).join(',');
