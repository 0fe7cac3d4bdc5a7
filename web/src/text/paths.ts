/** Addresses of the page's entities. */

type Section = 'customers' | 'products' | 'purchases' | 'transactions';

const pathIn =
  (section: Section) =>
  (id: string): string =>
    `/${section}/${encodeURIComponent(id)}`;

export const customerPath = pathIn('customers');
export const productPath = pathIn('products');
export const purchasePath = pathIn('purchases');
export const transactionPath = pathIn('transactions');
