/**
 * Reads a list page by page and makes the text of an export of it. No more than a page is in memory. The order is that of a
 * keyset, so a page can be asked for again, also of another server: an export outlives a restart.
 */
import { documentOf } from './document.ts';
import type { ExportKind } from './kinds.ts';
import type { Node } from './selection.ts';
import { type ExportFormat, tableOf } from './table.ts';

/** Nodes asked for at once: the most that the server gives. */
export const LARGEST_EXPORT_PAGE = 200;

export interface ExportPage {
  readonly nodes: readonly Node[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  /** Of the first page alone. */
  readonly totalCount?: number | undefined;
}

export interface ExportVariables {
  /** As the filter's type in the schema has it. */
  readonly filter: Readonly<Record<string, unknown>>;
  readonly first: number;
  readonly after: string | null;
  readonly count: boolean;
}

/** Where pages come from. */
export interface ExportSource {
  /** Asks again by itself for what may pass, such as a server that restarts. */
  ask(document: string, variables: ExportVariables): Promise<ExportPage>;
  /** Whether fewer nodes at once may be answered: an answer has a largest size, and purchases may have many lines. */
  isTooLarge(error: unknown): boolean;
}

export interface ExportRequest {
  /** Of one list: each has a text of its own, made of the same pages. */
  readonly kinds: readonly ExportKind[];
  readonly format: ExportFormat;
  readonly filter: ExportVariables['filter'];
}

/** What a page adds. */
export interface ExportPart {
  /** A text for each kind. */
  readonly texts: readonly string[];
  /** Nodes read so far, and how many there were at the beginning. */
  readonly done: number;
  readonly total: number;
}

/** The parts of an export, which is whole when they end. @throws what the source throws: then it is not whole */
export async function* readExport(
  source: ExportSource,
  { kinds, format, filter }: ExportRequest,
): AsyncGenerator<ExportPart, void, undefined> {
  const document = documentOf(kinds, format);
  const tables = kinds.map((kind) => tableOf(kind, format));
  let first = LARGEST_EXPORT_PAGE;
  let after: string | null = null;
  let done = 0;
  let total = 0;
  for (;;) {
    const begins = after === null;
    let page: ExportPage;
    try {
      page = await source.ask(document, { filter, first, after, count: begins });
    } catch (error) {
      if (first === 1 || !source.isTooLarge(error)) throw error;
      first = Math.ceil(first / 2);
      continue;
    }
    const { nodes, pageInfo, totalCount } = page;
    done += nodes.length;
    total = Math.max(total, totalCount ?? 0, done);
    yield { texts: tables.map((table) => (begins ? table.header : '') + table.textOf(nodes)), done, total };
    if (!pageInfo.hasNextPage) return;
    // It would be read for ever.
    if (pageInfo.endCursor === null || pageInfo.endCursor === after) throw new Error('the server gave no next page');
    after = pageInfo.endCursor;
  }
}
