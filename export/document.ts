/** The GraphQL documents of exports. A server that takes the operations of a list alone has them on its list. */
import { type ExportKind, exportKinds } from './kinds.ts';
import { printSelection, selectionOf } from './selection.ts';
import { type ExportFormat, fieldsOf } from './table.ts';

/** A page of a list, with all the fields that these kinds need. @param kinds of one list @throws {RangeError} for several lists */
export function documentOf(kinds: readonly ExportKind[], format: Pick<ExportFormat, 'as'>): string {
  const [list, ...others] = new Set(kinds.map((kind) => kind.list));
  if (list === undefined || others.length > 0) throw new RangeError('an export reads one list');
  const fields = printSelection(selectionOf(kinds.flatMap((kind) => fieldsOf(kind, format))));
  // Counted once: the count of a search takes longer than a page of it.
  return `query Export($filter: ${list.filterType}, $first: Int!, $after: String, $count: Boolean!) {
  page: ${list.field}(filter: $filter, sort: { by: ${list.sortBy}, direction: ASC }, first: $first, after: $after) {
    nodes { ${fields} }
    pageInfo { hasNextPage endCursor }
    totalCount @include(if: $count)
  }
}`;
}

/** What `export all` reads of purchases: orders and their lines in one go, so that they are of the same moment. */
export const ordersWithLines: readonly ExportKind[] = [exportKinds.purchases, exportKinds.lines];

/** All documents that exports send. */
export function exportDocuments(): readonly string[] {
  const alone = Object.values(exportKinds).map((kind) => [kind]);
  const documents = (['csv', 'ndjson'] as const).flatMap((as) =>
    [...alone, ordersWithLines].map((kinds) => documentOf(kinds, { as })),
  );
  return [...new Set(documents)];
}
