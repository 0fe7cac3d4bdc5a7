/** What is wrong in shop files, and where. */

export interface Problem {
  readonly file: string;
  /** From 1; left out for what is wrong with the file as a whole. */
  readonly line?: number;
  /** The header of the column. */
  readonly column?: string;
  readonly text: string;
}

/** `orders.csv, line 7, column Qty: "x" is not a whole number` */
export function describeProblem({ file, line, column, text }: Problem): string {
  const place = [file, line === undefined ? '' : `line ${line}`, column === undefined ? '' : `column ${column}`];
  return `${place.filter((part) => part !== '').join(', ')}: ${text}`;
}
