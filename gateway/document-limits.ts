/**
 * Limits on a document's size, checked between parsing and validation: graphql-js compares each pair of fields that have
 * the same name in the answer, so validation of a small document with many repetitions takes seconds.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { tooMuch } from './limits.ts';

/** Operations and fragments of a document. */
const MAX_DEFINITIONS = 50;
/** Fields of a document, counted again wherever a fragment with them is spread. */
export const MAX_FIELDS = 1_000;
/** How often one name in the answer may be asked for in one place: fragments that overlap do it a few times. */
export const MAX_REPETITIONS = 25;
export const MAX_DIRECTIVES = 100;
/** Lists and objects within each other in an argument. */
export const MAX_VALUE_DEPTH = 12;

/** What a selection set asks for, with all fragments in it. */
interface Asked {
  readonly fields: number;
  /** How often each name in the answer is asked for right here. */
  readonly names: ReadonlyMap<string, number>;
}

const NOTHING: Asked = { fields: 0, names: new Map() };

/**
 * Takes time in proportion to the document: each fragment is counted once, and counting ends at the first limit.
 * @param document parsed, and not validated yet: fragments may be missing or spread themselves
 * @throws {GraphQLError} `LIMIT_EXCEEDED`
 */
export function checkDocument(document: DocumentNode): void {
  const { definitions } = document;
  if (definitions.length > MAX_DEFINITIONS) {
    throw over('operations and fragments', MAX_DEFINITIONS);
  }
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const known = new Map<string, Asked>();
  let directives = 0;

  function countDirectives(node: { readonly directives?: readonly unknown[] | undefined }): void {
    directives += node.directives?.length ?? 0;
    if (directives > MAX_DIRECTIVES) throw over('directives', MAX_DIRECTIVES);
  }

  function askedBy({ selections }: SelectionSetNode): Asked {
    let fields = 0;
    const names = new Map<string, number>();
    const add = (name: string, times: number) => {
      const sum = (names.get(name) ?? 0) + times;
      if (sum > MAX_REPETITIONS) {
        throw tooMuch(`the document asks for "${name.slice(0, 80)}" more than ${MAX_REPETITIONS} times in one place`);
      }
      names.set(name, sum);
    };
    for (const node of selections) {
      countDirectives(node);
      // A spread counts as well: one of an empty or missing fragment is work for validation.
      fields += 1;
      if (node.kind === Kind.FIELD) {
        for (const argument of node.arguments ?? []) checkValue(argument.value);
        add((node.alias ?? node.name).value, 1);
        if (node.selectionSet !== undefined) fields += askedBy(node.selectionSet).fields;
      } else {
        const inner =
          node.kind === Kind.INLINE_FRAGMENT ? askedBy(node.selectionSet) : askedByFragment(node.name.value);
        fields += inner.fields;
        for (const [name, times] of inner.names) add(name, times);
      }
      if (fields > MAX_FIELDS) throw over('fields, those of fragments included', MAX_FIELDS);
    }
    return { fields, names };
  }

  function askedByFragment(name: string): Asked {
    const before = known.get(name);
    if (before !== undefined) return before;
    const fragment = fragments.get(name);
    if (fragment === undefined) return NOTHING;
    // A fragment that spreads itself is validation's to refuse; here it must only end.
    known.set(name, NOTHING);
    const asked = askedBy(fragment.selectionSet);
    known.set(name, asked);
    return asked;
  }

  let all = 0;
  for (const node of definitions) {
    if (node.kind !== Kind.OPERATION_DEFINITION && node.kind !== Kind.FRAGMENT_DEFINITION) continue;
    countDirectives(node);
    all += (node.kind === Kind.FRAGMENT_DEFINITION ? askedByFragment(node.name.value) : askedBy(node.selectionSet))
      .fields;
    if (all > MAX_FIELDS) throw over('fields, those of fragments included', MAX_FIELDS);
  }
}

function checkValue(value: ValueNode, depth = 0): void {
  if (depth > MAX_VALUE_DEPTH) throw tooMuch(`an argument goes more than ${MAX_VALUE_DEPTH} lists and objects deep`);
  if (value.kind === Kind.LIST) for (const each of value.values) checkValue(each, depth + 1);
  if (value.kind === Kind.OBJECT) for (const each of value.fields) checkValue(each.value, depth + 1);
}

function over(what: string, most: number): GraphQLError {
  return tooMuch(`the document has too many ${what}: at most ${most} are allowed`);
}
