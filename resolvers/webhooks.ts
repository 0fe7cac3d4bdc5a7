/**
 * Webhooks and deliveries, for admins: mutations submit, queries read the views, subscriptions stream them. What admins want done
 * with a delivery is no command, since deliveries are no aggregate: it goes to the outbox.
 */
import { createHash } from 'node:crypto';
import { sentEventTypes } from '../domain/event-types.ts';
import { webhook } from '../domain/index.ts';
import {
  DELIVERIES,
  type DeliveryDoc,
  isOpen,
  WEBHOOKS,
  type WebhookDoc,
  webhookDocument,
} from '../projectors/documents.ts';
import type {
  DeliveriesInput,
  DeliveryFilter,
  DeliveryReceipt,
  DeliveryResolvers,
  DeliveryStatus,
  MutationResolvers,
  QueryResolvers,
  SubscriptionResolvers,
  WebhookFilter,
  WebhookResolvers,
  WebhookSort,
} from '../schema/types.generated.ts';
import type { DeliveryOrder } from '../transactions/delivery-orders.ts';
import { idOfNew } from '../transactions/ids.ts';
import { roleOf } from '../transactions/viewer.ts';
import type { Filter, Sort } from '../views/view-store.ts';
import { changesOf } from './changes.ts';
import { connectionResolvers, type Page, pageQuery, readPage } from './connection.ts';
import type { Context } from './context.ts';
import { badInput, forbidden, notFound, webhooksOff } from './errors.ts';
import { all, equal, oneOf, text } from './filters.ts';
import { optional } from './input.ts';
import { reflect } from './reflecting.ts';
import { ADMIN, AS_ITS_OBJECT, type SomeFieldRights } from './rights.ts';
import type { AggregateModule } from './schema-module.ts';
import type { Shown } from './shown.ts';
import { historyOf } from './shown-events.ts';
import { submitFor } from './submit-for.ts';
import { docThen, momentAsked } from './then.ts';

export type WebhookPage = Page<WebhookDoc>;
export type DeliveryPage = Page<DeliveryDoc>;

const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;
const FINGERPRINT_DIGITS = 12;

/** @throws {GraphQLError} FORBIDDEN, WEBHOOKS_OFF, BAD_USER_INPUT */
async function sealed({ viewer, sealSecret }: Context, command: string, secret: string) {
  // Before a key is made for it.
  if (roleOf(viewer) !== 'admin') throw forbidden(command, 'admin');
  if (sealSecret === undefined) throw webhooksOff();
  const bytes = SECRET.test(secret) ? Buffer.from(secret.slice('whsec_'.length), 'base64').length : 0;
  if (bytes < 24 || bytes > 64) {
    throw badInput('input.secret', 'secret must be whsec_ and base64 of 24 to 64 random bytes');
  }
  const fingerprint = createHash('sha256').update(secret).digest('hex').slice(0, FINGERPRINT_DIGITS);
  return { sealedSecret: await sealSecret(secret), fingerprint };
}

/** @throws {GraphQLError} BAD_USER_INPUT that names what there is */
function mustBeTypes(types: readonly string[] | null | undefined): readonly string[] | undefined {
  const unknown = types?.find((type) => !sentEventTypes.includes(type));
  if (unknown === undefined) return types ? [...new Set(types)] : undefined;
  throw badInput(
    'input.types',
    `there is no event ${JSON.stringify(unknown.slice(0, 100))}; there are ${sentEventTypes.join(', ')}`,
  );
}

/** @throws {GraphQLError} BAD_USER_INPUT, NOT_FOUND for what the view does not show, or shows as settled */
async function order(
  type: DeliveryOrder['type'],
  { id, webhookId }: DeliveriesInput,
  { views, viewer, orderDeliveries }: Context,
): Promise<DeliveryReceipt> {
  if (typeof id === typeof webhookId) throw badInput('input.id', 'give either id or webhookId');
  let of = webhookId ?? '';
  if (id) {
    const doc = (await views.get<DeliveryDoc>(DELIVERIES, [id])).get(id);
    if (doc === undefined) throw notFound(`there is no delivery ${id}, or it was settled long ago`);
    if (!isOpen(doc)) throw badInput('input.id', `delivery ${id} is ${doc.status}: there is nothing to do`);
    of = doc.webhookId;
  } else if (!(await views.get<WebhookDoc>(WEBHOOKS, [of])).has(of)) throw notFound(`there is no webhook ${of}`);
  const acceptedAt = await orderDeliveries({ type, webhookId: of, id: id ?? null, issuedBy: viewer.id });
  return { id: id ?? null, webhookId: of, acceptedAt };
}

const mutations: MutationResolvers = {
  addWebhook: async (_, { input }, context) =>
    submitFor(context, 'webhooks', 'addWebhook', input.idempotencyKey, {
      webhookId: idOfNew(context.viewer.id, input),
      name: input.name,
      url: input.url,
      types: [...(mustBeTypes(input.types) ?? [])],
      ...(await sealed(context, 'addWebhook', input.secret)),
    }),
  updateWebhook: (_, { input }, context) => {
    const types = mustBeTypes(input.types);
    return submitFor(context, 'webhooks', 'updateWebhook', input.idempotencyKey, {
      webhookId: input.webhookId,
      ...optional('name', input.name),
      ...optional('url', input.url),
      ...optional('types', types && [...types]),
      ...optional('enabled', input.enabled),
      ...optional('ifVersion', input.ifVersion),
    });
  },
  rotateWebhookSecret: async (_, { input }, context) =>
    submitFor(context, 'webhooks', 'rotateWebhookSecret', input.idempotencyKey, {
      webhookId: input.webhookId,
      ...(await sealed(context, 'rotateWebhookSecret', input.secret)),
      ...optional('ifVersion', input.ifVersion),
    }),
  removeWebhook: (_, { input }, context) =>
    submitFor(context, 'webhooks', 'removeWebhook', input.idempotencyKey, {
      webhookId: input.webhookId,
      ...optional('ifVersion', input.ifVersion),
    }),
  retryDelivery: (_, { input }, context) => order('retryDeliveries', input, context),
  dropDelivery: (_, { input }, context) => order('dropDeliveries', input, context),
};

