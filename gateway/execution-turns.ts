/**
 * Cooperative execution: graphql-js resolves all fields of an answer in one go, however wide it is, and nobody else is served
 * meanwhile. Here each element of a list, and each object that was waited for, lets others go first when the time slice of its
 * operation is over. Cost is estimated before execution and may be far too low, as with lists that are longer than usual;
 * this holds whatever the estimate says.
 */
import {
  type FieldNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { turnsOf } from '../waiting/turns.ts';
import { operationIn } from './gateway-context.ts';
import { type Resolver, wrapFields } from './wrap-fields.ts';

/** Elements of lists within the elements of a list, at most: of a purchase's lines. */
const LONGEST_INNER_LIST = 500;

/** Changes the fields of the schema in place that yield objects. One operation, or one event, takes its turns as one. */
export function takeTurns(schema: GraphQLSchema): GraphQLSchema {
  function inTurns(resolve: Resolver): Resolver {
    return (source, args, context, info) => {
      const value: unknown = resolve(source, args, context, info);
      const turns = turnsOf(operationIn(context));
      if (value instanceof Promise) return value.then((waited: unknown) => turns.ofWaited(waited, () => widthOf(info)));
      return Array.isArray(value) ? turns.ofList(value, widthOf(info)) : value;
    };
  }

  return wrapFields(schema, (resolve, { type }) => (isLeafType(getNamedType(type)) ? resolve : inTurns(resolve)));
}

const widths = new WeakMap<FieldNode, number>();

/** How many fields each element of a list may have, with all that is within it. */
function widthOf({ fieldNodes, fragments }: GraphQLResolveInfo): number {
  const [first] = fieldNodes;
  const known = first && widths.get(first);
  if (known !== undefined) return known;
  const ofFragment = new Map<string, number>();

  function ofSelections({ selections }: SelectionSetNode): number {
    let sum = 0;
    for (const node of selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) sum += ofSpread(node.name.value);
      else if (node.kind === Kind.INLINE_FRAGMENT) sum += ofSelections(node.selectionSet);
      else sum += 1 + (node.selectionSet === undefined ? 0 : LONGEST_INNER_LIST * ofSelections(node.selectionSet));
    }
    return sum;
  }

  function ofSpread(name: string): number {
    const seen = ofFragment.get(name);
    if (seen !== undefined) return seen;
    const fragment = fragments[name];
    const width = fragment === undefined ? 0 : ofSelections(fragment.selectionSet);
    ofFragment.set(name, width);
    return width;
  }

  const width = fieldNodes.reduce((sum, { selectionSet }) => sum + (selectionSet ? ofSelections(selectionSet) : 0), 0);
  if (first !== undefined) widths.set(first, width);
  return width;
}
