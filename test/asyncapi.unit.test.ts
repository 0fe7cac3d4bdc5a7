/** `asyncapi.yaml` is valid AsyncAPI, and describes what is written. */
import { readFileSync } from 'node:fs';
import specs from '@asyncapi/specs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { topicSpecs } from '../records/topics.ts';
import { describedTopics } from '../scripts/described-topics.ts';
import { type GoldenRecord, recordTypes } from './golden/record-types.ts';

const document = parse(readFileSync(new URL('../asyncapi.yaml', import.meta.url), 'utf8'));
const golden: readonly GoldenRecord[] = JSON.parse(
  readFileSync(new URL('./golden/records.json', import.meta.url), 'utf8'),
);
const ajv = () => addFormats.default(new Ajv({ strict: false, allErrors: true }));

describe('asyncapi.yaml', () => {
  it('is what the specification asks for', () => {
    const validate = ajv().compile<unknown>(JSON.parse(JSON.stringify(specs.schemasWithoutId['3.0.0'])));
    validate(document);
    expect(validate.errors).toBeNull();
    expect(validate({ ...document, channels: [] })).toBe(false);
  });

  it('has every topic, and nothing that it refers to is missing', () => {
    expect(Object.keys(document.channels)).toEqual(topicSpecs(1).map(({ name }) => name));
    const referred = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(referred.length).toBeGreaterThan(100);
    for (const path of referred) {
      const found = path.split('/').reduce((value, key) => Object(value)[key], document);
      expect(found, path).toBeDefined();
    }
  });

  it.each(recordTypes())('describes $name as it is written', ({ name }) => {
    const newest = golden.filter(({ type }) => type === name).at(-1);
    const [topic, type] =
      describedTopics()
        .flatMap((topic) => topic.records.map((record) => [topic, record] as const))
        .find(([topic, { type }]) => name === topic.name || name === `${topic.name}.${type}`) ?? [];
    expect(topic, `no topic has ${name}`).toBeDefined();
    expect(type?.version).toBe(newest?.version);
    const validate = ajv().compile(type?.schema ?? {});
    expect(validate(newest?.data), JSON.stringify(validate.errors)).toBe(true);
  });
});
