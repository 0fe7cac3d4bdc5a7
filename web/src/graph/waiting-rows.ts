/** What a newer reading of a list would change for a reader who is in the middle of it. */

/** Rows fetched at once: the most that the server gives (`first`). */
export const ROWS_AT_ONCE = 100;

interface Row {
  readonly id: string;
}

interface Reading {
  readonly edges: readonly { readonly node: Row }[];
}

/** Whether the reading can be shown at once: every row it has stands where it stood. */
export function sameOrder(rows: readonly Row[], fresh: Reading): boolean {
  if (fresh.edges.length < Math.min(ROWS_AT_ONCE, rows.length)) return false;
  return rows.length > 0 && fresh.edges.every((edge, index) => edge.node.id === rows[index]?.id);
}

/** How many rows of the reading are not among `rows`; `'order'` when only the order differs, or rows have gone. */
export function countNew(rows: readonly Row[], fresh: Reading): number | 'order' {
  const shown = new Set(rows.map((row) => row.id));
  const count = fresh.edges.filter((edge) => !shown.has(edge.node.id)).length;
  return count === 0 ? 'order' : count;
}
