/**
 * Estimates how many fields an operation resolves: each counts one, times the `first` of the pages that it stands in. It
 * needs the variables, so it is no validation rule. A subscription's cost is that of one event.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql';
import { DEFAULT_PAGE, LARGEST_PAGE } from '../resolvers/connection.ts';
import { prefixesOf, termsOf } from '../views/words.ts';
import { givenCommands } from './commands-of.ts';
import { MAX_VALUE_DEPTH } from './document-limits.ts';
import { introspectionCounter } from './introspection-limits.ts';
import { MAX_COST, tooMuch } from './limits.ts';
import { withDefaults } from './variables.ts';

/** Elements of a list that is no page: a purchase's lines, a transaction's steps. */
const SHORT_LIST = 5;
/** A word that is searched for costs as much as so many fields: each is looked up by itself, among all documents. */
const WORD_COST = 100;
/** What an entity was is folded from its events. */
const PAST_COST = 500;
/** The same where the events of all that is on the page are folded together. */
const STATE_COST = 20;
/** Longer text is refused by the filters: counting its words would be work for nothing. */
const LONGEST_COUNTED = 1_000;

type Variables = Readonly<Record<string, unknown>>;

/** @returns the cost @throws {GraphQLError} `LIMIT_EXCEEDED` */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables | null | undefined,
): number {
  const cost = costOf(schema, document, operation, variables ?? {});
  if (cost > MAX_COST) {
    throw tooMuch(`the operation may resolve ${cost} fields; at most ${MAX_COST} are allowed: ask for fewer at a time`);
  }
  return cost;
}

/**
 * The document must be valid: fragments that spread themselves would not end.
 * @throws {GraphQLError} `LIMIT_EXCEEDED` for introspection that answers too much
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  sent: Variables,
): number {
  const variables = withDefaults(operation, sent);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  // Remembered: fragments that each spread the next one twice would take 2^n visits.
  const ofFragment = new Map<string, number>();
  // Remembered as well: one long variable can be given to each of many fields.
  const ofInputs = new WeakMap<object, number>();
  const introspection = introspectionCounter(schema, fragments, (field) => {
    const name = field.arguments?.find((argument) => argument.name.value === 'name')?.value;
    return name && given(name);
  });

  function ofSelections(type: GraphQLNamedType | undefined, selections: SelectionSetNode): number {
    let sum = 0;
    for (const node of selections.selections) {
      if (node.kind === Kind.FIELD) sum += ofField(type, node);
      else if (node.kind === Kind.FRAGMENT_SPREAD) sum += ofSpread(node.name.value);
      else {
        const on = node.typeCondition ? schema.getType(node.typeCondition.name.value) : type;
        sum += ofSelections(on, node.selectionSet);
      }
    }
    return sum;
  }

  function ofSpread(name: string): number {
    const fragment = fragments.get(name);
    if (fragment === undefined) return 0;
    let cost = ofFragment.get(name);
    if (cost === undefined) {
      cost = ofSelections(schema.getType(fragment.typeCondition.name.value), fragment.selectionSet);
      ofFragment.set(name, cost);
    }
    return cost;
  }

  function ofField(type: GraphQLNamedType | undefined, node: FieldNode): number {
    if (node.name.value.startsWith('__')) return node.selectionSet === undefined ? 1 : introspection.add(node);
    const own = 1 + ofArguments(node) + (type?.name === 'LogRecord' && node.name.value === 'state' ? STATE_COST : 0);
    if (node.selectionSet === undefined) return own;
    const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
    const inner = ofSelections(field && getNamedType(field.type), node.selectionSet);
    return own + inner * times(field, node);
  }

  function ofArguments(node: FieldNode): number {
    return (node.arguments ?? []).reduce((sum, { name, value }) => sum + ofInput(name.value, given(value), 0), 0);
  }

  /** What the resolver's own work grows with: elements of lists, and words that are searched for. */
  function ofInput(name: string, value: unknown, depth: number): number {
    if (name === 'text' && typeof value === 'string') {
      return WORD_COST * prefixesOf(termsOf(value.slice(0, LONGEST_COUNTED))).length;
    }
    if (value !== null && value !== undefined && depth === 0 && /^(asOf|version)$/.test(name)) return PAST_COST;
    if (typeof value !== 'object' || value === null) return 0;
    if (depth > MAX_VALUE_DEPTH) throw tooMuch(`an input goes more than ${MAX_VALUE_DEPTH} lists and objects deep`);
    let cost = ofInputs.get(value);
    if (cost === undefined) {
      cost = Array.isArray(value) ? value.length : 0;
      for (const [key, each] of Object.entries(value)) cost += ofInput(key, each, depth + 1);
      ofInputs.set(value, cost);
    }
    return cost;
  }

  /** What is given for an argument: its literal, or the variables in it. */
  function given(value: ValueNode): unknown {
    return valueFromASTUntyped(value, variables);
  }

  function times(field: GraphQLField<unknown, unknown> | undefined, node: FieldNode): number {
    const page = field?.args.find(({ name }) => name === 'first');
    const commands = givenCommands(node, variables);
    // The bulk mutation answers each command with an element.
    if (commands !== undefined) return Math.max(1, commands.length);
    if (page === undefined) {
      const isList = field !== undefined && isListType(getNullableType(field.type));
      // `nodes` and `edges` were counted with the page that they are of.
      return isList && !/^(nodes|edges)$/.test(node.name.value) ? SHORT_LIST : 1;
    }
    const asked = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    const size = (asked && given(asked)) ?? page.defaultValue ?? DEFAULT_PAGE;
    // An empty page counts as one row: its counts and sums are worked out all the same.
    return typeof size === 'number' && size >= 0 ? Math.max(1, Math.min(size, LARGEST_PAGE)) : LARGEST_PAGE;
  }

  return ofSelections(schema.getRootType(operation.operation) ?? undefined, operation.selectionSet);
}
