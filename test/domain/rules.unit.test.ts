/** Rules that several aggregates share: which times there are, and which text can be kept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkEmail, checkName, checkPast } from '../../domain/rules.ts';

const NOW = '2026-06-01T00:00:00.000Z';
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** As the Gregorian calendar has it, told apart from `Date`. */
function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 && leap ? 29 : (DAYS[month - 1] ?? 0);
}

const padded = (number: number, digits = 2) => String(number).padStart(digits, '0');

describe('a time in the past', () => {
  it('is taken exactly when the calendar and the clock have it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 0, max: 2025 }), fc.constantFrom(0, 1, 1900, 2000, 2024, 2025)),
        fc.integer({ min: 0, max: 13 }),
        fc.oneof(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 28, max: 31 })),
        fc.integer({ min: 0, max: 25 }),
        fc.constantFrom('', '.5', '.000', '.123456789'),
        (year, month, day, hour, fraction) => {
          const time = `${padded(year, 4)}-${padded(month)}-${padded(day)}T${padded(hour)}:30:00${fraction}Z`;
          const possible = year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour < 24;
          expect(checkPast('placedAt', time, NOW) === undefined).toBe(possible);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it.each(['2026-02-30T00:00:00Z', '0000-01-01T00:00:00Z', '2025-02-29T12:00:00Z', '2026-01-01T24:00:00Z'])(
    'is never %s',
    (time) => {
      expect(checkPast('placedAt', time, NOW)).toMatchObject({ code: 'INVALID_INPUT', field: 'placedAt' });
    },
  );
});

describe('text', () => {
  it('is taken as a name exactly when it comes back from UTF-8 as it was, and holds no NUL', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }), (text) => {
        fc.pre(text.trim() !== '');
        const kept = Buffer.from(text).toString('utf8') === text;
        expect(checkName('name', text) === undefined).toBe(kept && !text.includes('\0'));
      }),
    );
    expect(checkName('name', 'a\ud800')).toMatchObject({ code: 'INVALID_INPUT', field: 'name' });
    expect(checkName('name', '🙂')).toBeUndefined();
  });

  it('is no e-mail address when it is not well-formed', () => {
    expect(checkEmail('email', 'a\ud800@example.com')).toMatchObject({ code: 'INVALID_INPUT', field: 'email' });
    expect(checkEmail('email', '🙂@example.com')).toBeUndefined();
  });
});
