/** Which transactions are stuck, and what each waits for. */
import { describe, expect, it } from 'vitest';
import { accepted, type TransactionRecord, type TransactionStatus } from '../domain/transaction.ts';
import type { History } from '../history/history.ts';
import type { PastRecord } from '../history/past-record.ts';
import type { DeadLetter } from '../operations/dead-letters.ts';
import type { SeenProcess } from '../operations/processes.ts';
import {
  isLetterOf,
  stuckTransactions,
  unansweredCommands,
  whyNotBegun,
  whyWaiting,
} from '../operations/stuck-transactions.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { transactionDocOf } from '../projectors/transaction-document.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;

function transaction(id: string, minute: number, status: TransactionStatus = 'PENDING'): TransactionRecord {
  const of = { id, command: 'placePurchase', aggregate: 'purchases', entityId: id, issuedBy: 'ada', at: at(minute) };
  return { ...accepted(of), status };
}

function record(kind: 'commands' | 'events', id: string, causedBy: string | null, offset = 0): PastRecord {
  return {
    ...{ kind, id, causedBy, aggregate: 'products', entityId: 'tea', type: id, version: null, at: at(0) },
    ...{ issuedBy: 'ada', transactionId: 't', data: {}, unreadable: null },
    position: { topic: `products.${kind}`, partition: 1, offset },
  };
}

function letter(offset: number, id: string): DeadLetter {
  return {
    ...{ topic: 'products.commands', partition: 1, offset, key: `1/${offset}`, reason: 'it is not JSON', at: at(0) },
    ...{ ended: false, truncated: [], size: 0, sha256: undefined },
    record: { key: 'tea', value: null, headers: { ce_id: id } },
  };
}

function running(name: string, more: Partial<SeenProcess['parts'][number]['partitions'][number]> = {}): SeenProcess {
  const partition = {
    topic: '',
    partition: 1,
    state: 'running',
    records: 0,
    seconds: 0,
    restored: 1,
    ...more,
  } as const;
  return {
    ...{ id: 'p', hearing: 'heard', roles: ['processor'], host: '', pid: 1, version: '', startedAt: at(0), at: at(0) },
    ...{ memoryBytes: 1, loopDelayMs: 0, job: null },
    parts: [{ name: `processor ${name}`, ready: true, state: 'running', detail: null, partitions: [partition] }],
  };
}

describe('Stuck transactions', () => {
  it('are those of the views and of this gateway’s memory that have not ended, as the newer of both tells, the oldest first', async () => {
    const views = openTemporaryViews({ views: viewSpecs });
    const shown = [transaction('old', 1), transaction('ended-since', 2), transaction('young', 40)];
    const place = { topic: 'transactions', partition: 0 };
    await views.step([{ ...place, from: 0, next: 1 }], (tx) =>
      tx.put('transactions', [...shown, transaction('done', 0, 'COMPLETED')].map(transactionDocOf)),
    );
    const tracker = {
      newest: (one: TransactionRecord) => (one.id === 'ended-since' ? transaction(one.id, 2, 'COMPLETED') : one),
      unfinished: () => [transaction('undecided', 0, 'ACCEPTED')],
    };
    const found = await stuckTransactions({ views, tracker }, at(30), 10);
    expect(found.map((each) => each.transaction.id)).toEqual(['undecided', 'old']);
    expect(await stuckTransactions({ views, tracker }, at(30), 1)).toHaveLength(1);
    await views.close();
  });

  it('wait for the commands that no event answers, each where it stands now', async () => {
    const records = [
      record('commands', 'place', null),
      record('events', 'placed', 'place'),
      record('commands', 'reserve', 'place', 3),
      record('commands', 'approve', 'place'),
      record('events', 'approved', 'approve'),
      record('commands', 'reserve', 'place', 9),
    ];
    const history = { logOfTransaction: async () => records } as unknown as History;
    expect(await unansweredCommands(history, 't')).toEqual([records[5]]);
  });

  it('know the letter of a command, also of an earlier copy of it, and no other', () => {
    const command = record('commands', 'reserve', 'place', 9);
    expect(isLetterOf(letter(9, 'other'), command)).toBe(true);
    expect(isLetterOf(letter(3, 'reserve'), command)).toBe(true);
    expect(isLetterOf(letter(3, 'other'), command)).toBe(false);
    expect(isLetterOf({ ...letter(9, 'reserve'), topic: 'customers.commands' }, command)).toBe(false);
  });

  it.each([
    ['No process runs the processor of products: start one.', []],
    ['No process runs the processor of products: start one.', [{ ...running('products'), hearing: 'gone' as const }]],
    ['No process has partition 1 of the processor of products at the moment.', [running('products', { partition: 0 })]],
    ['The processor of products is being restored in partition 1.', [running('products', { state: 'restoring' })]],
    ['The processor of products is in trouble in partition 1: see', [running('products', { state: 'trouble' })]],
    ['The processor of products is 7 records behind in partition 1.', [running('products', { records: 7 })]],
    ['The processor of products has passed it', [running('products')]],
  ])('say why a command is not answered: %s', (why, processes) => {
    const command = record('commands', 'reserve', 'place');
    expect(whyWaiting(command, undefined, processes)).toContain(why);
    expect(whyWaiting(command, letter(0, 'reserve'), processes)).toMatch(/^It cannot be read.*it is not JSON$/);
  });

  it('say why nothing has begun: of one with a key, who owns the keys decides first', () => {
    const plain = transaction('t', 0, 'ACCEPTED');
    const keyed = { ...plain, idempotency: { key: 'k', body: 'b' } };
    expect(whyNotBegun(plain, [running('keys')])).toBe('No process runs the processor of purchases: start one.');
    expect(whyNotBegun(keyed, [running('purchases')])).toBe('No process runs the processor of keys: start one.');
    expect(whyNotBegun(keyed, [running('keys', { records: 2 })])).toBe('The processor of keys is 2 records behind.');
    expect(whyNotBegun(keyed, [running('keys')])).toMatch(/the index of the log is behind/);
  });
});
