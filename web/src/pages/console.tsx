/** The console, for admins: whether all is well, what is not, why, and what can be done about it. */
import { useState } from 'react';
import { Confirm } from '../components/confirm';
import { Problem, Skeleton } from '../components/empty-state';
import { Spinner } from '../components/icons';
import { Badge } from '../components/status';
import { When } from '../components/values';
import { StartRebuildDocument, StartVerifyDocument, type SystemFieldsFragment } from '../gql/graphql';
import { client } from '../graph/client';
import { formatCount } from '../text/format';
import { Processes } from './console-processes';
import { DeadLetters, StuckTransactions } from './console-troubles';
import { useSystem, useTroubles } from './use-console';
import '../style/console.css';

export default function Console() {
  const { data: system, error, show } = useSystem();
  const troubles = useTroubles(system?.deadLetterCount);
  return (
    <div className="page console">
      <header className="page-head">
        <h1>Console</h1>
        <p className="count">Live: processes tell how they are every few seconds.</p>
      </header>
      <StuckTransactions troubles={troubles} />
      <DeadLetters troubles={troubles} />
      {system === undefined ? (
        <section className="card">{error === undefined ? <Skeleton lines={6} /> : <Problem error={error} />}</section>
      ) : (
        <>
          <Processes processes={system.processes} />
          <Jobs system={system} show={show} />
        </>
      )}
    </div>
  );
}

interface JobsProps {
  readonly system: SystemFieldsFragment;
  readonly show: (system: SystemFieldsFragment) => void;
}

/** Verifying and rebuilding: started here, done in the background of a process, followed from everywhere. */
function Jobs({ system: { job }, show }: JobsProps) {
  const [problem, setProblem] = useState<string | null>(null);
  const begun = (starting: Promise<SystemFieldsFragment | undefined>) => {
    setProblem(null);
    starting.then(
      (system) => {
        if (system !== undefined) show(system);
      },
      (error: Error) => setProblem(error.message),
    );
  };
  const verify = () =>
    begun(
      client.mutate({ mutation: StartVerifyDocument, fetchPolicy: 'no-cache' }).then(({ data }) => data?.startVerify),
    );
  const rebuild = () =>
    begun(
      client.mutate({ mutation: StartRebuildDocument, fetchPolicy: 'no-cache' }).then(({ data }) => data?.startRebuild),
    );
  const running = job?.state === 'RUNNING';
  return (
    <section className="card" aria-labelledby="console-jobs">
      <header>
        <h2 id="console-jobs">Books and views</h2>
      </header>
      <p className="faint">
        Verifying folds all events again and compares them with the states and the views; it changes nothing. Rebuilding
        makes the views anew from the log.
      </p>
      {problem === null ? null : (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {job === null ? null : <Progress job={job} />}
      {running ? null : (
        <div className="console-actions">
          <button type="button" onClick={verify}>
            Verify
          </button>
          <Confirm
            label="Rebuild"
            question="Build all views anew from the log? Embedded views cannot be read until it is done."
            onConfirm={rebuild}
          />
        </div>
      )}
    </section>
  );
}

const kinds = { VERIFY: 'Verifying', REBUILD: 'Rebuilding' } as const;
const states = {
  RUNNING: ['wait', 'Under way'],
  DONE: ['good', 'Done'],
  DIFFERS: ['bad', 'Differs'],
  FAILED: ['bad', 'Failed'],
} as const;

function Progress({ job }: { readonly job: NonNullable<SystemFieldsFragment['job']> }) {
  const { kind, state, startedAt, finishedAt, phase, done, total, result } = job;
  const [tone, word] = states[state];
  return (
    <div className="console-job" data-state={state}>
      <p role="status">
        {state === 'RUNNING' ? <Spinner /> : null} <strong>{kinds[kind]}</strong> <Badge tone={tone}>{word}</Badge>
      </p>
      {state === 'RUNNING' ? (
        <>
          <progress value={done} max={Math.max(1, total)} aria-label={kinds[kind]} />
          <p className="faint num">
            {phase}: {formatCount(done)} of {formatCount(total)}, since <When at={startedAt} />
          </p>
        </>
      ) : (
        <>
          <p className="faint">
            Ended <When at={finishedAt} />
          </p>
          <ul className="console-result">
            {result.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
