/** Who may read all of an aggregate, as its definition says, may read it by every way that is not the aggregate's own; nobody else. */
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { allAggregates, shownAggregates } from '../domain/registry.ts';
import { readersOf } from '../resolvers/access.ts';
import { resolvers } from '../resolvers/index.ts';

const STAFF = { id: 'sam', roles: ['staff'], isAdmin: false };
const ADMIN = { id: 'ann', roles: ['admin'], isAdmin: true };
const doc = { _id: 'x', version: 1, name: 'X', userId: null, customerId: 'c' };

function contextOf(viewer: object) {
  const record = (aggregate: string) => ({
    aggregate,
    kind: 'events',
    position: { topic: '', partition: 0, offset: 0 },
  });
  return {
    viewer,
    loaders: Object.fromEntries(allAggregates.map(({ name }) => [name, { load: async () => doc }])),
    history: {
      logOfEntity: async () => ({ records: [], hasNextPage: false, totalCount: 0 }),
      logOfTransaction: async () => allAggregates.map(({ name }) => record(name)),
      follow: async () => [],
    },
  };
}

// Called as graphql-js calls them.
const { Query, Subscription, Transaction } = Object(resolvers);

async function isForbidden(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (!(error instanceof GraphQLError) || error.extensions['code'] !== 'FORBIDDEN') throw error;
    return true;
  }
}

describe('what is for admins alone', () => {
  it('are webhooks, whose addresses may let in whoever knows them', () => {
    expect(allAggregates.filter(({ name }) => readersOf(name) === 'admin').map(({ name }) => name)).toEqual([
      'webhooks',
    ]);
  });

  it.each(allAggregates.map(({ name }) => name))('of %s, is told to nobody else, by no way', async (aggregate) => {
    const forAdmins = readersOf(aggregate) === 'admin';
    for (const [viewer, hidden] of [
      [STAFF, forAdmins],
      [ADMIN, false],
    ] as const) {
      const context = contextOf(viewer);
      const ofOne = { aggregate, id: 'x' };
      expect(await isForbidden(() => Query.entityLog(undefined, ofOne, context))).toBe(hidden);
      expect(await isForbidden(() => Subscription.events.subscribe(undefined, { aggregate }, context))).toBe(hidden);
      const { records } = await Transaction.log({ id: 't' }, {}, context);
      const told = records.map(({ record }: { record: { aggregate: string } }) => record.aggregate);
      expect(told.includes(aggregate)).toBe(!hidden);
      if (!shownAggregates.some(({ name }) => name === aggregate)) continue;
      const entity = await Transaction.entity({ aggregate, entityId: 'x' }, {}, context);
      expect(entity === null).toBe(hidden);
    }
  });
});
