/** Transactions that have not ended for long, and what each waits for. */
import { isFinal, type TransactionRecord } from '../domain/transaction.ts';
import type { History } from '../history/history.ts';
import type { PastRecord } from '../history/past-record.ts';
import { TRANSACTIONS, type TransactionDoc, transactionRecordOf } from '../projectors/documents.ts';
import { KEYS } from '../records/topics.ts';
import type { TransactionTracker } from '../transactions/transaction-tracker.ts';
import type { Filter, ViewStore } from '../views/view-store.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { SeenProcess } from './processes.ts';

export interface Known {
  readonly views: Pick<ViewStore, 'find'>;
  readonly tracker: Pick<TransactionTracker, 'unfinished' | 'newest'>;
}

export interface Stuck {
  readonly transaction: TransactionRecord;
}

/**
 * Those begun before, ISO 8601 UTC, that have not ended: the oldest first, at most so many. Both the views and this gateway's
 * memory are asked: one knows those from before it came, the other those that nobody has decided.
 * @throws {ViewsUnavailable}
 */
export async function stuckTransactions(
  { views, tracker }: Known,
  before: string,
  most: number,
): Promise<readonly Stuck[]> {
  const filter: Filter = { status: { $in: ['ACCEPTED', 'PENDING'] }, acceptedAt: { $lt: before } };
  const shown = await views.find<TransactionDoc>(TRANSACTIONS, { filter, sort: [['acceptedAt', 1]], limit: most });
  const found = new Map<string, TransactionRecord>();
  for (const doc of shown) {
    const newest = tracker.newest(transactionRecordOf(doc));
    if (!isFinal(newest.status)) found.set(newest.id, newest);
  }
  for (const record of tracker.unfinished(before)) found.set(record.id, record);
  const oldest = [...found.values()].sort((a, b) => (a.acceptedAt < b.acceptedAt ? -1 : 1)).slice(0, most);
  return oldest.map((transaction) => ({ transaction }));
}

/** The commands of a transaction that no event answers. Empty also while the index of the log is behind. @throws {LogUnavailable} */
export async function unansweredCommands(history: History, id: string): Promise<readonly PastRecord[]> {
  const records = await history.logOfTransaction(id);
  const answered = new Set(records.flatMap(({ kind, causedBy }) => (kind === 'events' ? (causedBy ?? []) : [])));
  const open = records.filter((record) => record.kind === 'commands' && !answered.has(record.id));
  // One that was put back stands there twice: what counts is where it stands now.
  return [...new Map(open.map((record) => [record.id, record])).values()];
}

/** Whether the letter is this very record, or an earlier copy of it. */
export function isLetterOf({ topic, partition, offset, record }: DeadLetter, command: PastRecord): boolean {
  const { position } = command;
  if (topic !== position.topic || partition !== position.partition) return false;
  return offset === position.offset || (command.id !== '' && record.headers['ce_id'] === command.id);
}

/** Why a command has not been answered, in one sentence. */
export function whyWaiting(
  { aggregate, position: { partition } }: PastRecord,
  letter: DeadLetter | undefined,
  processes: readonly SeenProcess[],
): string {
  if (letter !== undefined) return `It cannot be read, and was set aside as a dead letter: ${letter.reason}`;
  const { who, partitions } = processorIn(processes, aggregate);
  if (partitions === undefined) return `No process runs ${who}: start one.`;
  const at = partitions.find((one) => one.partition === partition);
  if (at === undefined) return `No process has partition ${partition} of ${who} at the moment.`;
  if (at.state === 'restoring') return `${capital(who)} is being restored in partition ${partition}.`;
  if (at.state === 'trouble') return `${capital(who)} is in trouble in partition ${partition}: see its process.`;
  if (at.records > 0) return `${capital(who)} is ${at.records} records behind in partition ${partition}.`;
  return `${capital(who)} has passed it: it changed nothing, or its dead letter was dropped.`;
}

/** Why nothing is known of any command of a transaction, in one sentence: the first to decide of it has not come to it yet. */
export function whyNotBegun({ aggregate, idempotency }: TransactionRecord, processes: readonly SeenProcess[]): string {
  const { who, partitions } = processorIn(processes, idempotency === null ? aggregate : KEYS);
  if (partitions === undefined) return `No process runs ${who}: start one.`;
  const behind = partitions.reduce((sum, { records }) => sum + records, 0);
  if (behind > 0) return `${capital(who)} is ${behind} records behind.`;
  return 'What it waits for is not known yet: the index of the log is behind.';
}

/** The processor of an aggregate, or of the keys, and its partitions in the processes that are heard; undefined: none runs it. */
function processorIn(processes: readonly SeenProcess[], name: string) {
  const parts = processes
    .filter(({ hearing }) => hearing === 'heard')
    .flatMap((process) => process.parts.filter((part) => part.name === `processor ${name}`));
  const partitions = parts.length === 0 ? undefined : parts.flatMap((part) => part.partitions);
  return { who: `the processor of ${name}`, partitions };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
