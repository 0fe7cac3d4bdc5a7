/**
 * Persisted operations: with `PERSISTED_OPERATIONS`, only documents of a list are taken, over HTTP and WebSocket alike. Clients
 * go on sending the document itself; what is compared is a hash of it without what changes nothing: white space, comments, the
 * order of its operations and fragments, and the `__typename` that clients such as Apollo's add everywhere.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type DocumentNode, GraphQLError, parse, print, visit } from 'graphql';
import { z } from 'zod';
import { ConfigurationError } from '../server/configuration.ts';

export interface AllowList {
  has(document: DocumentNode): boolean;
}

/** What one is told whose operation the list does not hold. */
export const NOT_ALLOWED = 'this server takes the operations of its list alone, and this is none of them';

export function notAllowed(): GraphQLError {
  return new GraphQLError(NOT_ALLOWED, { extensions: { code: 'OPERATION_NOT_ALLOWED', http: { status: 403 } } });
}

/** Built by `npm run operations`, or with the page, into `dist/`: beside the sources, or around what was built. */
const OF_PAGE = ['../dist/operations.json', '../operations.json'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
/** Documents, each alone or under the hash that clients know it by. */
const LIST = z.union([z.array(z.string()), z.record(z.string(), z.string())]).transform((list) => Object.values(list));

/**
 * @param files of the lists, `page` for that of the page; undefined: everything is allowed
 * @throws {ConfigurationError} when one cannot be read, or holds a document that is no GraphQL
 */
export function readAllowList(files: readonly string[] | undefined): AllowList {
  if (files === undefined) return { has: () => true };
  const allowed = new Set(files.flatMap(documentsIn).map(hashOf));
  return { has: (document) => allowed.has(hashOf(document)) };
}

function documentsIn(file: string): readonly DocumentNode[] {
  const paths = file === 'page' ? OF_PAGE : [file];
  const text = paths.map(contentOf).find((content) => content !== undefined);
  if (text === undefined) {
    throw wrong(file, file === 'page' ? 'run `npm run build` first, which lists them' : 'there is no such file');
  }
  try {
    return LIST.parse(JSON.parse(text)).map((document) => parse(document, { noLocation: true }));
  } catch (error) {
    const why = error instanceof GraphQLError ? `: ${error.message}` : '';
    throw wrong(file, `it must be a JSON list of GraphQL documents, or an object of them by their hashes${why}`);
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function wrong(file: string, must: string): ConfigurationError {
  return new ConfigurationError(`PERSISTED_OPERATIONS names ${JSON.stringify(file)}: ${must}`);
}

function hashOf(document: DocumentNode): string {
  const { definitions } = visit(document, {
    Field: {
      enter: ({ name, alias, directives = [] }) =>
        name.value === '__typename' && alias === undefined && directives.length === 0 ? null : undefined,
    },
  });
  return createHash('sha256')
    .update(
      definitions
        .map((each) => print(each))
        .sort()
        .join('\n'),
    )
    .digest('base64');
}
