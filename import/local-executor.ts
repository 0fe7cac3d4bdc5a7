/** The GraphQL schema in this process: the same documents, without a network between. */
import { type DocumentNode, type ExecutionResult, execute, type GraphQLSchema, parse, subscribe } from 'graphql';
import { dataOfResult, type Executor } from './executor.ts';

export interface LocalOptions {
  readonly schema: GraphQLSchema;
  /** Made anew for every operation. */
  context(): unknown;
}

export function createLocalExecutor({ schema, context }: LocalOptions): Executor {
  const documents = new Map<string, DocumentNode>();

  function parsed(text: string): DocumentNode {
    const document = documents.get(text) ?? parse(text);
    documents.set(text, document);
    return document;
  }

  return {
    async execute(operation, variableValues = {}) {
      const document = parsed(operation.document);
      return dataOfResult(operation, await execute({ schema, document, variableValues, contextValue: context() }));
    },
    async *subscribe(operation, variableValues, signal) {
      const document = parsed(operation.document);
      const results = await subscribe({ schema, document, variableValues, contextValue: context() });
      if (!(Symbol.asyncIterator in results)) {
        yield dataOfResult(operation, results);
        return;
      }
      const end = () => void results.return(undefined);
      if (signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      try {
        for await (const result of results as AsyncIterable<ExecutionResult>) yield dataOfResult(operation, result);
      } finally {
        signal.removeEventListener('abort', end);
      }
    },
    now: Date.now,
  };
}
