/** The variables of an operation, looked at before it is executed. */
import { type OperationDefinitionNode, valueFromASTUntyped } from 'graphql';

type Variables = Readonly<Record<string, unknown>>;

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
