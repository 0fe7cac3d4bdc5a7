/** Commands as the domain takes them, of what a page is about to send. The gateway makes the same of a mutation's input. */

import { ask } from '../../../domain/follow-up';
import { customerIdOf, type FollowUp } from '../../../domain/index';
import type { Order } from '../graph/kinds';
import { toMinor } from '../text/money';

/** In place of the id that the gateway will make. */
const NEW = 'new';

/** The field when it is given. */
function given<N extends string, V>(name: N, value: V | undefined): { [K in N]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [K in N]?: V });
}

const minor = (money: string): number => Number(toMinor(money));

/**
 * The command of an order; null for one that is not foreseen.
 * @param user who registers as a customer, so that the record will be its own; null: staff
 */
export function commandOf(order: Order, user: string | null): FollowUp | null {
  // A number is asked of its owner before anything else is decided, and the page does not know what that one holds.
  if ('number' in order.input && order.input.number !== undefined) return null;
  switch (order.command) {
    case 'registerCustomer': {
      const { id, firstName, lastName, email, userId } = order.input;
      const customerId = id ?? (user === null ? NEW : customerIdOf(user));
      const data = { customerId, firstName, lastName, email: email ?? null, ...given('userId', userId) };
      return ask('customers', customerId, order.command, data);
    }
    case 'updateCustomer': {
      const { customerId, firstName, lastName, email, userId, ifVersion } = order.input;
      return ask('customers', customerId, order.command, {
        customerId,
        ...given('firstName', firstName ?? undefined),
        ...given('lastName', lastName ?? undefined),
        ...given('email', email),
        ...given('userId', userId),
        ...given('ifVersion', ifVersion ?? undefined),
      });
    }
    case 'removeCustomer': {
      const { customerId, ifVersion } = order.input;
      return ask('customers', customerId, order.command, { customerId, ...given('ifVersion', ifVersion ?? undefined) });
    }
    case 'addProduct': {
      const { id, name, price, stock } = order.input;
      const productId = id ?? NEW;
      return ask('products', productId, order.command, { productId, name, price: minor(price), stock: stock ?? 0 });
    }
    case 'updateProduct': {
      const { productId, name, price, ifVersion } = order.input;
      return ask('products', productId, order.command, {
        productId,
        ...given('name', name ?? undefined),
        ...given('price', price ? minor(price) : undefined),
        ...given('ifVersion', ifVersion ?? undefined),
      });
    }
    case 'restockProduct':
    case 'writeOffStock': {
      const { productId, quantity } = order.input;
      return ask('products', productId, order.command, { productId, quantity });
    }
    case 'discontinueProduct':
    case 'reinstateProduct': {
      const { productId } = order.input;
      return ask('products', productId, order.command, { productId });
    }
    case 'placePurchase': {
      const { id, customerId, lines } = order.input;
      const purchaseId = id ?? NEW;
      const wanted = lines.map(({ productId, quantity }) => ({ productId, quantity }));
      return ask('purchases', purchaseId, order.command, { purchaseId, customerId, lines: wanted });
    }
    case 'cancelPurchase': {
      const { purchaseId } = order.input;
      return ask('purchases', purchaseId, order.command, { purchaseId });
    }
    default:
      return null;
  }
}

/** Whether the order brings about what it is about. */
export const isOfNew = ({ command }: Order): boolean =>
  command === 'registerCustomer' || command === 'addProduct' || command === 'placePurchase';
