/** Reads everything back once the system is at rest: all topics, all documents, and what the broker says of transactions. */

import { WHOLE_SHARE } from '../../domain/index.ts';
import type { EventLog } from '../../log/event-log.ts';
import { commandsLeft as undecided } from '../../processors/commands-left.ts';
import { deciders } from '../../processors/index.ts';
import { topicSpecs } from '../../records/topics.ts';
import { exactInteger } from '../../views/exact-integer.ts';
import type { Doc, ViewStore } from '../../views/view-store.ts';
import { type Entry, entryOf, VIEWS, type ViewDump, type ViewName } from './history.ts';
import { Keeping } from './keeping.ts';
import { type Gateway, GatewayClient, tokenOf } from './workload/gateway-client.ts';

export async function readLog(log: EventLog, partitions: number): Promise<ReadonlyMap<string, readonly Entry[]>> {
  const topics = new Map<string, readonly Entry[]>();
  const keeping = new Keeping();
  for (const { name } of topicSpecs(partitions)) {
    keeping.begin();
    for (let partition = 0; partition < partitions; partition++) {
      for await (const batch of log.read({ topic: name, partition })) {
        for (const record of batch) keeping.add(entryOf(record));
      }
    }
    topics.set(name, keeping.entries());
  }
  return topics;
}

/** How many commands no processor has committed yet. */
export async function commandsLeft(log: EventLog): Promise<number> {
  let left = 0;
  for (const decider of deciders) for await (const batch of undecided(log, decider)) left += batch.length;
  return left;
}

/** How many records no projector has applied yet. */
export async function recordsUnseen(log: EventLog, views: ViewStore, topics: readonly string[]): Promise<number> {
  let unseen = 0;
  for (const { topic, partition, offset } of await log.ends(topics)) {
    unseen += Math.max(0, offset - (await views.position(topic, partition)));
  }
  return unseen;
}

const PAGE = 1000;

export async function readViews(views: ViewStore): Promise<ViewDump> {
  const dump: Partial<Record<ViewName, ReadonlyMap<string, Doc & Readonly<Record<string, unknown>>>>> = {};
  for (const view of VIEWS) {
    const docs = new Map<string, Doc & Readonly<Record<string, unknown>>>();
    for (let after: readonly [string] | undefined; ; ) {
      const page: readonly Doc[] = await views.find(view, { limit: PAGE, ...(after ? { after } : {}) });
      for (const doc of page) docs.set(doc._id, { ...doc });
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) break;
      after = [last._id];
    }
    dump[view] = docs;
  }
  return dump;
}

type Node = Record<string, unknown>;

interface List {
  readonly view: ViewName;
  readonly query: string;
  /** The node as a document, as far as a client sees one. */
  docOf(node: Node): Node;
}

const list = (field: string, filter: string, nodes: string) =>
  `query ($after: String) { page: ${field}(first: 200, after: $after${filter}) { nodes { ${nodes} } pageInfo { hasNextPage endCursor } } }`;

const REJECTION = 'rejection { code message field }';

const LISTS: readonly List[] = [
  {
    view: 'customers',
    query: list(
      'customers',
      ', filter: { removed: null }',
      'id version firstName lastName email removed erased purchaseCount totalSpent lastPurchaseAt',
    ),
    docOf: ({ id, totalSpent, ...node }) => ({ _id: id, totalSpent: exactCents(totalSpent), ...node }),
  },
  {
    view: 'products',
    query: list(
      'products',
      '',
      'id version number name price stock reserved received discontinued purchaseCount customerCount unitsSold revenue',
    ),
    docOf: ({ id, price, revenue, ...node }) => ({
      _id: id,
      price: cents(price),
      revenue: exactCents(revenue),
      ...node,
    }),
  },
  {
    view: 'purchases',
    query: list(
      'purchases',
      '',
      `id version number status customer { id } lines { product { id name } quantity listPrice unitPrice discount total } total placedAt confirmedAt cancelledAt ${REJECTION}`,
    ),
    docOf: ({ id, customer, lines, total, rejection, ...node }) => ({
      ...{
        _id: id,
        customerId: (customer as Node)['id'],
        total: cents(total),
        rejection: withoutNull(rejection),
        ...node,
      },
      lines: (lines as Node[]).map((line) => ({
        productId: (line['product'] as Node)['id'],
        productName: (line['product'] as Node)['name'],
        quantity: line['quantity'],
        listPrice: cents(line['listPrice']),
        unitPrice: cents(line['unitPrice']),
        discount: line['discount'] === null ? null : Math.round(Number(line['discount']) * WHOLE_SHARE),
        total: cents(line['total']),
      })),
    }),
  },
  {
    view: 'transactions',
    query: list(
      'transactions',
      '',
      `id status command entityId entityVersion steps { name status at entityId } ${REJECTION} issuedBy acceptedAt finishedAt`,
    ),
    docOf: ({ id, rejection, ...node }) => ({ _id: id, rejection: withoutNull(rejection), ...node }),
  },
];

/**
 * The views as a client sees them, for views that live in a gateway's memory. Not those of an aggregate without a list above,
 * of which the workload makes nothing.
 */
export async function readViewsThrough(gateway: Gateway): Promise<ViewDump> {
  const client = new GatewayClient('auditor', await tokenOf('auditor'));
  const dump: Partial<Record<ViewName, ReadonlyMap<string, Node>>> = {};
  for (const { view, query, docOf } of LISTS) {
    const docs = new Map<string, Node>();
    for (let after: string | null = null; ; ) {
      const { page } = await client.request(gateway, query, { after }, 30_000);
      for (const node of page.nodes) docs.set(node.id, docOf(node));
      if (!page.pageInfo.hasNextPage) break;
      after = String(page.pageInfo.endCursor);
    }
    dump[view] = docs;
  }
  return dump;
}

/** As documents hold what is added up. */
function exactCents(money: unknown): string {
  return exactInteger(BigInt(String(money).replace('.', '')));
}

function cents(money: unknown): number | null {
  return money === null ? null : Math.round(Number(money) * 100);
}

/** A rejection without a field has none, which GraphQL says with null. */
function withoutNull(rejection: unknown): unknown {
  if (rejection === null) return null;
  const { field, ...rest } = rejection as Node;
  return field === null ? rest : { ...rest, field };
}
