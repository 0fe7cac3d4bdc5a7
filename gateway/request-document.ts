/** The document of a request over HTTP, looked at before Apollo validates it: its size, and whether it is allowed at all. */
import type { FastifyRequest } from 'fastify';
import { type DocumentNode, GraphQLError, parse } from 'graphql';
import { type AllowList, NOT_ALLOWED } from './allow-list.ts';
import { checkDocument } from './document-limits.ts';
import { MAX_TOKENS } from './limits.ts';

/** The document that a request holds; what is no request at all is Apollo's to refuse. */
export function sourceOf({ method, url, body }: FastifyRequest): unknown {
  // As Apollo reads it: with another reader, it might run a document that nobody has looked at.
  if (method === 'GET') return new URL(url, 'http://localhost').searchParams.get('query');
  return typeof body === 'object' && body !== null && 'query' in body ? body.query : undefined;
}

type Wrong = readonly [status: number, code: string, message: string];

/**
 * Why a document may not be validated, let alone executed; undefined: it may. Parsed here once more: Apollo asks nobody between
 * parsing and validation.
 */
export function wrongDocument(source: unknown, allowList: AllowList): Wrong | undefined {
  if (typeof source !== 'string') return undefined;
  let document: DocumentNode;
  try {
    document = parse(source, { maxTokens: MAX_TOKENS, noLocation: true });
  } catch {
    // Apollo comes to the same, and says so.
    return undefined;
  }
  try {
    checkDocument(document);
  } catch (error) {
    if (error instanceof GraphQLError) return [400, 'LIMIT_EXCEEDED', error.message];
    throw error;
  }
  return allowList.has(document) ? undefined : [403, 'OPERATION_NOT_ALLOWED', NOT_ALLOWED];
}
