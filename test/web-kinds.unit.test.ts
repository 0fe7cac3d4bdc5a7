/** The page's list of kinds names what the domain and the schema have, and each kind's pages are there. */
/// <reference types="node" />
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { allAggregates, entityType, shownAggregates } from '../domain/registry.ts';
import { allKinds, definitionOf, kindOfCommand, singularOf } from '../web/src/graph/kinds';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'schema');
const files = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
const schema = buildSchema(files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n'));
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});

describe('the page', () => {
  it('shows every aggregate of the domain, under the names that it has there', () => {
    const shown = allKinds.map((kind) => [kind, definitionOf(kind).plural]);
    expect(shown.sort()).toEqual(shownAggregates.map((aggregate) => [entityType(aggregate), aggregate.name]).sort());
  });

  it('can issue every mutation that answers with one receipt', () => {
    const issued = mutations.filter(({ type }) => String(type) === 'Receipt!').map(({ name }) => name);
    const known = allKinds.flatMap((kind) => Object.keys(definitionOf(kind).commands));
    expect(known.sort()).toEqual(issued.sort());
  });

  it('knows each command by its aggregate', () => {
    for (const { commands, idField } of allAggregates) {
      for (const command of Object.keys(commands)) {
        const kind = kindOfCommand(command);
        if (kind !== undefined) expect([command, `${singularOf(kind)}Id`]).toEqual([command, idField]);
      }
    }
  });

  it.each(allKinds)('has a list and a panel of each %s, and a way to add one where it says so', (kind) => {
    const { plural, canBeAdded } = definitionOf(kind);
    const path = join(root, 'web', 'src', 'pages', `${plural}.tsx`);
    expect(existsSync(path), path).toBe(true);
    const text = readFileSync(path, 'utf8');
    expect(text).toMatch(/^export default |\bas default\b/m);
    expect(text).toMatch(/\bas Panel\b|^export (const|function) Panel\b/m);
    expect(/\bas New\b|^export (const|function) New\b/m.test(text)).toBe(canBeAdded);
  });
});
