/**
 * (e) No purchase without end once faults stop, and each that did not go through gave everything back: what every product
 * reserved, sold, released and took back for it is compared with how it ended.
 */
import { entriesOf, type History } from '../history.ts';

interface Held {
  reserved: number;
  sold: number;
  back: number;
}

const ACCOUNTS: Readonly<Record<string, keyof Held>> = {
  StockReserved: 'reserved',
  StockSettled: 'sold',
  StockReleased: 'back',
  StockTakenBack: 'back',
};

export function checkPurchases(history: History): string[] {
  const held = new Map<string, Held>();
  for (const { key, type, data } of entriesOf(history, 'products.events')) {
    const account = ACCOUNTS[type];
    if (account === undefined) continue;
    const id = `${data.purchaseId} ${key}`;
    const of = held.get(id) ?? { reserved: 0, sold: 0, back: 0 };
    of[account] += data.quantity;
    held.set(id, of);
  }
  const ends = endsOf(history);
  const violations: string[] = [];
  for (const [id, { status, lines }] of ends) {
    if (status === 'PENDING') violations.push(`purchase ${id} never ended`);
    if (status !== 'CONFIRMED') continue;
    for (const { productId, quantity } of lines) {
      const sold = held.get(`${id} ${productId}`)?.sold ?? 0;
      if (sold !== quantity)
        violations.push(`purchase ${id} is CONFIRMED, and ${sold} of ${quantity} ${productId} were sold`);
    }
  }
  for (const [pair, { reserved, sold, back }] of held) {
    const [purchaseId = '', productId = ''] = pair.split(' ');
    const status = ends.get(purchaseId)?.status ?? 'unknown';
    const wanted = status === 'CONFIRMED' ? [0, reserved] : [reserved, undefined];
    if (back === wanted[0] && (wanted[1] === undefined || sold === wanted[1])) continue;
    const moved = `${reserved} reserved, ${sold} sold, ${back} given back`;
    violations.push(`purchase ${purchaseId} is ${status}, and of ${productId} it had ${moved}`);
  }
  return violations;
}

interface End {
  status: string;
  readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
}

/** How each purchase ended, as its events tell. */
function endsOf(history: History): ReadonlyMap<string, End> {
  const ends = new Map<string, End>();
  for (const { key, type, data } of entriesOf(history, 'purchases.events')) {
    if (type === 'PurchasePlaced') ends.set(key, { status: 'PENDING', lines: data.lines });
    const end = ends.get(key);
    if (end === undefined) continue;
    if (type === 'PurchaseConfirmed') end.status = 'CONFIRMED';
    if (type === 'PurchaseRejected') end.status = 'REJECTED';
    if (type === 'PurchaseCancelled') end.status = 'CANCELLED';
  }
  return ends;
}
