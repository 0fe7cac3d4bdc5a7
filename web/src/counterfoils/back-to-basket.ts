/**
 * A purchase that was rejected goes back into the basket, with the line marked that is to blame: sent as it is, it would be
 * rejected again. It goes there by itself when the basket is still empty; else the tray offers it.
 */
import { entityNamedBy } from '../graph/kinds';
import { basket } from './basket';
import { type Counterfoil, isWithoutEffect } from './counterfoil';
import { counterfoils } from './counterfoils';
import { rejectionWords } from './rejection-words';

/** Whether a counterfoil's lines can be put back into the basket. */
export const canGoBack = (item: Counterfoil): boolean => isWithoutEffect(item) && (item.goods?.length ?? 0) > 0;

/** Puts the lines back, with the reason. */
export function putBack(item: Counterfoil): void {
  const { goods = [], rejection, problem, order } = item;
  const why = rejection === null ? (problem ?? 'It was not accepted.') : reasonOf(rejection);
  basket.putBack(goods, why, entityNamedBy(rejection?.field ?? '', order)?.id);
  counterfoils.wentBack(item.key, true);
}

const reasonOf = (rejection: NonNullable<Counterfoil['rejection']>): string => {
  const { what, remedy } = rejectionWords(rejection);
  return remedy === null ? what : `${what} ${remedy}`;
};

/** Watches over the counterfoils; returns the way to end it. */
export function returnRejected(): () => void {
  const look = () => {
    for (const item of counterfoils.get().all) {
      if (!canGoBack(item) || item.wentBack !== undefined) continue;
      // One that was cancelled while it was pending is not wanted any more.
      if (basket.get().lines.length === 0 && item.rejection?.code !== 'CANCELLED') putBack(item);
      else counterfoils.wentBack(item.key, false);
    }
  };
  look();
  return counterfoils.subscribe(look);
}
