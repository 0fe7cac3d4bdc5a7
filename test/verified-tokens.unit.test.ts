/** Tokens that need not be checked again for a while. */
import { expect, it } from 'vitest';
import type { Identity } from '../gateway/identity.ts';
import { VerifiedTokens } from '../gateway/verified-tokens.ts';

const ada = (expiresAt?: number): Identity => ({ viewer: { id: 'ada', roles: [], isAdmin: false }, expiresAt });

it('a token is known for half a minute, and then checked again', () => {
  let now = 1_000_000;
  const tokens = new VerifiedTokens(() => now);
  tokens.add('a', ada());
  now += 29_999;
  expect(tokens.get('a')?.viewer.id).toBe('ada');
  now += 1;
  expect(tokens.get('a')).toBeUndefined();
});

it('a token is not known for longer than it is valid', () => {
  let now = 1_000_000;
  const tokens = new VerifiedTokens(() => now);
  tokens.add('a', ada(now + 10));
  now += 9;
  expect(tokens.get('a')).toBeDefined();
  now += 1;
  expect(tokens.get('a')).toBeUndefined();
});

it('nothing but the very token is known', () => {
  const tokens = new VerifiedTokens();
  tokens.add('head.body.signature', ada());
  expect(tokens.get('head.body.Signature')).toBeUndefined();
  expect(tokens.get('head.body.')).toBeUndefined();
});

it('no more than a bounded number is kept, the oldest is forgotten', () => {
  const tokens = new VerifiedTokens();
  for (let i = 0; i < 10_000; i++) tokens.add(`token ${i}`, ada());
  expect(tokens.get('token 0')).toBeUndefined();
  expect(tokens.get('token 9999')).toBeDefined();
  expect(Array.from({ length: 10_000 }, (_, i) => tokens.get(`token ${i}`)).filter(Boolean)).toHaveLength(2_000);
});
