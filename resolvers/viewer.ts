/** Who is asking, and what is the asker's own, whatever else it may see. */
import { customerIdOf, type Role } from '../domain/index.ts';
import { PURCHASES, type PurchaseDoc } from '../projectors/documents.ts';
import type { QueryResolvers, ViewerResolvers, Role as ViewerRole } from '../schema/types.generated.ts';
import { roleOf } from '../transactions/viewer.ts';
import { customersOf, ownPurchases } from './access.ts';
import { pageQuery, readPage } from './connection.ts';
import { all } from './filters.ts';
import { purchaseSort, purchasesFound } from './purchases.ts';
import { reflect } from './reflecting.ts';
import { AS_ITS_OBJECT, EVERYONE, OWN } from './rights.ts';
import type { SchemaModule } from './schema-module.ts';
import { readTransactions } from './transactions.ts';

const ROLE: Readonly<Record<Role, ViewerRole>> = {
  visitor: 'VISITOR',
  customer: 'CUSTOMER',
  staff: 'STAFF',
  admin: 'ADMIN',
};

const queries: QueryResolvers = { viewer: (_, __, { viewer }) => viewer };

const fields: ViewerResolvers = {
  role: (viewer) => ROLE[roleOf(viewer)],
  customer: async (viewer, { reflecting }, context) => {
    await reflect(context, reflecting);
    const own = await customersOf(context.views, viewer.id);
    const there = own.filter(({ removed }) => !removed);
    return there.find(({ _id }) => _id === customerIdOf(viewer.id)) ?? there[0] ?? own[0] ?? null;
  },
  purchases: async (_, { filter, sort, reflecting, ...args }, context) => {
    await reflect(context, reflecting);
    const own = all(await purchasesFound(context.views, filter), await ownPurchases(context));
    return await readPage<PurchaseDoc>(context.views, pageQuery(PURCHASES, own, purchaseSort(sort), args));
  },
  transactions: (viewer, args, context) =>
    readTransactions({ ...args, filter: { ...args.filter, mine: true } }, context, viewer),
};

export const viewer = {
  resolvers: { Query: queries, Viewer: fields },
  rights: {
    Query: { viewer: EVERYONE },
    Viewer: {
      id: AS_ITS_OBJECT,
      roles: AS_ITS_OBJECT,
      role: AS_ITS_OBJECT,
      isAdmin: AS_ITS_OBJECT,
      customer: OWN,
      purchases: OWN,
      transactions: OWN,
    },
  },
} satisfies SchemaModule;
