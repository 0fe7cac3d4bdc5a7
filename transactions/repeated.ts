/**
 * What is told at once when an idempotency key comes again: the same receipt for the same command, an error for another one.
 * Best effort: it uses what this gateway knows by now. When two gateways take the same key at the same moment, the owner of
 * the key decides (`processors/keys-process.ts`).
 */
import { type Idempotency, KEY_REUSED, type TransactionRecord } from '../domain/transaction.ts';
import { InvalidInput } from './errors.ts';

/** How long a key stands for a command, at least. */
const WINDOW_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * The transaction that was begun with the same command under the same key, if there is one among those known.
 * @param known all that is known under this key
 * @throws {InvalidInput} when the key stands for another command
 */
export function sameAgain(
  known: readonly TransactionRecord[],
  { body }: Idempotency,
  now: number,
): TransactionRecord | undefined {
  const counting = known.filter(({ rejection }) => rejection?.code !== KEY_REUSED);
  const same = counting.find(({ idempotency }) => idempotency?.body === body);
  if (same !== undefined) return same;
  const other = counting.find(({ acceptedAt }) => Date.parse(acceptedAt) > now - WINDOW_MS);
  if (other === undefined) return undefined;
  throw new InvalidInput(
    'input.idempotencyKey',
    `this idempotencyKey was used for another command, ${other.command} of ${other.entityId} (transaction ${other.id}): take another one`,
  );
}
