/** How much a document may ask for, and what an operation is taken to cost. */
import { getIntrospectionQuery, getOperationAST, parse, specifiedRules, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { commandsOf } from '../gateway/commands-of.ts';
import { checkCost, costOf } from '../gateway/cost.ts';
import { exampleTabs } from '../gateway/graphiql-examples.ts';
import { limitRules, MAX_COST, MAX_DEPTH, MAX_ROOT_FIELDS } from '../gateway/limits.ts';
import { executableSchema } from '../gateway/schema.ts';
import { checkWritten } from '../gateway/written-bytes.ts';

const schema = executableSchema({});

function wrongs(query: string): readonly string[] {
  return validate(schema, parse(query), limitRules).map(({ message }) => message);
}

function cost(query: string, variables: Record<string, unknown> = {}): number {
  const document = parse(query);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('the query has no operation');
  return costOf(schema, document, operation, variables);
}

/** A customer's purchases' customer's purchases …, `depth` fields deep. */
function nested(depth: number): string {
  const steps = ['purchases(first: 1)', 'nodes', 'customer'];
  const way = Array.from({ length: depth - 2 }, (_, i) => steps[i % steps.length] ?? '');
  const leaf = way.at(-1) === steps[0] ? 'totalCount' : 'id';
  return `customer(id: "a") { ${way.map((step) => `${step} {`).join(' ')} ${leaf} ${'}'.repeat(way.length)} }`;
}

describe('the depth of an operation', () => {
  it('may be as great as the limit, and no greater', () => {
    expect(validate(schema, parse(`{ ${nested(MAX_DEPTH)} }`))).toEqual([]);
    expect(wrongs(`{ ${nested(MAX_DEPTH)} }`)).toEqual([]);
    expect(wrongs(`{ ${nested(MAX_DEPTH + 1)} }`)).toEqual([
      'the operation goes 13 fields deep; at most 12 are allowed',
    ]);
  });

  it('counts what stands in fragments', () => {
    expect(wrongs(`{ ...Deep } fragment Deep on Query { ${nested(MAX_DEPTH + 1)} }`)).toHaveLength(1);
    expect(wrongs(`{ ... on Query { ${nested(MAX_DEPTH + 1)} } }`)).toHaveLength(1);
  });

  it('is found where fragments spread themselves, and where each spreads the next one twice', () => {
    expect(wrongs('{ ...A } fragment A on Query { viewer { id } ...A }')).toEqual([]);
    const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(
      ' ',
    );
    expect(wrongs(`{ ...F0 } ${doubling} fragment F60 on Query { viewer { id } }`)).toEqual([]);
  });

  it('has a limit of its own for introspection', () => {
    expect(wrongs(getIntrospectionQuery())).toEqual([]);
    const deep = `{ __type(name: "Query") { ${'ofType { '.repeat(20)} name ${'} '.repeat(20)} } }`;
    expect(wrongs(deep)).toEqual(['introspection may go at most 20 fields deep']);
  });
});

describe('the fields at the root', () => {
  const aliases = (count: number) => Array.from({ length: count }, (_, i) => `v${i}: viewer { id }`).join(' ');

  it('may be as many as the limit, and no more', () => {
    expect(wrongs(`{ ${aliases(MAX_ROOT_FIELDS)} }`)).toEqual([]);
    expect(wrongs(`{ ${aliases(MAX_ROOT_FIELDS + 1)} }`)).toEqual([
      'the operation has 101 fields at its root; at most 100 are allowed',
    ]);
  });

  it('are counted in fragments too', () => {
    expect(wrongs(`{ ...Many } fragment Many on Query { ${aliases(MAX_ROOT_FIELDS + 1)} }`)).toHaveLength(1);
  });
});

describe('the cost of an operation', () => {
  it('is the number of its fields', () => {
    expect(cost('{ viewer { id roles isAdmin } }')).toBe(4);
  });

  it('is multiplied by the size of each page', () => {
    expect(cost('{ purchases(first: 50) { nodes { id total } } }')).toBe(1 + 50 * 3);
    expect(cost('query ($n: Int) { purchases(first: $n) { nodes { id total } } }', { n: 10 })).toBe(1 + 10 * 3);
    expect(cost('query ($n: Int = 30) { purchases(first: $n) { nodes { id total } } }')).toBe(1 + 30 * 3);
    expect(cost('{ purchases { nodes { id total } } }')).toBe(1 + 20 * 3);
  });

  it('counts a page within a page for each of its rows', () => {
    const query = '{ customers(first: 10) { nodes { purchases(first: 20) { totalCount } } } }';
    expect(cost(query)).toBe(1 + 10 * (1 + 1 + 20));
  });

  it('takes a negative or absurd size for the largest page', () => {
    const largest = cost('{ purchases(first: 200) { totalCount } }');
    expect(cost('{ purchases(first: -5) { totalCount } }')).toBe(largest);
    expect(cost('{ purchases(first: 2000000000) { totalCount } }')).toBe(largest);
    expect(cost('query ($n: Int) { purchases(first: $n) { totalCount } }', { n: 'many' })).toBe(largest);
  });

  it('of an empty page is that of one row: its sums are worked out all the same', () => {
    expect(cost('{ purchases(first: 0) { totalCount } }')).toBe(1 + 1);
    expect(cost('{ customers(first: 0) { nodes { purchases(first: 20) { totalCount } } } }')).toBe(1 + 1 + 1 + 20);
  });

  it('counts what an entity was as what has to be folded for it', () => {
    const now = cost('{ purchase(id: "p") { version } }');
    expect(cost('{ purchase(id: "p", version: 3) { version } }')).toBe(now + 500);
    expect(cost('query ($at: DateTime) { purchase(id: "p", asOf: $at) { version } }', { at: '2026-01-01' })).toBe(
      now + 500,
    );
    expect(cost('query ($at: DateTime) { purchase(id: "p", asOf: $at) { version } }', { at: null })).toBe(now);
    expect(cost('{ purchase(id: "p") { history(first: 50) { nodes { type } } } }')).toBe(1 + 1 + 50 * 2);
    const log = (fields: string) => `{ entityLog(aggregate: "purchases", id: "p", first: 10) { nodes { ${fields} } } }`;
    expect(cost(log('type state'))).toBe(cost(log('type')) + 10 * 21);
  });

  it('counts the words that are searched for, and the elements of lists', () => {
    const none = cost('{ customers { totalCount } }');
    expect(cost('{ customers(filter: { text: "ada love" }) { totalCount } }')).toBe(none + 200);
    const given = 'query ($t: String, $f: PurchaseFilter) { customers(filter: { text: $t }) { totalCount } }';
    expect(cost(given, { t: 'ada love lace' })).toBe(none + 300);
    const filter = 'query ($f: PurchaseFilter = { text: "x" }) { purchases(filter: $f) { totalCount } }';
    expect(cost(filter)).toBe(none + 100);
    expect(cost(filter, { f: { status: ['PENDING', 'CONFIRMED'] } })).toBe(none + 2);
  });

  it('of many commands in one request is that of so many mutations', () => {
    const query =
      'mutation ($c: [CommandInput!]!) { submitCommands(commands: $c) { id transaction { id steps { name } } } }';
    const alone = cost(
      'mutation ($i: CancelPurchaseInput!) { cancelPurchase(input: $i) { id transaction { id steps { name } } } }',
    );
    const commands = Array.from({ length: 100 }, () => ({ cancelPurchase: { purchaseId: 'a' } }));
    expect(cost(query, { c: commands })).toBe(1 + 100 + 100 * (alone - 1));
  });

  it('is found at once where fragments each spread the next one twice', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(
      ' ',
    );
    expect(cost(`{ ...F0 } ${doubling} fragment F60 on Query { viewer { id } }`)).toBe(2 * 2 ** 60);
  });

  it('allows a full page of purchases with customers and products, and refuses pages of pages of pages', () => {
    const check = (query: string) => {
      const document = parse(query);
      const operation = getOperationAST(document);
      if (operation) checkCost(schema, document, operation, undefined);
    };
    const joined =
      'id status total customer { firstName lastName } lines { quantity unitPrice product { name price stock } }';
    expect(() => check(`{ purchases(first: 200) { totalCount nodes { ${joined} } } }`)).not.toThrow();
    const pages = '{ customers(first: 200) { nodes { purchases(first: 200) { nodes { id total placedAt } } } } }';
    expect(cost(pages)).toBeGreaterThan(MAX_COST);
    expect(() => check(pages)).toThrow(/may resolve 160401 fields; at most 100000 are allowed/);
  });
});

describe('what a mutation writes', () => {
  const place = {
    customerId: 'ada',
    lines: Array.from({ length: 20 }, (_, i) => ({ productId: `p${i}`, quantity: 1 })),
  };

  function written(query: string, variables: Record<string, unknown>): number {
    const document = parse(query);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('the query has no operation');
    return checkWritten(commandsOf(document, operation, variables), variables);
  }

  it('is as much in one request of many commands as in as many requests', () => {
    const alone = written('mutation ($i: PlacePurchaseInput!) { placePurchase(input: $i) { id } }', { i: place });
    const query = 'mutation ($c: [CommandInput!]!) { submitCommands(commands: $c) { id } }';
    const of = (count: number) => ({ c: Array.from({ length: count }, () => ({ placePurchase: place })) });
    expect(written(query, of(20))).toBe(20 * alone);
    expect(() => written(query, of(100))).toThrow(/at most 8 MB are allowed: send it in parts/);
    expect(() => written(query, of(501))).toThrow(/at most 500 are allowed/);
  });
});

describe("GraphiQL's examples", () => {
  it.each(exampleTabs.map(({ query }) => [query.split('\n')[0], query]))('%s is valid', (_title, query) => {
    expect(validate(schema, parse(query), [...specifiedRules, ...limitRules])).toEqual([]);
  });
});
