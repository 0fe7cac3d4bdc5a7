/** The filter of an export: JSON as the schema has it, and options for what is asked for most. */
import type { ExportKindName } from '../../export/kinds.ts';
import { CommandFailed } from '../failure.ts';

export interface FilterOptions {
  readonly filter?: string;
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
  readonly status?: string;
  readonly rejection?: string;
  readonly customer?: string;
  readonly product?: string;
  readonly min?: string;
  readonly max?: string;
  readonly removed?: true;
  readonly discontinued?: 'yes' | 'no';
  readonly inStock?: 'yes' | 'no';
}

type OptionName = Exclude<keyof FilterOptions, 'filter'>;
type Filter = Readonly<Record<string, unknown>>;

const purchases = {
  text: 'text',
  from: 'placedBetween.from',
  to: 'placedBetween.to',
  status: 'status',
  rejection: 'rejection',
  customer: 'customerId',
  product: 'productId',
  min: 'totalBetween.from',
  max: 'totalBetween.to',
} as const;

/** Where each option stands in the filter of each kind; a kind without it has no such option. */
const PLACES: Readonly<Record<ExportKindName, Readonly<Partial<Record<OptionName, string>>>>> = {
  customers: { text: 'text', removed: 'removed', min: 'totalSpentBetween.from', max: 'totalSpentBetween.to' },
  products: {
    text: 'text',
    discontinued: 'discontinued',
    inStock: 'inStock',
    min: 'priceBetween.from',
    max: 'priceBetween.to',
  },
  purchases,
  lines: purchases,
};

/** Its values are the server's to check. @throws {CommandFailed} for an option that the kind does not have, or what is no JSON object */
export function filterOf(kind: ExportKindName, { filter, ...options }: FilterOptions): Filter {
  const result: Record<string, unknown> = filter === undefined ? {} : parsed(filter);
  for (const [name, given] of Object.entries(options)) {
    if (given === undefined || !isOption(name)) continue;
    const place = PLACES[kind][name];
    if (place === undefined) throw new CommandFailed(`there is no ${flagOf(name)} for ${kind}`);
    const [field = '', end] = place.split('.');
    if (end === undefined) {
      if (field in result) throw twice(name, field);
      result[field] = filterValue(name, given);
    } else {
      const range: Record<string, unknown> = { ...Object(result[field]) };
      if (end in range) throw twice(name, `${field}.${end}`);
      result[field] = { ...range, [end]: given };
    }
  }
  return result;
}

const isOption = (name: string): name is OptionName =>
  Object.values(PLACES).some((places) => Object.hasOwn(places, name));

function filterValue(name: OptionName, given: string | true): unknown {
  switch (name) {
    case 'status':
      return listOf(given).map((status) => status.toUpperCase());
    case 'rejection':
      return listOf(given);
    // Both those that are removed and those that are not.
    case 'removed':
      return null;
    case 'discontinued':
    case 'inStock':
      return given === 'yes';
    default:
      return given;
  }
}

function listOf(given: string | true): readonly string[] {
  return String(given)
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

function parsed(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new CommandFailed(
    `--filter is ${JSON.stringify(text.slice(0, 80))}: it must be JSON, an object such as '{"text":"chai"}', with the fields of the filter in the schema`,
  );
}

function twice(name: OptionName, place: string): CommandFailed {
  return new CommandFailed(`${place} is given twice, by ${flagOf(name)} and by --filter: leave one of them out`);
}

const flagOf = (name: OptionName): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
