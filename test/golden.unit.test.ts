/** What older code wrote can be read, and what has changed its shape says so: see docs/changing-records.md. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shownNames } from '../domain/registry.ts';
import { currentVersion, upcast } from '../domain/versions.ts';
import { type GoldenDocuments, goldenDocuments } from './golden/documents.ts';
import { type GoldenRecord, jsonSchemaOf, recordTypes } from './golden/record-types.ts';

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./golden/${name}`, import.meta.url), 'utf8'));
}

const golden = read<readonly GoldenRecord[]>('records.json');
const types = recordTypes();

function goldenOf(type: string, version: number): GoldenRecord | undefined {
  return golden.find((each) => each.type === type && each.version === version);
}

describe('a record on the log', () => {
  it.each(types)('of $name is written down in every version that there has been', ({ name, upcasters }) => {
    for (let version = 1; version <= currentVersion(upcasters); version++) {
      const hint = `there is no golden record of ${name}, version ${version}: run npm run golden, and commit what it adds`;
      expect(goldenOf(name, version), hint).toBeDefined();
    }
  });

  it.each(types)('of $name has not changed its shape within a version', (type) => {
    const { name, upcasters, place } = type;
    const version = currentVersion(upcasters);
    const hint =
      `the schema of ${name} is another than that of version ${version}: records of that version stand on the log for ever. ` +
      `Add an upcaster to ${place}, which makes version ${version + 1} of it, then run npm run golden: see docs/changing-records.md`;
    const written = goldenOf(name, version);
    // Without a record of that version the test above says what to do.
    if (written !== undefined) expect(jsonSchemaOf(type), hint).toEqual(written.schema);
  });

  it.each(golden)('of $type, version $version, is read', ({ type: name, version, data }) => {
    const type = types.find((each) => each.name === name);
    const hint = `${name} is read no more: events and commands are kept for ever, so their types stay in the definition`;
    if (type === undefined) throw new Error(hint);
    expect(type.schema.safeParse(upcast(type.upcasters, version, data)).error).toBeUndefined();
  });

  it.each(types)('of $name is left as it is by upcasters when newer code wrote it', ({ name, upcasters }) => {
    const { data } = goldenOf(name, currentVersion(upcasters)) ?? {};
    // In a rolling upgrade older code writes newer data under its own version.
    for (let version = 1; version <= currentVersion(upcasters); version++) {
      expect(upcast(upcasters, version, data)).toEqual(data);
    }
  });
});

describe('the documents of the views', () => {
  it.each(shownNames)('have some of %s among them, or a changed projector would not show', async (name) => {
    expect((await goldenDocuments()).documents[name]?.length).toBeGreaterThan(0);
  });

  it('have not changed under the same SHAPE', async () => {
    const was = read<GoldenDocuments>('documents.json');
    const now = await goldenDocuments();
    const hint =
      now.shape === was.shape
        ? 'the documents that projectors make have changed: raise SHAPE in projectors/documents.ts, so that views are rebuilt, then run npm run golden'
        : 'SHAPE has changed: run npm run golden, and commit the documents';
    expect(now, hint).toEqual(was);
  });
});
