/** Types of the schema for the resolvers (`schema/types.generated.ts`); `npm run generate` writes them, CI checks them. */
import type { CodegenConfig } from '@graphql-codegen/cli';
import { allAggregates, entityType } from './domain/registry.ts';

/** What stands behind an aggregate's types: its document, and a page of them. */
const ofAggregates = Object.fromEntries(
  allAggregates.flatMap((aggregate) => {
    const type = entityType(aggregate);
    return [
      [type, `../projectors/documents.ts#${type}Doc`],
      [`${type}Connection`, `../resolvers/${aggregate.name}.ts#${type}Page`],
    ];
  }),
);

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
          ...ofAggregates,
          PurchaseLine: '../projectors/documents.ts#LineDoc',
          Transaction: '../domain/transaction.ts#TransactionRecord',
          TransactionConnection: '../resolvers/transactions.ts#TransactionPage',
          Receipt: '../transactions/submit.ts#SubmitReceipt',
          Viewer: '../resolvers/context.ts#ViewerIdentity',
        },
      },
    },
  },
};

export default config;
