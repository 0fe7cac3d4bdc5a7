/** Loading the sample orders, for a shop that is empty. */
import type { MutationResolvers, QueryResolvers, SubscriptionResolvers } from '../schema/types.generated.ts';
import type { SampleImportState } from './context.ts';

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

export const samples = { Query: queries, Mutation: mutations, Subscription: subscriptions };
