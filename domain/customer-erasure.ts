/**
 * Erasing a customer. Only a removed one can be: removal lasts, and a removed customer approves nothing, so whoever has looked
 * for pending purchases after it need not look again. See docs/decisions/erasure.md.
 */
import type { Message, Rejection } from './aggregate.ts';
import type { CustomerCommands, CustomerEvents, CustomerState } from './customer.ts';
import { mustExist } from './rules.ts';

/** Nothing to do where it has been erased already. */
export function erase(
  { customerId, evenIfReadable }: CustomerCommands['eraseCustomer'],
  was: CustomerState,
): readonly Message<CustomerEvents>[] | Rejection {
  const missing = mustExist('customer', 'customerId', customerId, was, undefined);
  if (missing) return missing;
  if (was.erased) return [];
  if (!was.removed) {
    const message = `customer ${customerId} has not been removed: remove it first, and erase it then`;
    return { code: 'CUSTOMER_NOT_REMOVED', message, field: 'customerId' };
  }
  if (was.readable && evenIfReadable !== true) {
    const message = `records of customer ${customerId} are not sealed: they stay on the log, and can be read there`;
    return { code: 'CUSTOMER_READABLE', message, field: 'evenIfReadable' };
  }
  return [{ type: 'CustomerErased', data: { readable: was.readable } }];
}
