/** What a mutation is taken to write to the log: the largest that is allowed is let through, and many of it are not. */
import { getOperationAST, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { MAX_LINES } from '../domain/limits.ts';
import { commandsOf } from '../gateway/commands-of.ts';
import { checkWritten } from '../gateway/written-bytes.ts';

/** Lines with all that they may hold, ids of the greatest length. */
const lines = Array.from({ length: MAX_LINES }, (_, i) => ({
  ...{ productId: String(i).padStart(64, 'p'), quantity: 100_000 },
  ...{ unitPrice: '1000000.00', discount: '0.1234' },
}));

function written(fields: number): number {
  const all = Array.from({ length: fields }, (_, i) => `p${i}: placePurchase(input: $input) { id }`);
  const document = parse(`mutation ($input: PlacePurchaseInput!) { ${all.join(' ')} }`);
  const operation = getOperationAST(document);
  if (!operation) throw new Error('there is no operation');
  const variables = { input: { customerId: 'c', lines } };
  return checkWritten(commandsOf(document, operation, variables), variables);
}

describe('what is written for a purchase with as many lines as there may be', () => {
  it('is less than one mutation may write', () => {
    expect(written(1)).toBeGreaterThan(2_000_000);
  });

  it('is too much several times over', () => {
    expect(() => written(3)).toThrow(/at most 8 MB are allowed/);
  });
});
