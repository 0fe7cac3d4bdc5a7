/** The customer record of who is asking: filled in once, changed in place. */
import { useState } from 'react';
import { Link } from 'react-router';
import { CopyId } from '../components/copy-id';
import { Problem, Skeleton } from '../components/empty-state';
import { Facts, Underway } from '../components/facts';
import { Icon } from '../components/icons';
import { Money } from '../components/values';
import { useCounterfoils, useTouched } from '../counterfoils/use-counterfoils';
import type { CustomerFieldsFragment } from '../gql/graphql';
import { useOwnCustomer } from '../graph/own-customer';
import { formatCount, fullName } from '../text/format';
import { CustomerForm } from './customer-form';

export default function Account() {
  const { customer, error, refresh } = useOwnCustomer();
  return (
    <div className="page account">
      <header className="page-head">
        <h1>My details</h1>
      </header>
      {customer === undefined ? (
        error === undefined ? (
          <Skeleton lines={5} />
        ) : (
          <Problem error={error} onRetry={refresh} />
        )
      ) : customer === null ? (
        <Nobody />
      ) : (
        <Known key={customer.id} customer={customer} />
      )}
    </div>
  );
}

/** There is no record yet: it is made here. */
function Nobody() {
  const { all } = useCounterfoils();
  const underway = all.some(({ order, state }) => order.command === 'registerCustomer' && state === 'running');
  return (
    <section className="card">
      <p>You buy under a customer record of your own. Tell us who you are, once.</p>
      <CustomerForm own />
      <Underway on={underway} />
    </section>
  );
}

function Known({ customer }: { readonly customer: CustomerFieldsFragment }) {
  const [editing, setEditing] = useState(false);
  const touched = useTouched(customer.id);
  return (
    <section className="card">
      {customer.removed ? (
        <p className="notice bad">This record has been removed. Nothing can be bought with it.</p>
      ) : null}
      <h2>{fullName(customer)}</h2>
      {editing && !customer.removed ? <CustomerForm own customer={customer} onDone={() => setEditing(false)} /> : null}
      <Facts
        facts={[
          ['E-mail', customer.email ?? <span className="faint">none</span>],
          [
            'Purchases',
            <Link key="n" to="/purchases" className="num">
              {formatCount(customer.purchaseCount)}
            </Link>,
          ],
          ['Spent', <Money key="m" value={customer.totalSpent} />],
          ['Id', <CopyId key="i" id={customer.id} of="customer" />],
        ]}
      />
      {customer.removed ? null : (
        <p>
          <button type="button" aria-pressed={editing} onClick={() => setEditing(!editing)}>
            <Icon name="edit" size={16} /> Change
          </button>{' '}
          <Underway on={touched} />
        </p>
      )}
    </section>
  );
}
