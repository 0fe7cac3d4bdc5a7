/** The joined purchases of a customer or a product, in the panel. */
import { useCallback, useRef } from 'react';
import { Link } from 'react-router';
import { type PurchaseFilter, PurchasesDocument, type PurchasesQuery } from '../gql/graphql';
import { useConnection } from '../graph/use-connection';
import { formatCount, fullName } from '../text/format';
import { purchasePath } from '../text/paths';
import { EmptyState, Problem, Skeleton } from './empty-state';
import { PurchaseBadge } from './status';
import { Money, When } from './values';
import { WaitingPill } from './waiting-pill';

export interface PurchaseListProps {
  readonly title: string;
  readonly filter: PurchaseFilter;
  /** The same purchases on their own page. */
  readonly searchHref: string;
  readonly show: 'customer' | 'products';
}

const pick = (data: PurchasesQuery) => data.purchases;
const sort = { by: 'PLACED_AT', direction: 'DESC' } as const;

export function PurchaseList({ title, filter, searchHref, show }: PurchaseListProps) {
  const element = useRef<HTMLElement>(null);
  const busy = useCallback(() => element.current?.matches(':hover, :focus-within') ?? false, []);
  const list = useConnection({
    document: PurchasesDocument,
    variables: { filter, sort },
    pick,
    kinds: ['Purchase'],
    busy,
  });
  return (
    <section ref={element} className="purchase-list">
      <header>
        <h3>
          {title} {list.totalCount === null ? null : <span className="faint num">{formatCount(list.totalCount)}</span>}
        </h3>
        <Link to={searchHref}>Search these</Link>
      </header>
      <WaitingPill inline waiting={list.waiting} onShow={list.showWaiting} />
      {list.error !== undefined && list.rows.length === 0 ? (
        <Problem error={list.error} onRetry={list.refresh} />
      ) : null}
      {list.loading ? <Skeleton lines={5} /> : null}
      {!list.loading && list.rows.length === 0 && list.error === undefined ? (
        <EmptyState title="No purchases yet" />
      ) : null}
      <ul>
        {list.rows.map((purchase) => (
          <li key={purchase.id}>
            <Link to={purchasePath(purchase.id)}>
              <span className="line-main">
                {show === 'customer'
                  ? fullName(purchase.customer)
                  : purchase.lines.map((line) => line.product.name).join(', ')}
              </span>
              <span className="line-side">
                <When at={purchase.placedAt} />
                {purchase.status === 'CONFIRMED' ? null : <PurchaseBadge status={purchase.status} />}
              </span>
              <span className="line-amount">
                <Money value={purchase.total} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {list.hasMore ? (
        <button type="button" className="quiet" onClick={list.loadMore}>
          Show more
        </button>
      ) : null}
    </section>
  );
}
