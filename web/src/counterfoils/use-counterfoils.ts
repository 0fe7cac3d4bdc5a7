/** Hooks over the counterfoils. */
import { useSyncExternalStore } from 'react';
import { counterfoils, type Snapshot } from './counterfoils';

/** All counterfoils; the component is drawn again with each change of one. */
export const useCounterfoils = (): Snapshot => useSyncExternalStore(counterfoils.subscribe, counterfoils.get);

/** True while a pending counterfoil touches this entity. */
export const useTouched = (id: string): boolean =>
  useSyncExternalStore(counterfoils.subscribe, () => counterfoils.get().touched.has(id));
