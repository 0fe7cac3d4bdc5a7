/**
 * The log behind an entity or a transaction, for staff and admins: its commands and events, each with where it stands, who asked
 * for it and what caused it. Read when it is opened, and not kept: what stands on the log is never shown from a cache.
 */
import { useCallback, useEffect, useId, useState } from 'react';
import { Link } from 'react-router';
import { EntityLogDocument, type LogRecordFieldsFragment, TransactionLogDocument } from '../gql/graphql';
import { client } from '../graph/client';
import { useViewer } from '../graph/viewer';
import { formatCount } from '../text/format';
import { transactionPath } from '../text/paths';
import { Problem, Skeleton } from './empty-state';
import { When } from './values';

type LogRecord = LogRecordFieldsFragment & { readonly state?: unknown };

interface LogPage {
  readonly nodes: readonly LogRecord[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
}

type ReadPage = (after: string | null) => Promise<LogPage>;

const AT_ONCE = 50;

/** The commands and events of one entity. @param aggregate in the plural, as in its topics */
export function LogBehind({ aggregate, id }: { readonly aggregate: string; readonly id: string }) {
  const read = useCallback<ReadPage>(
    async (after) => {
      const variables = { aggregate, id, first: AT_ONCE, after };
      const { data } = await client.query({ query: EntityLogDocument, variables, fetchPolicy: 'no-cache' });
      if (data === undefined) throw new Error('the server gave no answer');
      return data.log;
    },
    [aggregate, id],
  );
  return <Records read={read} links />;
}

/** The commands and events of one transaction, those of all aggregates. */
export function LogOfTransaction({ id }: { readonly id: string }) {
  const read = useCallback<ReadPage>(
    async (after) => {
      const variables = { id, first: AT_ONCE, after };
      const { data } = await client.query({ query: TransactionLogDocument, variables, fetchPolicy: 'no-cache' });
      if (!data?.transaction) throw new Error('the transaction is no longer there');
      return data.transaction.log;
    },
    [id],
  );
  return <Records read={read} />;
}

function Records({ read, links = false }: { readonly read: ReadPage; readonly links?: boolean }) {
  const [open, setOpen] = useState(false);
  const { isStaff } = useViewer();
  const heading = useId();
  if (!isStaff) return null;
  return (
    <section className="log" aria-labelledby={heading}>
      <div className="log-head">
        <h3 id={heading}>Log</h3>
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide the log' : 'Show the log'}
        </button>
      </div>
      {open ? <Pages read={read} links={links} /> : null}
    </section>
  );
}

function Pages({ read, links }: { readonly read: ReadPage; readonly links: boolean }) {
  const [records, setRecords] = useState<readonly LogRecord[]>([]);
  const [last, setLast] = useState<Omit<LogPage, 'nodes'> | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const [reading, setReading] = useState(false);

  const load = useCallback(
    async (after: string | null, ended: () => boolean = () => false) => {
      setReading(true);
      setError(null);
      try {
        const { nodes, ...page } = await read(after);
        if (ended()) return;
        setRecords((before) => (after === null ? nodes : [...before, ...nodes]));
        setLast(page);
      } catch (failure) {
        if (!ended()) setError(failure instanceof Error ? failure : new Error(String(failure)));
      } finally {
        if (!ended()) setReading(false);
      }
    },
    [read],
  );
  useEffect(() => {
    let ended = false;
    void load(null, () => ended);
    return () => {
      ended = true;
    };
  }, [load]);

  const after = last?.pageInfo.endCursor ?? null;
  if (error !== null) return <Problem error={error} onRetry={() => void load(after)} />;
  if (last === null) return <Skeleton lines={4} />;
  const types = new Map(records.map(({ id, type }) => [id, type]));
  return (
    <>
      <p className="faint">
        {formatCount(last.totalCount)} records, {formatCount(records.length)} shown
      </p>
      <ol className="log-records">
        {records.map((record) => (
          <Record key={`${record.topic}/${record.partition}@${record.offset}`} {...{ record, types, links }} />
        ))}
      </ol>
      {last.pageInfo.hasNextPage ? (
        <button type="button" disabled={reading} onClick={() => void load(after)}>
          Show more
        </button>
      ) : null}
    </>
  );
}

interface RecordProps {
  readonly record: LogRecord;
  /** What the records shown are called, by id. */
  readonly types: ReadonlyMap<string, string>;
  readonly links: boolean;
}

function Record({ record, types, links }: RecordProps) {
  const { kind, type, version, at, issuedBy, transactionId, causedBy, unreadable, topic, partition, offset } = record;
  const cause = causedBy === null ? undefined : types.get(causedBy);
  return (
    <li className={kind === 'COMMAND' ? 'command' : 'event'}>
      <p>
        <span className="faint">{kind === 'COMMAND' ? 'Command' : 'Event'}</span> <strong>{type}</strong>
        {version === null ? null : <span className="faint num"> version {formatCount(version)}</span>}
      </p>
      <p className="faint">
        <When at={at} /> by {issuedBy ?? 'nobody known'}
        {causedBy === null ? null : (
          <>
            , because of <span title={causedBy}>{cause ?? 'a command of another aggregate'}</span>
          </>
        )}
      </p>
      <p className="faint">
        <code>
          {topic}/{partition}@{offset}
        </code>{' '}
        {links && transactionId !== null ? <Link to={transactionPath(transactionId)}>whole transaction</Link> : null}
      </p>
      {unreadable === null ? <Json title="Data" value={record.data} /> : <p className="bad">{unreadable}</p>}
      {record.state === null || record.state === undefined ? null : (
        <Json title="State after it" value={record.state} />
      )}
    </li>
  );
}

function Json({ title, value }: { readonly title: string; readonly value: unknown }) {
  return (
    <details>
      <summary>{title}</summary>
      <pre>{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}
