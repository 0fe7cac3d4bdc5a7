/** The codes of rejections are one table, made of what each aggregate defines. */
import { describe, expect, it } from 'vitest';
import { type RecordedRejection, recordedRejection } from '../domain/recorded-rejection.ts';
import { allAggregates, rejectionCodes } from '../domain/registry.ts';
import { COMMON_REJECTION_CODES } from '../domain/rejection-codes.ts';

const defined = [
  ...Object.keys(COMMON_REJECTION_CODES),
  ...allAggregates.flatMap((aggregate) => Object.keys(aggregate.rejectionCodes ?? {})),
];

describe('the codes of rejections', () => {
  it('are each defined once', () => {
    expect(defined).toEqual([...new Set(defined)]);
    expect(Object.keys(rejectionCodes)).toEqual(defined);
  });

  it('do not compile when they are mistyped, and may be any when they are read', () => {
    // @ts-expect-error: the table has no such code
    const mistyped: RecordedRejection = { code: 'TIMED_OUTT', message: 'it took too long' };
    expect(recordedRejection.parse(mistyped)).toEqual(mistyped);
  });

  it.each(Object.entries(rejectionCodes))(
    '%s is told of in whole sentences, and on the page without Markdown',
    (code, words) => {
      const { meaning, remedy, happened, title } = words;
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      for (const sentence of [meaning, remedy, happened ?? 'None.']) expect(sentence).toMatch(/^[A-Z][^|]*\.$/);
      for (const shown of [remedy, happened ?? '', title ?? '']) expect(shown).not.toContain('`');
    },
  );
});
