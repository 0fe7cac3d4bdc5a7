/** What is asked of a shop with very many purchases, as the generator of data folders makes it: see `rigs/story.ts`. */
import { type Query, TOTALS } from '../rigs/asking.ts';

const FIELDS = 'id status total placedAt customer { firstName lastName } lines { quantity product { name } }';
const NODES = `nodes { ${FIELDS} }`;
const BOTH = 'totalCount totalAmount';

const page = (args: string, totals = BOTH): Query => ({
  query: `{ purchases(first: 50${args === '' ? '' : `, ${args}`}) { ${totals} ${NODES} } }`,
});
const sorted = (by: string, direction: string) => `sort: { by: ${by}, direction: ${direction} }`;

/** @param purchases how many there are: the spans of time and the numbers that are asked for depend on it */
export function questions(purchases: number, at = new Date()): Readonly<Record<string, Query>> {
  const before = (days: number) => new Date(at.getTime() - days * 86_400_000).toISOString();
  const middle = Math.floor(purchases / 2);
  const month = `placedBetween: { from: "${before(60)}", to: "${before(30)}" }`;
  return {
    'the first page, both totals': page(''),
    'of one status by total, both totals': page(`filter: { status: [CONFIRMED] }, ${sorted('TOTAL', 'DESC')}`),
    'by customer, both totals': page(sorted('CUSTOMER', 'ASC')),
    'of one customer, both totals': page('filter: { customerId: "c7" }'),
    'of one product by total, both totals': page(`filter: { productId: "p1" }, ${sorted('TOTAL', 'ASC')}`),
    'of a month, both totals': page(`filter: { ${month} }`),
    'of a month by total': page(`filter: { ${month} }, ${sorted('TOTAL', 'DESC')}`, ''),
    'between two totals': page('filter: { totalBetween: { from: "10.00", to: "20.00" } }', ''),
    'between two totals, both totals': page('filter: { totalBetween: { from: "10.00", to: "20.00" } }'),
    'broad search, a word': page('filter: { text: "ada" }', ''),
    'broad search, a word, both totals': page('filter: { text: "ada" }'),
    'broad search, one letter': page('filter: { text: "a" }', ''),
    'broad search, one letter, both totals': page('filter: { text: "a" }'),
    'broad search, two words by total': page(`filter: { text: "ada tea" }, ${sorted('TOTAL', 'DESC')}`, ''),
    'narrow search, both totals': page('filter: { text: "lovelace 1 olives" }'),
    'narrow search, nothing found': page('filter: { text: "ada zebra" }'),
    'an id as the text': page(`filter: { text: "order-${middle}" }`),
    'one purchase': { query: `{ purchase(id: "order-${middle}") { ${FIELDS} } }` },
    'the totals alone': TOTALS,
    'groups by month': { query: '{ purchaseGroups(by: MONTH) { key count amount } }' },
    'groups by day': { query: '{ purchaseGroups(by: DAY) { key count amount } }' },
    'groups by status': { query: '{ purchaseGroups(by: STATUS) { key count amount } }' },
    'groups by month of one customer': {
      query: '{ purchaseGroups(by: MONTH, filter: { customerId: "c7" }) { key count amount } }',
    },
    'customers by total spent': {
      query:
        '{ customers(first: 50, sort: { by: TOTAL_SPENT, direction: DESC }) { totalCount nodes { id totalSpent } } }',
    },
    'customers by name': { query: '{ customers(first: 50, filter: { text: "ada" }) { totalCount nodes { id } } }' },
    'products by revenue': {
      query: '{ products(first: 50, sort: { by: REVENUE, direction: DESC }) { totalCount nodes { id revenue } } }',
    },
    'the newest transactions': {
      query: '{ transactions(first: 50) { totalCount nodes { id status command entityId } } }',
    },
  };
}
