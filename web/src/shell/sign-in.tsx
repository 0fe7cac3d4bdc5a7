/** Asks for a token, where the server wants one. */
import { useState } from 'react';
import { basePath } from '../graph/base-path';
import { session } from '../graph/session';

export function SignIn() {
  const [token, setToken] = useState('');
  const had = session.token() !== null;
  return (
    <main className="sign-in">
      <form
        className="form card"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') session.signIn(token);
        }}
      >
        <img src={`${basePath}icon.svg`} alt="" width="40" height="40" />
        <h1>Counterfoil</h1>
        <p>
          {had
            ? 'The server did not accept this token; it may have expired.'
            : 'This server wants to know who you are.'}
        </p>
        <div className="field">
          <label htmlFor="token">Token</label>
          <textarea
            id="token"
            rows={5}
            spellCheck={false}
            autoComplete="off"
            value={token}
            onChange={(event) => setToken(event.target.value)}
          />
          <p className="hint">
            A JSON Web Token, as your identity provider gives it. It stays in this browser until you sign out.
          </p>
        </div>
        <button type="submit" className="primary wide" disabled={token.trim() === ''}>
          Sign in
        </button>
      </form>
    </main>
  );
}
