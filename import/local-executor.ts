/** The GraphQL schema in this process: the same documents and the same errors, without a network between. */
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getOperationAST,
  type OperationTypeNode,
  parse,
  subscribe,
} from 'graphql';
import { dataOfResult, type Executor, OperationFailed } from './executor.ts';

export interface LocalOptions {
  readonly schema: GraphQLSchema;
  /** Made anew for every operation. */
  context(): unknown;
  /** What clients are told of an error: what may be tried again is told by its code alone. */
  formatError(error: unknown, operation?: OperationTypeNode): GraphQLFormattedError;
}

export function createLocalExecutor({ schema, context, formatError }: LocalOptions): Executor {
  const documents = new Map<string, DocumentNode>();

  function parsed(text: string): DocumentNode {
    const document = documents.get(text) ?? parse(text);
    documents.set(text, document);
    return document;
  }

  /** As it would have come over the network. */
  function told({ data, errors }: ExecutionResult, document: DocumentNode) {
    const kind = getOperationAST(document)?.operation;
    return { data, errors: errors?.map((error) => formatError(error, kind)) };
  }

  return {
    async execute(operation, variableValues = {}) {
      const document = parsed(operation.document);
      const result = await execute({ schema, document, variableValues, contextValue: context() });
      return dataOfResult(operation, told(result, document));
    },
    async *subscribe(operation, variableValues, signal) {
      const document = parsed(operation.document);
      const results = await subscribe({ schema, document, variableValues, contextValue: context() });
      if (!(Symbol.asyncIterator in results)) {
        yield dataOfResult(operation, told(results, document));
        return;
      }
      const end = () => void results.return(undefined);
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      try {
        for await (const result of results as AsyncIterable<ExecutionResult>) {
          yield dataOfResult(operation, told(result, document));
        }
      } catch (error) {
        if (error instanceof OperationFailed) throw error;
        const { message, extensions } = formatError(error);
        throw new OperationFailed(message, typeof extensions?.['code'] === 'string' ? extensions['code'] : undefined);
      } finally {
        signal.removeEventListener('abort', end);
      }
    },
    now: Date.now,
  };
}
