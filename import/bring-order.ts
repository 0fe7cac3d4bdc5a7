/**
 * Brings one order in. A purchase that was refused keeps its id for ever, so an order is tried again as another purchase: its
 * next attempt, with an id and a key of its own. An attempt is begun only once the one before it has ended refused, so at most
 * one of them is ever confirmed, however often runs are cut short.
 */
import type { Command, Refusal } from './command-sender.ts';
import type { PurchaseThere } from './operations.ts';
import { type Bringing, conflict, Looks, NUMBER_TAKEN, type RowOutcome } from './row-outcome.ts';
import type { ShopOrder, ShopOrderLine } from './shop-data.ts';

const MOST_ATTEMPTS = 100;

export interface OrderOutcome extends RowOutcome {
  readonly confirmed: boolean;
}

const CONFIRMED: OrderOutcome = { there: true, confirmed: true };
/** Somebody has cancelled it in the shop: that stands. */
const CANCELLED: OrderOutcome = { there: true, confirmed: false };

function refused(problem: Refusal): OrderOutcome {
  return { there: false, confirmed: false, problem };
}

/** @param hasNoStock tells the products, by the shop's ids, of whose stock the input says nothing: what an order needs is added */
export async function bringOrder(
  row: ShopOrder,
  hasNoStock: (productId: string) => boolean,
  bringing: Bringing,
): Promise<OrderOutcome> {
  const { shop, give, signal } = bringing;
  const looks = new Looks(signal);
  /** Why the attempt before this one was refused. */
  let earlier: Refusal | undefined;
  let numbered = true;
  let attempt = 1;
  while (attempt <= MOST_ATTEMPTS) {
    const command = placing(row, attempt, numbered, bringing);
    const there = await shop.purchase(String(command.input['id']));
    if (there?.status === 'REJECTED') {
      earlier = there.rejection ?? { code: 'UNKNOWN', message: 'it was rejected' };
      numbered &&= earlier.code !== NUMBER_TAKEN;
      attempt++;
      continue;
    }
    if (there !== null && !isSame(row, there, bringing)) return otherwise(there);
    if (there?.status === 'CONFIRMED') return CONFIRMED;
    if (there?.status === 'CANCELLED') return CANCELLED;
    // What would surely be refused again is not tried: else each run would leave one more refused purchase.
    if (there === null && earlier !== undefined && earlier.code !== NUMBER_TAKEN && !(await isMended(row, bringing)))
      return refused(earlier);
    if (there === null) await addStock(row, hasNoStock, bringing);
    // Pending: it is under way from a run before, and the same key answers how it ends.
    const { refusal, isEarlier } = await give(command);
    if (refusal === undefined) return CONFIRMED;
    if (refusal.code === 'CANCELLED') return CANCELLED;
    if (await looks.again(refusal)) continue;
    numbered &&= refusal.code !== NUMBER_TAKEN;
    if (!isEarlier && refusal.code !== NUMBER_TAKEN) return refused(refusal);
    earlier = refusal;
    attempt++;
  }
  return refused(earlier ?? { code: 'UNKNOWN', message: `it was refused ${MOST_ATTEMPTS} times` });
}

/** Once for each order and product, by the key, whatever becomes of the order. What cannot be added is missed when it is placed. */
async function addStock(
  { id, lines }: ShopOrder,
  hasNoStock: (productId: string) => boolean,
  { ids, give }: Bringing,
): Promise<void> {
  const added = lines
    .filter(({ productId }) => hasNoStock(productId))
    .map(({ productId, quantity }) => {
      const input = { productId: ids.of('product', productId), quantity };
      return give({ name: 'restockProduct', input: { ...input, idempotencyKey: ids.key('for order', id, input) } });
    });
  await Promise.all(added);
}

function placing(
  { id, number = id, customerId, placedAt, lines }: ShopOrder,
  attempt: number,
  numbered: boolean,
  { ids }: Bringing,
): Command {
  const input = {
    id: ids.of('order', id, attempt),
    ...(numbered ? { number } : {}),
    customerId: ids.of('customer', customerId),
    placedAt,
    lines: lines.map(({ productId, ...line }) => ({ ...line, productId: ids.of('product', productId) })),
  };
  return { name: 'placePurchase', input: { ...input, idempotencyKey: ids.key('placePurchase', input) } };
}

function isSame({ customerId, placedAt, lines }: ShopOrder, there: PurchaseThere, { ids }: Bringing): boolean {
  const standing = new Map(there.lines.map((line) => [line.product.id, line]));
  return (
    there.customer.id === ids.of('customer', customerId) &&
    Date.parse(there.placedAt) === Date.parse(placedAt) &&
    standing.size === lines.length &&
    lines.every((line) => isSameLine(line, standing.get(ids.of('product', line.productId))))
  );
}

/**
 * A line without a unit price says nothing of it: it took the product's own, which may be another by now. A line without a
 * discount says that there is none. The shop knows a price once the stock is reserved.
 */
function isSameLine(
  { quantity, unitPrice, discount = '0' }: ShopOrderLine,
  there: PurchaseThere['lines'][number] | undefined,
): boolean {
  return (
    there?.quantity === quantity &&
    Number(there.discount ?? '0') === Number(discount) &&
    (unitPrice === undefined || there.unitPrice === null || Number(there.unitPrice) === Number(unitPrice))
  );
}

function otherwise({ status }: PurchaseThere): OrderOutcome {
  const message = `in the shop the order stands with another customer, date or other lines, prices or discounts, and is ${status.toLowerCase()}`;
  const problem = conflict(
    `${message}: a purchase cannot be changed; cancel it there, and give it another id in the file`,
  );
  return { there: true, confirmed: status === 'CONFIRMED', problem };
}

/** Whether customer, products and stock would let the order through as they are now. */
async function isMended({ customerId, lines }: ShopOrder, { ids, shop }: Bringing): Promise<boolean> {
  const [customer, ...enough] = await Promise.all([
    shop.customer(ids.of('customer', customerId)),
    ...lines.map(async ({ productId, quantity }) => {
      const product = await shop.product(ids.of('product', productId));
      return product !== null && !product.discontinued && product.stock >= quantity;
    }),
  ]);
  return customer !== null && !customer.removed && enough.every(Boolean);
}
