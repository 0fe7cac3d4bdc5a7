/** What a receiver gets, and where it is not sent. */
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { messageOf, signatureOf } from '../outbox/message.ts';
import { isPublic, Poster } from '../outbox/post.ts';
import { toHeaders } from '../records/cloud-event.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OTHER = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const NOW = Date.parse('2026-01-01T08:00:00.500Z');

const record = {
  ...{ topic: 'customers.events', partition: 0, offset: 7, key: 'ada', timestamp: NOW },
  value: Buffer.from('{"firstName":"Ada","lastName":{"sealed":""}}'),
  headers: toHeaders({
    ...{ id: 'c/0', type: 'CustomerRegistered', source: '/processors/customers', subject: 'ada' },
    ...{ time: '2026-01-01T08:00:00.000Z', dataversion: 5, transactionid: 'c', issuedby: 'Zoë', version: 1 },
  }),
};

describe('a message', () => {
  it('is signed as the specification of Standard Webhooks has it in its example', () => {
    const signature = signatureOf(SECRET, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}');
    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it("is the event as CloudEvents' JSON, under the event's id, with the time of the attempt", () => {
    const { headers, body } = messageOf(record, [SECRET], NOW);
    expect(JSON.parse(body)).toEqual({
      ...{ specversion: '1.0', id: 'c/0', type: 'CustomerRegistered', source: '/processors/customers' },
      ...{ subject: 'ada', time: '2026-01-01T08:00:00.000Z', datacontenttype: 'application/json' },
      ...{ dataschema: 'counterfoil:CustomerRegistered/5', transactionid: 'c', issuedby: 'Zoë', version: 1 },
      data: { firstName: 'Ada', lastName: { sealed: '' } },
    });
    expect(headers).toMatchObject({ 'webhook-id': 'c/0', 'webhook-timestamp': '1767254400' });
    expect(headers['webhook-signature']).toBe(signatureOf(SECRET, 'c/0', 1_767_254_400, body));
  });

  it('carries a signature by each secret, so that a receiver which knows one of them takes it', () => {
    const { headers, body } = messageOf(record, [SECRET, OTHER], NOW);
    const [, other = ''] = (headers['webhook-signature'] ?? '').split(' ');
    const key = Buffer.from(OTHER.slice('whsec_'.length), 'base64');
    expect(other).toBe(`v1,${createHmac('sha256', key).update(`c/0.1767254400.${body}`).digest('base64')}`);
  });
});

describe('an address', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...['::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::'],
  ])('%s is not public', (address) => {
    expect(isPublic(address)).toBe(false);
  });

  it.each(['93.184.216.34', '172.32.0.1', '2606:2800:220:1:248:1893:25c8:1946'])('%s is public', (address) => {
    expect(isPublic(address)).toBe(true);
  });
});

interface Receiver {
  readonly url: string;
  readonly seen: string[];
}

/** @param answer with what it answers; undefined: never */
async function receiver(answer: number | undefined): Promise<Receiver> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? '');
    if (answer !== undefined) response.writeHead(answer, { location: '/elsewhere' }).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/hook`, seen };
}

async function post(url: string, options: { readonly allowPrivate: boolean; readonly timeoutMs?: number }) {
  const poster = new Poster(options);
  onTestFinished(() => poster.close());
  return await poster.post(url, messageOf(record, [SECRET], NOW), new AbortController().signal);
}

describe('a request', () => {
  const ours = { allowPrivate: true };

  it('is taken by a status of 200 to 299 alone', async () => {
    expect(await post((await receiver(204)).url, ours)).toEqual({ statusCode: 204, error: null });
    expect(await post((await receiver(500)).url, ours)).toEqual({
      statusCode: 500,
      error: 'the receiver answered 500',
    });
  });

  it('follows no redirect', async () => {
    const { url, seen } = await receiver(302);
    const { statusCode, error } = await post(url, ours);
    expect([statusCode, error]).toEqual([302, expect.stringContaining('redirects are not followed')]);
    expect(seen).toEqual(['/hook']);
  });

  it('ends when there is no answer in time, and says so', async () => {
    const { url } = await receiver(undefined);
    expect(await post(url, { ...ours, timeoutMs: 100 })).toEqual({ statusCode: null, error: 'no answer within 0.1 s' });
  });

  it('tells why nobody could be reached', async () => {
    expect(await post('http://127.0.0.1:1/', ours)).toMatchObject({
      statusCode: null,
      error: expect.stringMatching('ECONNREFUSED'),
    });
  });

  it.each(['127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::ffff:127.0.0.1]'])(
    'does not reach this machine as %s, unless that is allowed',
    async (host) => {
      const { url, seen } = await receiver(204);
      const { statusCode, error } = await post(url.replace('127.0.0.1', host), { allowPrivate: false });
      expect([statusCode, error]).toEqual([null, expect.stringContaining('WEBHOOK_ALLOW_PRIVATE=on')]);
      expect(seen).toEqual([]);
    },
  );
});
