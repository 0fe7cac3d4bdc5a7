/** The text of an export: its beginning, and what each page of nodes adds to it. */
import { type Cell, type CsvDialect, csvHeader, csvLine } from './csv.ts';
import type { Column, ExportKind } from './kinds.ts';
import { type Node, picked, type Selection, selectionOf, valueAt } from './selection.ts';

/** CSV in a dialect, or NDJSON: a JSON object in each line, its fields as the API shows them. */
export type ExportFormat = { readonly as: 'csv'; readonly dialect: CsvDialect } | { readonly as: 'ndjson' };

export interface Table {
  /** What the file begins with, also one without rows. */
  readonly header: string;
  textOf(nodes: readonly Node[]): string;
}

/** The paths of the fields that an export is made of. */
export function fieldsOf({ columns, nested = [] }: ExportKind, { as }: Pick<ExportFormat, 'as'>): readonly string[] {
  const paths = columns.flatMap(({ fields }) => fields);
  return as === 'ndjson' ? [...paths, ...nested] : paths;
}

export function tableOf(kind: ExportKind, format: ExportFormat): Table {
  if (format.as === 'ndjson') {
    const selection = selectionOf(fieldsOf(kind, format));
    const text = (row: Node) => `${JSON.stringify(objectOf(row, kind, selection))}\n`;
    return { header: '', textOf: (nodes) => rowsOf(nodes, kind).map(text).join('') };
  }
  const { dialect } = format;
  const text = (row: Node) =>
    csvLine(
      kind.columns.map((column) => cellOf(column, row)),
      dialect,
    );
  return {
    header: csvHeader(
      kind.columns.map(({ name }) => name),
      dialect,
    ),
    textOf: (nodes) => rowsOf(nodes, kind).map(text).join(''),
  };
}

/** Rows of a list within the nodes: the node again for each element, which stands in the list's place. */
function rowsOf(nodes: readonly Node[], { rowsOf: list }: ExportKind): readonly Node[] {
  if (list === undefined) return nodes;
  return nodes.flatMap((node) => {
    const elements = node[list];
    return Array.isArray(elements) ? elements.map((element): Node => ({ ...node, [list]: element })) : [];
  });
}

/** A row as an object. What stands in a list's place has the list's name in the singular: `line`. */
function objectOf(row: Node, { rowsOf: list }: ExportKind, selection: Selection): unknown {
  const object = picked(row, selection);
  if (list === undefined) return object;
  const { [list]: element, ...rest } = Object(object);
  return { ...rest, [list.replace(/s$/, '')]: element };
}

function cellOf({ type, fields }: Column, row: Node): Cell {
  const values = fields.map((path) => valueAt(row, path)).filter((value) => value !== null && value !== undefined);
  const [value] = values;
  if (value === undefined) return null;
  switch (type) {
    case 'text':
      return values.length === 1 ? String(value) : values.join(' ').trim();
    case 'number':
      return Number(value);
    case 'decimal':
      return { decimal: String(value) };
    case 'time':
      return { moment: String(value) };
    case 'flag':
      return value === true ? 1 : 0;
  }
}
