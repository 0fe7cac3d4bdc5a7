/** Writes all purchases that match a search into a CSV file (RFC 4180), one row per line of a purchase. */
import { PurchasesDocument, type PurchasesQueryVariables } from '../gql/graphql';
import { client } from '../graph/client';
import { ROWS_AT_ONCE } from '../graph/waiting-rows';
import { csvLine } from '../text/csv';
import { HEADER, rowsOf } from './purchase-rows';

/** `onRead` is told how many purchases have been read. */
export async function exportPurchases(
  search: Pick<PurchasesQueryVariables, 'filter' | 'sort'>,
  onRead: (done: number) => void,
): Promise<void> {
  const rows: string[] = [csvLine(HEADER)];
  let after: string | null = null;
  let done = 0;
  for (;;) {
    const variables: PurchasesQueryVariables = { ...search, first: ROWS_AT_ONCE, after, counts: false };
    const { data } = await client.query({ query: PurchasesDocument, variables, fetchPolicy: 'no-cache' });
    if (data === undefined) throw new Error('the server gave no answer');
    for (const { node } of data.purchases.edges) rows.push(...rowsOf(node).map(csvLine));
    done += data.purchases.edges.length;
    onRead(done);
    if (!data.purchases.pageInfo.hasNextPage) break;
    after = data.purchases.pageInfo.endCursor;
  }
  // The mark at the beginning tells spreadsheets that the file is UTF-8.
  const url = URL.createObjectURL(new Blob(['\ufeff', rows.join('\r\n'), '\r\n'], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `purchases-${new Date().toISOString().slice(0, 10)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
