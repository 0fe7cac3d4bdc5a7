/** An error in GraphQL's own form, for what is refused before GraphQL itself sees it. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sets the answer's status and type. @param more of the error's extensions @returns its body */
export function graphqlError(
  request: FastifyRequest,
  reply: FastifyReply,
  status: number,
  code: string,
  message: string,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const accepted = request.headers.accept ?? '';
  const type = accepted.includes('application/graphql-response+json')
    ? 'application/graphql-response+json'
    : 'application/json';
  void reply.code(status).type(`${type}; charset=utf-8`);
  return bodyOf(code, message, more);
}

function bodyOf(code: string, message: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ errors: [{ message, extensions: { code, ...more } }] });
}

/** An answer as bytes of HTTP, for connections that Fastify does not answer on. @param header more lines, each with its end */
export function rawAnswer(status: number, type: string, body: string, header = ''): string {
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: ${type}; charset=utf-8\r\n` +
    `${header}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/** How long what was answered may take to leave, in ms. */
const GONE_WITHIN_MS = 1_000;

/**
 * Answers what Node.js could not read as a request, and closes the connection: too slow, too large headers, no HTTP.
 * For Fastify's `clientErrorHandler`.
 */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, message] = unreadable(error.code);
  socket.write(rawAnswer(status, 'application/json', bodyOf(code, message)));
  // Who does not read must not keep the connection.
  const timer = setTimeout(() => socket.destroy(), GONE_WITHIN_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}

function unreadable(code: string | undefined): readonly [status: number, code: string, message: string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'UNAVAILABLE', 'the request took too long to arrive: nothing was written, send it again'];
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'LIMIT_EXCEEDED', "the request's headers are too large: at most 16 KB are allowed"];
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return [413, 'LIMIT_EXCEEDED', "the request's chunk extensions are too large"];
    default:
      return [400, 'BAD_REQUEST', 'the request is not HTTP that can be read'];
  }
}
