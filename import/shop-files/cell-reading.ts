/** What is made of one cell: a value, or what is wrong with it. */

/** `problem` stands behind the cell in quotation marks: `"cheap" is not a price`. */
export type CellReading<T> = { readonly value: T } | { readonly problem: string };

export type CellReader<T> = (text: string) => CellReading<T>;

/** Excel's way to keep a text from becoming a number: `="00123"`. */
const TEXT_FORMULA = /^="(.*)"$/su;
/**
 * An apostrophe before what a spreadsheet would run as a formula, put there by programs that write CSV safely, `counterfoil export`
 * among them. Where one stood there before, they put one more.
 */
const FORMULA_GUARD = /(?<=^|[\r\n\t,;])'(?='*[=+\-@\t\r＝＋－＠])/gu;

/** The text that a cell holds, without what only spreadsheets need. `NULL` and nothing are both `undefined`, as in exports of SQL Server. */
export function cellText(raw: string | undefined): string | undefined {
  const text = (raw ?? '').trim().replace(TEXT_FORMULA, '$1').replace(FORMULA_GUARD, '').trim();
  return text === '' || text === 'NULL' ? undefined : text;
}
