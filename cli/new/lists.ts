/**
 * The lists that name every aggregate, and the line that a new one has in each; and the views' shape, which changes with
 * it. All lines are about the example, and are renamed like the templates. A list that has moved is an error before
 * anything is written.
 */
import { type Names, renamed } from './names.ts';

interface Line {
  /** Where: behind the last match of a pattern, or as the last entry of the braces that this text opens. */
  readonly behind: RegExp | string;
  readonly line: string;
}

const LAST_IMPORT = /^import .*;$/gm;
const SHAPE = /\bSHAPE = '(\d+)'/;

export const LISTS: Readonly<Record<string, readonly Line[]>> = {
  'domain/index.ts': [
    { behind: LAST_IMPORT, line: "import { supplier } from './supplier.ts';" },
    { behind: /^export \* from .*;$/gm, line: "export * from './supplier.ts';" },
    { behind: 'aggregates = named({', line: 'suppliers: supplier' },
  ],
  'projectors/documents.ts': [
    { behind: LAST_IMPORT, line: "import { type SupplierDoc, suppliers } from './suppliers.ts';" },
    {
      behind: /^export \{.*\} from .*;$/gm,
      line: "export { SUPPLIERS, type SupplierDoc, supplierDocument } from './suppliers.ts';",
    },
    {
      behind: 'type Documents = OfEachAggregate<{',
      line: 'readonly suppliers: SupplierDoc;',
    },
    { behind: 'Readonly<Record<ShownName, EntityProjector>> = {', line: 'suppliers' },
  ],
  'resolvers/index.ts': [
    { behind: LAST_IMPORT, line: "import { suppliers } from './suppliers.ts';" },
    { behind: 'modulesOfAggregates = {', line: 'suppliers' },
  ],
  'web/src/graph/kinds.ts': [
    {
      behind: LAST_IMPORT,
      line: `import { AddSupplierDocument, RemoveSupplierDocument, RenameSupplierDocument, SupplierChangedDocument,
        SupplierDocument, SupplierFieldsFragmentDoc } from '../gql/graphql';`,
    },
    {
      behind: 'export const kinds = {',
      line: `Supplier: {
        plural: 'suppliers',
        title: 'Suppliers',
        listedFor: 'STAFF',
        toldTo: 'STAFF',
        canBeAdded: true,
        fields: SupplierFieldsFragmentDoc,
        one: SupplierDocument,
        changed: SupplierChangedDocument,
        commands: {
          addSupplier: { title: 'Add supplier', document: AddSupplierDocument, leavesNoneIfRejected: true },
          renameSupplier: { title: 'Rename supplier', document: RenameSupplierDocument },
          removeSupplier: { title: 'Remove supplier', document: RemoveSupplierDocument },
        },
      }`,
    },
  ],
};

/** The list's file with all its lines. @throws when there is no place for one of them */
export function withLines(path: string, text: string, names: Names): string {
  let result = text;
  for (const { behind, line } of LISTS[path] ?? []) {
    const entry = renamed(line, names);
    const added = typeof behind === 'string' ? inBraces(result, behind, entry) : behindLast(result, behind, entry);
    if (added === undefined) {
      throw new Error(`${path}: there is no ${behind} to put a new aggregate's line behind; mend cli/new/lists.ts`);
    }
    result = added;
  }
  // A new view is a new shape of the views: see docs/changing-records.md.
  return result.replace(SHAPE, (_, number) => `SHAPE = '${Number(number) + 1}'`);
}

function behindLast(text: string, pattern: RegExp, line: string): string | undefined {
  const last = [...text.matchAll(pattern)].at(-1);
  if (last === undefined) return undefined;
  const end = last.index + last[0].length;
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`;
}

/** Braces within strings are counted too: they come in pairs. */
function inBraces(text: string, opening: string, entry: string): string | undefined {
  const found = text.indexOf(opening);
  if (found === -1) return undefined;
  let open = 0;
  for (let index = found + opening.length - 1; index < text.length; index++) {
    if (text[index] === '{') open++;
    if (text[index] === '}' && --open === 0) {
      const before = text.slice(0, index).trimEnd();
      const separator = /[{,;]$/.test(before) ? '' : ',';
      return `${before}${separator}\n  ${entry}${text.slice(index)}`;
    }
  }
  return undefined;
}
