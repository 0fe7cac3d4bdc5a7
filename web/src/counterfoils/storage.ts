/**
 * Keeps counterfoils in the browser, one entry each, so that tabs do not overwrite one another's. What was written in
 * another shape, or cannot be read, is left out.
 */
import { storageName } from '../graph/base-path';
import type { Counterfoil } from './counterfoil';

const PREFIX = `${storageName('counterfoil/1')}/`;

const keyOf = (user: string, key: string): string => `${PREFIX}${encodeURIComponent(user)}/${key}`;

function parse(text: string | null): Counterfoil | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    if (!('key' in value) || !('order' in value) || !('state' in value) || !('madeAt' in value)) return null;
    // Stored by an earlier page: `refused` was its word for `not-accepted`.
    return { ...(value as Counterfoil), ...(value.state === 'refused' ? { state: 'not-accepted' } : {}) };
  } catch {
    return null;
  }
}

/** All counterfoils that this browser keeps for a user, in no order; none where storage is blocked. */
export function loadAll(user: string): Counterfoil[] {
  const found: Counterfoil[] = [];
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(keyOf(user, ''))) continue;
      const counterfoil = parse(localStorage.getItem(name));
      if (counterfoil !== null) found.push(counterfoil);
    }
  } catch {
    // Storage is blocked: counterfoils live as long as the page.
  }
  return found;
}

/** Keeps a counterfoil, in place of the one with the same key. A secret in it no longer than until the server has it. */
export function save(user: string, counterfoil: Counterfoil): void {
  const answered = counterfoil.state !== 'sending' && counterfoil.state !== 'unreached';
  try {
    const text = JSON.stringify(counterfoil, (name, value: unknown) =>
      answered && name === 'secret' ? undefined : value,
    );
    localStorage.setItem(keyOf(user, counterfoil.key), text);
  } catch {
    // Full or blocked: see above.
  }
}

/** Forgets a counterfoil. */
export function drop(user: string, key: string): void {
  try {
    localStorage.removeItem(keyOf(user, key));
  } catch {
    // As above.
  }
}

/** Calls back with what another tab wrote (`counterfoil` is null when it was dropped). */
export function onOtherTab(user: string, listener: (key: string, counterfoil: Counterfoil | null) => void): () => void {
  const prefix = keyOf(user, '');
  const heard = (event: StorageEvent) => {
    if (event.key?.startsWith(prefix)) listener(event.key.slice(prefix.length), parse(event.newValue));
  };
  addEventListener('storage', heard);
  return () => removeEventListener('storage', heard);
}
