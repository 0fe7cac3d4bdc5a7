/** One transaction, step by step. */
import { Link, useParams } from 'react-router';
import { EmptyState, Problem, Skeleton } from '../components/empty-state';
import { Facts } from '../components/facts';
import { Panel } from '../components/panel';
import { TransactionBadge } from '../components/status';
import { When } from '../components/values';
import { commandTitle, entityPath } from '../counterfoils/counterfoil';
import { refusalWords } from '../counterfoils/rejection-words';
import { TransactionDocument } from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { formatDuration } from '../text/format';
import { TransactionStory } from './purchase';

const none: ReadonlyMap<string, string> = new Map();

export default function TransactionPanel() {
  const { id = '' } = useParams();
  const { data, loading, error, refresh } = useLiveQuery(TransactionDocument, { id }, ['Transaction']);
  const transaction = data?.transaction?.id === id ? data.transaction : null;
  if (transaction === null) {
    return (
      <Panel kind="Transaction" title={id}>
        {loading ? (
          <Skeleton lines={6} />
        ) : error ? (
          <Problem error={error} onRetry={refresh} />
        ) : (
          <EmptyState title="There is no such transaction" />
        )}
      </Panel>
    );
  }
  const refusal = transaction.rejection === null ? null : refusalWords(transaction.rejection);
  return (
    <Panel
      kind="Transaction"
      title={
        <>
          {commandTitle(transaction.command)} <TransactionBadge status={transaction.status} />
        </>
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
            'About',
            <Link key="e" to={entityPath(transaction.command, transaction.entityId)}>
              {transaction.entityId}
            </Link>,
          ],
          ['By', transaction.issuedBy],
          ['Accepted', <When key="a" at={transaction.acceptedAt} />],
          [
            'Took',
            transaction.finishedAt === null
              ? 'under way'
              : formatDuration(Date.parse(transaction.finishedAt) - Date.parse(transaction.acceptedAt)),
          ],
          ['Id', <code key="i">{transaction.id}</code>],
        ]}
      />
      <section className="story">
        <h3>Steps</h3>
        <TransactionStory transaction={transaction} names={none} />
      </section>
    </Panel>
  );
}
