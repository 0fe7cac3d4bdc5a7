/** `counterfoil export` against a server: each role gets what it may see, each filter what it names, and import reads it again. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FilterOptions, filterOf } from '../cli/export/filter.ts';
import { exportSource } from '../cli/export/source.ts';
import { createRemoteExecutor } from '../cli/remote-executor.ts';
import { PLAIN } from '../export/csv.ts';
import { type ExportKindName, exportKinds } from '../export/kinds.ts';
import { readExport } from '../export/read-export.ts';
import { run as command } from './e2e/command-line.ts';
import { ADD, DISCONTINUE, PLACE, REGISTER, REMOVE_CUSTOMER, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';
import { SECRET, token } from './e2e/tokens.ts';

type Row = Readonly<Record<string, string>>;
type Named = 'admin' | 'staff' | 'ada';
type RoleName = Named | 'visitor';

let folder = '';
let server: Server;
let tokens: Record<Named, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-export-'));
  const env = { DATA_DIR: join(folder, 'data'), AUTH_JWT_SECRET: SECRET, AUTH_VISITORS: 'on' };
  server = await startServer({ env });
  const [admin, staff, ada] = await Promise.all([token('root', ['admin']), token('clerk', ['staff']), token('ada')]);
  tokens = { admin, staff, ada };
  const registered = [
    { id: 'c-ada', firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com', userId: 'ada' },
    { id: 'c-zoe', firstName: 'Zoë', lastName: '=1+1' },
    { id: 'c-gone', firstName: 'Gone', lastName: 'Away' },
  ];
  for (const input of registered) await run(server, REGISTER, input, admin);
  await run(server, REMOVE_CUSTOMER, { customerId: 'c-gone' }, admin);
  await run(server, ADD, { id: 'tea', name: 'Tea; "loose", 茶', price: '1234.50', stock: 100 }, admin);
  await run(server, ADD, { id: 'jar', name: 'Jar', price: '2.00', stock: 0 }, admin);
  await run(server, DISCONTINUE, { productId: 'jar' }, admin);
  const placed = [
    { id: 'o-1', customerId: 'c-ada', placedAt: '2020-01-01', lines: [{ productId: 'tea', quantity: 2 }] },
    {
      id: 'o-2',
      customerId: 'c-zoe',
      placedAt: '2021-06-15T10:20:30.456Z',
      number: '2021/7',
      lines: [{ productId: 'tea', quantity: 1, unitPrice: '1000.50', discount: '0.15' }],
    },
    { id: 'o-3', customerId: 'c-zoe', placedAt: '2022-12-31', lines: [{ productId: 'jar', quantity: 1 }] },
  ];
  for (const input of placed) await run(server, PLACE, input, admin);
  // The views follow a moment later.
  const ended = '{ purchases(filter: { status: [CONFIRMED, REJECTED] }) { totalCount } }';
  await vi.waitFor(async () => expect((await server.graphql(ended, {}, admin)).data.purchases.totalCount).toBe(3), {
    timeout: 60_000,
    interval: 100,
  });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

const exported = (role: RoleName, ...args: readonly string[]) =>
  command(role === 'visitor' ? {} : { COUNTERFOIL_TOKEN: tokens[role] }, 'export', ...args, '--url', server.url);

/** The rows of a CSV, as the command would write it. */
async function rows(role: RoleName, kind: ExportKindName, options: FilterOptions = {}): Promise<readonly Row[]> {
  const executor = createRemoteExecutor({ url: server.url, token: role === 'visitor' ? undefined : tokens[role] });
  const source = exportSource(executor, { signal: new AbortController().signal, onWaiting: () => undefined });
  const request = { kinds: [exportKinds[kind]], filter: filterOf(kind, options) };
  let text = '';
  try {
    for await (const { texts } of readExport(source, { ...request, format: { as: 'csv', dialect: PLAIN } })) {
      text += texts.join('');
    }
  } finally {
    await executor.close();
  }
  return parse(text, { columns: true });
}

