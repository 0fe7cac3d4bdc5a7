/** Ids made from idempotency keys: the same for the same, and never the same in later weeks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyHash, idFromKey, transactionFromKey } from '../transactions/ids.ts';
import { DAY, NOW } from './idempotency.gateways.ts';

describe('ids made from keys', () => {
  it('name the entity by user and key alone', () => {
    expect(idFromKey('ada', 'k', 'entity')).toBe(idFromKey('ada', 'k', 'entity'));
    expect(
      new Set([idFromKey('ada', 'k', 'entity'), idFromKey('a', 'dak', 'entity'), idFromKey('ada', 'k', 'key')]).size,
    ).toBe(3);
  });

  it('do not depend on the order of fields', () => {
    expect(bodyHash('c', 'id', { a: 1, b: { d: 1, c: [1, 2] } })).toBe(
      bodyHash('c', 'id', { b: { c: [1, 2], d: 1 }, a: 1 }),
    );
    expect(bodyHash('c', 'id', { c: [1, 2] })).not.toBe(bodyHash('c', 'id', { c: [2, 1] }));
  });

  it('are never the same more than a week apart', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(10 * DAY), fc.nat(3 * DAY), (key, past, more) => {
        const body = 'b';
        expect(transactionFromKey({ key, body }, NOW + past)).not.toBe(
          transactionFromKey({ key, body }, NOW + past + 7 * DAY + more),
        );
      }),
    );
  });
});
