/** The page's amounts: decimal strings and whole hundredths, never binary fractions. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { formatMoney } from '../web/src/text/format';
import { fromMinor, parseMoney, toMinor } from '../web/src/text/money';
import { setWriting } from '../web/src/text/writing';

afterEach(() => setWriting({ locale: undefined, currency: undefined }));

const minor = fc.bigInt({ min: 0n, max: 10n ** 32n - 1n });

describe('an amount on the page', () => {
  it('is the same after a way through hundredths and back, however large', () => {
    fc.assert(
      fc.property(minor, (amount) => {
        expect(toMinor(fromMinor(amount))).toBe(amount);
      }),
    );
  });

  it('adds up in hundredths as it does on paper', () => {
    expect(fromMinor(toMinor('0.1') + toMinor('0.2'))).toBe('0.30');
    expect(fromMinor(toMinor('90071992547409.93') * 3n)).toBe('270215977642229.79');
    expect(fromMinor(0n)).toBe('0.00');
    expect(fromMinor(7n)).toBe('0.07');
  });

  it.each(['', '-1', '1.234', '1,50', '.5', '1e3', 'ten'])('is not "%s"', (text) => {
    expect(() => toMinor(text)).toThrow(new RangeError(`"${text}" is not an amount`));
  });

  it('is shown with all its digits, however many', () => {
    fc.assert(
      fc.property(minor, (amount) => {
        const digits = formatMoney(fromMinor(amount)).replace(/\D/g, '');
        expect(BigInt(digits)).toBe(amount);
      }),
    );
  });
});

describe('an amount that a reader types', () => {
  it.each([
    ['12', '12.00'],
    ['12.5', '12.50'],
    [' 1 250.05 ', '1250.05'],
    ["1'250", '1250.00'],
    ['1,250.00', '1250.00'],
    ['12,345,678.9', '12345678.90'],
    ['007', '7.00'],
    ['1,23,456.00', '123456.00'],
  ])('as "%s" is %s', (text, amount) => {
    expect(parseMoney(text)).toBe(amount);
  });

  it.each([
    '',
    '.',
    '-1',
    '+1',
    '1.234',
    '1e3',
    'ten',
    '1.2.3',
    '1'.repeat(31),
    '1,50',
    '1,2500',
    '1250,000',
    ',250',
    '1,',
    '1.250,00',
  ])('as "%s" is none', (text) => {
    expect(parseMoney(text)).toBeNull();
  });

  it('is always one that the API takes, or none', () => {
    const typed = fc.oneof(fc.string(), fc.stringMatching(/^[\d.,' ]{1,12}$/));
    fc.assert(
      fc.property(typed, (text) => {
        const amount = parseMoney(text);
        if (amount !== null) expect(amount).toMatch(/^(0|[1-9]\d*)\.\d\d$/);
      }),
    );
  });
});

describe('in a shop with a locale and a currency', () => {
  it.each([
    ['en-US', 'USD', '1234.50', '$1,234.50'],
    ['de-DE', 'EUR', '1234.50', '1.234,50 €'],
    ['ja-JP', 'JPY', '1234.00', '￥1,234'],
    ['en-US', 'KWD', '1234.50', 'KWD 1,234.500'],
    ['en-IN', 'INR', '123456.00', '₹1,23,456.00'],
    ['en-US', undefined, '1234.50', '1,234.50'],
  ])('%s and %s, %s is written %s', (locale, currency, amount, written) => {
    setWriting({ locale, currency });
    expect(formatMoney(amount).replace(/\s/g, ' ')).toBe(written);
  });

  it('no decimal is left out, even where the currency has none', () => {
    setWriting({ locale: 'en-US', currency: 'JPY' });
    expect(formatMoney('12.34')).toBe('¥12.34');
  });

  it.each([
    ['12,5', '12.50'],
    ['1.250,05', '1250.05'],
    ['1250.05', '1250.05'],
    ['1.250', '1250.00'],
    ['12.345.678', '12345678.00'],
  ])('that has a decimal comma, "%s" is %s', (text, amount) => {
    setWriting({ locale: 'de-DE', currency: 'EUR' });
    expect(parseMoney(text)).toBe(amount);
  });

  it.each(['1,250', '1,250.00', '1.25.000', ',5', '1.2345'])('that has a decimal comma, "%s" is none', (text) => {
    setWriting({ locale: 'de-DE', currency: 'EUR' });
    expect(parseMoney(text)).toBeNull();
  });

  it('what is written without a currency is read again as the same amount', () => {
    const locales = fc.constantFrom('en-US', 'de-DE', 'fr-FR', 'de-CH', 'en-IN', 'pl-PL', 'sv-SE');
    fc.assert(
      fc.property(locales, fc.bigInt({ min: 0n, max: 10n ** 12n }), (locale, amount) => {
        setWriting({ locale, currency: undefined });
        expect(parseMoney(formatMoney(fromMinor(amount)))).toBe(fromMinor(amount));
      }),
    );
  });
});
