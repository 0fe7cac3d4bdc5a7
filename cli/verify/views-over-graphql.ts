/** The views of a running server, read page by page through its GraphQL API: embedded views belong to it alone. */
import { z } from 'zod';
import type { LiveViews } from '../../audit/live-views.ts';
import type { ShownName } from '../../domain/index.ts';
import { aggregateNamed, isShownName, shownNames } from '../../domain/registry.ts';
import type { Executor, Operation } from '../../import/executor.ts';
import { LARGEST_PAGE } from '../../resolvers/connection.ts';
import { modulesOfAggregates } from '../../resolvers/index.ts';
import type { Shown } from '../../resolvers/shown.ts';
import type { Doc } from '../../views/view-store.ts';

const node = z.object({ id: z.string() }).loose();
type Node = z.infer<typeof node>;

/** The largest page there is, and half the fields at the root that one operation may have. */
const AT_ONCE = 50;

export function viewsOverGraphql(executor: Executor): LiveViews {
  return {
    views: shownNames,
    async *pages(view) {
      const operation = pageOf(view, shownOf(view));
      for (let after: string | null = null; ; ) {
        const { page }: PageAnswer = await executor.execute(operation, { after });
        yield byId(page.nodes);
        if (!page.pageInfo.hasNextPage) return;
        after = page.pageInfo.endCursor;
      }
    },
    async get(view, ids) {
      const found: Node[] = [];
      for (let start = 0; start < ids.length; start += AT_ONCE) {
        const some = ids.slice(start, start + AT_ONCE);
        const variables = Object.fromEntries(some.map((id, i) => [`id${i}`, id]));
        const answer = await executor.execute(someOf(view, some.length), variables);
        found.push(...Object.values(answer).filter((each) => each !== null));
      }
      return byId(found);
    },
    shown,
  };
}

/** The view's aggregate: the list's field is named like the view. */
function aggregateOf(view: string): ShownName {
  if (!isShownName(view)) throw new RangeError(`the server does not show a view ${view}`);
  return view;
}

/** How the API shows the documents of a view. */
function shownOf(view: string): Shown<never> {
  return modulesOfAggregates[aggregateOf(view)].shown;
}

interface PageAnswer {
  readonly page: {
    readonly nodes: readonly Node[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

function pageOf(view: string, { filter, fields }: Shown<never>): Operation<PageAnswer> {
  return {
    document: `query Verify($after: String) {
      page: ${view}(${filter === undefined ? '' : `filter: ${filter}, `}first: ${LARGEST_PAGE}, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }
    }`,
    data: z.object({
      page: z.object({
        nodes: z.array(node),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      }),
    }),
  };
}

function someOf(view: string, count: number): Operation<Record<string, Node | null>> {
  const { fields } = shownOf(view);
  const one = aggregateNamed(aggregateOf(view)).idField.replace(/Id$/, '');
  const numbers = Array.from({ length: count }, (_, i) => i);
  return {
    document: `query Verify(${numbers.map((i) => `$id${i}: ID!`).join(', ')}) {
      ${numbers.map((i) => `d${i}: ${one}(id: $id${i}) { ${fields} }`).join('\n')}
    }`,
    data: z.record(z.string(), node.nullable()),
  };
}

function byId(nodes: readonly Node[]): ReadonlyMap<string, unknown> {
  return new Map(nodes.map((each) => [each.id, each]));
}

/** A document as the API shows it; what it shows nothing of (a placeholder) is undefined. */
function shown(view: string, doc: Doc): unknown {
  // A placeholder is shown to nobody. Which type a view's documents have is known by the view's name alone.
  return 'version' in doc && doc.version === 0 ? undefined : shownOf(view).shown(doc as never);
}
