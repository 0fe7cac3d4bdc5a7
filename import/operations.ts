/** The GraphQL documents an import sends, and what they answer with. */
import { z } from 'zod';
import type { Operation } from './executor.ts';

const transaction = z.object({
  id: z.string(),
  status: z.enum(['ACCEPTED', 'PENDING', 'COMPLETED', 'REJECTED']),
  rejection: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type ImportedTransaction = z.infer<typeof transaction>;
const TRANSACTION = 'id status rejection { code message }';

const receipt = z.object({ acceptedAt: z.string(), transaction });
export type ImportReceipt = z.infer<typeof receipt>;

function mutation(name: string, input: string): Operation<{ receipt: ImportReceipt }> {
  return {
    document: `mutation Import($input: ${input}!) {
      receipt: ${name}(input: $input) { acceptedAt transaction { ${TRANSACTION} } }
    }`,
    data: z.object({ receipt }),
  };
}

export const registerCustomer = mutation('registerCustomer', 'RegisterCustomerInput');
export const addProduct = mutation('addProduct', 'AddProductInput');
export const placePurchase = mutation('placePurchase', 'PlacePurchaseInput');
export const discontinueProduct = mutation('discontinueProduct', 'DiscontinueProductInput');

export const viewer: Operation<{ viewer: { id: string; isAdmin: boolean } }> = {
  document: 'query Viewer { viewer { id isAdmin } }',
  data: z.object({ viewer: z.object({ id: z.string(), isAdmin: z.boolean() }) }),
};

export const ownTransactions: Operation<{ transactions: ImportedTransaction }> = {
  document: `subscription ImportOutcomes { transactions { ${TRANSACTION} } }`,
  data: z.object({ transactions: transaction }),
};

/** Many transactions in one request; the server allows 100 fields at the root. */
export function lookUp(ids: readonly string[]): {
  operation: Operation<(ImportedTransaction | null)[]>;
  variables: Record<string, string>;
} {
  const names = ids.map((_, i) => `t${i}`);
  return {
    operation: {
      document: `query ImportOutcomes(${names.map((name) => `$${name}: ID!`).join(', ')}) {
        ${names.map((name) => `${name}: transaction(id: $${name}) { ${TRANSACTION} }`).join('\n')}
      }`,
      data: z.record(z.string(), transaction.nullable()).transform((found) => names.map((name) => found[name] ?? null)),
    },
    variables: Object.fromEntries(ids.map((id, i) => [`t${i}`, id])),
  };
}