describe('an export', () => {
  it('shows staff and admins all', async () => {
    const purchases = await rows('admin', 'purchases');
    expect(
      purchases.map(({ orderID, customerID, status, orderTotal }) => [orderID, customerID, status, orderTotal]),
    ).toEqual([
      ['o-1', 'c-ada', 'CONFIRMED', '2469.00'],
      ['o-2', 'c-zoe', 'CONFIRMED', '850.43'],
      ['o-3', 'c-zoe', 'REJECTED', '0.00'],
    ]);
    expect(await rows('staff', 'purchases')).toEqual(purchases);
    expect(await rows('admin', 'products')).toMatchObject([
      { productID: 'jar', discontinued: '1', unitsInStock: '0', revenue: '0.00' },
      { productID: 'tea', productName: 'Tea; "loose", 茶', unitPrice: '1234.50', unitsInStock: '97', unitsSold: '3' },
    ]);
    expect(await rows('staff', 'customers')).toMatchObject([
      { customerID: 'c-ada', firstName: 'Ada', email: 'ada@example.com', totalSpent: '2469.00', userID: 'ada' },
      { customerID: 'c-zoe', firstName: 'Zoë', lastName: "'=1+1", email: '' },
    ]);
  });

  it('shows a customer its own purchases alone', async () => {
    expect(await rows('ada', 'purchases')).toMatchObject([{ orderID: 'o-1', customerName: 'Ada Lovelace' }]);
    expect(await rows('ada', 'lines')).toMatchObject([{ orderID: 'o-1', productID: 'tea', quantity: '2' }]);
    expect(await rows('ada', 'lines', { customer: 'c-zoe' })).toEqual([]);
  });

  it('shows a visitor the products, without what is for staff', async () => {
    expect(await rows('visitor', 'products')).toMatchObject([
      { productID: 'jar', revenue: '', unitsSold: '' },
      { productID: 'tea', revenue: '', unitsSold: '', unitPrice: '1234.50' },
    ]);
  });

  it.each([
    ['ada', 'customers'],
    ['visitor', 'customers'],
    ['visitor', 'purchases'],
    ['visitor', 'lines'],
  ] as const)('refuses %s the %s', async (role, kind) => {
    await expect(rows(role, kind)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  it.each<readonly [ExportKindName, FilterOptions, readonly string[]]>([
    ['purchases', { status: 'rejected' }, ['o-3']],
    ['purchases', { rejection: 'DISCONTINUED' }, ['o-3']],
    ['purchases', { from: '2021-01-01', to: '2022-01-01' }, ['o-2']],
    ['lines', { product: 'tea' }, ['o-1', 'o-2']],
    ['lines', { customer: 'c-zoe', text: 'tea' }, ['o-2']],
    ['purchases', { min: '1300' }, ['o-1']],
    ['purchases', { filter: '{"totalBetween":{"to":"1300.00"},"status":["CONFIRMED"]}' }, ['o-2']],
    ['customers', { text: 'lovel' }, ['c-ada']],
    ['customers', { removed: true }, ['c-ada', 'c-gone', 'c-zoe']],
    ['customers', { min: '2000' }, ['c-ada']],
    ['products', { inStock: 'yes' }, ['tea']],
    ['products', { discontinued: 'yes' }, ['jar']],
    ['products', { max: '3' }, ['jar']],
  ])('of %s with %o has what the filter names', async (kind, options, expected) => {
    const found = await rows('admin', kind, options);
    expect(found.map((row) => row['orderID'] ?? row['customerID'] ?? row['productID'])).toEqual(expected);
  });

  it('that is refused writes no file, and says why', async () => {
    const path = join(folder, 'refused.csv');
    const { code, stderr } = await exported('visitor', 'customers', '--output', path);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^counterfoil: the server refused: .*was not written\n$/),
    ]);
    expect(await readdir(folder)).not.toContain('refused.csv');
  });

  it('with a filter that is none says what is wrong with it', async () => {
    const unknown = await exported('admin', 'purchases', '--filter', '{"colour":"red"}');
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/the server refused: .*colour/)]);
    const noDay = await exported('admin', 'purchases', '--from', 'yesterday');
    expect([noDay.code, noDay.stderr]).toEqual([1, expect.stringMatching(/DateTime must be .*yesterday/)]);
    const notForCsv = await exported('admin', 'purchases', '--format', 'ndjson', '--excel');
    expect([notForCsv.code, notForCsv.stderr]).toEqual([1, expect.stringMatching(/are for --format csv\n$/)]);
  });

  it('opens in a spreadsheet with the right letters, also where decimals have a comma', async () => {
    const { stdout } = await exported('admin', 'lines', '--excel', '--decimal-comma', '--text', 'zoe tea');
    expect(stdout).toBe(
      '\ufefforderID;orderNumber;orderDate;status;customerID;customerName;productID;productName;quantity;unitPrice;listPrice;discount;lineTotal;orderTotal\r\n' +
        'o-2;2021/7;2021-06-15 10:20:30;CONFIRMED;c-zoe;Zoë =1+1;tea;"Tea; ""loose"", 茶";1;1000,50;1234,50;0,15;850,43;850,43\r\n',
    );
  });

  it('as NDJSON has objects with the fields of the API', async () => {
    const { stdout } = await exported('admin', 'purchases', '--format', 'ndjson');
    const objects = stdout
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(objects.map(({ id }) => id)).toEqual(['o-1', 'o-2', 'o-3']);
    expect(objects[0]).toMatchObject({
      customer: { id: 'c-ada', firstName: 'Ada' },
      lines: [{ product: { id: 'tea' }, quantity: 2, unitPrice: '1234.50', total: '2469.00' }],
      rejection: null,
    });
    expect(objects[2].rejection).toMatchObject({ code: 'DISCONTINUED' });
  });

  it('says where there is no server, at once', async () => {
    const { code, stderr } = await command({}, 'export', 'products', '--url', 'http://127.0.0.1:1');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^counterfoil: http:\/\/127\.0\.0\.1:1 cannot be reached: .*--url; /),
    ]);
  });
});

