/** The shop: products into the basket, a customer, and the purchase is placed. Nothing here waits for an answer. */
import { useCallback, useRef, useState } from 'react';
import { Link } from 'react-router';
import { EmptyState, Problem, Skeleton } from '../components/empty-state';
import { SearchField } from '../components/field';
import { CustomerFinder } from '../components/finders';
import { useFlash } from '../components/flash';
import { Icon } from '../components/icons';
import { useListParams, useTypedParam } from '../components/list-params';
import { Marked, Money } from '../components/values';
import { WaitingPill } from '../components/waiting-pill';
import { counterfoils } from '../counterfoils/counterfoils';
import { useCounterfoils } from '../counterfoils/use-counterfoils';
import {
  type CustomerFieldsFragment,
  type ProductFieldsFragment,
  ProductsDocument,
  type ProductsQuery,
} from '../gql/graphql';
import { type OwnCustomer, useOwnCustomer } from '../graph/own-customer';
import { session } from '../graph/session';
import { useConnection } from '../graph/use-connection';
import { useViewer } from '../graph/viewer';
import { formatCount, formatMoney, fullName, plural } from '../text/format';
import { fromMinor, toMinor } from '../text/money';
import { searchWords } from '../text/search-words';
import { basket, useBasket } from './basket';

const pick = (data: ProductsQuery) => data.products;
const fields = ['NAME'] as const;

export default function Shop() {
  return (
    <div className="shop">
      <Shelf />
      <Basket />
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
  const lines = useBasket();
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
        onClick={() => basket.add(product)}
        aria-label={`Put ${product.name} into the basket`}
      >
        <Icon name="plus" size={16} />
        {inBasket > 0 ? <span className="num">{formatCount(inBasket)}</span> : null}
      </button>
    </li>
  );
}

function Basket() {
  const lines = useBasket();
  const { role, isStaff } = useViewer();
  const [chosen, setChosen] = useState<CustomerFieldsFragment | null>(null);
  const own = useOwnCustomer(role === 'CUSTOMER');
  const customer = isStaff ? chosen : (own.customer ?? null);
  const [tried, setTried] = useState(false);
  const total = lines.reduce((sum, line) => sum + toMinor(line.price) * BigInt(line.quantity), 0n);

  const place = () => {
    setTried(true);
    if (customer === null || lines.length === 0) return;
    counterfoils.issue(
      {
        command: 'placePurchase',
        input: { customerId: customer.id, lines: lines.map(({ productId, quantity }) => ({ productId, quantity })) },
      },
      `${fullName(customer)} · ${plural(lines.length, 'product')}`,
      [customer.id, ...lines.map((line) => line.productId)],
    );
    basket.clear();
    setTried(false);
  };

  return (
    <aside className="basket" aria-label="Basket">
      <h2>Basket</h2>
      {lines.length === 0 ? (
        <p className="faint basket-empty">Nothing in it yet. Put something in with +.</p>
      ) : (
        <ul>
          {lines.map((line) => (
            <li key={line.productId}>
              <span className="line-main">{line.name}</span>
              <span className="stepper">
                <button
                  type="button"
                  aria-label={`One less of ${line.name}`}
                  onClick={() => basket.setQuantity(line.productId, line.quantity - 1)}
                >
                  <Icon name="minus" size={14} />
                </button>
                <input
                  inputMode="numeric"
                  aria-label={`Units of ${line.name}`}
                  value={line.quantity}
                  onChange={(event) =>
                    basket.setQuantity(line.productId, Number(event.target.value.replace(/\D/g, '')) || 1)
                  }
                />
                <button
                  type="button"
                  aria-label={`One more of ${line.name}`}
                  onClick={() => basket.setQuantity(line.productId, line.quantity + 1)}
                >
                  <Icon name="plus" size={14} />
                </button>
              </span>
              <span className="line-amount">
                <Money value={fromMinor(toMinor(line.price) * BigInt(line.quantity))} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="basket-total">
        <span>Total</span>
        <span className="num" data-testid="basket-total">
          {formatMoney(fromMinor(total))}
        </span>
      </p>
      {role === 'VISITOR' ? (
        <button type="button" className="primary wide" onClick={() => session.ask()}>
          Sign in to buy
        </button>
      ) : (
        <>
          {isStaff ? <CustomerFinder label="Customer" onChoose={setChosen} /> : <Buyer own={own} />}
          {tried && isStaff && customer === null ? (
            <p className="problem">Choose the customer from the list first.</p>
          ) : null}
          <button
            type="button"
            className="primary wide"
            aria-disabled={lines.length === 0 || (!isStaff && customer === null)}
            onClick={place}
          >
            Place purchase
          </button>
        </>
      )}
      {isStaff ? (
        <p className="faint small">
          Someone new? <Link to="/customers/new">Add a customer</Link>.
        </p>
      ) : null}
    </aside>
  );
}

/** Under which customer record one buys: one's own. */
function Buyer({ own }: { readonly own: OwnCustomer }) {
  if (own.error !== undefined && own.customer === undefined) return <Problem error={own.error} onRetry={own.refresh} />;
  if (own.customer === undefined) return <Skeleton lines={1} />;
  if (own.customer === null) {
    return (
      <p className="small">
        <Link to="/account">Tell us who you are</Link> first; then you can buy.
      </p>
    );
  }
  return <p className="faint small">For {fullName(own.customer)}.</p>;
}
