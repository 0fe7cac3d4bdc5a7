/** Lines of a CSV file (RFC 4180) that a spreadsheet opens without running anything in it. */

/** Spreadsheets run cells that begin with these as formulas; a leading apostrophe keeps them text. */
const FORMULA = /^[=+\-@\t\r]/;

function cell(value: string | number | null): string {
  const raw = value === null ? '' : String(value);
  const text = typeof value === 'string' && FORMULA.test(raw) ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Cells as one line, without its end. */
export const csvLine = (cells: readonly (string | number | null)[]): string => cells.map(cell).join(',');
