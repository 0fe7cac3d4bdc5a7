/** Purchases: mutations submit, queries read the joined view, the subscription streams it. */

import { purchase } from '../domain/index.ts';
import { PURCHASES, type PurchaseDoc, purchaseThen, unknownCustomer, unknownProduct } from '../projectors/documents.ts';
import type {
  MutationResolvers,
  PurchaseFilter,
  PurchaseGrouping,
  PurchaseLineResolvers,
  PurchaseResolvers,
  PurchaseSort,
  PurchaseSortField,
  QueryResolvers,
  SubscriptionResolvers,
} from '../schema/types.generated.ts';
import { idOfNew } from '../transactions/ids.ts';
import type { Filter, GroupSums, Sort, ViewStore } from '../views/view-store.ts';
import { isOwnCustomer, isOwnPurchase, ownPurchases, seesAll } from './access.ts';
import { changesOf } from './changes.ts';
import { type Page, pageQuery, readPage, summedConnectionResolvers } from './connection.ts';
import { all, asNumber, asNumbers, between, equal, number, oneOf, text } from './filters.ts';
import { momentOf, momentsOf } from './given-time.ts';
import { numberOf, optional } from './input.ts';
import { localGroups, type TimeGroups } from './local-groups.ts';
import { orNamed, purchasesNamed } from './named.ts';
import { ownPurchaseChanges } from './own-changes.ts';
import { reflect } from './reflecting.ts';
import { type ArgumentRights, AS_ITS_OBJECT, OWN, type SomeFieldRights, STAFF } from './rights.ts';
import { formatShare } from './scalars.ts';
import type { AggregateModule } from './schema-module.ts';
import { type Shown, shownMoney } from './shown.ts';
import { historyOf } from './shown-events.ts';
import { submitFor } from './submit-for.ts';
import { docThen, momentAsked } from './then.ts';
import { UTC } from './time-zone.ts';

export type PurchasePage = Page<PurchaseDoc>;

const mutations: MutationResolvers = {
  placePurchase: (_, { input }, context) =>
    submitFor(context, 'purchases', 'placePurchase', input.idempotencyKey, {
      purchaseId: idOfNew(context.viewer.id, input),
      customerId: input.customerId,
      lines: input.lines.map(({ productId, quantity, unitPrice, discount }) => ({
        ...{ productId, quantity },
        ...optional('unitPrice', asNumber(unitPrice)),
        ...optional('discount', discount),
      })),
      ...optional('placedAt', input.placedAt && momentOf(input.placedAt)),
      ...optional('number', numberOf(input.number).number),
    }),
  cancelPurchase: (_, { input }, context) =>
    submitFor(context, 'purchases', 'cancelPurchase', input.idempotencyKey, {
      purchaseId: input.purchaseId,
      ...optional('ifVersion', input.ifVersion),
    }),
};

/** @param timeZone of the days in it, unless its ranges name another @param named what the text names exactly: see `purchasesFound` */
function purchaseFilter(
  filter: PurchaseFilter | null | undefined,
  timeZone?: string,
  named: readonly Filter[] = [],
): Filter {
  return all(
    orNamed(text(filter?.text), named),
    equal('number', number(filter?.number)),
    equal('customerId', filter?.customerId),
    equal('lines.productId', filter?.productId),
    oneOf('status', filter?.status),
    oneOf('rejection.code', filter?.rejection),
    between('placedAt', momentsOf(filter?.placedBetween, timeZone)),
    between('total', asNumbers(filter?.totalBetween)),
  );
}

/**
 * The filter, with what its text names exactly.
 * @throws {GraphQLError} BAD_USER_INPUT
 */
export async function purchasesFound(
  views: Pick<ViewStore, 'get' | 'find'>,
  filter: PurchaseFilter | null | undefined,
  timeZone?: string,
): Promise<Filter> {
  // What is wrong with it is told before anything is looked up.
  const byWords = purchaseFilter(filter, timeZone);
  const named = await purchasesNamed(views, filter?.text);
  return named.length === 0 ? byWords : purchaseFilter(filter, timeZone, named);
}

/** Each is the end of an index of the view. */
const FIELDS: Readonly<Record<PurchaseSortField, readonly string[]>> = {
  PLACED_AT: ['placedAt'],
  TOTAL: ['total'],
  CUSTOMER: ['customerKey'],
  STATUS: ['status', 'placedAt'],
};

export function purchaseSort(sort: PurchaseSort | null | undefined): Sort {
  const direction = sort?.direction === 'ASC' ? 1 : -1;
  return FIELDS[sort?.by ?? 'PLACED_AT'].map((field) => [field, direction]);
}

type LocalGrouping = 'DAY' | 'MONTH';

/** `1996-07-04T00:00` is as much of a time as names its minute, and so on. */
const GROUPS: Readonly<Record<Exclude<PurchaseGrouping, LocalGrouping>, Pick<GroupSums, 'by' | 'prefix'>>> = {
  MINUTE: { by: 'placedAt', prefix: 16 },
  HOUR: { by: 'placedAt', prefix: 13 },
  STATUS: { by: 'status' },
  REJECTION: { by: 'rejection.code' },
};
/** By spans that are not the same in all time zones. */
const LOCAL_GROUPS: Readonly<Record<LocalGrouping, Pick<TimeGroups, 'by' | 'prefix'>>> = {
  DAY: { by: 'placedAt', prefix: 10 },
  MONTH: { by: 'placedAt', prefix: 7 },
};

