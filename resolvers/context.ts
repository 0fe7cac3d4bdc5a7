/** What a resolver may use: who asks, and the parts behind the ports. Made anew for every operation. */

import type { History } from '../history/history.ts';
import type { Console } from '../operations/console.ts';
import type { OrderDeliveries } from '../transactions/delivery-orders.ts';
import type { QueueMeter } from '../transactions/latest-queue.ts';
import type { Reflection } from '../transactions/reflection.ts';
import type { Submit } from '../transactions/submit.ts';
import type { TransactionTracker } from '../transactions/transaction-tracker.ts';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import type { ViewStore } from '../views/view-store.ts';
import type { Loaders } from './loaders.ts';

export type { ViewerIdentity } from '../transactions/viewer.ts';

/** How the loading of the sample orders goes; as in the schema. */
export interface SampleImportState {
  readonly running: boolean;
  readonly phase: string;
  readonly done: number;
  readonly total: number;
  readonly confirmed: number;
  readonly rejected: number;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: string | null;
}

export interface SampleImporter {
  now(): SampleImportState;
  /** Begins, on behalf of the viewer, unless it is running already. */
  start(viewer: ViewerIdentity): SampleImportState;
  /** As it is now, then as it goes on; ends when the import ends. */
  follow(): AsyncIterableIterator<SampleImportState>;
}

/** What the resolvers share, for as long as the gateway runs. */
export interface Services {
  readonly views: ViewStore;
  readonly submit: Submit;
  readonly tracker: TransactionTracker;
  readonly reflection: Reflection;
  readonly history: History;
  readonly samples: SampleImporter;
  readonly console: Console;
  /** Told of what subscribers are sent. */
  readonly meter?: QueueMeter | undefined;
  /** Whether personal fields are sealed, so that they can be erased. Default: they are not. */
  readonly canErase?: boolean;
  /** Seals the secret of a webhook. Undefined: there is no master key. */
  readonly sealSecret?: ((secret: string) => Promise<string>) | undefined;
  readonly orderDeliveries: OrderDeliveries;
}

export interface Context extends Services {
  readonly viewer: ViewerIdentity;
  readonly loaders: Loaders;
  /** W3C trace context of the request, if it had one. */
  readonly traceparent: string | undefined;
  /** When the request came, `performance.now()`, where that is known. */
  readonly since?: number | undefined;
  /** Stands for the operation. The context does not: Apollo executes with a copy of it. */
  readonly operation: object;
}
