/** What an import sends: customers, products and orders, whatever files they were read from. */

interface ShopRow {
  /** The shop's own id, free text: 1 to 64 characters without control characters, trimmed. */
  readonly id: string;
  /** What the shop prints for it, where that is not the id. */
  readonly number?: string;
  /** File, line and, where it helps, column. */
  readonly fileAndLine: string;
}

/** A customer or product that only orders tell of. */
interface MayBeDerived {
  /** It is no reason to change one that is there already. */
  readonly onlyIfNew?: boolean;
}

export interface ShopCustomer extends ShopRow, MayBeDerived {
  readonly firstName: string;
  readonly lastName: string;
  readonly email?: string;
}

export interface ShopProduct extends ShopRow, MayBeDerived {
  readonly name: string;
  /** Decimal string with two digits. */
  readonly price: string;
  /** On top of what the orders take; undefined: nothing is said of it. */
  readonly unitsInStock?: number;
  /** Undefined: nothing is said of it. */
  readonly discontinued?: boolean;
}

export interface ShopOrderLine {
  readonly productId: string;
  readonly quantity: number;
  /** Decimal string with two digits. */
  readonly unitPrice?: string;
  /** Share of the price, a decimal string from 0 to 1 with at most four digits. */
  readonly discount?: string;
}

export interface ShopOrder extends ShopRow {
  readonly customerId: string;
  /** ISO 8601 UTC. */
  readonly placedAt: string;
  /** Each of another product. */
  readonly lines: readonly ShopOrderLine[];
}

export interface ShopDataCounts {
  readonly customers: number;
  readonly products: number;
  readonly orders: number;
  readonly lines: number;
}

export interface ShopData {
  /** Sets the ids of one shop's files apart from those of another. */
  readonly dataSet: string;
  readonly counts: ShopDataCounts;
  customers(): Iterable<ShopCustomer>;
  products(): Iterable<ShopProduct>;
  /** In order of date, then id. */
  orders(): Iterable<ShopOrder>;
  /** Units in all orders, by the product's id. */
  unitsOrdered(): ReadonlyMap<string, number>;
  /** Lets go of what was read; nothing may be read after it. */
  close(): void;
}
