/** Who may see what: one's own transactions and the products are for everyone signed in, the joined views for admins. */
import type { TransactionRecord } from '../domain/transaction.ts';
import type { Context, ViewerIdentity } from './context.ts';
import { forbidden } from './errors.ts';

export function mayNotSee(viewer: ViewerIdentity, { issuedBy }: Pick<TransactionRecord, 'issuedBy'>): boolean {
  return !viewer.isAdmin && issuedBy !== viewer.id;
}

/** @throws {GraphQLError} FORBIDDEN */
export function adminsOnly({ viewer }: Context, what: string): void {
  if (!viewer.isAdmin) throw forbidden(what);
}
