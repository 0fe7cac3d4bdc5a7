/** Readers of rows of the four files, one for each kind: from the cells of a row into the staging. */
import type { CellReader } from './cell-reading.ts';
import {
  priceReader,
  quantityReader,
  readEmail,
  readFlag,
  readId,
  readName,
  shareReader,
  stockReader,
} from './cells.ts';
import type { DecimalMark } from './decimals.ts';
import type { RowReader } from './row-reader.ts';
import type { Entity, Staging } from './staging.ts';

/** How cells are read that can be written in several ways. */
export interface CellSettings {
  readonly decimal?: DecimalMark | undefined;
  readonly date: CellReader<string>;
}

/** Reads the row at which `row` stands. */
export type ReadRow = (row: RowReader) => void;

export function customerReader(staging: Staging): ReadRow {
  return (row) => {
    const id = row.required('customerId', readId);
    const names = readNames(row);
    if (names === undefined && !row.failed) row.refuse('customerName', 'it is empty');
    const email = row.optional('email', readEmail) ?? null;
    const number = row.optional('number', readId) ?? null;
    if (id === undefined || names === undefined || row.failed) return leaveOut(staging, row, 'customer', id);
    refuseDoubled(staging, row, 'customer', id, staging.addCustomer({ id, ...names, email, number }, row.place));
  };
}

export function productReader(staging: Staging, { decimal }: CellSettings): ReadRow {
  const [readPrice, readStock] = [priceReader(decimal), stockReader(decimal)];
  return (row) => {
    const id = row.required('productId', readId);
    const name = row.required('productName', readName);
    const price = row.required('price', readPrice);
    const unitsInStock = row.has('unitsInStock') ? row.required('unitsInStock', readStock) : null;
    const discontinued = row.has('discontinued') ? (row.optional('discontinued', readFlag) ?? false) : null;
    const number = row.optional('number', readId) ?? null;
    const whole = id !== undefined && name !== undefined && price !== undefined && unitsInStock !== undefined;
    if (!whole || row.failed) return leaveOut(staging, row, 'product', id);
    const product = { id, name, price, unitsInStock, discontinued, number };
    refuseDoubled(staging, row, 'product', id, staging.addProduct(product, row.place));
  };
}

export function orderReader(staging: Staging, settings: CellSettings): ReadRow {
  return (row) => {
    const id = row.required('orderId', readId);
    const customerId = row.has('customerId')
      ? row.required('customerId', readId)
      : row.required('email', readEmail)?.toLowerCase();
    const placedAt = row.required('placedAt', settings.date);
    const number = row.optional('number', readId) ?? null;
    if (id === undefined || customerId === undefined || placedAt === undefined || row.failed) {
      return leaveOut(staging, row, 'order', id);
    }
    const doubled = staging.addOrder({ id, customerId, placedAt, number }, row.place);
    if (doubled !== undefined) leaveOut(staging, row, 'order', id);
    refuseDoubled(staging, row, 'order', id, doubled);
  };
}

export function lineReader(staging: Staging, settings: CellSettings): ReadRow {
  const readLine = orderLineReader(settings);
  return (row) => {
    const orderId = row.required('orderId', readId);
    const line = readLine(row);
    if (orderId === undefined || line === undefined || row.failed) return leaveOut(staging, row, 'order', orderId);
    addLine(staging, row, { orderId, ...line });
  };
}

interface OrderLine {
  readonly productId: string;
  readonly quantity: number;
  readonly unitPrice: string | null;
  readonly discount: string | null;
}

/** Product, quantity and what it was sold for: the same in a file of lines and in a flat one. */
export function orderLineReader({ decimal }: CellSettings): (row: RowReader) => OrderLine | undefined {
  const [readQuantity, readPrice, readShare] = [quantityReader(decimal), priceReader(decimal), shareReader(decimal)];
  return (row) => {
    const productId = row.required('productId', readId);
    const quantity = row.required('quantity', readQuantity);
    const unitPrice = row.optional('unitPrice', readPrice) ?? null;
    const discount = row.optional('discount', readShare);
    if (productId === undefined || quantity === undefined) return undefined;
    return { productId, quantity, unitPrice, discount: discount === undefined || discount === '0' ? null : discount };
  };
}

/** Adds the line to its order, or tells that the order has its product at another price already. */
export function addLine(staging: Staging, row: RowReader, line: OrderLine & { readonly orderId: string }): void {
  const earlier = staging.addLine(line, row.place);
  if (earlier === undefined) return;
  const { orderId, productId } = line;
  row.refuse(
    'productId',
    `order ${orderId} has product ${productId} at another price or discount in ${staging.nameOf(earlier)}: ` +
      'a purchase has one line for each product, make one of them',
  );
  leaveOut(staging, row, 'order', orderId);
}

/** One name is the last name. */
export function readNames(row: RowReader): { readonly firstName: string; readonly lastName: string } | undefined {
  const first = row.optional('firstName', readName);
  const last = row.optional('lastName', readName);
  if (first !== undefined && last !== undefined) return { firstName: first, lastName: last };
  const words = (row.optional('customerName', readName) ?? last ?? first)?.split(' ') ?? [];
  const lastName = words.pop();
  return lastName === undefined ? undefined : { firstName: words.join(' '), lastName };
}

/** Remembers that the entity has a row that is not taken. Its id is a guess where the row's quotation marks are broken. */
export function leaveOut(staging: Staging, row: RowReader, entity: Entity, id: string | undefined): void {
  const known = id ?? row.guess(`${entity}Id`, readId);
  if (known !== undefined) staging.leaveOut(entity, known, row.reason);
}

function refuseDoubled(
  staging: Staging,
  row: RowReader,
  entity: Entity,
  id: string,
  earlier: ReturnType<Staging['addOrder']>,
): void {
  if (earlier === undefined) return;
  row.refuse(`${entity}Id`, `${entity} ${id} stands twice, here and in ${staging.nameOf(earlier)}`);
}
