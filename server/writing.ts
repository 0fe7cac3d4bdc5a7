/** How the page writes amounts and times: the shop's currency, locale and time zone. The API is the same with any of them. */
import { timeZoneNamed } from '../resolvers/time-zone.ts';

export interface WritingConfiguration {
  /** ISO 4217, `EUR`: its sign and its digits; undefined: amounts are written without a currency. */
  readonly currency: string | undefined;
  /** BCP 47, `de-DE`; undefined: that of each reader's browser. */
  readonly locale: string | undefined;
  /** IANA, `Europe/Berlin`: whose days the page's days are; undefined: that of each reader's browser. */
  readonly timeZone: string | undefined;
}

/** @throws {RangeError} when there is no such currency */
export function currencyOf(text: string): string {
  const code = text.toUpperCase();
  if (!Intl.supportedValuesOf('currency').includes(code)) throw new RangeError(`no currency: ${text}`);
  return code;
}

/** In its canonical form: `de-de` → `de-DE`. @throws {RangeError} when there is no such locale */
export function localeOf(text: string): string {
  const [locale] = Intl.NumberFormat.supportedLocalesOf(text);
  if (locale === undefined) throw new RangeError(`no locale: ${text}`);
  return locale;
}

/** By its canonical name. @throws {RangeError} when there is no such zone */
export function timeZoneOf(text: string): string {
  const zone = timeZoneNamed(text);
  if (zone === undefined) throw new RangeError(`no time zone: ${text}`);
  return zone;
}
