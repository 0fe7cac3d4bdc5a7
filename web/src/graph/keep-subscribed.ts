/** A subscription for what no cache keeps, open for as long as somebody looks: one that ends is opened again. */
import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { client } from './client';

const AGAIN_AFTER_MS = 1_500;

export interface Subscribed<TData, TVariables extends OperationVariables> {
  readonly query: TypedDocumentNode<TData, TVariables>;
  readonly variables: TVariables;
  next(result: { readonly data?: TData | null | undefined; readonly error?: Error | undefined }): void;
  /** It has been asked for, each time. */
  opened?(): void;
}

/** @returns what ends it */
export function keepSubscribed<TData, TVariables extends OperationVariables>({
  query,
  variables,
  next,
  opened,
}: Subscribed<TData, TVariables>): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  const again = () => {
    timer = setTimeout(open, AGAIN_AFTER_MS);
  };
  const open = () => {
    const of = {
      // Apollo's types cannot follow variables of a generic type.
      query: query as TypedDocumentNode<TData, OperationVariables>,
      variables: variables as OperationVariables,
      fetchPolicy: 'no-cache',
    } as const;
    const subscription = client.subscribe<TData>(of).subscribe({ next, error: again, complete: again });
    stop = () => subscription.unsubscribe();
    opened?.();
  };
  open();
  return () => {
    clearTimeout(timer);
    stop();
  };
}
