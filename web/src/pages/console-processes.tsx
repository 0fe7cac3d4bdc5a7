/** The processes of the system: who is there, what each runs, how far behind it is, and what it waits for. */
import { Badge } from '../components/status';
import { When } from '../components/values';
import type { SystemFieldsFragment } from '../gql/graphql';
import { formatCount, formatDuration, plural } from '../text/format';

type Process = SystemFieldsFragment['processes'][number];
type Part = Process['parts'][number];
type Partition = Part['partitions'][number];

export function Processes({ processes }: { readonly processes: readonly Process[] }) {
  const well = processes.filter(isWell).length;
  return (
    <section className="card" aria-labelledby="console-processes">
      <header>
        <h2 id="console-processes">Processes</h2>
        <span className="faint num">
          {formatCount(well)} of {formatCount(processes.length)} well
        </span>
      </header>
      <ul className="console-list">
        {processes.map((process) => (
          <Known key={process.id} process={process} />
        ))}
      </ul>
    </section>
  );
}

const isWell = ({ hearing, parts }: Process): boolean => hearing === 'HEARD' && parts.every(({ ready }) => ready);

function stateOf(process: Process): readonly ['good' | 'wait' | 'bad' | 'off', string] {
  if (process.hearing === 'GONE') return ['bad', 'Gone'];
  if (process.hearing === 'SILENT') return ['wait', 'Not heard'];
  if (isWell(process)) return ['good', 'Well'];
  return process.parts.some(({ state }) => state === 'trouble') ? ['bad', 'In trouble'] : ['wait', 'Not ready'];
}

const lagOf = (partitions: readonly Partition[]) => ({
  records: partitions.reduce((sum, { records }) => sum + records, 0),
  seconds: Math.max(0, ...partitions.map(({ seconds }) => seconds)),
});

function Known({ process }: { readonly process: Process }) {
  const { roles, host, pid, startedAt, at, version, memoryBytes, loopDelayMs, parts, hearing } = process;
  const [tone, word] = stateOf(process);
  const lag = lagOf(parts.flatMap(({ partitions }) => partitions));
  return (
    <li className="console-process" data-state={word}>
      <p>
        <Badge tone={tone}>{word}</Badge> <strong>{roles.join(', ')}</strong>{' '}
        <span className="faint">
          {host}, process <span className="num">{pid}</span>
        </span>
      </p>
      <p className="faint">
        {hearing === 'HEARD' ? (
          <>
            since <When at={startedAt} />, {formatCount(Math.round(memoryBytes / 1_048_576))} MB, event loop held up{' '}
            {formatDuration(loopDelayMs)} at most, {lagWords(lag)}, version {version}
          </>
        ) : (
          <>
            last heard of <When at={at} />
          </>
        )}
      </p>
      {parts
        .filter(({ ready }) => !ready)
        .map((part) => (
          <p key={part.name} className={part.state === 'trouble' ? 'bad' : ''}>
            {part.name}: {part.detail ?? part.state}
          </p>
        ))}
      <details>
        <summary>{plural(parts.length, 'part')}</summary>
        <ul className="console-parts">
          {parts.map((part) => (
            <PartOf key={part.name} part={part} />
          ))}
        </ul>
      </details>
    </li>
  );
}

const lagWords = ({ records, seconds }: { readonly records: number; readonly seconds: number }): string =>
  records === 0 ? 'nothing to catch up with' : `${plural(records, 'record')} behind, ${formatDuration(seconds * 1000)}`;

function PartOf({ part: { name, state, ready, detail, partitions } }: { readonly part: Part }) {
  return (
    <li>
      <p>
        <strong>{name}</strong> <span className={ready ? 'faint' : 'bad'}>{detail ?? state}</span>
        {partitions.length === 0 ? null : <span className="faint num"> {lagWords(lagOf(partitions))}</span>}
      </p>
      {partitions.length === 0 ? null : (
        <details>
          <summary>{plural(partitions.length, 'partition')}</summary>
          <ul>
            {partitions.map((each) => (
              <li key={`${each.topic}/${each.partition}`} className="num">
                <code>
                  {each.topic}/{each.partition}
                </code>{' '}
                {each.restored !== null && each.restored < 1
                  ? `restoring, ${Math.round(each.restored * 100)} %`
                  : each.state === 'running'
                    ? lagWords(each)
                    : each.state}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
