/** One purchase, from the mutation to its final status, told by a client as it sees it, and by the spans of its trace. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { Server } from './server.ts';
import type { ReceivedSpan, SpanReceiver } from './span-receiver.ts';

export interface TracedPurchase {
  readonly traceId: string;
  readonly transactionId: string;
  /** From sending the mutation until the final status came, in ms. */
  readonly seenMs: number;
  readonly statuses: readonly string[];
}

const PLACE = 'mutation ($input: PlacePurchaseInput!) { placePurchase(input: $input) { transactionId } }';
const FOLLOW = 'subscription { transactions { id status } }';

/** Places a purchase of these products as a client that traces: with a `traceparent` of its own. */
export async function placeTraced(
  gateway: Server,
  customerId: string,
  ...productIds: readonly string[]
): Promise<TracedPurchase> {
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-${randomBytes(8).toString('hex')}-01`;
  const client = gateway.client();
  const news = client.iterate<{ transactions: { id: string; status: string } }>({ query: FOLLOW });
  const first = news.next();
  // Operations of one socket are begun in turn: the subscription stands before the purchase does, which may end in milliseconds.
  for await (const _ of client.iterate({ query: '{ __typename }' })) break;
  const begun = performance.now();
  const lines = productIds.map((productId) => ({ productId, quantity: 1 }));
  const input = { id: `p-${randomUUID().slice(0, 8)}`, customerId, lines };
  const answer = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent },
    body: JSON.stringify({ query: PLACE, variables: { input } }),
  });
  const { data } = (await answer.json()) as { data: { placePurchase: { transactionId: string } } };
  const { transactionId } = data.placePurchase;
  const statuses: string[] = [];
  for (let next = await first; next.done !== true; next = await news.next()) {
    const { id, status } = next.value.data?.transactions ?? {};
    if (id !== transactionId || status === undefined) continue;
    statuses.push(status);
    if (status === 'COMPLETED' || status === 'REJECTED') break;
  }
  const seenMs = performance.now() - begun;
  await news.return?.();
  return { traceId, transactionId, seenMs, statuses };
}

/** Waits until the trace holds spans of these names. @throws with those that came, when they do not come */
export async function traceOf(
  { spans }: SpanReceiver,
  traceId: string,
  names: readonly string[],
): Promise<readonly ReceivedSpan[]> {
  const begun = performance.now();
  for (;;) {
    const trace = spans.filter((span) => span.traceId === traceId);
    const missing = names.filter((name) => !trace.some((span) => span.name === name));
    if (missing.length === 0) return trace;
    if (performance.now() - begun > 30_000) {
      throw new Error(`the trace has no ${missing.join(', ')}; it has ${trace.map(({ name }) => name).join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** How much of the time from the first span's begin to the last one's end no span covers, as a share of it. */
export function uncovered(trace: readonly ReceivedSpan[]): number {
  const ordered = [...trace].sort((a, b) => a.begun - b.begun);
  const first = ordered[0]?.begun ?? 0;
  let reached = first;
  let gaps = 0;
  for (const { begun, ended } of ordered) {
    if (begun > reached) gaps += begun - reached;
    reached = Math.max(reached, ended);
  }
  return gaps / (reached - first);
}

/** The trace as people read it: each hop with its begin, from the trace's, and its length, in ms. */
export function timetable(trace: readonly ReceivedSpan[]): string {
  const ordered = [...trace].sort((a, b) => a.begun - b.begun);
  const first = ordered[0]?.begun ?? 0;
  const lines = ordered.map(({ name, service, begun, ended }) => {
    return `${(begun - first).toFixed(1).padStart(8)} ${(ended - begun).toFixed(1).padStart(8)}  ${name} (${service})`;
  });
  return lines.join('\n');
}
