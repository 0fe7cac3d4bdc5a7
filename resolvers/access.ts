/**
 * What is whose. `rights.ts` says which role a field asks for; here stands what a customer sees of a field that is its own:
 * its customer record, the purchases of that, its transactions. What is another's does not exist, by whichever way.
 */
import { type AggregateName, atLeast } from '../domain/index.ts';
import { aggregateNamed } from '../domain/registry.ts';
import type { TransactionRecord } from '../domain/transaction.ts';
import { CUSTOMERS, type CustomerDoc, type PurchaseDoc } from '../projectors/documents.ts';
import { roleOf } from '../transactions/viewer.ts';
import type { Filter, ViewStore } from '../views/view-store.ts';
import type { Context, ViewerIdentity } from './context.ts';

/** Staff and admins: all customers, purchases and transactions. */
export function seesAll(viewer: ViewerIdentity): boolean {
  return atLeast(roleOf(viewer), 'staff');
}

/** Who reads all entities of an aggregate and their records, as its definition says. */
export function seesAllOf(viewer: ViewerIdentity, aggregate: AggregateName): boolean {
  return atLeast(roleOf(viewer), readersOf(aggregate));
}

export function readersOf(aggregate: AggregateName): 'staff' | 'admin' {
  return aggregateNamed(aggregate).readers ?? 'staff';
}

export function mayNotSee(viewer: ViewerIdentity, { issuedBy }: Pick<TransactionRecord, 'issuedBy'>): boolean {
  if (seesAll(viewer)) return false;
  // Visitors have issued nothing; the name that they have in common may be that of others.
  return roleOf(viewer) === 'visitor' || issuedBy !== viewer.id;
}

/** Staff may have bound more than one to a user, at the same moment. */
const MOST_OWN = 100;

/** The customers that belong to a user: one, but for what staff bound twice at the same moment. */
export async function customersOf(views: Pick<ViewStore, 'find'>, userId: string): Promise<readonly CustomerDoc[]> {
  const filter: Filter = { userId, version: { $gte: 1 } };
  return await views.find<CustomerDoc>(CUSTOMERS, { filter, sort: [], limit: MOST_OWN });
}

export function isOwnCustomer({ userId }: Pick<CustomerDoc, 'userId'>, viewer: ViewerIdentity): boolean {
  return userId !== null && userId === viewer.id && roleOf(viewer) !== 'visitor';
}

/** Of a customer's purchases those that are not another's, who tried to buy for a customer that was not theirs. */
export function notAnothers(viewer: ViewerIdentity): Filter {
  return { userId: { $in: [null, viewer.id] } };
}

/** The viewer's own purchases: of customers that belong to the viewer now. */
export async function ownPurchases({ views, viewer }: Pick<Context, 'views' | 'viewer'>): Promise<Filter> {
  const own = roleOf(viewer) === 'visitor' ? [] : await customersOf(views, viewer.id);
  return { $and: [{ customerId: { $in: own.map(({ _id }) => _id) } }, notAnothers(viewer)] };
}

/** The same of one purchase. */
export async function isOwnPurchase(purchase: PurchaseDoc, { loaders, viewer }: Context): Promise<boolean> {
  if (purchase.userId !== null && purchase.userId !== viewer.id) return false;
  const customer = await loaders.customers.load(purchase.customerId);
  return customer !== undefined && isOwnCustomer(customer, viewer);
}
