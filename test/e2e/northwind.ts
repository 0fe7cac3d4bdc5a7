/** Northwind's sample orders, as a shop shows them that has them all. */

export const COUNTS =
  '{ customers { totalCount } products(first: 1) { totalCount } purchases { totalCount totalAmount } }';
export const ALL = {
  customers: { totalCount: 91 },
  products: { totalCount: 77 },
  purchases: { totalCount: 830, totalAmount: '1265793.29' },
};
