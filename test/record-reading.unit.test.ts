/** The fast ways of reading a record: they must tell the same as the schemas, of whatever stands there. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allAggregates } from '../domain/registry.ts';
import { accepted, transactionRecord } from '../domain/transaction.ts';
import { openObject } from '../domain/versions.ts';
import { attributesBySchema, attributesOf, toHeaders } from '../records/cloud-event.ts';
import { conforms } from '../records/conformance.ts';
import { isOthersStatus, readStatus, statusRecord } from '../records/status-record.ts';

/** What it gives, or why it does not. */
function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
}

const PLAIN = toHeaders({
  ...{ id: 'c1', type: 'State', source: '/processors/customers', subject: 'c1', time: '2026-02-03T04:05:06.789Z' },
  ...{ dataversion: 3, transactionid: 't', issuedby: 'ada', roles: 'staff', causationid: 'x', version: 7 },
  ...{ idempotencykey: 'k', bodyhash: 'h', traceparent: 'p' },
});
const STRANGE = ['', ' ', '0', '-1', '1.5', '1e3', ' 7', '07', '9007199254740993', 'a%20b', '%', 'x\ufffdy', 'é', '\0'];
const TIMES = ['2026-02-29T00:00:00.000Z', '2024-02-29T00:00:00.000Z', '2026-02-03', '2026-13-01T00:00:00.000Z'];
const SCHEMAS = ['counterfoil:State/0', 'counterfoil:State/12', 'counterfoil:State/1234567', 'State', '/1'];
const text = fc.oneof(
  fc.constantFrom(...STRANGE, ...TIMES, ...SCHEMAS),
  fc.string(),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.constant('x'.repeat(16_384)),
  fc.constant('x'.repeat(16_385)),
);
const headers = fc
  .tuple(fc.dictionary(fc.constantFrom(...Object.keys(PLAIN)), text), fc.subarray(Object.keys(PLAIN)))
  .map(([changed, left]) => {
    const all: Record<string, string> = { ...PLAIN, ...changed };
    return Object.fromEntries(Object.entries(all).filter(([name]) => left.includes(name)));
  });

describe('reading headers', () => {
  it('always tells what the schema tells', () => {
    fc.assert(
      fc.property(headers, (some) => {
        expect(outcome(() => attributesOf({ headers: some }))).toEqual(outcome(() => attributesBySchema(some)));
      }),
      { numRuns: 2_000 },
    );
    expect(attributesOf({ headers: PLAIN })).toEqual(attributesBySchema(PLAIN));
  });
});

describe("others' statuses", () => {
  const words = fc.oneof(fc.string(), fc.constantFrom('purchases', '"aggregate":"purchases"', '\\"aggregate":"x"'));
  const status = fc.record({ id: words, command: words, aggregate: words, entityId: words, message: words });

  it('are always told as reading them tells', () => {
    fc.assert(
      fc.property(status, ({ message, ...of }) => {
        const rejection = { code: 'NO', message };
        const transaction = { ...accepted({ ...of, issuedBy: message, at: '' }), rejection };
        const written = statusRecord(transaction, { source: '/processors/purchases', partition: 0, at: '' });
        const { topic, key, headers } = written;
        const record = { topic, partition: 0, offset: 0, key, headers, timestamp: 0 };
        const read = { ...record, value: Buffer.from(String(written.value)) };
        const others = isOthersStatus(read, 'purchases');
        if (others) expect(readStatus(read).aggregate).not.toBe('purchases');
        if (/^[a-z]*$/.test(of.aggregate)) expect(others).toBe(of.aggregate !== 'purchases');
        expect(isOthersStatus({ ...read, headers: {} }, 'purchases')).toBe(false);
        expect(isOthersStatus({ ...record, value: Buffer.from('{}') }, 'purchases')).toBe(false);
        expect(isOthersStatus({ ...record, value: null }, 'purchases')).toBe(false);
      }),
    );
  });
});

