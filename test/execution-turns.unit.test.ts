/** A wide answer is made in many turns of the event loop, so that others are served meanwhile. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import DataLoader from 'dataloader';
import { type ExecutionResult, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { executableSchema } from '../gateway/schema.ts';
import { turnsOf } from '../waiting/turns.ts';

const aliases = (field: string) => Array.from({ length: 400 }, (_, i) => `a${i}: ${field}`).join(' ');
const many = <T>(count: number, of: (index: number) => T) => Array.from({ length: count }, (_, i) => of(i));

/** How often others had their turn while a document was executed, and what was answered. */
async function executed(resolvers: Parameters<typeof executableSchema>[0], document: string, contextValue = {}) {
  let turns = 0;
  let result: ExecutionResult | undefined;
  const args = { schema: executableSchema(resolvers), document: parse(document), contextValue };
  const done = Promise.resolve(execute(args)).then((answer) => {
    result = answer;
  });
  while (result === undefined) {
    await nextTurn();
    turns += 1;
  }
  await done;
  return { turns, result };
}

describe('the execution of a wide answer lets others go', () => {
  it('between the elements of a list', async () => {
    const nodes = many(300, (i) => ({ name: `n${i}` }));
    const { turns, result } = await executed(
      { Query: { products: () => ({ nodes }) } },
      `{ products { nodes { ${aliases('name')} } } }`,
    );
    expect(turns).toBeGreaterThan(3);
    const page = Object(Object(result.data)['products']);
    expect(page.nodes.map(({ a0 }: { a0: string }) => a0)).toEqual(nodes.map(({ name }) => name));
  });

  it('between objects that were waited for together', async () => {
    const lines = many(300, (i) => ({ productId: `p${i}`, quantity: 1 }));
    const loaded = Promise.resolve();
    const { turns, result } = await executed(
      {
        Query: { purchase: () => ({ lines }) },
        PurchaseLine: { product: (line: { productId: string }) => loaded.then(() => ({ name: line.productId })) },
      },
      `{ purchase(id: "a") { lines { product { ${aliases('name')} } } } }`,
    );
    expect(turns).toBeGreaterThan(3);
    const names = Object(result.data)['purchase'].lines.map(
      ({ product }: { product: { a399: string } }) => product.a399,
    );
    expect(names).toEqual(lines.map(({ productId }) => productId));
  });

  it('and what its elements load is read together all the same, on a machine however slow', async () => {
    const reads: number[] = [];
    const context = {};
    const names = new DataLoader<string, string>(
      async (ids) => {
        reads.push(ids.length);
        return ids.map((id) => `name of ${id}`);
      },
      { batchScheduleFn: (dispatch) => turnsOf(context).afterwards(dispatch) },
    );
    const nodes = many(100, (i) => ({ id: `p${i}` }));
    const { turns, result } = await executed(
      {
        Query: { products: () => ({ nodes }) },
        Product: {
          name: ({ id }: { id: string }) => {
            const end = performance.now() + 2;
            while (performance.now() < end);
            return names.load(id);
          },
        },
      },
      `{ products { nodes { ${aliases('id')} name } } }`,
      context,
    );
    expect(turns).toBeGreaterThan(10);
    expect(reads).toEqual([100]);
    const page = Object(Object(result.data)['products']);
    expect(page.nodes.at(-1).name).toBe('name of p99');
  });

  it('and an element that fails is null or an error in its own place', async () => {
    const nodes = [{ name: 'first' }, new Error('the second is gone'), { name: 'third' }];
    const { result } = await executed({ Query: { products: () => ({ nodes }) } }, '{ products { nodes { name } } }');
    expect(result.errors?.[0]).toMatchObject({
      message: 'the second is gone',
      path: ['products', 'nodes', 1],
    });
  });
});
