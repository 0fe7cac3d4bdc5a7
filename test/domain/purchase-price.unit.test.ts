/** What a line costs: exact, also where a product of numbers would not be. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineTotal, WHOLE_SHARE } from '../../domain/index.ts';
import { totalOf } from '../../domain/purchase-price.ts';

describe('the total of a line', () => {
  it.each([
    [{ quantity: 12, unitPrice: 1400, discount: null }, 16_800],
    [{ quantity: 10, unitPrice: 980, discount: 1500 }, 8_330],
    // 0.5 of a minor unit is rounded up, less is not.
    [{ quantity: 1, unitPrice: 1, discount: 5000 }, 1],
    [{ quantity: 1, unitPrice: 1, discount: 5001 }, 0],
    [{ quantity: 3, unitPrice: 333, discount: 1 }, 999],
    [{ quantity: 7, unitPrice: 500, discount: 10_000 }, 0],
    [{ quantity: 7, unitPrice: 500, discount: 0 }, 3500],
    [{ quantity: 7, unitPrice: null, discount: 1000 }, null],
  ])('of %o is %s', (line, total) => {
    expect(lineTotal(line)).toBe(total);
  });

  it('is always the nearest whole minor unit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 100_000_000 }),
        fc.integer({ min: 0, max: WHOLE_SHARE }),
        (quantity, unitPrice, discount) => {
          const exact = BigInt(quantity) * BigInt(unitPrice) * BigInt(WHOLE_SHARE - discount);
          const off = 2n * (BigInt(lineTotal({ quantity, unitPrice, discount }) ?? -1) * BigInt(WHOLE_SHARE) - exact);
          expect(off > -BigInt(WHOLE_SHARE) && off <= BigInt(WHOLE_SHARE)).toBe(true);
        },
      ),
    );
  });

  it('adds up to the total of the lines whose price is known', () => {
    const discount: null = null;
    expect(
      totalOf([
        { quantity: 2, unitPrice: 100, discount },
        { quantity: 1, unitPrice: null, discount },
      ]),
    ).toBe(200);
  });
});
