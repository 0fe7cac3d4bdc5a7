/** A purchase as rows of a table: one for each of its lines. */
import type { PurchaseFieldsFragment } from '../gql/graphql';
import { fullName } from '../text/format';

/** The names of the columns. */
export const HEADER = [
  'purchase',
  'status',
  'placedAt',
  'customerId',
  'customer',
  'productId',
  'product',
  'quantity',
  'unitPrice',
  'lineTotal',
  'purchaseTotal',
];

/** The purchase's rows, in the order of `HEADER`; what is not known yet is null. */
export const rowsOf = (purchase: PurchaseFieldsFragment): (string | number | null)[][] =>
  purchase.lines.map((line) => [
    purchase.id,
    purchase.status,
    purchase.placedAt,
    purchase.customer.id,
    fullName(purchase.customer),
    line.product.id,
    line.product.name,
    line.quantity,
    line.unitPrice,
    line.total,
    purchase.total,
  ]);
