/** Cursors of lists that are no view's: opaque to clients, and refused by any list but their own. */
import { badInput } from './errors.ts';

/** @param list a name for the list and its order @param places where in it, as many numbers as it takes */
export function encodeOpaque(list: string, places: readonly number[]): string {
  return Buffer.from(JSON.stringify([list, ...places])).toString('base64url');
}

/** @throws {GraphQLError} BAD_USER_INPUT for what `encodeOpaque` did not make for this list */
export function decodeOpaque(cursor: string, list: string, count: number): readonly number[] {
  const wrong = badInput('after', 'after is not a cursor of this list in this order: take it from pageInfo.endCursor');
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw wrong;
  }
  if (!Array.isArray(parsed) || parsed.length !== count + 1 || parsed[0] !== list) throw wrong;
  return parsed.slice(1).map((place: unknown) => {
    if (typeof place !== 'number' || !Number.isSafeInteger(place) || place < 0) throw wrong;
    return place;
  });
}
