/** One customer: who they are, what they bought; changed and removed in place. */
import { useState } from 'react';
import { Confirm } from '../components/confirm';
import { CopyId } from '../components/copy-id';
import { EntityPanel } from '../components/entity-panel';
import { Maybe, NotChanged } from '../components/expected';
import { Facts, Underway } from '../components/facts';
import { Icon } from '../components/icons';
import { LogBehind } from '../components/log-records';
import { NotSent } from '../components/not-sent';
import { Panel } from '../components/panel';
import { PurchaseList } from '../components/purchase-list';
import { Money, When } from '../components/values';
import { useTouched } from '../counterfoils/use-counterfoils';
import { CUSTOMERS, useExpected } from '../foresight/use-expected';
import { type NotSent as Reason, useIssue } from '../foresight/use-issue';
import { CustomerDocument, type CustomerFieldsFragment, type CustomerQuery } from '../gql/graphql';
import { useViewer } from '../graph/viewer';
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
  const { entity: expected, is } = useExpected(CUSTOMERS)(customer);
  const issue = useIssue();
  const viewer = useViewer();
  const [notSent, setNotSent] = useState<Reason | null>(null);
  const name = fullName(customer);
  return (
    <Panel
      kind={customer.removed && !customer.erased ? 'Removed customer' : 'Customer'}
      title={<Maybe expected={is('firstName', 'lastName')}>{fullName(expected)}</Maybe>}
      actions={
        customer.removed ? (
          customer.erased || viewer.role !== 'ADMIN' ? undefined : (
            <>
              <Confirm
                label="Erase"
                question={`Erase the names and the e-mail of ${name} for ever? Nobody can bring them back. Their purchases stay.`}
                onConfirm={() =>
                  setNotSent(
                    issue({ command: 'eraseCustomer', input: { customerId: customer.id } }, 'Customer', [customer.id]),
                  )
                }
              />
              <Underway on={touched} />
            </>
          )
        ) : (
          <>
            <button type="button" aria-pressed={editing} onClick={() => setEditing(!editing)}>
              <Icon name="edit" size={16} /> Edit
            </button>
            <Confirm
              label="Remove"
              question={`Remove ${name}? Their purchases stay; new ones will be rejected.`}
              onConfirm={() =>
                setNotSent(
                  issue(
                    { command: 'removeCustomer', input: { customerId: customer.id, ifVersion: customer.version } },
                    name,
                    [customer.id],
                    { shown: { customers: [customer] } },
                  ),
                )
              }
            />
            <Underway on={touched} />
          </>
        )
      }
    >
      <NotSent reason={notSent} />
      <NotChanged id={customer.id} />
      {expected.removed && !customer.removed ? <Maybe expected>Removed</Maybe> : null}
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
            <Maybe key="e" expected={is('email')}>
              {expected.email ?? <span className="faint">none</span>}
            </Maybe>,
          ],
          ...(customer.number === null ? [] : [['Number', customer.number] as const]),
          ...(customer.userId === null ? [] : [['User', <code key="u">{customer.userId}</code>] as const]),
          ['Id', <CopyId key="i" id={customer.id} of="customer" />],
        ]}
      />
      <PurchaseList
        title="Bought"
        filter={{ customerId: customer.id }}
        searchHref={`/purchases?customer=${encodeURIComponent(customer.id)}`}
        show="products"
      />
      <LogBehind aggregate="customers" id={customer.id} />
    </Panel>
  );
}
