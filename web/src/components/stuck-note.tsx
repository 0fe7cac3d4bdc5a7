/** Says of a transaction that has been under way for long that it has, and leads admins to what it waits for. */
import { Link } from 'react-router';
import type { TransactionFieldsFragment } from '../gql/graphql';
import { useNow } from '../graph/use-now';
import { atLeast, useViewer } from '../graph/viewer';
import { hasEnded } from '../text/has-ended';
import { CONSOLE } from '../text/paths';

/** From then on the console lists it, ms. */
const STUCK_AFTER_MS = 60_000;

export function StuckNote({
  transaction: { status, acceptedAt },
}: {
  readonly transaction: Pick<TransactionFieldsFragment, 'status' | 'acceptedAt'>;
}) {
  const now = useNow();
  const { role } = useViewer();
  if (hasEnded(status) || now - Date.parse(acceptedAt) < STUCK_AFTER_MS) return null;
  return (
    <div className="notice bad" role="status">
      <p>This has been under way for more than a minute.</p>
      {atLeast(role, 'ADMIN') ? (
        <p className="faint">
          The <Link to={CONSOLE}>console</Link> tells what it waits for, and what can be done.
        </p>
      ) : (
        <p className="faint">It is not lost: it goes on once what it waits for is back.</p>
      )}
    </div>
  );
}
