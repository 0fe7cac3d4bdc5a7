/**
 * `--map FILE`: which header stands for what, where it is not one of the usual names. Lines `column = header`, or JSON
 * `{"column": "header"}`; the column may name its file, as in `customers.customerId`.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ImportFailed } from '../failure.ts';
import { COLUMN_NAMES, FILE_KINDS, type Field, type FileKind, headerKey, isField } from './fields.ts';

export interface MappedColumn {
  /** Of every kind that has the field, where it is not told. */
  readonly kind?: FileKind;
  readonly field: Field;
  /** The header as it stands in the file. */
  readonly header: string;
}

export type ColumnMap = readonly MappedColumn[];

const text = z.union([z.string(), z.array(z.string()).min(1)]);
const json = z.record(z.string(), z.union([text, z.record(z.string(), text)]));

/** @throws {ImportFailed} in one line that names the file and what is wrong in it */
export async function readColumnMap(path: string): Promise<ColumnMap> {
  const content = await readFile(path, 'utf8').catch((error: Error) => {
    throw new ImportFailed(`${path} cannot be read: ${error.message}`);
  });
  const trimmed = content.replace(/^\ufeff/u, '').trim();
  return trimmed.startsWith('{') ? ofJson(path, trimmed) : ofLines(path, trimmed);
}

function ofLines(path: string, content: string): ColumnMap {
  return content.split(/\r?\n/u).flatMap((line, index) => {
    if (line.trim() === '' || line.trim().startsWith('#')) return [];
    const [, name = '', header = ''] = /^([^=]+)=(.*)$/su.exec(line) ?? [];
    if (header.trim() === '') throw new ImportFailed(`${path}, line ${index + 1}: it is not column = header`);
    return [mapped(`${path}, line ${index + 1}`, name.trim(), header.trim())];
  });
}

function ofJson(path: string, content: string): ColumnMap {
  const parsed = json.safeParse(jsonOf(path, content));
  if (!parsed.success) throw new ImportFailed(`${path}: it is not an object such as {"orderId": "Order no."}`);
  return Object.entries(parsed.data).flatMap(([name, value]) =>
    typeof value === 'string' || Array.isArray(value)
      ? headersOf(value).map((header) => mapped(path, name, header))
      : Object.entries(value).flatMap(([field, headers]) =>
          headersOf(headers).map((header) => mapped(path, `${name}.${field}`, header)),
        ),
  );
}

function jsonOf(path: string, content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw new ImportFailed(`${path}: it is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

function headersOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function mapped(place: string, name: string, header: string): MappedColumn {
  const [first = '', second] = name.split('.');
  const field = second ?? first;
  const kind = second === undefined ? undefined : FILE_KINDS.find((known) => known === first);
  if (second !== undefined && kind === undefined) {
    throw new ImportFailed(`${place}: there is no kind of file ${first}, only ${FILE_KINDS.join(', ')}`);
  }
  if (!isField(field) || (kind !== undefined && !Object.hasOwn(COLUMN_NAMES[kind], field))) {
    const known = new Set(
      (kind === undefined ? FILE_KINDS : [kind]).flatMap((each) => Object.keys(COLUMN_NAMES[each])),
    );
    throw new ImportFailed(`${place}: there is no column ${name} to map, only ${[...known].join(', ')}`);
  }
  if (headerKey(header) === '') throw new ImportFailed(`${place}: the header of ${name} has no letter or digit`);
  return { field, header, ...(kind === undefined ? {} : { kind }) };
}
