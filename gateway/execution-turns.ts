/**
 * Cooperative execution: graphql-js resolves all fields of an answer in one go, however wide it is, and nobody else is served
 * meanwhile. Here each element of a list, and each object that was waited for, lets others go first when the time slice of its
 * operation is over. Cost is estimated before execution and may be far too low, as with lists that are longer than usual;
 * this holds whatever the estimate says.
 */
import { type GraphQLFieldResolver, type GraphQLSchema, getNamedType, isLeafType, isObjectType } from 'graphql';
import { TimeSlice } from '../waiting/time-slice.ts';

type Resolver = GraphQLFieldResolver<unknown, unknown>;

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
      if (value instanceof Promise) return value.then((waited: unknown) => turns.ofWaited(waited));
      return Array.isArray(value) ? turns.ofList(value) : value;
    };
  }

  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isLeafType(getNamedType(field.type)) && field.resolve) field.resolve = inTurns(field.resolve);
    }
  }
  return schema;
}

class Turns {
  readonly #slice = new TimeSlice();
  #waiting: (() => void)[] = [];
  #running = false;

  ofWaited(value: unknown): unknown {
    if (Array.isArray(value)) return this.ofList(value);
    const turn = this.#turn();
    return turn === undefined ? value : turn.then(() => value);
  }

  /** The same elements as promises, each kept until those before it have been begun, and its turn has come. */
  ofList(elements: readonly unknown[]): readonly unknown[] {
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
