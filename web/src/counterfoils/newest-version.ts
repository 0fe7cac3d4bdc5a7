/** Gives a command that was rejected for its `ifVersion` the entity's newest version. */
import { client } from '../graph/client';
import { definitionOf, kindOfCommand, type Order, singularOf } from '../graph/kinds';

/**
 * The command with the newest version in `ifVersion`, read from the server; as it is where it asks for no version.
 * @throws when the server does not answer
 */
export async function newestVersion(order: Order): Promise<Order> {
  const kind = kindOfCommand(order.command);
  if (kind === undefined || !('ifVersion' in order.input)) return order;
  const singular = singularOf(kind);
  const id: unknown = Reflect.get(order.input, `${singular}Id`);
  const { data } = await client.query({
    query: definitionOf(kind).one,
    variables: { id: String(id) },
    fetchPolicy: 'network-only',
  });
  const entity = (data as Readonly<Record<string, { readonly version: number } | null>> | undefined)?.[singular];
  return { ...order, input: { ...order.input, ifVersion: entity?.version ?? null } } as Order;
}
