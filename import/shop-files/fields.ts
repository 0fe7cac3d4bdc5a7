/** What is looked for in each kind of file, and the names that shops give it. Names are compared as `headerKey` makes them. */

export type FileKind = 'customers' | 'products' | 'orders' | 'lines' | 'flat';

/** What `--map` gives columns to. */
export type Field =
  | 'customerId'
  | 'customerName'
  | 'firstName'
  | 'lastName'
  | 'email'
  | 'productId'
  | 'productName'
  | 'price'
  | 'unitsInStock'
  | 'discontinued'
  | 'orderId'
  | 'placedAt'
  | 'quantity'
  | 'unitPrice'
  | 'discount'
  | 'number';

/** A column that `--skip-invalid` writes and every import ignores. */
export const PROBLEM_COLUMN = 'problem';

/** Case, accents, spaces and punctuation do not tell headers apart: `E-Mail` is `email`, `Order_ID` is `orderid`. */
export function headerKey(header: string): string {
  return header
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{N}]/gu, '');
}

type Names = Readonly<Partial<Record<Field, readonly string[]>>>;

const CUSTOMER_ID = [
  'customerid',
  'customernumber',
  'customerno',
  'customernr',
  'customercode',
  'customerref',
  'clientid',
  'kundennummer',
  'kundennr',
  'kundenid',
  'kdnr',
  'customer',
];
const EMAIL = ['email', 'emailaddress', 'customeremail', 'billingemail', 'contactemail', 'mail'];
const FIRST_NAME = ['firstname', 'customerfirstname', 'billingfirstname', 'givenname', 'forename', 'vorname'];
const LAST_NAME = ['lastname', 'customerlastname', 'billinglastname', 'familyname', 'surname', 'nachname'];
const CUSTOMER_NAME = [
  'contactname',
  'customername',
  'fullname',
  'billingname',
  'shippingname',
  'kundenname',
  'buyername',
];
const PRODUCT_ID = [
  'productid',
  'sku',
  'productsku',
  'variantsku',
  'lineitemsku',
  'itemsku',
  'productnumber',
  'productno',
  'productcode',
  'itemid',
  'itemnumber',
  'itemno',
  'articleid',
  'articlenumber',
  'articleno',
  'artikelnummer',
  'artikelnr',
  'product',
];
const PRODUCT_NAME = [
  'productname',
  'itemname',
  'lineitemname',
  'articlename',
  'producttitle',
  'itemtitle',
  'artikelname',
  'artikelbezeichnung',
  'bezeichnung',
  'artikel',
  'product',
];
const ORDER_ID = [
  'orderid',
  'ordernumber',
  'orderno',
  'ordernr',
  'ordername',
  'orderref',
  'bestellnummer',
  'bestellnr',
  'bestellid',
  'auftragsnummer',
  'auftragsnr',
  'order',
];
const ORDER_NUMBER = [
  'ordernumber',
  'orderno',
  'ordernr',
  'bestellnummer',
  'bestellnr',
  'auftragsnummer',
  'auftragsnr',
];
const PLACED_AT = [
  'orderdate',
  'placedat',
  'placedon',
  'orderedat',
  'orderplaced',
  'ordertime',
  'purchasedate',
  'datecreated',
  'createdat',
  'bestelldatum',
  'auftragsdatum',
  'datum',
  'date',
];
const QUANTITY = [
  'quantity',
  'qty',
  'lineitemquantity',
  'itemquantity',
  'orderedquantity',
  'units',
  'menge',
  'anzahl',
  'stuck',
];
const UNIT_PRICE = [
  'unitprice',
  'priceperunit',
  'itemprice',
  'lineitemprice',
  'itemcost',
  'einzelpreis',
  'stuckpreis',
  'preis',
  'price',
];
const DISCOUNT = ['discount', 'discountshare', 'discountpercent', 'discountpercentage', 'rabatt'];

