/**
 * Brings one product in: adds it, or changes what is different. Each change names the version that it was made from, so that a
 * change of somebody else's in between is seen, and a change that was cut short is not made twice.
 */
import type { ProductThere } from './operations.ts';
import { type Bringing, conflict, create, Looks, type RowOutcome } from './row-outcome.ts';
import type { ShopProduct } from './shop-data.ts';

interface Change {
  /** The mutation's name; undefined: it is told, and not changed. */
  readonly command: 'updateProduct' | 'restockProduct' | 'writeOffStock' | 'reinstateProduct' | undefined;
  readonly input: Readonly<Record<string, unknown>>;
  /** What is different, for people. */
  readonly told: string;
  /** The product as it is after the change. */
  readonly after: ProductThere;
}

/** What the input says of a product's stock. */
interface StockSaid {
  /** The units that the shop is to have had in all, what the orders take included. */
  readonly total: number;
  /** The units that must be free after the stock has been lowered; undefined: nothing is said, and it is never lowered. */
  readonly keep: number | undefined;
}

export async function bringProduct(row: ShopProduct, stock: StockSaid, bringing: Bringing): Promise<RowOutcome> {
  const { ids, shop, update, give, signal } = bringing;
  const id = ids.of('product', row.id);
  const looks = new Looks(signal);
  let there = await shop.product(id);
  let updated = false;
  for (;;) {
    if (there === null) {
      const { refusal } = await create(bringing, 'addProduct', {
        id,
        number: row.number ?? row.id,
        name: row.name,
        price: row.price,
        stock: stock.total,
      });
      if (refusal === undefined) return { there: true, created: true };
      if (!(await looks.again(refusal))) return { there: false, problem: refusal };
      there = await shop.product(id);
      continue;
    }
    const changes = row.onlyIfNew ? [] : differences(row, stock, there);
    const next = update ? changes.find(({ command }) => command !== undefined) : undefined;
    if (next?.command === undefined) return { there: true, updated, ...problemOf(changes) };
    const input = { productId: id, ...next.input, ifVersion: there.version };
    const idempotencyKey = ids.key(next.command, input);
    const { refusal, entityVersion } = await give({ name: next.command, input: { ...input, idempotencyKey } });
    if (refusal === undefined) {
      updated = true;
      there = { ...next.after, version: entityVersion ?? there.version + 1 };
    } else if (await looks.again(refusal)) there = await shop.product(id);
    else return { there: true, updated, problem: refusal };
  }
}

/**
 * Takes a product out of sale; nothing to do where it is already, or is not there.
 * @param created whether this import has brought it about
 */
export async function discontinue(
  row: ShopProduct,
  created: boolean,
  { ids, shop, give, update }: Bringing,
): Promise<RowOutcome> {
  const id = ids.of('product', row.id);
  const there = await shop.product(id);
  if ((there === null && !created) || there?.discontinued) return { there: there !== null };
  if (!update && !created) return { there: false, problem: conflict('in the shop it is on sale, not discontinued') };
  // Another key for each time that it is on sale. Without `ifVersion`: a sale meanwhile does not matter to this.
  const key = there === null ? ids.key('discontinueProduct', id) : ids.key('discontinueProduct', id, there.version);
  const input = { productId: id, idempotencyKey: key };
  const { refusal } = await give({ name: 'discontinueProduct', input });
  return refusal === undefined || refusal.code === 'ALREADY_DISCONTINUED'
    ? { there: true, updated: !created }
    : { there: false, problem: refusal };
}

function problemOf(changes: readonly Change[]): Pick<RowOutcome, 'problem'> {
  if (changes.length === 0) return {};
  return { problem: conflict(`in the shop ${changes.map(({ told }) => told).join(', ')}`) };
}

/** What the row says otherwise. That it is discontinued is brought in at the end, after the orders. */
function differences(row: ShopProduct, { total, keep }: StockSaid, there: ProductThere): readonly Change[] {
  const { name, price } = row;
  const changes: Change[] = [];
  if (name !== there.name || price !== there.price) {
    const told = [
      ...(name === there.name ? [] : [`the name is ${JSON.stringify(there.name)}, not ${JSON.stringify(name)}`]),
      ...(price === there.price ? [] : [`the price is ${there.price}, not ${price}`]),
    ];
    const after = { ...there, name, price };
    changes.push({ command: 'updateProduct', input: { name, price }, told: told.join(', '), after });
  }
  const more = total - there.received;
  const after = { ...there, received: total, stock: there.stock + more };
  if (more > 0) {
    const told = `the stock is short by ${more}`;
    changes.push({ command: 'restockProduct', input: { quantity: more }, told, after });
  } else if (more < 0 && keep !== undefined) {
    changes.push({ ...lowering(-more, keep, after.stock), after });
  }
  if (there.discontinued && row.discontinued === false) {
    const told = 'it is discontinued, not on sale';
    changes.push({ command: 'reinstateProduct', input: {}, told, after: { ...there, discontinued: false } });
  }
  return changes;
}

/**
 * The shop has more than the input says. Where less would be left than the input has in stock, the difference is not of the
 * stock: the shop has orders that the input does not have, and their units are sold.
 */
function lowering(by: number, keep: number, left: number): Omit<Change, 'after'> {
  const told = `the stock is ${by} higher than the files say`;
  return left >= keep
    ? { command: 'writeOffStock', input: { quantity: by }, told }
    : { command: undefined, input: {}, told: `${told}, for orders that they do not hold` };
}
