/** Bounded labels: names of commands and codes as the registry has them, and one word for all others. */
import { allAggregates, rejectionCodes } from '../domain/registry.ts';
import type { TransactionRecord } from '../domain/transaction.ts';

/** For what the registry does not know, such as a command of an older version, or one written past the gateway. */
const OTHER = 'OTHER';

const COMMANDS: ReadonlySet<string> = new Set(allAggregates.flatMap(({ commands }) => Object.keys(commands)));

/** The commands that users may give: each begins a transaction. */
export const USERS_COMMANDS: readonly string[] = allAggregates.flatMap(({ rights }) =>
  Object.entries(rights).flatMap(([command, { least }]) => (least === 'system' ? [] : [command])),
);

/** The command's name where there is such a command. */
export function commandLabel(command: string | undefined): string {
  return command !== undefined && COMMANDS.has(command) ? command : OTHER;
}

/** The code of a rejection where there is such a code. */
export function codeLabel({ rejection }: Pick<TransactionRecord, 'rejection'>): string {
  return rejection !== null && Object.hasOwn(rejectionCodes, rejection.code) ? rejection.code : OTHER;
}
