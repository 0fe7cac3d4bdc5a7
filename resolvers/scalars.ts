/** The scalars: Money is minor units inside and `"12.30"` outside; DateTime is ISO 8601 in UTC on both sides. */
import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

function fail(message: string): never {
  throw new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** `"1449367.31"` → 144936731. Two decimals at most; never through a float. @throws {GraphQLError} */
export function parseMoney(text: unknown): number {
  const match = typeof text === 'string' ? /^(-?)(\d{1,13})(?:\.(\d{1,2}))?$/.exec(text) : null;
  if (match === null) fail(`Money must be a decimal string such as "12.30", not ${JSON.stringify(text)}`);
  const [, sign, units = '', cents = ''] = match;
  const minor = Number(units) * 100 + Number(cents.padEnd(2, '0'));
  return sign === '-' && minor !== 0 ? -minor : minor;
}

/** 144936731 → `"1449367.31"` */
export function formatMoney(minor: unknown): string {
  if (typeof minor !== 'number' || !Number.isSafeInteger(minor)) throw new TypeError(`not money: ${String(minor)}`);
  const digits = String(Math.abs(minor)).padStart(3, '0');
  return `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** Any ISO 8601 date, or date and time with its offset, as UTC in milliseconds. @throws {GraphQLError} */
export function parseDateTime(text: unknown): string {
  const at = typeof text === 'string' && DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    fail(`DateTime must be ISO 8601 such as "1996-07-04T00:00:00Z", not ${JSON.stringify(text)}`);
  }
  return new Date(at).toISOString();
}

export const scalars = {
  Money: new GraphQLScalarType<number, string>({
    name: 'Money',
    serialize: formatMoney,
    parseValue: parseMoney,
    parseLiteral: (node) => parseMoney(node.kind === Kind.STRING ? node.value : undefined),
  }),
  DateTime: new GraphQLScalarType<string, string>({
    name: 'DateTime',
    serialize: String,
    parseValue: parseDateTime,
    parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
  }),
};
