/** The webhook's rules. */
import { describe, expect, it } from 'vitest';
import { type Message, type WebhookCommands, type WebhookEvents, webhook } from '../../domain/index.ts';
import { EARLIER, given } from './given.ts';

const data = {
  name: 'Warehouse',
  url: 'https://example.com/hooks',
  types: ['PurchaseConfirmed'],
  sealedSecret: 'key/abc',
  fingerprint: '0123',
};
const added: Message<WebhookEvents> = { type: 'WebhookAdded', data };
const removed: Message<WebhookEvents> = { type: 'WebhookRemoved', data: {} };
const rotated: Message<WebhookEvents> = {
  type: 'WebhookSecretRotated',
  data: { sealedSecret: 'key/def', fingerprint: '4567' },
};

function add(change: Partial<WebhookCommands['addWebhook']> = {}): Message<WebhookCommands> {
  return { type: 'addWebhook', data: { webhookId: 'one', ...data, ...change } };
}
function update(change: Partial<WebhookCommands['updateWebhook']>): Message<WebhookCommands> {
  return { type: 'updateWebhook', data: { webhookId: 'one', ...change } };
}
function remove(ifVersion?: number): Message<WebhookCommands> {
  return { type: 'removeWebhook', data: { webhookId: 'one', ifVersion } };
}

describe('adding a webhook', () => {
  it('records all that was given, enabled, with when it happened', () => {
    given(webhook).when(add()).decides(added);
    expect(given(webhook, added).state).toMatchObject({ version: 1, ...data, enabled: true, addedAt: EARLIER });
  });

  it('rejects an id that is taken, also by a removed webhook', () => {
    given(webhook, added).when(add()).rejects({ code: 'ALREADY_EXISTS', field: 'id' });
    given(webhook, added, removed).when(add()).rejects({ code: 'ALREADY_EXISTS', field: 'id' });
  });

  it.each([
    'ftp://example.com',
    'https://',
    'https://ada:secret@example.com/',
    'https://example.com/#a',
    'example.com',
  ])('rejects %s as its URL', (url) => {
    given(webhook).when(add({ url })).rejects({ code: 'INVALID_INPUT', field: 'url' });
  });

  it('takes a URL with port, path and query', () => {
    given(webhook)
      .when(add({ url: 'http://127.0.0.1:8080/a/b?c=d' }))
      .decides({ type: 'WebhookAdded', data: { ...data, url: 'http://127.0.0.1:8080/a/b?c=d' } });
  });
});

describe('changing a webhook', () => {
  it('changes what is given and leaves the rest', () => {
    const after = given(webhook, added).when(update({ enabled: false, types: [] }));
    after.decides({ type: 'WebhookUpdated', data: { enabled: false, types: [] } });
    expect(after.state).toMatchObject({ name: 'Warehouse', url: data.url, enabled: false, types: [], version: 2 });
  });

  it('rejects a webhook that is not there, has been removed, or has moved on', () => {
    given(webhook)
      .when(update({ enabled: false }))
      .rejects({ code: 'NOT_FOUND', field: 'webhookId' });
    given(webhook, added, removed).when(update({})).rejects({ code: 'NOT_FOUND', field: 'webhookId' });
    given(webhook, added)
      .when(update({ ifVersion: 2 }))
      .rejects({ code: 'VERSION_CONFLICT', field: 'ifVersion' });
  });

  it('keeps the secret before, when it is given another', () => {
    expect(given(webhook, added, rotated).state).toMatchObject({
      sealedSecret: 'key/def',
      fingerprint: '4567',
      earlierSecret: 'key/abc',
      rotatedAt: EARLIER,
    });
  });
});

describe('removing a webhook', () => {
  it('happens once', () => {
    expect(given(webhook, added).when(remove(1)).decides(removed)).toBeUndefined();
    given(webhook, added, removed).when(remove()).rejects({ code: 'NOT_FOUND', field: 'webhookId' });
  });

  it.each(['customer', 'staff'] as const)('is not for %s', (authority) => {
    given(webhook, added).when(remove(), { authority }).rejects({ code: 'FORBIDDEN' });
  });
});
