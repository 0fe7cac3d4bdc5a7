/** What a resolver may use: who asks, and the parts behind the ports. Made anew for every operation. */
import type { ViewStore } from '../views/view-store.ts';
import type { Loaders } from './loaders.ts';
import type { Submit } from './submit.ts';
import type { TransactionTracker } from './transaction-tracker.ts';

export interface ViewerIdentity {
  /** The token's `sub`, or `anonymous`. */
  readonly id: string;
  readonly roles: readonly string[];
  readonly isAdmin: boolean;
}

/** What the resolvers share, for as long as the gateway runs. */
export interface Services {
  readonly views: ViewStore;
  readonly submit: Submit;
  readonly tracker: TransactionTracker;
}

export interface Context extends Services {
  readonly viewer: ViewerIdentity;
  readonly loaders: Loaders;
  /** W3C trace context of the request, if it had one. */
  readonly traceparent: string | undefined;
}
