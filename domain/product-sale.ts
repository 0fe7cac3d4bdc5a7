/** Whether a product is on sale: taken out of it, and put back. What is reserved or sold is not touched by either. */
import type { Message, Rejection } from './aggregate.ts';
import type { ProductCommands, ProductEvents, ProductState } from './product.ts';
import { mustExist } from './rules.ts';

type Events = readonly Message<ProductEvents>[];

export function discontinue(
  { productId, ifVersion }: ProductCommands['discontinueProduct'],
  was: ProductState,
): Events | Rejection {
  const rejection = mustExist('product', 'productId', productId, was, ifVersion);
  if (rejection !== undefined) return rejection;
  return was.discontinued
    ? { code: 'ALREADY_DISCONTINUED', message: `product ${productId} is discontinued already`, field: 'productId' }
    : [{ type: 'ProductDiscontinued', data: {} }];
}

export function reinstate(
  { productId, ifVersion }: ProductCommands['reinstateProduct'],
  was: ProductState,
): Events | Rejection {
  const rejection = mustExist('product', 'productId', productId, was, ifVersion);
  if (rejection !== undefined) return rejection;
  return was.discontinued
    ? [{ type: 'ProductReinstated', data: {} }]
    : { code: 'NOT_DISCONTINUED', message: `product ${productId} is on sale`, field: 'productId' };
}
