/** The page's way to the server: HTTP for queries and mutations, the WebSocket for subscriptions. */
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, ServerError } from '@apollo/client';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { basePath } from './base-path';
import { makeCache } from './cache';
import { session } from './session';
import { socket } from './socket';

const authorize = new SetContextLink(({ headers }) => {
  const authorization = session.authorization();
  return { headers: { ...headers, ...(authorization === null ? {} : { authorization }) } };
});

/** The first error code the server gave, such as UNAVAILABLE; null when it did not answer in GraphQL. */
export function errorCode(error: unknown): string | null {
  if (!CombinedGraphQLErrors.is(error)) return null;
  const code = error.errors[0]?.extensions?.['code'];
  return typeof code === 'string' ? code : 'UNKNOWN';
}

const notice401 = new ErrorLink(({ error }) => {
  if (errorCode(error) === 'UNAUTHENTICATED' || (ServerError.is(error) && error.statusCode === 401))
    session.notAccepted();
});

// Mutations are repeated by their counterfoils, which live longer than a request.
const retry = new RetryLink({
  delay: { initial: 250, max: 2_500, jitter: true },
  attempts: {
    max: 20,
    retryIf: (error, operation) =>
      operation.operationType === OperationTypeNode.QUERY &&
      // Taken back: nobody wants its answer any more.
      error.name !== 'AbortError' &&
      !CombinedGraphQLErrors.is(error) &&
      !(ServerError.is(error) && error.statusCode < 500),
  },
});

/** The one client of the page. */
export const client = new ApolloClient({
  cache: makeCache(),
  link: ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    ApolloLink.from([notice401, retry, authorize, new HttpLink({ uri: `${basePath}graphql` })]),
  ),
  defaultOptions: { watchQuery: { fetchPolicy: 'cache-and-network', nextFetchPolicy: 'cache-first' } },
});
