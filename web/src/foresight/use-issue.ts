/** Sends an order, unless the domain's rules tell beforehand that it would surely be rejected. */
import { useCallback } from 'react';
import type { Counterfoil } from '../counterfoils/counterfoil';
import { counterfoils } from '../counterfoils/counterfoils';
import { type RejectionWords, rejectionWords } from '../counterfoils/rejection-words';
import type { Order } from '../graph/kinds';
import { useViewer } from '../graph/viewer';
import { foresee } from './foresee';
import type { Shown } from './states';

/** Why an order was not sent, for people, and the field of its input that would have to change. */
export interface NotSent extends RejectionWords {
  readonly code: string;
  readonly field: string | null;
}

export interface IssueOptions extends Pick<Counterfoil, 'goods'> {
  /** What the page knows of the entities that the order concerns; what is changed by it first. */
  readonly shown?: Shown;
}

export type Issue = (order: Order, about: string, touches: readonly string[], options?: IssueOptions) => NotSent | null;

/** Makes a counterfoil and sends its command, and answers null; or says why nothing was sent. Waits for nobody. */
export function useIssue(): Issue {
  const viewer = useViewer();
  return useCallback(
    (order, about, touches, { shown = {}, goods } = {}) => {
      const { refusal, isSure, end } = foresee(order, shown, viewer, new Date().toISOString());
      if (refusal !== null && isSure)
        return { code: refusal.code, field: refusal.field ?? null, ...rejectionWords(refusal) };
      const [base] = [...(shown.customers ?? []), ...(shown.products ?? []), ...(shown.purchases ?? [])];
      counterfoils.issue(order, about, touches, {
        ...(goods === undefined ? {} : { goods }),
        ...(base === undefined ? {} : { seen: base.version }),
        ...(end === null ? {} : { expected: end }),
      });
      return null;
    },
    [viewer],
  );
}
