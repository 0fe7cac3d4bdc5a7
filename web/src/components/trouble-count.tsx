/** How many transactions are stuck and records could not be read, beside the way to the console: for admins, who alone may ask. */
import { useQuery } from '@apollo/client/react';
import { TroubleCountDocument } from '../gql/graphql';
import { formatCount } from '../text/format';

const ASK_EVERY_MS = 30_000;
/** Of stuck transactions; more of them are shown as so many. */
const MOST = 50;

export function TroubleCount() {
  const { data } = useQuery(TroubleCountDocument, {
    variables: { most: MOST },
    fetchPolicy: 'no-cache',
    pollInterval: ASK_EVERY_MS,
    skipPollAttempt: () => document.hidden,
  });
  const [letters, stuck] = [data?.deadLetters.totalCount ?? 0, data?.stuckTransactions.length ?? 0];
  if (letters + stuck === 0) return null;
  // A transaction that waits for a dead letter is one trouble, and counts once.
  const count = Math.max(letters, stuck);
  const dead = letters === 1 ? '1 dead letter' : `${formatCount(letters)} dead letters`;
  const title = `${formatCount(stuck)}${stuck === MOST ? ' or more' : ''} stuck, ${dead}`;
  return (
    <span className="trouble-count num" title={title} role="img" aria-label={title}>
      {formatCount(count)}
    </span>
  );
}
