/** A server that answers exports of purchases alone: as many as wanted, at no cost, and with whatever goes wrong on the way. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listing {
  readonly purchases: number;
  readonly linesOfEach: number;
  /** What is answered in place of the page that begins after so many purchases; undefined: the page. */
  instead?(after: number): { readonly code: string; readonly message: string } | undefined;
}

export interface ListingServer extends AsyncDisposable {
  readonly url: string;
}

/** A name of the length that names have in shops that sell much. */
const NAME = 'Organic loose-leaf tea, first flush, 250 g, in a tin that can be sealed again '.repeat(2);

function purchaseAt(number: number, linesOfEach: number): unknown {
  return {
    id: `order-${number}`,
    version: 4,
    status: 'CONFIRMED',
    total: '37.50',
    placedAt: '1996-07-04T00:00:00.000Z',
    customer: { id: 'ALFKI', firstName: 'Maria', lastName: 'Anders' },
    lines: Array.from({ length: linesOfEach }, (_, line) => ({
      product: { id: `p-${line}`, name: NAME },
      quantity: 1,
      unitPrice: '12.50',
      total: '12.50',
    })),
  };
}

export async function startListing({ purchases, linesOfEach, instead }: Listing): Promise<ListingServer> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { first, after, count } = JSON.parse(body).variables;
    const start = Number(after ?? 0);
    const end = Math.min(start + first, purchases);
    const failure = instead?.(start);
    const nodes = Array.from({ length: end - start }, (_, i) => purchaseAt(start + i, linesOfEach));
    const page = {
      nodes,
      pageInfo: { hasNextPage: end < purchases, endCursor: String(end) },
      ...(count ? { totalCount: purchases } : {}),
    };
    const error = failure && { message: failure.message, extensions: { code: failure.code } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(error ? { errors: [error] } : { data: { page } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