const queries: QueryResolvers = {
  purchase: async (_, { id, reflecting, ...args }, context) => {
    const moment = momentAsked(args);
    await reflect(context, reflecting);
    const doc = await context.loaders.purchases.load(id);
    if (doc === undefined) return null;
    if (!seesAll(context.viewer) && !(await isOwnPurchase(doc, context))) return null;
    return await docThen(context, purchase, doc, moment, (state) => purchaseThen(doc, state));
  },
  purchases: async (_, { filter, sort, reflecting, ...args }, context) => {
    // What is wrong with the arguments is told before anything is waited for.
    const query = pageQuery(PURCHASES, purchaseFilter(filter), purchaseSort(sort), args);
    await reflect(context, reflecting);
    const found = await purchasesFound(context.views, filter);
    const own = seesAll(context.viewer) ? undefined : await ownPurchases(context);
    return await readPage<PurchaseDoc>(context.views, { ...query, filter: all(found, own) });
  },
  purchaseGroups: async (_, { by, filter, timeZone, reflecting }, context) => {
    const zone = timeZone ?? UTC;
    const rejectedOnly = by === 'REJECTION' ? { status: 'REJECTED' } : undefined;
    // What is wrong with the arguments is told before anything is waited for.
    purchaseFilter(filter, zone);
    await reflect(context, reflecting);
    const found = await purchasesFound(context.views, filter, zone);
    const question = { filter: all(rejectedOnly, found), sums: ['total'] };
    const groups =
      by === 'DAY' || by === 'MONTH'
        ? await localGroups(context.views, PURCHASES, { ...question, ...LOCAL_GROUPS[by] }, zone)
        : await context.views.groups(PURCHASES, { ...question, ...GROUPS[by] });
    return groups.map(({ key, count, sums }) => ({ key: String(key ?? ''), count, amount: sums['total'] ?? 0n }));
  },
};

const subscriptions: SubscriptionResolvers = {
  purchaseChanged: {
    subscribe: (_, { id }, { views, viewer, meter }) =>
      seesAll(viewer)
        ? changesOf<PurchaseDoc>(views, PURCHASES, id, undefined, meter)
        : ownPurchaseChanges(views, viewer, id, meter),
    resolve: (doc: PurchaseDoc) => doc,
  },
};

const fields: PurchaseResolvers = {
  id: ({ _id }) => _id,
  history: historyOf('purchases'),
  customer: async ({ customerId }, _, { loaders, viewer }) => {
    const doc = await loaders.customers.load(customerId);
    return doc !== undefined && (seesAll(viewer) || isOwnCustomer(doc, viewer)) ? doc : unknownCustomer(customerId);
  },
};

const lineFields: PurchaseLineResolvers = {
  product: async ({ productId, productName }, _, { loaders }) =>
    (await loaders.products.load(productId)) ?? { ...unknownProduct(productId), name: productName },
};

const rights = {
  Query: { purchase: OWN, purchases: OWN, purchaseGroups: STAFF },
  Subscription: { purchaseChanged: OWN },
  Purchase: {
    id: AS_ITS_OBJECT,
    version: AS_ITS_OBJECT,
    number: AS_ITS_OBJECT,
    status: AS_ITS_OBJECT,
    customer: OWN,
    lines: AS_ITS_OBJECT,
    total: AS_ITS_OBJECT,
    placedAt: AS_ITS_OBJECT,
    confirmedAt: AS_ITS_OBJECT,
    cancelledAt: AS_ITS_OBJECT,
    rejection: AS_ITS_OBJECT,
    history: OWN,
  },
  PurchaseConnection: AS_ITS_OBJECT,
  PurchaseEdge: AS_ITS_OBJECT,
  PurchaseGroup: AS_ITS_OBJECT,
  PurchaseLine: AS_ITS_OBJECT,
} satisfies SomeFieldRights;

const argumentRights: ArgumentRights = {
  'Mutation.placePurchase': {
    'input.id': { least: 'staff' },
    'input.placedAt': { least: 'admin' },
    'input.number': { least: 'staff' },
    'input.lines.unitPrice': { least: 'staff' },
    'input.lines.discount': { least: 'staff' },
  },
};

const shown: Shown<PurchaseDoc> = {
  fields: `id version number status customer { id } lines { product { id } quantity listPrice unitPrice discount total } total
    placedAt confirmedAt cancelledAt rejection { code message field }`,
  shown: ({ _id: id, customerId, lines, total, rejection, ...shown }) => ({
    id,
    version: shown.version,
    number: shown.number,
    status: shown.status,
    customer: { id: customerId },
    lines: lines.map((line) => ({
      product: { id: line.productId },
      quantity: line.quantity,
      listPrice: shownMoney(line.listPrice),
      unitPrice: shownMoney(line.unitPrice),
      discount: line.discount === null ? null : formatShare(line.discount),
      total: shownMoney(line.total),
    })),
    total: shownMoney(total),
    placedAt: shown.placedAt,
    confirmedAt: shown.confirmedAt,
    cancelledAt: shown.cancelledAt,
    rejection: rejection && { code: rejection.code, message: rejection.message, field: rejection.field ?? null },
  }),
};

export const purchases = {
  resolvers: {
    Query: queries,
    Mutation: mutations,
    Subscription: subscriptions,
    Purchase: fields,
    PurchaseLine: lineFields,
    PurchaseConnection: summedConnectionResolvers<PurchaseDoc>('total'),
  },
  rights,
  argumentRights,
  shown,
} satisfies AggregateModule<PurchaseDoc>;
