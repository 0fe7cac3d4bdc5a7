/**
 * What changes on the server, as it changes: one subscription per kind for the whole page. Changes are gathered and put
 * into the cache together, a few times a second at most, so that a flood of them costs one repaint each time.
 */
import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { type Role, TransactionFieldsFragmentDoc, TransactionsOnDocument } from '../gql/graphql';
import { client, errorCode } from './client';
import { allKinds, definitionOf, type Kind, singularOf } from './kinds';
import { onGap } from './socket';
import { atLeast } from './viewer';

export type LiveKind = Kind | 'Transaction';
/** What changed, by kind and id; `'gap'` when changes may have been missed. */
export type LiveChange = ReadonlyMap<LiveKind, ReadonlyMap<string, Entity>> | 'gap';

const FLUSH_EVERY_MS = 60;
const AGAIN_AFTER_MS = 1_500;
/** A subscription does not say when it has begun: what is read again after so long is newer than its beginning. */
const BEGUN_AFTER_MS = 500;

/** What the page keeps of one of a kind. */
const fragmentOf = (kind: LiveKind) => ({
  fragment: (kind === 'Transaction' ? TransactionFieldsFragmentDoc : definitionOf(kind).fields) as TypedDocumentNode,
  fragmentName: `${kind}Fields`,
});

interface Entity {
  readonly id: string;
}

const listeners = new Set<(change: LiveChange) => void>();
const waiting = new Map<LiveKind, Map<string, Entity>>();
let scheduled = false;

/** Applies what waits: only entities that the page already holds are written, so the cache does not grow by itself. */
function flush(): void {
  scheduled = false;
  const change = new Map(waiting);
  client.cache.batch({
    update(cache) {
      for (const [kind, entities] of waiting) {
        for (const [id, data] of entities) {
          const ref = `${kind}:${id}`;
          const options = { id: ref, ...fragmentOf(kind) };
          if (cache.readFragment(options) !== null) cache.writeFragment({ ...options, data });
        }
      }
    },
  });
  waiting.clear();
  for (const listener of listeners) listener(change);
}

function gather(kind: LiveKind, entity: Entity): void {
  const entities = waiting.get(kind) ?? new Map<string, Entity>();
  waiting.set(kind, entities.set(entity.id, entity));
  if (scheduled) return;
  scheduled = true;
  // Frames stop in a hidden tab; its data go on, slower.
  setTimeout(
    () => (document.hidden ? flush() : requestAnimationFrame(flush)),
    document.hidden ? 1_000 : FLUSH_EVERY_MS,
  );
}

/** Changes may have been missed: what is shown must be read again. */
function tellGap(): void {
  for (const listener of listeners) listener('gap');
}

/** Keeps a subscription up: should the server end it, it is opened again after a while, and what is shown read again. */
function keep<TData, TVariables extends OperationVariables>(
  document: TypedDocumentNode<TData, TVariables>,
  variables: TVariables,
  onData: (data: TData) => void,
): () => void {
  let stopped = false;
  let stop = () => {};
  const open = () => {
    if (stopped) return;
    // Jitter: a switch of the views ends the subscriptions of all pages at the same moment.
    const again = () => setTimeout(reopen, AGAIN_AFTER_MS * (0.5 + Math.random()));
    const query = document as TypedDocumentNode<TData, OperationVariables>;
    const subscription = client.subscribe({ query, variables, fetchPolicy: 'no-cache' }).subscribe({
      next: ({ data, error }) => {
        if (data) onData(data as TData);
        else if (error && errorCode(error) !== 'RESUBSCRIBE') console.warn('A subscription failed:', error.message);
      },
      error: again,
      complete: again,
    });
    stop = () => subscription.unsubscribe();
  };
  const reopen = () => {
    open();
    if (!stopped) setTimeout(tellGap, BEGUN_AFTER_MS);
  };
  open();
  return () => {
    stopped = true;
    stop();
  };
}

/** Opens the subscriptions the viewer may have; returns the way to end them. */
export function startLive(role: Role): () => void {
  const stops = [onGap(tellGap)];
  if (atLeast(role, 'CUSTOMER')) {
    const all = atLeast(role, 'STAFF');
    stops.push(keep(TransactionsOnDocument, { all }, ({ transactions }) => gather('Transaction', transactions)));
  }
  for (const kind of allKinds) {
    const { toldTo, changed } = definitionOf(kind);
    if (!atLeast(role, toldTo)) continue;
    const field = `${singularOf(kind)}Changed`;
    stops.push(
      keep(changed as TypedDocumentNode<Readonly<Record<string, Entity>>>, {}, ({ [field]: entity }) => {
        if (entity !== undefined) gather(kind, entity);
      }),
    );
  }
  // What is shown may have been read before they had begun.
  const begun = setTimeout(tellGap, BEGUN_AFTER_MS);
  return () => {
    clearTimeout(begun);
    for (const stop of stops) stop();
  };
}

/** Puts an entity into the cache as a list has it, so that what opens it next shows it at once. */
export function remember(kind: LiveKind, entity: Entity): void {
  client.cache.writeFragment({ ...fragmentOf(kind), id: `${kind}:${entity.id}`, data: entity });
}

/** Calls back with each gathered change, after the cache has it; returns the way to stop. */
export function onLive(listener: (change: LiveChange) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
