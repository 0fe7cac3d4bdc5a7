/** Addresses of the page. */

/** Of the entities in a section, such as `suppliers`, by their ids. */
export const pathIn =
  (section: string) =>
  (id: string): string =>
    `/${section}/${encodeURIComponent(id)}`;

export const customerPath = pathIn('customers');
export const productPath = pathIn('products');
export const purchasePath = pathIn('purchases');
export const transactionPath = pathIn('transactions');

/** Where operators see what is in trouble. */
export const CONSOLE = '/console';
