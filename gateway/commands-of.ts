/**
 * The commands that a mutation holds: each field at its root is one, and the bulk mutation as many as it is given. Rates, work
 * and what is written count commands, so that many in one field are as many as in fields of their own.
 */
import { type DocumentNode, type FieldNode, type OperationDefinitionNode, valueFromASTUntyped } from 'graphql';
import { MAX_COMMANDS, rootFieldNodes, tooMuch } from './limits.ts';

type Variables = Readonly<Record<string, unknown>>;

/** The argument of the bulk mutation, the only one of this name at the root. */
const COMMANDS = 'commands';

/** A field at the root of a mutation. */
export interface RootCommands {
  readonly node: FieldNode;
  /** The input of each command of the bulk mutation; undefined: the field is a command itself. */
  readonly inputs: readonly unknown[] | undefined;
}

/**
 * @param document valid @param variables with their defaults
 * @throws {GraphQLError} `LIMIT_EXCEEDED` for more commands than one request may hold
 */
export function commandsOf(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): readonly RootCommands[] {
  const fields = rootFieldNodes(document, operation).map((node) => ({ node, inputs: inputsOf(node, variables) }));
  const count = countOf(fields);
  if (count <= MAX_COMMANDS) return fields;
  throw tooMuch(`the mutation holds ${count} commands; at most ${MAX_COMMANDS} are allowed: send them in parts`);
}

/** How many commands there are in all. */
export function countOf(fields: readonly RootCommands[]): number {
  return fields.reduce((sum, { inputs }) => sum + (inputs?.length ?? 1), 0);
}

/** What the bulk mutation is given; one command alone need not stand in a list. Undefined: the field is none. */
export function givenCommands({ arguments: args }: FieldNode, variables: Variables): readonly unknown[] | undefined {
  const argument = args?.find(({ name }) => name.value === COMMANDS);
  if (argument === undefined) return undefined;
  const value = valueFromASTUntyped(argument.value, variables);
  return Array.isArray(value) ? value : [value];
}

function inputsOf(node: FieldNode, variables: Variables): readonly unknown[] | undefined {
  return givenCommands(node, variables)?.map(inputOf);
}

/** A command is an object of one field, which holds the input. */
function inputOf(command: unknown): unknown {
  return Object.values(Object(command))[0];
}
