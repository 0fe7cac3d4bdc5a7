/** Gives a command that was rejected for its `ifVersion` the entity's newest version. */
import { CustomerDocument, ProductDocument, PurchaseDocument } from '../gql/graphql';
import { client } from '../graph/client';
import type { Order } from './counterfoil';

/**
 * The command with the newest version in `ifVersion`, read from the server; as it is where a command has no version.
 * @throws when the server does not answer
 */
export async function newestVersion(order: Order): Promise<Order> {
  const fetchPolicy = 'network-only' as const;
  switch (order.command) {
    case 'updateCustomer':
    case 'removeCustomer': {
      const { data } = await client.query({
        query: CustomerDocument,
        variables: { id: order.input.customerId },
        fetchPolicy,
      });
      const ifVersion = data?.customer?.version ?? null;
      return order.command === 'updateCustomer'
        ? { command: order.command, input: { ...order.input, ifVersion } }
        : { command: order.command, input: { ...order.input, ifVersion } };
    }
    case 'updateProduct':
    case 'restockProduct':
    case 'discontinueProduct': {
      const { data } = await client.query({
        query: ProductDocument,
        variables: { id: order.input.productId },
        fetchPolicy,
      });
      const ifVersion = data?.product?.version ?? null;
      return { ...order, input: { ...order.input, ifVersion } } as Order;
    }
    case 'cancelPurchase': {
      const { data } = await client.query({
        query: PurchaseDocument,
        variables: { id: order.input.purchaseId },
        fetchPolicy,
      });
      return { command: order.command, input: { ...order.input, ifVersion: data?.purchase?.version ?? null } };
    }
    case 'registerCustomer':
    case 'addProduct':
    case 'placePurchase':
      return order;
  }
}
