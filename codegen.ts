/** Types of the schema for the resolvers (`schema/types.generated.ts`); `npm run generate` writes them, CI checks them. */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  generates: {
    'schema/types.generated.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        contextType: '../resolvers/context.ts#Context',
        useTypeImports: true,
        enumsAsTypes: true,
        immutableTypes: true,
        strictScalars: true,
        scalars: {
          ID: { input: 'string', output: 'string' },
          Money: { input: 'bigint', output: 'number | bigint' },
          SafeInt: { input: 'number', output: 'number' },
          DateTime: { input: 'string', output: 'string' },
        },
        mappers: {
          Customer: '../projectors/documents.ts#CustomerDoc',
          Product: '../projectors/documents.ts#ProductDoc',
          Purchase: '../projectors/documents.ts#PurchaseDoc',
          PurchaseLine: '../projectors/documents.ts#LineDoc',
          Transaction: '../domain/transaction.ts#TransactionRecord',
          CustomerConnection: '../resolvers/pages.ts#CustomerPage',
          ProductConnection: '../resolvers/pages.ts#ProductPage',
          PurchaseConnection: '../resolvers/pages.ts#PurchasePage',
          TransactionConnection: '../resolvers/pages.ts#TransactionPage',
          Receipt: '../transactions/submit.ts#SubmitReceipt',
          Viewer: '../resolvers/context.ts#ViewerIdentity',
        },
      },
    },
  },
};

export default config;
