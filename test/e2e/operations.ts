/** The operations that end-to-end tests send again and again. */
import type { GraphQLAnswer, Server } from './server.ts';

export const TRANSACTION = /* GraphQL */ `
  subscription ($id: ID!) {
    transaction(id: $id) {
      id status command entityId entityVersion issuedBy finishedAt
      steps { name status entityId }
      rejection { code message field }
    }
  }
`;

export const REGISTER =
  'mutation ($input: RegisterCustomerInput!) { done: registerCustomer(input: $input) { transactionId id } }';
export const UPDATE_CUSTOMER =
  'mutation ($input: UpdateCustomerInput!) { done: updateCustomer(input: $input) { transactionId id } }';
export const REMOVE_CUSTOMER =
  'mutation ($input: RemoveCustomerInput!) { done: removeCustomer(input: $input) { transactionId id } }';
export const ADD = 'mutation ($input: AddProductInput!) { done: addProduct(input: $input) { transactionId id } }';
export const UPDATE_PRODUCT =
  'mutation ($input: UpdateProductInput!) { done: updateProduct(input: $input) { transactionId id } }';
export const RESTOCK =
  'mutation ($input: RestockProductInput!) { done: restockProduct(input: $input) { transactionId id } }';
export const WRITE_OFF =
  'mutation ($input: WriteOffStockInput!) { done: writeOffStock(input: $input) { transactionId id } }';
export const REINSTATE =
  'mutation ($input: ReinstateProductInput!) { done: reinstateProduct(input: $input) { transactionId id } }';
export const DISCONTINUE =
  'mutation ($input: DiscontinueProductInput!) { done: discontinueProduct(input: $input) { transactionId id } }';
export const PLACE =
  'mutation ($input: PlacePurchaseInput!) { done: placePurchase(input: $input) { transactionId id acceptedAt transaction { status } } }';
export const CANCEL =
  'mutation ($input: CancelPurchaseInput!) { done: cancelPurchase(input: $input) { transactionId id } }';
export const ADD_WEBHOOK =
  'mutation ($input: AddWebhookInput!) { done: addWebhook(input: $input) { transactionId id } }';

export interface Ended {
  readonly transactionId: string;
  readonly id: string;
  readonly status: string;
  readonly code: string | undefined;
  readonly field: string | undefined;
  readonly statuses: readonly string[];
  readonly version: number | null;
}

/** Sends a mutation that must be accepted; its receipt. */
export async function submit(server: Server, mutation: string, input: object, token?: string) {
  const answer: GraphQLAnswer = await server.graphql(mutation, { input }, token);
  if (answer.errors) throw new Error(`refused at once: ${JSON.stringify(answer.errors)}`);
  return answer.data.done as { readonly transactionId: string; readonly id: string; readonly acceptedAt: string };
}

/** Follows a transaction to its end. */
export async function ended(server: Server, transactionId: string, token?: string): Promise<Ended> {
  const answers = await server.all(TRANSACTION, { id: transactionId }, token);
  const last = answers.at(-1)?.data?.transaction;
  if (!last) throw new Error(`no status: ${JSON.stringify(answers)}`);
  return {
    transactionId,
    id: last.entityId,
    status: last.status,
    code: last.rejection?.code,
    field: last.rejection?.field,
    statuses: answers.map(({ data }) => data.transaction.status),
    version: last.entityVersion,
  };
}

/** Sends a mutation and waits for its end. */
export async function run(server: Server, mutation: string, input: object, token?: string): Promise<Ended> {
  const { transactionId } = await submit(server, mutation, input, token);
  return await ended(server, transactionId, token);
}

/** A customer and a product to buy, made anew. */
export async function shop(server: Server, stock: number, price = '12.50') {
  const customer = await run(server, REGISTER, { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' });
  const product = await run(server, ADD, { name: 'Chai tea', price, stock });
  return { customerId: customer.id, productId: product.id };
}
