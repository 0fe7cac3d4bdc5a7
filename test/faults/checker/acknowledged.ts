/**
 * (a) Every acknowledged mutation is on the log, and has exactly one final status; so has every other that is there. What
 * was acknowledged can be read: it is decided, and not set aside. A transaction that began with a command that nobody can
 * read, as one of a newer version, ends too, and says why.
 */
import { AGGREGATES, type Entry, entriesOf, foreignEntries, type History, placeOf, receiptsOf } from '../history.ts';
import { refusedForItsKey, rejectedForTheirKeys } from './keys.ts';

/** Where commands with an idempotency key stand first, if they take that way. */
const KEYS = 'keys.commands';
const FINAL = new Set(['COMPLETED', 'REJECTED']);

export function checkAcknowledged(history: History): string[] {
  const violations: string[] = [];
  const commands = new Map<string, Entry>();
  for (const topic of [KEYS, ...AGGREGATES.map((aggregate) => `${aggregate}.commands`)]) {
    for (const entry of entriesOf(history, topic)) {
      if (entry.id === entry.transactionId) commands.set(entry.id, entry);
    }
  }
  // Those that the owner of the keys did not hand on.
  const keptBack = new Map<string, Entry>();
  for (const entry of entriesOf(history, 'keys.commands')) if (!commands.has(entry.id)) keptBack.set(entry.id, entry);
  const finals = new Map<string, Entry[]>();
  for (const entry of entriesOf(history, 'transactions')) {
    const of = finals.get(entry.key);
    if (of !== undefined) {
      const [final] = of;
      violations.push(
        `${placeOf(entry)}: transaction ${entry.key} goes on after its end at ${final && placeOf(final)}`,
      );
    }
    if (FINAL.has(entry.data.status)) finals.set(entry.key, [...(of ?? []), entry]);
  }
  const reused = rejectedForTheirKeys(history);
  for (const operation of history.operations) {
    const refused = operation.attempts.filter(({ outcome }) => outcome === 'refused');
    for (const { transactionId, id } of receiptsOf(operation)) {
      const command = commands.get(transactionId);
      if (command === undefined && keptBack.has(transactionId)) continue;
      if (command === undefined) {
        violations.push(
          `${operation.command} ${operation.key} was acknowledged as ${transactionId}, which is not on the log`,
        );
      } else if (
        (command.topic === KEYS ? command.subject : command.key) !== id ||
        command.type !== operation.command ||
        command.issuedBy !== operation.user
      ) {
        violations.push(
          `${placeOf(command)}: ${transactionId} is not the ${operation.command} of ${id} that was acknowledged`,
        );
      }
      const forItsKey = reused.has(transactionId) && refused.every(({ detail }) => refusedForItsKey(detail));
      if (refused.length > 0 && !forItsKey) {
        violations.push(`${operation.command} ${operation.key} was acknowledged and refused`);
      }
      if (finals.get(transactionId)?.[0]?.data.rejection?.code === 'UNREADABLE') {
        violations.push(`${operation.command} ${operation.key} was acknowledged, and nobody could read it`);
      }
    }
  }
  for (const [id, command] of keptBack) {
    const code = finals.get(id)?.[0]?.data.rejection?.code;
    if (code !== 'IDEMPOTENCY_KEY_REUSED') {
      violations.push(`${placeOf(command)}: ${id} was handed on to no aggregate, and ended ${code ?? 'otherwise'}`);
    }
  }
  for (const [id, command] of [...commands, ...keptBack]) {
    const count = finals.get(id)?.length ?? 0;
    if (count !== 1) violations.push(`${placeOf(command)}: transaction ${id} has ${count} final statuses`);
  }
  for (const command of foreignEntries(history)) {
    if (!command.topic.endsWith('.commands') || command.id === '' || command.id !== command.transactionId) continue;
    const ends = (finals.get(command.id) ?? []).map(({ data }) => data.rejection?.code ?? data.status);
    if (ends.join() !== 'UNREADABLE') {
      violations.push(`${placeOf(command)}: ${command.id}, which nobody can read, ended ${ends.join() || 'never'}`);
    }
  }
  return violations;
}
