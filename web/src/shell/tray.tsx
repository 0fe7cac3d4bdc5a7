/** The tray: every change made on this page, from the click to its end. */
import { useEffect, useRef, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { Icon, Spinner } from '../components/icons';
import { canGoBack, putBack } from '../counterfoils/back-to-basket';
import {
  type Counterfoil,
  commandTitle,
  isPending,
  isWithoutEffect,
  linkOf,
  stepTitle,
} from '../counterfoils/counterfoil';
import { counterfoils } from '../counterfoils/counterfoils';
import { type RejectionWords, rejectionWords } from '../counterfoils/rejection-words';
import { useCounterfoils } from '../counterfoils/use-counterfoils';
import { expectedSteps } from '../graph/kinds';
import { useViewer } from '../graph/viewer';
import { formatDuration, formatWhen } from '../text/format';
import { EmptyTray } from './empty-tray';

export function Tray() {
  const { all, pending } = useCounterfoils();
  const finished = all.length - pending;
  return (
    <section className="tray" aria-label="Counterfoils">
      <header>
        <h2>Counterfoils</h2>
        {pending > 0 ? <span className="faint small">{pending} under way</span> : null}
        {finished > 0 ? (
          <button type="button" className="text-button" onClick={() => counterfoils.dismissFinished()}>
            Clear
          </button>
        ) : null}
      </header>
      {all.length === 0 ? <EmptyTray /> : null}
      <ol>
        {all.map((item, index) => (
          <Stub key={item.key} item={item} newest={index === 0} />
        ))}
      </ol>
      <Announcer all={all} />
    </section>
  );
}

/** Tells screen readers how each ended, once. */
function Announcer({ all }: { readonly all: readonly Counterfoil[] }) {
  const told = useRef<Set<string> | null>(null);
  const [words, setWords] = useState('');
  useEffect(() => {
    const ended = all.filter((item) => !isPending(item));
    if (told.current === null) {
      // What ended before the page was opened is no news.
      told.current = new Set(ended.map((item) => item.key));
      return;
    }
    const news = ended.filter((item) => !told.current?.has(item.key));
    if (news.length === 0) return;
    for (const item of news) told.current.add(item.key);
    setWords(news.map((item) => `${commandTitle(item.order.command)}, ${item.about}: ${outcome(item)}`).join('. '));
  }, [all]);
  return (
    <p className="sr" role="status">
      {words}
    </p>
  );
}

function outcome(item: Counterfoil): string {
  switch (item.state) {
    case 'sending':
      return 'sending';
    case 'unreached':
      return 'waiting for the server';
    case 'running':
      return stepTitle(item.order.command, item.steps.at(-1)?.name ?? 'accepted');
    case 'completed':
      return stepTitle(item.order.command, item.steps.at(-1)?.name ?? 'completed');
    case 'rejected':
    case 'not-accepted':
      return rejectionOf(item).what;
    case 'unknown':
      return item.problem ?? 'what became of it is not known';
  }
}

const rejectionOf = (item: Counterfoil): RejectionWords =>
  item.rejection === null
    ? { what: item.problem ?? 'It was not accepted.', remedy: 'Nothing was written. Change it and send it again.' }
    : rejectionWords(item.rejection);

interface Step {
  readonly name: string;
  readonly times: number;
  /** Since the command was accepted. */
  readonly afterMs: number;
}

/** Steps in order, with repeated ones (stock reserved, per product) counted; the time is that of the last of them. */
function counted(item: Counterfoil): Step[] {
  const began = Date.parse(item.steps[0]?.at ?? '');
  const steps = new Map<string, Step>();
  for (const { name, at } of item.steps) {
    const title = stepTitle(item.order.command, name);
    const times = (steps.get(title)?.times ?? 0) + 1;
    steps.set(title, { name: title, times, afterMs: Math.max(0, Date.parse(at) - began) });
  }
  return [...steps.values()];
}

function Stub({ item, newest }: { readonly item: Counterfoil; readonly newest: boolean }) {
  const pending = isPending(item);
  const withoutEffect = isWithoutEffect(item);
  const { role } = useViewer();
  const link = linkOf(item, role);
  const tone = item.state === 'completed' ? 'good' : withoutEffect ? 'bad' : item.state === 'unknown' ? 'off' : 'wait';
  const share = item.state === 'completed' ? 1 : Math.min(0.95, item.steps.length / expectedSteps(item.order));
  return (
    <li
      className={`stub-frame ${tone}`}
      data-state={item.state}
      data-key={item.key}
      data-took={item.tookMs ?? undefined}
    >
      <div className="stub">
        <div className="stub-mark">
          {pending ? <Spinner label="under way" /> : <Icon name={tone === 'good' ? 'check' : 'cross'} size={16} />}
        </div>
        <div className="stub-body">
          <p className="stub-title">{commandTitle(item.order.command)}</p>
          <p className="stub-about">{link === null ? item.about : <Link to={link}>{item.about}</Link>}</p>
          {pending ? <progress className="stub-progress" value={share} max={1} aria-label="Steps done" /> : null}
          {item.steps.length > 0 && (pending || newest || withoutEffect) ? (
            <ol className="stub-steps">
              {counted(item).map((step) => (
                <li key={step.name}>
                  <span>
                    {step.name}
                    {step.times > 1 ? <span className="faint"> ×{step.times}</span> : null}
                  </span>
                  <span className="faint num">{step.afterMs === 0 ? '' : `+${formatDuration(step.afterMs)}`}</span>
                </li>
              ))}
            </ol>
          ) : null}
          {item.state === 'unreached' ? (
            <p className="stub-note">No answer yet. It is sent again, with the same key, until there is one.</p>
          ) : null}
          {withoutEffect ? <Rejection item={item} /> : null}
          {item.state === 'unknown' ? <p className="stub-note">{item.problem}</p> : null}
          <p className="stub-foot">
            <span className="faint">
              {pending
                ? `${outcome(item)}${item.expected === undefined ? '' : ` · expected: ${item.expected}`}`
                : item.state === 'completed' && item.tookMs !== null
                  ? `${outcome(item)} in ${formatDuration(item.tookMs)}`
                  : formatWhen(new Date(item.madeAt).toISOString())}
            </span>
            {withoutEffect || item.state === 'unknown' ? <Again item={item} /> : null}
          </p>
        </div>
        {pending ? null : (
          <button
            type="button"
            className="stub-dismiss"
            aria-label={`Dismiss: ${commandTitle(item.order.command)}, ${item.about}`}
            onClick={() => counterfoils.dismiss(item.key)}
          >
            <Icon name="close" size={13} />
          </button>
        )}
      </div>
    </li>
  );
}

/** What can be done after a rejection: a purchase is changed in the basket, all else is sent again. */
function Again({ item }: { readonly item: Counterfoil }) {
  const navigate = useNavigate();
  if (canGoBack(item)) {
    const change = () => {
      putBack(item);
      void navigate('/shop');
    };
    return (
      <button type="button" className="text-button" onClick={change}>
        <Icon name="shop" size={13} /> {item.wentBack ? 'Change it in the basket' : 'Back to the basket'}
      </button>
    );
  }
  return (
    <button type="button" className="text-button" onClick={() => void counterfoils.tryAgain(item.key)}>
      <Icon name="retry" size={13} /> Try again
    </button>
  );
}

function Rejection({ item }: { readonly item: Counterfoil }) {
  const { what, remedy } = rejectionOf(item);
  return (
    <div className="stub-rejection">
      <p>{what}</p>
      {remedy === null ? null : <p className="faint">{remedy}</p>}
    </div>
  );
}
