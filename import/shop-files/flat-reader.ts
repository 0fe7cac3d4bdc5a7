/**
 * The reader of a flat order export: a row for each line of an order, with columns of the order, its customer and the product. Exports
 * such as Shopify's fill the order's columns in its first row alone.
 */
import { readEmail, readId, readName } from './cells.ts';
import { addLine, type CellSettings, leaveOut, orderLineReader, type ReadRow, readNames } from './entity-readers.ts';
import type { RowReader } from './row-reader.ts';
import type { OrderFields, Place, Staging } from './staging.ts';

export interface FlatSettings extends CellSettings {
  /** Customers and products have no files of their own, and are made of what the orders' rows tell. */
  readonly makeCustomers: boolean;
  readonly makeProducts: boolean;
}

interface FlatOrder {
  readonly customerId: string | null;
  readonly placedAt: string | null;
}

export function flatReader(staging: Staging, settings: FlatSettings): ReadRow {
  const readLine = orderLineReader(settings);
  const seeCustomer = customerSeer(staging);
  return (row) => {
    const orderId = row.required('orderId', readId);
    const email = row.optional('email', readEmail) ?? null;
    const customerId = customerOf(row.optional('customerId', readId), email);
    const placedAt = row.optional('placedAt', settings.date) ?? null;
    const productName = row.optional('productName', readName);
    const number = row.optional('number', readId) ?? null;
    const names = readNames(row);
    const line = readLine(row);
    if (orderId === undefined || line === undefined || row.failed) return leaveOut(staging, row, 'order', orderId);
    const order = joined(staging, row, { id: orderId, customerId, placedAt, number });
    if (order === undefined) return leaveOut(staging, row, 'order', orderId);
    const seen = { place: row.place, at: order.placedAt ?? '', email };
    if (settings.makeCustomers && order.customerId !== null) seeCustomer(order.customerId, names, seen);
    if (settings.makeProducts) {
      const { productId, unitPrice } = line;
      if (unitPrice === null) {
        row.refuse('unitPrice', `it is empty, and there is no file of products that tells the price of ${productId}`);
        return leaveOut(staging, row, 'order', orderId);
      }
      staging.seeProduct(productId, productName, unitPrice, seen);
    }
    addLine(staging, row, { orderId, ...line });
  };
}

/** The rows of an order mostly tell the same of its customer: once is enough. */
function customerSeer(staging: Staging): Staging['seeCustomer'] {
  let before = '';
  return (id, named, seen) => {
    const told = JSON.stringify([id, named, seen.at, seen.email]);
    if (told !== before) staging.seeCustomer(id, named, seen);
    before = told;
  };
}

/** Guests have no id, or in WooCommerce's exports 0: their e-mail address stands for them. */
function customerOf(id: string | undefined, email: string | null): string | null {
  return id === undefined || id === '0' ? (email?.toLowerCase() ?? id ?? null) : id;
}

/** The order as all its rows so far tell it. `undefined`: they do not agree, which was told. */
function joined(staging: Staging, row: RowReader, told: OrderFields): FlatOrder | undefined {
  const earlier = staging.order(told.id);
  if (earlier === undefined) {
    staging.addOrder(told, row.place);
    return told;
  }
  const customerId = agreed(earlier.customerId, told.customerId);
  const placedAt = agreed(earlier.placedAt, told.placedAt);
  if (customerId === undefined)
    return disagreed(staging, row, told.id, earlier, row.has('customerId') ? 'customerId' : 'email');
  if (placedAt === undefined) return disagreed(staging, row, told.id, earlier, 'placedAt');
  if (customerId !== earlier.customerId || placedAt !== earlier.placedAt) {
    staging.completeOrder(told.id, customerId, placedAt);
  }
  return { customerId, placedAt };
}

function agreed(earlier: string | null, told: string | null): string | null | undefined {
  if (earlier !== null && told !== null && earlier !== told) return undefined;
  return earlier ?? told;
}

function disagreed(
  staging: Staging,
  row: RowReader,
  id: string,
  earlier: Place,
  field: 'customerId' | 'email' | 'placedAt',
): undefined {
  row.refuse(field, `order ${id} has another one in ${staging.nameOf(earlier)}`);
}
