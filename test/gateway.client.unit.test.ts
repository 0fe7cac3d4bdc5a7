/** Whose word counts for where a request comes from. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { withoutBase } from '../gateway/base-path.ts';
import { createClientOf, signOfProxy } from '../gateway/client.ts';
import { proxiesOf } from '../server/addresses.ts';

function request(from: string, headers: Record<string, string>): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, 'remoteAddress', { value: from });
  const message = new IncomingMessage(socket);
  Object.assign(message.headers, { host: 'inside:4000', ...headers });
  message.httpVersion = '1.1';
  return message;
}

const SPOOFED = {
  'x-forwarded-for': '198.51.100.7',
  'x-forwarded-host': 'evil.example',
  'x-forwarded-proto': 'https',
};

describe('X-Forwarded-For, -Host and -Proto', () => {
  it.each([
    ['when nobody is trusted', 'off', '10.0.0.1'],
    ['from a peer that is not among the trusted', '10.0.0.0/8, 192.168.7.7', '192.168.7.8'],
    ['from a peer whose address holds a trusted one', '10.0.0.1', '110.0.0.1'],
  ])('change nothing %s', (_what, trusted, from) => {
    const clientOf = createClientOf(proxiesOf(trusted));
    expect(clientOf(request(from, SPOOFED))).toEqual({ address: from, host: 'inside:4000', protocol: undefined });
  });

  it.each([
    ['its subnet', '10.0.0.0/8', '10.1.2.3'],
    ['its subnet, over IPv6', '10.0.0.0/8', '::ffff:10.1.2.3'],
    ['a name for many', 'uniquelocal', 'fd00::1'],
    ['being the one hop there is', '1', '203.0.113.9'],
  ])('count from a proxy that is trusted by %s', (_what, trusted, from) => {
    const { address, host, protocol } = createClientOf(proxiesOf(trusted))(request(from, SPOOFED));
    expect([address, host, protocol]).toEqual(['198.51.100.7', 'evil.example', 'https']);
  });

  it('count as far as the proxies are trusted: what a client wrote before them does not', () => {
    const headers = { ...SPOOFED, 'x-forwarded-for': '1.1.1.1, 198.51.100.7, 10.0.0.2' };
    expect(createClientOf(['10.0.0.0/8'])(request('10.0.0.1', headers)).address).toBe('198.51.100.7');
    expect(createClientOf(2)(request('10.0.0.1', headers)).address).toBe('198.51.100.7');
    expect(createClientOf(1)(request('10.0.0.1', headers)).address).toBe('10.0.0.2');
  });

  it('may hold a port, and count for nothing where they hold no address', () => {
    const from = (value: string) =>
      createClientOf(1)(request('10.0.0.1', { 'x-forwarded-for': value, 'x-forwarded-host': ' ' }));
    expect(from('198.51.100.7:5050').address).toBe('198.51.100.7');
    expect(from('[2001:db8::7]:5050').address).toBe('2001:db8::7');
    expect(from('unknown')).toEqual({ address: '10.0.0.1', host: 'inside:4000', protocol: undefined });
  });
});

it.each([
  ...['x-forwarded-for', 'x-forwarded-prefix', 'forwarded', 'via', 'x-real-ip', 'cf-ray', 'cdn-loop', 'fly-client-ip'],
  ...[
    'x-envoy-external-address',
    'x-cluster-client-ip',
    'x-original-forwarded-for',
    'x-amzn-trace-id',
    'x-azure-clientip',
  ],
])('a request that carries %s came through a proxy', (header) => {
  expect(signOfProxy(request('127.0.0.1', { [header]: 'anything' }))).toContain(header);
});

it('a request as browsers and programs send it shows no proxy, one of HTTP/1.0 does', () => {
  const plain = request('127.0.0.1', { 'user-agent': 'x', accept: '*/*', connection: 'keep-alive' });
  expect(signOfProxy(plain)).toBeUndefined();
  plain.httpVersion = '1.0';
  expect(signOfProxy(plain)).toContain('HTTP/1.0');
});

it('the base path is taken away where it stands, and nothing else is', () => {
  const pathOf = withoutBase('/a/shop');
  const paths = ['/a/shop', '/a/shop?x=1', '/a/shop/', '/a/shop/graphql?q=/a/shop', '/graphql', '/a/shopping', '/a'];
  expect(paths.map(pathOf)).toEqual(['/', '/?x=1', '/', '/graphql?q=/a/shop', '/graphql', '/a/shopping', '/a']);
  expect(paths.map(withoutBase(''))).toEqual(paths);
});
