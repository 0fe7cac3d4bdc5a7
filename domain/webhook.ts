/**
 * The webhook: where events of some types are sent, and the secret that signs what is sent. The secret stands here sealed, and
 * no rule looks into it: docs/decisions/webhooks.md. A removed one takes no command, and its id is not free again.
 */
import { z } from 'zod';
import type { Aggregate, Rejection } from './aggregate.ts';
import type { CommandRight } from './rights.ts';
import { checkId, checkName, firstOf, mustBeNew, mustExist } from './rules.ts';
import { openObject } from './versions.ts';

const version = z.int().min(1, 'must be at least 1').optional();
const name = z.string();
const url = z.string();
/** Names of events; none: all there are. */
const types = z.array(z.string());
/** The secret, sealed; and the beginning of its hash, by which people tell it from another. */
const secret = { sealedSecret: z.string(), fingerprint: z.string() };

const commands = {
  addWebhook: z.object({ webhookId: z.string(), name, url, types, ...secret }),
  updateWebhook: z.object({
    webhookId: z.string(),
    name: name.optional(),
    url: url.optional(),
    types: types.optional(),
    enabled: z.boolean().optional(),
    ifVersion: version,
  }),
  rotateWebhookSecret: z.object({ webhookId: z.string(), ...secret, ifVersion: version }),
  removeWebhook: z.object({ webhookId: z.string(), ifVersion: version }),
};

const events = {
  WebhookAdded: openObject({ name, url, types, ...secret }),
  WebhookUpdated: openObject({
    name: name.optional(),
    url: url.optional(),
    types: types.optional(),
    enabled: z.boolean().optional(),
  }),
  WebhookSecretRotated: openObject(secret),
  WebhookRemoved: openObject({}),
};

const state = openObject({
  version: z.int(),
  name,
  url,
  types,
  /** false: nothing is sent, and all keeps its place. */
  enabled: z.boolean(),
  ...secret,
  /** The secret before this one, which signs beside it for a day; empty: there was none. */
  earlierSecret: z.string(),
  /** When this secret took its place; empty: never. */
  rotatedAt: z.string(),
  removed: z.boolean(),
  addedAt: z.string(),
});

export type WebhookCommands = { [T in keyof typeof commands]: z.infer<(typeof commands)[T]> };
export type WebhookEvents = { [T in keyof typeof events]: z.infer<(typeof events)[T]> };
export type WebhookState = z.infer<typeof state>;

const ADMIN: CommandRight<unknown> = { least: 'admin' };
const MOST_URL = 2000;
const MOST_TYPES = 100;
const MOST_TYPE = 100;
const MOST_SEALED = 1000;

/** Host and path may be any: whether they may be reached is asked each time, where it is sent from. */
const URL_SHAPE = /^https?:\/\/[!-~]+$/i;

function isUrl(given: string): boolean {
  if (given.length > MOST_URL || !URL_SHAPE.test(given) || !URL.canParse(given)) return false;
  const { username, password, hash } = new URL(given);
  return username === '' && password === '' && hash === '' && !given.includes('#');
}

function checkUrl(given: string | undefined): Rejection | undefined {
  if (given === undefined || isUrl(given)) return undefined;
  const must = `must be an http or https URL of at most ${MOST_URL} characters, in ASCII, without user, password and #fragment`;
  return { code: 'INVALID_INPUT', message: `url ${must}`, field: 'url' };
}

function checkTypes(given: readonly string[] | undefined): Rejection | undefined {
  if (given === undefined || (given.length <= MOST_TYPES && given.every(({ length }) => length <= MOST_TYPE)))
    return undefined;
  return { code: 'INVALID_INPUT', message: `types may hold at most ${MOST_TYPES} names of events`, field: 'types' };
}

/** Made by the gateway, so it is never too long. */
function checkSecret({ sealedSecret, fingerprint }: WebhookEvents['WebhookSecretRotated']): Rejection | undefined {
  if (sealedSecret.length <= MOST_SEALED && fingerprint.length <= MOST_SEALED) return undefined;
  return { code: 'INVALID_INPUT', message: 'secret is too long', field: 'secret' };
}

function mustBeThere(id: string, webhook: WebhookState, ifVersion?: number): Rejection | undefined {
  if (webhook.removed) {
    return { code: 'NOT_FOUND', message: `webhook ${id} has been removed`, field: 'webhookId' };
  }
  return mustExist('webhook', 'webhookId', id, webhook, ifVersion);
}

export const webhook: Aggregate<'webhooks', WebhookCommands, WebhookEvents, WebhookState> = {
  name: 'webhooks',
  idField: 'webhookId',
  commands,
  events,
  state,
  notPersonal: [
    ...['webhookId', 'name', 'url', 'types', 'sealedSecret', 'fingerprint'],
    ...['earlierSecret', 'rotatedAt', 'addedAt'],
  ],
  notices: [],
  initialState: {
    ...{ version: 0, name: '', url: '', types: [], enabled: true },
    ...{ sealedSecret: '', fingerprint: '', earlierSecret: '', rotatedAt: '' },
    ...{ removed: false, addedAt: '' },
  },

  // An address may let in whoever knows it.
  readers: 'admin',
  rights: { addWebhook: ADMIN, updateWebhook: ADMIN, rotateWebhookSecret: ADMIN, removeWebhook: ADMIN },

  check: {
    addWebhook: (c) =>
      firstOf(
        checkId('id', c.webhookId),
        checkName('name', c.name),
        checkUrl(c.url),
        checkTypes(c.types),
        checkSecret(c),
      ),
    updateWebhook: (c) =>
      firstOf(checkId('webhookId', c.webhookId), checkName('name', c.name), checkUrl(c.url), checkTypes(c.types)),
    rotateWebhookSecret: (c) => firstOf(checkId('webhookId', c.webhookId), checkSecret(c)),
    removeWebhook: (c) => checkId('webhookId', c.webhookId),
  },

  decide: {
    addWebhook: ({ webhookId, ...data }, was) =>
      mustBeNew('webhook', webhookId, was) ?? [{ type: 'WebhookAdded', data }],

    updateWebhook: ({ webhookId, ifVersion, ...data }, was) =>
      mustBeThere(webhookId, was, ifVersion) ?? [{ type: 'WebhookUpdated', data }],

    rotateWebhookSecret: ({ webhookId, ifVersion, ...data }, was) =>
      mustBeThere(webhookId, was, ifVersion) ?? [{ type: 'WebhookSecretRotated', data }],

    removeWebhook: ({ webhookId, ifVersion }, was) =>
      mustBeThere(webhookId, was, ifVersion) ?? [{ type: 'WebhookRemoved', data: {} }],
  },

  evolve: {
    WebhookAdded: (was, added, at) => ({ ...was, ...added, addedAt: at }),
    WebhookUpdated: (was, { name = was.name, url = was.url, types = was.types, enabled = was.enabled }) => ({
      ...was,
      ...{ name, url, types, enabled },
    }),
    WebhookSecretRotated: (was, { sealedSecret, fingerprint }, at) => ({
      ...was,
      ...{ sealedSecret, fingerprint, earlierSecret: was.sealedSecret, rotatedAt: at },
    }),
    WebhookRemoved: (was) => ({ ...was, removed: true }),
  },

  routes: { events: {}, rejections: {} },
};
