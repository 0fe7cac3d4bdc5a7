/** (a) Every acknowledged mutation is on the log, and has exactly one final status; so has every other that is there. */
import { AGGREGATES, type Entry, entriesOf, type History, placeOf, receiptsOf } from '../history.ts';

const FINAL = new Set(['COMPLETED', 'REJECTED']);

export function checkAcknowledged(history: History): string[] {
  const violations: string[] = [];
  const commands = new Map<string, Entry>();
  for (const aggregate of AGGREGATES) {
    for (const entry of entriesOf(history, `${aggregate}.commands`)) {
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
  for (const operation of history.operations) {
    const refused = operation.attempts.some(({ outcome }) => outcome === 'refused');
    for (const { transactionId, id } of receiptsOf(operation)) {
      const command = commands.get(transactionId);
      if (command === undefined && keptBack.has(transactionId)) continue;
      if (command === undefined) {
        violations.push(
          `${operation.command} ${operation.key} was acknowledged as ${transactionId}, which is not on the log`,
        );
      } else if (command.key !== id || command.type !== operation.command || command.issuedBy !== operation.user) {
        violations.push(
          `${placeOf(command)}: ${transactionId} is not the ${operation.command} of ${id} that was acknowledged`,
        );
      }
      if (refused) violations.push(`${operation.command} ${operation.key} was acknowledged and refused`);
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
  return violations;
}
