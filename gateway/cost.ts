/**
 * Estimates how many fields an operation resolves: each counts one, times the `first` of the pages that it stands in. It
 * needs the variables, so it is no validation rule.
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
} from 'graphql';
import { DEFAULT_PAGE, LARGEST_PAGE } from '../resolvers/connection.ts';
import { MAX_COST, tooMuch } from './limits.ts';

/** Elements of a list that is no page: a purchase's lines, a transaction's steps. */
const SHORT_LIST = 5;

type Variables = Readonly<Record<string, unknown>>;

/** @throws {GraphQLError} `LIMIT_EXCEEDED` */
export function checkCost(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables | null | undefined,
): void {
  const cost = costOf(schema, document, operation, variables ?? {});
  if (cost > MAX_COST) {
    throw tooMuch(`the operation may resolve ${cost} fields; at most ${MAX_COST} are allowed: ask for fewer at a time`);
  }
}

/** The document must be valid: fragments that spread themselves would not end. */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  // Remembered: fragments that each spread the next one twice would take 2^n visits.
  const ofFragment = new Map<string, number>();

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
    if (node.selectionSet === undefined || node.name.value.startsWith('__')) return 1;
    const field = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
    const inner = ofSelections(field && getNamedType(field.type), node.selectionSet);
    return 1 + inner * times(field, node);
  }

  function times(field: GraphQLField<unknown, unknown> | undefined, node: FieldNode): number {
    const page = field?.args.find(({ name }) => name === 'first');
    if (page === undefined) {
      const isList = field !== undefined && isListType(getNullableType(field.type));
      // `nodes` and `edges` were counted with the page that they are of.
      return isList && !/^(nodes|edges)$/.test(node.name.value) ? SHORT_LIST : 1;
    }
    const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    let size: unknown = page.defaultValue ?? DEFAULT_PAGE;
    if (given?.kind === Kind.INT) size = Number(given.value);
    else if (given?.kind === Kind.VARIABLE) size = variables[given.name.value] ?? defaultOf(given.name.value) ?? size;
    return typeof size === 'number' && size >= 0 ? Math.min(size, LARGEST_PAGE) : LARGEST_PAGE;
  }

  function defaultOf(variable: string): number | undefined {
    const value = operation.variableDefinitions?.find((known) => known.variable.name.value === variable)?.defaultValue;
    return value?.kind === Kind.INT ? Number(value.value) : undefined;
  }

  return ofSelections(schema.getRootType(operation.operation) ?? undefined, operation.selectionSet);
}
