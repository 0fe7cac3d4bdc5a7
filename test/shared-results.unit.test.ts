/** One execution of an event for all who ask the same, and for nobody else. */
import { buildSchema, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { liveResults } from '../gateway/live-results.ts';
import { operationKey, SharedResults } from '../gateway/shared-results.ts';

const ADA = { id: 'ada', roles: [], isAdmin: false };

describe('results that are shared', () => {
  it('are executed once for the same event and operation', () => {
    const results = new SharedResults(() => 0);
    const event = {};
    const first = results.of(event, 'a', () => ({ data: { n: 1 } }));
    expect(results.of(event, 'a', () => ({ data: { n: 2 } }))).toBe(first);
    expect(results.of(event, 'b', () => ({ data: { n: 3 } }))).toEqual({ data: { n: 3 } });
    expect(results.of({}, 'a', () => ({ data: { n: 4 } }))).toEqual({ data: { n: 4 } });
    expect(results.of('a text', 'a', () => ({ data: { n: 5 } }))).toEqual({ data: { n: 5 } });
  });

  it('are executed anew for who asks late', () => {
    let now = 0;
    const results = new SharedResults(() => now);
    const event = {};
    expect(results.of(event, 'a', () => ({ data: { n: 1 } }))).toEqual({ data: { n: 1 } });
    now = 1_000;
    expect(results.of(event, 'a', () => ({ data: { n: 2 } }))).toEqual({ data: { n: 2 } });
  });
});

describe('the key of an operation', () => {
  const document = parse('subscription ($id: ID) { changed(id: $id) }');
  const key = operationKey({ document, variableValues: { id: '1' } }, ADA);

  it('is the same for the same', () => {
    const again = parse('subscription ($id: ID) { changed(id: $id) }');
    expect(operationKey({ document: again, variableValues: { id: '1' } }, { ...ADA })).toBe(key);
  });

  it.each([
    ['another document', { document: parse('subscription { changed }'), variableValues: { id: '1' } }, ADA],
    ['another one without its text', { document: parse('subscription { changed }', { noLocation: true }) }, ADA],
    ['another operation of it', { document, operationName: 'b', variableValues: { id: '1' } }, ADA],
    ['other variables', { document, variableValues: { id: '2' } }, ADA],
    ['another user', { document, variableValues: { id: '1' } }, { ...ADA, id: 'grace' }],
    ['a user with other rights', { document, variableValues: { id: '1' } }, { ...ADA, roles: ['staff'] }],
  ])('is another one for %s', (_, asked, viewer) => {
    expect(operationKey(asked, viewer)).not.toBe(key);
  });
});

describe('subscribers of one event', () => {
  it('are each told of it, by one execution', async () => {
    let executed = 0;
    const events = [{ n: 1 }, { n: 2 }];
    const schema = buildSchema('type Query { a: Int } type Subscription { changed: Int }');
    const field = schema.getSubscriptionType()?.getFields()['changed'];
    if (field === undefined) throw new Error('there is no such field');
    field.subscribe = async function* () {
      yield* events;
    };
    field.resolve = ({ n }) => {
      executed += 1;
      return n;
    };
    const results = new SharedResults(() => 0);
    const told = async () => {
      const args = { schema, document: parse('subscription { changed }') };
      const live = await liveResults(args, { freshContext: () => ({}), shared: { results, operation: 'same' } });
      const all: unknown[] = [];
      if (Symbol.asyncIterator in live) for await (const { data } of live) all.push(data?.['changed']);
      return all;
    };
    expect(await Promise.all([told(), told(), told()])).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(executed).toBe(2);
  });
});
