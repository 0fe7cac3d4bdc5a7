/** Loading the sample orders, for a shop that is empty. */
import type { MutationResolvers, QueryResolvers, SubscriptionResolvers } from '../schema/types.generated.ts';
import type { SampleImportState } from './context.ts';
import { ADMIN, AS_ITS_OBJECT } from './rights.ts';
import type { SchemaModule } from './schema-module.ts';

const queries: QueryResolvers = {
  sampleImport: (_, __, context) => context.samples.now(),
};

const mutations: MutationResolvers = {
  loadSamples: (_, __, context) => context.samples.start(context.viewer),
};

const subscriptions: SubscriptionResolvers = {
  sampleImport: {
    subscribe: (_, __, context) => context.samples.follow(),
    resolve: (state: SampleImportState) => state,
  },
};

export const samples = {
  resolvers: { Query: queries, Mutation: mutations, Subscription: subscriptions },
  rights: {
    Query: { sampleImport: ADMIN },
    Mutation: { loadSamples: ADMIN },
    Subscription: { sampleImport: ADMIN },
    SampleImport: AS_ITS_OBJECT,
  },
} satisfies SchemaModule;
