/** The `reflecting` queries of the workload, and what their answers show: an entity with everything that is joined to it. */
import type { ShownEntity } from '../history.ts';

const CUSTOMER = 'id version firstName lastName purchaseCount totalSpent';
const PRODUCT = 'id version name stock reserved purchaseCount unitsSold revenue';
const PURCHASE = `id version status customer { ${CUSTOMER} } lines { product { ${PRODUCT} } }`;

const query = (field: string, selection: string) =>
  `query ($id: ID!, $reflecting: ID!) { shown: ${field}(id: $id, reflecting: $reflecting) { ${selection} } }`;

/** By aggregate, of those that the workload's mutations are about. */
export const READ = {
  customers: query('customer', CUSTOMER),
  products: query('product', PRODUCT),
  purchases: query('purchase', PURCHASE),
};
export type ReadAggregate = keyof typeof READ;

type Node = Readonly<Record<string, unknown>>;

/** @param shown the answer to one of the queries above */
export function entitiesIn(aggregate: ReadAggregate, shown: Node | null): readonly ShownEntity[] {
  if (shown === null) return [];
  const { customer, lines } = shown;
  const joined: ShownEntity[] = [];
  if (isNode(customer)) joined.push(entityIn('customers', customer));
  for (const line of Array.isArray(lines) ? lines : []) joined.push(entityIn('products', line.product));
  return [entityIn(aggregate, shown), ...joined];
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

function entityIn(aggregate: ReadAggregate, { id, version, customer: _, lines: __, ...fields }: Node): ShownEntity {
  return { aggregate, id: String(id), version: Number(version), fields: fields as ShownEntity['fields'] };
}

export function aggregateOf(command: string): ReadAggregate {
  if (command.endsWith('Customer')) return 'customers';
  return command.endsWith('Product') ? 'products' : 'purchases';
}
