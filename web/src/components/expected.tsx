/** How it is shown that a value is only expected, and that a change was rejected after all. */
import type { ReactNode } from 'react';
import { type Counterfoil, commandTitle, isWithoutEffect } from '../counterfoils/counterfoil';
import { counterfoils } from '../counterfoils/counterfoils';
import { useCounterfoils } from '../counterfoils/use-counterfoils';
import { kindOfCommand, singularOf } from '../graph/kinds';
import { RejectionNotice } from './rejection-notice';

/** A value; marked as expected where it is. */
export const Maybe = ({ expected, children }: { readonly expected: boolean; readonly children: ReactNode }) =>
  expected ? (
    <span className="expected" title="Expected: it has not been decided yet">
      {children}
      <span className="sr"> (expected)</span>
    </span>
  ) : (
    children
  );

/** Whether the counterfoil was to change the entity. */
function isAbout({ order }: Counterfoil, id: string): boolean {
  const kind = kindOfCommand(order.command);
  return kind !== undefined && Reflect.get(order.input, `${singularOf(kind)}Id`) === id;
}

/** Says of the newest change of an entity that it was not made, and why; until its counterfoil is dismissed. */
export function NotChanged({ id }: { readonly id: string }) {
  const { all } = useCounterfoils();
  const newest = all.find((item) => isAbout(item, id));
  if (newest === undefined || !isWithoutEffect(newest)) return null;
  const { rejection, problem, key, order } = newest;
  return (
    <div className="not-changed" role="status">
      <p className="small">
        <strong>{commandTitle(order.command)}</strong>: rejected, and nothing was changed.{' '}
        <button type="button" className="text-button" onClick={() => counterfoils.dismiss(key)}>
          Dismiss
        </button>
      </p>
      <RejectionNotice rejection={rejection ?? { code: '', message: problem ?? 'It was not accepted' }} />
    </div>
  );
}
