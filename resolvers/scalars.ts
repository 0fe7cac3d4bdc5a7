/**
/**
 * The scalars: Money is minor units inside and `"12.30"` outside, without a limit; Share is ten-thousandths inside; DateTime is ISO 8601
 * in UTC, and is given as a time or a day; SafeInt is a number on both sides. Whatever a state or a view can hold has a form here: a
 * field that could not be written would take the whole list with it that its entity stands in.
 */
import { GraphQLScalarType, Kind } from 'graphql';
import { WHOLE_SHARE } from '../domain/index.ts';
import { badValue } from './errors.ts';
import { type GivenTime, parseGivenTime } from './given-time.ts';
import { timeZoneNamed } from './time-zone.ts';

function fail(message: string): never {
  throw badValue(message);
}

/** `"1449367.31"` → 144936731n. Two decimals at most; never through a float. @throws {GraphQLError} */
export function parseMoney(text: unknown): bigint {
  const match = typeof text === 'string' ? /^(-?)(\d{1,30})(?:\.(\d{1,2}))?$/.exec(text) : null;
  if (match === null) fail(`Money must be a decimal string such as "12.30", not ${JSON.stringify(text)}`);
  const [, sign, units = '', cents = ''] = match;
  const minor = BigInt(units) * 100n + BigInt(cents.padEnd(2, '0'));
  return sign === '-' ? -minor : minor;
}

/** 144936731 → `"1449367.31"` */
export function formatMoney(minor: unknown): string {
  if (typeof minor !== 'bigint' && !Number.isSafeInteger(minor)) throw new TypeError(`not money: ${String(minor)}`);
  const text = String(minor);
  const digits = text.replace('-', '').padStart(3, '0');
  return `${text.startsWith('-') ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** In its canonical form. @throws {GraphQLError} */
function parseTimeZone(value: unknown): string {
  const zone = typeof value === 'string' ? timeZoneNamed(value) : undefined;
  return zone ?? fail(`TimeZone must be an IANA name such as "Europe/Berlin" or "UTC", not ${JSON.stringify(value)}`);
}

/** `"0.15"` → 1500, four decimals at most; never through a float. @throws {GraphQLError} */
export function parseShare(text: unknown): number {
  const match = typeof text === 'string' ? /^([01])(?:\.(\d{1,4}))?$/.exec(text) : null;
  const parts = match === null ? Number.NaN : Number(`${match[1]}${(match[2] ?? '').padEnd(4, '0')}`);
  if (!(parts <= WHOLE_SHARE))
    fail(`Share must be a decimal string from "0" to "1" such as "0.15", not ${JSON.stringify(text)}`);
  return parts;
}

/** 1500 → `"0.15"` */
export function formatShare(parts: unknown): string {
  if (typeof parts !== 'number' || !Number.isInteger(parts) || parts < 0 || parts > WHOLE_SHARE) {
    throw new TypeError(`not a share: ${String(parts)}`);
  }
  const digits = String(parts).padStart(5, '0');
  return `${digits.slice(0, -4)}.${digits.slice(-4)}`.replace(/\.?0+$/, '');
}

/** @throws {GraphQLError} for what is no whole number, or too large to be exact. */
function safeInteger(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    fail(`SafeInt must be a whole number between -(2^53 - 1) and 2^53 - 1, not ${JSON.stringify(value)}`);
  }
  return value;
}

export const scalars = {
  SafeInt: new GraphQLScalarType<number, number>({
    name: 'SafeInt',
    serialize: safeInteger,
    parseValue: safeInteger,
    parseLiteral: (node) => safeInteger(node.kind === Kind.INT ? Number(node.value) : undefined),
  }),
  Money: new GraphQLScalarType<bigint, string>({
    name: 'Money',
    serialize: formatMoney,
    parseValue: parseMoney,
    parseLiteral: (node) => parseMoney(node.kind === Kind.STRING ? node.value : undefined),
  }),
  Share: new GraphQLScalarType<number, string>({
    name: 'Share',
    serialize: formatShare,
    parseValue: parseShare,
    parseLiteral: (node) => parseShare(node.kind === Kind.STRING ? node.value : undefined),
  }),
  DateTime: new GraphQLScalarType<GivenTime, string>({
    name: 'DateTime',
    serialize: String,
    parseValue: parseGivenTime,
    parseLiteral: (node) => parseGivenTime(node.kind === Kind.STRING ? node.value : undefined),
  }),
  /** For answers alone. */
  JSON: new GraphQLScalarType<unknown, unknown>({ name: 'JSON' }),
  TimeZone: new GraphQLScalarType<string, string>({
    name: 'TimeZone',
    serialize: String,
    parseValue: parseTimeZone,
    parseLiteral: (node) => parseTimeZone(node.kind === Kind.STRING ? node.value : undefined),
  }),
};
