/**
 * Text that no input may hold: half of a surrogate pair, which has no form in UTF-8, so that engines keep something else than
 * was sent; NUL, which ends texts in some of what lies behind; and text longer than any field takes.
 */
import { type DocumentNode, GraphQLError, Kind, visit } from 'graphql';
import { tooMuch } from './limits.ts';

/** Characters of one text; what a field takes is far less, and its own rule to say. */
export const MAX_TEXT_LENGTH = 10_000;

/**
 * Checks every text of the document and its variables, whatever they are given to.
 * @throws {GraphQLError} `BAD_USER_INPUT`, `LIMIT_EXCEEDED`
 */
export function checkInputText(
  document: DocumentNode,
  variables: Readonly<Record<string, unknown>> | null | undefined,
): void {
  visit(document, { [Kind.STRING]: (node) => check(node.value, undefined) });
  // No recursion: variables may be deeper than a stack is.
  const left: { readonly path: string; readonly value: unknown }[] = [{ path: '', value: variables }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, value } = next;
    if (typeof value === 'string') check(value, path);
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, each] of Object.entries(value)) {
      if (typeof each === 'string' || typeof each === 'object')
        left.push({ path: within(path, key, value), value: each });
    }
  }
}

function check(text: string, field: string | undefined): void {
  const what = field ?? 'a text in the document';
  if (text.length > MAX_TEXT_LENGTH) throw tooMuch(`${what} may have at most ${MAX_TEXT_LENGTH} characters`);
  if (text.isWellFormed() && !text.includes('\0')) return;
  throw new GraphQLError(`${what} must be well-formed Unicode, without NUL and without half of a surrogate pair`, {
    extensions: { code: 'BAD_USER_INPUT', ...(field === undefined ? {} : { field }), http: { status: 400 } },
  });
}

/** As in errors of the inputs themselves: `input.lines[0].productId`. Of a path that goes very deep the beginning tells enough. */
function within(path: string, key: string, value: object): string {
  if (path.length > 200) return path;
  if (Array.isArray(value)) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
