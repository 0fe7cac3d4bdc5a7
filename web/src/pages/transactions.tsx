/** What became of every mutation, live: one's own, or all for an admin. */
import { useMemo } from 'react';
import { Link, useLocation } from 'react-router';
import type { Column } from '../components/data-table';
import { EmptyState } from '../components/empty-state';
import { Choice } from '../components/field';
import { ListPage, useScroller } from '../components/list-page';
import { useListParams } from '../components/list-params';
import { TransactionBadge } from '../components/status';
import { When } from '../components/values';
import { commandTitle, stepTitle } from '../counterfoils/counterfoil';
import { codeTitle } from '../counterfoils/rejection-words';
import {
  type TransactionFieldsFragment,
  type TransactionStatus,
  TransactionsDocument,
  type TransactionsQuery,
} from '../gql/graphql';
import { useConnection } from '../graph/use-connection';
import { useViewer } from '../graph/viewer';
import { formatDuration } from '../text/format';
import { transactionPath } from '../text/paths';

const pick = (data: TransactionsQuery) => data.transactions;
const fields = ['ACCEPTED_AT', 'STATUS', 'ISSUED_BY'] as const;

type Show = 'all' | 'open' | 'done' | 'rejected';
const shows: readonly (readonly [Show, string])[] = [
  ['all', 'All'],
  ['open', 'Under way'],
  ['done', 'Completed'],
  ['rejected', 'Rejected'],
];
const statuses: Record<Show, TransactionStatus[] | null> = {
  all: null,
  open: ['ACCEPTED', 'PENDING'],
  done: ['COMPLETED'],
  rejected: ['REJECTED'],
};
const whose = [
  ['all', "Everyone's"],
  ['mine', 'Mine'],
] as const;

export default function Transactions() {
  const list = useListParams(fields, { by: 'ACCEPTED_AT', desc: true });
  const { isStaff } = useViewer();
  const { search } = useLocation();
  const show = shows.find(([name]) => name === list.params.get('show'))?.[0] ?? 'all';
  const mine = !isStaff || list.params.get('of') === 'mine';
  const status = statuses[show];
  const scroller = useScroller();
  const transactions = useConnection({
    document: TransactionsDocument,
    variables: {
      filter: { ...(status === null ? {} : { status }), ...(mine ? { mine: true } : {}) },
      sort: list.order,
    },
    pick,
    kinds: ['Transaction'],
    busy: scroller.busy,
  });
  const columns = useMemo<Column<TransactionFieldsFragment>[]>(
    () => [
      {
        id: 'COMMAND',
        title: 'Transaction',
        width: '20rem',
        cell: (transaction) => (
          <span className="two-lines">
            <Link to={transactionPath(transaction.id) + search}>{commandTitle(transaction.command)}</Link>
            <span className="second">{transaction.entityId}</span>
          </span>
        ),
      },
      {
        id: 'STATUS',
        title: 'Status',
        sortable: true,
        width: '8rem',
        cell: (transaction) => <TransactionBadge status={transaction.status} />,
      },
      {
        id: 'LAST',
        title: 'Last step',
        from: 'wide',
        cell: (transaction) => (
          <span className="clip">
            {transaction.rejection === null
              ? stepTitle(transaction.command, transaction.steps.at(-1)?.name ?? '')
              : codeTitle(transaction.rejection.code)}
          </span>
        ),
      },
      {
        id: 'ISSUED_BY',
        title: 'By',
        sortable: true,
        from: 'wide',
        width: '8rem',
        cell: (transaction) => <span className="clip">{transaction.issuedBy}</span>,
      },
      {
        id: 'ACCEPTED_AT',
        title: 'Accepted',
        sortable: true,
        right: true,
        width: '8rem',
        cell: (transaction) => <When at={transaction.acceptedAt} />,
      },
      {
        id: 'TOOK',
        title: 'Took',
        right: true,
        from: 'medium',
        width: '6rem',
        cell: (transaction) => (
          <span className="num faint">
            {transaction.finishedAt === null
              ? '…'
              : formatDuration(Date.parse(transaction.finishedAt) - Date.parse(transaction.acceptedAt))}
          </span>
        ),
      },
    ],
    [search],
  );
  return (
    <ListPage
      title="Transactions"
      noun="transaction"
      list={transactions}
      columns={columns}
      sort={list.sort}
      onSort={list.setSort}
      scroller={scroller}
      path={(transaction) => transactionPath(transaction.id)}
      filtered={show !== 'all' || (isStaff && mine)}
      toolbar={
        <div className="toolbar-row">
          <Choice
            label="Status"
            value={show}
            options={shows}
            onChoose={(next) => list.set({ show: next === 'all' ? null : next })}
          />
          {isStaff ? (
            <Choice
              label="Whose"
              value={mine ? 'mine' : 'all'}
              options={whose}
              onChoose={(next) => list.set({ of: next === 'mine' ? 'mine' : null })}
            />
          ) : null}
        </div>
      }
      empty={
        <EmptyState title="No transactions yet">
          <p>Every change made on these pages, or through the API, shows up here from its first moment.</p>
        </EmptyState>
      }
    />
  );
}
