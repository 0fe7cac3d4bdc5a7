/** Whether two values are the same as JSON: order of fields and fields that are undefined do not count. */
import { isDeepStrictEqual } from 'node:util';

export function same(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(asJson(a), asJson(b));
}

export function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
