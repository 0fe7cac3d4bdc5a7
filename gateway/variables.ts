/** The variables of an operation, looked at before it is executed. */
import {
  coerceInputValue,
  type GraphQLSchema,
  isInputType,
  type OperationDefinitionNode,
  typeFromAST,
  valueFromASTUntyped,
} from 'graphql';
import { tooMuch } from './limits.ts';

type Variables = Readonly<Record<string, unknown>>;

/** Characters of the values that do not fit, each as often as graphql-js would tell of it. */
const MOST_TOLD = 20_000;

/** Those that were given, and the defaults of the others. */
export function withDefaults(
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables | null | undefined,
): Variables {
  const defaults = variableDefinitions.flatMap(({ variable, defaultValue }) =>
    defaultValue === undefined ? [] : [[variable.name.value, valueFromASTUntyped(defaultValue)] as const],
  );
  // Without a prototype: `constructor` is the name of no variable that was not given.
  return Object.assign(Object.create(null), Object.fromEntries(defaults), variables);
}

/**
 * Of variables that do not fit their types, graphql-js tells up to fifty mistakes, each with the whole value that it is in: of one
 * object with many unknown fields, 50 times what was sent, which takes seconds to put together. What takes little is left to it.
 * @throws {GraphQLError} `LIMIT_EXCEEDED`
 */
export function checkVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Variables | null | undefined,
): void {
  const lengths = new WeakMap<object, number>();
  let told = 0;

  function lengthOf(value: unknown): number {
    if (typeof value !== 'object' || value === null) return String(value).length;
    const length = lengths.get(value) ?? JSON.stringify(value).length;
    lengths.set(value, length);
    return length;
  }

  for (const { variable, type: named } of variableDefinitions) {
    const name = variable.name.value;
    const type = typeFromAST(schema, named);
    if (!isInputType(type) || variables === null || variables === undefined || !Object.hasOwn(variables, name))
      continue;
    coerceInputValue(variables[name], type, (_path, value, { message }) => {
      told += lengthOf(value) + message.length;
      if (told <= MOST_TOLD) return;
      throw tooMuch(`$${name} does not fit its type, in more than can be told: ${message.slice(0, 200)}`);
    });
  }
}
