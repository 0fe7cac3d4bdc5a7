/** What `counterfoil import --dry-run` says: what would be sent. */
import type { ShopData } from '../import/shop-data.ts';

export interface ImportPreview {
  readonly dataSet: string;
  readonly customers: number;
  readonly products: number;
  readonly discontinued: number;
  readonly orders: number;
  readonly lines: number;
  readonly units: number;
  /** Of the first and the last order, ISO 8601 UTC; null without orders. */
  readonly first: string | null;
  readonly last: string | null;
}

export function previewOf(data: ShopData): ImportPreview {
  let discontinued = 0;
  for (const product of data.products()) if (product.discontinued) discontinued++;
  let units = 0;
  for (const ordered of data.unitsOrdered().values()) units += ordered;
  let first: string | null = null;
  let last: string | null = null;
  for (const { placedAt } of data.orders()) {
    first ??= placedAt;
    last = placedAt;
  }
  return { dataSet: data.dataSet, ...data.counts, discontinued, units, first, last };
}

export function previewText(preview: ImportPreview): string {
  const { dataSet, customers, products, discontinued, orders, lines, units, first, last } = preview;
  return [
    `data set      ${dataSet}`,
    `customers     ${customers}`,
    `products      ${products}, ${discontinued} discontinued`,
    `purchases     ${orders} with ${lines} lines, ${units} units`,
    ...(first === null || last === null ? [] : [`placed        ${first.slice(0, 10)} to ${last.slice(0, 10)}`]),
    'nothing was sent: --dry-run',
    '',
  ].join('\n');
}
