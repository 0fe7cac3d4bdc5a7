/** No part of a command that users give is without a limit: what is acknowledged stays on the log for ever. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { aggregateNamed, aggregateNames } from '../../domain/registry.ts';

const AT = '2026-01-01T00:00:00.000Z';
const SAMPLES: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  placedAt: '2020-01-01T00:00:00Z',
  url: 'https://example.com',
};
const LONG = 10_000;
/** Long in each way that a field of ours can be: one of them would pass where only the form is looked at. */
const LONG_TEXTS = [
  'x'.repeat(LONG),
  `${'x'.repeat(LONG)}@example.com`,
  `ada@${'x'.repeat(LONG)}.com`,
  `2020-01-01T00:00:00.${'0'.repeat(LONG)}Z`,
  `https://example.com/${'x'.repeat(LONG)}`,
];

type Path = readonly (string | number)[];

function inner(schema: z.core.$ZodType): z.core.$ZodType {
  // A personal text comes as it was typed; it is sealed after its check.
  const [typed] = schema instanceof z.ZodUnion ? schema.options : [];
  if (typed !== undefined) return inner(typed);
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable ? inner(schema.unwrap()) : schema;
}

/** A value of the schema, with all that may be left out. */
function sampleOf(schema: z.core.$ZodType, name: string): unknown {
  const type = inner(schema);
  if (type instanceof z.ZodObject) {
    return Object.fromEntries(Object.entries(type.shape).map(([key, of]) => [key, sampleOf(of, key)]));
  }
  if (type instanceof z.ZodArray) return [sampleOf(type.element, name)];
  if (type instanceof z.ZodBoolean) return true;
  return type instanceof z.ZodString ? (SAMPLES[name] ?? 'a') : 1;
}

function* placesOf(schema: z.core.$ZodType, path: Path): Generator<{ path: Path; kind: 'text' | 'list' }> {
  const type = inner(schema);
  if (type instanceof z.ZodString) yield { path, kind: 'text' };
  else if (type instanceof z.ZodArray) {
    yield { path, kind: 'list' };
    yield* placesOf(type.element, [...path, 0]);
  } else if (type instanceof z.ZodObject) {
    for (const [key, of] of Object.entries(type.shape)) yield* placesOf(of, [...path, key]);
  }
}

function put(into: unknown, [key, ...rest]: Path, change: (value: unknown) => unknown): unknown {
  if (key === undefined) return change(into);
  if (Array.isArray(into)) return into.map((each, i) => (i === key ? put(each, rest, change) : each));
  return { ...Object(into), [key]: put(Reflect.get(Object(into), key), rest, change) };
}

/** The same with another text in each: a list may refuse what comes twice. */
function numbered(element: unknown, i: number): unknown {
  if (typeof element === 'string') return `a${i}`;
  if (typeof element !== 'object' || element === null) return element;
  return Object.fromEntries(Object.entries(element).map(([key, value]) => [key, numbered(value, i)]));
}

const commands = aggregateNames.flatMap((name) => {
  const { commands: schemas, rights, check } = aggregateNamed(name);
  return Object.keys(schemas).flatMap((command) => {
    const [schema, right, checked] = [schemas[command], rights[command], check[command]];
    if (schema === undefined || right === undefined || checked === undefined || right.least === 'system') return [];
    return [{ command, schema, checked }];
  });
});

describe('a command that users give', () => {
  it.each(commands)('$command has a limit for each of its texts and lists', ({ schema, checked }) => {
    const sample = sampleOf(schema, '');
    expect(checked(sample, AT)).toBeUndefined();
    for (const { path, kind } of placesOf(schema, [])) {
      const longer =
        kind === 'text'
          ? LONG_TEXTS.map((text) => put(sample, path, () => text))
          : [put(sample, path, (list) => Array.from({ length: LONG }, (_, i) => numbered(Object(list)[0], i)))];
      for (const tried of longer) expect(checked(tried, AT), path.join('.')).toMatchObject({ code: 'INVALID_INPUT' });
    }
  });

  it('is looked at, each of them', () => {
    expect(commands.length).toBeGreaterThan(8);
    const places = commands.flatMap(({ schema }) => [...placesOf(schema, [])]);
    expect(places.filter(({ kind }) => kind === 'text').length).toBeGreaterThan(15);
    expect(places.some(({ kind }) => kind === 'list')).toBe(true);
  });
});
