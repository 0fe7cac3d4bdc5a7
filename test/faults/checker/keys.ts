/**
 * (n) An idempotency key stands for one body: another body under it is refused, at once or as its own transaction, which then
 * has no effect; and of several bodies that were sent at the same instant at most one has one.
 */
import { AGGREGATES, entriesOf, type History, type Operation, receiptsOf } from '../history.ts';

const REUSED = 'IDEMPOTENCY_KEY_REUSED';

/** Whether a mutation was refused at once because its key stands for something else. */
export function refusedForItsKey(detail: string | undefined): boolean {
  return detail !== undefined && (detail.startsWith(REUSED) || detail.includes('idempotencyKey'));
}

/** The transactions that ended REJECTED because their key stands for something else. */
export function rejectedForTheirKeys(history: History): ReadonlySet<string> {
  const ids = entriesOf(history, 'transactions').flatMap(({ key, data }) =>
    data.rejection?.code === REUSED ? [key] : [],
  );
  return new Set(ids);
}

export function checkKeys(history: History): string[] {
  const reused = rejectedForTheirKeys(history);
  const withEffect = new Set<string>();
  for (const aggregate of AGGREGATES) {
    for (const { transactionId, type } of entriesOf(history, `${aggregate}.events`)) {
      if (transactionId !== undefined && type !== 'CommandRejected') withEffect.add(transactionId);
    }
  }
  const without = [...reused].filter((id) => withEffect.has(id));
  return [
    ...without.map((id) => `${id} was rejected with ${REUSED}, and has an effect`),
    ...[...sharedKeys(history)].flatMap(([key, bodies]) => wrongAmong(key, bodies, reused, withEffect)),
  ];
}

/** The operations of keys that were sent with more than one body, by user and key. */
function sharedKeys({ operations }: History): ReadonlyMap<string, readonly Operation[]> {
  const byKey = new Map<string, Operation[]>();
  for (const operation of operations) {
    const key = `${operation.user}'s ${operation.key}`;
    const of = byKey.get(key);
    if (of === undefined) byKey.set(key, [operation]);
    else of.push(operation);
  }
  for (const [key, of] of byKey) if (of.length < 2) byKey.delete(key);
  return byKey;
}

function wrongAmong(
  key: string,
  bodies: readonly Operation[],
  reused: ReadonlySet<string>,
  withEffect: ReadonlySet<string>,
): string[] {
  const violations: string[] = [];
  const owners = new Map<string, Operation>();
  for (const operation of bodies) {
    for (const { transactionId } of receiptsOf(operation)) {
      const other = owners.get(transactionId);
      if (other !== undefined && other !== operation) {
        violations.push(`${key}: ${operation.command} was answered with the receipt of another body, ${transactionId}`);
      }
      owners.set(transactionId, operation);
    }
    for (const { outcome, detail } of operation.attempts) {
      // What is malformed in itself is told that first, and stands for nothing.
      if (outcome !== 'refused' || refusedForItsKey(detail) || detail?.startsWith('BAD_USER_INPUT')) continue;
      violations.push(
        `${key}: ${operation.command} was refused with ${detail ?? 'nothing'}, which does not name the key`,
      );
    }
  }
  const effective = [...owners.keys()].filter((id) => withEffect.has(id));
  if (effective.length > 1) violations.push(`${key} has the effects of ${effective.join(' and ')}`);
  const open = bodies.some(({ attempts }) => attempts.some(({ outcome }) => outcome === 'unknown'));
  const refused = bodies.some(({ attempts }) => attempts.some(({ detail }) => refusedForItsKey(detail)));
  if (!open && (refused || owners.size > 0) && [...owners.keys()].every((id) => reused.has(id))) {
    violations.push(`${key} was refused for all of its bodies, though it stood for none`);
  }
  return violations;
}
