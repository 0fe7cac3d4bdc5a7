/** One purchase with its whole story, step by step. */
import { Link, useParams } from 'react-router';
import { Confirm } from '../components/confirm';
import { EmptyState, Problem, Skeleton } from '../components/empty-state';
import { Facts, Underway } from '../components/facts';
import { Panel } from '../components/panel';
import { PurchaseBadge } from '../components/status';
import { Money, When } from '../components/values';
import { commandTitle, stepTitle } from '../counterfoils/counterfoil';
import { counterfoils } from '../counterfoils/counterfoils';
import { refusalWords } from '../counterfoils/rejection-words';
import { useTouched } from '../counterfoils/use-counterfoils';
import {
  PurchaseDocument,
  type PurchaseFieldsFragment,
  type TransactionFieldsFragment,
  TransactionsDocument,
} from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { formatCount, formatExact, formatMoney, formatTime, formatWhen, fullName } from '../text/format';

export default function PurchasePanel() {
  const { id = '' } = useParams();
  const { data, loading, error, refresh } = useLiveQuery(PurchaseDocument, { id }, ['Purchase']);
  const purchase = data?.purchase?.id === id ? data.purchase : null;
  if (purchase === null) {
    return (
      <Panel kind="Purchase" title={id}>
        {loading ? (
          <Skeleton lines={8} />
        ) : error ? (
          <Problem error={error} onRetry={refresh} />
        ) : (
          <EmptyState title="There is no such purchase" />
        )}
      </Panel>
    );
  }
  return <Known key={id} purchase={purchase} />;
}

function Known({ purchase }: { readonly purchase: PurchaseFieldsFragment }) {
  const touched = useTouched(purchase.id);
  const customer = fullName(purchase.customer);
  const open = purchase.status === 'PENDING' || purchase.status === 'CONFIRMED';
  const refusal = purchase.rejection === null ? null : refusalWords(purchase.rejection);
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
              question={`Cancel the purchase of ${customer}? Its stock is given back.`}
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
      {refusal === null ? null : (
        <div className="notice bad">
          <p>{refusal.what}</p>
          {refusal.remedy === null ? null : <p className="faint">{refusal.remedy}</p>}
        </div>
      )}
      <Facts
        facts={[
          [
            'Customer',
            <Link key="c" to={`/customers/${encodeURIComponent(purchase.customer.id)}`}>
              {customer}
            </Link>,
          ],
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
                  <Link to={`/products/${encodeURIComponent(line.product.id)}`}>{line.product.name}</Link>
                </td>
                <td className="right num">{formatCount(line.quantity)}</td>
                <td className="right">
                  {line.unitPrice === null ? (
                    <span className="faint">not reserved</span>
                  ) : (
                    <Money value={line.unitPrice} />
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
    { filter: { entityId: purchase.id }, sort: { by: 'ACCEPTED_AT', direction: 'ASC' }, first: 50 },
    ['Transaction'],
  );
  const transactions =
    data?.transactions.edges.map((edge) => edge.node).filter((one) => one.entityId === purchase.id) ?? [];
  const names = new Map(purchase.lines.map((line) => [line.product.id, line.product.name]));
  return (
    <section className="story">
      <h3>What happened</h3>
      {loading && transactions.length === 0 ? <Skeleton lines={5} /> : null}
      {!loading && transactions.length === 0 ? <p className="faint">The steps are no longer kept.</p> : null}
      {transactions.map((transaction) => (
        <TransactionStory key={transaction.id} transaction={transaction} names={names} />
      ))}
    </section>
  );
}

export interface TransactionStoryProps {
  readonly transaction: TransactionFieldsFragment;
  /** Names of the entities that steps are about. */
  readonly names: ReadonlyMap<string, string>;
}

export function TransactionStory({ transaction, names }: TransactionStoryProps) {
  const began = Date.parse(transaction.acceptedAt);
  return (
    <>
      <p className="story-title">
        <span>{commandTitle(transaction.command)}</span>
        <span className="faint">
          by {transaction.issuedBy},{' '}
          <span title={formatExact(transaction.acceptedAt)}>{formatWhen(transaction.acceptedAt)}</span>
        </span>
      </p>
      <ol className="timeline">
        {transaction.steps.map((step, index) => (
          <li
            key={`${step.name}${step.entityId ?? index}`}
            className={step.status === 'COMPLETED' ? 'good' : step.status === 'REJECTED' ? 'bad' : ''}
          >
            <span>
              {stepTitle(transaction.command, step.name)}
              {step.entityId !== null && names.has(step.entityId) ? (
                <>
                  {': '}
                  <Link to={`/products/${encodeURIComponent(step.entityId)}`}>{names.get(step.entityId)}</Link>
                </>
              ) : null}
            </span>
            <time className="faint num" dateTime={step.at} title={formatTime(step.at)}>
              +{formatCount(Math.max(0, Date.parse(step.at) - began))} ms
            </time>
          </li>
        ))}
        {transaction.status === 'ACCEPTED' || transaction.status === 'PENDING' ? (
          <li className="next">under way …</li>
        ) : null}
      </ol>
    </>
  );
}
