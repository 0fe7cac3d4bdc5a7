/** Brings one customer in: registers it, or changes what is different. */
import type { CustomerThere } from './operations.ts';
import { type Bringing, conflict, create, Looks, type RowOutcome } from './row-outcome.ts';
import type { ShopCustomer } from './shop-data.ts';

type Changes = Readonly<Partial<Pick<ShopCustomer, 'firstName' | 'lastName' | 'email'>>>;

export async function bringCustomer(row: ShopCustomer, bringing: Bringing): Promise<RowOutcome> {
  const { ids, shop, update, give, signal } = bringing;
  const id = ids.of('customer', row.id);
  const looks = new Looks(signal);
  for (;;) {
    const there = await shop.customer(id);
    if (there?.removed) {
      return {
        there: true,
        problem: { code: 'CUSTOMER_REMOVED', message: 'the customer has been removed in the shop' },
      };
    }
    const changes = there === null || row.onlyIfNew ? {} : differences(row, there);
    const names = Object.keys(changes);
    if (there !== null && names.length === 0) return { there: true };
    if (there !== null && !update) return { there: true, problem: conflict(told(changes, there)) };
    const input = { customerId: id, ...changes, ifVersion: there?.version };
    const { refusal } =
      there === null
        ? await create(bringing, 'registerCustomer', registered(id, row))
        : await give({ name: 'updateCustomer', input: { ...input, idempotencyKey: ids.key('updateCustomer', input) } });
    if (refusal === undefined) return { there: true, updated: there !== null };
    if (!(await looks.again(refusal))) return { there: there !== null, problem: refusal };
  }
}

function registered(
  id: string,
  { id: shopId, number = shopId, firstName, lastName, email }: ShopCustomer,
): Readonly<Record<string, unknown>> {
  return { id, number, firstName, lastName, ...(email === undefined ? {} : { email }) };
}

/** What the row says otherwise. A row without an e-mail says nothing of it. */
function differences(row: ShopCustomer, there: CustomerThere): Changes {
  return {
    ...(row.firstName === there.firstName ? {} : { firstName: row.firstName }),
    ...(row.lastName === there.lastName ? {} : { lastName: row.lastName }),
    ...(row.email === undefined || row.email === there.email ? {} : { email: row.email }),
  };
}

function told(changes: Changes, there: CustomerThere): string {
  const each = Object.entries(changes).map(
    ([field, wanted]) => `${field} is ${JSON.stringify(Reflect.get(there, field))}, not ${JSON.stringify(wanted)}`,
  );
  return `in the shop ${each.join(', ')}`;
}
