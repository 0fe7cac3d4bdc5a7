/** One transaction, step by step. */
import { Link } from 'react-router';
import { CopyId } from '../components/copy-id';
import { EntityPanel } from '../components/entity-panel';
import { Facts } from '../components/facts';
import { LogOfTransaction } from '../components/log-records';
import { Panel } from '../components/panel';
import { RejectionNotice } from '../components/rejection-notice';
import { TransactionBadge } from '../components/status';
import { StuckNote } from '../components/stuck-note';
import { TransactionSteps } from '../components/transaction-steps';
import { When } from '../components/values';
import { commandTitle, entityPath } from '../counterfoils/counterfoil';
import { TransactionDocument, type TransactionFieldsFragment, type TransactionQuery } from '../gql/graphql';
import { useViewer } from '../graph/viewer';
import { formatDuration } from '../text/format';

const pick = (data: TransactionQuery) => data.transaction;
const noNames: ReadonlyMap<string, string> = new Map();

export default function TransactionPanel() {
  return (
    <EntityPanel kind="Transaction" document={TransactionDocument} pick={pick} kinds={['Transaction']}>
      {(transaction) => <Known transaction={transaction} />}
    </EntityPanel>
  );
}

function Known({ transaction }: { readonly transaction: TransactionFieldsFragment }) {
  const { role } = useViewer();
  const path = entityPath(transaction.command, transaction.entityId, role);
  return (
    <Panel
      kind="Transaction"
      title={
        <>
          {commandTitle(transaction.command)} <TransactionBadge status={transaction.status} />
        </>
      }
    >
      <RejectionNotice rejection={transaction.rejection} />
      <StuckNote transaction={transaction} />
      <Facts
        facts={[
          [
            'About',
            path === null ? (
              transaction.entityId
            ) : (
              <Link key="e" to={path}>
                {transaction.entityId}
              </Link>
            ),
          ],
          ['By', transaction.issuedBy],
          ['Accepted', <When key="a" at={transaction.acceptedAt} />],
          [
            'Took',
            transaction.finishedAt === null
              ? 'under way'
              : formatDuration(Date.parse(transaction.finishedAt) - Date.parse(transaction.acceptedAt)),
          ],
          ['Id', <CopyId key="i" id={transaction.id} of="transaction" />],
        ]}
      />
      <section className="story">
        <h3>Steps</h3>
        <TransactionSteps transaction={transaction} names={noNames} />
      </section>
      <LogOfTransaction id={transaction.id} />
    </Panel>
  );
}
