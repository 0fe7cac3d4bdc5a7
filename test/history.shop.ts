/** A small shop whose past can be asked for: books of the real processors, the views and the index made of them, the schema. */
import { graphql } from 'graphql';
import { contextOf, serviceSchema } from '../gateway/index.ts';
import { History } from '../history/history.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { everyProjector } from '../projectors/index.ts';
import { ViewFeed } from '../projectors/view-feed.ts';
import type { Services, ViewerIdentity } from '../resolvers/context.ts';
import type { TransactionTracker } from '../transactions/transaction-tracker.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { Books } from './audit.books.ts';

const ADMIN: ViewerIdentity = { id: 'root', roles: ['admin'], isAdmin: true };
export const VISITOR: ViewerIdentity = { id: 'anonymous', roles: [], isAdmin: false, isVisitor: true };

export function customerNamed(id: string): ViewerIdentity {
  return { id, roles: [], isAdmin: false };
}

export interface Answer {
  // Whatever the query asks for.
  readonly data: Record<string, never> | null;
  readonly errors: readonly { readonly message: string; readonly code: unknown }[];
}

const schema = serviceSchema();

export class PastShop {
  readonly books = new Books();
  readonly views = openTemporaryViews({ views: viewSpecs });
  readonly history: History;
  readonly #feed: ViewFeed;

  constructor() {
    const log = this.books.log();
    this.#feed = new ViewFeed({ log, views: this.views, projectors: everyProjector });
    this.history = new History({ log, views: this.views });
  }

  /** Brings views and index to the end of the books. */
  async project(): Promise<void> {
    await this.#feed.advance();
  }

  async ask(source: string, viewer: ViewerIdentity = ADMIN): Promise<Answer> {
    // No statuses are left: as after more than a week, with views that were built again.
    const tracker = { lookUp: async () => undefined } as unknown as TransactionTracker;
    const services = { views: this.views, history: this.history, tracker } as Services;
    const contextValue = contextOf(services)({ viewer, traceparent: undefined, operation: {} });
    const { data, errors } = await graphql({ schema, source, contextValue });
    return {
      data: JSON.parse(JSON.stringify(data ?? null)),
      errors: (errors ?? []).map(({ message, extensions, originalError }) => ({
        message,
        code: extensions['code'] ?? Reflect.get(Object(originalError), 'code'),
      })),
    };
  }

  close(): Promise<void> {
    return this.views.close();
  }
}
