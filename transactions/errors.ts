/** Errors that a client sees, each with the code that programs go by. */
import { GraphQLError } from 'graphql';

export function badInput(field: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', field } });
}

export function forbidden(what: string): GraphQLError {
  return new GraphQLError(`${what}: only for admins`, { extensions: { code: 'FORBIDDEN' } });
}

export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'NOT_FOUND' } });
}

export function unavailable(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAVAILABLE' } });
}

/** Ends a subscription whose subscriber may have missed something. */
export function resubscribe(why: string): GraphQLError {
  return new GraphQLError(`${why}: subscribe again, and read again what you show`, {
    extensions: { code: 'RESUBSCRIBE' },
  });
}
