/**
 * Requests over HTTP in their asker's turn: who has used up its share of the server waits before its body is read, and one
 * operation of an asker at a time is parsed and validated, so that of many that come at once each is charged before the next.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { wrongShape } from './json-shape.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';
import { type Charged, KILOBYTE_MS, REQUEST_MS, tooMuchWork, type WorkBudget } from './work-budget.ts';

/** Who has used up its share of the server waits so long for its turn, and is then told to come back. */
const TURN_WITHIN_MS = 1000;

export class RequestTurns {
  readonly #work: WorkBudget;
  /** By the request: whose work it is. */
  readonly #workers = new WeakMap<object, string | undefined>();
  readonly #begun = new WeakMap<object, Charged>();

  constructor(work: WorkBudget) {
    this.#work = work;
  }

  /** @param workerOf whose share of the server's work a request takes; undefined: nobody's @param except requests that are no operation */
  watch(
    scope: FastifyInstance,
    workerOf: (request: FastifyRequest) => Promise<string | undefined>,
    except: (request: FastifyRequest) => boolean,
  ): void {
    scope.addHook('onRequest', async (request, reply) => {
      if (except(request)) return;
      const worker = await workerOf(request);
      this.#workers.set(request, worker);
      if (!(await this.#work.turn(worker, TURN_WITHIN_MS))) throw tooMuchWork(this.#work.debtMs(worker));
      const kilobytes = Math.min(Number(request.headers['content-length'] ?? 0), MAX_MESSAGE_BYTES) / 1024;
      this.#work.charge(worker, REQUEST_MS + kilobytes * KILOBYTE_MS);
      // Left without an answer.
      reply.raw.once('close', () => this.charged(request));
    });
    // Also when it came to no operation. Its response closes later: when those before it on its connection have been sent.
    scope.addHook('onSend', async (request) => this.charged(request));
    const parseJson = scope.getDefaultJsonParser('error', 'error');
    scope.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      async (request: FastifyRequest, body: string) => {
        await this.begin(request);
        return await this.measured(request, () => {
          const wrong = wrongShape(body);
          if (wrong !== undefined) throw wrong;
          return new Promise((resolve, reject) => {
            void parseJson(request, body, (error, value) => (error ? reject(error) : resolve(value)));
          });
        });
      },
    );
  }

  workerOf(request: object): string | undefined {
    return this.#workers.get(request);
  }

  /** Waits until its asker's other operations have been charged. @throws {GraphQLError} `RATE_LIMITED` */
  async begin(request: FastifyRequest): Promise<void> {
    if (this.#begun.has(request)) return;
    const worker = this.#workers.get(request);
    const begun = await this.#work.begin(worker, TURN_WITHIN_MS);
    if (begun === undefined) throw tooMuchWork(this.#work.debtMs(worker));
    this.#begun.set(request, begun);
    // Left while it waited for its turn.
    if (request.raw.socket.destroyed) begun();
  }

  /** What it takes has been charged: the next of its asker may begin. */
  charged(request: object): void {
    this.#begun.get(request)?.();
  }

  /** Charges what is done in one go. */
  measured<T>(request: object, work: () => T): T {
    const begun = performance.now();
    try {
      return work();
    } finally {
      this.charge(request, performance.now() - begun);
    }
  }

  /** Waits until the asker may begin a command. */
  command(request: object): Promise<void> {
    return this.#work.command(this.#workers.get(request));
  }

  charge(request: object, ms: number): void {
    this.#work.charge(this.#workers.get(request), ms);
  }
}
