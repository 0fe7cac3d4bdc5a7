/**
 * The shape of JSON, looked at before it is parsed: what is nested ten thousand deep, or holds a value for every two bytes, takes
 * tens of milliseconds to make objects of and to look through, and no operation needs it.
 */
import type { GraphQLError } from 'graphql';
import { tooMuch } from './limits.ts';

/** Lists and objects within each other in a request or message; what inputs may have is fewer. */
export const MAX_JSON_DEPTH = 40;
/** Values in a request or message. */
export const MAX_JSON_VALUES = 50_000;
/** A shorter text cannot hold enough to matter. */
const SHORT = 2_048;

const [QUOTE, COMMA, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x2c, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d,
];

/** What is wrong with the shape of the text; undefined: nothing, or it is no JSON, which its parser says. Takes 1 ms for 512 KB. */
export function wrongShape(text: string): GraphQLError | undefined {
  if (text.length < SHORT) return undefined;
  let depth = 0;
  let values = 1;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i + 1);
        break;
      case COMMA:
        values += 1;
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        values += 1;
        depth += 1;
        if (depth > MAX_JSON_DEPTH)
          return tooMuch(`the request goes more than ${MAX_JSON_DEPTH} lists and objects deep`);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
    }
  }
  return values > MAX_JSON_VALUES ? tooMuch(`the request holds more than ${MAX_JSON_VALUES} values`) : undefined;
}

/** Where the string ends whose first character stands at `from`: at its closing quote. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1;
}
