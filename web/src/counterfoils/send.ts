/** Sends a command, and follows its transaction. Knows the network; keeps no state. */
import { CombinedGraphQLErrors, ServerError } from '@apollo/client';
import { type ReceiptFieldsFragment, type TransactionFieldsFragment, TransactionOnDocument } from '../gql/graphql';
import { client, errorCode } from '../graph/client';
import { documentOf, type Order } from '../graph/kinds';
import { hasEnded } from '../text/has-ended';

export type Sent =
  | { readonly kind: 'receipt'; readonly receipt: ReceiptFieldsFragment }
  /** Whether it was written is not known: to be sent again with the same key. */
  | { readonly kind: 'unreached' }
  /** Nothing was written, and sending it again as it is would change nothing. */
  | { readonly kind: 'not-accepted'; readonly problem: string };

/** Codes under which the server may or may not have written the command. */
const UNCERTAIN: ReadonlySet<string | null> = new Set(['UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'UNAUTHENTICATED']);

/** Sends a command once. Never throws: what became of it is in the answer. */
export async function send(order: Order, idempotencyKey: string): Promise<Sent> {
  try {
    const { data } = await client.mutate({
      mutation: documentOf(order),
      variables: { input: { ...order.input, idempotencyKey } },
      fetchPolicy: 'no-cache',
    });
    return data ? { kind: 'receipt', receipt: data.receipt } : { kind: 'unreached' };
  } catch (error) {
    if (CombinedGraphQLErrors.is(error)) {
      if (UNCERTAIN.has(errorCode(error))) return { kind: 'unreached' };
      return { kind: 'not-accepted', problem: error.errors.map(({ message }) => message).join(' ') };
    }
    const notAccepted =
      ServerError.is(error) && error.statusCode >= 400 && error.statusCode < 500 && error.statusCode !== 401;
    return notAccepted ? { kind: 'not-accepted', problem: error.message } : { kind: 'unreached' };
  }
}

export interface Follower {
  next(transaction: TransactionFieldsFragment): void;
  /** The server knows no such transaction (any more). */
  gone(): void;
  /** The stream broke off before its end. */
  broken(): void;
}

/** Follows a transaction to its end; a lost network is bridged by the socket, which subscribes again. */
export function follow(id: string, follower: Follower): () => void {
  let ended = false;
  const subscription = client
    .subscribe({ query: TransactionOnDocument, variables: { id }, fetchPolicy: 'no-cache' })
    .subscribe({
      next: ({ data, error }) => {
        if (data) {
          ended = hasEnded(data.transaction.status);
          follower.next(data.transaction);
        } else if (errorCode(error) === 'NOT_FOUND') {
          ended = true;
          follower.gone();
        }
      },
      error: () => {
        if (!ended) follower.broken();
      },
      complete: () => {
        if (!ended) follower.broken();
      },
    });
  return () => subscription.unsubscribe();
}
