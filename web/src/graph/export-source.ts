/** The pages of an export, asked of the server again while it is out of reach or busy: an export outlives a restart. */
import { gql, type TypedDocumentNode } from '@apollo/client';
import type { ExportPage, ExportSource } from '../../../export/read-export';
import { client, errorCode } from './client';

/** Codes that pass: the log or the views are out of reach, or one asked too often. */
const COME_AGAIN: ReadonlySet<string | null> = new Set(['UNAVAILABLE', 'RATE_LIMITED']);
/** Together about a minute. What does not answer at all is asked again by the client's own retries. */
const [ATTEMPTS, PAUSE_MS] = [20, 3_000];

/** @param signal ends it: what is asked then rejects with the signal's reason */
export function exportSource(signal: AbortSignal): ExportSource {
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  // It may be stopped while nothing is asked.
  stopped.catch(() => undefined);

  async function once(document: string, variables: Readonly<Record<string, unknown>>): Promise<ExportPage> {
    const query: TypedDocumentNode<{ readonly page: ExportPage }> = gql(document);
    const { data } = await client.query({ query, variables, fetchPolicy: 'no-cache' });
    if (data === undefined) throw new Error('the server gave no answer');
    return data.page;
  }

  return {
    async ask(document, variables) {
      for (let attempt = 1; ; attempt++) {
        signal.throwIfAborted();
        try {
          return await Promise.race([stopped, once(document, { ...variables })]);
        } catch (error) {
          if (attempt === ATTEMPTS || !COME_AGAIN.has(errorCode(error))) throw error;
          await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, PAUSE_MS))]);
        }
      }
    },
    isTooLarge: (error) => errorCode(error) === 'LIMIT_EXCEEDED',
  };
}
