/** GraphQL's errors, each with the code that programs go by: what resolvers refuse, and what the command bus tells. */
import { GraphQLError } from 'graphql';
import { type Role, WHO } from '../domain/index.ts';
import { BusError } from '../transactions/errors.ts';

/** @param field the argument, or the field of the input, that would have to change */
export function badInput(field: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', field } });
}

/** Of what is given for a scalar, wherever it stands: GraphQL itself names the place. */
export function badValue(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

export function forbidden(what: string, least: Role): GraphQLError {
  return new GraphQLError(`${what}: only for ${WHO[least]}`, { extensions: { code: 'FORBIDDEN' } });
}

export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'NOT_FOUND' } });
}

export function erasureOff(): GraphQLError {
  const message =
    'nobody can be erased here: without a master key, personal fields stand on the log as they were given. ' +
    'Start with MASTER_KEY or MASTER_KEY_FILE: see docs/erasure.md';
  return new GraphQLError(message, { extensions: { code: 'ERASURE_OFF' } });
}

export function webhooksOff(): GraphQLError {
  const message =
    'there can be no webhooks here: without a master key, their secrets would stand on the log as they were given. ' +
    'Start with MASTER_KEY or MASTER_KEY_FILE: see docs/webhooks.md';
  return new GraphQLError(message, { extensions: { code: 'WEBHOOKS_OFF' } });
}

export function unavailable(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAVAILABLE' } });
}

export function jobUnderWay(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'JOB_UNDER_WAY' } });
}

/** What a client is told of an error of the command bus beside its message. */
export function extensionsOf({ code, field, retryAfter }: BusError): Readonly<Record<string, unknown>> {
  return {
    code,
    ...(field === undefined ? {} : { field }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** An error of the command bus as GraphQL's, with the same code, field and message; any other error as it is. */
export function asGraphqlError(error: unknown): unknown {
  if (!(error instanceof BusError)) return error;
  const { code, retryAfter } = error;
  const status = code === 'UNAVAILABLE' ? 503 : 429;
  // Apollo takes the headers as a Map, which the type that it declares does not know.
  const http: Record<string, unknown> =
    retryAfter === undefined ? {} : { http: { status, headers: new Map([['retry-after', String(retryAfter)]]) } };
  return new GraphQLError(error.message, { extensions: { ...extensionsOf(error), ...http } });
}