const SCHEMAS_OF_DATA: readonly z.ZodType[] = [
  transactionRecord,
  ...allAggregates.flatMap(({ commands, events, state, parts }) => [
    ...Object.values(commands),
    ...Object.values(events),
    state,
    ...(parts === undefined ? [] : [parts.schema]),
  ]),
  z.object({ a: z.string().optional(), b: z.int().min(1).nullable() }),
  z.strictObject({ a: z.array(z.boolean()) }),
  openObject({ a: z.string().trim(), b: z.enum(['x', 'y']) }),
  z.object({ a: z.string() }).catchall(z.int()),
  z.object({ a: z.coerce.number() }),
  z.object({ a: z.string().default('b') }),
];

/** What might fit the schema, made from its JSON schema: sometimes with a field that is missing, strange, or one more. */
function near(schema: z.ZodType): fc.Arbitrary<unknown> {
  return nearJson(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }));
}

function nearJson(schema: unknown): fc.Arbitrary<unknown> {
  const { properties, required, items, anyOf, enum: words, type } = Object(schema);
  if (properties !== undefined) {
    const fields = Object.entries(properties).map(([name, each]): [string, fc.Arbitrary<unknown>] => [
      name,
      nearJson(each),
    ]);
    const fitting = fc.record(Object.fromEntries(fields), { requiredKeys: required ?? [] });
    const other = fc.tuple(fitting, fc.constantFrom('other', '__proto__', ...Object.keys(properties)), fc.jsonValue());
    return fc.oneof(
      { arbitrary: fitting, weight: 6 },
      // As JSON tells it, so that `__proto__` is a field of its own.
      other.map(([fields, name, value]) =>
        JSON.parse(
          `${JSON.stringify(fields).slice(0, -1)}${Object.keys(fields).length > 0 ? ',' : ''}${JSON.stringify(name)}:${JSON.stringify(value)}}`,
        ),
      ),
      fc.record(Object.fromEntries(fields), { requiredKeys: [] }),
    );
  }
  if (items !== undefined) return fc.array(nearJson(items), { maxLength: 3 });
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(nearJson));
  if (words !== undefined) return fc.constantFrom(...words);
  if (type === 'string') return fc.string();
  if (type === 'boolean') return fc.boolean();
  if (type === 'null') return fc.constant(null);
  return fc.oneof(fc.integer(), fc.constantFrom(0, 1.5, 2 ** 53, -1));
}

describe('what conforms to a schema', () => {
  it.each(SCHEMAS_OF_DATA.map((schema, index) => ({ schema, index })))(
    'is always given back by it as it is, schema $index',
    ({ schema }) => {
      fc.assert(
        fc.property(fc.oneof(near(schema), fc.jsonValue({ maxDepth: 3 })), (given) => {
          const value: unknown = JSON.parse(JSON.stringify(given));
          if (!conforms(schema, value)) return;
          const read = schema.safeParse(value);
          expect(read.success).toBe(true);
          expect(read.data).toStrictEqual(value);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('is what a processor writes', () => {
    const purchase = allAggregates.find(({ name }) => name === 'purchases');
    expect(purchase && conforms(purchase.state, purchase.initialState)).toBe(true);
  });

  it('is nothing of a schema that holds itself', () => {
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree);
      },
    });
    expect(conforms(tree, { name: 'a', children: [{ name: 'b', children: [] }] })).toBe(false);
  });

  it('is nothing that the schema would change', () => {
    expect(conforms(z.object({ a: z.string() }), { a: 'x', b: 1 })).toBe(false);
    expect(conforms(z.object({ a: z.string().trim() }), { a: ' x' })).toBe(false);
    expect(conforms(z.object({ a: z.string().default('x') }), {})).toBe(false);
    expect(conforms(openObject({ a: z.string() }), { a: 'x', b: 1 })).toBe(true);
  });
});
