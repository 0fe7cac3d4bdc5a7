/** Requests that no operation is read from: no JSON, too large, of another media type. They are answered in GraphQL's form. */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import { z } from 'zod';
import { graphqlError } from './graphql-answer.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';

/** An oversized body is read up to here and dropped, so that its sender gets to read the answer. */
const MAX_DROPPED_BYTES = 16 * 1024 * 1024;
const DROP_WITHIN_MS = 10_000;
/** What an error says of its answer over HTTP. */
const HTTP_OF = z.object({
  status: z.number().default(400),
  headers: z.map(z.string(), z.string()).default(new Map()),
});

/** What Fastify refuses before Apollo sees it: no JSON, too large, of another media type. */
export async function answerInGraphql(
  error: FastifyError | GraphQLError,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string> {
  if (error instanceof GraphQLError) return refused(error, request, reply);
  const status = error.statusCode ?? 500;
  if (status === 413) {
    await dropBody(request);
    const most = `${MAX_MESSAGE_BYTES / 1024} KB`;
    return graphqlError(
      request,
      reply,
      status,
      'LIMIT_EXCEEDED',
      `the request's body is too large: at most ${most} are allowed`,
    );
  }
  if (status === 415) {
    return graphqlError(request, reply, status, 'BAD_REQUEST', "the request's content-type must be application/json");
  }
  if (status < 500) {
    return graphqlError(request, reply, status, 'BAD_REQUEST', `the request's body is not JSON: ${error.message}`);
  }
  throw error;
}

/** Refused by a rule of ours: the error says the status and the headers, as it does to Apollo. */
function refused(error: GraphQLError, request: FastifyRequest, reply: FastifyReply): string {
  const { http, code, ...more } = error.extensions;
  const { status, headers } = HTTP_OF.parse(http ?? {});
  for (const [name, value] of headers) void reply.header(name, value);
  return graphqlError(request, reply, status, String(code), error.message, more);
}

/** Were the connection closed while the body still arrives, the client would see it reset in place of the answer. */
function dropBody({ raw }: FastifyRequest): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const timer = setTimeout(done, DROP_WITHIN_MS);
    const count = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_DROPPED_BYTES) done();
    };
    function done(): void {
      clearTimeout(timer);
      raw.off('data', count);
      resolve();
    }
    if (raw.readableEnded || raw.destroyed) return done();
    raw.on('data', count).once('end', done).once('close', done).once('error', done).resume();
  });
}
