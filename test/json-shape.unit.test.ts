/** JSON that takes long to make objects of is told from its text, and nothing else is. */
import { describe, expect, it } from 'vitest';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES, wrongShape } from '../gateway/json-shape.ts';

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
/** Long enough to be looked at, whatever else it holds. */
const long = (json: string) => `{"filler":"${'x'.repeat(3_000)}","value":${json}}`;

describe('the shape of JSON', () => {
  it('is refused where it is nested deeper than any operation needs', () => {
    expect(wrongShape(long(nested(MAX_JSON_DEPTH - 1)))).toBeUndefined();
    expect(wrongShape(long(nested(MAX_JSON_DEPTH)))?.message).toContain(`${MAX_JSON_DEPTH} lists and objects deep`);
    expect(wrongShape(long('{"a":'.repeat(50)))?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('is refused where it holds more values than any operation needs', () => {
    const values = (count: number) => long(`[${Array.from({ length: count }, () => 1).join()}]`);
    expect(wrongShape(values(MAX_JSON_VALUES - 10))).toBeUndefined();
    expect(wrongShape(values(MAX_JSON_VALUES))?.message).toContain(`${MAX_JSON_VALUES} values`);
  });

  it.each([
    ['brackets and commas in a text', JSON.stringify('[{,'.repeat(30_000))],
    ['quotes that are escaped', JSON.stringify(`"${'["'.repeat(30_000)}`)],
    ['backslashes before the closing quote', `${JSON.stringify('\\'.repeat(101))}`],
  ])('counts no %s', (_, text) => {
    expect(JSON.parse(text)).toBeTypeOf('string');
    expect(wrongShape(long(text))).toBeUndefined();
    // And goes on right behind the text.
    expect(wrongShape(long(`[${text},${nested(MAX_JSON_DEPTH)}]`))).toBeDefined();
  });

  it('is not for what is no JSON: its parser says so', () => {
    for (const text of ['', 'x'.repeat(5_000), `"${'x'.repeat(5_000)}`, ']'.repeat(5_000)]) {
      expect(wrongShape(text)).toBeUndefined();
    }
  });
});
