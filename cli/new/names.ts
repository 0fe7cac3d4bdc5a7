/** The names of a new aggregate, and how they take the place of the example's in a template. */

export interface Names {
  /** `suppliers` */
  readonly plural: string;
  /** `supplier` */
  readonly singular: string;
}

const WORD = /^[a-z]{3,30}$/;
/** Words that are a name to nobody: the singular becomes a variable, the plural as well. */
const RESERVED = new Set(
  `break case catch class const continue debugger default delete else enum export extends false finally for function if
  import in instanceof new null return super switch this throw true try typeof var void while with let static yield await
  async implements interface package private protected public arguments eval undefined`.split(/\s+/),
);

/** What a template calls something of its own. */
const OF_TEMPLATES = new Set([
  'fields',
  'mutations',
  'queries',
  'subscriptions',
  'documents',
  'commands',
  'events',
  'states',
]);

/** Why this can be no name; undefined: it can. */
export function wrongWord(word: string): string | undefined {
  if (!WORD.test(word)) return `${word} is not a name: 3 to 30 lower-case letters, such as suppliers`;
  if (OF_TEMPLATES.has(word)) return `${word} has another meaning in the files that would be written`;
  return RESERVED.has(word) ? `${word} is a word of TypeScript's own` : undefined;
}

/**
 * The singular by the simplest rules of English: `parties` → `party`, `boxes` → `box`, `suppliers` → `supplier`.
 * Undefined for a word that none of them fits.
 */
export function singularOf(plural: string): string | undefined {
  if (plural.endsWith('ies')) return `${plural.slice(0, -3)}y`;
  if (/(ss|x|z|ch|sh)es$/.test(plural)) return plural.slice(0, -2);
  return /[^su]s$/.test(plural) ? plural.slice(0, -1) : undefined;
}

export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A template, or the path of one, with these names for the example's, in all the ways that a word is written. */
export function renamed(template: string, { plural, singular }: Names): string {
  const names: Readonly<Record<string, string>> = {
    suppliers: plural,
    Suppliers: capitalised(plural),
    SUPPLIERS: plural.toUpperCase(),
    supplier: singular,
    Supplier: capitalised(singular),
  };
  // Not whatever the case: the S of SupplierState is no plural's.
  return template.replaceAll(/suppliers?|Suppliers?|SUPPLIERS/g, (word) => names[word] ?? word);
}
