/** One customer: who they are, what they bought; changed and removed in place. */
import { useState } from 'react';
import { useParams } from 'react-router';
import { Confirm } from '../components/confirm';
import { EmptyState, Problem, Skeleton } from '../components/empty-state';
import { Facts, Underway } from '../components/facts';
import { Icon } from '../components/icons';
import { Panel } from '../components/panel';
import { PurchaseList } from '../components/purchase-list';
import { Money, When } from '../components/values';
import { counterfoils } from '../counterfoils/counterfoils';
import { useTouched } from '../counterfoils/use-counterfoils';
import { CustomerDocument, type CustomerFieldsFragment } from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { formatCount, fullName } from '../text/format';
import { CustomerForm } from './customer-form';

export default function CustomerPanel() {
  const { id = '' } = useParams();
  const { data, loading, error, refresh } = useLiveQuery(CustomerDocument, { id }, []);
  const customer = data?.customer?.id === id ? data.customer : null;
  if (customer === null) {
    return (
      <Panel kind="Customer" title={id}>
        {loading ? (
          <Skeleton lines={6} />
        ) : error ? (
          <Problem error={error} onRetry={refresh} />
        ) : (
          <EmptyState title={`There is no customer ${id}`} />
        )}
      </Panel>
    );
  }
  return <Known key={id} customer={customer} />;
}

function Known({ customer }: { readonly customer: CustomerFieldsFragment }) {
  const [editing, setEditing] = useState(false);
  const touched = useTouched(customer.id);
  const name = fullName(customer);
  return (
    <Panel
      kind={customer.removed ? 'Removed customer' : 'Customer'}
      title={name}
      actions={
        customer.removed ? undefined : (
          <>
            <button type="button" aria-pressed={editing} onClick={() => setEditing(!editing)}>
              <Icon name="edit" size={16} /> Edit
            </button>
            <Confirm
              label="Remove"
              question={`Remove ${name}? Their purchases stay; new ones will be refused.`}
              onConfirm={() =>
                counterfoils.issue(
                  { command: 'removeCustomer', input: { customerId: customer.id, ifVersion: customer.version } },
                  name,
                  [customer.id],
                )
              }
            />
            <Underway on={touched} />
          </>
        )
      }
    >
      {editing && !customer.removed ? <CustomerForm customer={customer} onDone={() => setEditing(false)} /> : null}
      <Facts
        facts={[
          [
            'Purchases',
            <span key="n" className="num">
              {formatCount(customer.purchaseCount)}
            </span>,
          ],
          ['Spent', <Money key="m" value={customer.totalSpent} />],
          ['Last purchase', <When key="w" at={customer.lastPurchaseAt} />],
          [
            'E-mail',
            customer.email ?? (
              <span key="e" className="faint">
                none
              </span>
            ),
          ],
          ['Id', <code key="i">{customer.id}</code>],
        ]}
      />
      <PurchaseList
        title="Bought"
        filter={{ customerId: customer.id }}
        searchHref={`/purchases?customer=${encodeURIComponent(customer.id)}`}
        show="products"
      />
    </Panel>
  );
}
