/** The GraphQL documents an import sends, and what they answer with. */
import { z } from 'zod';
import type { FailedElement, Operation } from './executor.ts';

const transaction = z.object({
  id: z.string(),
  status: z.enum(['ACCEPTED', 'PENDING', 'COMPLETED', 'REJECTED']),
  entityVersion: z.number().nullable(),
  rejection: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type ImportedTransaction = z.infer<typeof transaction>;
const TRANSACTION = 'id status entityVersion rejection { code message }';

const receipt = z.object({ acceptedAt: z.string(), transaction });
export type ImportReceipt = z.infer<typeof receipt>;

const failed: z.ZodType<FailedElement> = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** A receipt for each command, or why it was not begun. */
export const submitCommands: Operation<{ receipts: (ImportReceipt | FailedElement)[] }> = {
  document: `mutation Import($commands: [CommandInput!]!) {
    receipts: submitCommands(commands: $commands) { acceptedAt transaction { ${TRANSACTION} } }
  }`,
  data: z.object({ receipts: z.array(z.union([receipt, failed])) }),
  elements: 'receipts',
};

export const viewer: Operation<{ viewer: { id: string; isAdmin: boolean } }> = {
  document: 'query Viewer { viewer { id isAdmin } }',
  data: z.object({ viewer: z.object({ id: z.string(), isAdmin: z.boolean() }) }),
};

/** Told when it ends: what lies between is not waited for. */
export const ownTransactions: Operation<{ transactions: ImportedTransaction }> = {
  document: `subscription ImportOutcomes { transactions(status: [COMPLETED, REJECTED]) { ${TRANSACTION} } }`,
  data: z.object({ transactions: transaction }),
};

/** How many look-ups one operation may hold: half the fields at the root that the server allows. */
export const LOOKED_UP_AT_ONCE = 50;

/** Asks for many in one request, by their ids; null for what is not there. */
function byIds<T>(
  name: string,
  field: string,
  fields: string,
  schema: z.ZodType<T>,
): (ids: readonly string[]) => { operation: Operation<(T | null)[]>; variables: Record<string, string> } {
  const data = z.record(z.string(), schema.nullable());
  return (ids) => {
    const names = ids.map((_, i) => `n${i}`);
    return {
      operation: {
        document: `query ${name}(${names.map((each) => `$${each}: ID!`).join(', ')}) {
          ${names.map((each) => `${each}: ${field}(id: $${each}) { ${fields} }`).join('\n')}
        }`,
        data: data.transform((found) => names.map((each) => found[each] ?? null)),
      },
      variables: Object.fromEntries(ids.map((id, i) => [`n${i}`, id])),
    };
  };
}

export const transactionsByIds = byIds('ImportedTransactions', 'transaction', TRANSACTION, transaction);

const customer = z.object({
  version: z.number(),
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().nullable(),
  removed: z.boolean(),
});
export type CustomerThere = z.infer<typeof customer>;
export const customersByIds = byIds(
  'ImportedCustomers',
  'customer',
  'version firstName lastName email removed',
  customer,
);

const product = z.object({
  version: z.number(),
  name: z.string(),
  price: z.string(),
  stock: z.number(),
  received: z.number(),
  discontinued: z.boolean(),
});
export type ProductThere = z.infer<typeof product>;
export const productsByIds = byIds(
  'ImportedProducts',
  'product',
  'version name price stock received discontinued',
  product,
);

const purchase = z.object({
  status: z.enum(['PENDING', 'CONFIRMED', 'CANCELLED', 'REJECTED']),
  customer: z.object({ id: z.string() }),
  placedAt: z.string(),
  lines: z.array(
    z.object({
      product: z.object({ id: z.string() }),
      quantity: z.number(),
      unitPrice: z.string().nullable(),
      discount: z.string().nullable(),
    }),
  ),
  rejection: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type PurchaseThere = z.infer<typeof purchase>;
export const purchasesByIds = byIds(
  'ImportedPurchases',
  'purchase',
  'status customer { id } placedAt lines { product { id } quantity unitPrice discount } rejection { code message }',
  purchase,
);
