/** What can be exported: all that the schema shows of an entity, by documents that the server takes, in columns that keep their names. */
import { parse } from 'csv-parse/sync';
import {
  type GraphQLObjectType,
  getNamedType,
  isLeafType,
  isObjectType,
  parse as parseDocument,
  validate,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../export/csv.ts';
import { documentOf, exportDocuments, ordersWithLines } from '../export/document.ts';
import { type ExportKind, exportKinds } from '../export/kinds.ts';
import { LARGEST_EXPORT_PAGE } from '../export/read-export.ts';
import { fieldsOf, tableOf } from '../export/table.ts';
import { costOf } from '../gateway/cost.ts';
import { serviceSchema } from '../gateway/index.ts';
import { MAX_COST } from '../gateway/limits.ts';
import { LARGEST_PAGE } from '../resolvers/connection.ts';

const schema = serviceSchema();
const kinds = Object.entries<ExportKind>(exportKinds);
const ndjson = { as: 'ndjson' } as const;
const csv = { as: 'csv', dialect: PLAIN } as const;

/** The fields of a type without arguments: leaves, and those of what is within, but for other entities. */
function fieldsOfType(name: string, prefix = ''): readonly string[] {
  const type = schema.getType(name);
  if (!isObjectType(type)) throw new Error(`${name} is no type of the schema`);
  return Object.values((type as GraphQLObjectType).getFields()).flatMap((field) => {
    const of = getNamedType(field.type);
    if (field.args.length > 0) return [];
    if (isLeafType(of)) return [prefix + field.name];
    return ['Customer', 'Product'].includes(of.name) ? [] : fieldsOfType(of.name, `${prefix}${field.name}.`);
  });
}

describe('an export', () => {
  it.each([
    ['customers', 'Customer'],
    ['products', 'Product'],
    ['purchases', 'Purchase'],
  ] as const)('of %s has all that the schema shows of a %s', (kind, type) => {
    expect(fieldsOf(exportKinds[kind], ndjson)).toEqual(expect.arrayContaining([...fieldsOfType(type)]));
  });

  it('of lines has all that the schema shows of a line', () => {
    const fields = fieldsOfType('PurchaseLine', 'lines.');
    expect(fieldsOf(exportKinds.lines, csv)).toEqual(expect.arrayContaining([...fields]));
  });

  it.each(exportDocuments().map((text, i) => [i, text] as const))(
    'sends a document that the server takes (%i)',
    (_, text) => {
      const document = parseDocument(text);
      expect(validate(schema, document)).toEqual([]);
      const [operation] = document.definitions;
      if (operation?.kind !== 'OperationDefinition') throw new Error('it is no operation');
      const variables = { filter: {}, first: LARGEST_EXPORT_PAGE, after: null, count: true };
      expect(costOf(schema, document, operation, variables)).toBeLessThan(MAX_COST / 2);
    },
  );

  it('asks for no larger pages than the server gives', () => {
    expect(LARGEST_EXPORT_PAGE).toBeLessThanOrEqual(LARGEST_PAGE);
  });

  it('reads one list at a time', () => {
    expect(() => documentOf([exportKinds.customers, exportKinds.products], csv)).toThrow(/one list/);
    expect(documentOf(ordersWithLines, csv)).toContain('lines { product { id name }');
  });

  it.each(kinds)('of %s has columns of different names', (_name, { columns }) => {
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length);
  });

  it('has the columns that the import reads', () => {
    const names = ({ columns }: ExportKind) => columns.map(({ name }) => name);
    expect(names(exportKinds.customers)).toEqual(expect.arrayContaining(['customerID', 'contactName']));
    expect(names(exportKinds.products)).toEqual(
      expect.arrayContaining(['productID', 'productName', 'unitPrice', 'unitsInStock', 'discontinued']),
    );
    expect(names(exportKinds.purchases)).toEqual(expect.arrayContaining(['orderID', 'customerID', 'orderDate']));
    expect(names(exportKinds.lines)).toEqual(
      expect.arrayContaining(['orderID', 'productID', 'quantity', 'unitPrice', 'discount']),
    );
    expect(kinds.map(([, { file }]) => file)).toEqual(['customers', 'products', 'orders', 'order-details']);
  });
});

const line = (id: string, unitPrice: string | null) => ({
  __typename: 'PurchaseLine',
  product: { id, name: `Product ${id}` },
  quantity: 2,
  listPrice: unitPrice === null ? null : '2.00',
  unitPrice,
  discount: unitPrice === null ? null : '0.15',
  total: unitPrice === null ? null : '3.00',
});
const purchase = {
  __typename: 'Purchase',
  id: 'o-1',
  version: 3,
  number: '7/2',
  status: 'PENDING',
  total: '3.00',
  placedAt: '1996-07-04T00:00:00.000Z',
  confirmedAt: null,
  cancelledAt: null,
  customer: { id: 'c-1', firstName: 'Ada', lastName: 'Lovelace' },
  lines: [line('p-1', '1.50'), line('p-2', null)],
  rejection: null,
};

const rowsOf = (text: string): readonly Record<string, string>[] => parse(text, { columns: true });

describe('the text of an export', () => {
  it('of lines has a row for each, and nothing where nothing is known yet', () => {
    const { header, textOf } = tableOf(exportKinds.lines, csv);
    const [first, ...rest] = rowsOf(header + textOf([purchase]));
    expect(first).toEqual({
      orderID: 'o-1',
      orderNumber: '7/2',
      orderDate: '1996-07-04T00:00:00.000Z',
      status: 'PENDING',
      customerID: 'c-1',
      customerName: 'Ada Lovelace',
      productID: 'p-1',
      productName: 'Product p-1',
      quantity: '2',
      unitPrice: '1.50',
      listPrice: '2.00',
      discount: '0.15',
      lineTotal: '3.00',
      orderTotal: '3.00',
    });
    const unknown = { unitPrice: '', listPrice: '', discount: '', lineTotal: '' };
    expect(rest).toEqual([{ ...first, productID: 'p-2', productName: 'Product p-2', ...unknown }]);
  });

  it('as NDJSON has the fields as the API shows them, and none that a client has added', () => {
    const [text] = [tableOf(exportKinds.purchases, ndjson).textOf([purchase, { ...purchase, id: 'o-2' }])];
    const objects = text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(objects.map(({ id }) => id)).toEqual(['o-1', 'o-2']);
    expect(objects[0]).toMatchObject({ status: 'PENDING', total: '3.00', customer: { id: 'c-1' }, rejection: null });
    expect(objects[0].lines).toEqual(purchase.lines.map(({ __typename: _, ...fields }) => fields));
    expect(text).not.toContain('__typename');
  });

  it('of lines as NDJSON has each line in its purchase', () => {
    const text = tableOf(exportKinds.lines, ndjson).textOf([purchase]);
    const objects = text
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(objects).toHaveLength(2);
    expect(objects[1]).toMatchObject({ id: 'o-1', line: { product: { id: 'p-2' }, unitPrice: null } });
    expect(objects[1]).not.toHaveProperty('lines');
  });

  it('has 1 and 0 for yes and no, and null totals as nothing', () => {
    const product = { id: 'p', name: 'Tea', price: '1.00', stock: 0, discontinued: true, revenue: null };
    const { header, textOf } = tableOf(exportKinds.products, csv);
    const [row] = rowsOf(header + textOf([product]));
    expect(row).toMatchObject({ unitsInStock: '0', discontinued: '1', revenue: '', unitPrice: '1.00' });
  });
});
