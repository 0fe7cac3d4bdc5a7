/**
 * Bounds the memory of bodies that are on their way: a connection may take its time to send one, and very many of them may be
 * open, also of who has no token. The same rules as for answers that are not read, with room of their own.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { graphqlError } from './graphql-answer.ts';
import { MAX_MESSAGE_BYTES, MEGABYTE } from './limits.ts';
import { RETRY_UNREAD_AFTER_S, UnreadAnswers, type UnreadLimits } from './unread-answers.ts';

const ARRIVING_LIMITS: UnreadLimits = {
  inAll: 64 * MEGABYTE,
  perAsker: 16 * MEGABYTE,
  // After the time that a request has: who is late is told so by 408 before.
  readWithinMs: 60_000,
  msPerMegabyte: 0,
  graceMs: 2_000,
};
const NO_ROOM = 'too many large requests are on their way: try again';

/**
 * Takes room for the body of each request of this scope before it is read, and gives it back when it has come. To make room,
 * connections that have taken longest are cut off; what finds none all the same is answered with 503.
 * @param askerOf in whose share it counts; undefined: nobody's
 * @returns how many bytes are on their way
 */
export function limitArriving(
  scope: FastifyInstance,
  askerOf: (request: FastifyRequest) => string | undefined,
): Pick<UnreadAnswers, 'bytes'> {
  const arriving = new UnreadAnswers(ARRIVING_LIMITS);
  scope.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const bytes = expectedBytes(request);
    if (bytes === 0) return undefined;
    const { raw } = request;
    const held = arriving.hold(askerOf(request), bytes, () => raw.socket.destroy());
    if (held === undefined) {
      void reply.header('retry-after', RETRY_UNREAD_AFTER_S);
      return reply.send(graphqlError(request, reply, 503, 'UNAVAILABLE', NO_ROOM));
    }
    raw.once('close', () => held.end());
    return undefined;
  });
  return arriving;
}

/** Without a length it may be as large as any; a larger one is refused unread. */
function expectedBytes({ headers }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return MAX_MESSAGE_BYTES;
  return Math.min(Number(headers['content-length'] ?? 0), MAX_MESSAGE_BYTES);
}
