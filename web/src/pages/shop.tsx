/** The shop: products into the basket, which stands beside them. */
import { useCallback, useRef } from 'react';
import { Link } from 'react-router';
import { EmptyState, Problem, Skeleton } from '../components/empty-state';
import { SearchField } from '../components/field';
import { useFlash } from '../components/flash';
import { Icon } from '../components/icons';
import { useListParams, useTypedParam } from '../components/list-params';
import { Marked, Money } from '../components/values';
import { WaitingPill } from '../components/waiting-pill';
import { basket, useBasket } from '../counterfoils/basket';
import { useCounterfoils } from '../counterfoils/use-counterfoils';
import { type ProductFieldsFragment, ProductsDocument, type ProductsQuery } from '../gql/graphql';
import { remember } from '../graph/live';
import { useConnection } from '../graph/use-connection';
import { useViewer } from '../graph/viewer';
import { formatCount, plural } from '../text/format';
import { searchWords } from '../text/search-words';
import { BasketPanel } from './basket-panel';

const pick = (data: ProductsQuery) => data.products;
const fields = ['NAME'] as const;

export default function Shop() {
  return (
    <div className="shop">
      <Shelf />
      <BasketPanel />
    </div>
  );
}

function Shelf() {
  const list = useListParams(fields, { by: 'NAME', desc: false });
  const [text, setText] = useTypedParam(list, 'q');
  const query = list.params.get('q') ?? '';
  const shelf = useRef<HTMLElement>(null);
  const busy = useCallback(() => shelf.current?.matches(':hover, :focus-within') ?? false, []);
  const products = useConnection({
    document: ProductsDocument,
    variables: {
      filter: { discontinued: false, ...(query === '' ? {} : { text: query }) },
      sort: { by: 'NAME', direction: 'ASC' },
    },
    pick,
    kinds: ['Product'],
    busy,
  });
  const { lines } = useBasket();
  const { isStaff } = useViewer();
  const { touched } = useCounterfoils();
  const words = searchWords(query);
  return (
    <section className="shelf" ref={shelf}>
      <header className="page-head">
        <h1>Shop</h1>
        <p className="count">{products.totalCount === null ? ' ' : plural(products.totalCount, 'product')}</p>
      </header>
      <div className="toolbar">
        <SearchField label="Search products" placeholder="What would you like?" value={text} onText={setText} />
        <WaitingPill inline waiting={products.waiting} onShow={products.showWaiting} />
      </div>
      {products.error !== undefined && products.rows.length === 0 ? (
        <Problem error={products.error} onRetry={products.refresh} />
      ) : null}
      {products.loading ? <Skeleton lines={8} /> : null}
      {!products.loading && products.error === undefined && products.rows.length === 0 ? (
        query === '' ? (
          <EmptyState title="Nothing to buy yet">
            {isStaff ? (
              <p>
                <Link to="/products/new">Add your first product</Link>, or load the Northwind orders on the{' '}
                <Link to="/">overview</Link>.
              </p>
            ) : null}
          </EmptyState>
        ) : (
          <EmptyState title="No product matches" />
        )
      ) : null}
      <ul className={products.stale ? 'goods stale' : 'goods'}>
        {products.rows.map((product) => (
          <Good
            key={product.id}
            product={product}
            words={words}
            inBasket={lines.find((line) => line.productId === product.id)?.quantity ?? 0}
            touched={touched.has(product.id)}
          />
        ))}
      </ul>
      {products.hasMore ? (
        <button type="button" className="quiet" onClick={products.loadMore}>
          Show more
        </button>
      ) : null}
    </section>
  );
}

interface GoodProps {
  readonly product: ProductFieldsFragment;
  readonly words: readonly string[];
  readonly inBasket: number;
  readonly touched: boolean;
}

function Good({ product, words, inBasket, touched }: GoodProps) {
  const element = useRef<HTMLLIElement>(null);
  useFlash(element, `${product.stock} ${product.price} ${product.name}`);
  return (
    <li ref={element} className={touched ? 'good-card touched' : 'good-card'}>
      <span className="good-name">
        <Marked text={product.name} words={words} />
      </span>
      <span className="good-price">
        <Money value={product.price} />
      </span>
      <span className={product.stock === 0 ? 'good-stock none' : 'good-stock'}>
        {product.stock === 0 ? 'Out of stock' : `${formatCount(product.stock)} left`}
      </span>
      <button
        type="button"
        className={inBasket > 0 ? 'in' : ''}
        onClick={() => {
          // So that the basket knows of it what the shelf knows.
          remember('Product', product);
          basket.add(product);
        }}
        aria-label={`Put ${product.name} into the basket${inBasket > 0 ? `, ${formatCount(inBasket)} in it` : ''}`}
      >
        <Icon name="plus" size={16} />
        {inBasket > 0 ? <span className="num">{formatCount(inBasket)}</span> : null}
      </button>
    </li>
  );
}
