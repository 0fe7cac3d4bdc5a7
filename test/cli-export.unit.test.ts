/** What `counterfoil export` makes of its options, and of the file that it writes. */
import { mkdtemp, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphQLInputObjectType } from 'graphql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FilterOptions, filterOf } from '../cli/export/filter.ts';
import { fileOutput } from '../cli/export/output.ts';
import { exportKinds } from '../export/kinds.ts';
import { serviceSchema } from '../gateway/index.ts';

/** Every option of the filter, for a kind that has it. */
const EVERY: { readonly [K in keyof typeof exportKinds]: FilterOptions } = {
  customers: { text: 'ada', removed: true, min: '1', max: '2' },
  products: { text: 'tea', discontinued: 'no', inStock: 'yes', min: '1', max: '2' },
  purchases: {
    ...{
      text: 'ada tea',
      from: '1996-07-04',
      to: '1996-07-31',
      status: 'confirmed, PENDING',
      customer: 'c',
      product: 'p',
    },
    ...{ rejection: 'INSUFFICIENT_STOCK', min: '1', max: '2' },
  },
  lines: { text: 'tea' },
};

describe('the filter of an export', () => {
  it('is the one of the schema, of whatever options it is made', () => {
    for (const [kind, { list }] of Object.entries(exportKinds)) {
      const type = serviceSchema().getType(list.filterType);
      const fields = type instanceof GraphQLInputObjectType ? Object.keys(type.getFields()) : [];
      const name = kind as keyof typeof exportKinds;
      expect(fields).toEqual(expect.arrayContaining(Object.keys(filterOf(name, EVERY[name]))));
    }
  });

  it('is put together of options and JSON', () => {
    expect(filterOf('purchases', EVERY.purchases)).toEqual({
      text: 'ada tea',
      placedBetween: { from: '1996-07-04', to: '1996-07-31' },
      status: ['CONFIRMED', 'PENDING'],
      customerId: 'c',
      productId: 'p',
      rejection: ['INSUFFICIENT_STOCK'],
      totalBetween: { from: '1', to: '2' },
    });
    expect(filterOf('lines', { filter: '{"totalBetween":{"from":"5"}}', max: '9' })).toEqual({
      totalBetween: { from: '5', to: '9' },
    });
    expect(filterOf('customers', { removed: true })).toEqual({ removed: null });
    expect(filterOf('products', { discontinued: 'no', inStock: 'yes' })).toEqual({
      discontinued: false,
      inStock: true,
    });
    expect(filterOf('products', {})).toEqual({});
  });

  it.each([
    ['customers', { status: 'CONFIRMED' }, 'there is no --status for customers'],
    ['lines', { inStock: 'yes' }, 'there is no --in-stock for lines'],
    ['products', { text: 'tea', filter: '{"text":"chai"}' }, /text is given twice, by --text and by --filter/],
    ['products', { min: '1', filter: '{"priceBetween":{"from":"2"}}' }, /priceBetween\.from is given twice, by --min/],
    ['products', { filter: 'text=tea' }, /--filter is "text=tea": it must be JSON/],
    ['products', { filter: '["tea"]' }, /it must be JSON, an object/],
  ] as const)('of %s refuses %o', (kind, options, message) => {
    expect(() => filterOf(kind, options)).toThrow(message);
  });
});

describe('the file of an export', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-export-'));
    path = join(folder, 'products.csv');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is there when it is whole, and what stood there before stays until then', async () => {
    await writeFile(path, 'old', { mode: 0o640 });
    const output = await fileOutput(path);
    await output.write('new ');
    await output.write('content');
    expect(await readFile(path, 'utf8')).toBe('old');
    await output.finish();
    expect(await readFile(path, 'utf8')).toBe('new content');
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await readdir(folder)).toEqual(['products.csv']);
  });

  it('leaves nothing when it is not whole', async () => {
    const output = await fileOutput(path);
    await output.write('half');
    await output.discard();
    expect(await readdir(folder)).toEqual([]);
    await output.finish();
    expect(await readdir(folder)).toEqual([]);
  });

  it('replaces what a link leads to, and keeps the link', async () => {
    const real = join(folder, 'real.csv');
    await writeFile(real, 'old');
    await symlink(real, path);
    const output = await fileOutput(path);
    await output.write('new');
    await output.finish();
    expect(await readlink(path)).toBe(real);
    expect(await readFile(real, 'utf8')).toBe('new');
  });

  it('may be a device, which is written to and not replaced', async () => {
    const output = await fileOutput('/dev/null');
    await output.write('anything');
    await output.finish();
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  it('says in one line why it cannot be written', async () => {
    await expect(fileOutput(join(folder, 'none', 'products.csv'))).rejects.toThrow(
      /products\.csv cannot be written: ENOENT/,
    );
    await expect(fileOutput(folder)).rejects.toThrow(/is a folder: --output must name a file/);
  });
});
