/** An entity's facts, and the sign that a change of it is under way. */
import type { ReactNode } from 'react';
import { Spinner } from './icons';

/** Names and values, one below the other. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Says that a pending transaction touches the entity. */
export const Underway = ({ on }: { readonly on: boolean }) =>
  on ? (
    <span className="underway">
      <Spinner /> being changed
    </span>
  ) : null;
