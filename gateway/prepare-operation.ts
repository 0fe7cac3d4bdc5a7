/** Makes an operation out of what a WebSocket's message holds: parsed, within the limits, valid, and known by its name. */
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import { type AllowList, notAllowed } from './allow-list.ts';
import { checkDocument } from './document-limits.ts';
import { MAX_TOKENS, MAX_VALIDATION_ERRORS } from './limits.ts';

interface PreparedOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variableValues: Record<string, unknown> | null;
}

/** Errors for the client in place of an operation. */
class Refused extends Error {
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[], code: string) {
    super('refused');
    this.errors = errors;
    for (const error of errors) error.extensions['code'] ??= code;
  }
}

export interface DocumentChecks {
  readonly schema: GraphQLSchema;
  readonly allowList: AllowList;
  /** What a document must keep to beside GraphQL's own rules. */
  readonly rules: readonly ValidationRule[];
}

/**
 * The same checks, in the same order, as an operation over HTTP passes.
 * @throws {Refused} for what is no GraphQL, does not fit the schema, or names no operation
 * @throws {GraphQLError} `LIMIT_EXCEEDED`, `OPERATION_NOT_ALLOWED`
 */
export function prepareOperation(
  { schema, rules, allowList }: DocumentChecks,
  { query, operationName, variables }: SubscribePayload,
): PreparedOperation {
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    throw new Refused([asGraphql(error)], 'GRAPHQL_PARSE_FAILED');
  }
  checkDocument(document);
  if (!allowList.has(document)) throw notAllowed();
  const wrong = validate(schema, document, [...specifiedRules, ...rules], { maxErrors: MAX_VALIDATION_ERRORS });
  if (wrong.length > 0) throw new Refused(wrong, 'GRAPHQL_VALIDATION_FAILED');
  const operation = getOperationAST(document, operationName);
  if (!operation) {
    const message = operationName
      ? `there is no operation named "${operationName}"`
      : 'operationName must say which to run';
    throw new Refused([new GraphQLError(message)], 'OPERATION_RESOLUTION_FAILURE');
  }
  return { schema, document, operation, operationName: operationName ?? null, variableValues: variables ?? null };
}

/** What was thrown, as errors for the client. */
export function errorsFor(error: unknown): readonly GraphQLError[] {
  return error instanceof Refused ? error.errors : [asGraphql(error)];
}

function asGraphql(error: unknown): GraphQLError {
  if (error instanceof GraphQLError) return error;
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError });
}
