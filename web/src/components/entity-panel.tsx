/** The panel of one entity, from its id in the address: what stands there while it loads, and when there is none. */
import type { TypedDocumentNode } from '@apollo/client';
import { Fragment, type ReactNode } from 'react';
import { useParams } from 'react-router';
import type { LiveKind } from '../graph/live';
import { useLiveQuery } from '../graph/use-live';
import { EmptyState, Problem, Skeleton } from './empty-state';
import { Panel } from './panel';

export interface EntityPanelProps<TData, TEntity> {
  /** What the entity is called: `Customer`. */
  readonly kind: string;
  readonly document: TypedDocumentNode<TData, { id: string }>;
  readonly pick: (data: TData) => TEntity | null;
  /** Kinds whose changes make the entity be read again. Default: none, the entity's own changes come into the cache. */
  readonly kinds?: readonly LiveKind[];
  /** The panel of the entity; mounted anew for each id, so that no state of one shows with another. */
  readonly children: (entity: TEntity) => ReactNode;
}

export function EntityPanel<TData, TEntity extends { readonly id: string }>(props: EntityPanelProps<TData, TEntity>) {
  const { kind, document, pick, kinds = [], children } = props;
  const { id = '' } = useParams();
  const { data, loading, error, refresh } = useLiveQuery(document, { id }, kinds);
  const entity = data === undefined ? null : pick(data);
  // While another id loads, the data at hand are still those of the one before.
  if (entity?.id === id) return <Fragment key={id}>{children(entity)}</Fragment>;
  return (
    <Panel kind={kind} title={id}>
      {loading ? (
        <Skeleton lines={6} />
      ) : error ? (
        <Problem error={error} onRetry={refresh} />
      ) : (
        <EmptyState title={`There is no ${kind.toLowerCase()} ${id}`} />
      )}
    </Panel>
  );
}
