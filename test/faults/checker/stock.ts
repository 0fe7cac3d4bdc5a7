/**
 * (d) Stock: received = free + reserved + sold at every version, and none of them negative. Counted here from the events
 * by a ledger of its own, and looked at in every state that was published.
 */
import { type Entry, entriesOf, type History, placeOf } from '../history.ts';

interface Ledger {
  received: number;
  free: number;
  reserved: number;
  sold: number;
}

/** What an event moves, and the account that must have held it. */
const MOVES: Readonly<Record<string, readonly [from: keyof Ledger, to: keyof Ledger]>> = {
  StockReserved: ['free', 'reserved'],
  StockSettled: ['reserved', 'sold'],
  StockReleased: ['reserved', 'free'],
  StockTakenBack: ['sold', 'free'],
};

export function checkStock(history: History): string[] {
  const ledgers = new Map<string, Ledger>();
  const violations: string[] = [];
  for (const entry of entriesOf(history, 'products.events')) {
    const ledger = ledgers.get(entry.key) ?? { received: 0, free: 0, reserved: 0, sold: 0 };
    ledgers.set(entry.key, ledger);
    book(ledger, entry);
    violations.push(...wrongIn(ledger, entry));
  }
  for (const entry of entriesOf(history, 'products.state')) {
    if (entry.data !== null) violations.push(...wrongIn(entry.data, entry));
  }
  return violations;
}

function book(ledger: Ledger, { type, data }: Entry): void {
  const units: number = type === 'ProductAdded' ? data.stock : data.quantity;
  if (type === 'ProductAdded' || type === 'ProductRestocked') {
    ledger.received += units;
    ledger.free += units;
  }
  if (type === 'StockWrittenOff') {
    ledger.received -= units;
    ledger.free -= units;
  }
  const move = MOVES[type];
  if (move === undefined) return;
  ledger[move[0]] -= units;
  ledger[move[1]] += units;
}

function wrongIn({ received, free, reserved, sold }: Ledger, entry: Entry): string[] {
  if (received === free + reserved + sold && Math.min(free, reserved, sold) >= 0) return [];
  const accounts = `received ${received}, free ${free}, reserved ${reserved}, sold ${sold}`;
  return [`${placeOf(entry)}: product ${entry.key} has ${accounts}`];
}
