/** GraphQL over HTTP: Apollo Server on Fastify at /graphql, and GraphiQL for browsers that open it. */
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type DocumentNode, GraphQLError, type GraphQLSchema, OperationTypeNode, type ValidationRule } from 'graphql';
import type { Logger } from 'pino';
import type { NetworkConfiguration, OfferedConfiguration } from '../server/configuration.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type AllowList, notAllowed } from './allow-list.ts';
import { limitArriving } from './arriving-bodies.ts';
import type { ClientOf } from './client.ts';
import type { Draining } from './draining.ts';
import type { FormatError } from './format-error.ts';
import { type Asker, type CreateContext, traceparentOf } from './gateway-context.ts';
import { createGraphiql, wantsPage } from './graphiql.ts';
import { graphqlError as answer } from './graphql-answer.ts';
import { HttpAnswers } from './http-answers.ts';
import type { Authenticate, Identity } from './identity.ts';
import { MAX_MESSAGE_BYTES, MAX_TOKENS, MAX_VALIDATION_ERRORS, MEGABYTE } from './limits.ts';
import { checkOperation } from './operation-checks.ts';
import { countOperation } from './operation-counts.ts';
import { addCors } from './origins.ts';
import { setPace } from './paced-commands.ts';
import type { Rates } from './rates.ts';
import { answerInGraphql } from './refused-requests.ts';
import { RequestDocuments, sourceOf } from './request-document.ts';
import { RequestTurns } from './request-turns.ts';
import { NO_ROOM, RETRY_UNREAD_AFTER_S, type UnreadAnswers } from './unread-answers.ts';
import { type WorkBudget, workOf } from './work-budget.ts';

