/** What is in trouble: transactions that do not go on, with what they wait for, and records that could not be read. */
import { useState } from 'react';
import { Link } from 'react-router';
import { Confirm } from '../components/confirm';
import { Problem, Skeleton } from '../components/empty-state';
import { TransactionBadge } from '../components/status';
import { TransactionSteps } from '../components/transaction-steps';
import { When } from '../components/values';
import { commandTitle } from '../counterfoils/counterfoil';
import {
  type DeadLetterFieldsFragment,
  DropDeadLetterDocument,
  RetryDeadLetterDocument,
  type TroublesQuery,
} from '../gql/graphql';
import { client } from '../graph/client';
import { formatCount } from '../text/format';
import { transactionPath } from '../text/paths';
import type { Troubles } from './use-console';

const noNames: ReadonlyMap<string, string> = new Map();

export function StuckTransactions({ troubles }: { readonly troubles: Troubles }) {
  const stuck = troubles.data?.stuckTransactions;
  return (
    <section className="card" aria-labelledby="console-stuck">
      <header>
        <h2 id="console-stuck">Stuck transactions</h2>
        <span className="faint">under way for more than a minute</span>
      </header>
      {stuck === undefined ? (
        <Loading troubles={troubles} />
      ) : stuck.length === 0 ? (
        <p className="faint">None: whatever has not ended is younger than a minute.</p>
      ) : (
        <ul className="console-list">
          {stuck.map((each) => (
            <StuckTransaction key={each.transaction.id} stuck={each} onSettled={troubles.refresh} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Loading({ troubles: { error, refresh } }: { readonly troubles: Troubles }) {
  return error === undefined ? <Skeleton lines={3} /> : <Problem error={error} onRetry={refresh} />;
}

interface StuckProps {
  readonly stuck: TroublesQuery['stuckTransactions'][number];
  readonly onSettled: () => void;
}

function StuckTransaction({ stuck: { transaction, waitsFor }, onSettled }: StuckProps) {
  return (
    <li>
      <p>
        <TransactionBadge status={transaction.status} />{' '}
        <Link to={transactionPath(transaction.id)}>
          {commandTitle(transaction.command)} {transaction.entityId}
        </Link>{' '}
        <span className="faint">
          since <When at={transaction.acceptedAt} />
        </span>
      </p>
      <ul className="console-waits">
        {waitsFor.map(({ command, why, deadLetter }) => (
          <li key={command?.id ?? ''}>
            {command === null ? null : (
              <p>
                Waits for <strong>{command.type}</strong> of {command.aggregate} {command.entityId}{' '}
                <code className="faint">
                  {command.topic}/{command.partition}@{command.offset}
                </code>
              </p>
            )}
            <p className={deadLetter === null ? '' : 'bad'}>{why}</p>
            {deadLetter === null ? null : <Letter letter={deadLetter} onSettled={onSettled} />}
          </li>
        ))}
      </ul>
      <details>
        <summary>Steps so far</summary>
        <TransactionSteps transaction={transaction} names={noNames} />
      </details>
    </li>
  );
}

export function DeadLetters({ troubles }: { readonly troubles: Troubles }) {
  const found = troubles.data?.deadLetters;
  return (
    <section className="card" aria-labelledby="console-dead">
      <header>
        <h2 id="console-dead">Dead letters</h2>
        <span className="faint">records that could not be read</span>
      </header>
      {found === undefined ? (
        <Loading troubles={troubles} />
      ) : found.nodes.length === 0 ? (
        <p className="faint">None.</p>
      ) : (
        <>
          <ul className="console-list">
            {found.nodes.map((letter) => (
              <li key={`${letter.topic} ${letter.key}`}>
                <p>
                  <strong>{letter.type ?? 'Record'}</strong> <span className="faint">of {letter.entityId}</span>{' '}
                  <code className="faint">
                    {letter.topic} {letter.key}
                  </code>{' '}
                  <span className="faint">
                    <When at={letter.at} />
                  </span>
                </p>
                <p className="bad">{letter.reason}</p>
                {letter.stalls === null ? null : (
                  <p>
                    A transaction waits for it: <Link to={transactionPath(letter.stalls.id)}>{letter.stalls.id}</Link>
                  </p>
                )}
                <Letter letter={letter} onSettled={troubles.refresh} />
              </li>
            ))}
          </ul>
          {found.totalCount > found.nodes.length ? (
            <p className="faint">
              {formatCount(found.totalCount)} in all, the newest are shown; <code>counterfoil dead list</code> shows
              them all.
            </p>
          ) : null}
        </>
      )}
    </section>
  );
}

interface LetterProps {
  readonly letter: DeadLetterFieldsFragment;
  readonly onSettled: () => void;
}

/** The record, and what can be done with it. */
function Letter({ letter, onSettled }: LetterProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const { topic, key, ended } = letter;
  const settle = (mutation: typeof RetryDeadLetterDocument | typeof DropDeadLetterDocument) => {
    setProblem(null);
    client
      .mutate({ mutation, variables: { topic, key }, fetchPolicy: 'no-cache' })
      .then(onSettled, (error: Error) => setProblem(error.message));
  };
  return (
    <div className="console-letter">
      <details>
        <summary>Record, {formatCount(letter.size)} bytes</summary>
        <pre>{JSON.stringify(letter.headers, null, 2)}</pre>
        <pre>{letter.value ?? 'no value'}</pre>
      </details>
      {problem === null ? null : (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {ended ? <p className="faint">Its transaction has ended REJECTED, so it can only be dropped.</p> : null}
      <div className="console-actions">
        {ended ? null : (
          <Confirm
            label="Retry"
            question="Put the record back on its topic, to be read again? Mend first what could not read it."
            onConfirm={() => settle(RetryDeadLetterDocument)}
          />
        )}
        <Confirm
          label="Drop"
          question="Take it off the list for good? What waits for it will not go on by it."
          onConfirm={() => settle(DropDeadLetterDocument)}
        />
      </div>
    </div>
  );
}
