/** Runs one step as a multi-document transaction of MongoDB, until it is known to be committed, refused, or failed for good. */
import type { ClientSession, MongoClient } from 'mongodb';
import { BackOff, fullJitter } from '../../waiting/back-off.ts';
import { pause } from '../../waiting/pause.ts';
import { ViewsUnavailable } from '../view-store.ts';
import { isDuplicateKey, isOutage, isTransient, isUnknownCommit, orUnavailable } from './outage.ts';

/**
 * `body` is run again, in a new transaction, after a conflict with another one. When it returns `'abort'` nothing is
 * written. A commit without an answer is asked for again in the same session, which MongoDB answers with the outcome of the
 * first: it never applies twice. Should the server have forgotten the session meanwhile, `body` runs again and must see for
 * itself whether its earlier run took effect.
 * @throws {ViewsUnavailable} when there is no outcome within `timeoutMs`; it is then unknown.
 */
export async function runStep(
  client: MongoClient,
  timeoutMs: number,
  body: (session: ClientSession) => Promise<'commit' | 'abort'>,
): Promise<'committed' | 'aborted'> {
  const deadline = Date.now() + timeoutMs;
  const backOff = new BackOff({ firstMs: 2, longestMs: 200, jitter: fullJitter });
  for (;;) {
    const session = client.startSession();
    try {
      session.startTransaction({
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority', journal: true },
        readPreference: 'primary',
      });
      if ((await body(session)) === 'abort') {
        await session.abortTransaction();
        return 'aborted';
      }
      await commit(session, deadline);
      return 'committed';
    } catch (error) {
      // Not every lost connection is labelled transient by the driver; `commit` has dealt with those that leave doubt.
      const again = isTransient(error) || isDuplicateKey(error) || isOutage(error);
      if (!again) throw orUnavailable(error);
      if (Date.now() > deadline) {
        throw new ViewsUnavailable(`a step did not get through within ${timeoutMs} ms: ${String(error)}`, {
          cause: error,
        });
      }
    } finally {
      // Aborts what is still open. Not waited for: with the server gone it would take as long again.
      session.endSession().catch(() => {});
    }
    await backOff.wait();
  }
}

async function commit(session: ClientSession, deadline: number): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (isTransient(error) || !(isUnknownCommit(error) || isOutage(error))) throw error;
      if (Date.now() > deadline) {
        throw new ViewsUnavailable(`a step was sent but its outcome is unknown: ${String(error)}`, { cause: error });
      }
      await pause(50);
    }
  }
}
