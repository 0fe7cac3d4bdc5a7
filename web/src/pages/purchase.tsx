/** One purchase with its whole story, step by step. */
import { Link } from 'react-router';
import { Confirm } from '../components/confirm';
import { Skeleton } from '../components/empty-state';
import { EntityPanel } from '../components/entity-panel';
import { Facts, Underway } from '../components/facts';
import { Panel } from '../components/panel';
import { RejectionNotice } from '../components/rejection-notice';
import { PurchaseBadge } from '../components/status';
import { TransactionSteps } from '../components/transaction-steps';
import { Money, When } from '../components/values';
import { counterfoils } from '../counterfoils/counterfoils';
import { useTouched } from '../counterfoils/use-counterfoils';
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
  const open = purchase.status === 'PENDING' || purchase.status === 'CONFIRMED';
  return (
    <Panel
      kind="Purchase"
      title={
        <>
          <span className="num">{formatMoney(purchase.total)}</span> <PurchaseBadge status={purchase.status} />
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
                counterfoils.issue(
                  { command: 'cancelPurchase', input: { purchaseId: purchase.id } },
                  `${customer} · ${formatMoney(purchase.total)}`,
                  [purchase.id, purchase.customer.id, ...purchase.lines.map((line) => line.product.id)],
                )
              }
            />
            <Underway on={touched} />
          </>
        ) : undefined
      }
    >
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
          ['Id', <code key="i">{purchase.id}</code>],
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
                  {line.total === null ? <span className="faint">–</span> : <Money value={line.total} />}
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
    </Panel>
  );
}

/** All transactions of the purchase, each with its steps, oldest first. */
function Story({ purchase }: { readonly purchase: PurchaseFieldsFragment }) {
  const { data, loading } = useLiveQuery(
    TransactionsDocument,
    { filter: { entityId: purchase.id }, sort: { by: 'ACCEPTED_AT', direction: 'ASC' }, first: MOST_TRANSACTIONS },
    ['Transaction'],
  );
  const transactions =
    data?.transactions.edges.map((edge) => edge.node).filter((one) => one.entityId === purchase.id) ?? [];
  const names = new Map(purchase.lines.map((line) => [line.product.id, line.product.name]));
  return (
    <section className="story">
      <h3>What happened</h3>
      {loading && transactions.length === 0 ? <Skeleton lines={5} /> : null}
      {!loading && transactions.length === 0 ? (
        <p className="faint">The steps are no longer kept, or not yours to see.</p>
      ) : null}
      {transactions.map((transaction) => (
        <TransactionSteps key={transaction.id} transaction={transaction} names={names} />
      ))}
    </section>
  );
}
