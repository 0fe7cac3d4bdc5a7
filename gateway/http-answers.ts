/** The way of an answer over HTTP through the bounds of unread answers: room is taken before it is made, and until it is read. */
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { MAX_ANSWER_BYTES } from './answer-size.ts';
import type { Taken, UnreadAnswers } from './unread-answers.ts';

/** What a field takes in an answer: our names and values have some 40 bytes, and objects as many again. */
const BYTES_OF_FIELD = 80;

/** Bytes that an operation of this cost is expected to answer. */
export function expectedBytes(cost: number): number {
  return Math.min(cost * BYTES_OF_FIELD, MAX_ANSWER_BYTES);
}

interface Answer {
  readonly asker: string | undefined;
  reserved: Taken | undefined;
  /** A mutation's: it tells what has been written. */
  mustBeTold: boolean;
}

export interface HttpAnswersOptions {
  readonly unread: UnreadAnswers;
  readonly logger: Logger;
  /** What is answered in place of what finds no room. */
  refusal(request: FastifyRequest, reply: FastifyReply): string;
}

export class HttpAnswers {
  readonly #options: HttpAnswersOptions;
  /** By the request. */
  readonly #answers = new WeakMap<object, Answer>();
  readonly #ends = new WeakMap<Socket, Set<() => void>>();

  constructor(options: HttpAnswersOptions) {
    this.#options = options;
  }

  /** An operation is about to be looked at; `asker` as `Rates.shareOf` names it. */
  begin(request: FastifyRequest, asker: string | undefined): void {
    this.#answers.set(request, { asker, reserved: undefined, mustBeTold: false });
  }

  /** @param request of the operation @throws {GraphQLError} `RATE_LIMITED`, `UNAVAILABLE`: it must not be executed */
  reserve(request: object, cost: number, isMutation: boolean): void {
    const answer = this.#answers.get(request);
    if (answer === undefined) return;
    answer.reserved ??= this.#options.unread.reserve(answer.asker, expectedBytes(cost));
    answer.mustBeTold = isMutation;
  }

  /** Watches what is sent by the routes of this scope. Text alone is a copy for each request. */
  watch(scope: FastifyInstance): void {
    scope.addHook('onSend', async (request, reply, payload) => {
      const answer = this.#answers.get(request);
      answer?.reserved?.end();
      const { socket } = request.raw;
      if (typeof payload !== 'string' || socket.destroyed) return payload;
      // As bytes: Node.js sets aside three for each character of a text that it cannot write at once, and keeps the text.
      const sent = Buffer.from(payload);
      const bytes = sent.length;
      const cut = () => {
        this.#options.logger.warn({ bytes }, 'a connection was cut off: its answer was not read');
        socket.destroy();
      };
      const held = this.#options.unread.hold(answer?.asker, bytes, cut, answer?.mustBeTold);
      if (held === undefined) {
        void reply.removeHeader('content-length');
        return this.#options.refusal(request, reply);
      }
      this.#whenSent(reply, socket, () => held.end());
      return sent;
    });
  }

  /** `close` of a response tells of one whose turn had come; of those behind it (pipelining) the socket tells alone. */
  #whenSent(reply: FastifyReply, socket: Socket, end: () => void): void {
    let ends = this.#ends.get(socket);
    if (ends === undefined) {
      const all = new Set<() => void>();
      ends = all;
      this.#ends.set(socket, all);
      socket.once('close', () => {
        for (const each of all) each();
      });
    }
    const waiting = ends.add(end);
    reply.raw.once('close', () => {
      waiting.delete(end);
      end();
    });
  }
}