/** Of several that are there, the one named first. A column is of one field: what is the id already is no number beside it. */
export const COLUMN_NAMES: Readonly<Record<FileKind, Names>> = {
  customers: {
    customerId: [...CUSTOMER_ID, 'id', 'number', 'code'],
    customerName: [...CUSTOMER_NAME, 'displayname', 'name', 'companyname', 'company'],
    firstName: FIRST_NAME,
    lastName: LAST_NAME,
    email: EMAIL,
    number: ['customernumber', 'customerno', 'customernr', 'kundennummer', 'kundennr', 'kdnr'],
  },
  products: {
    productId: [...PRODUCT_ID, 'id', 'handle', 'number', 'code'],
    productName: [...PRODUCT_NAME, 'name', 'title'],
    price: [
      'unitprice',
      'price',
      'regularprice',
      'listprice',
      'salesprice',
      'variantprice',
      'verkaufspreis',
      'einzelpreis',
      'preis',
    ],
    unitsInStock: [
      'unitsinstock',
      'stock',
      'stockquantity',
      'stocklevel',
      'variantinventoryqty',
      'inventoryquantity',
      'onhand',
      'quantityonhand',
      'quantity',
      'qty',
      'lagerbestand',
      'bestand',
    ],
    discontinued: ['discontinued', 'isdiscontinued'],
    number: [
      'productnumber',
      'productno',
      'itemnumber',
      'itemno',
      'articlenumber',
      'articleno',
      'artikelnummer',
      'artikelnr',
    ],
  },
  orders: {
    orderId: [...ORDER_ID, 'id', 'number', 'name'],
    customerId: CUSTOMER_ID,
    email: EMAIL,
    placedAt: PLACED_AT,
    number: ORDER_NUMBER,
  },
  lines: {
    orderId: ORDER_ID,
    productId: PRODUCT_ID,
    quantity: QUANTITY,
    unitPrice: UNIT_PRICE,
    discount: DISCOUNT,
  },
  flat: {
    orderId: [...ORDER_ID, 'name', 'id', 'number'],
    placedAt: PLACED_AT,
    number: ORDER_NUMBER,
    customerId: CUSTOMER_ID,
    customerName: CUSTOMER_NAME,
    firstName: FIRST_NAME,
    lastName: LAST_NAME,
    email: EMAIL,
    productId: PRODUCT_ID,
    productName: PRODUCT_NAME,
    quantity: QUANTITY,
    unitPrice: UNIT_PRICE,
    discount: DISCOUNT,
  },
};

/** Each group is satisfied by any one of its fields. */
export const NEEDED: Readonly<Record<FileKind, readonly (readonly Field[])[]>> = {
  customers: [['customerId'], ['customerName', 'lastName', 'firstName']],
  products: [['productId'], ['productName'], ['price']],
  orders: [['orderId'], ['customerId', 'email'], ['placedAt']],
  lines: [['orderId'], ['productId'], ['quantity']],
  flat: [['orderId'], ['placedAt'], ['customerId', 'email'], ['productId'], ['quantity']],
};

export const FILE_KINDS: readonly FileKind[] = ['customers', 'products', 'orders', 'lines', 'flat'];

/** What files of a kind are called, compared as headers are. */
const FILE_NAMES: Readonly<Record<Exclude<FileKind, 'flat'>, readonly string[]>> = {
  customers: ['customers', 'customer', 'clients', 'kunden'],
  products: ['products', 'product', 'articles', 'items', 'artikel', 'produkte'],
  orders: ['orders', 'order', 'purchases', 'sales', 'bestellungen', 'auftrage'],
  lines: [
    'orderdetails',
    'orderdetail',
    'orderlines',
    'orderline',
    'orderitems',
    'orderitem',
    'lineitems',
    'purchaselines',
    'lines',
    'bestellpositionen',
    'positionen',
  ],
};

/** The kind of a file by its name, without the ending. */
export function kindOfName(stem: string): Exclude<FileKind, 'flat'> | undefined {
  const key = headerKey(stem);
  const kinds: readonly Exclude<FileKind, 'flat'>[] = ['customers', 'products', 'orders', 'lines'];
  return kinds.find((kind) => FILE_NAMES[kind].includes(key));
}

export function isField(name: string): name is Field {
  return FILE_KINDS.some((kind) => Object.hasOwn(COLUMN_NAMES[kind], name));
}
