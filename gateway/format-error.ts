/**
 * What clients are told of an error, over HTTP and WebSocket alike: errors meant for them as they are, an engine out of
 * reach as UNAVAILABLE, and anything else as an id under which the server's log has the details.
 */
import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError, Kind, OperationTypeNode } from 'graphql';
import type { Logger } from 'pino';
import { LogUnavailable } from '../log/event-log.ts';
import { extensionsOf } from '../resolvers/errors.ts';
import { BusError } from '../transactions/errors.ts';
import { ViewsIncomplete, ViewsUnavailable } from '../views/view-store.ts';

/** `operation`: what the error belongs to, where that is known. */
export type FormatError = (error: unknown, operation?: OperationTypeNode) => GraphQLFormattedError;

const UNEXPECTED = 'INTERNAL_SERVER_ERROR';
/** Characters of a message. It may repeat what was sent, as often as there are fields that it is wrong for. */
const LONGEST_MESSAGE = 1_000;

export function createFormatError(logger: Pick<Logger, 'error' | 'warn'>): FormatError {
  return (error, operation) => {
    const formatted = error instanceof GraphQLError ? error.toJSON() : { message: '' };
    const { http: _http, stacktrace: _stacktrace, ...extensions } = formatted.extensions ?? {};
    const answer = (message: string, more: Record<string, unknown>): GraphQLFormattedError => ({
      ...formatted,
      message: shortened(message),
      extensions: { ...extensions, ...more },
    });

    const code = codeOf(error);
    if (code !== undefined) return answer(formatted.message, { code });
    const cause = causeOf(error);
    // It ended a stream: what resolvers themselves catch has its code already.
    if (cause instanceof BusError) return answer(cause.message, extensionsOf(cause));
    if (cause instanceof LogUnavailable || cause instanceof ViewsUnavailable) {
      logger.warn({ err: cause, path: formatted.path }, 'an operation found an engine out of reach');
      // Only the mutation itself: what is asked of its receipt comes after it was acknowledged.
      const fields = formatted.path?.filter((part) => typeof part === 'string');
      const began = operation === OperationTypeNode.MUTATION && fields?.length === 1;
      const advice = began ? '; nothing was acknowledged, try again' : ': try again';
      return answer(`${whatIsWrong(cause)}${advice}`, { code: 'UNAVAILABLE' });
    }
    const id = randomUUID();
    logger.error({ err: cause, path: formatted.path, errorId: id }, 'an operation failed unexpectedly');
    return answer(`something went wrong in the server; its log tells more under ${id}`, { code: UNEXPECTED, id });
  };
}

function shortened(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 1)}…`.toWellFormed();
}

/** Without the engines' own words, which hold addresses. */
function whatIsWrong(cause: LogUnavailable | ViewsUnavailable): string {
  if (cause instanceof LogUnavailable) return 'the event log is out of reach';
  if (cause instanceof ViewsIncomplete) return 'the views are being built again from the log';
  return 'the view store is out of reach';
}

/** The code that the error was given on purpose. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof GraphQLError)) return undefined;
  const code = error.extensions['code'];
  if (typeof code === 'string' && code !== UNEXPECTED) return code;
  // graphql-js says so of variables that do not fit their types, without a code.
  const [node, ...others] = error.nodes ?? [];
  return node?.kind === Kind.VARIABLE_DEFINITION && others.length === 0 ? 'BAD_USER_INPUT' : undefined;
}

/** graphql-js wraps what a resolver throws, to say where. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError !== undefined) cause = cause.originalError;
  return cause;
}

/** Where the schema is not to be read, errors do not tell names that are like the one that was asked for. */
export function withoutSuggestions(formatError: FormatError): FormatError {
  return (error, operation) => {
    const formatted = formatError(error, operation);
    return { ...formatted, message: formatted.message.replace(/ ?Did you mean .+\?$/, '') };
  };
}
