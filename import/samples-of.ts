/** Shop data in memory, as the sending of an import takes it. */
import type { Samples } from './samples.ts';
import type { ShopData } from './shop-data.ts';

export function samplesOf(data: ShopData): Samples {
  return {
    customers: [...data.customers()],
    products: [...data.products()],
    orders: [...data.orders()].map(({ lines, ...order }) => ({
      ...order,
      lines: lines.map(({ productId, quantity }) => ({ productId, quantity })),
    })),
  };
}
