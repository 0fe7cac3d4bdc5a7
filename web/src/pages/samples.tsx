/** Loading the Northwind orders: the offer when there is nothing yet, and how it goes. */
import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { EmptyState } from '../components/empty-state';
import { Icon, Spinner } from '../components/icons';
import {
  LoadSamplesDocument,
  SampleImportChangedDocument,
  type SampleImportFieldsFragment,
  SampleImportStateDocument,
} from '../gql/graphql';
import { onGap } from '../graph/socket';
import { formatCount } from '../text/format';

export interface SampleImportView {
  readonly state: SampleImportFieldsFragment | null;
  /** Was it started, or seen running, since the page was opened? */
  readonly seen: boolean;
  readonly problem: string | null;
  start(): void;
}

/** Follows the import while it runs, whoever started it; nothing is asked where it is not `wanted`. */
export function useSampleImport(wanted: boolean): SampleImportView {
  const client = useApolloClient();
  const [state, setState] = useState<SampleImportFieldsFragment | null>(null);
  const [seen, setSeen] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  /** Grows with each answer: a slow one must not take the place of one that was asked for later. */
  const taken = useRef(0);
  const take = useCallback((next: SampleImportFieldsFragment) => {
    taken.current += 1;
    setState(next);
    if (next.running) setSeen(true);
  }, []);
  const running = state?.running === true;

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round asks again
  useEffect(() => {
    if (!wanted) return;
    let stopped = false;
    const before = taken.current;
    client
      .query({ query: SampleImportStateDocument, fetchPolicy: 'no-cache' })
      .then(({ data }) => {
        if (data && !stopped && taken.current === before) take(data.sampleImport);
      })
      .catch(() => {});
    return () => {
      stopped = true;
    };
  }, [client, take, round, wanted]);
  useEffect(() => onGap(() => setRound((n) => n + 1)), []);

  useEffect(() => {
    if (!running) return;
    const subscription = client.subscribe({ query: SampleImportChangedDocument, fetchPolicy: 'no-cache' }).subscribe({
      next: ({ data }) => {
        if (data) take(data.sampleImport);
      },
      error: () => setRound((n) => n + 1),
      complete: () => setRound((n) => n + 1),
    });
    return () => subscription.unsubscribe();
  }, [client, running, take]);

  const start = () => {
    setProblem(null);
    setSeen(true);
    client
      .mutate({ mutation: LoadSamplesDocument, fetchPolicy: 'no-cache' })
      .then(({ data }) => {
        if (data) take(data.loadSamples);
      })
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  };
  return { state, seen, problem, start };
}

export function Samples({ state: view, empty }: { readonly state: SampleImportView; readonly empty: boolean }) {
  const { state, seen, problem } = view;
  if (seen && state !== null && (state.running || state.finishedAt !== null || state.error !== null))
    return <RunningImport view={view} state={state} />;
  if (!empty) return null;
  return (
    <EmptyState title="Nothing here yet">
      <p>Load a real shop’s history, or begin with a product of your own.</p>
      {problem === null ? null : <p className="problem">{problem}</p>}
      <div className="empty-actions">
        <button type="button" className="primary" disabled={seen && problem === null} onClick={view.start}>
          {seen && problem === null ? <Spinner /> : <Icon name="download" size={16} />} Load the Northwind orders
        </button>
        <Link className="button" to="/products/new">
          <Icon name="plus" size={16} /> Add your first product
        </Link>
      </div>
    </EmptyState>
  );
}

const phases: Record<string, string> = {
  customers: 'Adding customers',
  products: 'Adding products',
  purchases: 'Placing purchases',
  discontinuing: 'Discontinuing products',
  done: 'Loaded',
};

function RunningImport({
  view,
  state,
}: {
  readonly view: SampleImportView;
  readonly state: SampleImportFieldsFragment;
}) {
  const title = state.error === null ? (phases[state.phase] ?? 'Starting') : 'The import stopped';
  return (
    <section className="card import" aria-label="Northwind import" data-phase={state.phase}>
      <p className="import-title">
        {state.running ? <Spinner /> : <Icon name={state.error === null ? 'check' : 'cross'} size={16} />} Northwind
        orders: {title}
      </p>
      <progress value={state.done} max={Math.max(1, state.total)} aria-label="Commands accepted" />
      <p className="faint num">
        {formatCount(state.done)} of {formatCount(state.total)} sent · {formatCount(state.confirmed)} confirmed
        {state.rejected > 0 ? ` · ${formatCount(state.rejected)} rejected` : ''}
      </p>
      {state.error === null ? null : (
        <p className="problem">
          {state.error}{' '}
          <button type="button" onClick={view.start}>
            Go on
          </button>
        </p>
      )}
    </section>
  );
}
