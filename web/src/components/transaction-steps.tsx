/** A transaction's command and its steps, each with the time since it was accepted. */
import { Link } from 'react-router';
import { commandTitle, stepTitle } from '../counterfoils/counterfoil';
import type { TransactionFieldsFragment } from '../gql/graphql';
import { formatCount, formatExact, formatTime, formatWhen } from '../text/format';
import { hasEnded } from '../text/has-ended';
import { productPath } from '../text/paths';

export interface TransactionStepsProps {
  readonly transaction: TransactionFieldsFragment;
  /** Names of the entities that steps are about. */
  readonly names: ReadonlyMap<string, string>;
}

export function TransactionSteps({ transaction, names }: TransactionStepsProps) {
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
                  <Link to={productPath(step.entityId)}>{names.get(step.entityId)}</Link>
                </>
              ) : null}
            </span>
            <time className="faint num" dateTime={step.at} title={formatTime(step.at)}>
              +{formatCount(Math.max(0, Date.parse(step.at) - began))} ms
            </time>
          </li>
        ))}
        {hasEnded(transaction.status) ? null : <li className="next">under way …</li>}
      </ol>
    </>
  );
}
