/**
 * (m) Each event and each follow-up stands on the log once, and none is missing: counted from the records alone. The events of
 * a command are numbered from 0 without gap; what an event asks of others, the table below says anew, apart from the saga.
 */
import {
  AGGREGATES,
  type AggregateName,
  type Entry,
  entriesOf,
  foreignEntries,
  type History,
  placeOf,
} from '../history.ts';

type Asked = readonly (readonly [AggregateName, type: string, id: string])[];
type Data = Entry['data'];

const forEach = (type: string, ids: readonly string[]): Asked => ids.map((id) => ['products', type, id] as const);

const ASKED_BY_EVENTS: Readonly<Record<string, (data: Data) => Asked>> = {
  PurchasePlaced: ({ lines, customerId }) => [
    ...forEach(
      'reserveStock',
      lines.map(({ productId }: Data) => productId),
    ),
    ['customers', 'approvePurchase', customerId],
  ],
  PurchaseConfirmed: ({ settle }) => forEach('settleStock', settle),
  PurchaseRejected: ({ release }) => forEach('releaseStock', release),
  PurchaseCancelled: ({ release, takeBack }) => [
    ...forEach('releaseStock', release),
    ...forEach('takeStockBack', takeBack),
  ],
  StockReserved: ({ purchaseId }) => [['purchases', 'recordStockReserved', purchaseId]],
  PurchaseApproved: ({ purchaseId }) => [['purchases', 'recordCustomerApproved', purchaseId]],
};

/** A rejected follow-up is answered; a user’s rejected command asks nothing. */
const ASKED_BY_REJECTIONS: Readonly<Record<string, string>> = {
  reserveStock: 'recordStockRefused',
  approvePurchase: 'recordCustomerDeclined',
};

export function checkCounts(history: History): string[] {
  const wanted = new Map<string, string[]>();
  const found = new Map<string, string[]>();
  const violations: string[] = [];
  const dead = deadPlaces(history);
  for (const aggregate of AGGREGATES) {
    const commands = new Map<string, Entry>();
    for (const entry of entriesOf(history, `${aggregate}.commands`)) {
      commands.set(entry.id, entry);
      if (isFollowUp(entry)) add(found, entry.causationId ?? '', `${entry.type} of ${aggregate} ${entry.key}`);
    }
    const numbers = new Map<string, number>();
    for (const event of entriesOf(history, `${aggregate}.events`)) {
      const by = event.causationId ?? '';
      const command = commands.get(by);
      const due = numbers.get(by) ?? 0;
      numbers.set(by, due + 1);
      if (event.id !== `${by}/${due}`)
        violations.push(`${placeOf(event)}: event ${event.id} where ${by}/${due} is due`);
      if (command === undefined) violations.push(`${placeOf(event)}: ${event.id} was caused by no command on the log`);
      for (const [of, type, id] of askedBy(event, command)) add(wanted, by, `${type} of ${of} ${id}`);
    }
    for (const [id, command] of commands) {
      const silent = !isFollowUp(command) && command.id === command.transactionId && !numbers.has(id);
      if (silent && !dead.has(deadPlace(command)))
        violations.push(`${placeOf(command)}: ${command.type} ${id} has no event`);
    }
  }
  return [...violations, ...differences(wanted, found), ...strangers(history, dead)];
}

function isFollowUp({ id, transactionId }: Entry): boolean {
  return id !== transactionId && !id.endsWith('.deadline');
}

function askedBy({ type, data }: Entry, command: Entry | undefined): Asked {
  if (type !== 'CommandRejected') return ASKED_BY_EVENTS[type]?.(data) ?? [];
  const answer = ASKED_BY_REJECTIONS[data.command];
  return answer === undefined || command === undefined ? [] : [['purchases', answer, command.data.purchaseId]];
}

function add(to: Map<string, string[]>, by: string, what: string): void {
  const of = to.get(by);
  if (of === undefined) to.set(by, [what]);
  else of.push(what);
}

function differences(wanted: ReadonlyMap<string, string[]>, found: ReadonlyMap<string, string[]>): string[] {
  const violations: string[] = [];
  for (const by of new Set([...wanted.keys(), ...found.keys()])) {
    const [due, is] = [(wanted.get(by) ?? []).sort().join(', '), (found.get(by) ?? []).sort().join(', ')];
    if (due !== is) violations.push(`${by} has sent ${is || 'nothing'}, where its events ask for ${due || 'nothing'}`);
  }
  return violations;
}

/** `<topic>/<partition>/<offset>` of every record that was set aside as one that cannot be read. */
export function deadPlaces(history: History): ReadonlySet<string> {
  const places = new Set<string>();
  for (const [topic, entries] of history.log) {
    if (!topic.endsWith('.dead')) continue;
    for (const { key } of entries) places.add(`${topic.slice(0, -'.dead'.length)}/${key}`);
  }
  return places;
}

export function deadPlace({ topic, partition, offset }: Entry): string {
  return `${topic}/${partition}/${offset}`;
}

/** What a stranger wrote among the commands is set aside, and does nothing. */
function strangers(history: History, dead: ReadonlySet<string>): string[] {
  return foreignEntries(history).flatMap((entry) =>
    !entry.topic.endsWith('.commands') || dead.has(deadPlace(entry))
      ? []
      : [`${placeOf(entry)}: a record that nobody can read was not set aside`],
  );
}
