/**
 * The id of the customer that a user registers for itself, derived from the user's id. So a second registration is for the
 * same entity, and that entity's own rule ends it ALREADY_EXISTS: in one partition of the log, also when two gateways took
 * both at the same moment. No list of users is needed, and no user can take the id of another.
 */
import { v5 } from 'uuid';

/** A namespace of our own (RFC 9562, 6.6). Never to be changed: ids on the log were made with it. */
const CUSTOMERS_OF_USERS = '5b0c4f0e-8d0a-4c1e-9a57-2f1c6f5d7e31';

/**
 * A UUID of version 5, which is SHA-1 of namespace and user: the same for the same user, for ever. Half of a surrogate pair
 * is replaced, for `v5` throws on it: a command that binds such a user is rejected by its check, and that is to be told.
 */
export function customerIdOf(userId: string): string {
  return v5(userId.toWellFormed(), CUSTOMERS_OF_USERS);
}
