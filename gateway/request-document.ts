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

/** Documents that were found right, so that those which clients send again and again are parsed by Apollo alone. */
const MOST_KNOWN = 500;
const LONGEST_KNOWN = 4_096;

export class RequestDocuments {
  readonly #allowList: AllowList;
  readonly #right = new Set<string>();

  constructor(allowList: AllowList) {
    this.#allowList = allowList;
  }

  /**
   * Why a document may not be validated, let alone executed; undefined: it may. Parsed here once more: Apollo asks nobody between
   * parsing and validation.
   */
  wrong(source: unknown): Wrong | undefined {
    if (typeof source !== 'string' || this.#right.has(source)) return undefined;
    const wrong = this.#wrong(source);
    if (wrong === undefined && source.length <= LONGEST_KNOWN) this.#remember(source);
    return wrong;
  }

  #wrong(source: string): Wrong | undefined {
    let document: DocumentNode;
    try {
      document = parse(source, { maxTokens: MAX_TOKENS, noLocation: true });
    } catch (error) {
      // Of a short one, Apollo comes to the same and says where. Parsing a long one twice is work for nothing.
      if (source.length <= LONGEST_KNOWN || !(error instanceof GraphQLError)) return undefined;
      return [400, 'GRAPHQL_PARSE_FAILED', error.message];
    }
    try {
      checkDocument(document);
    } catch (error) {
      if (error instanceof GraphQLError) return [400, 'LIMIT_EXCEEDED', error.message];
      throw error;
    }
    return this.#allowList.has(document) ? undefined : [403, 'OPERATION_NOT_ALLOWED', NOT_ALLOWED];
  }

  #remember(source: string): void {
    this.#right.add(source);
    if (this.#right.size <= MOST_KNOWN) return;
    for (const oldest of this.#right) {
      this.#right.delete(oldest);
      return;
    }
  }
}
