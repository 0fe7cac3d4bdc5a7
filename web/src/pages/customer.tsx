/** One customer: who they are, what they bought; changed and removed in place. */
import { useState } from 'react';
import { Confirm } from '../components/confirm';
import { EntityPanel } from '../components/entity-panel';
import { Facts, Underway } from '../components/facts';
import { Icon } from '../components/icons';
import { Panel } from '../components/panel';
import { PurchaseList } from '../components/purchase-list';
import { Money, When } from '../components/values';
import { counterfoils } from '../counterfoils/counterfoils';
import { useTouched } from '../counterfoils/use-counterfoils';
import { CustomerDocument, type CustomerFieldsFragment, type CustomerQuery } from '../gql/graphql';
import { formatCount, fullName } from '../text/format';
import { CustomerForm } from './customer-form';

const pick = (data: CustomerQuery) => data.customer;

export default function CustomerPanel() {
  return (
    <EntityPanel kind="Customer" document={CustomerDocument} pick={pick}>
      {(customer) => <Known customer={customer} />}
    </EntityPanel>
  );
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
              question={`Remove ${name}? Their purchases stay; new ones will be rejected.`}
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
          ...(customer.number === null ? [] : [['Number', customer.number] as const]),
          ...(customer.userId === null ? [] : [['User', <code key="u">{customer.userId}</code>] as const]),
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
