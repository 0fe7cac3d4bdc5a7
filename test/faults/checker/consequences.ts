/**
 * What the log tells of the transactions that were read: how far each moved every customer, product and purchase, follow-ups
 * included; what those looked like at a version; and how each purchase counts in the totals beside it.
 */
import type { CustomerEvents } from '../../../domain/customer.ts';
import type { ProductEvents } from '../../../domain/product.ts';
import type { PurchaseEvents } from '../../../domain/purchase.ts';
import { AGGREGATES, type Entry, entriesOf, type History, type ShownEntity } from '../history.ts';

type Fields = ShownEntity['fields'];
type Mutable = Record<string, string | number | null>;

export const entityName = (aggregate: string, id: string) => `${aggregate} ${id}`;

/** By transaction, the version to which it moved each entity; only of the transactions asked for. */
export function reachedBy(history: History, asked: ReadonlySet<string>): ReadonlyMap<string, Map<string, number>> {
  const reached = new Map<string, Map<string, number>>();
  for (const aggregate of AGGREGATES) {
    for (const { key, transactionId, version } of entriesOf(history, `${aggregate}.events`)) {
      if (transactionId === undefined || version === undefined || !asked.has(transactionId)) continue;
      const of = reached.get(transactionId) ?? new Map<string, number>();
      reached.set(transactionId, of.set(entityName(aggregate, key), version));
    }
  }
  return reached;
}

/** The fields of entities at the versions asked for, `<aggregate> <id>@<version>`, from the events alone. */
export function fieldsAt(history: History, asked: ReadonlySet<string>): ReadonlyMap<string, Fields> {
  const at = new Map<string, Fields>();
  for (const aggregate of AGGREGATES) {
    const now = new Map<string, Mutable>();
    for (const entry of entriesOf(history, `${aggregate}.events`)) {
      if (entry.version === undefined) continue;
      const fields = now.get(entry.key) ?? {};
      now.set(entry.key, fields);
      apply(fields, entry);
      const name = `${entityName(aggregate, entry.key)}@${entry.version}`;
      if (asked.has(name)) at.set(name, { ...fields });
    }
  }
  return at;
}

type Effect = (fields: Mutable, data: Entry['data']) => void;

const nothing: Effect = () => undefined;
const named: Effect = (fields, { firstName, lastName }) => Object.assign(fields, { firstName, lastName });
const ends =
  (status: string): Effect =>
  (fields) => {
    fields['status'] = status;
  };

/** What each event does to the fields that are compared. Of every event there is: the compiler asks for a new one's line. */
const EFFECTS: Readonly<Record<keyof (CustomerEvents & ProductEvents & PurchaseEvents), Effect>> = {
  CustomerRegistered: named,
  CustomerUpdated: named,
  CustomerRemoved: nothing,
  CustomerErased: nothing,
  CustomerNumberAsked: nothing,
  CustomerChangeRejected: nothing,
  PurchaseApproved: nothing,
  ProductAdded: (fields, { name, stock }) => Object.assign(fields, { name, stock, reserved: 0 }),
  ProductUpdated: (fields, { name }) => Object.assign(fields, { name }),
  ProductRestocked: (fields, { quantity }) => move(fields, quantity, 0),
  StockWrittenOff: (fields, { quantity }) => move(fields, -quantity, 0),
  ProductDiscontinued: nothing,
  ProductReinstated: nothing,
  StockReserved: (fields, { quantity }) => move(fields, -quantity, quantity),
  StockSettled: (fields, { quantity }) => move(fields, 0, -quantity),
  StockReleased: (fields, { quantity }) => move(fields, quantity, -quantity),
  StockTakenBack: (fields, { quantity }) => move(fields, quantity, 0),
  ProductNumberAsked: nothing,
  ProductChangeRejected: nothing,
  PurchasePlaced: ends('PENDING'),
  LineReserved: nothing,
  CustomerApproved: nothing,
  PurchaseNumberGiven: nothing,
  PurchaseConfirmed: ends('CONFIRMED'),
  PurchaseRejected: ends('REJECTED'),
  PurchaseCancelled: ends('CANCELLED'),
};

/** A rejected command changes nothing, and neither does an event of an aggregate that is not compared. */
function apply(fields: Mutable, { type, data }: Entry): void {
  const effects: Readonly<Record<string, Effect>> = EFFECTS;
  effects[type]?.(fields, data);
}

function move(fields: Mutable, free: number, reserved: number): void {
  fields['stock'] = Number(fields['stock']) + free;
  fields['reserved'] = Number(fields['reserved']) + reserved;
}

/** What a purchase adds to the totals of its customer and products while it is confirmed. */
export interface Counted {
  readonly placedBy: string;
  readonly customerId: string;
  readonly lines: Map<string, { readonly quantity: bigint; price: bigint }>;
  confirmed: boolean;
  cancelledBy: string | undefined;
}

/** By purchase. */
export function countedPurchases(history: History): ReadonlyMap<string, Counted> {
  const counted = new Map<string, Counted>();
  for (const { key, type, data, transactionId = '' } of entriesOf(history, 'purchases.events')) {
    if (type === 'PurchasePlaced') {
      const lines: Counted['lines'] = new Map();
      for (const { productId, quantity } of data.lines) lines.set(productId, { quantity: BigInt(quantity), price: 0n });
      const { customerId } = data;
      counted.set(key, { placedBy: transactionId, customerId, lines, confirmed: false, cancelledBy: undefined });
    }
    const purchase = counted.get(key);
    if (purchase === undefined) continue;
    const line = type === 'LineReserved' ? purchase.lines.get(data.productId) : undefined;
    if (line !== undefined) line.price = BigInt(data.unitPrice);
    if (type === 'PurchaseConfirmed') purchase.confirmed = true;
    if (type === 'PurchaseCancelled') purchase.cancelledBy = transactionId;
  }
  return counted;
}
