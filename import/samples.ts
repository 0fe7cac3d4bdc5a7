/** What an import reads: customers, products and orders, as the four CSV files have them. */

interface Row {
  /** Where it stands, for messages: file and line. */
  readonly fileAndLine: string;
}

export interface SampleCustomer extends Row {
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
}

export interface SampleProduct extends Row {
  readonly id: string;
  readonly name: string;
  /** Decimal string with two digits. */
  readonly price: string;
  readonly unitsInStock: number;
  readonly discontinued: boolean;
}

export interface SampleOrder extends Row {
  readonly id: string;
  readonly customerId: string;
  /** ISO 8601 UTC. */
  readonly placedAt: string;
  readonly lines: readonly { readonly productId: string; readonly quantity: number }[];
}

export interface Samples {
  readonly customers: readonly SampleCustomer[];
  readonly products: readonly SampleProduct[];
  /** In order of date. */
  readonly orders: readonly SampleOrder[];
}

/** Units of each product in all orders together. */
export function unitsOrdered({ orders }: Samples): ReadonlyMap<string, number> {
  const units = new Map<string, number>();
  for (const { lines } of orders) {
    for (const { productId, quantity } of lines) units.set(productId, (units.get(productId) ?? 0) + quantity);
  }
  return units;
}