const PRICES = 'listPrice unitPrice discount total';
const BOOKS = `{
  purchases(filter: { status: [CONFIRMED] }) { totalAmount nodes { placedAt lines { quantity product { name } ${PRICES} } } }
  customers(filter: { removed: null }) { nodes { firstName lastName totalSpent } }
  products { nodes { name price stock discontinued unitsSold revenue } }
}`;

describe('an export of all', () => {
  it('is a folder from which import makes the same shop', async () => {
    const out = join(folder, 'out');
    const all = await exported('admin', 'all', '--status', 'CONFIRMED', '--output', out);
    expect([all.code, all.stderr]).toEqual([0, expect.stringMatching(/exported 2 purchases to .*orders\.csv and/)]);
    expect((await readdir(out)).sort()).toEqual(['customers.csv', 'order-details.csv', 'orders.csv', 'products.csv']);
    const copy = await startServer({ env: { DATA_DIR: join(folder, 'copy') } });
    try {
      const imported = await command({}, 'import', out, '--url', copy.url);
      expect([imported.code, imported.stdout]).toEqual([0, expect.stringMatching(/2 confirmed/)]);
      const { data } = await server.graphql(BOOKS, {}, tokens.admin);
      await expect.poll(async () => (await copy.graphql(BOOKS)).data, { timeout: 60_000 }).toEqual(data);
      const numbers = '{ purchases(sort: { by: PLACED_AT, direction: ASC }) { nodes { number } } }';
      // Where there was none, it is the id.
      expect((await copy.graphql(numbers)).data.purchases.nodes).toEqual([{ number: 'o-1' }, { number: '2021/7' }]);
    } finally {
      await copy.stop();
    }
  });

  it('wants a folder', async () => {
    const { code, stderr } = await exported('admin', 'all');
    expect([code, stderr]).toEqual([1, expect.stringMatching(/name a folder with --output\n$/)]);
  });
});
