/** Types of the schema for the resolvers (`schema/types.generated.ts`); `npm run generate` writes them, CI checks them. */
import { readFileSync } from 'node:fs';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { entityType, shownAggregates } from './domain/registry.ts';

const DOCUMENTS = 'projectors/documents.ts';

/** A type of the schema is made of the document named after it, where there is one: `PurchaseLine` of `PurchaseLineDoc`. */
const ofDocuments = Object.fromEntries(
  [...readFileSync(DOCUMENTS, 'utf8').matchAll(/\btype (\w+)Doc\b/g)].map(([, type = '']) => [
    type,
    `../${DOCUMENTS}#${type}Doc`,
  ]),
);

/** A list of an aggregate's entities is made of a page of their documents. */
const ofPages = Object.fromEntries(
  shownAggregates.map((aggregate) => {
    const type = entityType(aggregate);
    return [`${type}Connection`, `../resolvers/${aggregate.name}.ts#${type}Page`];
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
          Share: { input: 'number', output: 'number' },
          SafeInt: { input: 'number', output: 'number' },
          DateTime: { input: '../resolvers/given-time.ts#GivenTime', output: 'string' },
          TimeZone: { input: 'string', output: 'string' },
          JSON: { input: 'unknown', output: 'unknown' },
        },
        mappers: {
          ...ofDocuments,
          ...ofPages,
          Transaction: '../domain/transaction.ts#TransactionRecord',
          TransactionConnection: '../resolvers/transactions.ts#TransactionPage',
          EntityEvent: '../resolvers/shown-events.ts#ShownEvent',
          EntityEventConnection: '../resolvers/shown-events.ts#EventPage',
          DeliveryConnection: '../resolvers/webhooks.ts#DeliveryPage',
          LogRecord: '../history/past-record.ts#PastRecord',
          LogRecordConnection: '../resolvers/entity-log.ts#LogPage',
          EventNews: '../history/follow-events.ts#ToldEvent',
          System: '../operations/console.ts#SystemNow',
          Process: '../operations/processes.ts#SeenProcess',
          Job: '../operations/console.ts#JobNow',
          DeadLetter: '../resolvers/console.ts#Letter',
          DeadLetterConnection: '../resolvers/console.ts#DeadLetterPage',
          AwaitedCommand: '../resolvers/console.ts#Awaited',
          StuckTransaction: '../resolvers/console.ts#StuckNow',
          Receipt: '../transactions/submit.ts#SubmitReceipt',
          Viewer: '../resolvers/context.ts#ViewerIdentity',
        },
      },
    },
  },
};

export default config;