function webhookFilter(filter: WebhookFilter | null | undefined): Filter {
  return all(text(filter?.text), filter ? equal('removed', filter.removed) : { removed: false });
}

const FIELDS = { NAME: 'nameKey', ADDED_AT: 'addedAt' } as const;

function webhookSort(sort: WebhookSort | null | undefined): Sort {
  return [[FIELDS[sort?.by ?? 'NAME'], sort?.direction === 'DESC' ? -1 : 1]];
}

const queries: QueryResolvers = {
  webhook: async (_, { id, reflecting, ...args }, context) => {
    const moment = momentAsked(args);
    await reflect(context, reflecting);
    const doc = await context.loaders.webhooks.load(id);
    if (doc === undefined) return null;
    return await docThen(context, webhook, doc, moment, (state) => webhookDocument(id, state));
  },
  webhooks: async (_, { filter, sort, reflecting, ...args }, context) => {
    const query = pageQuery(WEBHOOKS, webhookFilter(filter), webhookSort(sort), args);
    await reflect(context, reflecting);
    return await readPage<WebhookDoc>(context.views, query);
  },
  webhookEventTypes: () => sentEventTypes,
  deliveries: (_, { filter, ...args }, { views }) =>
    readPage<DeliveryDoc>(views, pageQuery(DELIVERIES, deliveryFilter(filter), [['eventAt', -1]], args)),
};

function deliveryFilter(filter: DeliveryFilter | null | undefined): Filter {
  return all(
    equal('webhookId', filter?.webhookId),
    oneOf('status', filter?.status),
    equal('entityId', filter?.entityId),
  );
}

const subscriptions: SubscriptionResolvers = {
  webhookChanged: {
    subscribe: (_, { id }, { views, meter }) => changesOf<WebhookDoc>(views, WEBHOOKS, id, undefined, meter),
    resolve: (doc: WebhookDoc) => doc,
  },
  deliveryChanged: {
    subscribe: (_, { webhookId }, { views, meter }) => {
      const wanted = (doc: DeliveryDoc) => !webhookId || doc.webhookId === webhookId;
      return changesOf<DeliveryDoc>(views, DELIVERIES, undefined, wanted, meter);
    },
    resolve: (doc: DeliveryDoc) => doc,
  },
};

const countOf =
  (status: DeliveryStatus) =>
  ({ _id }: WebhookDoc, _: unknown, { views }: Context) =>
    views.count(DELIVERIES, { webhookId: _id, status });

const fields: WebhookResolvers = {
  id: ({ _id }) => _id,
  pendingCount: countOf('PENDING'),
  failedCount: countOf('FAILED'),
  history: historyOf('webhooks'),
};
const deliveryFields: DeliveryResolvers = { id: ({ _id }) => _id };

const rights = {
  Query: { webhook: ADMIN, webhooks: ADMIN, webhookEventTypes: ADMIN, deliveries: ADMIN },
  Mutation: { retryDelivery: ADMIN, dropDelivery: ADMIN },
  Subscription: { webhookChanged: ADMIN, deliveryChanged: ADMIN },
  Webhook: {
    id: AS_ITS_OBJECT,
    version: AS_ITS_OBJECT,
    name: AS_ITS_OBJECT,
    url: AS_ITS_OBJECT,
    types: AS_ITS_OBJECT,
    enabled: AS_ITS_OBJECT,
    fingerprint: AS_ITS_OBJECT,
    rotatedAt: AS_ITS_OBJECT,
    pendingCount: AS_ITS_OBJECT,
    failedCount: AS_ITS_OBJECT,
    removed: AS_ITS_OBJECT,
    addedAt: AS_ITS_OBJECT,
    history: AS_ITS_OBJECT,
  },
  WebhookConnection: AS_ITS_OBJECT,
  WebhookEdge: AS_ITS_OBJECT,
  Delivery: AS_ITS_OBJECT,
  DeliveryConnection: AS_ITS_OBJECT,
  DeliveryEdge: AS_ITS_OBJECT,
  DeliveryReceipt: AS_ITS_OBJECT,
} satisfies SomeFieldRights;

const shown: Shown<WebhookDoc> = {
  filter: '{ removed: null }',
  fields: 'id version name url types enabled fingerprint rotatedAt removed addedAt',
  shown: ({ _id: id, nameKey: _, words: __, ...rest }) => ({ id, ...rest }),
};

export const webhooks = {
  resolvers: {
    Query: queries,
    Mutation: mutations,
    Subscription: subscriptions,
    Webhook: fields,
    WebhookConnection: connectionResolvers<WebhookDoc>(),
    Delivery: deliveryFields,
    DeliveryConnection: connectionResolvers<DeliveryDoc>(),
  },
  rights,
  shown,
} satisfies AggregateModule<WebhookDoc>;
