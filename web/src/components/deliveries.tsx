/**
 * What is on its way to a webhook, and what was sent lately: read again whenever something of it changes, and not kept. The
 * server is asked for what is to be done with them; it shows on them when it is done.
 */
import { useCallback, useEffect, useId, useState } from 'react';
import {
  DeliveriesDocument,
  DeliveryChangedDocument,
  type DeliveryFieldsFragment,
  type DeliveryStatus,
  DropDeliveryDocument,
  RetryDeliveryDocument,
} from '../gql/graphql';
import { client } from '../graph/client';
import { keepSubscribed } from '../graph/keep-subscribed';
import { formatCount } from '../text/format';
import { Confirm } from './confirm';
import { Problem, Skeleton } from './empty-state';
import { Choice } from './field';
import { Badge, statusTitle, type Tone } from './status';
import { When } from './values';

const tones: Record<DeliveryStatus, Tone> = { PENDING: 'wait', FAILED: 'bad', DELIVERED: 'good', DROPPED: 'off' };
const SHOWN: Readonly<Record<'all' | 'open' | 'failed', readonly DeliveryStatus[] | null>> = {
  all: null,
  open: ['PENDING', 'FAILED'],
  failed: ['FAILED'],
};
const AT_ONCE = 20;
const MOST = 200;
/** Changes come in crowds: what has changed is read once for all of them, ms. */
const GATHER_MS = 400;

interface Page {
  readonly rows: readonly DeliveryFieldsFragment[];
  readonly totalCount: number;
}

/** The newest deliveries of a webhook in these statuses, as they are now. */
function useDeliveries(webhookId: string, status: readonly DeliveryStatus[] | null, first: number) {
  const [page, setPage] = useState<Page | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const read = useCallback(async () => {
    try {
      const variables = { filter: { webhookId, status: status && [...status] }, first };
      const { data } = await client.query({ query: DeliveriesDocument, variables, fetchPolicy: 'no-cache' });
      if (data === undefined) throw new Error('the server gave no answer');
      const { edges, totalCount } = data.deliveries;
      setPage({ rows: edges.map(({ node }) => node), totalCount });
      setError(null);
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    }
  }, [webhookId, status, first]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        void read();
      }, GATHER_MS);
    };
    void read();
    // A subscription does not say when it has begun: what is read again a little later is newer.
    const stop = keepSubscribed({ query: DeliveryChangedDocument, variables: { webhookId }, next: soon, opened: soon });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [webhookId, read]);
  return { page, error, read };
}

export function Deliveries({ webhookId }: { readonly webhookId: string }) {
  const [shown, setShown] = useState<keyof typeof SHOWN>('all');
  const [first, setFirst] = useState(AT_ONCE);
  const { page, error, read } = useDeliveries(webhookId, SHOWN[shown], first);
  const [refused, setRefused] = useState<string | null>(null);
  const heading = useId();
  const ask = async (document: typeof RetryDeliveryDocument | typeof DropDeliveryDocument, id?: string) => {
    try {
      const variables = { input: id === undefined ? { webhookId } : { id } };
      await client.mutate({ mutation: document, variables, fetchPolicy: 'no-cache' });
      setRefused(null);
    } catch (failure) {
      setRefused(failure instanceof Error ? failure.message : String(failure));
    }
  };
  const open = page?.rows.filter(({ status }) => status === 'PENDING' || status === 'FAILED').length ?? 0;
  return (
    <section className="log" aria-labelledby={heading}>
      <div className="log-head">
        <h3 id={heading}>Deliveries</h3>
        <Choice
          label="Which deliveries"
          value={shown}
          options={[
            ['all', 'All'],
            ['open', 'Open'],
            ['failed', 'Failed'],
          ]}
          onChoose={setShown}
        />
      </div>
      {refused === null ? null : (
        <p role="alert" className="problem">
          {refused}
        </p>
      )}
      {error !== null ? <Problem error={error} onRetry={() => void read()} /> : null}
      {page === null ? (
        <Skeleton lines={4} />
      ) : (
        <>
          <p className="faint" aria-live="polite">
            {page.totalCount === 0
              ? 'None yet: events show here once they are taken up.'
              : `${formatCount(page.totalCount)} deliveries, ${formatCount(page.rows.length)} shown`}
          </p>
          {open === 0 ? null : (
            <div className="log-actions">
              <button type="button" onClick={() => void ask(RetryDeliveryDocument)}>
                Retry all
              </button>
              <Confirm
                label="Drop all"
                question="Never send what is open?"
                onConfirm={() => void ask(DropDeliveryDocument)}
              />
            </div>
          )}
          <ol className="log-records">
            {page.rows.map((delivery) => (
              <Delivery
                key={delivery.id}
                delivery={delivery}
                onRetry={() => void ask(RetryDeliveryDocument, delivery.id)}
                onDrop={() => void ask(DropDeliveryDocument, delivery.id)}
              />
            ))}
          </ol>
          {page.totalCount > page.rows.length && first < MOST ? (
            <button type="button" onClick={() => setFirst(Math.min(MOST, first + AT_ONCE))}>
              Show more
            </button>
          ) : null}
        </>
      )}
    </section>
  );
}

interface DeliveryProps {
  readonly delivery: DeliveryFieldsFragment;
  readonly onRetry: () => void;
  readonly onDrop: () => void;
}

function Delivery({ delivery, onRetry, onDrop }: DeliveryProps) {
  const { type, entityId, eventAt, status, attempts, error, nextAttemptAt, eventId } = delivery;
  const isOpen = status === 'PENDING' || status === 'FAILED';
  return (
    <li>
      <p>
        <Badge tone={tones[status]}>{statusTitle(status)}</Badge> <strong>{type}</strong>{' '}
        <span className="faint">of {entityId}</span>
      </p>
      <p className="faint">
        <span title={eventId}>
          <When at={eventAt} />
        </span>
        , {attempts === 1 ? 'tried once' : `tried ${formatCount(attempts)} times`}
        {nextAttemptAt === null ? null : (
          <>
            , again <When at={nextAttemptAt} />
          </>
        )}
      </p>
      {error === null ? null : <p className="problem">{error}</p>}
      {isOpen ? (
        <div className="log-actions">
          <button type="button" aria-label={`Retry ${type} of ${entityId}`} onClick={onRetry}>
            Retry
          </button>
          <Confirm label="Drop" question={`Never send ${type} of ${entityId}?`} onConfirm={onDrop} />
        </div>
      ) : null}
    </li>
  );
}