export interface GraphqlOptions<C extends Asker> {
  readonly schema: GraphQLSchema;
  readonly context: CreateContext<C>;
  readonly authenticate: Authenticate;
  readonly formatError: FormatError;
  readonly draining: Draining;
  readonly rates: Rates;
  readonly unread: UnreadAnswers;
  readonly work: WorkBudget;
  readonly clientOf: ClientOf;
  readonly allowList: AllowList;
  readonly network: NetworkConfiguration;
  readonly offered: OfferedConfiguration;
  /** What a document must keep to beside GraphQL's own rules. */
  readonly rules: readonly ValidationRule[];
  /** What is waited for before operations are answered, in a line; undefined: nothing. */
  awaited(): string | undefined;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** When a client may try again that came before the start was over. */
export const RETRY_AFTER_S = 1;

/** What a client is told that came before the start was over. */
export function notYet(awaited: string): string {
  return `this server is starting and nothing was written (${awaited}): try again`;
}

/** Valid documents are kept parsed, so that what clients ask again and again is validated once. */
const KEPT_DOCUMENTS_BYTES = 30 * MEGABYTE;
/** What a character of a document takes when it is parsed. */
const BYTES_OF_CHARACTER = 40;

/** Told from its length: by default, Apollo makes JSON of each new document to count its characters. */
function sizeOf({ loc }: DocumentNode): number {
  return ((loc?.end ?? 0) + 1) * BYTES_OF_CHARACTER;
}

const OTHER_METHODS = ['PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** What HTTP asks for beside these statuses; 503 is said while draining, and the client had better connect elsewhere. */
const HEADER_OF_STATUS: Readonly<Record<number, readonly [name: string, value: string]>> = {
  401: ['www-authenticate', 'Bearer'],
  405: ['allow', 'GET, POST'],
  503: ['connection', 'close'],
};

export async function addGraphql<C extends Asker>(app: FastifyInstance, options: GraphqlOptions<C>): Promise<void> {
  const operations = new WeakMap<object, OperationTypeNode>();
  const identities = new WeakMap<FastifyRequest, Promise<Identity>>();
  const turns = new RequestTurns(options.work);
  const documents = new RequestDocuments(options.allowList);
  /** By the request, which stands for its operation: where it came from. */
  const addresses = new WeakMap<object, string | undefined>();
  const answers = new HttpAnswers({
    unread: options.unread,
    logger: options.logger,
    refusal: (request, reply) => {
      void reply.header('retry-after', RETRY_UNREAD_AFTER_S);
      return answer(request, reply, 503, 'UNAVAILABLE', NO_ROOM);
    },
  });
  const apollo = new ApolloServer<C>({
    schema: options.schema,
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    documentStore: new InMemoryLRUCache({ maxSize: KEPT_DOCUMENTS_BYTES, sizeCalculation: sizeOf }),
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [...options.rules],
    validationOptions: { maxErrors: MAX_VALIDATION_ERRORS },
    formatError: (_formatted, error) => options.formatError(error, operationOf(error, operations)),
    logger: options.logger,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It would go around every field of every answer, for hints that the schema does not have.
      ApolloServerPluginCacheControlDisabled(),
      checksAndCounts(options, answers, addresses, turns),
      chargesParsing(turns),
      remembersOperations(operations),
    ],
  });
  await apollo.start();
  app.addHook('onClose', () => apollo.stop());

  const execute = fastifyApolloHandler(apollo, {
    context: async (request, reply) => {
      const { address } = options.clientOf(request.raw);
      options.rates.request(address);
      const { viewer } = await identified(request);
      addresses.set(request, address);
      answers.begin(request, options.rates.shareOf(viewer, address));
      const since = performance.now() - reply.elapsedTime;
      return options.context({ viewer, traceparent: traceparentOf(request.headers), since, operation: request });
    },
  });
  /** Asked once for each request, before its body is read. */
  function identified(request: FastifyRequest): Promise<Identity> {
    const known = identities.get(request) ?? options.authenticate(request.headers.authorization);
    identities.set(request, known);
    return known;
  }

  /** What is wrong with its token is told when the operation is answered. */
  async function workerOf(request: FastifyRequest): Promise<string | undefined> {
    const viewer = (await identified(request).catch(() => undefined))?.viewer;
    return options.rates.workerOf(viewer, options.clientOf(request.raw).address);
  }

  const graphiql = createGraphiql(options.network.basePath, options.clientOf);
  const wantsGraphiql = ({ headers }: FastifyRequest) => options.offered.graphiql && wantsPage(headers);
  await app.register(async (scope) => {
    scope.setErrorHandler(answerInGraphql);
    answers.watch(scope);
    await addCors(scope, options.network.allowedOrigins);
    scope.addHook('onSend', async (_request, reply) => {
      if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store');
      const header = HEADER_OF_STATUS[reply.statusCode];
      if (header !== undefined && !reply.hasHeader(header[0])) void reply.header(...header);
    });
    scope.addHook('onRequest', async (request, reply) => {
      const awaited = options.awaited();
      if (awaited === undefined || (request.method === 'GET' && wantsGraphiql(request))) return undefined;
      void reply.header('retry-after', RETRY_AFTER_S);
      return reply.send(answer(request, reply, 503, 'UNAVAILABLE', notYet(awaited)));
    });
    turns.watch(scope, workerOf, (request) => request.method === 'GET' && wantsGraphiql(request));
    const arriving = limitArriving(scope, (request) => turns.workerOf(request));
    const bodies = { queue: 'bodies' };
    options.metrics.gauge('counterfoil_queue_bytes', () => [{ labels: bodies, value: arriving.bytes }]);
    scope.addHook('preHandler', async (request, reply) => {
      const source = sourceOf(request);
      if (source === undefined || (request.method === 'GET' && wantsGraphiql(request))) return undefined;
      await turns.begin(request);
      const wrong = turns.measured(request, () => documents.wrong(source));
      return wrong === undefined ? undefined : reply.send(answer(request, reply, ...wrong));
    });
    scope.get('/graphql', (request, reply) => {
      void reply.header('vary', 'accept');
      return wantsGraphiql(request) ? graphiql(request, reply) : execute.call(scope, request, reply);
    });
    scope.post('/graphql', { bodyLimit: MAX_MESSAGE_BYTES }, execute);
    scope.route({
      url: '/graphql',
      method: OTHER_METHODS,
      handler: async (request, reply) => {
        return answer(
          request,
          reply,
          405,
          'BAD_REQUEST',
          `${request.method} is not for GraphQL: use POST, or GET for queries`,
        );
      },
    });
  });
}

/** Parsing and validation each run in one go, so what they take can be measured. */
function chargesParsing<C extends Asker>(turns: RequestTurns): ApolloServerPlugin<C> {
  return {
    async requestDidStart({ contextValue }) {
      const measured = async () => {
        const begun = performance.now();
        return async () => turns.charge(contextValue.operation, performance.now() - begun);
      };
      return { parsingDidStart: measured, validationDidStart: measured };
    },
  };
}

/** Apollo tells whoever words an error nothing of the operation that it comes from. */
function remembersOperations<C extends Asker>(operations: WeakMap<object, OperationTypeNode>): ApolloServerPlugin<C> {
  return {
    async requestDidStart() {
      return {
        async didEncounterErrors({ errors, operation }) {
          if (operation === undefined) return;
          for (const error of errors) operations.set(error, operation.operation);
        },
      };
    },
  };
}

function operationOf(error: unknown, operations: WeakMap<object, OperationTypeNode>): OperationTypeNode | undefined {
  return typeof error === 'object' && error !== null ? operations.get(error) : undefined;
}

function checksAndCounts<C extends Asker>(
  options: GraphqlOptions<C>,
  answers: HttpAnswers,
  addresses: WeakMap<object, string | undefined>,
  turns: RequestTurns,
): ApolloServerPlugin<C> {
  const { draining, allowList, metrics } = options;
  return {
    async requestDidStart() {
      const begun = process.hrtime.bigint();
      return {
        async didResolveOperation({ operation, document, request, contextValue }) {
          const { viewer, operation: asked } = contextValue;
          // Undefined when `operationName` names none: execution says so.
          if (operation === undefined) return;
          if (!allowList.has(document)) throw notAllowed();
          if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw wrongWay();
          const isMutation = operation.operation === OperationTypeNode.MUTATION;
          if (isMutation) draining.refuseMutations();
          const charge = (cost: number) => turns.charge(asked, workOf(cost));
          const by = { viewer, address: addresses.get(asked), charge };
          const cost = turns.measured(asked, () => checkOperation(options, by, document, operation, request.variables));
          if (isMutation) setPace(asked, () => turns.command(asked));
          turns.charged(asked);
          answers.reserve(asked, cost, isMutation);
        },
        async willSendResponse({ operation, response }) {
          const { body } = response;
          const outcome = body.kind === 'single' && body.singleResult.errors ? 'error' : 'ok';
          const type = operation?.operation ?? 'invalid';
          countOperation(metrics, { type, transport: 'http', outcome }, Number(process.hrtime.bigint() - begun) / 1e9);
        },
      };
    },
  };
}

function wrongWay(): GraphQLError {
  return new GraphQLError('subscriptions go over a WebSocket at this address, by the protocol graphql-transport-ws', {
    extensions: { code: 'BAD_REQUEST', http: { status: 405 } },
  });
}
