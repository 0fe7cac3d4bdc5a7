/** Who speaks to the server: the bearer token, kept in this browser until sign-out. Servers without sign-in need none. */
import { basePath, storageName } from './base-path';

const TOKEN = storageName('counterfoil.token');

export type SessionState = 'unknown' | 'signed-in' | 'sign-in-needed';

let state: SessionState = 'unknown';
const listeners = new Set<() => void>();

function set(next: SessionState): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}

/** The one session of this browser. */
export const session = {
  token(): string | null {
    try {
      return localStorage.getItem(TOKEN);
    } catch {
      return null;
    }
  },
  /** The header's value, or null without a token. */
  authorization(): string | null {
    const token = session.token();
    return token === null ? null : `Bearer ${token}`;
  },
  /** Keeps the token and starts the page anew, so that nothing of another user stays in memory. */
  signIn(token: string): void {
    localStorage.setItem(TOKEN, token.trim().replace(/^Bearer\s+/i, ''));
    location.reload();
  },
  signOut(): void {
    localStorage.removeItem(TOKEN);
    location.assign(basePath);
  },
  /** Shows where one signs in: a visitor wants to. */
  ask: () => set('sign-in-needed'),
  accepted: () => set('signed-in'),
  /** The server did not accept the token, or wants one. */
  notAccepted: () => set('sign-in-needed'),
  state: () => state,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
