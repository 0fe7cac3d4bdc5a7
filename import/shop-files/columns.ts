/** Finds the columns of a file by its header. */
import type { ColumnMap } from './column-map.ts';
import { COLUMN_NAMES, type Field, type FileKind, headerKey, isField, NEEDED, PROBLEM_COLUMN } from './fields.ts';

export interface Columns {
  readonly kind: FileKind;
  /** Where each field stands; those that are not there are left out. */
  readonly at: ReadonlyMap<Field, number>;
  readonly header: readonly string[];
  /** Number of columns that have a header, without those at the end that have none, and without `problem`. */
  readonly width: number;
  /** The file holds rows that `--skip-invalid` had left out. */
  readonly hasProblems: boolean;
}

export function findColumns(kind: FileKind, header: readonly string[], map: ColumnMap): Columns {
  const keys = header.map(headerKey);
  const at = new Map<Field, number>();
  const taken = new Set<number>();
  const take = (field: Field, index: number): void => {
    if (index === -1 || at.has(field) || taken.has(index)) return;
    at.set(field, index);
    taken.add(index);
  };
  for (const mapped of map) {
    if (Object.hasOwn(COLUMN_NAMES[kind], mapped.field) && (mapped.kind ?? kind) === kind) {
      take(mapped.field, keys.indexOf(headerKey(mapped.header)));
    }
  }
  for (const [field, names] of Object.entries(COLUMN_NAMES[kind])) {
    if (!isField(field)) continue;
    for (const name of names) take(field, keys.indexOf(name));
  }
  const problemAt = keys.lastIndexOf(PROBLEM_COLUMN);
  const named = keys.map((key, index) => (key !== '' && index !== problemAt ? index + 1 : 0));
  return { kind, at, header, width: Math.max(0, ...named), hasProblems: problemAt !== -1 };
}

/** What a file of its kind needs and this one does not have, as texts. */
export function missingColumns({ kind, at }: Columns): readonly string[] {
  return NEEDED[kind].filter((fields) => !fields.some((field) => at.has(field))).map((fields) => fields.join(' or '));
}

/** A field whose column stands twice in the header. */
export function doubledColumn({ at, header }: Columns): string | undefined {
  const keys = header.map(headerKey);
  const doubled = [...at.values()].find((index) => keys.indexOf(keys[index] ?? '', index + 1) !== -1);
  return doubled === undefined ? undefined : header[doubled];
}
