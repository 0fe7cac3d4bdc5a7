/** The names of a new aggregate, and how a template takes them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { renamed, singularOf, wrongWord } from '../cli/new/names.ts';

const TEMPLATES = join(import.meta.dirname, '..', 'cli', 'new', 'templates');

describe('a template', () => {
  const categories = { plural: 'categories', singular: 'category' };

  it('takes the names in every way that a word is written', () => {
    expect(renamed("SUPPLIERS = 'suppliers'; Suppliers: supplier, supplierId, addSupplier", categories)).toBe(
      "CATEGORIES = 'categories'; Categories: category, categoryId, addCategory",
    );
  });

  it('keeps a word that begins behind the name', () => {
    expect(renamed('SupplierState SupplierSortField supplierSort', categories)).toBe(
      'CategoryState CategorySortField categorySort',
    );
  });

  it('is renamed whole, and back to what it was', () => {
    for (const path of readdirSync(TEMPLATES, { recursive: true, encoding: 'utf8' })) {
      if (!path.endsWith('.txt')) continue;
      const text = readFileSync(join(TEMPLATES, path), 'utf8');
      expect(renamed(text, { plural: 'suppliers', singular: 'supplier' })).toBe(text);
      expect(renamed(path + text, categories)).not.toMatch(/supplier/i);
      expect(renamed(path + text, categories)).not.toMatch(/categoriest|categorieso/i);
    }
  });
});

describe('a name', () => {
  it.each([
    ['suppliers', 'supplier'],
    ['parties', 'party'],
    ['boxes', 'box'],
    ['warehouses', 'warehouse'],
    ['branches', 'branch'],
    ['sheep', undefined],
    ['glass', undefined],
    ['status', undefined],
  ])('in the plural, %s, has the singular %s', (plural, singular) => {
    expect(singularOf(plural)).toBe(singular);
  });

  it.each(['Suppliers', 'price-lists', '../etc', 'ab', 'x'.repeat(31), '', 'class', 'exports1', 'fields', 'queries'])(
    'is not %j',
    (word) => {
      expect(wrongWord(word)).toBeDefined();
    },
  );

  it.each(['suppliers', 'warehouse'])('can be %s', (word) => {
    expect(wrongWord(word)).toBeUndefined();
  });
});
