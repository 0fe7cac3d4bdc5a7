/** The views of a running server, read page by page through its GraphQL API: embedded views live in its memory alone. */
import { z } from 'zod';
import type { LiveViews } from '../../audit/live-views.ts';
import type { AggregateName } from '../../domain/index.ts';
import { isAggregateName } from '../../domain/registry.ts';
import type { Executor, Operation } from '../../import/executor.ts';
import type { CustomerDoc, Documents, ProductDoc, PurchaseDoc } from '../../projectors/documents.ts';
import { LARGEST_PAGE } from '../../resolvers/connection.ts';
import { formatMoney } from '../../resolvers/scalars.ts';
import { valueOfExact } from '../../views/exact-integer.ts';
import type { Doc } from '../../views/view-store.ts';

const node = z.object({ id: z.string() }).loose();
type Node = z.infer<typeof node>;

/** How the API shows the documents of a view; the list's field is named like the view. */
interface Shape<D> {
  /** What the list's field is given, so that nothing is left out. */
  readonly filter: string;
  /** The field of one document. */
  readonly one: string;
  readonly fields: string;
  /** A document as `fields` show it. */
  shown(doc: D): unknown;
}

const SHAPES: { readonly [A in AggregateName]: Shape<Documents[A]> } = {
  customers: {
    filter: 'filter: { removed: null }, ',
    one: 'customer',
    fields: 'id version firstName lastName email removed purchaseCount totalSpent lastPurchaseAt',
    shown: shownCustomer,
  },
  products: {
    filter: '',
    one: 'product',
    fields: 'id version name price stock reserved discontinued purchaseCount customerCount unitsSold revenue',
    shown: shownProduct,
  },
  purchases: {
    filter: '',
    one: 'purchase',
    fields: `id version status customer { id } lines { product { id } quantity unitPrice total } total
      placedAt confirmedAt cancelledAt rejection { code message field }`,
    shown: shownPurchase,
  },
};

/** The largest page there is, and half the fields at the root that one operation may have. */
const AT_ONCE = 50;

export function viewsOverGraphql(executor: Executor): LiveViews {
  return {
    views: Object.keys(SHAPES),
    async *pages(view) {
      const operation = pageOf(view, shapeOf(view));
      for (let after: string | null = null; ; ) {
        const { page }: PageAnswer = await executor.execute(operation, { after });
        yield byId(page.nodes);
        if (!page.pageInfo.hasNextPage) return;
        after = page.pageInfo.endCursor;
      }
    },
    async get(view, ids) {
      const found: Node[] = [];
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const some = ids.slice(at, at + AT_ONCE);
        const variables = Object.fromEntries(some.map((id, i) => [`id${i}`, id]));
        const answer = await executor.execute(someOf(shapeOf(view), some.length), variables);
        found.push(...Object.values(answer).filter((each) => each !== null));
      }
      return byId(found);
    },
    shown,
  };
}

function shapeOf(view: string): Shape<never> {
  if (!isAggregateName(view)) throw new RangeError(`the server does not show a view ${view}`);
  return SHAPES[view];
}

interface PageAnswer {
  readonly page: {
    readonly nodes: readonly Node[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

function pageOf(view: string, { filter, fields }: Shape<never>): Operation<PageAnswer> {
  return {
    document: `query Verify($after: String) {
      page: ${view}(${filter}first: ${LARGEST_PAGE}, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }
    }`,
    data: z.object({
      page: z.object({
        nodes: z.array(node),
        pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
      }),
    }),
  };
}

function someOf({ one, fields }: Shape<never>, count: number): Operation<Record<string, Node | null>> {
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
  return 'version' in doc && doc.version === 0 ? undefined : shapeOf(view).shown(doc as never);
}

function shownCustomer({ _id: id, nameKey: _, words: __, references: ___, ...rest }: CustomerDoc): unknown {
  return { id, ...rest, totalSpent: formatMoney(valueOfExact(rest.totalSpent)) };
}

function shownProduct({ _id: id, nameKey: _, words: __, references: ___, ...rest }: ProductDoc): unknown {
  return { id, ...rest, price: formatMoney(rest.price), revenue: formatMoney(valueOfExact(rest.revenue)) };
}

function shownPurchase({
  _id: id,
  version,
  status,
  customerId,
  lines,
  total,
  rejection,
  ...rest
}: PurchaseDoc): unknown {
  const money = (amount: number | null) => (amount === null ? null : formatMoney(amount));
  const { placedAt, confirmedAt, cancelledAt } = rest;
  return {
    id,
    version,
    status,
    customer: { id: customerId },
    lines: lines.map((line) => ({
      product: { id: line.productId },
      quantity: line.quantity,
      unitPrice: money(line.unitPrice),
      total: money(line.total),
    })),
    total: formatMoney(total),
    placedAt,
    confirmedAt,
    cancelledAt,
    rejection: rejection && { code: rejection.code, message: rejection.message, field: rejection.field ?? null },
  };
}
