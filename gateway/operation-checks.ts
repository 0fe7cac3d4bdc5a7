/** What a valid operation must meet before it is executed, the same over all transports. */
import { type DocumentNode, type GraphQLSchema, type OperationDefinitionNode, OperationTypeNode } from 'graphql';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import { commandsOf, countOf } from './commands-of.ts';
import { checkCost } from './cost.ts';
import { checkInputText } from './input-text.ts';
import type { Rates } from './rates.ts';
import { checkVariables, withDefaults } from './variables.ts';
import { checkWritten } from './written-bytes.ts';

export interface CheckedBy {
  readonly schema: GraphQLSchema;
  readonly rates: Rates;
}

export interface AskedBy {
  readonly viewer: ViewerIdentity;
  /** Where a visitor is told apart from others by it. */
  readonly address: string | undefined;
  /** Charges what the operation costs, as soon as that is known. */
  charge(cost: number): void;
}

/** @returns the operation's cost @throws {GraphQLError} for what is more than one may ask for, or holds what no input may */
export function checkOperation(
  { schema, rates }: CheckedBy,
  { viewer, address, charge }: AskedBy,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  sent: Readonly<Record<string, unknown>> | null | undefined,
): number {
  const isMutation = operation.operation === OperationTypeNode.MUTATION;
  const variables = withDefaults(operation, sent);
  const commands = isMutation ? commandsOf(document, operation, variables) : [];
  rates.operation(viewer, address, operation.operation, countOf(commands));
  checkInputText(document, sent);
  checkVariables(schema, operation, sent);
  const cost = checkCost(schema, document, operation, variables);
  charge(cost);
  if (isMutation) rates.written(viewer, address, checkWritten(commands, variables));
  return cost;
}
