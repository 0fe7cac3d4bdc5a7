/**
 * The basket, the customer, and the button that places the purchase. Nothing here waits for an answer. On a narrow screen it
 * is a bar at the lower edge, always in sight, that opens the rest.
 */
import { useEffect, useId, useRef, useState } from 'react';
import { Link } from 'react-router';
import { Problem, Skeleton } from '../components/empty-state';
import { CustomerFinder } from '../components/finders';
import { Icon } from '../components/icons';
import { Money } from '../components/values';
import { type BasketLine, basket, useBasket } from '../counterfoils/basket';
import { rejectionWords } from '../counterfoils/rejection-words';
import { foresee } from '../foresight/foresee';
import { useIssue } from '../foresight/use-issue';
import type { CustomerFieldsFragment, ProductFieldsFragment } from '../gql/graphql';
import { entityNamedBy, type Order } from '../graph/kinds';
import { type OwnCustomer, useOwnCustomer } from '../graph/own-customer';
import { session } from '../graph/session';
import { useProducts } from '../graph/use-products';
import { useViewer } from '../graph/viewer';
import { formatMoney, fullName, plural } from '../text/format';
import { fromMinor, toMinor } from '../text/money';

/** Who buys is no matter of a line. */
const NOBODY = 'nobody';

/** Stays chosen while staff look at other pages: at what a purchase was rejected for, say. */
let lastChosen: CustomerFieldsFragment | null = null;

const amountOf = ({ price, quantity }: BasketLine): bigint => toMinor(price) * BigInt(quantity);

export function BasketPanel() {
  const { lines, problem } = useBasket();
  const { role, isStaff } = useViewer();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(lastChosen);
  const own = useOwnCustomer(role === 'CUSTOMER');
  const customer = isStaff ? chosen : (own.customer ?? null);
  const products = useProducts(lines.map((line) => line.productId));
  const issue = useIssue();
  const [tried, setTried] = useState(false);
  const title = useId();
  const total = formatMoney(fromMinor(lines.reduce((sum, line) => sum + amountOf(line), 0n)));

  const place = () => {
    setTried(true);
    if (customer === null || lines.length === 0) return;
    const shown = { customers: [customer], products: [...products.values()] };
    // From the storage, and emptied by that: a purchase placed in another tab at this moment has taken the lines already.
    const goods = basket.take();
    if (goods.length === 0) return;
    const order = {
      command: 'placePurchase',
      input: { customerId: customer.id, lines: goods.map(({ productId, quantity }) => ({ productId, quantity })) },
    } as const;
    const about = `${fullName(customer)} · ${plural(goods.length, 'product')}`;
    const notSent = issue(order, about, [customer.id, ...goods.map((line) => line.productId)], { shown, goods });
    if (notSent !== null) {
      const toBlame = notSent.field === null ? undefined : entityNamedBy(notSent.field, order)?.id;
      basket.putBack(goods, `${notSent.what} Nothing was sent.`, toBlame);
      return;
    }
    setTried(false);
    setOpen(false);
  };

  return (
    <aside
      className={open ? 'basket open' : 'basket'}
      aria-labelledby={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) setOpen(false);
      }}
    >
      <h2 id={title}>Basket</h2>
      <BasketBar open={open} lines={lines.length} total={total} onToggle={() => setOpen(!open)} />
      <div className="basket-body">
        {lines.length === 0 ? (
          <p className="faint basket-empty">Nothing in it yet. Put something in with +.</p>
        ) : (
          <ul>
            {lines.map((line) => (
              <Line key={line.productId} line={line} product={products.get(line.productId)} />
            ))}
          </ul>
        )}
        <p className="basket-total">
          <span>Total</span>
          <span className="num" data-testid="basket-total">
            {total}
          </span>
        </p>
        {problem === null || lines.length === 0 ? null : (
          <p className="notice bad" role="alert">
            {problem}
          </p>
        )}
        {role === 'VISITOR' ? (
          <button type="button" className="primary wide" onClick={() => session.ask()}>
            Sign in to buy
          </button>
        ) : (
          <>
            {isStaff ? (
              <CustomerFinder
                label="Customer"
                initial={lastChosen === null ? '' : fullName(lastChosen)}
                onChoose={(customer) => {
                  lastChosen = customer;
                  setChosen(customer);
                }}
              />
            ) : (
              <Buyer own={own} />
            )}
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
      </div>
    </aside>
  );
}

interface BasketBarProps {
  readonly open: boolean;
  readonly lines: number;
  readonly total: string;
  readonly onToggle: () => void;
}

/** Always in sight on a narrow screen: what is in the basket, and the way to it. */
const BasketBar = ({ open, lines, total, onToggle }: BasketBarProps) => (
  <button type="button" className="basket-bar" aria-expanded={open} onClick={onToggle}>
    <Icon name="shop" size={18} />
    <span>{lines === 0 ? 'Basket' : `Basket, ${plural(lines, 'product')}`}</span>
    <span className="num">{total}</span>
    <Icon name={open ? 'down' : 'up'} size={14} />
  </button>
);

interface LineProps {
  readonly line: BasketLine;
  readonly product: ProductFieldsFragment | undefined;
}

/** What a purchase of this line alone would be rejected for, as things stand. */
function useWarning(
  { productId, quantity }: BasketLine,
  product: ProductFieldsFragment | undefined,
): string | undefined {
  const viewer = useViewer();
  if (product === undefined) return undefined;
  const order: Order = { command: 'placePurchase', input: { customerId: NOBODY, lines: [{ productId, quantity }] } };
  const { refusal, isSure } = foresee(order, { products: [product] }, viewer, new Date().toISOString());
  if (refusal === null || refusal.code === 'FORBIDDEN') return undefined;
  const { what } = rejectionWords(refusal);
  return isSure ? what : `${what} As things stand, the purchase would be rejected.`;
}

function Line({ line, product }: LineProps) {
  const { productId, name, quantity, problem } = line;
  const warning = useWarning(line, product);
  const told = problem ?? warning;
  const note = useId();
  const element = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // The line that is to blame may be out of sight in a long basket.
    if (problem !== undefined) element.current?.scrollIntoView({ block: 'nearest' });
  }, [problem]);
  return (
    <li ref={element} className={problem === undefined ? '' : 'refused'}>
      <span className="line-main">{name}</span>
      <span className="stepper">
        <button
          type="button"
          aria-label={`One less of ${name}`}
          onClick={() => basket.setQuantity(productId, quantity - 1)}
        >
          <Icon name="minus" size={14} />
        </button>
        <input
          inputMode="numeric"
          aria-label={`Units of ${name}`}
          value={quantity}
          aria-invalid={problem !== undefined || undefined}
          aria-describedby={told === undefined ? undefined : note}
          onChange={(event) => basket.setQuantity(productId, Number(event.target.value.replace(/\D/g, '')) || 1)}
        />
        <button
          type="button"
          aria-label={`One more of ${name}`}
          onClick={() => basket.setQuantity(productId, quantity + 1)}
        >
          <Icon name="plus" size={14} />
        </button>
      </span>
      <span className="line-amount">
        <Money value={fromMinor(amountOf(line))} />
      </span>
      {told === undefined ? null : (
        <p id={note} className={problem === undefined ? 'warning' : 'problem'} role="status">
          {told}
        </p>
      )}
    </li>
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
