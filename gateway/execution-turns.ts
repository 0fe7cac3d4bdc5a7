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
import { TimeSlice } from '../waiting/time-slice.ts';
import { type Resolver, wrapFields } from './wrap-fields.ts';

/** A list of fewer fields than this is resolved in one go, within some ms: a promise for each element would cost more. */
const FEW_FIELDS = 2_000;
/** Elements of lists within the elements of a list, at most: of a purchase's lines. */
const LONGEST_INNER_LIST = 50;

/** Changes the fields of the schema in place that yield objects. One operation, or one event, is what has one context. */
export function takeTurns(schema: GraphQLSchema): GraphQLSchema {
  const ofOperation = new WeakMap<object, Turns>();

  function turnsOf(context: object): Turns {
    const turns = ofOperation.get(context) ?? new Turns();
    ofOperation.set(context, turns);
    return turns;
  }

  function inTurns(resolve: Resolver): Resolver {
    return (source, args, context, info) => {
      const value: unknown = resolve(source, args, context, info);
      if (typeof context !== 'object' || context === null) return value;
      const turns = turnsOf(context);
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

class Turns {
  readonly #slice = new TimeSlice();
  #waiting: (() => void)[] = [];
  #running = false;

  ofWaited(value: unknown, width: () => number): unknown {
    const elements = Array.isArray(value) ? this.ofList(value, width()) : value;
    if (elements !== value) return elements;
    const turn = this.#turn();
    return turn === undefined ? value : turn.then(() => value);
  }

  /**
   * The same elements as promises, each kept until those before it have been begun, and its turn has come.
   * @param width how many fields an element may have
   */
  ofList(elements: readonly unknown[], width: number): readonly unknown[] {
    if (elements.length * width < FEW_FIELDS) return elements;
    // A promise that waits here unheard could be rejected meanwhile, which would end the process.
    if (elements.length < 2 || elements.some((element) => element instanceof Promise)) return elements;
    let before = Promise.resolve();
    return elements.map((element) => {
      before = before.then(() => this.#turn());
      return before.then(() => element);
    });
  }

  /** Undefined: go on at once, the slice is not over. */
  #turn(): Promise<void> | undefined {
    if (!this.#running && !this.#slice.over()) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      await this.#slice.next();
      const waiting = this.#waiting;
      this.#waiting = [];
      let begun = 0;
      for (const begin of waiting) {
        if (this.#slice.over()) break;
        begin();
        begun += 1;
        // So many microtasks lie between a turn and the work that waits for it: only then does the clock tell what it took.
        // No nextTick: that would send a data loader off with what this one has asked for, alone.
        for (let hops = 0; hops < 4; hops += 1) await undefined;
      }
      this.#waiting = [...waiting.slice(begun), ...this.#waiting];
    }
    this.#running = false;
  }
}
