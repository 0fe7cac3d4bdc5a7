/** Paths of fields as a tree: what a GraphQL document selects, and what is taken of a node. */

export type Node = Readonly<Record<string, unknown>>;

/** Fields by name; a leaf has none within it. */
export type Selection = ReadonlyMap<string, Selection>;

type Growing = Map<string, Growing>;

export function selectionOf(paths: Iterable<string>): Selection {
  const selection: Growing = new Map();
  for (const path of paths) {
    let at = selection;
    for (const name of path.split('.')) {
      const within: Growing = at.get(name) ?? new Map();
      at.set(name, within);
      at = within;
    }
  }
  return selection;
}

/** The fields as GraphQL has them: `id customer { id }`. */
export function printSelection(selection: Selection): string {
  return [...selection]
    .map(([name, within]) => (within.size === 0 ? name : `${name} { ${printSelection(within)} }`))
    .join(' ');
}

/** The same value with the selected fields alone: a client may have added some, such as `__typename`. */
export function picked(value: unknown, selection: Selection): unknown {
  if (selection.size === 0 || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => picked(element, selection));
  return Object.fromEntries([...selection].map(([name, within]) => [name, picked(Reflect.get(value, name), within)]));
}

/** The value at a path such as `customer.firstName`; undefined where there is none. */
export function valueAt(node: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, name) => (value === undefined ? value : Reflect.get(Object(value), name)), node);
}
