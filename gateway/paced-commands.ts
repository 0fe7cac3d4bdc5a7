/**
 * The commands of one mutation begin one after another, each when its user may have it: a mutation of ninety commands would
 * otherwise fill the queues of the processors at once, which everyone's commands stand in.
 */
import type { GraphQLSchema } from 'graphql';
import { operationIn } from './gateway-context.ts';

/** Resolves when the next command of an operation may begin. */
export type Pace = () => Promise<void>;

const paces = new WeakMap<object, Pace>();

/** @param operation what stands for it in its context */
export function setPace(operation: object, pace: Pace): void {
  paces.set(operation, pace);
}

/** Changes the fields of `Mutation` in place, each of which is a command. */
export function paceCommands(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const { resolve } = field;
    if (resolve === undefined) continue;
    field.resolve = async (source, args, context, info) => {
      await paces.get(operationIn(context))?.();
      return resolve(source, args, context, info);
    };
  }
  return schema;
}
