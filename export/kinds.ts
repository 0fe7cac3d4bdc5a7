/**
 * What can be exported: for each kind the list of the API that it is read from, and its columns. The names of columns are those of
 * the files that `counterfoil import` reads. They are stable: new ones may be added, none is renamed.
 */

/** How a field is written in CSV: `flag` as 1 or 0. */
export type CellType = 'text' | 'number' | 'decimal' | 'time' | 'flag';

export interface Column {
  readonly name: string;
  readonly type: CellType;
  /** Paths within a node of the list, such as `customer.firstName`; of several, the texts with a space between them. */
  readonly fields: readonly string[];
}

/** A list of the API: the root field, the type of its filter, and the order it is read in. */
export interface ExportedList {
  readonly field: string;
  readonly filterType: string;
  /**
   * By what never changes of an entity: whatever happens while it is read, each that was there before and is there after comes
   * once. By name, one that is renamed meanwhile could come twice, or not at all.
   */
  readonly sortBy: string;
}

export interface ExportKind {
  readonly list: ExportedList;
  /** A row for each element of this field. Default: for each node. */
  readonly rowsOf?: string;
  readonly columns: readonly Column[];
  /** Further fields, for NDJSON alone: CSV has no place for lists within a row. */
  readonly nested?: readonly string[];
  /** The name of its file without the ending, as the import expects it. */
  readonly file: string;
}

const column = (name: string, type: CellType, ...fields: readonly string[]): Column => ({ name, type, fields });

const customerList = { field: 'customers', filterType: 'CustomerFilter', sortBy: 'ID' };
const productList = { field: 'products', filterType: 'ProductFilter', sortBy: 'ID' };
const purchaseList = { field: 'purchases', filterType: 'PurchaseFilter', sortBy: 'PLACED_AT' };

const customers: ExportKind = {
  list: customerList,
  file: 'customers',
  columns: [
    column('customerID', 'text', 'id'),
    column('customerNumber', 'text', 'number'),
    column('contactName', 'text', 'firstName', 'lastName'),
    column('firstName', 'text', 'firstName'),
    column('lastName', 'text', 'lastName'),
    column('email', 'text', 'email'),
    column('removed', 'flag', 'removed'),
    column('erased', 'flag', 'erased'),
    column('userID', 'text', 'userId'),
    column('purchaseCount', 'number', 'purchaseCount'),
    column('totalSpent', 'decimal', 'totalSpent'),
    column('lastPurchaseDate', 'time', 'lastPurchaseAt'),
    column('version', 'number', 'version'),
  ],
};

const products: ExportKind = {
  list: productList,
  file: 'products',
  columns: [
    column('productID', 'text', 'id'),
    column('productNumber', 'text', 'number'),
    column('productName', 'text', 'name'),
    column('unitPrice', 'decimal', 'price'),
    column('unitsInStock', 'number', 'stock'),
    column('unitsReserved', 'number', 'reserved'),
    column('unitsReceived', 'number', 'received'),
    column('discontinued', 'flag', 'discontinued'),
    column('purchaseCount', 'number', 'purchaseCount'),
    column('customerCount', 'number', 'customerCount'),
    column('unitsSold', 'number', 'unitsSold'),
    column('revenue', 'decimal', 'revenue'),
    column('version', 'number', 'version'),
  ],
};

const lines: ExportKind = {
  list: purchaseList,
  rowsOf: 'lines',
  file: 'order-details',
  columns: [
    column('orderID', 'text', 'id'),
    column('orderNumber', 'text', 'number'),
    column('orderDate', 'time', 'placedAt'),
    column('status', 'text', 'status'),
    column('customerID', 'text', 'customer.id'),
    column('customerName', 'text', 'customer.firstName', 'customer.lastName'),
    column('productID', 'text', 'lines.product.id'),
    column('productName', 'text', 'lines.product.name'),
    column('quantity', 'number', 'lines.quantity'),
    column('unitPrice', 'decimal', 'lines.unitPrice'),
    column('listPrice', 'decimal', 'lines.listPrice'),
    column('discount', 'decimal', 'lines.discount'),
    column('lineTotal', 'decimal', 'lines.total'),
    column('orderTotal', 'decimal', 'total'),
  ],
};

const purchases: ExportKind = {
  list: purchaseList,
  file: 'orders',
  columns: [
    column('orderID', 'text', 'id'),
    column('orderNumber', 'text', 'number'),
    column('customerID', 'text', 'customer.id'),
    column('customerName', 'text', 'customer.firstName', 'customer.lastName'),
    column('orderDate', 'time', 'placedAt'),
    column('status', 'text', 'status'),
    column('orderTotal', 'decimal', 'total'),
    column('confirmedDate', 'time', 'confirmedAt'),
    column('cancelledDate', 'time', 'cancelledAt'),
    column('rejectionCode', 'text', 'rejection.code'),
    column('rejectionMessage', 'text', 'rejection.message'),
    column('rejectionField', 'text', 'rejection.field'),
    column('version', 'number', 'version'),
  ],
  nested: lines.columns.flatMap(({ fields }) => fields),
};

/** The kinds by the names that users give them. */
export const exportKinds = { customers, products, purchases, lines } as const satisfies Readonly<
  Record<string, ExportKind>
>;

export type ExportKindName = keyof typeof exportKinds;
