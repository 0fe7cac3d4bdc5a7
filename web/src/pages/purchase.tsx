/** One purchase with its whole story, step by step. */
import { Fragment, useState } from 'react';
import { Link } from 'react-router';
import { Confirm } from '../components/confirm';
import { CopyId } from '../components/copy-id';
import { EntityPanel } from '../components/entity-panel';
import { Maybe, NotChanged } from '../components/expected';
import { Facts, Underway } from '../components/facts';
import { Loaded } from '../components/loaded';
import { LogBehind } from '../components/log-records';
import { NotSent } from '../components/not-sent';
import { Panel } from '../components/panel';
import { RejectionNotice } from '../components/rejection-notice';
import { PurchaseBadge } from '../components/status';
import { StuckNote } from '../components/stuck-note';
import { TransactionSteps } from '../components/transaction-steps';
import { Money, When } from '../components/values';
import { useTouched } from '../counterfoils/use-counterfoils';
import { PURCHASES, useExpected } from '../foresight/use-expected';
import { type NotSent as Reason, useIssue } from '../foresight/use-issue';
import {
  PurchaseDocument,
  type PurchaseFieldsFragment,
  type PurchaseQuery,
  TransactionsDocument,
} from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { useViewer } from '../graph/viewer';
import { formatCount, formatMoney, formatShare, fullName } from '../text/format';
import { customerPath, productPath } from '../text/paths';

/** Placed, cancelled and tried again: a purchase seldom has more than three. */
const MOST_TRANSACTIONS = 50;

const pick = (data: PurchaseQuery) => data.purchase;

export default function PurchasePanel() {
  return (
    <EntityPanel kind="Purchase" document={PurchaseDocument} pick={pick} kinds={['Purchase']}>
      {(purchase) => <Known purchase={purchase} />}
    </EntityPanel>
  );
}

function Known({ purchase }: { readonly purchase: PurchaseFieldsFragment }) {
  const touched = useTouched(purchase.id);
  const { isStaff } = useViewer();
  const customer = fullName(purchase.customer);
  const { entity: expected, is } = useExpected(PURCHASES)(purchase);
  const issue = useIssue();
  const [notSent, setNotSent] = useState<Reason | null>(null);
  // Rejected, or cancelled before it was confirmed: what had been reserved for it was given back.
  const nothingBought =
    purchase.status === 'REJECTED' || (purchase.status === 'CANCELLED' && purchase.confirmedAt === null);
  const open = purchase.status === 'PENDING' || purchase.status === 'CONFIRMED';
  return (
    <Panel
      kind="Purchase"
      title={
        <>
          <span className="num">{formatMoney(purchase.total)}</span>{' '}
          <Maybe expected={is('status')}>
            <PurchaseBadge status={expected.status} />
          </Maybe>
        </>
      }
      actions={
        open ? (
          <>
            <Confirm
              label="Cancel purchase"
              question={
                isStaff ? `Cancel the purchase of ${customer}? Its stock is given back.` : 'Cancel this purchase?'
              }
              onConfirm={() =>
                setNotSent(
                  issue(
                    { command: 'cancelPurchase', input: { purchaseId: purchase.id } },
                    `${customer} · ${formatMoney(purchase.total)}`,
                    [purchase.id, purchase.customer.id, ...purchase.lines.map((line) => line.product.id)],
                    { shown: { purchases: [purchase] } },
                  ),
                )
              }
            />
            <Underway on={touched} />
          </>
        ) : undefined
      }
    >
      <NotSent reason={notSent} />
      <NotChanged id={purchase.id} />
      <RejectionNotice rejection={purchase.rejection} />
      <Facts
        facts={[
          [
            'Customer',
            isStaff ? (
              <Link key="c" to={customerPath(purchase.customer.id)}>
                {customer}
              </Link>
            ) : (
              customer
            ),
          ],
          ...(purchase.number === null ? [] : [['Number', purchase.number] as const]),
          ['Placed', <When key="p" at={purchase.placedAt} />],
          ...(purchase.confirmedAt === null
            ? []
            : [['Confirmed', <When key="f" at={purchase.confirmedAt} />] as const]),
          ...(purchase.cancelledAt === null
            ? []
            : [['Cancelled', <When key="x" at={purchase.cancelledAt} />] as const]),
          ['Id', <CopyId key="i" id={purchase.id} of="purchase" />],
        ]}
      />
      <section>
        <h3>Lines</h3>
        <table className="lines">
          <thead>
            <tr>
              <th scope="col">Product</th>
              <th scope="col" className="right">
                Units
              </th>
              <th scope="col" className="right">
                Price
              </th>
              <th scope="col" className="right">
                Total
              </th>
            </tr>
          </thead>
          <tbody>
            {purchase.lines.map((line) => (
              <tr key={line.product.id}>
                <td>
                  <Link to={productPath(line.product.id)}>{line.product.name}</Link>
                </td>
                <td className="right num">{formatCount(line.quantity)}</td>
                <td className="right">
                  {line.unitPrice === null ? (
                    <span className="faint">not reserved</span>
                  ) : (
                    <>
                      <Money value={line.unitPrice} />
                      {line.discount === null ? null : <div className="faint">less {formatShare(line.discount)}</div>}
                    </>
                  )}
                </td>
                <td className="right">
                  {line.total === null || nothingBought ? (
                    <span className="faint">–</span>
                  ) : (
                    <Money value={line.total} />
                  )}
                </td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={3}>
                Total
              </th>
              <td className="right">
                <Money value={purchase.total} />
              </td>
            </tr>
          </tfoot>
        </table>
      </section>
      <Story purchase={purchase} />
      <LogBehind aggregate="purchases" id={purchase.id} />
    </Panel>
  );
}

/** All transactions of the purchase, each with its steps, oldest first. */
function Story({ purchase }: { readonly purchase: PurchaseFieldsFragment }) {
  const query = useLiveQuery(
    TransactionsDocument,
    {
      filter: { entityId: purchase.id },
      sort: { by: 'ACCEPTED_AT', direction: 'ASC' },
      first: MOST_TRANSACTIONS,
      counts: false,
    },
    ['Transaction'],
  );
  const names = new Map(purchase.lines.map((line) => [line.product.id, line.product.name]));
  return (
    <section className="story">
      <h3>What happened</h3>
      <Loaded query={query} lines={5}>
        {({ transactions: { edges } }) => {
          // While another purchase loads, the data at hand are still those of the one before.
          const own = edges.map(({ node }) => node).filter(({ entityId }) => entityId === purchase.id);
          if (own.length === 0 && !query.loading)
            return <p className="faint">The steps are no longer kept, or not yours to see.</p>;
          return own.map((one) => (
            <Fragment key={one.id}>
              <TransactionSteps transaction={one} names={names} />
              <StuckNote transaction={one} />
            </Fragment>
          ));
        }}
      </Loaded>
    </section>
  );
}
